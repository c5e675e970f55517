"""Spectral losses against torchaudio, sums written out, finite differences, and what the ear says."""

import math

import pytest
import torch
import torchaudio.functional as AF
import torchaudio.transforms as AT

from helpers.concepts.spectral import FLOOR, SIZES, magnitudes, mel_filters, mel_loss, stft_loss, waveform_l1, waveform_l2

LOSSES = [waveform_l1, waveform_l2, stft_loss, mel_loss]


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return 0.3 * torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def harmonic(hertz: float, seconds: float = 0.25) -> torch.Tensor:
    t = torch.arange(round(16_000 * seconds), dtype=torch.float64) / 16_000
    return sum(0.3 / h * torch.sin(2 * torch.pi * h * hertz * t) for h in range(1, 9))


@pytest.mark.parametrize("size", [64, *SIZES])
def test_magnitudes_are_torchaudios_but_for_the_floor(size):
    x = noise(2, 3, 4000)
    double = {"dtype": torch.float64}
    power = AT.Spectrogram(size, hop_length=size // 4, power=2.0, pad_mode="constant", wkwargs=double)(x)
    assert torch.allclose(magnitudes(x, size), (power + FLOOR**2).sqrt(), rtol=1e-9, atol=0)


def test_magnitudes_are_the_fourier_sum_of_a_windowed_piece():
    x, size = noise(256), 64
    n = torch.arange(size, dtype=torch.float64)
    window = 0.5 - 0.5 * torch.cos(2 * torch.pi * n / size)
    for bin_, frame in [(0, 4), (5, 3), (32, 8)]:
        piece = x[frame * 16 - 32 : frame * 16 + 32] * window
        angle = 2 * torch.pi * bin_ * n / size
        power = (piece * torch.cos(angle)).sum() ** 2 + (piece * torch.sin(angle)).sum() ** 2
        assert float(magnitudes(x, size)[bin_, frame]) == pytest.approx(math.sqrt(float(power) + FLOOR**2), rel=1e-9)


@pytest.mark.parametrize(
    ("bins", "bands", "low", "rate"), [(513, 64, 30.0, 16_000), (1025, 40, 0.0, 22_050), (257, 20, 100.0, 8_000)]
)
def test_mel_filters_are_torchaudios(bins, bands, low, rate):
    theirs = AF.melscale_fbanks(bins, low, rate / 2, bands, rate)  # they are in float32
    assert torch.allclose(mel_filters(bins, bands, low, rate / 2, rate), theirs, atol=2e-5)


def test_stft_loss_is_the_sum_over_sizes_of_both_terms():
    a, b = noise(2000, seed=1), noise(2000, seed=2)
    total = 0.0
    for size in (256, 1024):
        S_hat, S = magnitudes(a, size), magnitudes(b, size)
        total += float((S_hat - S).abs().sum() + (S_hat / S).log().abs().sum()) / S.numel()
    assert float(stft_loss(a, b, (256, 1024))) == pytest.approx(total, rel=1e-9)


def test_mel_loss_is_that_of_torchaudios_filters():
    a, b = noise(3000, seed=1), noise(3000, seed=2)
    filters = AF.melscale_fbanks(513, 30.0, 8000.0, 64, 16_000).double()
    M_hat, M = (filters.T @ magnitudes(x, 1024) + FLOOR for x in (a, b))
    assert float(mel_loss(a, b)) == pytest.approx(float((M_hat / M).log().abs().mean()), rel=1e-5)


def test_waveform_losses_are_torchs():
    a, b = noise(500, seed=1), noise(500, seed=2)
    assert float(waveform_l1(a, b)) == pytest.approx(float(torch.nn.functional.l1_loss(a, b)), rel=1e-12)
    assert float(waveform_l2(a, b)) == pytest.approx(float(torch.nn.functional.mse_loss(a, b)), rel=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
def test_one_number_for_each_sound_as_if_alone(loss):
    a, b = noise(2, 3, 2500, seed=1), noise(2500, seed=2)
    batched = loss(a, b)
    assert batched.shape == (2, 3)
    alone = torch.stack([loss(x, b) for x in a.reshape(6, -1)]).reshape(2, 3)
    assert torch.allclose(batched, alone, rtol=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
def test_gradients_equal_finite_differences(loss):
    y_hat, y = noise(600, seed=1).requires_grad_(), noise(600, seed=2)
    (slope,) = torch.autograd.grad(loss(y_hat, y), y_hat)
    direction = noise(600, seed=3)
    with torch.no_grad():
        ahead, behind = loss(y_hat + 1e-7 * direction, y), loss(y_hat - 1e-7 * direction, y)
    assert float(slope @ direction) == pytest.approx(float(ahead - behind) / 2e-7, rel=1e-5)


@pytest.mark.parametrize("loss", LOSSES)
def test_silence_has_finite_losses_and_gradients(loss):
    silent = torch.zeros(3000, requires_grad=True)  # float32
    for y in (torch.zeros(3000), harmonic(220.0)[:3000].float()):
        value = loss(silent, y)
        (slope,) = torch.autograd.grad(value, silent)
        assert value.isfinite()
        assert slope.isfinite().all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_flipped_wave_is_the_same_to_spectra_and_the_worst_to_samples(dtype):
    x = harmonic(220.0).to(dtype)
    assert stft_loss(-x, x) < 1e-5
    assert mel_loss(-x, x) < 1e-5
    assert float(waveform_l2(-x, x)) == pytest.approx(4 * float((x**2).mean()), rel=1e-5)
    assert waveform_l2(-x, x) > waveform_l2(torch.zeros_like(x), x)  # worse than silence


def test_spectra_hear_twenty_cents_and_an_octave():
    x = harmonic(220.0)
    near, far = harmonic(220.0 * 2 ** (20 / 1200)), harmonic(440.0)
    for loss in (stft_loss, mel_loss):
        assert 0 == loss(x, x) < loss(near, x) < loss(far, x)


@pytest.mark.parametrize("loss", LOSSES)
def test_sounds_of_two_lengths_are_refused(loss):
    with pytest.raises(ValueError, match=r"y_hat has 300 samples, y has 200.*Cut the longer"):
        loss(noise(300), noise(200))


def test_the_floor_is_where_its_comment_says():
    t = torch.arange(16_000, dtype=torch.float64)
    for size, below in [(256, 56), (2048, 74)]:
        full = magnitudes(torch.sin(torch.pi / 4 * t), size).max()  # on a bin of every size
        assert float(full) == pytest.approx(size / 4, rel=1e-3)
        assert round(20 * math.log10(full / FLOOR)) == below
