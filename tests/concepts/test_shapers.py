"""Curves to learn: their range, and what they make of a tone, against the FFT of the shaped samples."""

import numpy as np
import pytest

from helpers.concepts.shapers import LEVEL, TARGETS, triangle


@pytest.mark.parametrize("name", TARGETS)
def test_curves_stay_in_range_and_give_the_harmonics_of_their_samples(name):
    target = TARGETS[name]
    assert np.abs(target.curve(np.linspace(-1, 1, 2001))).max() <= 1 + 1e-9
    phase = np.arange(8192) / 8192
    samples = target.curve(2 * phase - 1) if target.cycle else target.curve(LEVEL * np.sin(2 * np.pi * phase))
    wanted = np.abs(np.fft.rfft(samples))[:37] * 2 / 8192
    wanted[0] /= 2
    np.testing.assert_allclose(np.hypot(*target.harmonics(target.curve).T), wanted, atol=2e-6)


def test_a_triangle_rises_and_falls_evenly():
    assert triangle(np.array([0.0, 0.25, 0.5, 0.75, 1.0])).tolist() == [-1, 0, 1, 0, -1]
