"""Exercise on drawing from a model: which symbols top-p keeps (Holtzman et al., 2020).

Notebook: 06_transformers.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor

from helpers.exercises import exercise


def _distributions(generator: Generator) -> Iterator[tuple[Float[Tensor, "symbol"], float]]:
    yield torch.tensor([0.1, 0.6, 0.3]), 0.8
    yield torch.tensor([0.05, 0.15, 0.5, 0.3]), 0.7
    yield torch.tensor([0.2, 0.7, 0.1]), 0.5
    yield torch.tensor([0.12, 0.23, 0.28, 0.26, 0.11]), 0.9
    for n, p in ((6, 0.6), (9, 0.75)):
        yield (2 * torch.randn(n, generator=generator)).softmax(0), p


def _ranked(probabilities: Tensor, p: float, largest: bool = True) -> tuple[Tensor, Tensor]:
    """The order of the symbols, and how many have gone before each in it."""
    order = probabilities.argsort(descending=largest)
    return order, probabilities[order].cumsum(0) - probabilities[order]


@exercise(_distributions)
def nucleus(probabilities: Float[Tensor, "symbol"], p: float) -> Bool[Tensor, "symbol"]:
    """Which symbols top-p keeps: the fewest, most probable ones, that together have at least p."""
    order, before = _ranked(probabilities, p)
    kept = torch.zeros_like(probabilities, dtype=torch.bool)
    kept[order[before < p]] = True
    return kept


@nucleus.mistake
def each_over_p(probabilities, p):
    """You ask each symbol alone to reach p. It is together that they should."""
    return probabilities >= p


@nucleus.mistake
def one_short(probabilities, p):
    """Your symbols together stay below p: the one that would carry them over it is missing."""
    order, before = _ranked(probabilities, p)
    kept = torch.zeros_like(probabilities, dtype=torch.bool)
    kept[order[before + probabilities[order] <= p]] = True
    return kept


@nucleus.mistake
def one_more(probabilities, p):
    """You keep one symbol more than needed: p was reached before it."""
    kept = nucleus(probabilities, p)
    order, _ = _ranked(probabilities, p)
    kept[order[: int(kept.sum()) + 1]] = True
    return kept


@nucleus.mistake
def as_they_stand(probabilities, p):
    """You take the symbols as they stand in the list. The most probable come first."""
    return probabilities.cumsum(0) - probabilities < p


@nucleus.mistake
def least_first(probabilities, p):
    """You begin with the least probable."""
    order, before = _ranked(probabilities, p, largest=False)
    kept = torch.zeros_like(probabilities, dtype=torch.bool)
    kept[order[before < p]] = True
    return kept


@nucleus.mistake
def in_order(probabilities, p):
    """You tell how many are kept, but in the order of their rank. Say it of each symbol at its own place."""
    return _ranked(probabilities, p)[1] < p


@nucleus.mistake
def share_of_symbols(probabilities, p):
    """You keep a share of the symbols, whatever they weigh. It is their probability that is to reach p."""
    kept = torch.zeros_like(probabilities, dtype=torch.bool)
    kept[probabilities.argsort(descending=True)[: max(1, round(p * len(probabilities)))]] = True
    return kept


@nucleus.mistake
def what_is_cut(probabilities, p):
    """You mark what is cut off. Mark what is kept."""
    return ~nucleus(probabilities, p)
