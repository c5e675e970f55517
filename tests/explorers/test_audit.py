"""Audit: the nearest training notes by brute force, shares counted by hand, and pictures of one's own."""

import numpy as np
import pytest
import torch

from helpers.datasets.harmonics import load_harmonics
from helpers.datasets.notes import FAMILIES
from helpers.explorers import Audit
from helpers.explorers.audit import board
from helpers.models import checkpoints, contenders

KNOWN, SAMPLES = contenders.load()


def test_the_three_nearest_are_the_nearest_of_all_training_notes():
    result, notes = Audit(model="mixture", sample=2).result(), load_harmonics("train")
    off = [60 * float(np.sqrt(np.mean((x - SAMPLES["mixture"][2]) ** 2))) for x in notes.picture.double().numpy()]
    order = np.argsort(off)[:3]
    np.testing.assert_array_equal(result["index"], order)
    np.testing.assert_allclose(result["off"], np.array(off)[order], rtol=1e-6)
    assert result["names"] == [notes.label(int(i)) for i in order]
    np.testing.assert_array_equal(result["near"][0], notes.picture[order[0]].numpy())
    assert result["nearer than"] == sum(d > off[order[0]] for d in KNOWN.new) / len(KNOWN.new)


def test_what_is_looked_at_is_as_far_as_was_measured():
    """Shipped samples are kept in one byte a cell, which is at most 0.12 dB off."""
    for name in ("naive Bayes", "mixture", "GAN"):
        for k in (0, 7, 23):
            assert Audit(model=name, sample=k).result()["off"][0] == pytest.approx(KNOWN.models[name].away[k], abs=0.13)


def test_families_are_shares_of_what_was_learned_and_of_what_is_heard():
    result = Audit(model="GAN").result()
    learned = np.bincount(load_harmonics("train").family, minlength=11)
    heard = np.array(KNOWN.models["GAN"].heard)
    assert heard.sum() == KNOWN.count
    np.testing.assert_allclose(result["learned"], learned / learned.sum())
    np.testing.assert_allclose(result["heard"], heard / heard.sum())
    more = np.maximum(result["heard"] - result["learned"], 0).sum()  # what one side has too much, the other lacks
    assert result["moved"] == pytest.approx(more)
    assert result["copies"] == np.mean(np.array(KNOWN.models["GAN"].away) < 2.0)


def test_pictures_of_ones_own_are_searched_and_judged():
    notes = load_harmonics("train")
    pictures = torch.cat([notes.picture[40:43], torch.rand(2, 24, 32, generator=torch.Generator().manual_seed(0))])
    explorer = Audit(pictures, model="yours", sample=1)
    result = explorer.result()
    assert (result["index"][0], result["off"][0]) == (41, 0)
    assert "a copy" in explorer.verdict()
    assert result["copies"] == 0.6
    with torch.no_grad():
        heard = np.bincount(checkpoints.load("timbre-judge")[0](pictures).argmax(1), minlength=11)
    np.testing.assert_allclose(result["heard"], heard / 5)
    assert explorer.count() == 5
    again = eval(explorer.to_code(), {"Audit": Audit, "pictures": pictures})
    np.testing.assert_array_equal(again.result()["near"], result["near"])
    assert explorer.set(model="GAN", sample=20).set(model="yours").state["sample"] == 4


def test_training_notes_are_copies_and_a_viola_that_plays_a_violins_recordings_is_one():
    assert Audit(model="training notes").result()["off"][0] < 0.13
    off = [Audit(model="borrowed notes", sample=k).result()["off"][0] for k in range(25)]
    copy = off.index(min(off))
    assert off[copy] < 1
    assert "a copy (below 2 dB)" in Audit(model="borrowed notes", sample=copy).verdict()
    assert "43 % of 75 by borrowed notes are copies" in Audit(model="borrowed notes").verdict()
    assert "None of 345 by new notes are copies" in Audit(model="new notes").verdict()


def test_words_say_the_families_that_differ_most():
    explorer = Audit(model="mixture")
    result = explorer.result()
    gap = result["heard"] - result["learned"]
    for family in (gap.argmax(), gap.argmin()):
        assert f"{FAMILIES[family].replace('_', ' ')} instead of" in explorer.verdict()


def test_a_histogram_counts_all_and_puts_the_far_ones_at_its_end():
    found = board.histogram(np.array([0.2, 0.9, 3.0, 55.0]))
    assert found.sum() == 1
    assert (found[0], found[3], found[board.FAR]) == (0.5, 0.25, 0.25)


def test_all_are_heard_at_the_nearest_notes_pitch():
    explorer = Audit(model="mixture", sample=3)
    made, first, *_ = explorer.tracks()
    assert len(made.samples) == len(first.samples) == 16_000
    f = 440 * 2 ** ((explorer.result()["pitches"][0] - 69) / 12)
    spectrum = np.abs(np.fft.rfft(made.samples))
    strongest = spectrum.argmax()  # a harmonic of it, in Hz: the sound lasts a second
    assert abs(strongest / f - round(strongest / f)) < 0.02


@pytest.mark.parametrize("pictures", [torch.full((2, 24, 32), 1.5), torch.zeros(0, 24, 32), torch.full((1, 24, 32), float("nan"))])
def test_what_is_no_picture_is_refused(pictures):
    with pytest.raises(ValueError, match="cells in \\[0, 1\\]"):
        Audit(pictures)


def test_what_cannot_be_is_explained():
    with pytest.raises(ValueError, match="model is 'Bach'"):
        Audit(model="Bach")
    with pytest.raises(ValueError, match="no sample 24; GAN has 24"):
        Audit(sample=24)


def test_the_question_has_the_measured_answer():
    for model, answer in (("training notes", "below 2 dB: a copy"), ("naive Bayes", "more than 4 dB")):
        assert Audit(model=model, predict=True).asked.truth() == answer
