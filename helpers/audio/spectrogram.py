"""From a sound to its spectrogram, to the part of it under a mask, and back.

A waveform is a float32 tensor in [-1, 1]. A log-mel picture has 64 rows (mel bands, the lowest first) and one column
for each 62.5 ms: a note of four seconds is a 64 x 64 picture. Column t shows the sound around the middle of its own
tile, t * 62.5 to (t + 1) * 62.5 ms; before and after the sound there is silence.

Spectrograms, resampling and Griffin-Lim are torchaudio's. Notebook: 04_cnns. Spectrogram of notes after Engel et al.,
NSynth, 2017.
"""

import math
from functools import lru_cache

import torch
import torch.nn.functional as F
import torchaudio.functional as AF
import torchaudio.transforms as AT
from jaxtyping import Float
from torch import Tensor

from helpers.audio.tones import RATE

N_FFT, HOP = 2048, 1000  # samples: a window of 128 ms every 62.5 ms
BANDS, LOWEST = 64, 30.0  # mel bands from 30 Hz to RATE / 2
RANGE_DB = 80.0


@lru_cache(maxsize=4)
def _filters(device: torch.device) -> Float[Tensor, "1025 64"]:
    return AF.melscale_fbanks(N_FFT // 2 + 1, LOWEST, RATE / 2, BANDS, RATE).to(device)


def _power(x: Float[Tensor, "batch time"], n_fft: int = N_FFT, hop: int = HOP) -> Float[Tensor, "batch bin frame"]:
    if x.shape[-1] < hop:
        raise ValueError(f"x has {x.shape[-1]} samples; one column of the spectrogram needs {hop}. Pad x with silence.")
    if not torch.isfinite(x).all():
        raise ValueError("x holds NaN or infinity; a waveform is finite, in [-1, 1]. Look at how x was made.")
    margin = (n_fft - hop) // 2
    x = F.pad(x, (margin, margin))  # cuts where it is negative, which Spectrogram(pad=...) does not
    Z = AT.Spectrogram(n_fft, hop_length=hop, center=False, power=None).to(x.device)(x)
    return Z.real**2 + Z.imag**2


def _decibels(power: Float[Tensor, "batch row frame"]) -> Float[Tensor, "batch row frame"]:
    loudest = power.amax((1, 2), keepdim=True)
    if (loudest == 0).any():
        silent = torch.nonzero(loudest.flatten() == 0).flatten().tolist()
        raise ValueError(f"x is silent (rows {silent} of the batch); decibels need some sound. Leave these out.")
    return 10 * torch.log10(power / loudest).clamp(min=-RANGE_DB / 10)


def stft_db(x: Float[Tensor, "batch time"], n_fft: int = N_FFT, hop: int = HOP) -> Float[Tensor, "batch bin frame"]:
    """Spectrogram in dB below each sound's loudest cell, from 0 down to -80.

    n_fft, hop: samples. n_fft // 2 + 1 bins, bin k at k * rate / n_fft Hz; time // hop frames, at the default hop
    those of log_mel. Raises ValueError as log_mel does.
    """
    return _decibels(_power(x, n_fft, hop))


def log_mel(x: Float[Tensor, "batch time"], rate: int = RATE) -> Float[Tensor, "batch 64 frame"]:
    """Log-mel spectrogram of each sound, scaled to [0, 1] over the 80 dB below its own loudest cell.

    x: waveform in [-1, 1]; rate: Hz (any but 16,000 is resampled first). 64 mel bands (HTK scale) from 30 to 8,000 Hz,
    row 0 the lowest; a column every 62.5 ms, so four seconds give 64.
    Raises ValueError if a sound is silent, not finite, or shorter than a column. Notebook: 04_cnns.

    >>> log_mel(torch.sin(torch.arange(64_000) * 0.1)[None]).shape
    torch.Size([1, 64, 64])
    """
    x = x if rate == RATE else AF.resample(x, rate, RATE, lowpass_filter_width=32)
    mel = _filters(x.device).T @ _power(x)  # (64, 1025) @ (batch, 1025, frame)
    return 1 + _decibels(mel) / RANGE_DB


def mel_frequencies() -> Float[Tensor, "64"]:
    """Centre of each mel band in Hz: equal steps on the scale m = 2595 log10(1 + f / 700)."""
    low, high = (2595 * math.log10(1 + f / 700) for f in (LOWEST, RATE / 2))
    return 700 * (10 ** (torch.linspace(low, high, BANDS + 2)[1:-1] / 2595) - 1)


def invert(mel: Float[Tensor, "64 frame"], steps: int = 32) -> Float[Tensor, "time"]:
    """A waveform whose log-mel picture is near `mel`, by Griffin-Lim; 1,000 samples a column, its peak at 0.9.

    What is lost is heard: phase is guessed, so attacks smear and held notes sound hollow and watery; 64 bands cannot
    say where in a band a harmonic is, so high pitches blur into noise; the level is gone, and so is what was 80 dB
    down. The guess is seeded: the same picture gives the same sound. After Griffin and Lim, 1984.
    """
    # A column every 62.5 ms overlaps too little for Griffin-Lim to agree with itself on phase; four times as many do.
    finer = F.interpolate(mel[None].float(), scale_factor=4, mode="linear")[0]
    power = 10 ** (RANGE_DB / 10 * (finer.clamp(0, 1) - 1)) * (finer > 0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        x = AT.GriffinLim(N_FFT, steps, hop_length=HOP // 4, power=2.0).to(mel.device)(_bins_of(power))
    x = F.pad(x, (HOP // 8, HOP // 8))  # its first frame is centred on sample HOP / 8
    return 0.9 * x / x.abs().max().clamp(min=1e-9)


def _bins_of(power: Float[Tensor, "64 frame"], steps: int = 50) -> Float[Tensor, "1025 frame"]:
    """Bins p >= 0 with M p = power, by Lee and Seung's multiplicative rule p <- p (M' power) / (M' M p).

    The usual least squares with its negative bins cut off leaves sound in empty bands: 3 to 5 times the error in dB.
    """
    M = _filters(power.device).T  # (64, 1025)
    p = M.T @ (power / M.sum(1, keepdim=True))
    for _ in range(steps):
        p = p * (M.T @ power) / (M.T @ (M @ p)).clamp(min=1e-12)
    return p


def keep(x: Float[Tensor, "time"], mask: Float[Tensor, "64 frame"]) -> Float[Tensor, "time"]:
    """The part of a sound under `mask`, a picture of weights in [0, 1] on its log-mel; phase stays as it was.

    Each frequency bin gets the weighted mean of the mel bands that cover it, each moment that of the two columns
    beside it. A mask of ones gives x back; no mask adds energy. Raises ValueError if a weight is outside [0, 1].
    """
    low, high = mask.min().item(), mask.max().item()
    if low < 0 or high > 1:
        raise ValueError(f"mask goes from {low:.2f} to {high:.2f}; its weights are in [0, 1]. Clamp it.")
    # Hann windows squared add up to a constant at this hop (the frames are tight), so that no mask can add energy
    hop, window = N_FFT // 4, torch.hann_window(N_FFT, device=x.device)
    Z = torch.stft(F.pad(x, (N_FFT, N_FFT)), N_FFT, hop, window=window, return_complex=True)
    moment = torch.arange(Z.shape[-1], device=x.device) * hop - N_FFT  # sample of x at the middle of each frame
    column = (moment / HOP - 0.5).clamp(0, mask.shape[1] - 1)
    left, right = column.floor().long(), column.ceil().long()
    weights = torch.lerp(mask[:, left], mask[:, right], column.frac())  # (64, frame of Z)
    y = torch.istft(Z * (_shares(x.device) @ weights), N_FFT, hop, window=window, length=len(x) + 2 * N_FFT)
    return y[N_FFT:-N_FFT]


@lru_cache(maxsize=4)
def _shares(device: torch.device) -> Float[Tensor, "1025 64"]:
    filters = _filters(device).clone()
    covered = torch.nonzero(filters.sum(1)).flatten()
    filters[: covered[0], 0] = 1  # bins below the first band go with it, bins above the last with that
    filters[covered[-1] + 1 :, -1] = 1
    return filters / filters.sum(1, keepdim=True)
