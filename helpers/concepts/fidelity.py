"""How near are generated samples to real ones? Distances between two sets, what of the one the other covers, and copies.

No single number says it all: a model that copies its training data has a perfect distance, one that repeats its best
sample a perfect quality. Notebooks: 07_generative_models, 07b_gans, 07c_diffusion.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

Set = Float[Tensor, "sample feature"]
MODE_SHARE = 0.01  # a mode with fewer of the points than this is lost


def frechet(real: Float[Tensor, "m feature"], fake: Float[Tensor, "n feature"]) -> float:
    """Squared Fréchet distance of two Gaussians that have the sets' means and covariances; in the features' units squared.

    |mean - mean'|² + tr(C + C' - 2 (C C')^(1/2)). At least 0, but of few samples it is too large: compare sets of equal
    size. Raises ValueError where a set has fewer than two samples. After Heusel et al., 2017.
    """
    (m, C), (n, D) = (_gaussian(_checked(x, 2)) for x in (real, fake))
    root = _root(C)
    crossed = torch.linalg.eigvalsh(root @ D @ root).clamp(min=0).sqrt().sum()  # tr (C D)^(1/2), of a symmetric matrix
    return max(float((m - n).square().sum() + C.trace() + D.trace() - 2 * crossed), 0.0)


def mmd(real: Float[Tensor, "m feature"], fake: Float[Tensor, "n feature"], widths: Sequence[float] | None = None) -> float:
    """Squared maximum mean discrepancy: mean k(x, x') + mean k(y, y') - 2 mean k(x, y), never below 0.

    k is the mean of Gaussian kernels exp(-|x - y|² / 2 w²) of the given widths; without any, of half, once and twice the
    median distance of the real samples. Two sets of n and m from one distribution give about (1 - mean k)(1/n + 1/m), not 0.
    After Gretton et al., 2012.
    """
    X, Y = _checked(real, 2), _checked(fake, 1)
    if widths is None:
        middle = float(torch.pdist(X[:1000]).median())
        widths = [0.5 * middle, middle, 2 * middle]
    if not all(w > 0 for w in widths):
        raise ValueError(f"widths are {list(widths)}; each is above 0. Give some, if all real samples are the same.")
    return max(alike(X, X, widths) + alike(Y, Y, widths) - 2 * alike(X, Y, widths), 0.0)


def alike(A: Float[Tensor, "m feature"], B: Float[Tensor, "n feature"], widths: Sequence[float]) -> float:
    """Mean k(a, b) over all pairs of two sets, k as in `mmd`: 1 where all samples are the same, near 0 where the sets are apart."""
    A, B, total = _checked(A, 1), _checked(B, 1), 0.0
    for part in A.split(128):  # few enough for the processor's cache, and in place: several times as fast as all at once
        squares = torch.cdist(part, B).square_()
        kernel = torch.empty_like(squares)
        total += sum(float(torch.div(squares, -2 * w * w, out=kernel).exp_().sum()) for w in widths)
    return total / (len(widths) * len(A) * len(B))


def sliced_wasserstein(
    real: Float[Tensor, "m feature"], fake: Float[Tensor, "n feature"], directions: int = 64, seed: int = 0
) -> float:
    """The mean distance that a point moves on the way from one set to the other, seen along random directions.

    Along one direction points are matched in order (quantiles, where the sets differ in size). After Rabin et al., 2012.
    """
    X, Y = _checked(real, 1), _checked(fake, 1)
    way = torch.randn(X.shape[1], directions, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    way /= way.norm(dim=0)
    at = (torch.arange(max(len(X), len(Y)), dtype=torch.float64) + 0.5) / max(len(X), len(Y))
    a, b = ((Z @ way).sort(0).values[(at * len(Z)).long()] for Z in (X, Y))
    return float((a - b).abs().mean())


def modes_covered(
    points: Float[Tensor, "n 2"], centres: Float[Tensor, "m 2"], spread: float, within: float = 3.0
) -> tuple[int, float]:
    """How many modes have at least 1 % of the points within so many spreads, and the share of points that are near any.

    Of a Gaussian in the plane 98.9 % lies within 3 spreads. Raises ValueError without centres.
    """
    if not len(centres):
        raise ValueError("there are no centres: this distribution has no modes to count.")
    near = torch.cdist(_checked(points, 1), centres.double()) <= within * spread
    return int((near.double().mean(0) >= MODE_SHARE).sum()), float(near.any(1).double().mean())


def density_coverage(real: Float[Tensor, "m feature"], fake: Float[Tensor, "n feature"], k: int = 5) -> tuple[float, float]:
    """(density, coverage): how crowded with real samples the places of the fake ones are; what share of the real has a fake near.

    Near a real sample is within the distance of its k-th real neighbour. Density is about 1 for one and the same distribution
    and can be above; coverage is at most 1 and about 1 - 2^-k for sets of equal size. After Naeem et al., 2020.
    """
    X, Y = _checked(real, k + 1), _checked(fake, 1)
    radius = torch.cdist(X, X).kthvalue(k + 1).values  # the nearest is itself
    inside = torch.cdist(X, Y) <= radius[:, None]
    return float(inside.double().sum(0).mean() / k), float(inside.any(1).double().mean())


def nearest(fake: Float[Tensor, "n feature"], training: Float[Tensor, "m feature"]) -> tuple[Int[Tensor, "n"], Float[Tensor, "n"]]:
    """Of each sample its nearest training sample, and how far that is (Euclidean)."""
    distance, index = torch.cdist(_checked(fake, 1), _checked(training, 1)).min(1)
    return index, distance


def _checked(x: Set, least: int) -> Set:
    if len(x) < least:
        raise ValueError(f"a set has {len(x)} samples; at least {least} are needed.")
    if not torch.isfinite(x).all():
        raise ValueError("a set holds NaN or infinity; look at the model that made it.")
    return x.double()


def _gaussian(x: Set) -> tuple[Float[Tensor, "feature"], Float[Tensor, "feature feature"]]:
    return x.mean(0), torch.cov(x.T).reshape(x.shape[1], x.shape[1])


def _root(C: Float[Tensor, "feature feature"]) -> Float[Tensor, "feature feature"]:
    """The symmetric square root of a covariance."""
    values, vectors = torch.linalg.eigh(C)
    return (vectors * values.clamp(min=0).sqrt()) @ vectors.T
