"""What a kernel can slide over: the lecture's 4×4 diagonal, a real note, a waveform, noise. Always (channel, row, column).

A note comes with three channels: its log-mel picture, how that changes from frame to frame, and from band to band.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from helpers import audio
from helpers.concepts.convolution import KERNELS

DIVERGING = {"palette": "diverging", "lo": -1.0, "hi": 1.0}
CHANGE = {"palette": "diverging", "lo": -0.5, "hi": 0.5}


@dataclass(frozen=True)
class Source:
    """An input, and how to show it: titles and colours of its channels, digits, what its rows and columns are called."""

    x: Float[Tensor, "channel row column"]
    titles: tuple[str, ...]
    looks: tuple[dict, ...]
    digits: int = 0
    flip: bool = False
    row_names: list[str] = field(default_factory=list)
    column_names: list[str] = field(default_factory=list)
    sound: Callable[[], Float[Tensor, "time"]] | None = None

    def names(self, rows: int, columns: int) -> dict:
        """The names of rows and columns, with blanks for the cells that padding added."""
        if not self.row_names:
            return {}
        margins = [(n - len(names)) // 2 for n, names in ((rows, self.row_names), (columns, self.column_names))]
        return {
            "row_names": [""] * margins[0] + self.row_names + [""] * margins[0],
            "column_names": [""] * margins[1] + self.column_names + [""] * margins[1],
        }


def shape_of(weights: object) -> tuple[int, ...] | None:
    """The shape of nested lists of finite numbers; None where they are ragged or hold something else.

    >>> shape_of([[1, 0, -1]]), shape_of([[1], [2, 3]]), shape_of([["a"]])
    ((1, 3), None, None)
    """
    try:
        found = np.asarray(weights, dtype=float)
    except (TypeError, ValueError):
        return None
    return found.shape if np.isfinite(found).all() else None


def fit(weights: Float[np.ndarray, "channel row column"], shape: tuple[int, int, int]) -> Float[np.ndarray, "more high wide"]:
    """A drawn kernel in a new shape: cut, or filled up with zeros, around its middle; channels from the first."""
    fitted = np.zeros(shape)
    here, there = [], []
    for old, new in zip(weights.shape, shape, strict=True):
        n, centred = min(old, new), len(here) > 0
        a, b = ((old - n) // 2, (new - n) // 2) if centred else (0, 0)
        here.append(slice(a, a + n))
        there.append(slice(b, b + n))
    fitted[tuple(there)] = weights[tuple(here)]
    return fitted


def kernel_menu() -> list[tuple[str, str]]:
    """What a menu of kernels offers; on a picture with low frequencies below, a rising line is the diagonal."""
    said = {"rising": "rising (diagonal)", "falling": "falling (mirrored)"}
    return [(said.get(name, name), name) for name in (*KERNELS, "drawn")]


def diagonal() -> Source:
    """The lecture's 4×4 input, 1 on the diagonal and −1 off it; its mirror and a field of ones as further channels."""
    x = 2 * torch.eye(4, dtype=torch.float64) - 1
    return Source(torch.stack([x, x.flip(1), torch.ones_like(x)]), ("input", "its mirror", "ones"), (DIVERGING,) * 3)


def noise(seed: int) -> Source:
    """An 8×8 field of small whole numbers drawn at random: nothing to find."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randint(-2, 3, (3, 8, 8), generator=generator).double()
    return Source(x, tuple(f"input, channel {c}" for c in (1, 2, 3)), ({"palette": "diverging", "lo": -2.0, "hi": 2.0},) * 3)


@cache
def _note(family: str):
    """The middle note of the family's first instrument."""
    from helpers.datasets.notes import load_notes

    notes = load_notes("train").where(family=family, velocity=100)
    mine = notes[notes.instrument == notes.instrument[0]]
    return mine[len(mine) // 2]


@cache
def note(family: str) -> Source:
    """A real note's 64×64 log-mel picture, with its change in time and in frequency as further channels."""
    chosen = _note(family)
    mel = chosen.mel[0].double()
    in_time = torch.diff(mel, dim=1, prepend=mel[:, :1])
    in_pitch = torch.diff(mel, dim=0, prepend=mel[:1])
    rows, columns = mel_names()
    return Source(
        torch.stack([mel, in_time, in_pitch]), (chosen.label(0).rsplit(",", 1)[0], "change in time", "change in frequency"),
        ({"lo": 0.0, "hi": 1.0}, CHANGE, CHANGE), digits=2, flip=True, row_names=rows, column_names=columns,
        sound=lambda: chosen.audio(0),
    )  # fmt: skip


@cache
def waveform(family: str) -> Source:
    """Ten milliseconds of a note, half a second in: one row of 160 samples; later channels are delayed by 1 and 2 samples."""
    whole = _note(family).audio(0)
    pieces = torch.stack([whole[8_000 - d : 8_160 - d] for d in range(3)]).double()[:, None]
    look = {"lo": -1.0, "hi": 1.0, "palette": "diverging"}
    titles = ("10 ms of the waveform", "one sample earlier", "two samples earlier")
    return Source(pieces, titles, (look,) * 3, digits=2, sound=lambda: whole)


def envelope(x: Float[np.ndarray, "time"], columns: int) -> Float[np.ndarray, "1 sample"]:
    """Least and largest sample of each of `columns` stretches, in turn: what a waveform looks like from afar."""
    each = len(x) // columns
    parts = x[: each * columns].reshape(-1, each)
    return np.stack([parts.min(1), parts.max(1)], 1).reshape(1, -1)


def mel_names() -> tuple[list[str], list[str]]:
    """What the rows (Hz) and columns (seconds) of a log-mel picture are called."""
    rows = [f"{f:,.0f} Hz" for f in audio.mel_frequencies().tolist()]
    return rows, [f"{t * audio.HOP / audio.RATE:.1f} s" for t in range(64)]


SOURCES = ("diagonal", "note", "waveform", "noise")


def source(name: str, family: str, seed: int) -> Source:
    """The source of that name. Raises ValueError for a name or family there is none of."""
    if name not in SOURCES:
        raise ValueError(f"No source is called {name!r}; there are {', '.join(SOURCES)}.")
    if name == "diagonal":
        return diagonal()
    return noise(seed) if name == "noise" else {"note": note, "waveform": waveform}[name](family)
