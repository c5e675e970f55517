"""Exercises on codes that are distributions: what one says in nats, a draw that gradients pass through, a way along an arc.

Notebook: 07a_autoencoders. The oracles: torch.distributions, the quantile of a Normal, complex numbers on a unit circle.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Generator, Tensor
from torch.distributions import Normal, kl_divergence

from helpers.exercises import exercise

Codes = Float[Tensor, "example latent"]


def _posteriors(generator: Generator) -> Iterator[tuple[Tensor, Tensor]]:
    yield torch.zeros(1, 1), torch.zeros(1, 1)  # the prior itself: nothing is said
    yield torch.tensor([[2.0]]), torch.zeros(1, 1)
    yield torch.zeros(1, 1), torch.tensor([[-2.0]])
    for n, d in ((3, 2), (2, 5)):
        yield torch.randn(n, d, generator=generator), torch.randn(n, d, generator=generator)


@exercise(_posteriors)
def kl_of_code(mean: Codes, log_variance: Codes) -> Float[Tensor, "example"]:
    """KL(N(mean, variance) || N(0, 1)) of each example's whole code, in nats; torch's own."""
    return kl_divergence(Normal(mean, (log_variance / 2).exp()), Normal(0.0, 1.0)).sum(1)


@kl_of_code.mistake
def without_mean(mean, log_variance):
    """Yours does not see where the code lies. A code far from the middle says a lot, however wide it is."""
    return (log_variance.exp() - 1 - log_variance).sum(1) / 2


@kl_of_code.mistake
def wrong_sign(mean, log_variance):
    """A narrow code should say much; yours makes it say little. Which way does the logarithm count?"""
    return (mean.square() + log_variance.exp() - 1 + log_variance).sum(1) / 2


@kl_of_code.mistake
def of_the_other_way(mean, log_variance):
    """You measured the prior from the code. The two directions differ: expectations are to be taken under the code."""
    return kl_divergence(Normal(0.0, 1.0), Normal(mean, (log_variance / 2).exp())).sum(1)


@kl_of_code.mistake
def logarithm_as_variance(mean, log_variance):
    """You took the logarithm of the variance for the variance."""
    return (mean.square() + log_variance - 1 - log_variance.abs().clamp(min=1e-12).log()).sum(1) / 2


@kl_of_code.mistake
def logarithm_as_deviation(mean, log_variance):
    """You took the logarithm for that of the standard deviation. It is the variance's, half as much is the deviation's."""
    return (mean.square() + (2 * log_variance).exp() - 1 - 2 * log_variance).sum(1) / 2


@kl_of_code.mistake
def twice(mean, log_variance):
    """Yours is twice too large. Look at what stands before the bracket."""
    return (mean.square() + log_variance.exp() - 1 - log_variance).sum(1)


@kl_of_code.mistake
def averaged(mean, log_variance):
    """You averaged over the numbers of the code. Each of them costs; two numbers that say the same cost double."""
    return (mean.square() + log_variance.exp() - 1 - log_variance).mean(1) / 2


@kl_of_code.mistake
def one_forgotten(mean, log_variance):
    """Where the code is the prior itself, yours still says something. It should be nought there."""
    return (mean.square() + log_variance.exp() - log_variance).sum(1) / 2


def _draws(generator: Generator) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    yield torch.tensor([[1.5]]), torch.zeros(1, 1), torch.zeros(1, 1)  # no noise: the mean
    yield torch.zeros(1, 1), torch.tensor([[-3.0]]), torch.ones(1, 1)
    for n, d in ((3, 2), (2, 5)):
        yield tuple(torch.randn(n, d, generator=generator) for _ in range(3))


@exercise(_draws)
def drawn_code(mean: Codes, log_variance: Codes, noise: Codes) -> Codes:
    """The code that noise stands for: the quantile of N(mean, variance) that noise is of N(0, 1)."""
    return Normal(mean.double(), (log_variance.double() / 2).exp()).icdf(Normal(0.0, 1.0).cdf(noise.double())).float()


@drawn_code.mistake
def variance_for_deviation(mean, log_variance, noise):
    """Noise is to be stretched by the standard deviation. Yours stretches it by the variance."""
    return mean + log_variance.exp() * noise


@drawn_code.mistake
def logarithm_for_deviation(mean, log_variance, noise):
    """Yours stretches noise by a logarithm, which may be negative."""
    return mean + log_variance * noise


@drawn_code.mistake
def halved_wrongly(mean, log_variance, noise):
    """Half of the variance is not the deviation. What does a root become once a logarithm is taken?"""
    return mean + log_variance.exp() / 2 * noise


@drawn_code.mistake
def narrow_for_wide(mean, log_variance, noise):
    """The wider the Gaussian, the less far your draws go."""
    return mean + (-log_variance / 2).exp() * noise


@drawn_code.mistake
def mean_stretched(mean, log_variance, noise):
    """You stretch the mean as well. Only the noise is to be stretched."""
    return (mean + noise) * (log_variance / 2).exp()


@drawn_code.mistake
def unit_noise(mean, log_variance, noise):
    """Your draws are all as wide as the prior, whatever the encoder says."""
    return mean + noise


@drawn_code.mistake
def mean_alone(mean, log_variance, noise):
    """You decode the mean, always. Then nothing asks the decoder about the places beside it."""
    return mean.clone()
