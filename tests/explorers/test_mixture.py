"""A mixture on the screen: its density, its course and its draws against the concept and torch; centres that are dragged."""

import numpy as np
import pytest
import torch
from torch.distributions import Categorical, MixtureSameFamily, MultivariateNormal

from helpers.datasets.clouds import REACH, sample
from helpers.explorers import Mixture
from helpers.explorers.mixture import NODES, POINTS, STEPS


def test_density_and_likelihood_against_torch():
    result = Mixture(data="ring", components=3, seed=2, position=7).result()
    weights, means, C = (torch.tensor(result[name]) for name in ("weights", "means", "covariances"))
    theirs = MixtureSameFamily(Categorical(weights), MultivariateNormal(means, C))
    axis = np.linspace(-REACH, REACH, NODES)
    for row, column in ((0, 0), (10, 30), (48, 5)):
        expected = theirs.log_prob(torch.tensor([axis[column], axis[row]]))
        assert result["density"][row, column] == pytest.approx(float(expected), abs=1e-9)
    points = torch.from_numpy(sample("ring", POINTS, 2))
    assert result["likelihood"][7] == pytest.approx(float(theirs.log_prob(points).mean()), abs=1e-9)


def test_the_picture_holds_log_p_itself_wherever_it_is():
    """A tip reads the panel's values: they go beyond the ends of the colours."""
    explorer = Mixture()
    panel = explorer.grid.panel("learned")
    assert explorer.result()["density"].min() < panel.lo
    np.testing.assert_array_equal(panel.values, explorer.result()["density"])


@pytest.mark.parametrize("data", ["eight Gaussians", "spiral"])
def test_likelihood_rises_as_the_question_says(data):
    explorer = Mixture(data=data)
    course = explorer.result()["likelihood"]
    assert np.diff(course).min() > -1e-3
    assert "rises at every step" in explorer.question().truth


def test_eight_components_find_eight_modes_and_the_stuck_ones_do_not():
    ends = [Mixture(**preset).result()["likelihood"][-1] for preset in ({}, Mixture.presets["stuck"], Mixture.presets["too few"])]
    assert ends[0] > ends[1] + 0.5
    assert ends[0] > ends[2] + 1.5


def test_a_dragged_centre_begins_anew_from_there():
    explorer = Mixture(components=2, data="two notes")
    before = explorer.result()["means"]
    message = {"type": "drag", "panel": "learned", "layer": "centres", "index": 1, "x": 0.1, "y": -0.9, "id": 1}
    explorer.grid._receive(explorer.grid, message, [])
    explorer._newest.flush()
    assert explorer.state["position"] == 0
    np.testing.assert_allclose(explorer.result()["means"], [before[0].round(3), [0.1, -0.9]])
    assert explorer.set(components=3).state["starts"] == []


@pytest.mark.parametrize("starts", [[[0.0, 0.0]], [[0.0, 0.0], [9.0, 0.0]], [[0.0], [1.0]], [["a", 0], [0, 0]]])
def test_bad_centres_are_refused(starts):
    explorer = Mixture(components=2)
    explorer.set(starts=starts)
    assert "give 2 centres [x, y] within ±1.3" in explorer.problem


def test_draws_come_from_the_mixture_that_is_shown():
    result = Mixture(components=8).result()
    nearest = np.linalg.norm(result["drawn"][:, None] - result["means"], axis=2).argmin(1)
    assert (nearest == result["drawn from"]).all()
    assert result["drawn"].shape == (POINTS, 2)
    assert len(result["likelihood"]) == STEPS + 1
