"""Up to nine notes as thumbnails, and one after another as sound: shared by the browsers of notes."""

from __future__ import annotations

import numpy as np
import torch

from helpers import audio
from helpers.datasets.notes import Notes
from helpers.views import Panel

SHOWN = 9
EACH = 1.0  # seconds of each note when they are played one after another
PX, GAP = 2, 30  # of a thumbnail's cell, and between thumbnails
LONGEST = 15  # letters of an instrument's name that fit above a thumbnail, with the pitch behind them


def short(notes: Notes, i: int) -> str:
    """Instrument and pitch, as much as fits above a thumbnail: 'Electric Guitar C4'."""
    name, pitch = notes.titles[int(notes.instrument[i])].partition(" (")[0], notes.label(i).rsplit(", ", 2)[1]
    return f"{name if len(name) <= LONGEST else name[: LONGEST - 1] + '…'} {pitch}"


def thumbnails(notes: Notes, x: float, y: float, said: list[str], px: int = PX) -> list[Panel]:
    """The notes' log-mel pictures, three a row, named note0, note1, …; one byte a cell, as nobody reads numbers off them.

    said: what to write below each; above it stands what it is.
    """
    step = 64 * px + GAP
    return [
        Panel(f"note{i}", notes.mel[i].numpy(), x=x + (i % 3) * step, y=y + (i // 3) * (step + 12), cell=(px, px), flip=True,
              coarse=True, click=True, whole=True, title=short(notes, i),
              column_axis=said[i], axis_gap=14)
        for i in range(len(notes))
    ]  # fmt: skip


def one_after_another(notes: Notes, which: list[int], starts: list[float] | None = None) -> np.ndarray:
    """A second of each note from `starts` (seconds; its beginning if none), each faded in and out; (time,)."""
    length = int(EACH * audio.RATE)
    fade = audio.fade(length)
    parts = []
    for i, start in zip(which, starts or [0.0] * len(which), strict=True):
        at = min(int(start * audio.RATE), int(audio.SECONDS * audio.RATE) - length)
        parts.append(notes.audio(i)[at : at + length] * fade)
    return torch.cat(parts).numpy()
