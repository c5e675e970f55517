"""The optimiser of a run and its learning rate: highest, times a factor that the schedule gives for each step.

A schedule is a function (step, steps) -> factor. It keeps no state, so a resumed run needs none of it.
Notebook: 03_gradient_descent.
"""

import math
from collections.abc import Callable

import torch
from torch import nn

Schedule = Callable[[int, int], float]


class Pace:
    """Sets the learning rate of each step; `reset` gives an optimiser back with the rates it came with."""

    def __init__(self, optimizer: torch.optim.Optimizer, schedule: Schedule, steps: int):
        self.optimizer, self.schedule, self.steps = optimizer, schedule, steps
        self.highest = [group["lr"] for group in optimizer.param_groups]

    def set(self, step: int) -> float:
        """Set the rate of a step, counted from 0 over the whole run; returns that of the first group of weights."""
        factor = self.schedule(step, self.steps)
        for group, rate in zip(self.optimizer.param_groups, self.highest):
            group["lr"] = rate * factor
        return self.highest[0] * factor

    def reset(self) -> None:
        """Put the highest rates back."""
        for group, rate in zip(self.optimizer.param_groups, self.highest):
            group["lr"] = rate


def constant(step: int, steps: int) -> float:
    """The same learning rate at each step."""
    return 1.0


def cosine(step: int, steps: int) -> float:
    """Half a cosine from 1 down to 0 (Loshchilov & Hutter, SGDR, 2017).

    >>> [round(cosine(step, 4), 2) for step in range(4)]
    [1.0, 0.85, 0.5, 0.15]
    """
    return _arc(1.0, 0.0, step / steps)


def one_cycle(step: int, steps: int) -> float:
    """Up from 1/25 over the first 30 % of the steps, then down to almost 0 (Smith & Topin, Super-Convergence, 2018)."""
    peak, last = 0.3 * steps - 1, steps - 1
    if step <= peak:
        return _arc(1 / 25, 1.0, step / peak)
    return _arc(1.0, 1 / 25 / 10_000, (step - peak) / (last - peak))


def schedule_named(name: object) -> Schedule:
    """The schedule of a name, or the function itself. Raises ValueError for a name that is none."""
    named = {None: constant, "one-cycle": one_cycle, "cosine": cosine}
    if callable(name):
        return name
    if name not in named:
        raise ValueError(
            f"schedule {name!r} is unknown; it can be 'one-cycle', 'cosine', None for a constant learning rate, "
            "or a function (step, steps) -> factor."
        )
    return named[name]


def optimizer_for(model: nn.Module, wanted: object, lr: float, weight_decay: float | None) -> torch.optim.Optimizer:
    """The optimiser given, or one of the class given, or AdamW. Raises ValueError if it was made for another model."""
    if isinstance(wanted, torch.optim.Optimizer):
        mine = {id(weight) for weight in model.parameters()}
        if not any(id(weight) in mine for group in wanted.param_groups for weight in group["params"]):
            raise ValueError(
                "the optimizer holds none of this model's parameters: it was made for another model. "
                "Make a new one, or give its class, e.g. optimizer=torch.optim.SGD."
            )
        return wanted
    weights = list(model.parameters())
    decay = {} if weight_decay is None else {"weight_decay": weight_decay}
    if wanted is None:
        # All weights in one call, not one by one: a small network trains a quarter faster.
        fused = all(weight.is_floating_point() for weight in weights)
        return torch.optim.AdamW(weights, lr=lr, fused=fused, **decay)
    return wanted(weights, lr=lr, **decay)


def _arc(start: float, end: float, part: float) -> float:
    return end + (start - end) / 2 * (1 + math.cos(math.pi * part))
