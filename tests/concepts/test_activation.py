"""Activations against torch, their harmonics against closed forms."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from helpers.concepts.activation import (
    ACTIVATIONS,
    amplitudes,
    as_loud_as,
    cycle_harmonics,
    dead,
    decibels,
    harmonics,
    play,
    saturated,
)

TORCH = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "ReLU": F.relu,
    "leaky ReLU": F.leaky_relu,
    "ELU": F.elu,
    "GELU": F.gelu,
    "SiLU": F.silu,
}
Z = np.concatenate([np.linspace(-8, 8, 321), [-700.0, 700.0]])


@pytest.mark.parametrize("name", TORCH)
def test_values_and_slopes_are_torchs(name):
    z = torch.tensor(Z, requires_grad=True)
    y = TORCH[name](z)
    (slope,) = torch.autograd.grad(y.sum(), z)
    np.testing.assert_allclose(ACTIVATIONS[name].value(Z), y.detach().numpy(), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(ACTIVATIONS[name].slope(Z), slope.numpy(), rtol=1e-10, atol=1e-12)


def test_the_step_is_torchs_heaviside_and_its_slope_is_nothing():
    z = torch.from_numpy(Z)
    assert np.array_equal(ACTIVATIONS["step"].value(Z), torch.heaviside(z, torch.zeros(1, dtype=z.dtype)).numpy())
    assert not ACTIVATIONS["step"].slope(Z).any()


def test_all_that_are_offered_are_tested():
    assert ACTIVATIONS.keys() == {*TORCH, "step"}


@pytest.mark.parametrize(("name", "wanted"), [
    ("identity", {1: 1.0}),
    ("step", {0: 0.5, 1: 2 / np.pi, 2: 0, 3: 2 / (3 * np.pi), 5: 2 / (5 * np.pi)}),  # a square wave of height 1
    ("ReLU", {0: 1 / np.pi, 1: 0.5, 2: 2 / (3 * np.pi), 3: 0, 4: 2 / (15 * np.pi)}),  # a half-wave rectified sine
])  # fmt: skip
def test_harmonics_in_closed_form(name, wanted):
    got = amplitudes(harmonics(ACTIVATIONS[name].value))
    for h, value in wanted.items():
        assert got[h] == pytest.approx(value, abs=3e-4 if name == "step" else 1e-6)


def test_harmonics_add_up_to_the_shaped_sine():
    t = 2 * np.pi * np.arange(500) / 500
    parts = harmonics(np.tanh, count=200, drive=3.0, bias=0.4)
    h = np.arange(201)[:, None]
    again = (parts[:, :1] * np.cos(h * t) + parts[:, 1:] * np.sin(h * t)).sum(0)
    np.testing.assert_allclose(again, np.tanh(3 * np.sin(t) + 0.4), atol=1e-10)


def test_an_odd_function_makes_odd_harmonics_until_there_is_a_bias():
    assert amplitudes(harmonics(np.tanh, drive=4.0))[2::2].max() < 1e-12
    assert amplitudes(harmonics(np.tanh, drive=4.0, bias=0.5))[2::2].max() > 0.01


def test_the_sound_has_its_partials_where_they_belong_and_none_folded_back():
    parts = harmonics(ACTIVATIONS["step"].value, count=60)
    x = play(parts, 220.0)
    spectrum = np.abs(np.fft.rfft(x)) * 2 / len(x)  # bins of 1 Hz
    assert spectrum[220] == pytest.approx(amplitudes(parts)[1], rel=1e-6)
    assert abs(int(spectrum.argmax()) - 220) <= 1
    off = np.ones(len(spectrum), bool)
    off[::220] = False
    assert spectrum[off].max() < 1e-9
    assert spectrum[220 * 35] == pytest.approx(amplitudes(parts)[35], rel=1e-6)  # 7,700 Hz; 7,920 is the last below 8,000


def test_too_few_samples_are_refused():
    with pytest.raises(ValueError, match="more than 72"):
        cycle_harmonics(np.zeros(72))


def test_loudness_is_matched_and_silence_stays():
    x = play(harmonics(np.tanh, drive=5.0), 220.0)
    assert 20 * np.log10(np.sqrt(np.mean(as_loud_as(x, 0.1) ** 2)) / 0.1) == pytest.approx(0, abs=1e-9)
    assert not as_loud_as(np.zeros(100), 0.1).any()


def test_decibels_have_a_floor():
    np.testing.assert_allclose(decibels(np.array([1.0, 0.1, 0.0])), [0, -20, -80])


def test_saturation_and_death():
    z = np.array([[-1.0, 9.0], [-2.0, 0.1], [-0.5, -9.0]])
    assert dead(z, "ReLU") == 1
    assert dead(z, "leaky ReLU") == 0
    assert dead(-z, "ReLU") == 0
    np.testing.assert_allclose(saturated(z, "sigmoid"), [0, 2 / 3])
    np.testing.assert_allclose(saturated(z, "ReLU"), [1, 1 / 3])
