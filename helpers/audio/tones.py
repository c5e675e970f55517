"""Tones, glides, chords and clicks: waveforms that are computed, at 16 kHz. Notebook: 04_cnns."""

import math
from collections.abc import Sequence
from numbers import Real

import torch
from jaxtyping import Float
from torch import Tensor

RATE = 16_000  # Hz
SECONDS = 4.0


def fade(length: int, seconds: Real = 0.01, rate: int = RATE, last_only: bool = False) -> Float[Tensor, "length"]:
    """Gain that rises and falls by a raised cosine at both ends (or at the last only), 1 between: no clicks."""
    n = min(int(seconds * rate), length // 2)
    ramp = 0.5 - 0.5 * torch.cos(torch.pi * (torch.arange(n) + 0.5) / max(n, 1))
    gain = torch.ones(length)
    gain[length - n :] = ramp.flip(0)
    if not last_only:
        gain[:n] = ramp
    return gain


def hertz(pitch: Real) -> float:
    """Frequency in Hz of a MIDI pitch, equal temperament with A4 = 69 = 440 Hz.

    >>> round(hertz(60), 2)
    261.63
    """
    return 440 * 2 ** ((pitch - 69) / 12)


def glissando(start: Real, end: Real, seconds: Real = 1.0, harmonics: int = 1, peak: Real = 0.5) -> Float[Tensor, "time"]:
    """A tone that slides from `start` to `end` Hz, equal intervals in equal times, with continuous phase; at 16 kHz.

    phase(t) = 2 pi f0 T (r^(t / T) - 1) / ln r, with r = f1 / f0. Harmonic h has amplitude 1 / h and fades out below
    8 kHz, so that nothing aliases. Raises ValueError if a frequency is not between 0 and 8,000 Hz.
    """
    if not (0 < start <= RATE / 2 and 0 < end <= RATE / 2):
        raise ValueError(f"{start} to {end} Hz; at {RATE:,} samples a second a tone is above 0, at most {RATE // 2:,} Hz.")
    t = torch.arange(round(seconds * RATE), dtype=torch.float64) / RATE
    k = math.log(end / start)
    turns = start * (seconds * torch.expm1(k * t / seconds) / k if k else t)
    frequency = start * torch.exp(k * t / seconds)
    x = torch.zeros_like(t)
    for h in range(1, harmonics + 1):
        room = ((RATE / 2 - h * frequency) / (RATE / 20)).clamp(0, 1) if h > 1 else 1
        x += room / h * torch.sin(2 * torch.pi * h * turns)
    return (peak * x / x.abs().max().clamp(min=1e-9)).float() * fade(len(t), 0.005)


def tone(frequency: Real, seconds: Real = 1.0, harmonics: int = 1, peak: Real = 0.5) -> Float[Tensor, "time"]:
    """A steady tone of `frequency` Hz at 16 kHz, with harmonics of amplitude 1 / h; raises as glissando does."""
    return glissando(frequency, frequency, seconds, harmonics, peak)


def chord(pitches: Sequence[Real], seconds: Real = 1.0, harmonics: int = 1, peak: Real = 0.5) -> Float[Tensor, "time"]:
    """Tones of several MIDI pitches at once, each with an equal share of the peak."""
    return torch.stack([tone(hertz(p), seconds, harmonics, peak) for p in pitches]).mean(0)


def click(at: Real = 0.5, seconds: Real = 1.0, peak: Real = 0.5) -> Float[Tensor, "time"]:
    """One sample of sound at `at` seconds, silence around it: every frequency at one moment."""
    x = torch.zeros(round(seconds * RATE))
    x[round(at * RATE)] = peak
    return x
