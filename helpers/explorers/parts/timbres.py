"""Pictures of harmonics as thumbnails and as sounds of one loudness: shared by the explorers of generated notes."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float

from helpers.datasets.harmonics import sound
from helpers.views import Panel

LEVEL, PEAK = 0.06, 0.9  # RMS of every sound; how high a sample may go for that
Picture = Float[np.ndarray, "24 32"]


def played(picture: Picture, pitch: float, seconds: float = 1.0) -> Float[np.ndarray, "time"]:
    """A picture at a MIDI pitch, always at one RMS level; silence stays silent."""
    x = sound(torch.from_numpy(np.ascontiguousarray(picture)), pitch, seconds).numpy()
    rms = float(np.sqrt(np.mean(x.astype(float) ** 2)))
    return x if rms == 0 else (x * min(LEVEL / rms, PEAK / float(np.abs(x).max()))).astype(np.float32)


def in_a_row(pictures: Float[np.ndarray, "place 24 32"], pitch: float, seconds: float) -> Float[np.ndarray, "time"]:
    """One note after the other, each so long."""
    return np.concatenate([played(picture, pitch, seconds) for picture in pictures])


def thumbnail(name: str, picture: Picture, x: float, y: float, px: float, title: str = "", said: str = "") -> Panel:
    """A picture to click, low harmonics below; `said` stands under it."""
    return Panel(
        name, picture, x=x, y=y, cell=(px, px), lo=0.0, hi=1.0, title=title, column_axis=said, axis_gap=14, flip=True, coarse=True,
        click=True, whole=True,
    )  # fmt: skip
