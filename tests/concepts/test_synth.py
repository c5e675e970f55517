"""The synthesisers against closed forms, what is written out of their derivatives against autograd."""

import numpy as np
import pytest
import torch

from helpers.concepts import synth as maths
from helpers.concepts.synth import SYNTHS

PLACES = [(0.31, 0.47), (0.83, 0.9), (0.07, 0.15), (0.5, 0.62)]


def knobs(*place):
    return torch.tensor(place, dtype=torch.float64)


def middle(x):
    """A sound without the 8 ms at either end in which it fades."""
    return np.asarray(x)[64:-64]


def test_a_sine_is_a_sine():
    t = np.arange(maths.SAMPLES) / maths.RATE
    x = SYNTHS["sine"].sound(knobs(0.6, 0.8))
    np.testing.assert_allclose(middle(x), middle(0.4 * np.sin(2 * np.pi * 800 * t)), atol=1e-12)


def test_a_sound_fades_in_and_out_over_8_ms():
    t = np.arange(maths.SAMPLES) / maths.RATE
    gain = np.ones(maths.SAMPLES)
    gain[:64] = np.sin(np.pi * np.arange(64) / 128) ** 2
    gain[-63:] = gain[1:64][::-1]
    np.testing.assert_allclose(SYNTHS["sine"].sound(knobs(0.6, 0.8)), gain * 0.4 * np.sin(2 * np.pi * 800 * t), atol=1e-12)


def test_the_sidebands_of_fm_are_bessel_functions():
    """Chowning, 1973: the carrier keeps J0(index), the first sideband, at carrier + ratio · carrier, has J1(index)."""
    index, ratio = 2.5, 1.25
    x = middle(SYNTHS["FM"].sound(knobs((ratio - 0.5) / 1.5, index / 3), samples=8128))
    level = np.abs(np.fft.rfft(x)) / 4000  # one bin a hertz
    for hertz, bessel in ((400, torch.special.bessel_j0), (900, torch.special.bessel_j1)):
        wanted = maths.LEVEL * bessel(torch.tensor(index, dtype=torch.float64)).abs()
        assert float(level[hertz]) == pytest.approx(float(wanted), abs=1e-9)


def test_an_echo_is_the_ping_again_later_and_softer():
    delay, feedback, early = 240, 0.45, 800  # in samples of 8 kHz; the ping from 100 ms before
    t = (np.arange(-early, maths.SAMPLES) / 8000) - 0.012
    ping = 0.25 * np.exp(-((t / 0.004) ** 2) / 2) * np.cos(2 * np.pi * 400 * t)
    wanted = np.zeros_like(ping)
    for k in range(6):
        wanted[k * delay :] += feedback**k * ping[: len(ping) - k * delay]
    got = SYNTHS["echo"].sound(knobs((delay / 8000 - 0.01) / 0.05, feedback / 0.9))
    np.testing.assert_allclose(middle(got), middle(wanted[early:]), atol=1e-12)


@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_a_sound_is_the_same_at_any_rate(rate):
    for made in SYNTHS.values():
        x = made.sound(knobs(*made.target), samples=1024 * rate // 8_000, rate=rate)
        np.testing.assert_allclose(x[:: rate // 8_000], made.sound(knobs(*made.target)), atol=1e-9)
        assert float(x.abs().max()) < 0.5  # it is heard as it is


@pytest.mark.parametrize("name", SYNTHS)
def test_a_batch_of_knobs_is_one_sound_each(name):
    made = SYNTHS[name]
    some = torch.rand(2, 3, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    whole = made.sound(some)
    assert whole.shape == (2, 3, maths.SAMPLES)
    np.testing.assert_allclose(whole[1, 2], made.sound(some[1, 2]), atol=1e-12)


@pytest.mark.parametrize("place", PLACES, ids=str)
@pytest.mark.parametrize("name", SYNTHS)
def test_the_sensitivity_is_autograds(name, place):
    made = SYNTHS[name]
    wanted = torch.autograd.functional.jacobian(made.sound, knobs(*place))  # (time, knob)
    x, *slopes = made.sensitivity(*place)
    np.testing.assert_allclose(x, made.sound(knobs(*place)), atol=1e-12)
    np.testing.assert_allclose(np.stack(slopes, 1), wanted, rtol=1e-9, atol=1e-9)
