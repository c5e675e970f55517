"""Points of a cloud as sound: one after the other, or together at each moment of a film.

Notebooks: 07_generative_models, 07b_gans, 07c_diffusion. A point's note: helpers/datasets/clouds.py.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from helpers.audio import RATE
from helpers.datasets.clouds import SECONDS, note

GAP = 0.16  # seconds from one note to the next
CHORD = 0.2  # seconds that a chord of the film lasts
PITCH = [(-2.0, "C2"), (-1.0, "C3"), (0.0, "C4"), (1.0, "C5"), (2.0, "C6")]  # ticks: x is in octaves
FAR = 3.0  # octaves: noise that is farther from the middle is heard there


def one_by_one(points: Float[np.ndarray, "point 2"], gap: float = GAP) -> Float[np.ndarray, "time"]:
    """Each point's note after the other, float32; as loud as they are. gap: seconds from one to the next."""
    starts = (np.arange(len(points)) * gap * RATE).astype(int)
    heard = np.zeros(starts[-1] + round(SECONDS * RATE), np.float32)
    for start, point in zip(starts, points):
        sound = _note(point)
        heard[start : start + len(sound)] += sound
    return heard


def film(frames: Float[np.ndarray, "frame point 2"], seconds: float = CHORD) -> Float[np.ndarray, "time"]:
    """The points of each frame as a chord, each lasting so many seconds; four points or fewer stay within [−1, 1]."""
    length = round(seconds * RATE)
    heard = np.zeros(len(frames) * length + round(SECONDS * RATE), np.float32)
    for k, points in enumerate(frames):
        chord = sum(_note(point) for point in points)
        heard[k * length : k * length + len(chord)] += chord / 2  # two chords overlap
    return heard


def _note(point: Float[np.ndarray, "2"]) -> np.ndarray:
    return note(float(np.clip(point[0], -FAR, FAR)), float(point[1]))
