import numpy as np
import pytest
import torch

from helpers.audio import RATE, hertz
from helpers.datasets.harmonics import (
    COLUMNS,
    LOUDEST,
    PITCHES,
    RANGE_DB,
    ROWS,
    analyse,
    held_out,
    load_harmonics,
    sound,
    unheard,
)
from helpers.datasets.notes import FAMILIES

SECOND = torch.arange(RATE, dtype=torch.float64) / RATE


def sines(pitch: int, levels: dict[int, float]) -> torch.Tensor:
    return sum(10 ** (db / 20) * torch.sin(2 * torch.pi * h * hertz(pitch) * SECOND + h) for h, db in levels.items()).float()


@pytest.mark.parametrize("pitch", [40, 52, 64])
def test_the_levels_of_known_harmonics_are_read_off(pitch):
    levels = {1: 0.0, 2: -20.0, 3: -12.0, 7: -30.0, 24: -6.0}
    picture = analyse(sines(pitch, levels)[None], torch.tensor([pitch]))[0]
    middle = RANGE_DB * (picture[:, COLUMNS // 2] - 1)
    for h, db in levels.items():
        assert middle[h - 1].item() == pytest.approx(db, abs=0.1)
    assert (middle[[11, 15, 19]] < -44).all()  # where nothing sounds: what Hann's side lobes let through of neighbours far away


def test_a_mistuned_note_keeps_its_levels():
    a_third_of_a_semitone = 2 ** (1 / 36)
    x = sum(torch.sin(2 * torch.pi * h * hertz(52) * a_third_of_a_semitone * SECOND) / h for h in range(1, 11)).float()
    middle = RANGE_DB * (analyse(x[None], torch.tensor([52]))[0, :10, 16] - 1)
    assert torch.allclose(middle, -20 * torch.log10(torch.arange(1, 11).float()), atol=0.3)


def test_sound_and_analyse_are_each_other_s_inverse_for_real_notes():
    H = load_harmonics("test")[torch.arange(0, 420, 20)]
    waves = torch.stack([sound(p, int(pitch)) for p, pitch in zip(H.picture, H.pitch)])
    error = RANGE_DB * (analyse(waves, H.pitch) - H.picture).abs().mean((1, 2))
    assert error.median() < 1
    assert error.max() < 3


def test_a_single_cell_sounds_at_its_harmonic_and_level():
    picture = torch.zeros(ROWS, COLUMNS)
    picture[2] = 1 - 20 / RANGE_DB
    x = sound(picture, 52)
    spectrum = np.abs(np.fft.rfft(x[4000:12000].numpy() * np.hanning(8000)))
    assert np.argmax(spectrum) * 2 == pytest.approx(3 * hertz(52), abs=2)
    assert x[4000:12000].abs().max().item() == pytest.approx(LOUDEST / 10, rel=0.01)


@pytest.mark.parametrize("split", ["train", "valid", "test"])
def test_pictures_are_whole_and_in_order(split):
    H = load_harmonics(split)
    assert H.picture.shape == (len(H), ROWS, COLUMNS)
    assert len(H.family) == len(H.pitch) == len(H.notes) == len(H)
    assert torch.isfinite(H.picture).all()
    assert H.picture.min() == 0
    assert torch.equal(H.picture.amax((1, 2)), torch.ones(len(H)))
    assert set(H.pitch.tolist()) <= set(PITCHES)
    assert len(H.family.unique()) == 11
    assert H.picture[:, :, -1].mean() > 0.7 * H.picture[:, :, -2].mean()  # the last window sees what follows, not silence


def test_splits_share_no_instrument():
    seen = [set(load_harmonics(split).notes.instrument.tolist()) for split in ("train", "valid", "test")]
    assert not (seen[0] & seen[1])
    assert not (seen[0] & seen[2])
    assert not (seen[1] & seen[2])


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_called_unheard_is_no_training_note_again(family):
    """Viola plays a violin's recordings: its notes, of the test split, are as near to training notes as 0.6 dB."""
    known, notes = load_harmonics("train").picture.double().flatten(1), unheard(family)
    assert (notes.family == FAMILIES.index(family)).all()
    off = RANGE_DB * torch.cdist(notes.picture.double().flatten(1), known) / (ROWS * COLUMNS) ** 0.5
    assert off.min() > 3.5
    assert any(torch.equal(held_out()[family].picture[0], picture) for picture in notes.picture)


def test_new_notes_are_of_test_instruments_and_have_recordings_of_their_own():
    test, new = load_harmonics("test"), load_harmonics("new")
    assert (len(test), len(new)) == (420, 345)
    left_out = {test.label(i).split(",")[0] for i in range(len(test)) if test.notes.instrument[i] not in new.notes.instrument}
    assert left_out == {"string: Viola", "string: String Ensemble 2", "keyboard: Bright Acoustic Piano"}


def test_the_loudest_picture_does_not_clip_and_silence_is_silent():
    assert 0.2 < sound(torch.ones(ROWS, COLUMNS), 40).abs().max() < 1
    assert not sound(torch.zeros(ROWS, COLUMNS)).any()
    assert len(sound(torch.ones(ROWS, COLUMNS), 52, 2.5)) == 40_000


def test_high_notes_do_not_alias():
    x = sound(torch.ones(ROWS, COLUMNS), 76)  # 659 Hz: 12 harmonics below 8 kHz
    power = np.abs(np.fft.rfft(x.numpy() * np.hanning(RATE))) ** 2
    near = np.zeros(len(power), bool)
    for h in range(1, 13):
        near[round(h * hertz(76)) - 8 : round(h * hertz(76)) + 9] = True
    assert power[~near].sum() / power.sum() < 1e-3


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="8,000 samples"):
        analyse(torch.ones(1, 8000), torch.tensor([52]))
    with pytest.raises(ValueError, match="silent"):
        analyse(torch.zeros(1, RATE), torch.tensor([52]))
    with pytest.raises(ValueError, match="from 39 to 39"):
        analyse(torch.ones(1, RATE), torch.tensor([39]))
    with pytest.raises(ValueError, match=r"to 1\.50"):
        sound(torch.full((ROWS, COLUMNS), 1.5))
