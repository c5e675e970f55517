"""Spectrograms against NumPy and SciPy, masks against energy, Griffin-Lim against its picture."""

import numpy as np
import pytest
import torch
from scipy.signal import stft

from helpers import audio
from helpers.audio import RATE


def noise(seconds: float = 4.0, seed: int = 0) -> torch.Tensor:
    return 0.1 * torch.randn(round(seconds * RATE), generator=torch.Generator().manual_seed(seed))


def power_by_numpy(x: np.ndarray) -> np.ndarray:
    padded = np.pad(x.astype(np.float64), 524)  # frame t is centred on sample (t + 1/2) * 1000
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(2048) / 2048)
    frames = [padded[start : start + 2048] * window for start in range(0, len(padded) - 2047, 1000)]
    return np.abs(np.fft.rfft(frames).T) ** 2


def filters_by_numpy() -> tuple[np.ndarray, np.ndarray]:
    edges = 2595 * np.log10(1 + np.array([30, 8000]) / 700)
    hz = 700 * (10 ** (np.linspace(*edges, 66) / 2595) - 1)
    bins = np.linspace(0, 8000, 1025)
    rising = (bins - hz[:-2, None]) / (hz[1:-1] - hz[:-2])[:, None]
    falling = (hz[2:, None] - bins) / (hz[2:] - hz[1:-1])[:, None]
    return np.maximum(0, np.minimum(rising, falling)), hz[1:-1]


def log_mel_by_numpy(x: np.ndarray) -> np.ndarray:
    mel = filters_by_numpy()[0] @ power_by_numpy(x)
    return np.maximum(10 * np.log10(mel / mel.max() + 1e-30), -80) / 80 + 1


@pytest.mark.parametrize("x", [noise(), audio.tone(440, 4, harmonics=8), audio.click(1.0, 4)], ids=["noise", "tone", "click"])
def test_log_mel_equals_numpy(x):
    got = audio.log_mel(x[None])[0].numpy()
    assert got.shape == (64, 64)
    np.testing.assert_allclose(got, log_mel_by_numpy(x.numpy()), atol=1e-4)
    assert got.max() == 1
    assert got.min() >= 0


def test_log_mel_does_not_hear_level_or_neighbours():
    x, y = noise(seed=1), audio.tone(1000, 4)
    together = audio.log_mel(torch.stack([x, 0.01 * y]))
    torch.testing.assert_close(together[0], audio.log_mel(x[None])[0])
    torch.testing.assert_close(together[1], audio.log_mel(y[None])[0], atol=1e-4, rtol=0)


def test_log_mel_of_another_rate_is_that_of_the_same_sound():
    t = torch.arange(4 * 44_100) / 44_100
    at_44k = torch.sin(2 * torch.pi * 1000 * t)[None]
    at_16k = torch.sin(2 * torch.pi * 1000 * torch.arange(64_000) / RATE)[None]
    loud = audio.log_mel(at_16k) > 0.5
    difference = (audio.log_mel(at_44k, 44_100) - audio.log_mel(at_16k)).abs()
    assert difference[loud].max() < 0.01  # 0.8 dB


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (torch.zeros(1, 64_000), r"silent \(rows \[0\]"),
        (torch.full((1, 64_000), torch.nan), "NaN or infinity"),
        (torch.ones(1, 999), "999 samples"),
    ],
)
def test_log_mel_refuses_what_has_no_picture(x, message):
    with pytest.raises(ValueError, match=message):
        audio.log_mel(x)


def test_shapes_are_enforced():
    with pytest.raises(Exception, match="x"):
        audio.log_mel(torch.zeros(64_000))


def test_stft_equals_scipy():
    x = noise()
    padded = np.pad(x.numpy().astype(np.float64), 524)
    Z = stft(padded, nperseg=2048, noverlap=1048, window="hann", boundary=None, padded=False)[2]
    want = 20 * np.log10(np.abs(Z) / np.abs(Z).max())
    np.testing.assert_allclose(audio.stft_db(x[None])[0].numpy(), np.maximum(want, -80), atol=1e-3)


def test_a_steady_tone_peaks_in_its_bin_and_its_band():
    x = audio.tone(1000, 4)[None]
    assert (audio.stft_db(x)[0, :, 32].argmax() * RATE / 2048).item() == 1000
    band = audio.log_mel(x)[0, :, 32].argmax()
    assert band == (audio.mel_frequencies() - 1000).abs().argmin()


def test_mel_frequencies_equal_numpy():
    np.testing.assert_allclose(audio.mel_frequencies().numpy(), filters_by_numpy()[1], rtol=1e-5)


def test_keep_all_gives_the_sound_back():
    x = noise()
    assert (audio.keep(x, torch.ones(64, 64)) - x).abs().max() < 1e-5
    short = noise(1.3)
    assert (audio.keep(short, torch.ones(64, 20)) - short).abs().max() < 1e-5
    assert audio.keep(x, torch.zeros(64, 64)).abs().max() == 0


@pytest.mark.parametrize("seed", range(5))
def test_keep_never_adds_energy(seed):
    random = torch.Generator().manual_seed(seed)
    x, mask = noise(seed=seed), torch.rand(64, 64, generator=random)
    hard = (mask > 0.7).float()
    whole, soft, few = (y.double().square().sum() for y in (x, audio.keep(x, mask), audio.keep(x, hard)))
    assert few < soft < whole


def test_keep_takes_the_band_and_the_moment_that_are_asked_for():
    low, high = audio.tone(300, 4), audio.tone(3000, 4)
    bands = (audio.mel_frequencies() < 1000).float()[:, None].expand(64, 64)
    assert (audio.keep(low + high, bands) - low).abs()[2000:-2000].max() < 1e-3
    half = torch.ones(64, 64)
    half[:, 32:] = 0
    kept = audio.keep(low, half)
    torch.testing.assert_close(kept[: 2 * RATE - 3000], low[: 2 * RATE - 3000], atol=1e-5, rtol=0)
    assert kept[2 * RATE + 3000 :].abs().max() < 1e-5


def test_keep_refuses_weights_that_amplify():
    with pytest.raises(ValueError, match=r"0.00 to 2.00; its weights are in \[0, 1\]"):
        audio.keep(noise(), torch.linspace(0, 2, 4096).reshape(64, 64))


@pytest.mark.parametrize("x", [audio.chord([48, 55, 64], 4, harmonics=6), audio.glissando(200, 2000, 4, harmonics=4)])
def test_invert_sounds_like_its_picture(x):
    mel = audio.log_mel(x[None])[0]
    y = audio.invert(mel)
    assert y.shape == (64_000,)
    assert y.abs().max() == pytest.approx(0.9)
    back = audio.log_mel(y[None])[0]
    assert 80 * (back - mel).abs()[mel > 0.5].mean() < 4  # dB, where there is sound
    torch.testing.assert_close(audio.invert(mel), y, atol=0, rtol=0)


def test_invert_leaves_the_random_numbers_alone():
    torch.manual_seed(3)
    want = torch.rand(4)
    torch.manual_seed(3)
    audio.invert(audio.log_mel(noise()[None])[0])
    assert torch.equal(torch.rand(4), want)
