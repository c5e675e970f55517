"""Points of the plane that are sounds: sets of two classes, drawn at random from a seed.

The first feature is brightness, the second how slowly a sound begins (helpers/datasets/timbre.py); both run from −1.2 to
1.2. The thirds are dyads instead: which notes sound together. Notebook: 01_neurons.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from helpers.datasets.timbre import ATTACK, CENTROID, OCTAVES, REACH, Coordinates, Sound, Ticks, dyad, pitched, struck


@dataclass(frozen=True)
class Toy:
    """A set: what its two classes are called, what its features mean, how it is drawn and how a point sounds.

    ticks: for each feature, places and what they are called.
    """

    classes: tuple[str, str]
    draw: Callable[[np.random.Generator, int, float], tuple[Coordinates, Float[np.ndarray, "point"]]]
    sound: Callable[[float, float], Sound]
    axes: tuple[str, str] = ("spectral centroid in Hz", "attack time in ms")
    ticks: tuple[Ticks, Ticks] = ([], [])


def load(name: str, count: int = 60, noise: float = 0.1, seed: int = 0) -> tuple[Coordinates, Float[np.ndarray, "point"]]:
    """The points of a set and their classes, 0 or 1, half of each; noise: standard deviation of what blurs them.

    Raises ValueError for an unknown name.
    """
    if name not in TOYS:
        raise ValueError(f"There is no set {name!r}; choose one of {', '.join(TOYS)}.")
    X, y = TOYS[name].draw(np.random.default_rng(seed), count, noise)
    return np.clip(X, -REACH, REACH).round(3), y


def _clusters(*middles: tuple[float, float, int]) -> Callable:
    """Blurred spots, each of a class; `noise` is their spread."""

    def draw(random: np.random.Generator, count: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
        which = np.arange(count) % len(middles)
        X = np.array([m[:2] for m in middles])[which] + random.normal(size=(count, 2)) * (0.05 + noise)
        return X, np.array([float(m[2]) for m in middles])[which]

    return draw


def _circle(random: np.random.Generator, count: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    y = np.arange(count) % 2.0
    radius = np.where(y == 1, 0.45 * np.sqrt(random.uniform(size=count)), random.uniform(0.75, 1.05, count))
    angle = random.uniform(0, 2 * np.pi, count)
    X = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
    return X + random.normal(size=X.shape) * noise * 0.5, y


def _spirals(random: np.random.Generator, count: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    y = np.arange(count) % 2.0
    along = (np.arange(count) // 2) / max(count // 2 - 1, 1)
    angle = 1.25 * 2 * np.pi * along + np.pi * y
    X = (0.1 + along)[:, None] * np.stack([np.sin(angle), np.cos(angle)], 1)
    return X + random.normal(size=X.shape) * noise * 0.2, y


CENTROIDS = [(math.log2(f / CENTROID) / OCTAVES, f"{f:,}") for f in (200, 400, 900, 2000, 4000)]
ATTACKS = [(math.log2(ms / 1000 / ATTACK) / OCTAVES, str(ms)) for ms in (8, 15, 30, 60, 120)]
HEARD = (CENTROIDS, ATTACKS)
NOTES = ([(-0.5, "C"), (0.5, "C♯")], [(-0.5, "A below"), (0.5, "E above")])
TOYS: dict[str, Toy] = {
    "kick vs hi-hat": Toy(("kick", "hi-hat"), _clusters((-0.75, -0.6, 0), (0.8, -0.75, 1)), struck, ticks=HEARD),
    "plucked vs bowed": Toy(("plucked", "bowed"), _clusters((0.1, -0.6, 0), (-0.1, 0.7, 1)), pitched, ticks=HEARD),
    "two Gaussians": Toy(("dull", "bright"), _clusters((0.2, 0.25, 0), (0.75, 0.8, 1)), pitched, ticks=HEARD),
    "thirds": Toy(
        ("minor third", "major third"),
        _clusters((-0.5, -0.5, 0), (0.5, -0.5, 1), (-0.5, 0.5, 1), (0.5, 0.5, 0)),
        dyad,
        ("the note in the middle", "the other note"),
        NOTES,
    ),
    "circle": Toy(("around", "inside"), _circle, pitched, ticks=HEARD),
    "two spirals": Toy(("one arm", "other arm"), _spirals, pitched, ticks=HEARD),
}
