"""A cloud's points as notes, one after the other. Notebook: 07b_gans."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from helpers.audio import RATE
from helpers.datasets.clouds import REACH, note
from helpers.views import Track

HEARD, APART = 16, 0.2  # notes that are played, seconds from one to the next


def tracks(result: dict, heard: list[float]) -> list[Track]:
    """Sixteen fakes, sixteen reals, and the note that was clicked."""
    found = []
    for name, which in (("fakes", "fake"), ("reals", "real")):
        points = result[which][:HEARD].copy()
        found.append(Track(f"{HEARD} {name}", lambda points=points: melody(points), key=points.tobytes().hex()))
    if heard:
        x, y = map(float, heard)
        found.append(Track(f"the note at ({x:g}, {y:g})", lambda: note(x, y), key=f"{x} {y}"))
    return found


def said(result: dict, heard: list[float]) -> tuple:
    """What the tracks depend on."""
    return (*(result[which][:HEARD].tobytes() for which in ("fake", "real")), *heard)


def melody(points: Float[np.ndarray, "point 2"]) -> Float[np.ndarray, "time"]:
    """The notes of points one after the other; what is off the plane sounds as its edge."""
    notes = [note(*np.clip(point, -REACH, REACH).round(3).tolist()) for point in points.astype(float)]
    step = round(APART * RATE)
    heard = np.zeros(step * (len(notes) - 1) + len(notes[0]), np.float32)
    for k, sound in enumerate(notes):
        heard[k * step : k * step + len(sound)] += sound
    return heard
