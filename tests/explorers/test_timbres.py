"""Pictures of harmonics in a strip, and as one sound without a break."""

import numpy as np

from helpers.datasets.harmonics import held_out
from helpers.explorers.parts.timbres import STRIDE, gapless, one, strip


def test_a_strip_holds_every_picture():
    pictures = np.random.default_rng(0).random((5, 24, 32)).astype(np.float32)
    whole = strip(pictures)
    assert whole.shape == (24, 5 * STRIDE)
    for k in range(5):
        assert np.array_equal(whole[:, STRIDE * k : STRIDE * k + 32], pictures[k])
        assert not whole[:, STRIDE * k + 32].any()


def test_a_gapless_sound_holds_each_picture_and_no_jump():
    pictures = np.stack([held_out()[name].picture[0].numpy() for name in ("organ", "flute", "string")])
    x = gapless(pictures, 1.0)
    assert x.shape == (48_000,)
    first = one(pictures[0])
    np.testing.assert_allclose(x[200:15_000], first[200:15_000], atol=1e-4)  # the same sines, until the next picture nears
    assert np.abs(np.diff(x)).max() <= 1.05 * max(np.abs(np.diff(one(picture))).max() for picture in pictures)
