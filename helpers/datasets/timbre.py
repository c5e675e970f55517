"""Sounds of a third of a second with a given brightness and attack, and back: where any sound lies on these two scales.

Feature 1 is the spectral centroid, feature 2 the attack time, both on log scales with 0 in the middle.
Notebook: 01_neurons.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from jaxtyping import Float

from helpers import audio

SECONDS, PEAK = 0.32, 0.25
REACH = 1.2  # the features' range, to either side
CENTROID, ATTACK = 900.0, 0.03  # Hz and seconds at feature 0
OCTAVES = 2.0  # of centroid and of attack, for each unit of a feature
FUNDAMENTAL = 147.0  # Hz, of the pitched sounds
Sound = Float[np.ndarray, "time"]
Coordinates = Float[np.ndarray, "point 2"]
Ticks = list[tuple[float, str]]


def hertz(feature: float) -> float:
    """The spectral centroid that a first feature stands for."""
    return CENTROID * 2 ** (OCTAVES * feature)


def seconds(feature: float) -> float:
    """The attack time that a second feature stands for."""
    return ATTACK * 2 ** (OCTAVES * feature)


def pitched(x1: float, x2: float) -> Sound:
    """A tone of 147 Hz whose harmonics fall off so that their centroid is that of x1; it begins as slowly as x2 says."""
    t = np.arange(round(SECONDS * audio.RATE)) / audio.RATE
    h = np.arange(1, int(0.95 * audio.RATE / 2 / FUNDAMENTAL) + 1)
    amplitude = _slope_for(hertz(x1)) ** h
    x = (amplitude[:, None] * np.sin(2 * np.pi * FUNDAMENTAL * h[:, None] * t + h[:, None] ** 2)).sum(0)
    return _shaped(x, seconds(x2))


def struck(x1: float, x2: float) -> Sound:
    """A band of noise around the centroid of x1: a thud when low, a hiss when high."""
    n = round(SECONDS * audio.RATE)
    f, middle = np.fft.rfftfreq(n, 1 / audio.RATE), hertz(x1)
    phase = np.random.default_rng(0).uniform(0, 2 * np.pi, len(f))  # always the same noise: a point has one sound
    return _shaped(np.fft.irfft(np.exp(-0.5 * ((f - middle) / (middle / 5)) ** 2 + 1j * phase), n), seconds(x2))


def dyad(x1: float, x2: float) -> Sound:
    """Two notes: x1 moves one from C (at −0.5) to C sharp (at 0.5), x2 the other from the A below to the E above."""
    pitches = 72.5 + x1, 72.5 + 7 * x2  # C5 = 72, C#5 = 73; A4 = 69, E5 = 76
    t = np.arange(round(SECONDS * audio.RATE)) / audio.RATE
    notes = [np.sin(2 * np.pi * h * audio.hertz(p) * t) / h**2 for p in pitches for h in range(1, 6)]
    return _shaped(np.sum(notes, 0), 0.01)


@lru_cache(maxsize=512)
def _slope_for(centroid: float) -> float:
    """The ratio r of neighbouring harmonics, amplitude rʰ, whose power centroid is this; by halving an interval."""
    h = np.arange(1, int(0.95 * audio.RATE / 2 / FUNDAMENTAL) + 1)
    low, high = 1e-3, 1.3
    for _ in range(50):
        r = (low + high) / 2
        power = r ** (2.0 * h)
        low, high = (r, high) if FUNDAMENTAL * (h * power).sum() / power.sum() < centroid else (low, r)
    return low


def _shaped(x: Sound, attack: float) -> Sound:
    """A sound that rises evenly for `attack` seconds, then dies away, at the peak all have."""
    t = np.arange(len(x)) / audio.RATE
    x = x * np.minimum(t / attack, np.exp(-np.maximum(t - attack, 0) / 0.15)) * audio.fade(len(x), 0.01, last_only=True).numpy()
    return (PEAK * x / np.abs(x).max()).astype(np.float32)


def features(x: Sound) -> tuple[float, float]:
    """(centroid in Hz, attack in seconds) of a sound at 16 kHz.

    The centroid is the mean frequency, weighted by power. The attack is how long the envelope (the largest sample within
    10 ms) takes from a tenth to nine tenths of its height, and a quarter more. Raises ValueError for silence.
    """
    x = np.asarray(x, np.float64)
    if not np.abs(x).max(initial=0) > 0:
        raise ValueError("The sound is silent: it has neither a centroid nor an attack. Leave it out.")
    power = np.abs(np.fft.rfft(x)) ** 2
    centroid = float((np.fft.rfftfreq(len(x), 1 / audio.RATE) * power).sum() / power.sum())
    span = audio.RATE // 100
    padded = np.pad(np.abs(x), (span // 2, span - span // 2 - 1))
    envelope = np.lib.stride_tricks.sliding_window_view(padded, span).max(1)
    envelope /= envelope.max()
    top = int(np.argmax(envelope >= 0.9))
    begin = int(np.flatnonzero(envelope[: top + 1] <= 0.1)[-1]) + 1 if (envelope[: top + 1] <= 0.1).any() else 0
    return centroid, max((top - begin) / audio.RATE / 0.8, 1e-3)


def place(sounds: list[Float[np.ndarray, "_"]]) -> tuple[Coordinates, tuple[Ticks, Ticks]]:
    """Where sounds lie on a plane of their own: centroid and attack on log scales from −1, their least, to 1, their most.

    A scale spans an octave at least. Returns also the ticks, for each feature: places and what they are called.
    """
    found = np.log2([features(x) for x in sounds]).reshape(-1, 2)
    middle = (found.min(0) + found.max(0)) / 2
    half = np.maximum(np.ptp(found, axis=0) / 2, 0.5)
    units = ((1.0, (50, 100, 200, 400, 800, 1600, 3200, 6400)), (1e-3, (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)))
    ticks = tuple(
        [(float(at), f"{value:,}") for value in values if abs(at := (math.log2(value * unit) - m) / h) <= REACH]
        for (unit, values), m, h in zip(units, middle, half)
    )
    return ((found - middle) / half).round(3), ticks
