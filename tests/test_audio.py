"""Sound: spectrograms against NumPy, synthesis against the FFT, masks against energy, files against themselves."""

import numpy as np
import pytest
import soundfile
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


def frequency_of(x: torch.Tensor) -> float:
    spectrum = np.abs(np.fft.rfft(x.numpy() * np.hanning(len(x)), 1 << 20))
    return spectrum.argmax() * RATE / (1 << 20)


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


def test_shapes_are_enforced():
    with pytest.raises(Exception, match="x"):
        audio.log_mel(torch.zeros(64_000))


PARTS = {"soprano": [72, 74, 76], "alto": [67, 67, 71], "tenor": [64, 60, 62], "bass": [48, 52, 43]}
CHORALE = [(2 * i, 2, pitch) for part in PARTS.values() for i, pitch in enumerate(part)]


@pytest.mark.parametrize("instrument", list(audio.INSTRUMENTS))
@pytest.mark.parametrize("pitch", [40, 57, 69, 88, 110])
def test_a_note_has_its_pitch_its_length_and_its_peak(instrument, pitch):
    x = audio.play_notes([(1, 2, pitch, "a voice")], 0.5, instrument)
    assert len(x) == 1.5 * RATE
    assert (x[: RATE // 2] == 0).all()
    spectrum = np.abs(np.fft.rfft(x.numpy() * np.hanning(len(x)), 1 << 20))
    around = np.abs(np.fft.rfftfreq(1 << 20, 1 / RATE) - audio.hertz(pitch)) < 0.02 * audio.hertz(pitch)
    found = (spectrum * around).argmax() * RATE / (1 << 20)
    assert 1200 * abs(np.log2(found / audio.hertz(pitch))) < 3  # cents
    assert 0.7 * audio.VOICE < x.abs().max() < 1.001 * audio.VOICE


@pytest.mark.parametrize("instrument", list(audio.INSTRUMENTS))
def test_nothing_below_the_highest_note_is_an_alias(instrument):
    """Its harmonics lie at whole multiples; whatever folded back at 8 kHz would lie between them."""
    x = audio.play_notes([(0, 4, 96)], 0.5, instrument)
    spectrum = np.abs(np.fft.rfft(x.double().numpy() * np.blackman(len(x)))) ** 2
    turns = np.fft.rfftfreq(len(x), 1 / RATE) / audio.hertz(96)
    beside = np.abs(turns - turns.round()) > 0.05
    assert spectrum[beside].sum() < 1e-6 * spectrum.sum()


@pytest.mark.parametrize("instrument", list(audio.INSTRUMENTS))
def test_a_voice_is_as_loud_alone_as_among_four_and_four_do_not_clip(instrument):
    together = audio.play_notes(CHORALE, 0.5, instrument)
    alone = [audio.play_notes([(2 * i, 2, pitch) for i, pitch in enumerate(part)], 0.5, instrument) for part in PARTS.values()]
    torch.testing.assert_close(together, torch.stack(alone).sum(0), atol=1e-6, rtol=0)
    assert together.abs().max() < 4.001 * audio.VOICE
    assert together.dtype == torch.float32


def test_the_worst_four_voices_do_not_clip():
    for pitch in range(30, 110, 7):  # in unison all peaks fall together
        assert audio.play_notes([(0, 1, pitch)] * 4, 1.0, "organ").abs().max() < 0.801
    with pytest.raises(ValueError, match=r"reach 1\.\d\d; samples are in"):
        audio.play_notes([(0, 1, 60)] * 8, 1.0, "organ")
    assert audio.play_notes([(0, 1, 60)] * 8, 1.0, "organ", loudness=[0.5] * 8).abs().max() < 0.801


def test_loudness_is_a_gain():
    notes = [(0, 1, 60), (1, 1, 60)]
    full, half = audio.play_notes(notes, 0.5), audio.play_notes(notes, 0.5, loudness=[1.0, 0.5])
    torch.testing.assert_close(half[: RATE // 2], full[: RATE // 2], atol=0, rtol=0)
    torch.testing.assert_close(half[RATE // 2 :], full[RATE // 2 :] / 2, atol=1e-7, rtol=0)


@pytest.mark.parametrize("instrument", list(audio.INSTRUMENTS))
def test_notes_neither_click_nor_run_into_each_other(instrument):
    x = audio.play_notes([(i, 1, 60) for i in range(4)], 0.25, instrument)
    for k in range(1, 4):
        assert x[k * RATE // 4 - 8 : k * RATE // 4 + 8].abs().max() < 0.1 * audio.VOICE  # repeated notes are heard apart
    # no sample jumps further than its harmonics together can rise
    amplitudes = audio.INSTRUMENTS[instrument][0]
    rise = audio.VOICE * sum(h * a for h, a in enumerate(amplitudes, 1)) * 2 * np.pi * audio.hertz(60) / RATE
    assert x.diff().abs().max() <= rise


@pytest.mark.parametrize(
    ("notes", "more", "message"),
    [
        ([(0, 1, 60)], {"seconds_per_beat": 0}, "above 0"),
        ([(0, 1, 60)], {"instrument": "kazoo"}, "'kazoo'; there are pluck, organ"),
        ([(0, 0, 60)], {}, "duration above 0"),
        ([(-1, 1, 60)], {}, "onset is 0 or later"),
        ([(0, 1, 130)], {}, "pitch 0 to 119"),
        ([(0, 1, float("nan"))], {}, "pitch 0 to 119"),
        ([(0, 1, 60)], {"loudness": [2.0]}, r"gain in \[0, 1\]"),
        ([(0, 1, 60)], {"loudness": [1.0, 1.0]}, "for each of 1 notes; 2 were given"),
    ],
)
def test_play_notes_says_what_cannot_be_played(notes, more, message):
    with pytest.raises(ValueError, match=message):
        audio.play_notes(notes, **{"seconds_per_beat": 0.5, **more})


def test_no_notes_are_no_sound():
    assert len(audio.play_notes([], 0.5)) == 0
