import numpy as np
import pytest

from helpers.audio import RATE, hertz
from helpers.datasets.clouds import CLOUDS, PEAK, REACH, cloud, note, sample


@pytest.mark.parametrize("name", CLOUDS)
def test_a_cloud_is_drawn_from_its_seed_and_stays_on_the_plane(name):
    X = sample(name, 2000, seed=3)
    assert X.shape == (2000, 2)
    assert np.abs(X).max() < REACH
    assert np.array_equal(X, sample(name, 2000, seed=3))
    assert not np.array_equal(X, sample(name, 2000, seed=4))


@pytest.mark.parametrize("name", [name for name in CLOUDS if len(CLOUDS[name].centres)])
def test_modes_are_equally_likely_and_as_wide_as_they_say(name):
    kind, X = cloud(name), sample(name, 20_000)
    nearest = np.linalg.norm(X[:, None] - kind.centres, axis=2).argmin(1)
    share = np.bincount(nearest, minlength=len(kind.centres)) / len(X)
    assert np.abs(share - 1 / len(share)).max() < 5 * np.sqrt(1 / len(share) / len(X))
    assert (X - kind.centres[nearest]).std() == pytest.approx(kind.spread, rel=0.03)


def test_a_point_s_pitch_is_its_x():
    spectrum = np.abs(np.fft.rfft(note(0.5, -1.0), 8 * RATE))
    assert np.argmax(spectrum) / 8 == pytest.approx(hertz(66), abs=2)


def test_higher_on_the_plane_is_brighter_and_no_louder():
    def centroid(x):
        power = np.abs(np.fft.rfft(x)) ** 2
        return (np.arange(len(power)) * power).sum() / power.sum()

    sounds = [note(0.0, y) for y in (-REACH, -0.5, 0.0, 0.5, REACH)]
    assert np.all(np.diff([centroid(x) for x in sounds]) > 0)
    assert all(np.abs(x).max() == pytest.approx(PEAK, rel=1e-6) and np.isfinite(x).all() for x in sounds)


def test_unknown_cloud():
    with pytest.raises(ValueError, match="eight Gaussians, grid"):
        sample("donut", 10)
