"""A score as sound: pitches, lengths, levels and aliases against the FFT."""

import numpy as np
import pytest
import torch

from helpers import audio
from helpers.audio import RATE

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
