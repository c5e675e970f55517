"""A sound and what a codec, or a careless engineer, might make of it: the material of `Codec`.

Notebook: 02_loss_functions. Every version has the length and, but for what its name says, the loudness of the original.
"""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from helpers.concepts import spectral
from helpers.explorers.parts.sources import note

RATE, LENGTH = 16_000, 32_000  # Hz; samples: two seconds
SHARP = 2 ** (20 / 1200)  # 20 cents, a fifth of a semitone
Wave = Float[Tensor, "time"]
SOURCES = ("a plucked string", "a chord", "a brass note")
VERSIONS = (
    "upside down", "phases turned 90°", "late", "20 cents sharp", "an octave up", "clipped", "5 bits", "with hiss", "silence",
)  # fmt: skip
LOSSES = {
    "L1": spectral.waveform_l1, "L2": spectral.waveform_l2, "STFT": spectral.stft_loss, "mel": spectral.mel_loss,
}  # fmt: skip


def pluck(frequency: float, peak: float = 0.15) -> Wave:
    """A plucked string of two seconds: harmonic h begins at peak / h and falls by e in 0.9 / (1 + 0.3 (h - 1)) seconds."""
    t = torch.arange(LENGTH, dtype=torch.float64) / RATE
    x = torch.zeros_like(t)
    for h in range(1, int(7_500 / frequency) + 1):
        x += peak / h * torch.exp(-t * (1 + 0.3 * (h - 1)) / 0.9) * torch.sin(2 * torch.pi * h * frequency * t)
    return x * (t / 0.004).clamp(max=1) * ((2.0 - t) / 0.05).clamp(max=1)


def faster(x: Wave, ratio: float) -> Float[Tensor, "less"]:
    """A recording played faster, as tape would be: all frequencies `ratio` times as high, what would be above 8 kHz left out."""
    n = round(len(x) / ratio)
    return torch.fft.irfft(torch.fft.rfft(x)[: n // 2 + 1], n=n) * n / len(x)


@cache
def original(source: str, ratio: float = 1.0) -> Wave:
    """A source, float64, with all its frequencies `ratio` times as high. Raises ValueError where there is no such source."""
    if source == "a plucked string":
        return pluck(220.0 * ratio)
    if source == "a chord":
        return sum(pluck(f * ratio, 0.07) for f in (196.0, 246.94, 329.63))
    if source != "a brass note":
        raise ValueError(f"No source is called {source!r}; there are {', '.join(SOURCES)}.")
    x = 0.4 * note("brass").sound().double()
    return faster(x, ratio)[:LENGTH] * torch.linspace(40, 0, LENGTH, dtype=torch.float64).clamp(max=1)


@lru_cache(maxsize=64)
def version(source: str, name: str, delay: float = 5.0) -> Wave:
    """What was made of a source; delay: ms, of the version "late" alone. Raises ValueError where there is no such version."""
    x = original(source)
    if name == "upside down":
        return -x
    if name == "phases turned 90°":
        return torch.fft.irfft(torch.fft.rfft(x) * -1j, n=LENGTH)
    if name == "late":
        samples = round(delay * RATE / 1000)
        return torch.cat([torch.zeros(samples, dtype=x.dtype), x[: LENGTH - samples]])
    if name in ("20 cents sharp", "an octave up"):
        return original(source, SHARP if name == "20 cents sharp" else 2.0)
    if name == "clipped":
        limit = 0.3 * float(x.abs().max())
        return x.clamp(-limit, limit)
    if name == "5 bits":
        return (x * 16).round() / 16
    if name == "with hiss":
        hiss = torch.randn(LENGTH, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
        return x + 0.003 * hiss
    if name == "silence":
        return torch.zeros_like(x)
    raise ValueError(f"No version is called {name!r}; there are {', '.join(VERSIONS)}.")


@lru_cache(maxsize=256)
def row(source: str, name: str, delay: float = 5.0) -> Float[np.ndarray, "loss"]:
    """Each loss of a version, compared with the original; delay: ms, of the version "late" alone."""
    x, y = original(source), version(source, name, delay)
    return torch.stack([loss(y, x) for loss in LOSSES.values()]).numpy()


def table(source: str, delay: float = 5.0) -> Float[np.ndarray, "version loss"]:
    """The rows of all versions."""
    return np.stack([row(source, name, delay) if name == "late" else row(source, name) for name in VERSIONS])
