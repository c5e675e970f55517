"""A leaky integrate-and-fire neuron: what comes in charges a membrane that leaks; at a threshold it fires and empties.

τ dv/dt = −v + I, a spike where v reaches 1; then v = 0 for a refractory time. v and the input current I are in units of
the threshold, times in seconds. Notebook: 01_neurons. After Lapicque, 1907; Gerstner and Kistler, 2002, chapter 4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True)
class Cell:
    """tau: the membrane's time constant in s; refractory: how long it rests after a spike, in s.

    Raises ValueError where tau is not above 0 or the rest is negative.
    """

    tau: float = 0.02
    refractory: float = 0.002

    def __post_init__(self) -> None:
        if self.tau <= 0 or self.refractory < 0:
            raise ValueError(f"tau={self.tau}, refractory={self.refractory}: tau is above 0 and the rest at least 0 seconds.")

    def rate(self, current: float) -> float:
        """Spikes a second under a steady current, in closed form: 1 / (refractory + τ ln(I / (I − 1))), 0 up to I = 1."""
        if current <= 1:
            return 0.0
        return 1 / (self.refractory + self.tau * math.log(current / (current - 1)))

    def step(self, v: float, current: float, dt: float) -> float:
        """The membrane dt seconds later, exactly, if it does not fire: v + (I − v)(1 − e^(−dt/τ))."""
        return v - (current - v) * math.expm1(-dt / self.tau)

    def spikes(self, current: float, seconds: float) -> Float[np.ndarray, "spike"]:
        """When it fires, beginning empty, under a steady current."""
        rate = self.rate(current)
        if not rate:
            return np.zeros(0)
        first = 1 / rate - self.refractory  # there is nothing to recover from yet
        return np.arange(first, seconds, 1 / rate)

    def membrane(self, current: float, seconds: float, dt: float = 5e-4) -> Float[np.ndarray, "time 2"]:
        """(time, v), a row every dt seconds; around each spike a row at the threshold and one at 0, so that it is upright."""
        times = np.arange(0, seconds + dt / 2, dt)
        fired = self.spikes(current, seconds)
        last = np.searchsorted(fired, times, side="right") - 1
        began = np.where(last >= 0, fired[last] + self.refractory if len(fired) else 0.0, 0.0)
        v = -current * np.expm1(-np.maximum(times - began, 0) / self.tau)
        rows = [np.stack([times, v], 1), np.stack([fired, np.ones_like(fired)], 1), np.stack([fired, np.zeros_like(fired)], 1)]
        rows = np.concatenate(rows)
        order = np.lexsort((-rows[:, 1], rows[:, 0]))  # at a spike the threshold comes before 0
        return rows[order]


def clicks(times: Float[np.ndarray, "spike"], seconds: float, rate: int = 16_000, peak: float = 0.4) -> Float[np.ndarray, "time"]:
    """A click of 2 ms for each spike: a damped 2 kHz wave, so that it can be heard on small loudspeakers."""
    t = np.arange(round(0.002 * rate)) / rate
    click = peak * np.sin(2 * np.pi * 2000 * t) * np.exp(-t / 0.0006)
    x = np.zeros(round(seconds * rate))
    for at in (times * rate).astype(int):
        x[at : at + len(click)] += click[: len(x) - at]
    return np.clip(x, -1, 1)
