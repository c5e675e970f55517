"""Tune a synthesiser until it sounds like a target: one task, and a landscape for each way to compare two sounds.

Compared sample by sample (waveform), two tones that differ by a few hertz fall out of step, and that is as bad as any other
wrong tone: the landscape is flat, with ripples that trap whoever walks downhill. A spectrogram forgets the phase; with
long windows it still tells a few hertz apart (spectral), with short ones it is blurred, and its landscape is smoother
(smoothed). Notebook: 03_gradient_descent. Spectral losses for synthesisers: Engel et al., DDSP, 2020; why they are
no cure-all: Turian and Henry, I'm sorry for your loss: spectrally-based audio distances are bad at pitch, 2020.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from jaxtyping import Float
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
    """The gradient of a loss by both knobs, from the sound and its two derivatives: the chain rule by hand.

    Reverse mode would pass through the whole spectrogram twice; with two knobs, three spectrograms are quicker, and a path
    can follow the hand that drags its start. The spectrogram is linear: that of a derivative is the derivative of that.
    """

    def __init__(self, y: Float[np.ndarray, "time"], sizes: tuple[int, ...]) -> None:
        self.y = y
        self.windows = {size: torch.hann_window(size, dtype=torch.float64).numpy() for size in sizes}
        self.S = {size: self._magnitude(self._stft(y[None], size)[0])[1] for size in sizes}

    def _stft(self, x: Float[np.ndarray, "sound time"], size: int) -> np.ndarray:
        padded = np.zeros((len(x), x.shape[1] + size))
        padded[:, size // 2 : -(size // 2)] = x
        frames = np.lib.stride_tricks.sliding_window_view(padded, size, axis=1)[:, :: size // 4]
        return np.fft.rfft(frames * self.windows[size])

    @staticmethod
    def _magnitude(Z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        power = Z.real**2 + Z.imag**2 + FLOOR**2
        return power, np.sqrt(power)

    def __call__(self, sounds: Float[np.ndarray, "3 time"]) -> Float[np.ndarray, "2"]:
        if not self.windows:  # d mean (ŷ − y)² = 2 mean (ŷ − y) dŷ
            return 2 * sounds[1:] @ (sounds[0] - self.y) / len(self.y)
        total = np.zeros(2)
        for size, S in self.S.items():
            Z, *dZ = self._stft(sounds, size)
            power, M = self._magnitude(Z)  # dM = Re(Z* dZ) / M and d ln M = Re(Z* dZ) / M²; both losses have one sign
            weight = np.sign(M - S) * (1 / M + 1 / power) * Z
            total += [np.vdot(weight, d).real / M.size for d in dZ]
        return total


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
        lambda x, y: tuple(slope(made.sensitivity(x, y)).tolist()),
        (0.0, 1.0),
        (0.0, 1.0),
        made.start,
        np.array([made.target]),
    )


def tune(
    surface: Surface, optimiser: str, start: tuple[float, float], steps: int, lr: float, noise: float = 0.0, seed: int = 0
) -> Float[np.ndarray, "place 2"]:
    """Where the knobs stand before the first of so many steps and after each; a knob that reaches its end stays there.

    noise: each knob is also pushed at random, at first by so much (standard deviation), linearly less with every step and
    not at all by the last: a walk that is shaken first and cools down. Raises ValueError for an optimiser there is none of.
    """
    if optimiser not in OPTIMISERS:
        raise ValueError(f"No optimiser is called {optimiser!r}; there are {', '.join(OPTIMISERS)}.")
    along = [OPTIMISERS[optimiser](lr) for _ in range(2)]
    for axis in along:
        next(axis)
    cooling = np.linspace(noise, 0, steps)[:, None] if steps > 1 else 0.0
    pushes = cooling * np.random.default_rng(seed).standard_normal((steps, 2))
    path = [np.array(start, float)]
    for push in pushes:
        step = [axis.send(g)[0] for axis, g in zip(along, surface.gradient(*path[-1].tolist()), strict=True)]
        path.append(np.clip(path[-1] + step + push, 0, 1))
    return np.array(path)
