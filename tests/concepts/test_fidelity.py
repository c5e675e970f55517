import math

import numpy as np
import pytest
import torch

from helpers.concepts.fidelity import density_coverage, frechet, mmd, modes_covered, nearest, sliced_wasserstein


def normal(n, mean=0.0, std=1.0, d=2, seed=0):
    return mean + std * torch.randn(n, d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def with_moments(mean, covariance, n=200, seed=0):
    """Samples whose mean and covariance are these exactly, not only on average."""
    x = normal(n, d=len(mean), seed=seed)
    x = (x - x.mean(0)) @ torch.linalg.inv(torch.linalg.cholesky(torch.cov(x.T))).T
    return x @ torch.linalg.cholesky(covariance).T + mean


def test_frechet_distance_of_gaussians_along_the_axes():
    a = with_moments(torch.tensor([0.0, 1.0]).double(), torch.diag(torch.tensor([1.0, 4.0])).double())
    b = with_moments(torch.tensor([3.0, 1.0]).double(), torch.diag(torch.tensor([9.0, 1.0])).double(), seed=1)
    assert frechet(a, b) == pytest.approx(9 + (1 - 3) ** 2 + (2 - 1) ** 2, rel=1e-9)
    assert frechet(b, a) == pytest.approx(frechet(a, b), rel=1e-9)


def test_frechet_distance_of_slanted_gaussians():
    C = torch.tensor([[2.0, 0.8], [0.8, 1.0]]).double()
    D = torch.tensor([[1.0, -0.5], [-0.5, 3.0]]).double()
    zero = torch.zeros(2).double()
    values = np.linalg.eigvals((C @ D).numpy())  # the eigenvalues of C D are positive, though it is not symmetric
    expected = float(C.trace() + D.trace()) - 2 * np.sqrt(values).sum()
    assert frechet(with_moments(zero, C), with_moments(zero, D, seed=1)) == pytest.approx(expected, rel=1e-9)


def test_frechet_is_zero_for_a_set_and_itself_and_small_for_two_of_one_distribution():
    a, b = normal(4000, d=5), normal(4000, d=5, seed=1)
    assert frechet(a, a) == pytest.approx(0, abs=1e-9)
    assert 0 < frechet(a, b) < 0.02


def test_frechet_needs_no_full_rank():
    a = normal(5, d=20)
    assert frechet(a, a + 1) == pytest.approx(20, rel=1e-6)


def test_mmd_of_two_gaussians_in_closed_form():
    n, width, shift = 3000, 1.0, 1.5
    flat = 1 / (1 + 2 / width**2)  # E k of two independent points in the plane, each with variance 1
    expected = 2 * flat - 2 * flat * math.exp(-(shift**2) / (2 * (width**2 + 2)))
    a, b = normal(n), normal(n, seed=1) + torch.tensor([shift, 0.0])
    assert mmd(a, b, [width]) == pytest.approx(expected + (1 - flat) * 2 / n, abs=0.01)


def test_mmd_of_one_distribution_is_at_its_noise_floor_and_never_negative():
    floor = [mmd(normal(300, seed=s), normal(300, seed=s + 100)) for s in range(10)]
    assert min(floor) >= 0
    assert max(floor) < 0.02 < mmd(normal(300), normal(300, 0.5, seed=1))
    assert mmd(normal(50), normal(50)) == 0


def test_sliced_wasserstein_of_a_shift_is_the_mean_of_its_projections():
    a = normal(500)
    assert sliced_wasserstein(a, a) == 0
    directions = 4096
    assert sliced_wasserstein(a, a + torch.tensor([1.0, 0.0]), directions) == pytest.approx(2 / math.pi, rel=0.02)


def test_sliced_wasserstein_matches_quantiles_of_sets_of_different_size():
    a = normal(400)
    assert sliced_wasserstein(a, a.repeat(3, 1)) == pytest.approx(0, abs=1e-12)


CENTRES = torch.tensor([[math.cos(a), math.sin(a)] for a in np.arange(8) * math.pi / 4]).double()


def test_modes_of_real_points_of_a_collapse_and_of_points_between():
    real = CENTRES.repeat_interleave(100, 0) + normal(800, std=0.05)
    covered, quality = modes_covered(real, CENTRES, 0.05)
    assert covered == 8
    assert quality == pytest.approx(1 - math.exp(-4.5), abs=0.02)
    assert modes_covered(CENTRES[:1] + normal(800, std=0.05), CENTRES, 0.05)[0] == 1
    assert modes_covered(torch.zeros(100, 2), CENTRES, 0.05) == (0, 0.0)


def test_a_mode_needs_a_hundredth_of_the_points():
    points = torch.cat([CENTRES[:1].repeat(991, 1), CENTRES[1:2].repeat(9, 1)])
    assert modes_covered(points, CENTRES, 0.05)[0] == 1
    assert modes_covered(points[1:][-900:], CENTRES, 0.05)[0] == 2


def test_density_and_coverage_by_hand():
    real = torch.arange(6.0)[:, None].repeat(1, 2) * torch.tensor([1.0, 0.0])
    fake = torch.tensor([[0.4, 0.0], [100.0, 0.0]])
    density, coverage = density_coverage(real, fake, k=1)  # every radius is 1: near 0.4 are 0 and 1
    assert density == pytest.approx((2 + 0) / 2)
    assert coverage == pytest.approx(2 / 6)


def test_coverage_of_one_distribution_and_of_a_collapse():
    density, coverage = density_coverage(normal(1000, d=4), normal(1000, d=4, seed=1))
    assert density == pytest.approx(1, abs=0.1)
    assert coverage == pytest.approx(1 - 2**-5, abs=0.03)
    density, coverage = density_coverage(normal(1000, d=4), 0.01 * normal(1000, d=4, seed=1))
    assert density > 1
    assert coverage < 0.1


def test_nearest_against_a_loop():
    fake, training = normal(20, d=3), normal(30, d=3, seed=1)
    index, distance = nearest(fake, training)
    for i in range(20):
        distances = [float((fake[i] - t).norm()) for t in training]
        assert index[i] == int(np.argmin(distances))
        assert float(distance[i]) == pytest.approx(min(distances))


def test_what_cannot_be_measured_is_said():
    with pytest.raises(ValueError, match="has 1 samples; at least 2"):
        frechet(normal(1), normal(5))
    with pytest.raises(ValueError, match="NaN"):
        mmd(normal(5), torch.full((5, 2), math.nan))
    with pytest.raises(ValueError, match="no modes"):
        modes_covered(normal(5), torch.zeros(0, 2), 0.1)
    with pytest.raises(ValueError, match="above 0"):
        mmd(torch.ones(5, 2), normal(5))
