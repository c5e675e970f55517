"""Curves that a network is asked to learn: what distortion pedals do to a wave, and single cycles of a tone.

A shaper maps the sample at each moment, from [−1, 1] to [−1, 1]. A cycle is read from −1 to 1 once for each period.
Notebook: 01_neurons.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from helpers.concepts.activation import CYCLE, cycle_harmonics, harmonics

Line = Float[np.ndarray, "point"]
LEVEL = 0.95  # of the sine that a shaper is given


@dataclass(frozen=True)
class Target:
    """A curve on [−1, 1]; cycle: whether it is one period of a tone itself, or shapes a sine."""

    curve: Callable[[Line], Line]
    cycle: bool = False

    def harmonics(self, network: Callable[[Line], Line], count: int = 36) -> Float[np.ndarray, "harmonic 2"]:
        """What a tone is made of when `network` stands in the curve's place."""
        if not self.cycle:
            return harmonics(network, count, drive=LEVEL)
        return cycle_harmonics(network(np.linspace(-1, 1, CYCLE, endpoint=False)), count)


def _foldback(x: Line) -> Line:
    driven = 8 / 3 * x
    return np.where(np.abs(driven) > 1, np.sign(driven) * (2 - np.abs(driven)), driven)


def _string(x: Line) -> Line:
    partials = [np.sin(np.pi * h * x) / h for h in range(1, 9)]
    return 0.5 * np.sum(partials, 0)


TARGETS = {
    "soft drive": Target(lambda x: np.tanh(4 * x) / np.tanh(4)),
    "hard clip": Target(lambda x: np.clip(8 / 3 * x, -1, 1)),
    "foldback": Target(_foldback),
    "tube": Target(lambda x: np.where(x > 0, np.tanh(2 * x), 0.6 * np.tanh(5 * x))),
    "sine fold": Target(lambda x: np.sin(5 * x)),
    "a cycle of a sine": Target(lambda x: np.sin(np.pi * x), cycle=True),
    "a cycle of a string": Target(_string, cycle=True),
}


def triangle(phase: Line) -> Line:
    """A triangle wave from −1 to 1, whose period is 1."""
    return 1 - 4 * np.abs(phase % 1 - 0.5)
