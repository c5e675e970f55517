"""The gradient of the mean loss over a batch, also when the batch does not fit in memory or is shared out."""

import functools
import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from helpers.device import autocast, out_of_memory
from helpers.training.parallel import World


class Gradients:
    """Fills in the gradients of a batch; short of memory, it halves what it takes at once, adds up, and says so."""

    def __init__(self, model: nn.Module, loss: Callable, device: torch.device, world: World, tell: Callable):
        self.model, self.loss, self.device, self.world, self.tell = model, loss, device, world, tell
        self.parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self.precision = autocast(device)
        self.pieces = 1

    def __call__(self, x: Tensor, y: Tensor) -> tuple[float, float]:
        """Replace the gradients; returns the mean loss of the batch and the gradient's length, over all processes.

        Raises MemoryError if a single example does not fit, ValueError if no weight gets a gradient.
        """
        loss = self._backward(x, y)
        gradients = [parameter.grad for parameter in self.parameters if parameter.grad is not None]
        if not gradients:
            raise ValueError("the loss does not depend on any of the model's weights. Does forward use them?")
        loss = self.world.add_up(gradients, loss)
        numbers = [loss, *torch._foreach_norm(gradients)]
        if self.device.type != "cpu":
            # One transfer for all: a GPU stands still for each.
            numbers = torch.stack(numbers).tolist()
        loss, *lengths = map(float, numbers)
        return loss, math.hypot(*lengths)

    def _backward(self, x: Tensor, y: Tensor) -> Tensor:
        while True:
            # Like optimizer.zero_grad(), at a fifth of its time.
            for parameter in self.parameters:
                parameter.grad = None
            try:
                return self._in_pieces(x, y)
            except RuntimeError as error:
                if not out_of_memory(error):
                    raise
                shortage = str(error).partition("\n")[0]
            # Outside the except clause, since the error holds on to the memory of the failed attempt.
            self._halve(x, shortage)

    def _in_pieces(self, x: Tensor, y: Tensor) -> Tensor:
        losses = []
        for x_part, y_part, weight in self._parts(x, y):
            with self.precision:
                loss = self.loss(self.model(x_part), y_part)
            if weight != 1:
                loss = loss * weight
            loss.backward()
            losses.append(loss.detach())
        return functools.reduce(torch.add, losses)

    def _parts(self, x: Tensor, y: Tensor) -> list[tuple[Tensor, Tensor, float]]:
        """What this process takes of the batch, in pieces: mean over the batch = Σ weight · mean over the piece."""
        if self.pieces == 1 and self.world.size == 1:
            return [(x, y, 1.0)]
        mine = zip(*(self.world.share(part).tensor_split(self.pieces) for part in (x, y)))
        parts = [(x_part, y_part, len(x_part) / len(x)) for x_part, y_part in mine if len(x_part)]
        # Whoever has nothing to do takes part all the same: the others wait for its gradients, which are 0.
        return parts or [(x[:1], y[:1], 0.0)]

    def _halve(self, x: Tensor, shortage: str) -> None:
        size = math.ceil(len(self.world.share(x)) / self.pieces)
        if size <= 1:
            weights = sum(parameter.numel() for parameter in self.parameters)
            raise MemoryError(
                f"one example of shape {tuple(x.shape[1:])} does not fit in the memory of {self.device} beside a model "
                f"of {weights:,} weights ({shortage}). Use a smaller model or shorter inputs, shut down notebooks that "
                "hold memory there, or set HELPERS_DEVICE=cpu."
            )
        self.pieces *= 2
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        self.tell(
            f"{self.device} has too little memory for {size} examples at once: from here on {math.ceil(size / 2)} at a "
            "time, their gradients added up. The result is the same (but for batch normalisation), a little slower."
        )
