"""Tune a synthesiser until it sounds like a target: one task, and a landscape for each way to compare two sounds.

Compared sample by sample (waveform), two tones that differ by a few hertz fall out of step, and that is as bad as any other
wrong tone: the landscape is flat, with ripples that trap whoever walks downhill. A spectrogram forgets the phase; with
long windows it still tells a few hertz apart (spectral), with short ones it is blurred, and its landscape is smoother
(smoothed). Notebook: 03_gradient_descent. Spectral losses for synthesisers: Engel et al., DDSP, 2020; why they are
no cure-all: Turian and Henry, I'm sorry for your loss: spectrally-based audio distances are bad at pitch, 2020.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import torch
from jaxtyping import Complex, Float
from numpy.lib.stride_tricks import sliding_window_view
from torch import Tensor

from helpers.concepts.descent import OPTIMISERS
from helpers.concepts.spectral import FLOOR, stft_loss, waveform_l2
from helpers.concepts.surfaces import Surface
from helpers.concepts.synth import SYNTHS

WINDOWS = {"waveform": (), "spectral": (1024,), "smoothed": (64,)}  # samples of the STFT windows: 128 ms, and 8 ms


def compare(y_hat: Float[Tensor, "*batch time"], y: Float[Tensor, "*#batch time"], loss: str) -> Float[Tensor, "*batch"]:
    """How far apart two sounds are: mean squared samples (waveform), or the STFT loss with the windows of `loss`."""
    return stft_loss(y_hat, y, WINDOWS[loss]) if WINDOWS[loss] else waveform_l2(y_hat, y)


class _Slope:
    """A loss and its gradient by both knobs, from the sound and its two derivatives: the chain rule by hand.

    Reverse mode would pass through the whole spectrogram twice; with two knobs, three spectrograms are quicker, and a path
    can follow the hand that drags its start. The spectrogram is linear: that of a derivative is the derivative of that.
    """

    def __init__(self, y: Float[np.ndarray, "time"], sizes: tuple[int, ...]) -> None:
        self.y = y
        self.windows = {size: torch.hann_window(size, dtype=torch.float64).numpy() for size in sizes}
        self.padded = {size: np.zeros((3, len(y) + size)) for size in sizes}  # silence before and after the sound
        self.frames = {size: sliding_window_view(x, size, axis=1)[:, :: size // 4] for size, x in self.padded.items()}
        self.S = {size: self._magnitude(self._stft(np.tile(y, (3, 1)), size)[0])[1] for size in sizes}

    def _stft(self, sounds: Float[np.ndarray, "3 time"], size: int) -> Complex[np.ndarray, "3 frame bin"]:
        self.padded[size][:, size // 2 : -(size // 2)] = sounds  # which the frames look at
        return np.fft.rfft(self.frames[size] * self.windows[size])

    @staticmethod
    def _magnitude(Z: Complex[np.ndarray, "frame bin"]) -> tuple[np.ndarray, np.ndarray]:
        power = Z.real**2 + Z.imag**2 + FLOOR**2
        return power, np.sqrt(power)

    def __call__(self, sounds: Float[np.ndarray, "3 time"]) -> tuple[float, float, float]:
        if not self.windows:  # d mean (ŷ − y)² = 2 mean (ŷ − y) dŷ
            off = sounds[0] - self.y
            return float(off @ off) / len(off), *(2 / len(off) * (sounds[1:] @ off)).tolist()
        total = np.zeros(3)
        for size, S in self.S.items():
            Z, *dZ = self._stft(sounds, size)
            power, M = self._magnitude(Z)  # dM = Re(Z* dZ) / M and d ln M = Re(Z* dZ) / M²; both losses have one sign
            loss = (np.abs(M - S) + np.abs(np.log(M / S))).sum() / M.size
            weight = np.sign(M - S) * (M + 1) / (M.size * power) * Z
            total += [loss, *(np.vdot(weight, d).real for d in dZ)]
        return tuple(total.tolist())


@cache
def landscape(synth: str, loss: str) -> Surface:
    """The loss over the two knobs, both 0 to 1, against the synthesiser's target sound.

    Raises ValueError for a synthesiser or a loss there is none of.
    """
    if synth not in SYNTHS or loss not in WINDOWS:
        raise ValueError(f"{synth!r}, {loss!r}: the synthesisers are {', '.join(SYNTHS)}, the losses {', '.join(WINDOWS)}.")
    made = SYNTHS[synth]
    target = made.sound(torch.tensor(made.target, dtype=torch.float64))
    slope = _Slope(target.numpy(), WINDOWS[loss])

    def value(x: float | np.ndarray, y: float | np.ndarray) -> np.ndarray:
        places = np.stack(np.broadcast_arrays(x, y), -1)
        some = torch.from_numpy(places.reshape(-1, 2).astype(np.float32)).split(64)  # as many as fit into a fast cache
        losses = [compare(made.sound(knobs), target.float(), loss) for knobs in some]
        return torch.cat(losses).numpy().astype(float).reshape(places.shape[:-1])

    return Surface(
        f"{synth}, {loss}",
        value,
        lambda x, y: slope(made.sensitivity(x, y))[1:],
        (0.0, 1.0),
        (0.0, 1.0),
        made.start,
        np.array([made.target]),
        together=lambda x, y: slope(made.sensitivity(x, y)),
    )


def tune(
    surface: Surface, optimiser: str, start: tuple[float, float], steps: int, lr: float, noise: float = 0.0, seed: int = 0
) -> tuple[Float[np.ndarray, "place 2"], Float[np.ndarray, "place"]]:
    """Where the knobs stand before the first of so many steps and after each, and the loss there; no knob leaves its range.

    noise: each knob is also pushed at random, at first by so much (standard deviation), linearly less with every step and
    not at all by the last: a walk that is shaken first and cools down. Raises ValueError for an optimiser there is none of.
    """
    if optimiser not in OPTIMISERS:
        raise ValueError(f"No optimiser is called {optimiser!r}; there are {', '.join(OPTIMISERS)}.")
    along = [OPTIMISERS[optimiser](lr) for _ in range(2)]
    for axis in along:
        next(axis)
    cooling = np.linspace(noise, 0, steps)[:, None] if steps > 1 else 0.0
    pushes = (cooling * np.random.default_rng(seed).standard_normal((steps, 2))).tolist()
    path, losses = [tuple(map(float, start))], []
    for push in pushes:
        loss, *gradient = surface.jet(*path[-1])
        losses.append(loss)
        both = zip(path[-1], along, gradient, push, strict=True)
        path.append(tuple(min(max(knob + axis.send(g)[0] + by, 0.0), 1.0) for knob, axis, g, by in both))
    return np.array(path), np.array([*losses, surface.jet(*path[-1])[0]])


def arrival(
    path: Float[np.ndarray, "place 2"], target: Sequence[float] | Float[np.ndarray, "2"], within: float = 0.05
) -> int | None:
    """After how many steps both knobs are near the target for good, each within a share of its range; None if never."""
    away = np.abs(path - np.asarray(target)).max(1) > within
    last = np.flatnonzero(away)
    return 0 if not len(last) else int(last[-1]) + 1 if last[-1] + 1 < len(path) else None


def arrivals(
    surface: Surface, starts: list[tuple[float, float]], optimiser: str, lr: float, steps: int = 40, noise: float = 0.0
) -> int:
    """From how many of these starts the knobs arrive at the target within so many steps (see `arrival`, `tune`)."""
    paths = (tune(surface, optimiser, start, steps, lr, noise)[0] for start in starts)
    return sum(arrival(path, surface.minima[0]) is not None for path in paths)
