import numpy as np
import pytest
import torch
from torch.distributions import Categorical, MixtureSameFamily, MultivariateNormal

from helpers.concepts.mixture import (
    LEAST,
    Mixture,
    begin,
    ellipse,
    fit,
    log_likelihood,
    maximised,
    responsibilities,
    sample,
)


def slanted() -> Mixture:
    weights = torch.tensor([0.2, 0.5, 0.3]).double()
    means = torch.tensor([[0.0, 0.0], [2.0, 1.0], [-1.0, 3.0]]).double()
    C = torch.tensor([[[1.0, 0.6], [0.6, 1.0]], [[0.2, 0.0], [0.0, 0.5]], [[0.3, -0.2], [-0.2, 0.4]]]).double()
    return Mixture(weights, means, C)


def test_density_against_torch():
    mixture, x = slanted(), torch.randn(50, 2, generator=torch.Generator().manual_seed(0)).double() * 2
    theirs = MixtureSameFamily(Categorical(mixture.weights), MultivariateNormal(mixture.means, mixture.covariances))
    assert torch.allclose(log_likelihood(x, mixture), theirs.log_prob(x), atol=1e-12)


def test_density_adds_up_to_one():
    axis = torch.linspace(-8, 8, 401).double()
    x = torch.cartesian_prod(axis, axis)
    assert float(log_likelihood(x, slanted()).exp().sum()) * (16 / 400) ** 2 == pytest.approx(1, abs=1e-4)


def test_responsibilities_by_bayes_rule():
    mixture, x = slanted(), torch.tensor([[0.5, 0.5], [2.0, 1.2]]).double()
    joint = torch.stack([w * MultivariateNormal(m, C).log_prob(x).exp() for w, m, C in zip(*mixture)], 1)
    shares = responsibilities(x, mixture)
    assert torch.allclose(shares, joint / joint.sum(1, keepdim=True), atol=1e-12)
    assert torch.allclose(shares.sum(1), torch.ones(2).double())


def test_m_step_of_whole_shares_is_each_group_s_own_mean_and_covariance():
    x = torch.randn(40, 2, generator=torch.Generator().manual_seed(1)).double()
    group = torch.arange(40) % 3
    mixture = maximised(x, torch.nn.functional.one_hot(group, 3).double())
    for k in range(3):
        mine = x[group == k].numpy()
        assert float(mixture.weights[k]) == pytest.approx(len(mine) / 40)
        assert np.allclose(mixture.means[k], mine.mean(0))
        assert np.allclose(mixture.covariances[k], np.cov(mine.T, bias=True) + LEAST * np.eye(2))


@pytest.mark.parametrize("seed", range(5))
def test_likelihood_never_falls(seed):
    x, _ = sample(slanted(), 400, seed)
    mixtures, course = fit(x, begin(x, 3, seed), 30)
    assert torch.allclose(course, torch.stack([log_likelihood(x, mixture).mean() for mixture in mixtures]), atol=1e-12)
    assert course.diff().min() > -1e-3  # the variance that LEAST adds may cost a trifle
    assert course[-1] > course[0]


def test_a_known_mixture_is_found_again():
    truth = slanted()
    x, _ = sample(truth, 20_000)
    found = fit(x, begin(x, 3, seed=1), 60)[0][-1]
    order = torch.cdist(truth.means, found.means).argmin(1)
    assert sorted(order.tolist()) == [0, 1, 2]
    assert torch.allclose(found.means[order], truth.means, atol=0.05)
    assert torch.allclose(found.weights[order], truth.weights, atol=0.02)
    assert torch.allclose(found.covariances[order], truth.covariances, atol=0.06)


def test_samples_have_the_moments_and_shares_of_the_mixture():
    x, which = sample(slanted(), 50_000)
    assert torch.allclose(which.bincount() / 50_000, slanted().weights.float(), atol=0.01)
    for k in range(3):
        assert torch.allclose(x[which == k].mean(0), slanted().means[k], atol=0.03)
        assert torch.allclose(torch.cov(x[which == k].T), slanted().covariances[k], atol=0.03)


def test_ellipse_is_at_that_many_spreads():
    mean, C = slanted().means[0], slanted().covariances[0]
    away = ellipse(mean, C, 2.0) - mean
    assert torch.allclose((away @ torch.linalg.inv(C) * away).sum(1).sqrt(), torch.full((48,), 2.0).double())


def test_equal_points_and_too_many_components():
    same = torch.ones(5, 2)
    assert torch.isfinite(log_likelihood(same, fit(same, begin(same, 2), 5)[0][-1])).all()
    with pytest.raises(ValueError, match="6 components for 5 points"):
        begin(same, 6)
