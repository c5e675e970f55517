"""What a variational autoencoder adds to an autoencoder: a code that is a distribution, and what that costs; ways through codes.

Kingma and Welling, 2014; β: Higgins et al., 2017; collapse: Bowman et al., 2016. Notebook: 07a_autoencoders.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

Codes = Float[Tensor, "batch latent"]
ASLEEP = 0.01  # nats: a dimension that says less than this of its input, on average, says nothing


def reparametrise(mean: Codes, log_variance: Codes, noise: Codes) -> Codes:
    """z = mean + standard deviation · noise: a draw through which gradients reach mean and variance."""
    return mean + (log_variance / 2).exp() * noise


def kl_to_prior(mean: Codes, log_variance: Codes) -> Codes:
    """KL(N(mean, variance) || N(0, 1)) of each dimension, in nats: what the code says that the prior did not know.

    (mean² + variance - 1 - log variance) / 2; 0 where the posterior is the prior.
    """
    return (mean.square() + log_variance.exp() - 1 - log_variance) / 2


def reconstruction(
    pictures: Float[Tensor, "batch *cell"], decoded: Float[Tensor, "batch *cell"], spread: float
) -> Float[Tensor, "batch"]:
    """-log p(x | z) in nats, where each cell is a Gaussian of that standard deviation around what was decoded."""
    squares = (pictures - decoded).square().flatten(1)
    return (squares / spread**2 / 2 + math.log(spread) + math.log(2 * math.pi) / 2).sum(1)


def negative_elbo(
    pictures: Float[Tensor, "batch *cell"], decoded: Float[Tensor, "batch *cell"], mean: Codes, log_variance: Codes,
    spread: float, beta: float = 1.0,
) -> Float[Tensor, "batch"]:  # fmt: skip
    """Reconstruction + β · KL, in nats. At β = 1 never less, on average over z, than -log p(x): an upper bound."""
    return reconstruction(pictures, decoded, spread) + beta * kl_to_prior(mean, log_variance).sum(1)


def log_ratio(z: Codes, mean: Codes, log_variance: Codes) -> Float[Tensor, "batch"]:
    """log p(z) - log N(z; mean, variance): how much likelier a code is under the prior than where it was drawn."""
    drawn = (z - mean).square() / log_variance.exp() + log_variance
    return (drawn - z.square()).sum(1) / 2


def log_evidence(log_weights: Float[Tensor, "draw batch"]) -> Float[Tensor, "batch"]:
    """log of the mean weight p(x | z) p(z) / q(z | x) over codes drawn from q: on average never above log p(x).

    With one draw it is the ELBO, with ever more it comes ever nearer to log p(x). Burda et al., 2016.
    """
    return log_weights.logsumexp(0) - math.log(len(log_weights))


def level_nats(
    index: Int[Tensor, "batch *cell"], decoded: Float[Tensor, "batch *cell"], spread: float, levels: int
) -> Float[Tensor, "batch"]:
    """-log P(index | z) in nats, where a cell has one of so many levels from 0 to 1.

    A level's probability is the share of the Gaussian around what was decoded that lies nearer to it than to another; what
    lies beyond 0 and 1 counts to the last ones. After Ho et al., 2020, eq. 13.
    """
    half = 0.5 / (levels - 1)
    at = index / (levels - 1)
    low = torch.where(index > 0, (at - half - decoded) / spread, -torch.inf)
    high = torch.where(index < levels - 1, (at + half - decoded) / spread, torch.inf)
    flip = low + high > 0  # the nearer tail is the exact one
    low, high = torch.where(flip, -high, low), torch.where(flip, -low, high)
    top, bottom = torch.special.log_ndtr(high), torch.special.log_ndtr(low)
    return -(top + torch.log1p(-(bottom - top).exp())).flatten(1).sum(1)


def steepness(
    decode: Callable[[Tensor], Tensor], z: Float[Tensor, "code latent"], axes: Float[Tensor, "axis latent"]
) -> Float[Tensor, "code"]:
    """By how much a cell changes for a step of 1 in a direction of chance: the root of the mean squared slope.

    The mean is over cells and over these orthonormal axes, which is that over all directions between them.
    """
    slopes = [torch.func.jvp(decode, (z,), (axis.expand_as(z),))[1].flatten(1) for axis in axes]
    return torch.stack(slopes).square().mean((0, 2)).sqrt()


def collapsed(mean: Codes, log_variance: Codes) -> Bool[Tensor, "latent"]:
    """Which dimensions say nothing: their KL, over a data set, is below 0.01 nats on average. Posterior collapse."""
    return kl_to_prior(mean, log_variance).mean(0) < ASLEEP


def lerp(a: Float[Tensor, "latent"], b: Float[Tensor, "latent"], steps: int) -> Float[Tensor, "steps latent"]:
    """Codes on the straight line from a to b, both ends exact. Raises ValueError for fewer than two steps."""
    t = _way(steps, a)
    return torch.cat([a[None], a + t[1:-1] * (b - a), b[None]])


def slerp(a: Float[Tensor, "latent"], b: Float[Tensor, "latent"], steps: int) -> Float[Tensor, "steps latent"]:
    """Codes along the arc from a to b: equal angles in equal steps, the norm going evenly from |a| to |b|.

    A straight line between two draws of a high-dimensional Gaussian passes closer to 0 than any draw lies; an arc does not.
    Where the angle is 0 or 180 degrees, or an end is 0, there is no one arc: then as lerp. After Shoemake, 1985.
    """
    norms = a.norm(), b.norm()
    if min(norms) == 0:
        return lerp(a, b, steps)
    ways = a / norms[0], b / norms[1]
    angle = torch.arccos((ways[0] * ways[1]).sum().clamp(-1, 1))
    if angle.sin() < 1e-4:
        return lerp(a, b, steps)
    t = _way(steps, a)
    turned = (((1 - t) * angle).sin() * ways[0] + (t * angle).sin() * ways[1]) / angle.sin()
    codes = turned * (norms[0] + t * (norms[1] - norms[0]))
    return torch.cat([a[None], codes[1:-1], b[None]])


def _way(steps: int, like: Tensor) -> Float[Tensor, "steps 1"]:
    if steps < 2:
        raise ValueError(f"{steps} steps; a way has two ends at least.")
    return torch.linspace(0, 1, steps, dtype=like.dtype)[:, None]
