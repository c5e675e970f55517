"""Pictures of harmonics on the screen and as sounds: shared by the explorers of generated notes."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float

from helpers.datasets.harmonics import COLUMNS, ROWS, sound
from helpers.views import Panel

LEVEL, PEAK = 0.06, 0.9  # RMS of every sound; how high a sample may go for that
PITCH = 52  # E3
EACH = 0.5  # seconds of a picture in the sound of a whole way
STRIDE = COLUMNS + 1  # columns from one picture of a strip to the next
LOOKS = {"flip": True, "lo": 0.0, "hi": 1.0}
HARMONICS = [f"harmonic {h}" for h in range(1, ROWS + 1)]
MOMENTS = [f"{round(1000 * column / COLUMNS)} ms" for column in range(COLUMNS)]
Picture = Float[np.ndarray, "24 32"]
Strip = Float[np.ndarray, "place 24 32"]


def played(picture: Picture, pitch: float, seconds: float = 1.0) -> Float[np.ndarray, "time"]:
    """A picture at a MIDI pitch, always at one RMS level; silence stays silent."""
    x = sound(torch.from_numpy(np.ascontiguousarray(picture)), pitch, seconds).numpy()
    rms = float(np.sqrt(np.mean(x.astype(float) ** 2)))
    return x if rms == 0 else (x * min(LEVEL / rms, PEAK / float(np.abs(x).max()))).astype(np.float32)


def in_a_row(pictures: Strip, pitch: float, seconds: float) -> Float[np.ndarray, "time"]:
    """One note after the other, each so long."""
    return np.concatenate([played(picture, pitch, seconds) for picture in pictures])


def one(picture: Float[np.ndarray, "24 32"]) -> Float[np.ndarray, "time"]:
    """A picture as a second of sound."""
    return sound(torch.from_numpy(np.ascontiguousarray(picture)), PITCH).numpy()


def gapless(pictures: Strip, each: float = EACH) -> Float[np.ndarray, "time"]:
    """One sound of all pictures in turn, whose sines go on without a break."""
    side_by_side = torch.from_numpy(np.concatenate(list(pictures), 1))
    return sound(side_by_side, PITCH, each * len(pictures)).numpy()


def strip(pictures: Strip) -> Float[np.ndarray, "24 column"]:
    """All pictures side by side, a blank column after each."""
    return np.pad(pictures, ((0, 0), (0, 0), (0, 1))).transpose(1, 0, 2).reshape(ROWS, -1)


def thumbnail(name: str, picture: Picture, x: float, y: float, px: float, title: str = "", said: str = "") -> Panel:
    """A picture to click, low harmonics below; `said` stands under it."""
    return Panel(
        name, picture, x=x, y=y, cell=(px, px), lo=0.0, hi=1.0, title=title, column_axis=said, axis_gap=14, flip=True, coarse=True,
        click=True, whole=True,
    )  # fmt: skip
