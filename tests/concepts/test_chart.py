"""Charts against the functions they chart: errors, order, what is missing, and who is asked how often."""

import itertools

import numpy as np
import pytest

from helpers.concepts.chart import HELD_OUT, LEVELS, Chart, exact


def smooth(points):
    a, b = np.asarray(points).T
    return np.exp(0.8 * a) * np.cos(b) + 0.3 * b**2 * a + 2


def kinked(points):
    a, b = np.asarray(points).T
    return np.abs(a - 0.31) + np.maximum(b, 0.2 * a)


class Counted:
    def __init__(self, function):
        self.function, self.asked = function, []

    def __call__(self, points):
        self.asked += [tuple(p) for p in np.asarray(points).tolist()]
        return self.function(points)


def whole(chart, nodes):
    for _ in chart.fill(nodes):
        pass
    return chart.surface(nodes)


WINDOW = ((-1.0, 2.0), (-0.5, 1.0))


def grid(function, surface):
    x, y = np.meshgrid(surface.x, surface.y)
    return function(np.stack([x.ravel(), y.ravel()], 1)).reshape(x.shape)


@pytest.mark.parametrize("batch", [1, 7, 64])
def test_a_smooth_surface_is_charted_with_an_error_that_falls_geometrically(batch):
    chart, errors = Chart(smooth, *WINDOW, batch=batch), []
    for nodes in LEVELS:
        surface = whole(chart, nodes)
        errors.append(np.abs(surface.values - grid(smooth, surface)).max())
        assert surface.values.shape == (51, 51)
        assert surface.evaluations == nodes**2 + HELD_OUT
        assert errors[-1] <= 4 * surface.error + 1e-12
    assert errors[0] < 1e-3
    assert errors[1] < 1e-3 * errors[0]
    assert errors[2] < 1e-11


@pytest.mark.parametrize("turn", range(6))
def test_where_it_is_not_smooth_the_error_it_states_is_honest(turn):
    """Of the largest error anywhere, the largest at two dozen held-out points is a good part."""
    angle = turn * 0.5
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    def tilted(points):
        return kinked(np.asarray(points) @ turned)

    chart = Chart(tilted, (-1, 1), (-1, 1))
    for nodes in LEVELS:
        surface = whole(chart, nodes)
        error = np.abs(surface.values - grid(tilted, surface)).max()
        assert 0.2 * error <= surface.error <= 2 * error


def test_share_is_the_error_over_the_range():
    surface = whole(Chart(kinked, *WINDOW), 7)
    assert surface.share == pytest.approx(surface.error / (surface.values.max() - surface.values.min()))
    assert whole(Chart(lambda p: np.full(len(p), 2.0), *WINDOW), 7).share < 1e-5


def test_no_point_is_asked_for_twice_and_all_lie_in_the_window():
    counted = Counted(kinked)
    chart = Chart(counted, *WINDOW)
    for nodes in (7, 25, 13, 7):
        whole(chart, nodes)
    assert len(counted.asked) == len(set(counted.asked)) <= 25**2 + 3 * HELD_OUT
    a, b = np.array(counted.asked).T
    assert (a.min(), a.max(), b.min(), b.max()) == (-1, 2, -0.5, 1)


def test_levels_agree_where_they_share_points():
    chart = Chart(kinked, (-1, 1), (-1, 1))
    at = [whole(chart, nodes).values[[0, 25, 50]][:, [0, 25, 50]] for nodes in LEVELS]
    right = grid(kinked, whole(chart, 7))[[0, 25, 50]][:, [0, 25, 50]]
    for values in at:
        np.testing.assert_allclose(values, right, atol=1e-12)


def test_the_middle_comes_first_and_is_exactly_the_centre():
    counted = Counted(smooth)
    next(Chart(counted, (-1, 1), (-1, 1)).fill(7))
    assert counted.asked == [(0.0, 0.0)]


def test_it_can_be_left_half_way_and_gone_on_with():
    counted = Counted(smooth)
    chart = Chart(counted, *WINDOW)
    lefts = list(itertools.islice(chart.fill(7), 20))
    assert lefts == list(range(72, 52, -1))
    part = chart.surface(7)
    assert np.isnan(part.error)
    assert np.isnan(part.values).any()
    known = np.argwhere(np.isfinite(part.values))
    assert 0 < len(known) <= 20
    for row, column in known:  # each in the nearest cell of the grid
        near = np.array(counted.asked) - [part.x[column], part.y[row]]
        assert np.abs(near / [part.x[1] - part.x[0], part.y[1] - part.y[0]]).max(1).min() <= 0.5 + 1e-9
    assert len(counted.asked) == part.evaluations == 20
    np.testing.assert_array_equal(whole(chart, 7).values, whole(Chart(smooth, *WINDOW), 7).values)
    assert len(counted.asked) == 73


def test_refine_stops_where_held_out_points_agree():
    *before, last = Chart(smooth, *WINDOW).refine(tolerance=1e-6, interval=0)
    assert last.nodes == 13
    assert last.share <= 1e-6 < next(s for s in before if s.nodes == 7 and np.isfinite(s.error)).share
    *_, last = Chart(kinked, *WINDOW).refine(tolerance=1e-5)
    assert last.nodes == 25
    assert last.share > 1e-5  # and says that it does not


def test_refine_shows_something_often():
    surfaces = list(Chart(smooth, *WINDOW).refine(tolerance=0, interval=0))
    assert len(surfaces) > 600
    first = next(i for i, s in enumerate(surfaces) if np.isfinite(s.values).all())
    assert all(np.isfinite(s.values).all() for s in surfaces[first:])


def test_a_loss_that_is_no_number_somewhere_leaves_holes_and_no_invented_values():
    chart = Chart(lambda p: np.where(np.asarray(p)[:, 0] > 1.5, np.inf, smooth(p)), *WINDOW)
    surface = whole(chart, 7)
    assert np.isnan(surface.error)
    assert np.isnan(surface.values).any()
    assert np.isnan(chart.row(7, 0.0)).all()
    shown = surface.values[np.isfinite(surface.values)]
    assert set(shown.tolist()) <= set(smooth(chart.places()).tolist())


def test_a_row_is_a_row_of_the_surface():
    chart = Chart(smooth, *WINDOW)
    surface = whole(chart, 13)
    for row in (0, 20, 50):
        np.testing.assert_allclose(chart.row(13, float(surface.y[row])), surface.values[row], atol=1e-12)


def test_places_are_where_it_was_measured():
    counted = Counted(smooth)
    chart = Chart(counted, *WINDOW)
    whole(chart, 7)
    assert {tuple(p) for p in chart.places(7).tolist()} == set(counted.asked)
    assert len(chart.places()) == 73
    whole(chart, 13)
    assert len(chart.places(7)) == 73 < len(chart.places()) == 13**2 + HELD_OUT


@pytest.mark.parametrize("nodes", [5, 49, 0])
def test_a_grid_that_does_not_nest_is_refused(nodes):
    with pytest.raises(ValueError, match=f"{nodes} × {nodes} nodes does not nest; choose one of 7, 13, 25"):
        Chart(smooth, *WINDOW).surface(nodes)


def test_an_empty_window_is_refused():
    with pytest.raises(ValueError, match=r"y_range=\(1, 1\) is empty"):
        Chart(smooth, (0, 1), (1, 1))


# ---- the exact grid


@pytest.mark.parametrize("batch", [1, 4, 100])
def test_the_exact_grid_is_the_function_itself(batch):
    x, y = np.linspace(-1, 2, 9), np.linspace(0, 1, 5)
    counted = Counted(smooth)
    *parts, last = exact(counted, x, y, batch, interval=0)
    for i, j in itertools.product(range(5), range(9)):
        assert last[i, j] == smooth([[x[j], y[i]]])[0]
    assert sorted(counted.asked) == sorted((a, b) for a in x for b in y)
    for part in parts:
        known = np.isfinite(part)
        np.testing.assert_array_equal(part[known], last[known])
    assert [np.isfinite(p).sum() for p in parts] == sorted(np.isfinite(p).sum() for p in parts)
    assert np.isfinite(parts[0]).sum() == min(batch, 45)
