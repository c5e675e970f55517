"""A score as sound: notes of a plucked string or an organ, each at its own level. Notebook: 05_rnns."""

import math
from collections.abc import Sequence
from functools import lru_cache
from numbers import Real

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from helpers.audio.tones import RATE, hertz

VOICE = 0.2  # peak of one note: five at once cannot clip, and how loud one is never depends on the others
# relative amplitudes of harmonics 1, 2, ...; seconds that a note takes to rise and to end; its decay and what each further
# harmonic decays faster, both per second at middle C (higher strings ring shorter)
INSTRUMENTS = {
    "pluck": ([1 / h for h in range(1, 13)], 0.002, 0.03, 1.6, 0.9),
    "organ": ([1.0, 0.6, 0.35, 0.25, 0.0, 0.12, 0.0, 0.1], 0.012, 0.03, 0.0, 0.0),
}


def play_notes(
    notes: Sequence[Sequence] | np.ndarray,
    seconds_per_beat: Real,
    instrument: str = "pluck",
    loudness: Sequence[Real] | np.ndarray | None = None,
) -> Float[Tensor, "time"]:
    """A score as sound at 16 kHz. notes: (onset, duration, MIDI pitch) in beats; what follows in a note is not looked at.

    loudness: gain of each note in [0, 1] (1, if None). Each note has its own level, whatever else sounds: nothing is
    normalised. A note rises and ends within its duration, so that repeated notes are heard apart and no more voices
    overlap than are written. Raises ValueError where that cannot be played, and where so many notes at once would clip.
    Notebook: 05_rnns.
    """
    if not 0 < seconds_per_beat < math.inf:
        raise ValueError(f"seconds_per_beat is {seconds_per_beat}; it is above 0: 0.5 is 120 beats a minute.")
    if instrument not in INSTRUMENTS:
        raise ValueError(f"instrument is {instrument!r}; there are {', '.join(INSTRUMENTS)}.")
    gains = [1.0] * len(notes) if loudness is None else [float(gain) for gain in loudness]
    if len(gains) != len(notes) or not all(0 <= gain <= 1 for gain in gains):
        raise ValueError(f"loudness is one gain in [0, 1] for each of {len(notes)} notes; {len(gains)} were given: {gains[:4]} ...")
    begins, lengths = [], []
    for onset, duration, pitch, *_ in notes:
        if not (onset >= 0 and 0 < duration < math.inf and 0 <= pitch <= 119):
            raise ValueError(f"note {(onset, duration, pitch)}: its onset is 0 or later, its duration above 0, its pitch 0 to 119.")
        begins.append(round(float(onset * seconds_per_beat) * RATE))
        lengths.append(max(round(float((onset + duration) * seconds_per_beat) * RATE) - begins[-1], 1))
    x = torch.zeros(max((begin + length for begin, length in zip(begins, lengths)), default=0))
    for begin, length, gain, note in zip(begins, lengths, gains, notes):
        x[begin : begin + length] += gain * _note(float(note[2]), length, instrument)
    if (peak := x.abs().max().item() if len(x) else 0.0) > 1:
        raise ValueError(f"so many notes at once reach {peak:.2f}; samples are in [-1, 1]. Give each note a loudness of 0.5.")
    return x


@lru_cache(maxsize=512)
def _note(pitch: float, length: int, instrument: str) -> Float[Tensor, "length"]:
    """One note of so many samples: harmonics below 8 kHz, each a sine that decays; without decay it peaks at VOICE."""
    amplitudes, rise, end, decay, faster = INSTRUMENTS[instrument]
    frequency = hertz(pitch)
    string = (frequency / hertz(60)) ** 0.5
    t = torch.arange(length, dtype=torch.float64) / RATE
    turn = torch.linspace(0, 2 * torch.pi, 4096, dtype=torch.float64)
    x, one = torch.zeros_like(t), torch.zeros_like(turn)  # the note, and one period of it without decay
    for h, amplitude in enumerate(amplitudes, 1):
        if h * frequency < 0.95 * RATE / 2:
            one += amplitude * torch.sin(h * turn)
            x += amplitude * torch.exp(-string * (decay + faster * (h - 1)) * t) * torch.sin(2 * torch.pi * h * frequency * t)
    ramp = (t / rise).clamp(max=1) * ((length / RATE - t) / end).clamp(max=1)
    return (VOICE / one.abs().max() * x * (0.5 - 0.5 * torch.cos(torch.pi * ramp))).float()
