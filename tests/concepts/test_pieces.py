"""Piecewise linear networks against torch, numpy's interpolation and closed forms."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from helpers.concepts.pieces import Hinged, descend, errors, evenly, fit, greedy, pieces, through

GRID = np.linspace(-1, 1, 512)
TARGETS = {"drive": lambda x: np.tanh(3 * x), "fold": lambda x: np.sin(4 * x), "line": lambda x: 0.3 - 0.5 * x}


def points(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    inside = np.linspace(-1, 1, count + 2)[1:-1] + random.uniform(-0.4, 0.4, count) * 2 / (count + 1)
    x = np.concatenate([[-1], inside, [1.0]])
    return x, random.uniform(-1, 1, count + 2)


@pytest.mark.parametrize("count", [0, 1, 5, 32])
def test_it_joins_its_points_by_straight_lines(count):
    x, y = points(count)
    network = through(x, y)
    np.testing.assert_allclose(network(GRID), np.interp(GRID, x, y), atol=1e-10)
    assert pieces(network) == count + 1
    assert network.parameters == 3 * (count + 1) + 1


def test_it_is_the_torch_network_with_these_weights():
    network = through(*points(9))
    model = nn.Sequential(nn.Linear(1, 10), nn.ReLU(), nn.Linear(10, 1)).double()
    with torch.no_grad():
        model[0].weight.fill_(1.0)
        model[0].bias.copy_(-torch.from_numpy(network.hinges))
        model[2].weight[0] = torch.from_numpy(network.bends)
        model[2].bias.fill_(network.offset)
        wanted = model(torch.from_numpy(GRID)[:, None])[:, 0].numpy()
    np.testing.assert_allclose(network(GRID), wanted, atol=1e-12)
    assert network.parameters == sum(p.numel() for p in model.parameters())


def test_second_differences_vanish_between_hinges_and_nowhere_else():
    x, y = points(7, seed=3)
    fine = np.linspace(-1, 1, 4001)
    second = np.diff(through(x, y)(fine), 2)
    near = (np.abs(fine[1:-1, None] - x[1:-1]) < 1e-3).any(1)
    assert np.abs(second[~near]).max() < 1e-12
    for hinge in x[1:-1]:
        assert np.abs(second[np.abs(fine[1:-1] - hinge) < 1e-3]).max() > 1e-5


def test_pieces_count_distinct_hinges_inside_that_bend():
    network = Hinged(0.0, np.array([-1.0, -2, -0.5, -0.5, 0.0, 0.3, 1.0, 4.0]), np.array([1.0, 1, 1, 1, 0, 2, 1, 1]))
    assert pieces(network) == 3  # bends at -0.5 and 0.3
    assert pieces(through(np.array([-1.0, 0, 1]), np.array([0.0, 1, 2]))) == 1  # a hinge that does not bend


@pytest.mark.parametrize("x", [[-1.0, 0.5, 0.5, 1], [-1.0, 0.5, 0.2, 1], [-0.9, 0, 1], [-1.0]])
def test_points_that_do_not_rise_across_the_domain_are_refused(x):
    with pytest.raises(ValueError, match="rise from -1 to 1"):
        through(np.array(x, float), np.zeros(len(x)))


@pytest.mark.parametrize("name", TARGETS)
def test_no_other_bends_fit_better(name):
    y = TARGETS[name](GRID)
    best = fit(evenly(6), GRID, y)
    design = torch.from_numpy(np.column_stack([np.ones_like(GRID), best.units(GRID)]))
    wanted = torch.linalg.lstsq(design, torch.from_numpy(y)[:, None], driver="gelsd").solution[:, 0].numpy()
    np.testing.assert_allclose([best.offset, *best.bends], wanted, atol=1e-8)
    for i in range(7):
        worse = Hinged(best.offset, best.hinges, best.bends + 0.01 * np.eye(7)[i])
        assert errors(worse(GRID), y)[1] > errors(best(GRID), y)[1]


def test_a_straight_target_needs_no_hinge():
    network = fit(evenly(4), GRID, TARGETS["line"](GRID))
    assert pieces(network) == 1
    assert errors(network(GRID), TARGETS["line"](GRID))[0] < 1e-12


def test_more_hinges_never_fit_worse_when_the_old_ones_stay():
    y = TARGETS["fold"](GRID)
    fits = greedy(20, GRID, y)
    rms = [errors(network(GRID), y)[1] for network in fits]
    assert all(later <= earlier + 1e-12 for earlier, later in pairwise(rms))
    assert rms[20] < 0.01 * rms[0]
    for few, more in pairwise(fits):
        assert set(few.hinges) <= set(more.hinges)
        assert len(more.hinges) == len(few.hinges) + 1


def test_descent_is_torch_adam():
    y, x = TARGETS["drive"](GRID[::8]), GRID[::8]
    steps = descend(evenly(5), x, y, 60)
    offset = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    hinges = torch.from_numpy(evenly(5)).requires_grad_()
    bends = torch.from_numpy(steps[0].bends.copy()).requires_grad_()
    optimiser = torch.optim.Adam([offset, hinges, bends], lr=0.02)
    for network in steps:
        np.testing.assert_allclose(network.hinges, [-1, *hinges.detach()], atol=1e-8)
        np.testing.assert_allclose(network.bends, bends.detach(), atol=1e-8)
        assert network.offset == pytest.approx(offset.item(), abs=1e-8)
        at = torch.cat([torch.tensor([-1.0], dtype=torch.float64), hinges])
        out = offset + torch.relu(torch.from_numpy(x)[:, None] - at) @ bends
        optimiser.zero_grad()
        torch.mean((out - torch.from_numpy(y)) ** 2).backward()
        optimiser.step()
    assert errors(steps[-1](x), y)[1] < 0.5 * errors(steps[0](x), y)[1]


def test_the_next_hinge_is_the_best_of_all_places():
    y = TARGETS["fold"](GRID)
    for network, count in zip(greedy(3, GRID, y)[:-1], range(3)):
        taken = network.hinges[1:]
        tried = [errors(fit(np.sort(np.append(taken, place)), GRID, y)(GRID), y)[1] for place in set(evenly(127)) - set(taken)]
        assert errors(greedy(3, GRID, y)[count + 1](GRID), y)[1] == pytest.approx(min(tried), rel=1e-6)
