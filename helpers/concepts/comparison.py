"""Generative models side by side: for each the same measures, of as many samples, against the same real ones.

There is no single number: a distance does not see a copy, a share of copies does not see a lost family. Distances between
sets are counted in features of a judge (helpers/concepts/fidelity.py), copies in the samples themselves. Notebook:
07_generative_models.
"""

from __future__ import annotations

from typing import NamedTuple

from jaxtyping import Float, Int
from torch import Tensor

from helpers.concepts.fidelity import density_coverage, frechet, nearest


class Measures(NamedTuple):
    """Of one model. distance: Fréchet; nearest: the median distance to the nearest sample learned from, in the samples' units,
    and copying the same in units of what new real samples have: below 1 it keeps nearer to what it learned than new ones do;
    copies: the share of samples nearer to one than `near`.
    """

    distance: float
    density: float
    coverage: float
    nearest: float
    copying: float
    copies: float


def distances(fake: Float[Tensor, "n *shape"], learned: Float[Tensor, "m *shape"], scale: float = 1.0) -> Float[Tensor, "n"]:
    """How far each sample is from the nearest one learned from: root of the mean square over its cells, times the scale."""
    cells = fake[0].numel()
    return nearest(fake.flatten(1), learned.flatten(1))[1] * scale / cells**0.5


def measure(
    real: Float[Tensor, "m feature"],
    fake: Float[Tensor, "n feature"],
    away: Float[Tensor, "n"],
    away_new: Float[Tensor, "k"],
    near: float,
) -> Measures:
    """real, fake: features of real samples and of the model's. away, away_new: `distances` of the model's samples and of new
    real ones; near: what is nearer than that is a copy. Raises ValueError for new samples that are themselves learned from.
    """
    usual = float(away_new.median())
    if not usual > 0:
        raise ValueError("half of the new samples are among those learned from: they are not new. Hold others out.")
    middle = float(away.median())
    copies = float((away < near).double().mean())
    return Measures(frechet(real, fake), *density_coverage(real, fake), middle, middle / usual, copies)


def moved(truth: Int[Tensor, "kind"], found: Int[Tensor, "kind"]) -> float:
    """The share of all that would have to be of another kind for the shares to be equal: their total variation distance.

    >>> import torch
    >>> moved(torch.tensor([1, 1]), torch.tensor([3, 1]))
    0.25
    """
    return float((truth.double() / truth.sum() - found.double() / found.sum()).abs().sum() / 2)


def apportion(shares: Int[Tensor, "kind"], total: int) -> Int[Tensor, "kind"]:
    """So many in all, as nearly in these shares as whole numbers can be: largest remainders first (Hamilton, 1792).

    >>> import torch
    >>> apportion(torch.tensor([1, 1, 4]), 10)
    tensor([2, 2, 6])
    """
    whole, rest = shares * total // shares.sum(), shares * total % shares.sum()
    whole[rest.argsort(descending=True, stable=True)[: total - int(whole.sum())]] += 1
    return whole
