"""The three views of a note against NumPy, and your own sound: read, refused, as loud as it was."""

import io
import json
import wave

import numpy as np
import pytest
import soundfile
import torch

from helpers import audio
from helpers.datasets.notes import load_notes
from helpers.explorers import Spectrogram, spectrogram
from helpers.explorers.spectrogram import COLUMNS, ROWS, WINDOWS

STATES = [
    {"family": "mallet", "instrument": 2, "pitch": 52},
    {"family": "bass", "pitch": 28},
    {"family": "flute", "instrument": 1, "pitch": 66},
]


def stft_by_numpy(x: np.ndarray, window: int) -> np.ndarray:
    """dB below the loudest cell; frame t is centred on sample (t + 1/2) · 250."""
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    padded = np.pad(x.astype(np.float64), window)
    middles = window + 125 + 250 * np.arange(len(x) // 250)
    power = np.stack([np.abs(np.fft.rfft(padded[m - window // 2 : m + window // 2] * hann)) ** 2 for m in middles], 1)
    return np.maximum(10 * np.log10(power / power.max() + 1e-30), -80)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("state", STATES, ids=str)
def test_the_spectrogram_is_numpys(state, window):
    result = Spectrogram(**state, window=window).result()
    expected = stft_by_numpy(result["waveform"], window)
    assert result["stft_db"].shape == expected.shape == (window // 2 + 1, 256)
    np.testing.assert_allclose(result["stft_db"], expected, atol=0.02)
    assert result["bins"] == window // 2 + 1
    assert result["hertz_per_bin"] == 16_000 / window
    assert result["milliseconds"] == window / 16
    assert result["milliseconds_per_column"] == 15.625


@pytest.mark.parametrize("state", STATES, ids=str)
def test_waveform_picture_and_levels_are_the_notes_own(state):
    explorer = Spectrogram(**state)
    result = explorer.result()
    notes = load_notes("train").where(family=state["family"], velocity=100)
    instrument = sorted(set(notes.instrument.tolist()))[state.get("instrument", 0)]
    mine = notes.where(instrument=instrument)
    (at,) = np.flatnonzero(mine.pitch.numpy() == state["pitch"])
    with wave.open(mine.paths[at]) as file:
        x = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
    np.testing.assert_allclose(result["waveform"], x, atol=1e-6)
    np.testing.assert_allclose(result["mel"], mine.mel[at], atol=2e-3)  # cached as float16
    assert result["peak_db"] == pytest.approx(20 * np.log10(np.abs(x).max()), abs=1e-4)
    assert result["rms_db"] == pytest.approx(10 * np.log10(np.mean(x**2)), abs=1e-4)
    assert result["kept"] == 4096 / 64_000
    assert result["label"] == mine.label(int(at))
    assert explorer.count() == len(mine)


@pytest.mark.parametrize("window", WINDOWS)
def test_the_picture_shows_the_loudest_of_each_group_of_bins(window):
    explorer = Spectrogram(window=window)
    panel, full = explorer.grid.panel("stft"), explorer.result()["stft_db"]
    rows = min(ROWS, window // 2)
    each = window // 2 // rows
    assert np.shape(panel.values) == (rows, 256)
    for row in (0, 1, rows // 2, rows - 1):
        inside = range(1 + row * each, 1 + (row + 1) * each)
        assert np.array_equal(panel.values[row], np.round(np.max([full[k] for k in inside], axis=0)))
        middle = np.mean(inside) * 16_000 / window
        assert panel.row_names[row] == f"{middle:,.0f} Hz"


def test_a_byte_for_each_cell_tells_the_whole_decibels():
    """What the browser makes of the bytes, lo + (hi − lo) · byte / 255, is written with no decimals."""
    for window in WINDOWS:
        grid = Spectrogram(window=window).grid
        panel = grid.panel("stft")
        sent = -80 + 80 * np.frombuffer(grid.thumbs, np.uint8).astype(np.float32) / 255
        assert (panel.lo, panel.hi, panel.digits, panel.coarse) == (-80, 0, 0, True)
        assert np.array_equal(sent.round(), panel.values.ravel())


def test_a_click_is_as_short_as_the_window(tmp_path, monkeypatch):
    """Columns louder than −60 dB: those whose window holds the click, and no click falls between two windows."""
    x = np.zeros(64_000, np.float32)
    x[30_100::7_001] = 0.5
    explorer = own(monkeypatch, tmp_path, x)
    for window in WINDOWS:
        loud = explorer.set(window=window).result()["stft_db"].max(0) > -60
        away = np.abs(125 + 250 * np.arange(256)[:, None] - np.arange(30_100, 64_000, 7_001)).min(1)
        assert not loud[away > window / 2].any()
        assert loud[away < 0.45 * window].all()


def test_the_presets_are_what_they_say():
    said = {name: Spectrogram(**preset).result()["label"] for name, preset in Spectrogram.presets.items()}
    assert "Xylophone" in said["struck bar"]
    assert "Violin" in said["bowed string"]


def test_the_waveform_picture_has_its_extremes():
    explorer = Spectrogram()
    x, drawn = explorer.result()["waveform"], explorer.grid.panel("waveform").values
    assert drawn.shape == (1, 2 * COLUMNS)
    reach = len(x) // COLUMNS * COLUMNS
    assert (drawn.min(), drawn.max()) == (x[:reach].min(), x[:reach].max())


def test_a_tone_is_found_at_its_own_bin(tmp_path, monkeypatch):
    explorer = own(monkeypatch, tmp_path, audio.tone(1000, 4).numpy())
    for window in WINDOWS:
        result = explorer.set(window=window).result()
        assert abs(result["stft_db"].mean(1).argmax() * result["hertz_per_bin"] - 1000) <= result["hertz_per_bin"] / 2
    assert abs(audio.mel_frequencies()[int(result["mel"].mean(1).argmax())] - 1000) < 60


def test_words_say_the_numbers():
    explorer = Spectrogram(family="reed")
    result = explorer.result()
    assert result["label"] in explorer.alt()
    assert f"{result['peak_db']:.1f} dBFS" in explorer.alt()
    assert "6.4 %" in explorer.grid.caption
    assert "1,025 bins of 7.8 Hz, every 15.6 ms" in explorer.grid.panel("stft").title


def test_the_note_and_its_way_back_are_heard():
    explorer = Spectrogram(pitch=42)
    note, back = explorer.tracks()
    assert np.array_equal(note.samples, explorer.result()["waveform"])
    assert len(back.samples) == 64_000
    again = audio.log_mel(torch.from_numpy(back.samples)[None])[0].numpy()
    mel = explorer.result()["mel"]
    assert np.corrcoef(again.ravel(), mel.ravel())[0, 1] > 0.95
    assert explorer.player.tracks[1]["level"] == ""  # not computed before it is wanted


def test_a_family_with_fewer_instruments_keeps_the_controls_in_range():
    explorer = Spectrogram(family="string", instrument=6, pitch=84)
    explorer.controls["family"].value = "organ"
    assert explorer.problem is None
    assert explorer.state["instrument"] == explorer.controls["instrument"].value == explorer.controls["instrument"].max == 2
    explorer.reset()
    assert (explorer.controls["instrument"].value, explorer.controls["pitch"].value) == (6, 84)


def test_pitches_are_midi_numbers_and_the_slider_ends_where_the_instrument_does():
    explorer = Spectrogram(family="string", pitch=84)
    slider = explorer.controls["pitch"]
    assert (slider.min, slider.value, slider.max) == (36, 84, 90)
    assert "C6" in explorer.result()["label"]
    explorer.set(family="bass")  # whose highest is below the strings' 84
    assert (slider.min, slider.value, slider.max) == (28, 60, 60)
    explorer.set(family="flute", pitch=96)  # and whose lowest is the basses' highest
    assert (slider.min, slider.value, slider.max) == (60, 96, 96)
    assert explorer.step(-1).state["pitch"] == 95


def test_a_pitch_the_instrument_lacks_is_the_nearest_it_has(monkeypatch):
    few = load_notes("train").where(family="reed", velocity=100)
    few = few.where(instrument=int(few.instrument.min()), pitch=[50, 60, 64])
    monkeypatch.setattr(spectrogram, "_notes", lambda family, instrument: few)
    assert Spectrogram(family="reed", pitch=59).state["pitch"] == 60
    assert Spectrogram(family="reed", pitch=63).step(-1).state["pitch"] == 60


# ---- your own sound


def wav(x: np.ndarray, rate: int = 16_000) -> bytes:
    packed = io.BytesIO()
    soundfile.write(packed, x, rate, format="WAV", subtype="FLOAT")
    return packed.getvalue()


def upload(explorer: Spectrogram, content: bytes, name: str = "mine.wav"):
    file = {"name": name, "type": "audio/wav", "size": len(content), "content": content, "last_modified": 0}
    explorer._uploaded({"new": (file,)})


def own(monkeypatch, folder, x: np.ndarray, rate: int = 16_000) -> Spectrogram:
    monkeypatch.setattr(spectrogram, "_own_folder", lambda: folder)
    explorer = Spectrogram()
    upload(explorer, wav(x, rate))
    return explorer


def test_an_uploaded_sound_is_shown_and_heard_as_loud_as_it_is(tmp_path, monkeypatch):
    x = audio.tone(440, 4, harmonics=3, peak=0.8).numpy()
    loud = own(monkeypatch, tmp_path, x)
    assert loud.state["own"]
    assert loud.result()["label"] == "your own sound"
    soft = own(monkeypatch, tmp_path, 0.5 * x)
    np.testing.assert_allclose(2 * soft.audio()[0], loud.audio()[0], atol=1e-4)
    assert loud.result()["peak_db"] - soft.result()["peak_db"] == pytest.approx(6.02, abs=0.01)
    np.testing.assert_allclose(soft.result()["mel"], loud.result()["mel"], atol=0.01)  # which does not hear level
    again = Spectrogram(**loud.state)
    assert np.array_equal(again.result()["waveform"], loud.result()["waveform"])


def test_a_recording_in_another_rate_is_taken_too(tmp_path, monkeypatch):
    monkeypatch.setattr(spectrogram, "_own_folder", lambda: tmp_path)
    explorer = Spectrogram()
    x = np.sin(2 * np.pi * 1000 * np.arange(48_000 * 2) / 48_000).astype(np.float32)
    explorer.player._receive(explorer.player, {"type": "recorded", "rate": 48_000, "id": 7}, [memoryview(x.tobytes())])
    assert explorer.problem is None
    heard = explorer.result()["waveform"]
    assert len(heard) == 64_000
    assert np.abs(np.fft.rfft(heard[:16_000])).argmax() == 1000
    assert not heard[33_000:].any()


@pytest.mark.parametrize(("content", "way_out"), [
    (b"RIFF, but not really", "Convert it|Give"), (wav(np.zeros(16_000)), "silent"), (wav(np.zeros(0)), "no samples"),
])  # fmt: skip
def test_a_sound_that_cannot_be_used_is_explained_and_the_last_stays(tmp_path, monkeypatch, content, way_out):
    monkeypatch.setattr(spectrogram, "_own_folder", lambda: tmp_path)
    explorer = Spectrogram()
    before = explorer.state
    upload(explorer, content)
    assert any(words in explorer.problem for words in way_out.split("|"))
    assert str(tmp_path) not in explorer.problem
    assert explorer.state == before
    explorer.set(pitch=61)
    assert explorer.problem is None


def test_choosing_a_note_leaves_the_own_sound(tmp_path, monkeypatch):
    explorer = own(monkeypatch, tmp_path, audio.tone(440, 1).numpy())
    assert json.dumps(explorer.state)
    assert explorer.set(pitch=63).state["own"] == ""
    assert explorer.reset().state["own"] == ""


def test_the_question_knows_its_answer():
    assert Spectrogram().question().truth() == "about 6 %"
