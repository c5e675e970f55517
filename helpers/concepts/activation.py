"""Activation functions: their values and slopes, what they do to a sine (harmonics), where they stop learning.

Notebook: 01_neurons. ELU after Clevert et al., 2016; GELU after Hendrycks and Gimpel, 2016; SiLU after Elfwing et al.,
2018. Values and slopes are those of torch.nn.functional with its default settings.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float

Values = Float[np.ndarray, "*any"]
LEAK = 0.01  # slope of the leaky ReLU below 0
CYCLE = 4096  # samples of one period, so that folding back from beyond it is far below what is shown


@dataclass(frozen=True)
class Activation:
    """A function of one number and its derivative; at a corner or a jump the derivative is that of the left side."""

    value: Callable[[Values], Values]
    slope: Callable[[Values], Values]


def sigmoid(z: Values) -> Values:
    """1 / (1 + exp(-z)), without overflow: e^-|z| is at most 1."""
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, small) / (1 + small)


def _sigmoid_slope(z: Values) -> Values:
    y = sigmoid(z)
    return y * (1 - y)


def _normal(z: Values) -> Values:
    """Probability that a standard normal number is below z."""
    return 0.5 * (1 + torch.special.erf(torch.from_numpy(np.asarray(z / math.sqrt(2)))).numpy())


def _gelu_slope(z: Values) -> Values:
    return _normal(z) + z * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


def _silu_slope(z: Values) -> Values:
    y = sigmoid(z)
    return y * (1 + z * (1 - y))


ACTIVATIONS: dict[str, Activation] = {
    "identity": Activation(lambda z: 1.0 * z, np.ones_like),
    "step": Activation(lambda z: 1.0 * (z > 0), np.zeros_like),
    "sigmoid": Activation(sigmoid, _sigmoid_slope),
    "tanh": Activation(np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "ReLU": Activation(lambda z: np.maximum(z, 0.0), lambda z: 1.0 * (z > 0)),
    "leaky ReLU": Activation(lambda z: np.where(z > 0, z, LEAK * z), lambda z: np.where(z > 0, 1.0, LEAK)),
    "ELU": Activation(
        lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))), lambda z: np.where(z > 0, 1.0, np.exp(np.minimum(z, 0)))
    ),
    "GELU": Activation(lambda z: z * _normal(z), _gelu_slope),
    "SiLU": Activation(lambda z: z * sigmoid(z), _silu_slope),
}


def harmonics(
    shape: Callable[[Values], Values], count: int = 36, drive: float = 1.0, bias: float = 0.0
) -> Float[np.ndarray, "harmonic 2"]:
    """What becomes of a sine: shape(drive sin(t) + bias) = Σ c[h] cos(h t) + s[h] sin(h t), row h = (c[h], s[h]).

    Row 0 holds the constant, row 1 the fundamental; `count` harmonics follow the constant. By the FFT of one period.
    """
    t = 2 * np.pi * np.arange(CYCLE) / CYCLE
    return cycle_harmonics(shape(drive * np.sin(t) + bias), count)


def cycle_harmonics(cycle: Float[np.ndarray, "sample"], count: int = 36) -> Float[np.ndarray, "harmonic 2"]:
    """The same for one period of any sound, given as evenly spaced samples. Raises ValueError if they are too few."""
    if len(cycle) <= 2 * count:
        raise ValueError(f"{len(cycle)} samples hold fewer than {count} harmonics; give more than {2 * count}.")
    Z = np.fft.rfft(cycle)[: count + 1] * 2 / len(cycle)
    Z[0] /= 2
    return np.stack([Z.real, -Z.imag], 1)


def amplitudes(parts: Float[np.ndarray, "harmonic 2"]) -> Float[np.ndarray, "harmonic"]:
    """How strong each harmonic is; the first is the constant's size."""
    return np.hypot(parts[:, 0], parts[:, 1])


def decibels(amplitude: Values, floor: float = -80.0) -> Values:
    """20 log10 of an amplitude, no lower than `floor` dB."""
    return 20 * np.log10(np.maximum(amplitude, 10 ** (floor / 20)))


def play(
    parts: Float[np.ndarray, "harmonic 2"], frequency: float, seconds: float = 1.0, rate: int = 16_000
) -> Float[np.ndarray, "time"]:
    """The sound of these harmonics on a fundamental in Hz, without the constant, which cannot be heard.

    Harmonics at or above rate / 2 are left out: shaping the samples themselves would fold them back (aliasing).
    """
    t = 2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate
    y = np.zeros_like(t)
    for h in range(1, min(len(parts), math.ceil(rate / 2 / frequency))):
        y += parts[h, 0] * np.cos(h * t) + parts[h, 1] * np.sin(h * t)
    return y


def as_loud_as(x: Float[np.ndarray, "time"], wanted: float) -> Float[np.ndarray, "time"]:
    """A sound at an RMS of `wanted`; silence (below -80 dB) stays silence."""
    rms = math.sqrt(float(np.mean(x**2)))
    return x * (wanted / rms) if rms > 1e-4 else np.zeros_like(x)


def saturated(z: Float[np.ndarray, "sample *unit"], name: str, share: float = 0.05) -> Float[np.ndarray, "*unit"]:
    """The part of the samples at which the slope is below `share` of its largest: there the unit hardly learns.

    z: pre-activations, one row a sample.
    """
    slope = ACTIVATIONS[name].slope
    steepest = float(slope(np.linspace(-6, 6, 1201)).max())
    return np.asarray(np.mean(np.abs(slope(z)) <= share * steepest, axis=0))


def dead(z: Float[np.ndarray, "sample unit"], name: str) -> int:
    """How many units have slope exactly 0 at every sample: no gradient reaches them, they never change again."""
    return int((ACTIVATIONS[name].slope(z) == 0).all(0).sum())
