"""A tune on the grid as sound: plain, as loud as a gate is open, with a click where a unit switches on.

Notebook: 05_rnns.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from helpers import audio
from helpers.concepts import spiking
from helpers.datasets.melodies import notes_of

STEP = 0.18  # seconds that an eighth lasts
SMOOTH = 160  # samples over which a gate's loudness changes

Steps = Int[np.ndarray, "time"]
Samples = Float[np.ndarray, "sample"]


def tune(step: Steps) -> Samples:
    """The notes of these steps, plucked; a rest at the beginning is kept."""
    x = np.zeros(round(len(step) * STEP * audio.RATE), np.float32)
    played = audio.play_notes(notes_of(step), 2 * STEP).numpy()
    x[: len(played)] = played[: len(x)]
    return x


def side_chained(step: Steps, gain: Float[np.ndarray, "time"]) -> Samples:
    """The tune, turned up and down by one gain from 0 to 1 a step."""
    x = tune(step)
    each = np.repeat(np.clip(gain, 0, 1), -(-len(x) // len(gain)))[: len(x)]
    soft = np.convolve(np.pad(each, SMOOTH // 2, mode="edge"), np.ones(SMOOTH) / SMOOTH, mode="same")[SMOOTH // 2 :][: len(x)]
    return (x * soft).astype(np.float32)


def clicks(step: Steps, at: Int[np.ndarray, "click"]) -> Samples:
    """The tune, softer, with a click at these steps."""
    x = 0.5 * tune(step)
    return (x + spiking.clicks(at * STEP, len(x) / audio.RATE, peak=0.25)[: len(x)]).astype(np.float32)
