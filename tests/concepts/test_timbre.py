import numpy as np
import pytest
import torch

from helpers.concepts.timbre import amplitude, brightness, fading, level, off_db, uphill
from helpers.datasets.harmonics import LOUDEST, sound


def test_amplitudes_are_those_that_are_played():
    picture = torch.zeros(24, 32)
    picture[2] = 0.75  # 15 dB below the loudest
    x = sound(picture, 52)[4000:12000]
    assert float(x.abs().max()) == pytest.approx(LOUDEST * 10 ** (-15 / 20), rel=0.01)
    assert float(amplitude(picture[None])[0, 2, 0]) == pytest.approx(10 ** (-15 / 20))
    assert not amplitude(torch.zeros(1, 24, 32)).any()


def test_a_level_is_the_cell_of_an_amplitude():
    pictures = torch.rand(3, 24, 32)
    assert torch.allclose(level(amplitude(pictures)), pictures, atol=1e-5)
    assert level(torch.tensor([[[0.0, 1e-4, 1.0, 2.0]]])).tolist() == [[[0.0, 0.0, 1.0, 1.0]]]


def test_brightness_is_the_centroid_of_the_power():
    picture = torch.zeros(2, 24, 32)
    picture[0, 0] = picture[0, 4] = 1.0  # harmonics 1 and 5, equally loud
    picture[1, 7] = 0.5
    assert brightness(picture).tolist() == pytest.approx([3.0, 8.0])


def test_fading_is_how_much_softer_the_second_half_is():
    picture = torch.full((2, 24, 32), 0.8)
    picture[0, :, 16:] = 0.6  # 12 dB lower
    assert fading(picture).tolist() == pytest.approx([12.0, 0.0], abs=1e-4)


@pytest.mark.parametrize("kind", [torch.tensor, np.array])
def test_off_is_the_root_of_the_mean_square(kind):
    wanted = kind([[[0.5, 1.0], [0.0, 0.25]]])
    made = kind([[[0.5, 0.5], [0.0, 0.25]]])  # one of four cells is 30 dB too soft: 30 / √4
    assert off_db(made, wanted) == pytest.approx(15.0)
    assert off_db(wanted, wanted) == 0


def test_uphill_is_the_least_squares_plane():
    random = np.random.default_rng(0)
    places = random.normal(size=(50, 2))
    values = 2 * places[:, 0] - 3 * places[:, 1] + 7 + random.normal(size=50)
    (a, b, _), left, *_ = np.linalg.lstsq(np.c_[places, np.ones(50)], values, rcond=None)
    slope, share = uphill(torch.from_numpy(places), torch.from_numpy(values))
    assert slope.tolist() == pytest.approx([a, b])
    assert share == pytest.approx(1 - left[0] / ((values - values.mean()) ** 2).sum())
    with pytest.raises(ValueError, match="three"):
        uphill(torch.zeros(2, 2), torch.zeros(2))
