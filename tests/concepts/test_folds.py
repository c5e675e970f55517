"""Deep folding networks against torch, the folded line, numpy's interpolation and closed forms."""

import numpy as np
import pytest
import torch
from torch import nn

from helpers.concepts.folds import as_wide, measured, parameters, run, square, tent
from helpers.concepts.pieces import evenly, fit, pieces

GRID = np.linspace(-1, 1, 512)


def as_torch(layers) -> nn.Sequential:
    parts = []
    for W, b in layers:
        linear = nn.Linear(W.shape[1], W.shape[0]).double()
        linear.load_state_dict({"weight": torch.from_numpy(W), "bias": torch.from_numpy(b)})
        parts += [linear, nn.ReLU()]
    return nn.Sequential(*parts[:-1])


@pytest.mark.parametrize("depth", range(1, 9))
def test_a_tent_of_tents_has_2_to_the_k_pieces(depth):
    layers, fine = tent(depth), np.linspace(-1, 1, 2**11 + 1)
    y = run(layers, fine)
    expected = fine
    for _ in range(depth):
        expected = 1 - 2 * np.abs(expected)
    np.testing.assert_allclose(y, expected, atol=1e-9)
    bends = np.abs(np.diff(y, 2)) > 1e-6
    assert bends.sum() + 1 == 2**depth
    assert parameters(layers) == 6 * depth + 1 == fit(evenly(2 * depth - 1), GRID, GRID).parameters
    assert parameters(layers) == sum(p.numel() for p in as_torch(layers).parameters())
    with torch.no_grad():
        np.testing.assert_allclose(y, as_torch(layers)(torch.from_numpy(fine)[:, None])[:, 0], atol=1e-12)


@pytest.mark.parametrize("depth", range(1, 8))
def test_the_deep_square_interpolates_at_even_points(depth):
    x = np.linspace(-1, 1, 2**depth + 1)
    fine = np.linspace(-1, 1, 3001)
    np.testing.assert_allclose(run(square(depth), fine), np.interp(fine, x, x**2), atol=1e-12)
    most, _ = measured(lambda x: run(square(depth), x), lambda x: x**2)
    assert most == pytest.approx(4.0**-depth, rel=1e-3)
    assert parameters(square(depth)) == 12 * depth - 2 == fit(evenly(4 * depth - 2), GRID, GRID).parameters


@pytest.mark.parametrize("folds", [tent, square])
def test_a_wide_network_as_large_as_the_deep_one(folds):
    for depth in range(8):
        network, count = as_wide(depth, folds, GRID, run(folds(depth), GRID))
        assert count == parameters(folds(depth)) == (network.parameters if depth else 2)
        assert pieces(network) <= max(1, len(network.hinges))
    np.testing.assert_allclose(run(tent(0), GRID), GRID)
    np.testing.assert_allclose(run(square(0), GRID), 1)


def test_at_equal_parameters_width_wins_at_first_and_depth_in_the_end():
    for depth in range(1, 9):
        shallow = fit(evenly(4 * depth - 2), GRID, GRID**2)
        deep = measured(lambda x, k=depth: run(square(k), x), lambda x: x**2)[1]
        wide = measured(shallow, lambda x: x**2)[1]
        assert (deep < wide) == (depth >= 5)
