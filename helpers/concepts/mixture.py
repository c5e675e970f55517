"""A mixture of Gaussians: the smallest generative model that can be any shape, with the exact probability of every point.

p(x) = sum of weight_k N(x; mean_k, covariance_k). Fitted by expectation-maximisation (Dempster et al., 1977).
Notebook: 07_generative_models.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

LEAST = 1e-4  # variance added along every axis: a component on a single point would have infinite density there
Points = Float[Tensor, "point axis"]


class Mixture(NamedTuple):
    """Components with their share of all points (they add up to 1), where they are and how they spread; float64."""

    weights: Float[Tensor, "component"]
    means: Float[Tensor, "component axis"]
    covariances: Float[Tensor, "component axis axis"]


def log_densities(points: Points, mixture: Mixture) -> Float[Tensor, "point component"]:
    """log(weight_k N(x; mean_k, covariance_k)), in nats."""
    L = torch.linalg.cholesky(mixture.covariances)  # (component, axis, axis)
    away = points.double() - mixture.means[:, None]  # (component, point, axis)
    squares = torch.linalg.solve_triangular(L, away.mT, upper=False).square().sum(1).T  # of Mahalanobis' distance
    volume = L.diagonal(dim1=1, dim2=2).log().sum(1) + points.shape[1] / 2 * math.log(2 * math.pi)
    return mixture.weights.log() - volume - squares / 2


def log_likelihood(points: Points, mixture: Mixture) -> Float[Tensor, "point"]:
    """log p(x) of each point, in nats: exact, which few generative models can say."""
    return log_densities(points, mixture).logsumexp(1)


def responsibilities(points: Points, mixture: Mixture) -> Float[Tensor, "point component"]:
    """The E step: which component a point comes from, by Bayes' rule; each row adds up to 1."""
    return log_densities(points, mixture).softmax(1)


def maximised(points: Points, shares: Float[Tensor, "point component"]) -> Mixture:
    """The M step: the mixture that is likeliest if the points came from the components in these shares."""
    X, count = points.double(), shares.sum(0).clamp(min=1e-9)  # (component,)
    means = shares.T @ X / count[:, None]
    away = X - means[:, None]  # (component, point, axis)
    covariances = (shares.T[..., None] * away).mT @ away / count[:, None, None]
    return Mixture(count / count.sum(), means, covariances + LEAST * torch.eye(X.shape[1]).double())


def begin(points: Points, components: int, seed: int = 0) -> Mixture:
    """Equal round components on points drawn by k-means++ (Arthur and Vassilvitskii, 2007): far from those before, rather.

    Raises ValueError for fewer points than components.
    """
    if not 1 <= components <= len(points):
        raise ValueError(f"{components} components for {len(points)} points; take 1 to {len(points)}.")
    X, random = points.double(), torch.Generator().manual_seed(seed)
    chosen = [int(torch.randint(len(X), (1,), generator=random))]
    while len(chosen) < components:
        squares = torch.cdist(X, X[chosen]).square().min(1).values
        odds = squares if squares.sum() > 0 else torch.ones_like(squares)
        chosen.append(int(torch.multinomial(odds, 1, generator=random)))
    variance = X.var(0, correction=0).mean().clamp(min=LEAST) / components
    round_ones = variance * torch.eye(X.shape[1]).double().expand(components, -1, -1)
    return Mixture(torch.full((components,), 1 / components).double(), X[chosen], round_ones.clone())


def fit(points: Points, first: Mixture, steps: int = 50) -> tuple[list[Mixture], Float[Tensor, "step"]]:
    """Every mixture on the way of expectation-maximisation from the first, steps + 1 of them, and its log-likelihood a point."""
    course, likelihoods = [first], []
    for step in range(steps + 1):
        joint = log_densities(points, course[-1])
        each = joint.logsumexp(1)
        likelihoods.append(each.mean())
        if step < steps:
            course.append(maximised(points, (joint - each[:, None]).exp()))
    return course, torch.stack(likelihoods)


def sample(mixture: Mixture, count: int, seed: int = 0) -> tuple[Float[Tensor, "count axis"], Int[Tensor, "count"]]:
    """(points, components): first a component by its weight, then a point of its Gaussian."""
    random = torch.Generator().manual_seed(seed)
    which = torch.multinomial(mixture.weights, count, replacement=True, generator=random)
    noise = torch.randn(count, mixture.means.shape[1], 1, generator=random, dtype=torch.float64)
    return mixture.means[which] + (torch.linalg.cholesky(mixture.covariances)[which] @ noise)[..., 0], which


def ellipse(
    mean: Float[Tensor, "2"], covariance: Float[Tensor, "2 2"], spreads: float = 2.0, corners: int = 48
) -> Float[Tensor, "corner 2"]:
    """The curve at so many standard deviations around the mean of a Gaussian in the plane, closed; float64."""
    turn = torch.linspace(0, 2 * math.pi, corners).double()
    circle = torch.stack([turn.cos(), turn.sin()])
    return mean.double() + spreads * (torch.linalg.cholesky(covariance.double()) @ circle).T
