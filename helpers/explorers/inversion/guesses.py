"""A note and the sounds that Griffin-Lim makes of its magnitudes, remembered: the material of `Inversion`.

Notebook: 07a_autoencoders. The method: helpers/concepts/inversion.py.
"""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import islice
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float

from helpers.audio import RATE, fade
from helpers.concepts.inversion import SIZE, first_phase, griffin_lim, misfit, to_spectrogram
from helpers.explorers.parts.sources import note

STEPS = 40
PEAK = 0.2  # of the recorded note: guesses with all partials in step reach several times as high
FLOOR = -80.0  # dB below the loudest
ROWS = 128  # of a picture: the loudest of four bins each


class Run(NamedTuple):
    """What the method was asked for. hop: samples from one window to the next."""

    family: str
    start: str
    momentum: float
    hop: int
    seed: int


@cache
def recorded(family: str) -> Float[torch.Tensor, "16000"]:
    """The first second of a note of that family, its end faded out."""
    x = note(family).sound()[:RATE]
    return PEAK * x / x.abs().max() * fade(RATE, 0.05, last_only=True)


@lru_cache(maxsize=16)
def run(wanted: Run) -> tuple[Float[torch.Tensor, "step 16000"], Float[np.ndarray, "step"]]:
    """The sound after 0, 1, ... STEPS steps, and how far each one's magnitudes are from those wanted, as a share."""
    x = recorded(wanted.family)
    magnitude = to_spectrogram(x, SIZE, wanted.hop).abs()
    phase = first_phase(x, wanted.start, wanted.seed, SIZE, wanted.hop)
    sounds = list(islice(griffin_lim(magnitude, phase, RATE, wanted.momentum, wanted.hop), STEPS + 1))
    return torch.stack(sounds), np.array([misfit(sound, magnitude, wanted.hop) for sound in sounds])


def decibels(x: Float[torch.Tensor, "time"], loudest: float) -> Float[np.ndarray, "128 frame"]:
    """A sound's magnitudes in dB below `loudest`, the loudest bin of each four; the bin of 0 Hz is left out."""
    magnitude = to_spectrogram(x, SIZE, SIZE // 4).abs()[1:]
    magnitude = magnitude.unflatten(0, (ROWS, -1)).amax(1)
    return (20 * torch.log10(magnitude / loudest).clamp(min=FLOOR / 20)).numpy()


@cache
def wanted_decibels(family: str) -> tuple[Float[np.ndarray, "128 frame"], float]:
    """The picture of the note's own magnitudes, and the loudest of them."""
    x = recorded(family)
    loudest = float(to_spectrogram(x, SIZE, SIZE // 4).abs().max())
    return decibels(x, loudest), loudest
