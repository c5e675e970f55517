"""Files against themselves, resampling against the FFT, levels against their formulas."""

import numpy as np
import pytest
import soundfile
import torch

from helpers import audio
from helpers.audio import RATE


def noise(seconds: float = 4.0, seed: int = 0) -> torch.Tensor:
    return 0.1 * torch.randn(round(seconds * RATE), generator=torch.Generator().manual_seed(seed))


def frequency_of(x: torch.Tensor) -> float:
    spectrum = np.abs(np.fft.rfft(x.numpy() * np.hanning(len(x)), 1 << 20))
    return spectrum.argmax() * RATE / (1 << 20)


def test_convert_mixes_and_resamples_without_aliasing():
    t = np.arange(48_000) / 48_000
    left, right = np.sin(2 * np.pi * 1000 * t), np.sin(2 * np.pi * 11_000 * t)  # 11 kHz would come back at 5 kHz
    x = audio.convert(torch.tensor(np.stack([left, right]), dtype=torch.float32), 48_000)
    assert len(x) == RATE
    spectrum = np.abs(np.fft.rfft(x.numpy() * np.hanning(RATE)))
    assert spectrum.argmax() == 1000
    assert 20 * np.log10(spectrum[4000:].max() / spectrum[1000]) < -60


def test_convert_refuses_a_rate_that_is_none():
    with pytest.raises(ValueError, match="rate is 0"):
        audio.convert(noise(), 0)


@pytest.mark.parametrize("ending", ["wav", "flac"])
def test_a_file_comes_back(tmp_path, ending):
    path = tmp_path / f"sound.{ending}"
    audio.save(path, noise(0.5), 22_050)
    x, rate = audio.load(path)
    assert rate == 22_050
    assert x.dtype == torch.float32
    torch.testing.assert_close(x, noise(0.5), atol=1 / 32768, rtol=0)


def test_a_stereo_file_keeps_its_channels(tmp_path):
    stereo = torch.stack([noise(0.5, 1), noise(0.5, 2)])
    audio.save(tmp_path / "stereo.wav", stereo.numpy())
    x, _ = audio.load(tmp_path / "stereo.wav")
    torch.testing.assert_close(x, stereo, atol=1 / 32768, rtol=0)


def test_load_says_what_is_wrong(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"gone\.wav: there is no such file"):
        audio.load(tmp_path / "gone.wav")
    (tmp_path / "text.wav").write_text("la la la")
    with pytest.raises(ValueError, match=r"text\.wav: .*Convert it to WAV"):
        audio.load(tmp_path / "text.wav")
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), RATE)
    with pytest.raises(ValueError, match=r"empty\.wav: the file holds no samples"):
        audio.load(tmp_path / "empty.wav")


@pytest.mark.parametrize(("seconds", "rate"), [(1.5, 44_100), (6.0, 16_000), (4.0, 48_000)])
def test_own_sound_becomes_a_note(tmp_path, seconds, rate):
    n = round(seconds * rate)
    stereo = 0.5 * np.sin(2 * np.pi * 440 * np.arange(n) / rate)[:, None].repeat(2, 1)
    soundfile.write(tmp_path / "mine.flac", stereo, rate)
    x = audio.own_sound(tmp_path / "mine.flac")
    assert x.shape == (64_000,)
    assert frequency_of(x[:16_000]) == pytest.approx(440, abs=0.1)
    assert x[-1].abs() < 1e-3  # cut sounds end without a click
    assert (x[round(seconds * RATE) + 100 :] == 0).all()
    assert audio.log_mel(x[None]).shape == (1, 64, 64)


def test_level():
    sine = audio.level(torch.sin(torch.arange(16_000) * 2 * torch.pi / 100) * 0.5)
    assert sine["peak_db"] == pytest.approx(-6.02, abs=0.01)
    assert sine["rms_db"] == pytest.approx(-9.03, abs=0.01)
    assert sine["clipped"] == 0
    assert audio.level(torch.tensor([1.0, -1.2, 0.3]))["clipped"] == 2
    assert audio.level(torch.zeros(10)) == {"peak_db": -np.inf, "rms_db": -np.inf, "clipped": 0}
