"""Surfaces against autograd, their published minima, and torch's own picture of what a Hessian is."""

import numpy as np
import pytest
import torch

from helpers.concepts.surfaces import SURFACES, curve, quadratic, surface

PUBLISHED = {  # the same functions once more, as the literature has them, in torch
    "bowl": lambda x, y: (x**2 + y**2) / 2,
    "ravine": lambda x, y: (x**2 + 20 * y**2) / 2,
    "saddle": lambda x, y: x**2 / 2 - y**2 / 2 + y**4 / 4,
    "Rosenbrock": lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    "Himmelblau": lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
    "Beale": lambda x, y: (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2,
    "plateau": lambda x, y: 1 - torch.exp(-(x**2 + y**2) / 2),
}


def places(found):
    random = np.random.default_rng(0).random((50, 2))
    low, high = np.array([found.x_range, found.y_range]).T
    return low + random * (high - low)


@pytest.mark.parametrize("name", PUBLISHED)
def test_values_and_gradients_are_those_of_the_published_function(name):
    found, points = surface(name), places(surface(name))
    w = torch.tensor(points, requires_grad=True)
    value = PUBLISHED[name](w[:, 0], w[:, 1])
    (gradient,) = torch.autograd.grad(value.sum(), w)
    np.testing.assert_allclose(found.value(*points.T), value.detach(), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(np.stack(found.gradient(*points.T), 1), gradient, rtol=1e-10, atol=1e-10)
    one = [np.array([found.value(x, y), *found.gradient(x, y)]) for x, y in points.tolist()]  # floats, one by one
    np.testing.assert_allclose(one, np.column_stack([value.detach(), gradient]), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", SURFACES)
def test_the_minima_are_where_it_is_said(name):
    found = surface(name, 50.0)
    for x, y in found.minima:
        assert found.value(x, y) == pytest.approx(found.least, abs=1e-12)
        assert np.abs(found.gradient(x, y)).max() < 1e-9
    assert (found.value(*places(found).T) > found.least).all()
    assert all(a < x < b for x, (a, b) in zip(found.start, (found.x_range, found.y_range)))
    assert all(a < x < b for w in found.minima for x, (a, b) in zip(w, (found.x_range, found.y_range)))


@pytest.mark.parametrize(("condition", "degrees"), [(1, 0), (20, 0), (7, 30), (1000, 65)])
def test_a_quadratic_has_the_curvatures_it_was_asked_for(condition, degrees):
    found = quadratic("ravine", condition, degrees)
    numerical = torch.func.hessian(lambda w: found.value(w[0], w[1]))(torch.zeros(2, dtype=torch.float64))
    np.testing.assert_allclose(found.hessian, numerical, atol=1e-9)
    np.testing.assert_allclose(np.linalg.eigvalsh(numerical), [1, condition], rtol=1e-9)
    flat = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    np.testing.assert_allclose(found.hessian @ flat, flat, atol=1e-9 * condition)


def test_the_grid_is_looked_at_from_end_to_end_lowest_row_first():
    found = surface("Beale")
    values = found.grid(5, 9)
    assert values.shape == (5, 9)
    for row, column in ((0, 0), (4, 8), (1, 7)):
        assert values[row, column] == pytest.approx(found.value(-0.5 + 5 * column / 8, -1.5 + 3 * row / 4))


@pytest.mark.parametrize("name", ["valley", "hills"])
def test_slopes_are_central_differences(name):
    found, w = curve(name), np.linspace(-6, 6, 50)
    np.testing.assert_allclose(found.slope(w), (found.value(w + 1e-6) - found.value(w - 1e-6)) / 2e-6, atol=1e-8)


def test_the_hills_have_several_minima_of_different_depth():
    found = curve("hills")
    w = np.linspace(*found.range, 100_001)
    slope = found.slope(w)
    dips = w[:-1][(slope[:-1] < 0) & (slope[1:] >= 0)]
    assert len(dips) == 4
    assert len(set(found.value(dips).round(3))) == 4


def test_lower_hills_have_fewer_minima():
    w = np.linspace(-6, 6, 100_001)
    counts = [int(((s := curve("hills", height).slope(w))[:-1] < 0).astype(int) @ (s[1:] >= 0)) for height in (0.6, 0.3, 0.1, 0.0)]
    assert counts == [4, 2, 1, 1]
    assert curve("hills", 0.0).value(2.0) == pytest.approx(0.4)


def test_what_there_is_none_of_is_refused():
    with pytest.raises(ValueError, match="'volcano'; there are bowl, ravine"):
        surface("volcano")
    with pytest.raises(ValueError, match="'volcano'; there are valley, hills"):
        curve("volcano")
    with pytest.raises(ValueError, match=r"0\.5 cannot be.*1 or more"):
        surface("ravine", 0.5)
