"""Landscapes against torch, their gradients against autograd and finite differences, tuning against torch.optim."""

import numpy as np
import pytest
import torch

from helpers.concepts.spectral import stft_loss, waveform_l2
from helpers.concepts.synth import SYNTHS
from helpers.concepts.tuning import WINDOWS, arrival, arrivals, compare, landscape, tune

PAIRS = [(synth, loss) for synth in SYNTHS for loss in WINDOWS]
PLACES = [(0.31, 0.47), (0.83, 0.9), (0.07, 0.15), (0.5, 0.62)]
both = pytest.mark.parametrize(("synth", "loss"), PAIRS)


def knobs(*place):
    return torch.tensor(place, dtype=torch.float64)


def loss_at(synth, loss, place):
    """The loss by way of torch alone, in float64."""
    made = SYNTHS[synth]
    return compare(made.sound(place), made.sound(knobs(*made.target)), loss)


@pytest.mark.parametrize("place", PLACES, ids=str)
@both
def test_the_gradient_is_autograds_and_that_of_finite_differences(synth, loss, place):
    got = landscape(synth, loss).gradient(*place)
    here = knobs(*place).requires_grad_()
    loss_at(synth, loss, here).backward()
    np.testing.assert_allclose(got, here.grad, rtol=1e-8, atol=1e-10)
    h = 1e-7
    for i in range(2):
        ahead, behind = (loss_at(synth, loss, knobs(*place) + sign * h * torch.eye(2, dtype=torch.float64)[i]) for sign in (1, -1))
        assert got[i] == pytest.approx(float(ahead - behind) / (2 * h), rel=2e-3, abs=1e-4)


@both
def test_the_loss_that_comes_with_the_gradient_is_torchs(synth, loss):
    surface = landscape(synth, loss)
    for place in PLACES:
        value, *gradient = surface.jet(*place)
        assert value == pytest.approx(float(loss_at(synth, loss, knobs(*place))), rel=1e-9, abs=1e-12)
        assert tuple(gradient) == surface.gradient(*place)
    path, losses = tune(surface, "Adam", PLACES[0], 7, 0.03)
    np.testing.assert_allclose(losses, [float(loss_at(synth, loss, knobs(*place))) for place in path], rtol=1e-9, atol=1e-12)


def test_the_losses_are_those_of_lecture_2():
    a, b = torch.randn(2, 1024, generator=torch.Generator().manual_seed(0))
    assert compare(a, b, "waveform") == waveform_l2(a, b)
    assert compare(a, b, "spectral") == stft_loss(a, b, sizes=(1024,))
    assert compare(a, b, "smoothed") == stft_loss(a, b, sizes=(64,))


@both
def test_a_landscape_is_the_loss_at_its_own_place(synth, loss):
    surface = landscape(synth, loss)
    Z = surface.grid(5, 9)
    assert Z.shape == (5, 9)
    for row, column in ((0, 0), (4, 0), (1, 7), (3, 2)):
        wanted = float(loss_at(synth, loss, knobs(column / 8, row / 4)))
        assert Z[row, column] == pytest.approx(wanted, rel=1e-4, abs=1e-7)
    assert float(surface.value(*SYNTHS[synth].target)) == pytest.approx(0, abs=1e-4)
    assert (Z > float(surface.value(*SYNTHS[synth].target))).all()


def test_the_waveform_loss_of_a_sine_in_tune_is_a_parabola():
    surface, gains = landscape("sine", "waveform"), np.linspace(0, 1, 7)
    tone = SYNTHS["sine"].sound(knobs(0.5, 1.0)).numpy() / 0.5
    np.testing.assert_allclose(surface.value(0.5, gains), (0.5 * gains - 0.3) ** 2 * np.mean(tone**2), rtol=1e-4, atol=1e-9)


def depth(line, i):
    """How far one has to climb out of the minimum i to get anywhere lower."""
    left, right = line[:i][::-1], line[i + 1 :]
    climbs = []
    for way in (left, right):
        lower = np.flatnonzero(way < line[i])
        climbs.append(way[: lower[0]].max() if len(lower) else np.inf)
    return min(climbs) - line[i]


def test_what_is_said_of_the_three_landscapes():
    """Along the frequency, the level being right, minima that are deeper than 0.1 % of the whole range."""
    deep = {}
    for loss in WINDOWS:
        line = landscape("sine", loss).value(np.linspace(0, 1, 801), 0.6)
        minima = np.flatnonzero((line[1:-1] < line[:-2]) & (line[1:-1] < line[2:])) + 1
        deep[loss] = sum(depth(line, i) > 0.001 * np.ptp(line) for i in minima)
    assert deep["waveform"] > 10
    assert deep["spectral"] > 10
    assert deep["smoothed"] == 1


def test_out_of_tune_the_waveform_loss_prefers_silence():
    value = landscape("sine", "waveform").value
    assert value(0.2, 0.0) < value(0.2, 0.6)
    value = landscape("sine", "smoothed").value
    assert value(0.2, 0.6) < value(0.2, 0.0)


TORCH = {
    "GD": lambda p, lr: torch.optim.SGD(p, lr),
    "momentum": lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9),
    "RMSProp": lambda p, lr: torch.optim.RMSprop(p, lr),
    "Adam": lambda p, lr: torch.optim.Adam(p, lr),
}


@pytest.mark.parametrize("optimiser", TORCH)
def test_tuning_is_what_torch_does(optimiser):
    lr = {"GD": 0.01, "momentum": 0.01}.get(optimiser, 0.05)
    place = knobs(0.52, 0.95).requires_grad_()
    algorithm, wanted = TORCH[optimiser]([place], lr), [place.detach().numpy().copy()]
    for _ in range(12):
        algorithm.zero_grad()
        loss_at("sine", "waveform", place).backward()
        algorithm.step()
        with torch.no_grad():
            place.clamp_(0, 1)
        wanted.append(place.detach().numpy().copy())
    got = tune(landscape("sine", "waveform"), optimiser, (0.52, 0.95), 12, lr)[0]
    np.testing.assert_allclose(got, wanted, atol=1e-6)
    assert np.ptp(got, axis=0).max() > 0.1


def test_a_knob_stops_at_its_end():
    path = tune(landscape("sine", "waveform"), "Adam", (0.2, 0.5), 40, 0.05)[0]
    assert (path[-1, 1], path.min(), path.max() <= 1) == (0, 0, True)
    assert ((path > 0) & (path < 1)).all(1).any()


def test_noise_is_seeded_and_cools_down():
    flat = landscape("sine", "waveform")
    still = tune(flat, "GD", (0.5, 0.5), 40, lr=0.0)[0]
    assert (still == 0.5).all()
    shaken = [np.diff(tune(flat, "GD", (0.5, 0.5), 40, lr=0.0, noise=0.01, seed=seed)[0], axis=0) for seed in range(40)]
    assert not np.allclose(shaken[0], shaken[1])
    np.testing.assert_array_equal(shaken[3], np.diff(tune(flat, "GD", (0.5, 0.5), 40, lr=0.0, noise=0.01, seed=3)[0], axis=0))
    spread = np.std(shaken, axis=(0, 2))  # of each step, over 80 draws
    assert spread[0] == pytest.approx(0.01, rel=0.3)
    assert spread[20] == pytest.approx(0.01 * (1 - 20 / 39), rel=0.3)
    assert spread[-1] == 0


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="sine, FM, echo"):
        landscape("organ", "waveform")
    with pytest.raises(ValueError, match="waveform, spectral, smoothed"):
        landscape("sine", "mel")
    with pytest.raises(ValueError, match="Adam"):
        tune(landscape("sine", "waveform"), "Newton", (0.5, 0.5), 3, 0.1)


def test_arrival_is_when_both_knobs_are_near_for_good():
    target = (0.5, 0.5)
    assert arrival(np.array([[0.52, 0.5], [0.5, 0.46]]), target) == 0
    assert arrival(np.array([[0.9, 0.5], [0.5, 0.5], [0.5, 0.44], [0.54, 0.46], [0.5, 0.5]]), target) == 3
    assert arrival(np.array([[0.5, 0.5], [0.5, 0.56]]), target) is None


def test_what_lecture_3_says_of_28_starts():
    """Adam, 40 steps: nobody, some and all arrive; where all do, each path ends near the target."""
    starts = [(x, y) for x in np.linspace(0.05, 0.95, 7) for y in np.linspace(0.15, 0.9, 4)]
    counts = [arrivals(landscape("sine", loss), starts, "Adam", 0.03) for loss in WINDOWS]
    assert counts[0] <= 2
    assert 8 < counts[1] < 24
    assert counts[2] >= 26
    ends = np.array([tune(landscape("sine", "smoothed"), "Adam", start, 40, 0.03)[0][-1] for start in starts])
    assert (np.abs(ends - SYNTHS["sine"].target).max(1) <= 0.05).sum() == counts[2]
