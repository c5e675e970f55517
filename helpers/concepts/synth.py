"""Synthesisers with two knobs, and how their sound changes when a knob is turned.

Each is written twice: as a wave that torch can differentiate, for whole grids of settings, and as a wave with its two
derivatives written out, for one setting, which is quick enough to follow a hand. Notebook: 03_gradient_descent.
FM after Chowning, The synthesis of complex audio spectra by means of frequency modulation, 1973.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from jaxtyping import Complex, Float
from torch import Tensor

RATE, SAMPLES = 8_000, 1024  # Hz; samples that the losses compare: 128 ms, in which no sound here has much above 4 kHz
CARRIER, LEVEL, PINGS = 400.0, 0.25, 6  # Hz of the FM carrier; peak of FM and of a ping; how often a ping is heard
TIMES = np.arange(SAMPLES) / RATE  # seconds
FADE = 0.008  # seconds
PING, LENGTH, FIRST = 400.0, 0.004, 0.012  # of a ping: its Hz, its standard deviation in s, and when the first one is
Time = Float[Tensor, "time"]
Setting = Float[Tensor, "*batch 1"]
Wave = Float[Tensor, "*batch time"]
Samples = Float[np.ndarray, "time"]
Jet = Float[np.ndarray, "3 time"]  # a wave, and its derivatives by both settings


@dataclass(frozen=True)
class Knob:
    """What a knob sets, in its unit, between `low` at 0 and `high` at 1."""

    name: str
    unit: str
    low: float
    high: float

    def at(self, share: float | np.ndarray | Tensor) -> float | np.ndarray | Tensor:
        """Its setting where the knob stands at `share`, 0 to 1."""
        return self.low + (self.high - self.low) * share


@dataclass(frozen=True)
class Synth:
    """Two knobs, the wave they make, and that wave with its derivatives by both settings. target, start: knobs, 0 to 1."""

    name: str
    knobs: tuple[Knob, Knob]
    wave: Callable[[Setting, Setting, Time], Wave]
    jet: Callable[[float, float, Samples], Jet]
    target: tuple[float, float]
    start: tuple[float, float]

    def settings(self, knobs: Sequence[float]) -> list[float]:
        """What the knobs set where they stand so, each in its unit."""
        return [knob.at(share) for knob, share in zip(self.knobs, knobs, strict=True)]

    def sound(self, knobs: Float[Tensor, "*batch 2"], samples: int = SAMPLES, rate: int = RATE) -> Wave:
        """What is heard where the knobs stand so, differentiable by them; rate in Hz."""
        t = torch.arange(samples, dtype=knobs.dtype) / rate
        fade = torch.from_numpy(_fade(samples, rate)).to(knobs.dtype)
        return fade * self.wave(*(knob.at(knobs[..., i : i + 1]) for i, knob in enumerate(self.knobs)), t)

    def sensitivity(self, x: float, y: float) -> Jet:
        """The sound that losses compare, and its derivative by each knob, written out: the same as autograd's, sooner."""
        jet = _fade(SAMPLES, RATE) * self.jet(*self.settings((x, y)), TIMES)
        for slope, knob in zip(jet[1:], self.knobs, strict=True):
            slope *= knob.high - knob.low
        return jet


@cache
def _fade(samples: int, rate: int) -> Samples:
    """Gain that rises and falls by a raised cosine over FADE seconds: no click at either end, in the ear or in a spectrum."""
    t = np.arange(samples) / rate
    return 0.5 - 0.5 * np.cos(np.pi * np.clip(np.minimum(t, samples / rate - t) / FADE, 0, 1))


def _phasor(f: float, t: Samples) -> Complex[np.ndarray, "time"]:
    """e^(2πift), its imaginary part a sine; t: evenly spaced from 0. Of 64 exponentials, since e^(a + b) is e^a times e^b."""
    return np.multiply.outer(np.exp(2j * np.pi * f * t[::32]), np.exp(2j * np.pi * f * t[:32])).ravel()[: len(t)]


def _sine(f: Setting, a: Setting, t: Time) -> Wave:
    return a * torch.sin(2 * torch.pi * f * t)


def _sine_jet(f: float, a: float, t: Samples) -> Jet:
    wave = _phasor(f, t)
    return np.array([a * wave.imag, a * 2 * np.pi * t * wave.real, wave.imag])


def _fm(ratio: Setting, index: Setting, t: Time) -> Wave:
    turns = 2 * torch.pi * CARRIER * t
    return LEVEL * torch.sin(turns + index * torch.sin(ratio * turns))


def _fm_jet(ratio: float, index: float, t: Samples) -> Jet:
    turns = 2 * np.pi * CARRIER * t
    swing = _phasor(ratio * CARRIER, t)
    phase = turns + index * swing.imag
    bend = LEVEL * np.cos(phase)
    return np.array([LEVEL * np.sin(phase), bend * index * turns * swing.real, bend * swing.imag])


def _echo(delay: Setting, feedback: Setting, t: Time) -> Wave:
    since, turn = t - FIRST, 2 * torch.pi * PING
    cos, sin = torch.cos(turn * since), torch.sin(turn * since)
    wave = torch.zeros_like(delay * t)
    for k in range(PINGS):
        late, gain = k * delay, LEVEL * feedback**k
        tone = gain * torch.cos(turn * late) * cos + gain * torch.sin(turn * late) * sin  # gain · cos(turn · (since − late))
        wave = wave + tone * torch.exp(((since - late) / LENGTH) ** 2 / -2)
    return wave


def _echo_jet(delay: float, feedback: float, t: Samples) -> Jet:
    k = np.arange(PINGS)[:, None]
    since, late = t - FIRST, k * delay
    envelope = LEVEL * np.exp(-(((since - late) / LENGTH) ** 2) / 2)
    turns = _phasor(PING, t) * np.exp(-2j * np.pi * PING * (FIRST + late))  # the phase of each ping
    ping, swing = envelope * turns.real, envelope * turns.imag
    fall = (since - late) / LENGTH**2 * ping + 2 * np.pi * PING * swing  # −dping / dt
    gain, slope = feedback**k, k * feedback ** np.maximum(k - 1, 0)
    return np.array([(gain * ping).sum(0), (k * gain * fall).sum(0), (slope * ping).sum(0)])


SYNTHS = {
    made.name: made
    for made in (
        Synth(
            "sine", (Knob("frequency", "Hz", 500, 1000), Knob("amplitude", "", 0, 0.5)), _sine, _sine_jet, (0.5, 0.6), (0.9, 0.6)
        ),
        Synth("FM", (Knob("ratio", "", 0.5, 2), Knob("index", "", 0, 3)), _fm, _fm_jet, (2 / 3, 0.6), (0.9, 0.2)),
        Synth("echo", (Knob("delay", "s", 0.01, 0.06), Knob("feedback", "", 0, 0.9)), _echo, _echo_jet, (0.4, 0.6), (0.5, 0.3)),
    )
}
