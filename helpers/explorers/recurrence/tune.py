"""A tune of sixteen notes, made for this lecture: as inputs of a net, and as sound with each note as loud as it is told.

Notebook: 05_rnns.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

RATE, EVERY, MOST = 16_000, 0.14, 64  # Hz; seconds from note to note; notes that are played, the last ones
PEAK = 0.25  # −12 dBFS
SCALE = (62, 64, 66, 67, 69, 71, 73, 74)  # D major
DEGREES = len(SCALE)
TUNE = (0, 2, 4, 2, 5, 4, 2, 1, 0, 4, 7, 6, 5, 3, 1, 0)


def tune(steps: int) -> Float[np.ndarray, "step 8"]:
    """The tune again and again, one-hot: which of eight degrees each note is."""
    return np.eye(DEGREES)[[TUNE[t % len(TUNE)] for t in range(steps)]]


def heard(loudness: Float[np.ndarray, "step"]) -> Float[np.ndarray, "sample"]:
    """The tune's last notes, at most 64, each with this amplitude from 0 to 1."""
    t = np.arange(int(EVERY * RATE)) / RATE
    shape = PEAK * np.minimum(1, t / 0.004) * np.exp(-t / 0.06) * np.minimum(1, (t[-1] - t) / 0.01)
    first = max(len(loudness) - MOST, 0)
    pitches = np.array([SCALE[TUNE[step % len(TUNE)]] for step in range(first, len(loudness))])
    hertz = 440 * 2 ** ((pitches - 69) / 12)
    wave = sum(np.sin(2 * np.pi * k * hertz[:, None] * t) / k for k in (1, 2, 3)) / 1.6
    return (wave * shape * loudness[first:, None]).astype(np.float32).ravel()
