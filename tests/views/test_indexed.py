"""Small PNGs, read back by matplotlib's own decoder."""

import io

import matplotlib.image
import numpy as np
import pytest

from helpers.views.indexed import pack


def decoded(png: bytes) -> np.ndarray:
    return (matplotlib.image.imread(io.BytesIO(png), format="png") * 255).round().astype(np.uint8)


def drawing(colours: int, rows: int = 40, columns: int = 60) -> np.ndarray:
    random = np.random.default_rng(colours)
    palette = random.integers(0, 256, (colours, 3), dtype=np.uint8)
    return palette[random.integers(0, colours, (rows, columns))]


@pytest.mark.parametrize("colours", [1, 2, 255, 256])
def test_up_to_256_colours_come_back_exactly(colours):
    picture = drawing(colours)
    assert np.array_equal(decoded(pack(picture))[..., :3], picture)


def test_of_more_colours_each_is_shown_by_one_that_is_near():
    grey = np.arange(256)[:, None] * np.ones(3)
    many = np.concatenate([np.minimum(grey + shift, 255) for shift in ([0, 0, 0], [40, 0, 0], [0, 0, 40])]).astype(np.uint8)
    picture = many[np.random.default_rng(0).integers(0, len(many), (100, 100))]
    picture[:50] = (10, 200, 30)  # half of it is of one colour
    back = decoded(pack(picture))[..., :3]
    assert len(np.unique(back.reshape(-1, 3), axis=0)) <= 256
    assert (back[:50] == (10, 200, 30)).all()
    assert np.abs(back.astype(int) - picture).max() <= 6


def test_what_is_not_seen_is_transparent():
    picture = drawing(256)
    seen = np.random.default_rng(0).random((40, 60)) < 0.3
    back = decoded(pack(picture, seen))
    assert np.array_equal(back[..., 3] == 255, seen)
    assert (back[seen][:, :3] == picture[seen]).all(-1).mean() > 0.99  # one of 256 colours makes room


def test_nothing_seen_is_a_picture_too():
    assert not decoded(pack(drawing(4), np.zeros((40, 60), bool)))[..., 3].any()


def test_it_is_smaller_than_full_colour():
    picture = np.repeat(np.repeat(drawing(200, 30, 40), 10, 0), 10, 1)
    packed = io.BytesIO()
    matplotlib.image.imsave(packed, picture, format="png")
    assert len(pack(picture)) < 0.7 * len(packed.getvalue())
