"""Clouds of points on a plane where every point is a note: the smallest distributions that a generative model can learn.

To the right is higher (two octaves from -1 to 1), upwards is brighter. A model that covers a cloud plays all its notes; one
that has lost some of its modes repeats itself. Notebooks: 07_generative_models, 07b_gans, 07c_diffusion.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float

from helpers.audio import RATE, fade, hertz

REACH = 1.3  # the plane's range, to either side
SECONDS, PEAK = 0.35, 0.25
MIDDLE, OCTAVES = 60, 1.0  # MIDI pitch at x = 0, octaves for each unit of x
Points = Float[np.ndarray, "point 2"]


@dataclass(frozen=True)
class Cloud:
    """A distribution. centres: of its modes, equally likely, each a round Gaussian of that spread; none if it has no modes."""

    draw: Callable[[np.random.Generator, int], np.ndarray]
    centres: np.ndarray
    spread: float = 0.0


def sample(name: str, count: int, seed: int = 0) -> Points:
    """`count` points of a cloud, independent of each other. Raises ValueError for an unknown name."""
    return cloud(name).draw(np.random.default_rng(seed), count)


def cloud(name: str) -> Cloud:
    """The cloud of that name. Raises ValueError for an unknown name."""
    if name not in CLOUDS:
        raise ValueError(f"There is no cloud {name!r}; choose one of {', '.join(CLOUDS)}.")
    return CLOUDS[name]


@lru_cache(maxsize=1024)
def note(x: float, y: float) -> Float[np.ndarray, "time"]:
    """A point's note, a third of a second at 16 kHz: x is its pitch, y how slowly its harmonics fall off; the peak is the same."""
    t = np.arange(round(SECONDS * RATE)) / RATE
    frequency = hertz(MIDDLE + 12 * OCTAVES * x)
    h = np.arange(1, int(0.95 * RATE / 2 / frequency) + 1)[:, None]
    amplitude = (0.5 + 0.35 * np.clip(y, -REACH, REACH)) ** h  # from 0.05 to 0.95 of the harmonic below
    sound = (amplitude * np.sin(2 * np.pi * frequency * h * t + h**2)).sum(0) * np.exp(-t / 0.15)
    sound *= np.minimum(t / 0.005, 1) * fade(len(t), 0.01, last_only=True).numpy()
    return (PEAK * sound / np.abs(sound).max()).astype(np.float32)


def _gaussians(centres: np.ndarray, spread: float) -> Cloud:
    def draw(random: np.random.Generator, count: int) -> np.ndarray:
        return centres[random.integers(len(centres), size=count)] + spread * random.normal(size=(count, 2))

    return Cloud(draw, centres, spread)


def _ring(random: np.random.Generator, count: int) -> np.ndarray:
    angle, radius = random.uniform(0, 2 * np.pi, count), 0.85 + 0.04 * random.normal(size=count)
    return radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)


def _spiral(random: np.random.Generator, count: int) -> np.ndarray:
    along = np.sqrt(random.uniform(0.01, 1, count))  # evenly along the arm, which is longer outside
    angle = 3 * np.pi * along
    return along[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1) + 0.03 * random.normal(size=(count, 2))


def _moons(random: np.random.Generator, count: int) -> np.ndarray:
    side, angle = random.integers(2, size=count), random.uniform(0, np.pi, count)
    arc = np.stack([np.cos(angle), np.sin(angle)], 1) * np.where(side, 1, -1)[:, None]
    return 0.65 * (arc + np.where(side, 1, -1)[:, None] * [-0.5, -0.25]) + 0.05 * random.normal(size=(count, 2))


NOWHERE = np.zeros((0, 2))
EIGHTHS = np.arange(8) * np.pi / 4
GRID = np.linspace(-0.8, 0.8, 5)
CLOUDS: dict[str, Cloud] = {
    "eight Gaussians": _gaussians(0.85 * np.stack([np.cos(EIGHTHS), np.sin(EIGHTHS)], 1), 0.05),
    "grid": _gaussians(np.stack(np.meshgrid(GRID, GRID), -1).reshape(-1, 2), 0.04),
    "two notes": _gaussians(np.array([[-0.6, -0.3], [0.6, 0.3]]), 0.15),
    "ring": Cloud(_ring, NOWHERE),
    "spiral": Cloud(_spiral, NOWHERE),
    "two moons": Cloud(_moons, NOWHERE),
}
