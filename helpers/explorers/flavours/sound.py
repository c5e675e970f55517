"""A way between two pictures of harmonics as a single tone. Notebook: 07b_gans."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float

from helpers.explorers.parts.timbres import played

MOMENT = 0.45  # seconds of each place of a way
Picture = Float[np.ndarray, "24 32"]


def glide(pictures: Float[np.ndarray, "place 24 32"], pitch: float) -> Float[np.ndarray, "time"]:
    """One tone that never stops: each harmonic goes from its mean level in one picture to that in the next.

    What is heard is the colour of each place, without its beginning and end. A place lasts MOMENT seconds, its own colour
    in the middle of them.
    """
    return played(colours(pictures), pitch, MOMENT * len(pictures))


def colours(pictures: Float[np.ndarray, "place 24 32"]) -> Picture:
    """The means over time of the pictures' levels as columns of one picture, with as much between them as there is room for."""
    mean = torch.from_numpy(pictures).mean(2).T[None]  # (1, 24, place)
    return F.interpolate(mean, size=32, mode="linear", align_corners=False)[0].numpy()
