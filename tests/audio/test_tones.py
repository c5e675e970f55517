"""Tones, glides and clicks against the FFT and against wider sound cut down."""

import numpy as np
import pytest
import torch

from helpers import audio
from helpers.audio import RATE


def frequency_of(x: torch.Tensor) -> float:
    spectrum = np.abs(np.fft.rfft(x.numpy() * np.hanning(len(x)), 1 << 20))
    return spectrum.argmax() * RATE / (1 << 20)


@pytest.mark.parametrize("hz", [55.0, 440.0, 1234.5, 7000.0])
def test_tone_has_its_frequency(hz):
    assert frequency_of(audio.tone(hz, 2)) == pytest.approx(hz, abs=0.05)
    assert audio.tone(hz, 2, peak=0.25).abs().max() == pytest.approx(0.25, rel=1e-3)


def test_hertz():
    assert audio.hertz(69) == 440
    assert audio.hertz(81) == pytest.approx(880)
    assert audio.hertz(60) == pytest.approx(261.6256, abs=1e-3)


def test_glissando_follows_its_curve():
    x = audio.glissando(200, 3200, 4)
    for second in (0.5, 1.0, 2.0, 3.5):
        middle = round(second * RATE)
        found = frequency_of(x[middle - 400 : middle + 400])
        assert found == pytest.approx(200 * 16 ** (second / 4), rel=0.01)
    # continuous: no sample jumps further than the highest frequency allows
    assert x.diff().abs().max() < 0.5 * 2 * np.pi * 3200 / RATE


@pytest.mark.parametrize(("start", "end"), [(300, 7900), (5000, 5000), (7900, 300)])
def test_harmonics_do_not_alias(start, end):
    """Played at 16 kHz or made at 64 kHz and cut at 8 kHz: below 7 kHz it is the same sound."""
    x = audio.glissando(start, end, 1, harmonics=10).double().numpy()
    t = np.arange(4 * RATE) / (4 * RATE)
    k = np.log(end / start)
    turns = start * (np.expm1(k * t) / k if k else t)
    f = start * np.exp(k * t)
    wide = sum((1 if h == 1 else np.clip((8000 - h * f) / 800, 0, 1)) / h * np.sin(2 * np.pi * h * turns) for h in range(1, 11))
    wide *= audio.fade(len(t), 0.005, rate=4 * RATE).numpy()
    X, W = np.fft.rfft(x)[100:7000], np.fft.rfft(wide)[100:7000] / 4
    scale = np.vdot(W, X).real / np.vdot(W, W).real
    assert np.linalg.norm(X - scale * W) < 0.02 * np.linalg.norm(X)


@pytest.mark.parametrize(("start", "end"), [(0, 440), (440, 8001), (-5, 5)])
def test_glissando_refuses_frequencies_it_cannot_make(start, end):
    with pytest.raises(ValueError, match="at most 8,000 Hz"):
        audio.glissando(start, end)


def test_chord_holds_its_tones():
    x = audio.chord([60, 64, 67], 2)
    spectrum = np.abs(np.fft.rfft(x.numpy() * np.hanning(len(x))))
    peaks = [k / 2 for k in range(1, len(spectrum) - 1) if spectrum[k] > max(spectrum[k - 1], spectrum[k + 1], 100)]
    np.testing.assert_allclose(peaks, [261.63, 329.63, 392.0], atol=0.5)


def test_click_sounds_at_every_frequency_at_once():
    x = audio.click(at=1.0, seconds=2.0)
    assert x.nonzero().tolist() == [[RATE]]
    magnitude = np.abs(np.fft.rfft(x.numpy()))
    np.testing.assert_allclose(magnitude, magnitude[0], rtol=1e-5)
