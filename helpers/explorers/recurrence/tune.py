"""A tune of the eight notes of a scale: read from ABC, as inputs of a net, and as sound with each note as loud as it is told.

Without a tune of one's own it is one of sixteen notes, made for this lecture.

Notebook: 05_rnns.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from helpers.datasets.abc import AbcError, parse
from helpers.views import pitch_name

RATE, EVERY, MOST = 16_000, 0.14, 64  # Hz; seconds from note to note; notes that are played, the last ones
PEAK = 0.25  # −12 dBFS
SCALE = (62, 64, 66, 67, 69, 71, 73, 74)  # D major
DEGREES = len(SCALE)
LETTERS = "DEFGABcd"  # the same in ABC
TUNE = "DFAFBAFEDAdcBGED"
LONGEST = 64  # notes


def degrees(text: str) -> list[int]:
    """Which of the eight notes each note of an ABC text is, 0 to 7; lengths, bars and rests do not count.

    Raises ValueError where it cannot be read, has no note or too many, or one that is not among the eight.

    >>> degrees("D2 F|A d")
    [0, 2, 4, 7]
    """
    try:
        notes = parse(f"M:none\nL:1/8\nK:D\n{text}").notes
    except AbcError as error:
        raise ValueError(f"The tune, line {error.line - 3}, column {error.column}: {error.reason}.") from None
    if not 1 <= len(notes) <= LONGEST:
        raise ValueError(f"The tune has {len(notes)} notes; write 1 to {LONGEST} of the letters {' '.join(LETTERS)}.")
    for i, note in enumerate(notes, 1):
        if note.pitch not in SCALE:
            its = pitch_name(note.pitch)
            raise ValueError(f"The tune's note {i}, {its}, is none of the eight of D major: {' '.join(LETTERS)}.")
    return [SCALE.index(note.pitch) for note in notes]


def tune(steps: int, text: str = TUNE) -> Float[np.ndarray, "step 8"]:
    """The tune again and again, one-hot: which of eight degrees each note is."""
    return np.eye(DEGREES)[repeated(steps, text)]


def repeated(steps: int, text: str = TUNE) -> list[int]:
    """The degree of each step's note."""
    once = degrees(text)
    return [once[t % len(once)] for t in range(steps)]


def heard(loudness: Float[np.ndarray, "step"], text: str = TUNE) -> Float[np.ndarray, "sample"]:
    """The tune's last notes, at most 64, each with this amplitude from 0 to 1."""
    t = np.arange(int(EVERY * RATE)) / RATE
    shape = PEAK * np.minimum(1, t / 0.004) * np.exp(-t / 0.06) * np.minimum(1, (t[-1] - t) / 0.01)
    first = max(len(loudness) - MOST, 0)
    pitches = np.array(SCALE)[repeated(len(loudness), text)[first:]]
    hertz = 440 * 2 ** ((pitches - 69) / 12)
    wave = sum(np.sin(2 * np.pi * k * hertz[:, None] * t) / k for k in (1, 2, 3)) / 1.6
    return (wave * shape * loudness[first:, None]).astype(np.float32).ravel()
