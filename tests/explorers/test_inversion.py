"""Inversion: each step against the concept, what its axis and its curves say, and what is heard."""

from itertools import islice

import numpy as np
import pytest

from helpers.concepts.inversion import first_phase, griffin_lim, misfit, to_spectrogram
from helpers.explorers import Inversion
from helpers.explorers.inversion import guesses


def test_a_step_is_what_griffin_lim_makes():
    explorer = Inversion(family="brass", momentum=0.5, seed=3, position=4)
    x = guesses.recorded("brass")
    magnitude = to_spectrogram(x).abs()
    sounds = list(islice(griffin_lim(magnitude, first_phase(x, "random", 3), 16_000, 0.5), 5))
    assert np.array_equal(explorer.tracks()[0].samples, sounds[4].numpy())
    assert np.array_equal(explorer.tracks()[2].samples, sounds[0].numpy())
    assert explorer.result()["misfit now"] == misfit(sounds[4], magnitude)
    assert explorer.result()["misfit"][:5].tolist() == [misfit(sound, magnitude) for sound in sounds]


@pytest.mark.parametrize("family", ["guitar", "flute", "mallet", "vocal"])
def test_it_gets_nearer_and_momentum_helps(family):
    shown = Inversion(family=family, momentum=0.99).result()
    plain = shown["misfit without momentum"]
    assert (np.diff(plain) < 1e-4).all()
    assert shown["misfit"][-1] < 0.7 * plain[-1] < 0.2
    assert shown["misfit"][-1] < 0.1  # 20 dB


def test_pictures_are_levels_below_the_notes_loudest_bin():
    explorer = Inversion(start="true")
    shown = explorer.result()
    assert shown["wanted"].shape == (128, 63)
    assert shown["wanted"].max() == pytest.approx(0, abs=1e-4)
    assert shown["wanted"].min() >= -80
    assert np.abs(shown["difference"]).max() < 0.1
    assert "nothing is off" in explorer.verdict()
    x = guesses.recorded("guitar")
    power = to_spectrogram(x).abs()[1:].reshape(128, 4, -1).amax(1)
    row, frame = 3, 20
    expected = 20 * np.log10(float(power[row, frame]) / float(power.max()))
    assert shown["wanted"][row, frame] == pytest.approx(max(expected, -80), abs=0.5)


def test_scrubbing_changes_the_sound_and_the_caption():
    explorer = Inversion()
    first = explorer.tracks()[0]
    explorer.step(7)
    later = explorer.tracks()[0]
    assert later.name == "after 7 steps"
    assert first.key != later.key
    assert not np.array_equal(first.samples, later.samples)
    assert "After 7 steps" in explorer.grid.caption


@pytest.mark.parametrize(
    ("state", "said"),
    [({"position": 41}, "position = 41"), ({"momentum": 1.5}, "momentum"), ({"start": "none"}, "none"), ({"overlap": "all"}, "all")]
)  # fmt: skip
def test_what_cannot_be_is_said(state, said):
    with pytest.raises(ValueError, match=said):
        Inversion(**state)
