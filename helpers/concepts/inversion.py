"""How a spectrogram becomes sound again: Griffin-Lim, which guesses the phases that a magnitude has lost.

Not every array of complex numbers is the spectrogram of a sound: neighbouring windows overlap and have to agree. So go to and
fro: the sound nearest to the present guess (`to_sound`), its spectrogram (`to_spectrogram`), which agrees with itself; keep its
phases, and put the wanted magnitudes back. How far the two are apart never grows (Griffin and Lim, 1984); going on a little
beyond each step is faster (Perraudin, Balazs and Søndergaard, 2013). Before and after the sound there is silence. Notebook:
07a_autoencoders.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from jaxtyping import Complex, Float
from torch import Tensor

SIZE, HOP = 1024, 256  # samples: windows of 64 ms at 16 kHz, one every 16 ms, four over each sample
STARTS = ("random", "zero", "true")


def to_spectrogram(x: Float[Tensor, "time"], size: int = SIZE, hop: int = HOP) -> Complex[Tensor, "bin frame"]:
    """Short-time Fourier transform in Hann windows: size // 2 + 1 bins; frame t is centred on sample t * hop."""
    window = torch.hann_window(size, dtype=x.dtype)
    return torch.stft(x, size, hop, window=window, pad_mode="constant", return_complex=True)


def to_sound(Z: Complex[Tensor, "bin frame"], length: int, hop: int = HOP) -> Float[Tensor, "time"]:
    """The sound whose spectrogram is nearest to Z, by least squares: windows are laid over each other and divided by their sum."""
    size = 2 * (Z.shape[0] - 1)
    return torch.istft(Z, size, hop, window=torch.hann_window(size, dtype=Z.real.dtype), length=length)


def first_phase(
    x: Float[Tensor, "time"], start: str, seed: int = 0, size: int = SIZE, hop: int = HOP
) -> Complex[Tensor, "bin frame"]:
    """Numbers of length 1 to begin with: "random", "zero" (all 1), or "true", which are x's own."""
    Z = to_spectrogram(x, size, hop)
    if start == "true":
        return torch.polar(torch.ones_like(Z.real), Z.angle())
    if start not in STARTS:
        raise ValueError(f"start is {start!r}; it is one of {', '.join(STARTS)}.")
    turns = torch.rand(Z.shape, generator=torch.Generator().manual_seed(seed), dtype=Z.real.dtype) * (start == "random")
    return torch.polar(torch.ones_like(turns), 2 * torch.pi * turns)


def griffin_lim(
    magnitude: Float[Tensor, "bin frame"], phase: Complex[Tensor, "bin frame"], length: int, momentum: float = 0.0, hop: int = HOP
) -> Iterator[Float[Tensor, "time"]]:
    """The sounds of one guess after the other, without end: the first is the start's own.

    phase: complex numbers of length 1; momentum: how far to go beyond each step, 0 for the method of 1984; length: samples.
    Raises ValueError for a momentum that is not in [0, 1).
    """
    if not 0 <= momentum < 1:
        raise ValueError(f"momentum is {momentum}; it is from 0 to below 1.")
    before = torch.zeros_like(phase)
    while True:
        x = to_sound(magnitude * phase, length, hop)
        yield x
        here = to_spectrogram(x, 2 * (len(magnitude) - 1), hop)
        beyond = here + momentum * (here - before)
        phase, before = beyond / beyond.abs().clamp(min=1e-16), here


def misfit(x: Float[Tensor, "time"], magnitude: Float[Tensor, "bin frame"], hop: int = HOP) -> float:
    """Spectral convergence: how far |STFT(x)| is from the magnitude, as a share of the latter (Sturmel and Daudet, 2011).

    Root of the sum of squares over all bins of the whole transform: those between 0 and half the rate stand for two.
    """
    here = to_spectrogram(x, 2 * (len(magnitude) - 1), hop).abs()
    return float((_energy(here - magnitude) / _energy(magnitude)).sqrt())


def _energy(magnitude: Float[Tensor, "bin frame"]) -> Float[Tensor, ""]:
    squares = magnitude.square().sum(1)
    return 2 * squares.sum() - squares[0] - squares[-1]
