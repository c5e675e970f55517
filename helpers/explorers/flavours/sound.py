"""Pictures of harmonics as sounds of one loudness, and a way between two as a single tone. Notebook: 07b_gans."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float

from helpers.datasets.harmonics import sound

LEVEL = 0.06  # RMS of every sound
MOMENT = 0.45  # seconds of each place of a way
Picture = Float[np.ndarray, "24 32"]


def played(picture: Picture, pitch: float, seconds: float = 1.0) -> Float[np.ndarray, "time"]:
    """A picture at a MIDI pitch, always at one RMS level; silence stays silent."""
    x = sound(torch.from_numpy(np.ascontiguousarray(picture)), pitch, seconds).numpy()
    rms = float(np.sqrt(np.mean(x.astype(float) ** 2)))
    if rms == 0:
        return x
    return (x * min(LEVEL / rms, 0.9 / float(np.abs(x).max()))).astype(np.float32)


def one_by_one(pictures: Float[np.ndarray, "place 24 32"], pitch: float, seconds: float) -> Float[np.ndarray, "time"]:
    """One note after the other, each so long."""
    return np.concatenate([played(picture, pitch, seconds) for picture in pictures])


def gapless(pictures: Float[np.ndarray, "place 24 32"], pitch: float) -> Float[np.ndarray, "time"]:
    """One tone that never stops: each harmonic goes from its mean level in one picture to that in the next.

    What is heard is the colour of each place, without its beginning and end. A place lasts MOMENT seconds, its own colour
    in the middle of them.
    """
    return played(colours(pictures), pitch, MOMENT * len(pictures))


def colours(pictures: Float[np.ndarray, "place 24 32"]) -> Picture:
    """The means over time of the pictures' levels as columns of one picture, with as much between them as there is room for."""
    mean = torch.from_numpy(pictures).mean(2).T[None]  # (1, 24, place)
    return F.interpolate(mean, size=32, mode="linear", align_corners=False)[0].numpy()
