"""The spiking neuron's numbers against a simulation, and its clicks."""

import numpy as np
import pytest

from helpers.explorers import Spiking
from tests.concepts.test_spiking import simulated

STATES = [{}, {"current": 0.9}, {"current": 3.5, "tau": 40.0}, {"current": 2.0, "tau": 10.0, "rest": 10.0}]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_spikes_and_rate_are_those_of_a_simulation(state):
    explorer = Spiking(**state)
    result = explorer.result()
    spikes, _ = simulated(explorer.cell, explorer.state["current"], 2.0)
    assert abs(result["clicks"] - len(spikes)) <= 1
    np.testing.assert_allclose(result["spikes"], spikes[: len(result["spikes"])], rtol=0.005)
    if len(spikes) > 1:
        assert result["rate"] == pytest.approx(1 / np.diff(spikes).mean(), rel=0.005)
        assert f"{result['rate']:.1f} spikes a second" in explorer.alt()
    else:
        assert result["rate"] == 0
    assert result["rates"][::50] == pytest.approx([explorer.cell.rate(i) for i in np.arange(6) * 0.8])


def test_it_clicks_as_often_as_it_fires():
    explorer = Spiking(current=2.0)
    loud = np.abs(explorer.tracks()[0].samples) > 0.05
    clicks = 1 + (np.diff(np.flatnonzero(loud)) > 160).sum()
    assert clicks == explorer.result()["clicks"]


def test_the_current_is_dragged_in_either_plane():
    explorer = Spiking()
    explorer._drag("membrane", "current", 0, 250.0, 2.5)
    assert explorer.state["current"] == 2.5
    explorer._drag("rate", "now", 0, 0.5, 100.0)
    assert explorer.state["current"] == 0.5
    assert explorer.tracks() == []
    assert "never fires" in explorer.alt()


@pytest.mark.parametrize(("state", "truth"), [
    ({"current": 1.05}, "far more than twice as often"), ({"current": 0.9}, "far more than twice as often"),
    ({"current": 2.0, "rest": 10.0}, "less than twice as often"),
])  # fmt: skip
def test_the_question_follows_the_rates(state, truth):
    explorer = Spiking(**state)
    assert explorer.question().truth == truth
    rates = [explorer.cell.rate(i) for i in (state["current"], 2 * state["current"])]
    assert (rates[1] < 1.8 * rates[0]) == (truth == "less than twice as often")


@pytest.mark.parametrize("current", [0.0, 0.3, 0.5])
def test_there_is_no_question_where_twice_the_current_is_still_too_weak(current):
    explorer = Spiking(current=current, predict=True)
    assert explorer.asked is None
    assert explorer.cell.rate(2 * current) == explorer.cell.rate(current) == 0
