"""Regression losses against torch, and their best constants against a fine search over all constants."""

import pytest
import torch
import torch.nn.functional as F

from helpers.concepts import losses

PAIRS = [
    (losses.l1, losses.l1_slope, F.l1_loss),
    (losses.l2, losses.l2_slope, F.mse_loss),
    (
        lambda a, b: losses.huber(a, b, 0.7),
        lambda a, b: losses.huber_slope(a, b, 0.7),
        lambda a, b, **k: F.huber_loss(a, b, delta=0.7, **k),
    ),
]


def points(n: int, seed: int) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    return 3 * torch.randn(n, generator=random, dtype=torch.float64) ** 3


@pytest.mark.parametrize(("loss", "slope", "theirs"), PAIRS, ids=["l1", "l2", "huber"])
def test_values_and_slopes_are_torchs(loss, slope, theirs):
    y_hat, y = points(200, 1).requires_grad_(), points(200, 2)
    expected = theirs(y_hat, y, reduction="none")
    (gradient,) = torch.autograd.grad(expected.sum(), y_hat)
    assert torch.allclose(loss(y_hat, y), expected, rtol=0, atol=1e-9)
    assert torch.allclose(slope(y_hat, y), gradient, rtol=0, atol=1e-9)


@pytest.mark.parametrize(("loss", "slope", "theirs"), PAIRS, ids=["l1", "l2", "huber"])
def test_no_error_costs_nothing_and_does_not_pull(loss, slope, theirs):
    y = points(9, 3)
    assert not loss(y, y).any()
    assert not slope(y, y).any()


def search(loss, y: torch.Tensor) -> torch.Tensor:
    """All constants, of a fine grid over the points, whose loss is the least."""
    grid = torch.cat([torch.linspace(float(y.min()), float(y.max()), 20_001, dtype=torch.float64), y])
    total = loss(grid[:, None], y).sum(1)
    return grid[total <= total.min() + 1e-9]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_the_best_constants_are_those_a_search_finds(n, seed):
    y = points(n, seed)
    step = float(y.max() - y.min()) / 20_000 + 1e-9
    for loss, (low, high) in [
        (losses.l2, (losses.mean(y),) * 2),
        (losses.l1, losses.median(y)),
        (lambda a, b: losses.huber(a, b, 0.5), losses.huber_centre(y, 0.5)),
    ]:
        found, best = search(loss, y), torch.tensor([low, high], dtype=torch.float64)
        assert float(found.min()) == pytest.approx(low, abs=step + 1e-4)  # a parabola's floor is flat to 1e-9 within 1e-4
        assert float(found.max()) == pytest.approx(high, abs=step + 1e-4)
        assert (loss(best[:, None], y).sum(1) <= loss(found[:1], y).sum() + 1e-9).all()


def test_mean_and_median_are_torchs_for_an_odd_number():
    for seed in range(10):
        y = points(7, seed)
        assert losses.mean(y) == pytest.approx(float(y.mean()), rel=1e-12)
        assert losses.median(y) == (float(y.median()),) * 2


@pytest.mark.parametrize("seed", range(10))
def test_hubers_constant_goes_from_the_median_to_the_mean(seed):
    y = points(7, seed)
    assert losses.huber_centre(y, 1e-6)[0] == pytest.approx(losses.median(y)[0], abs=1e-4)
    assert losses.huber_centre(y, 1e6)[0] == pytest.approx(losses.mean(y), abs=1e-9)


@pytest.mark.parametrize("delta", [0.1, 0.5, 1.0, 3.0, 9.0])
def test_with_one_outlier_huber_is_between(delta):
    singers = torch.tensor([-0.3, -0.1, 0.0, 0.2, 0.3, 12.0], dtype=torch.float64)
    low, high = losses.huber_centre(singers, delta)
    assert losses.median(singers)[0] <= low <= high < losses.mean(singers)


def test_between_is_no_law():
    y = torch.tensor([3.2304, -1.1781, -0.2251, -3.3048, 2.4451], dtype=torch.float64)
    assert losses.huber_centre(y, 2.4743)[0] > max(losses.mean(y), losses.median(y)[1]) + 0.1


def test_two_far_camps_leave_huber_a_whole_interval():
    low, high = losses.huber_centre(torch.tensor([0.0, 10.0], dtype=torch.float64), 1.0)
    assert (low, high) == pytest.approx((1.0, 9.0))


def test_the_sum_of_errors_is_no_loss():
    y = torch.tensor([0.0, 1.0])
    wrong, right = torch.tensor([-5.0, 6.0]), y
    assert (wrong - y).sum() == (right - y).sum() == 0
    assert losses.l1(wrong, y).sum() > losses.l1(right, y).sum()


@pytest.mark.parametrize("delta", [0.0, -1.0, float("nan")])
def test_a_delta_that_is_not_above_0_is_refused(delta):
    y = torch.ones(2)
    for call in (losses.huber, losses.huber_slope):
        with pytest.raises(ValueError, match=rf"delta is {delta}.*above 0"):
            call(y, y, delta)
    with pytest.raises(ValueError, match="above 0"):
        losses.huber_centre(y, delta)


def test_no_points_have_no_best_constant():
    for call in (losses.mean, losses.median, losses.huber_centre):
        with pytest.raises(ValueError, match="at least one"):
            call(torch.ones(0))
