"""An exercise on a neuron that spikes.

Notebook: 01_neurons. The oracle adds up what flows in and out of each membrane.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor

from helpers.exercises import exercise

Cells = Float[Tensor, "cell"]


def _membranes(generator: Generator) -> Iterator[tuple[Cells, Cells, float, float]]:
    yield torch.tensor([0.5]), torch.tensor([1.5]), 0.001, 0.02
    yield torch.tensor([0.0, 0.5, 0.95, 0.99, 0.2]), torch.tensor([0.0, 2.0, 3.0, 1.0, -1.0]), 0.002, 0.02
    for dt, tau in ((0.001, 0.01), (0.005, 0.02)):
        yield torch.rand(6, generator=generator), 6 * torch.rand(6, generator=generator), dt, tau


@exercise(_membranes)
def lif_step(v: Cells, current: Cells, dt: float, tau: float) -> tuple[Cells, Bool[Tensor, "cell"]]:
    """One Euler step of τ dv/dt = −v + I, threshold 1, reset to 0: the membranes afterwards, and which fired."""
    after = torch.lerp(v, current, dt / tau)
    return torch.where(after >= 1, torch.zeros_like(v), after), after >= 1


def _euler(v: Cells, change: Cells) -> tuple[Cells, Bool[Tensor, "cell"]]:
    after = v + change
    return torch.where(after >= 1, torch.zeros_like(v), after), after >= 1


@lif_step.mistake
def no_leak(v, current, dt, tau):
    """Your membrane does not leak: what it holds should lessen by itself."""
    return _euler(v, dt / tau * current)


@lif_step.mistake
def leak_grows(v, current, dt, tau):
    """Your leak has the wrong sign: what the membrane holds makes it grow."""
    return _euler(v, dt / tau * (v + current))


@lif_step.mistake
def no_time_constant(v, current, dt, tau):
    """The time constant has no part in your step. A slow membrane moves less in the same time."""
    return _euler(v, dt * (current - v))


@lif_step.mistake
def time_multiplied(v, current, dt, tau):
    """You multiply by the time constant. Does a larger one make a membrane faster or slower?"""
    return _euler(v, dt * tau * (current - v))


@lif_step.mistake
def never_reset(v, current, dt, tau):
    """A cell that fires should be empty afterwards; yours stays where it was."""
    after = v + dt / tau * (current - v)
    return after, after >= 1


@lif_step.mistake
def threshold_taken_away(v, current, dt, tau):
    """You take the threshold away after a spike. This cell loses all it holds."""
    after = v + dt / tau * (current - v)
    return torch.where(after >= 1, after - 1, after), after >= 1


@lif_step.mistake
def looked_before(v, current, dt, tau):
    """You look for spikes before the step. It is the membrane after it that may be at the threshold."""
    after = v + dt / tau * (current - v)
    return torch.where(v >= 1, torch.zeros_like(v), after), v >= 1


@lif_step.mistake
def held_at_threshold(v, current, dt, tau):
    """After a spike your membrane rests at the threshold; it should begin again from nothing."""
    after = v + dt / tau * (current - v)
    return after.clamp(max=1), after >= 1
