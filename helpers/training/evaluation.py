"""What a model says about given inputs, and how good that is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from helpers.device import autocast
from helpers.training.inputs import check_data

Outputs = Tensor | tuple[Tensor, ...]


class Score(NamedTuple):
    """A model's loss and metric on some data."""

    loss: float
    metric: float | None


def predict(model: nn.Module, x: Tensor, batch: int = 256) -> Outputs:
    """The model's outputs (logits, for a classifier) for x, computed in evaluation mode and in batches.

    Nothing about the model changes: neither its mode nor its gradients, nor the device it is on. The outputs are on
    the CPU, one row for each row of x.
    """
    device = _home(model)
    with evaluating(model):
        parts = list(outputs(model, (part.to(device) for part in x.split(batch)), device))
    return concatenate(parts, torch.device("cpu"))


def evaluate(
    model: nn.Module,
    data: tuple[Tensor, Tensor],
    loss: Callable = F.cross_entropy,
    metric: Callable | None = None,
    batch: int = 256,
) -> Score:
    """Loss and metric of a model on data (x, y). The metric is accuracy where y are class numbers, if none is given.

    >>> evaluate(nn.Identity(), (torch.eye(3) * 9, torch.tensor([0, 1, 0]))).metric  # doctest: +ELLIPSIS
    0.666...
    """
    check_data("data", data, loss)
    x, y = data
    return score(predict(model, x, batch), y.cpu(), loss, metric or metric_for(y))


def accuracy(y_hat: Tensor, y: Tensor) -> float:
    """The share of examples whose largest output is their class's. y_hat: (batch, classes, ...), y: (batch, ...)."""
    return (y_hat.argmax(1) == y).double().mean().item()


def metric_for(y: Tensor) -> Callable | None:
    """Accuracy if the targets are class numbers; nothing if they are amounts."""
    return None if y.is_floating_point() else accuracy


def outputs(model: Callable, batches: Iterator[Tensor], device: torch.device) -> Iterator[Outputs]:
    """The model's outputs in float32, batch after batch."""
    for x in batches:
        # Not around the yield: the thread's gradient mode would be off for whoever runs between two batches.
        with torch.no_grad(), autocast(device):
            y_hat = model(x)
        yield y_hat.float() if isinstance(y_hat, Tensor) else tuple(part.float() for part in y_hat)


def concatenate(parts: list[Outputs], device: torch.device) -> Outputs:
    """Batches of outputs in one piece, on a device."""
    if isinstance(parts[0], tuple):
        return tuple(torch.cat(part).to(device) for part in zip(*parts))
    return torch.cat(parts).to(device)


def score(y_hat: Outputs, y: Tensor, loss: Callable, metric: Callable | None) -> Score:
    """Loss and metric over all of the data at once, so that no batch size enters them."""
    with torch.no_grad():
        return Score(float(loss(y_hat, y)), None if metric is None else float(metric(y_hat, y)))


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Evaluation mode, and then each layer's own mode again."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode


def _home(model: nn.Module) -> torch.device:
    return next(model.parameters(), torch.empty(0)).device
