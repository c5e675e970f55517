"""Mistakes in what `fit` is given, found before the first step and said in words."""

import functools
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from helpers.device import out_of_memory

ELEMENTWISE = (F.mse_loss, F.l1_loss, F.smooth_l1_loss, F.huber_loss, F.binary_cross_entropy,
               F.binary_cross_entropy_with_logits, nn.MSELoss, nn.L1Loss, nn.SmoothL1Loss, nn.HuberLoss, nn.BCELoss,
               nn.BCEWithLogitsLoss)  # fmt: skip


def check_data(name: str, data: object, loss: Callable) -> None:
    """Raise TypeError or ValueError unless `data` is a pair (x, y) of as many inputs as targets that suit the loss."""
    if not (isinstance(data, tuple | list) and len(data) == 2 and all(isinstance(part, Tensor) for part in data)):
        raise TypeError(f"{name} is {_kind(data)}; it must be a pair (x, y) of tensors. torch.as_tensor makes one.")
    x, y = data
    if x.ndim == 0 or y.ndim == 0 or len(x) == 0:
        raise ValueError(f"{name} holds no examples: x is {_shape(x)}, y is {_shape(y)}. Give at least one.")
    if len(x) != len(y):
        raise ValueError(
            f"{name} has {len(x):,} inputs but {len(y):,} targets; there must be one target for each input. "
            "Select both with the same index."
        )
    if is_cross_entropy(loss) and (y.ndim == 1 or not y.is_floating_point()):
        _check_labels(name, y)


def check_settings(epochs: int, batch: int, lr: float, patience: int | None, valid: object) -> None:
    """Raise ValueError for numbers no training can have."""
    for name, value in (("epochs", epochs), ("batch", batch), ("patience", 1 if patience is None else patience)):
        if value < 1 or value != int(value):
            raise ValueError(f"{name} is {value}; it must be a whole number, at least 1.")
    if not lr > 0:
        raise ValueError(f"lr is {lr}; a learning rate is greater than 0. Try 1e-3 with AdamW.")
    if patience is not None and valid is None:
        raise ValueError(f"patience={patience} needs validation data. Give valid=(x, y), or leave patience out.")


def check_model(model: nn.Module) -> None:
    """Raise ValueError if there is nothing to train."""
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise ValueError("the model has no parameters that can be trained. Set requires_grad_(True) on some.")


def check_outputs(model: nn.Module, x: Tensor, y: Tensor, labels: list[Tensor], loss: Callable) -> None:
    """Run a batch through the model and raise ValueError if its outputs don't fit the targets.

    labels: all targets, to compare the classes seen with the outputs there are.
    """
    try:
        y_hat = model(x)
    except (RuntimeError, ValueError, IndexError) as error:
        if out_of_memory(error):
            raise
        raise ValueError(
            f"the model cannot take a batch of shape {_shape(x)} and type {x.dtype}: {error}. Check what its first "
            "layer expects, with the batch first; x.unsqueeze(1) adds one channel, x.float() makes float32."
        ) from error
    parts = y_hat if isinstance(y_hat, tuple) else (y_hat,)
    if not all(isinstance(part, Tensor) and part.ndim and len(part) == len(x) for part in parts):
        raise ValueError(f"the model makes {_kind(y_hat)} of {len(x)} inputs; it must return a row for each of them.")
    if is_cross_entropy(loss):
        _check_classes(y_hat, y, labels, _ignored(loss))
    elif _bare(loss) in ELEMENTWISE and y_hat.shape != y.shape:
        raise ValueError(
            f"the model's output is {_shape(y_hat)} and the target {_shape(y)}; for this loss they must be alike, else "
            "one is stretched over the other unnoticed. squeeze(-1) removes, unsqueeze(-1) adds a last dimension."
        )
    _check_loss(loss(y_hat, y), len(x))


def is_cross_entropy(loss: Callable) -> bool:
    """Whether a loss is torch's cross entropy, as a function, with settings (partial) or as a module."""
    return _bare(loss) in (F.cross_entropy, nn.CrossEntropyLoss)


def _check_labels(name: str, y: Tensor) -> None:
    if y.is_floating_point():
        raise ValueError(
            f"the labels of {name} are {y.dtype}; cross entropy wants class numbers (int64), or a probability for each "
            "class. Use y.long(), or another loss if y holds amounts."
        )
    if y.dtype != torch.int64:
        raise ValueError(f"the labels of {name} are {y.dtype}; cross entropy wants int64. Use y.long().")


def _check_classes(y_hat: Tensor, y: Tensor, labels: list[Tensor], ignored: int) -> None:
    outputs = y_hat.shape[1] if y_hat.ndim > 1 else 0
    wanted = (y_hat.shape[:1] + y_hat.shape[2:]) if not y.is_floating_point() else y_hat.shape
    if y.shape != wanted:
        raise ValueError(
            f"the model's output is {_shape(y_hat)} and the labels {_shape(y)}; cross entropy wants outputs "
            "(batch, classes, ...) and labels (batch, ...)."
        )
    for y in labels:
        seen = y[y != ignored]
        if not y.is_floating_point() and len(seen) and not (0 <= int(seen.min()) and int(seen.max()) < outputs):
            raise ValueError(
                f"the labels run from {int(seen.min())} to {int(seen.max())} but the model has {outputs} outputs, for "
                f"the classes 0 to {outputs - 1}. Give it {int(seen.max()) + 1} outputs, or count the classes from 0."
            )


def _check_loss(value: Tensor, n: int) -> None:
    if not isinstance(value, Tensor) or value.numel() != 1:
        raise ValueError(f"the loss returns {_kind(value)}; it must return one number, the mean over the batch of {n}.")
    if not value.requires_grad:
        raise ValueError("the loss does not depend on the model. Compute it from y_hat, without detach or item.")


def _bare(loss: Callable) -> object:
    while isinstance(loss, functools.partial):
        loss = loss.func
    return type(loss) if isinstance(loss, nn.Module) else loss


def _ignored(loss: Callable) -> int:
    if isinstance(loss, functools.partial):
        return loss.keywords.get("ignore_index", -100)
    return getattr(loss, "ignore_index", -100)


def _shape(x: Tensor) -> str:
    return "×".join(map(str, x.shape)) or "a single number"


def _kind(value: object) -> str:
    if isinstance(value, Tensor):
        return f"a tensor of shape {_shape(value)}"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    return f"a {type(value).__name__}"
