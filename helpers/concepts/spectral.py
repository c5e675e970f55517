"""How far apart are two sounds: sample by sample, or spectrum by spectrum.

A loss on the waveform compares samples, so it hears phase, which the ear hardly does. A loss on spectrograms compares how
much there is of each frequency at each moment. One window length cannot be sharp in time and in frequency at once, so the
multi-resolution loss adds up several. All losses take (..., time) and give one number for each sound; they can be
differentiated everywhere, silence included. Notebooks: 02_loss_functions, 03_gradient_descent.

Multi-resolution STFT loss after Engel et al., DDSP, 2020 (linear and log magnitudes, after Yamamoto et al., Parallel
WaveGAN, 2020); mel loss after Kong et al., HiFi-GAN, 2020.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

RATE = 16_000  # Hz
SIZES = (256, 512, 1024, 2048)  # samples: 16 to 128 ms
# A magnitude that counts as silence: 56 dB (size 256) to 74 dB (2,048) below a sine at full scale, whose magnitude is
# size / 4. With a floor of 0.001 the logarithm makes a hiss that is hardly heard cost more than leaving the note out.
FLOOR = 0.1


def waveform_l1(y_hat: Float[Tensor, "*batch time"], y: Float[Tensor, "*#batch _"]) -> Float[Tensor, "*batch"]:
    """Mean absolute difference of the samples."""
    _check(y_hat, y)
    return (y_hat - y).abs().mean(-1)


def waveform_l2(y_hat: Float[Tensor, "*batch time"], y: Float[Tensor, "*#batch _"]) -> Float[Tensor, "*batch"]:
    """Mean squared difference of the samples.

    >>> x = torch.tensor([0.5, -0.5])
    >>> waveform_l2(-x, x), waveform_l2(x, x)
    (tensor(1.), tensor(0.))
    """
    _check(y_hat, y)
    return ((y_hat - y) ** 2).mean(-1)


def magnitudes(x: Float[Tensor, "*batch time"], size: int) -> Float[Tensor, "*batch bin frame"]:
    """Magnitude spectrogram sqrt(|Z|^2 + FLOOR^2) in Hann windows of `size` samples, four of them over each sample.

    Bin k is at k * rate / size Hz, size // 2 + 1 bins; frame t is centred on sample t * size // 4, with silence before
    and after the sound. FLOOR keeps the logarithm, and the gradient of the root, finite where there is silence.
    """
    window = torch.hann_window(size, dtype=x.dtype, device=x.device)
    flat = x.reshape(-1, x.shape[-1])  # torch.stft takes one batch axis at most
    Z = torch.stft(flat, size, size // 4, window=window, pad_mode="constant", return_complex=True)
    return torch.sqrt(Z.real**2 + Z.imag**2 + FLOOR**2).reshape(*x.shape[:-1], *Z.shape[1:])


def stft_loss(
    y_hat: Float[Tensor, "*batch time"], y: Float[Tensor, "*#batch _"], sizes: tuple[int, ...] = SIZES
) -> Float[Tensor, "*batch"]:
    """Multi-resolution STFT loss: sum over window sizes of mean |S_hat - S| + mean |ln S_hat - ln S|.

    sizes: window lengths in samples. The linear term hears the loud partials, the logarithmic one the quiet; neither
    hears the sign of a wave.

    >>> x = torch.sin(0.1 * torch.arange(4000.0))
    >>> stft_loss(-x, x), waveform_l2(-x, x) > 1
    (tensor(0.), tensor(True))
    """
    _check(y_hat, y)
    total = y_hat.new_zeros(y_hat.shape[:-1])
    for size in sizes:
        S_hat, S = magnitudes(y_hat, size), magnitudes(y, size)
        total = total + (S_hat - S).abs().mean((-2, -1)) + (S_hat.log() - S.log()).abs().mean((-2, -1))
    return total


def mel_filters(
    bins: int, bands: int = 64, low: float = 30.0, high: float = RATE / 2, rate: int = RATE, dtype: torch.dtype = torch.float32
) -> Float[Tensor, "bins bands"]:
    """Triangles over the bins from 0 to rate / 2 Hz, at equal steps of m = 2595 log10(1 + f / 700) from low to high Hz.

    Each rises from 0 at the centre of the band below to 1 at its own and falls to 0 at that of the band above.
    """
    first, last = (2595 * math.log10(1 + f / 700) for f in (low, high))
    corner = 700 * (10 ** (torch.linspace(first, last, bands + 2, dtype=torch.float64) / 2595) - 1)
    f = torch.linspace(0, rate / 2, bins, dtype=torch.float64)[:, None]
    rise = (f - corner[:-2]) / (corner[1:-1] - corner[:-2])
    fall = (corner[2:] - f) / (corner[2:] - corner[1:-1])
    return torch.minimum(rise, fall).clamp(min=0).to(dtype)


def mel_loss(
    y_hat: Float[Tensor, "*batch time"], y: Float[Tensor, "*#batch _"], rate: int = RATE, size: int = 1024, bands: int = 64
) -> Float[Tensor, "*batch"]:
    """Mean |ln M_hat - ln M| of two mel spectrograms: magnitudes gathered in `bands` bands as wide as the ear's.

    rate: Hz; size: window in samples. Bands run from 30 Hz to rate / 2.
    """
    _check(y_hat, y)
    filters = mel_filters(size // 2 + 1, bands, high=rate / 2, rate=rate, dtype=y_hat.dtype).to(y_hat.device)
    M_hat, M = (filters.T @ magnitudes(x, size) + FLOOR for x in (y_hat, y))  # (..., bands, frame)
    return (M_hat.log() - M.log()).abs().mean((-2, -1))


def _check(y_hat: Tensor, y: Tensor) -> None:
    if y_hat.shape[-1] != y.shape[-1]:
        raise ValueError(
            f"y_hat has {y_hat.shape[-1]} samples, y has {y.shape[-1]}; a loss compares sounds of one length. Cut the longer."
        )
