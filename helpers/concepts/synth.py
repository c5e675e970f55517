"""Synthesisers with two knobs, and how their sound changes when a knob is turned.

Each is written twice: as a wave that torch can differentiate, for whole grids of settings, and as a wave with its two
derivatives written out, for one setting, which is quick enough to follow a hand. Notebook: 03_gradient_descent.
FM after Chowning, The synthesis of complex audio spectra by means of frequency modulation, 1973.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

RATE, SAMPLES = 8_000, 1024  # Hz; samples that the losses compare: 128 ms, in which no sound here has much above 4 kHz
CARRIER, LEVEL, PINGS = 200.0, 0.25, 6  # Hz of the FM carrier; peak of FM and of a ping; how often a ping is heard
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
        return self.wave(*(knob.at(knobs[..., i : i + 1]) for i, knob in enumerate(self.knobs)), t)

    def sensitivity(self, x: float, y: float) -> Jet:
        """The sound that losses compare, and its derivative by each knob, written out: the same as autograd's, sooner."""
        spans = [[1.0], *([knob.high - knob.low] for knob in self.knobs)]
        return np.multiply(self.jet(*self.settings((x, y)), np.arange(SAMPLES) / RATE), spans)


def _sine(f: Setting, a: Setting, t: Time) -> Wave:
    return a * torch.sin(2 * torch.pi * f * t)


def _sine_jet(f: float, a: float, t: Samples) -> Jet:
    turns = 2 * np.pi * t
    return np.stack([a * np.sin(f * turns), a * turns * np.cos(f * turns), np.sin(f * turns)])


def _fm(ratio: Setting, index: Setting, t: Time) -> Wave:
    turns = 2 * torch.pi * CARRIER * t
    return LEVEL * torch.sin(turns + index * torch.sin(ratio * turns))


def _fm_jet(ratio: float, index: float, t: Samples) -> Jet:
    turns = 2 * np.pi * CARRIER * t
    swing = np.sin(ratio * turns)
    bend = LEVEL * np.cos(turns + index * swing)
    return np.stack([LEVEL * np.sin(turns + index * swing), bend * index * turns * np.cos(ratio * turns), bend * swing])


def _echo(delay: Setting, feedback: Setting, t: Time) -> Wave:
    def ping(t: Wave) -> Wave:
        return LEVEL * torch.exp(-((t / LENGTH) ** 2) / 2) * torch.cos(2 * torch.pi * PING * t)

    return sum(feedback**k * ping(t - FIRST - k * delay) for k in range(PINGS))


def _echo_jet(delay: float, feedback: float, t: Samples) -> Jet:
    k = np.arange(PINGS)[:, None]
    t = t - FIRST - k * delay  # since the middle of each ping
    envelope, phase = LEVEL * np.exp(-((t / LENGTH) ** 2) / 2), 2 * np.pi * PING * t
    ping = envelope * np.cos(phase)
    fall = t / LENGTH**2 * ping + 2 * np.pi * PING * envelope * np.sin(phase)  # −dping / dt
    gain = feedback**k
    return np.stack([(gain * ping).sum(0), (k * gain * fall).sum(0), (k * feedback ** np.maximum(k - 1, 0) * ping).sum(0)])


SYNTHS = {
    made.name: made
    for made in (
        Synth("sine", (Knob("frequency", "Hz", 200, 600), Knob("amplitude", "", 0, 0.5)), _sine, _sine_jet, (0.5, 0.6), (0.2, 0.8)),
        Synth("FM", (Knob("ratio", "", 0.5, 3), Knob("index", "", 0, 4)), _fm, _fm_jet, (0.6, 0.6), (0.3, 0.85)),
        Synth("echo", (Knob("delay", "s", 0.01, 0.06), Knob("feedback", "", 0, 0.9)), _echo, _echo_jet, (0.4, 0.6), (0.5, 0.3)),
    )
}  # fmt: skip
