"""The spiking neuron against a fine Euler simulation and its closed form."""

import numpy as np
import pytest

from helpers.concepts.spiking import Cell, clicks

CURRENTS = [0.5, 1.0, 1.001, 1.2, 2.0, 5.0]


def simulated(cell: Cell, current: float, seconds: float, dt: float = 1e-5):
    """Step by step as a beginner would: Euler, with a rest after each spike."""
    v, rest, spikes, trace = 0.0, 0.0, [], []
    for i in range(round(seconds / dt)):
        if rest > 0:
            rest -= dt
        else:
            v += dt * (current - v) / cell.tau
            if v >= 1:
                spikes.append((i + 1) * dt)
                v, rest = 0.0, cell.refractory
        trace.append(v)
    return np.array(spikes), np.array(trace)


@pytest.mark.parametrize("current", CURRENTS)
@pytest.mark.parametrize("cell", [Cell(), Cell(0.01, 0.0), Cell(0.05, 0.005)], ids=str)
def test_spikes_are_those_of_a_simulation(cell, current):
    spikes, _ = simulated(cell, current, 0.4)
    got = cell.spikes(current, 0.4)
    if current == 1.001:  # so near the threshold that Euler's own error decides when it fires
        assert cell.rate(current) == pytest.approx(1 / (cell.refractory + cell.tau * np.log(1001)), rel=1e-9)
        return
    assert abs(len(got) - len(spikes)) <= 1  # one may fall just beyond the end
    n = min(len(got), len(spikes))
    steps = np.arange(1, n + 1)  # each of Euler's spikes is up to a step late, and a rest rounded to steps
    assert (np.abs(got[:n] - spikes[:n]) <= 2.5e-5 * steps).all()
    if len(spikes) > 3:
        assert cell.rate(current) == pytest.approx(1 / np.diff(spikes).mean(), rel=0.01)


def test_a_weak_current_leaks_away_and_a_strong_one_is_bounded_by_the_rest():
    assert [Cell().rate(current) for current in (-1.0, 0.0, 1.0)] == [0, 0, 0]
    assert Cell(0.02, 0.002).rate(1e9) == pytest.approx(500, rel=1e-3)


@pytest.mark.parametrize("current", [0.7, 1.5, 3.0])
def test_the_membrane_is_that_of_the_simulation(current):
    cell = Cell()
    _, trace = simulated(cell, current, 0.2)
    curve, fired = cell.membrane(current, 0.2), cell.spikes(current, 0.2)
    assert np.diff(curve[:, 0]).min() >= 0
    assert curve[:, 1].max() <= 1
    clear = (np.abs(curve[:, :1] - np.append(fired, 9)).min(1) > 1e-3) & (curve[:, 0] > 1e-4)
    np.testing.assert_allclose(curve[clear, 1], trace[(curve[clear, 0] / 1e-5).round().astype(int) - 1], atol=6e-3)
    for at in fired:  # up to the threshold, then straight down
        assert curve[curve[:, 0] == at, 1].tolist() == [1, 0]


def test_one_step_is_the_exact_solution():
    cell, v = Cell(0.02), 0.1
    for _ in range(20):
        v = cell.step(v, 0.9, 0.001)
    assert v == pytest.approx(0.9 + (0.1 - 0.9) * np.exp(-1), rel=1e-12)


def test_each_spike_clicks_at_its_time():
    x = clicks(np.array([0.1, 0.25]), 0.5)
    loud = np.flatnonzero(np.abs(x) > 0.05) / 16_000
    assert len(x) == 8000
    assert ((np.abs(loud - 0.1) < 0.003) | (np.abs(loud - 0.25) < 0.003)).all()
    assert loud.min() == pytest.approx(0.1, abs=5e-4)
    assert 0.1 < np.abs(x).max() <= 0.4
    assert len(clicks(np.array([0.4999]), 0.5)) == 8000


@pytest.mark.parametrize("cell", [{"tau": 0.0}, {"refractory": -0.1}])
def test_what_is_no_cell_is_refused(cell):
    with pytest.raises(ValueError, match="tau is above 0"):
        Cell(**cell)
