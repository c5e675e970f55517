"""From magnitudes to sound: against torchaudio, the theorem of 1984, and what is exact."""

from itertools import islice, pairwise

import pytest
import torch
import torchaudio

from helpers.audio import glissando
from helpers.concepts.inversion import HOP, SIZE, first_phase, griffin_lim, misfit, to_sound, to_spectrogram

LENGTH = 8000


@pytest.fixture(scope="module")
def x():
    """Half a second: a chirp with harmonics over a little noise."""
    noise = torch.randn(LENGTH, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return glissando(150, 300, LENGTH / 16_000, harmonics=8).double() + 0.01 * noise


def steps(x, start, count, momentum=0.0, hop=HOP):
    magnitude = to_spectrogram(x, SIZE, hop).abs()
    sounds = list(islice(griffin_lim(magnitude, first_phase(x, start, 0, SIZE, hop), LENGTH, momentum, hop), count))
    return magnitude, sounds


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.99])
def test_against_torchaudio_from_the_same_start(x, momentum, monkeypatch):
    """Which mirrors a sound at its ends; ours has silence there, so its transform is told so."""
    magnitude, sounds = steps(x, "zero", 13, momentum)
    monkeypatch.setattr(torch, "stft", _with_silence(torch.stft))
    window = torch.hann_window(SIZE, dtype=torch.float64)
    theirs = torchaudio.functional.griffinlim(magnitude, window, SIZE, HOP, SIZE, 1.0, 12, momentum, LENGTH, rand_init=False)
    assert torch.allclose(sounds[12], theirs, atol=1e-8)


def _with_silence(stft):
    def padded(**options):
        return stft(**{**options, "pad_mode": "constant"})

    return padded


@pytest.mark.parametrize("start", ["random", "zero"])
@pytest.mark.parametrize("hop", [512, 256, 128])
def test_without_momentum_the_misfit_never_grows(x, start, hop):
    magnitude, sounds = steps(x, start, 25, hop=hop)
    found = [misfit(sound, magnitude, hop) for sound in sounds]
    assert all(b < a for a, b in pairwise(found))
    assert found[-1] < 0.8 * found[0]


def test_momentum_gets_further_in_as_many_steps(x):
    plain, fast = (misfit(steps(x, "random", 40, m)[1][-1], to_spectrogram(x).abs()) for m in (0.0, 0.99))
    assert fast < 0.8 * plain


def test_the_true_phase_gives_the_sound_back_at_once(x):
    magnitude, (first, second) = steps(x, "true", 2)
    assert torch.allclose(first, x, atol=1e-12)
    assert torch.allclose(second, x, atol=1e-12)
    assert misfit(first, magnitude) < 1e-12


def test_the_sound_is_the_nearest_by_least_squares(x):
    """No sound near it has a spectrogram that is nearer to an array that is none of any sound."""
    Z = to_spectrogram(x).abs() * first_phase(x, "random")

    def off(sound):
        difference = (to_spectrogram(sound) - Z).abs().square().sum(1)
        return float(2 * difference.sum() - difference[0] - difference[-1])

    best = to_sound(Z, LENGTH).requires_grad_()
    difference = torch.view_as_real(to_spectrogram(best) - Z).square().sum((1, 2))
    (slope,) = torch.autograd.grad(2 * difference.sum() - difference[0] - difference[-1], best)
    assert slope.abs().max() < 1e-9
    away = torch.randn(LENGTH, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    assert off(best.detach()) < off(best.detach() + 1e-3 * away)


def test_misfit_is_a_share_of_the_energy_of_all_windows(x):
    """By Parseval's theorem: over the samples of every window in place of its bins."""
    frames = torch.nn.functional.pad(x, (SIZE // 2, SIZE // 2)).unfold(0, SIZE, HOP) * torch.hann_window(SIZE, dtype=x.dtype)
    magnitude = torch.fft.fft(frames).abs()
    other = torch.fft.fft(frames.flip(0)).abs()  # any other frames
    expected = ((magnitude - other).square().sum() / other.square().sum()).sqrt()
    assert misfit(x, other.T[: SIZE // 2 + 1].contiguous()) == pytest.approx(float(expected))
    assert misfit(0 * x, to_spectrogram(x).abs()) == pytest.approx(1)


def test_bad_input(x):
    with pytest.raises(ValueError, match="start is 'none'"):
        first_phase(x, "none")
    with pytest.raises(ValueError, match="momentum is 1"):
        next(griffin_lim(to_spectrogram(x).abs(), first_phase(x, "zero"), LENGTH, 1.0))
