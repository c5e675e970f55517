"""A cloud's points as notes, one after the other. Notebook: 07b_gans."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from helpers.datasets.clouds import REACH, note
from helpers.explorers.parts.points import one_by_one
from helpers.views import Track

HEARD, APART = 16, 0.2  # notes that are played, seconds from one to the next


def tracks(result: dict, heard: list[float]) -> list[Track]:
    """Sixteen fakes, sixteen reals, and the note that was clicked."""
    found = []
    for name, which in (("fakes", "fake"), ("reals", "real")):
        points = result[which][:HEARD].copy()
        found.append(Track(f"{HEARD} {name}", lambda points=points: _heard(points), key=points.tobytes().hex()))
    if heard:
        x, y = map(float, heard)
        found.append(Track(f"the note at ({x:g}, {y:g})", lambda: note(x, y), key=f"{x} {y}"))
    return found


def said(result: dict, heard: list[float]) -> tuple:
    """What the tracks depend on."""
    return (*(result[which][:HEARD].tobytes() for which in ("fake", "real")), *heard)


def _heard(points: Float[np.ndarray, "point 2"]) -> Float[np.ndarray, "time"]:
    return one_by_one(np.clip(points, -REACH, REACH), APART)  # what is off the plane sounds as its edge
