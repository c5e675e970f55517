"""Trying one step on a copy, to find mistakes and to know how long the run will take, without touching the model."""

import copy
from collections.abc import Callable
from time import perf_counter

import torch
from torch import Tensor, nn

from helpers.device import autocast, out_of_memory
from helpers.training.gradients import Gradients
from helpers.training.inputs import check_outputs
from helpers.training.parallel import World

ENOUGH = 0.25  # seconds of trying, after which the time of a step is known well enough


def rehearse(model: nn.Module, loss: Callable, x: Tensor, y: Tensor, labels: list[Tensor]) -> float | None:
    """Seconds that one step on the batch (x, y) takes; None if it does not fit in memory, or no copy can be made.

    labels: all targets there are, to compare with the model's outputs. Raises ValueError if model, data and loss do
    not go together. The caller keeps the random numbers apart (fork_rng).
    """
    try:
        trial = bare_copy(model).train()
    except (RuntimeError, TypeError):
        return None
    optimizer = torch.optim.AdamW(trial.parameters())
    gradients = Gradients(trial, loss, x.device, World(), tell=lambda note: None)
    try:
        # A few examples first: they find mistakes fast.
        with autocast(x.device):
            check_outputs(trial, x[: max(2, len(x) // 8)], y[: max(2, len(x) // 8)], labels, loss)
        times = []
        while len(times) < 2 or (sum(times) < ENOUGH and len(times) < 5):
            began = perf_counter()
            gradients(x, y)
            optimizer.step()
            times.append(perf_counter() - began)
        return min(times[1:])  # in the first, memory is found and kernels are chosen
    except RuntimeError as error:
        if not out_of_memory(error):
            raise
        return None


def bare_copy(model: nn.Module) -> nn.Module:
    """A copy of a model without its hooks: they belong to whoever watches the model, widgets and locks and all."""
    hooks = [value for module in model.modules() for name, value in vars(module).items() if name.endswith("_hooks")]
    return copy.deepcopy(model, {id(value): type(value)() for value in hooks})
