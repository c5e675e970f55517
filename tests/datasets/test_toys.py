"""The toy sets and their sounds: what a point says is what its sound measures."""

import itertools

import numpy as np
import pytest

from helpers import audio
from helpers.datasets.timbre import dyad, features, hertz, pitched, place, seconds, struck
from helpers.datasets.toys import TOYS, load

CORNERS = list(itertools.product((-0.9, -0.3, 0.4, 0.9), (-0.8, 0.0, 0.8)))


@pytest.mark.parametrize("name", TOYS)
def test_sets_repeat_by_seed_and_are_balanced(name):
    X, y = load(name, 64, seed=1)
    again, other = load(name, 64, seed=1), load(name, 64, seed=2)
    assert np.array_equal(X, again[0])
    assert np.array_equal(y, again[1])
    assert name == "two spirals" or not np.array_equal(X, other[0])
    assert (X.shape, y.mean()) == ((64, 2), 0.5)
    assert np.abs(X).max() <= 1.2
    assert not np.array_equal(load(name, noise=0.0)[0], load(name, noise=0.2)[0])


@pytest.mark.parametrize("name", TOYS)
def test_a_point_is_a_third_of_a_second_of_sound(name):
    for x1, x2 in [*CORNERS, (-1.2, -1.2), (1.2, 1.2), (1.2, -1.2), (-1.2, 1.2)]:
        x = TOYS[name].sound(x1, x2)
        assert (x.dtype, len(x)) == (np.float32, 5120)
        assert np.abs(x).max() == pytest.approx(0.25, abs=1e-6)
        assert abs(x[-1]) < 0.01
        assert np.array_equal(x, TOYS[name].sound(x1, x2))


@pytest.mark.parametrize("sound", [pitched, struck])
@pytest.mark.parametrize(("x1", "x2"), CORNERS)
def test_a_sound_has_the_centroid_and_the_attack_of_its_point(sound, x1, x2):
    x = sound(x1, x2).astype(float)
    power = np.abs(np.fft.rfft(x)) ** 2
    assert (np.fft.rfftfreq(5120, 1 / 16_000) * power).sum() / power.sum() == pytest.approx(hertz(x1), rel=0.06)
    centroid, attack = features(x)
    assert centroid == pytest.approx(hertz(x1), rel=0.06)
    if sound is pitched:  # noise has no smooth envelope to measure
        assert abs(attack - seconds(x2)) < max(0.2 * seconds(x2), 0.006)


def test_thirds_are_the_notes_they_claim():
    X, y = load("thirds", noise=0.0, count=400)
    names = {(-1, -1): (72, 69), (1, -1): (73, 69), (-1, 1): (72, 76), (1, 1): (73, 76)}
    for sign, pitches in names.items():
        of = (np.sign(X) == sign).all(1)
        assert set(y[of]) == {float(abs(pitches[0] - pitches[1]) == 4)}  # four semitones are a major third, three a minor
        assert abs(pitches[0] - pitches[1]) in (3, 4)
        spectrum = np.abs(np.fft.rfft(dyad(0.5 * sign[0], 0.5 * sign[1]), 1 << 15))
        for pitch in pitches:
            at = round(audio.hertz(pitch) * (1 << 15) / 16_000)
            assert spectrum[at - 3 : at + 4].max() > 20 * np.median(spectrum)


def test_place_measures_each_sound_and_fits_the_plane_to_them():
    points = [(x1, x2) for x1, x2 in CORNERS if x2 > -0.5]
    placed, ticks = place([pitched(*p) for p in points])
    assert placed.min(0).tolist() == [-1, -1]
    assert placed.max(0).tolist() == [1, 1]
    measured = np.log2([features(pitched(*p)) for p in points])
    slope = np.ptp(measured, axis=0) / 2
    np.testing.assert_allclose(np.diff(placed, axis=0) * slope, np.diff(measured, axis=0), atol=0.01)
    for axis, unit in ((0, 1.0), (1, 1e-3)):
        assert len(ticks[axis]) >= 2
        for at, name in ticks[axis]:  # a tick stands where a sound of that value would
            middle = (measured[:, axis].min() + measured[:, axis].max()) / 2
            assert at * slope[axis] + middle == pytest.approx(np.log2(float(name.replace(",", "")) * unit), abs=1e-6)


def test_any_sound_gets_a_place_within_the_plane():
    random = np.random.default_rng(0)
    sounds = [random.normal(size=8000) * 0.1, audio.tone(60).numpy(), audio.click(0.1, 0.3).numpy(), np.eye(1, 4000)[0]]
    assert np.abs(place(sounds)[0]).max() <= 1
    assert np.abs(place(sounds[:1])[0]).max() == 0


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="choose one of kick vs hi-hat"):
        load("moons")
    with pytest.raises(ValueError, match="silent"):
        features(np.zeros(100))
