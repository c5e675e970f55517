"""The numbers of each kind of position: its table, and the score of every two places.

Notebook: 06_transformers. Concept: helpers/concepts/positions.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from helpers.concepts.positions import learned, relative, rotate, sinusoidal
from helpers.datasets import assets
from helpers.models import safetensors

PLACES = 128  # of the sequence
AHEAD = 32  # the largest offset asked for
REACH = 16  # offsets that have a row of their own in the table of the relative kind
POSITIONS = "embeddings.position_embeddings.weight"


@dataclass(frozen=True)
class Encoded:
    """table: what is added or turned, a row for each place (or offset); scores: row = from which place, column = to which.

    hands: tips of hands of length 1, (place, pair, 2), where there are any.
    """

    table: Float[Tensor, "row width"]
    scores: Float[Tensor, "place place"]
    hands: Float[Tensor, "place pair 2"] | None = None


@lru_cache(maxsize=32)
def encoded(kind: str, width: int, base: float, seed: int) -> Encoded:
    """All places of a kind. What is drawn at random comes from `seed`."""
    return KINDS[kind](width, base, seed)


def _sinusoidal(width: int, base: float, seed: int) -> Encoded:
    table = sinusoidal(torch.arange(PLACES), width, base)
    return Encoded(table, table @ table.T / (width / 2), table.unflatten(1, (-1, 2)))


def _rotary(width: int, base: float, seed: int) -> Encoded:
    """The same vector as query and as key, at every place."""
    x = _random(1, width, seed=seed)
    table = rotate(x.expand(PLACES, -1), torch.arange(PLACES), base)
    pairs = table.unflatten(1, (-1, 2))
    return Encoded(table, table @ table.T / x.square().sum(), pairs / pairs.norm(dim=-1, keepdim=True))


def _learned(width: int, base: float, seed: int) -> Encoded:
    """MiniLM's positions as they were trained, about their mean, in the `width` directions in which they differ most."""
    return _cosines(trained()[:, :width])


def _untrained(width: int, base: float, seed: int) -> Encoded:
    return _cosines(learned(PLACES, width, seed))


def _relative(width: int, base: float, seed: int) -> Encoded:
    """A table before training, and the same query at every place."""
    query, table = _random(1, width, seed=seed), _random(2 * REACH + 1, width, seed=seed + 1000)
    return Encoded(table, relative(query.expand(PLACES, -1), table) / math.sqrt(width))


def _cosines(table: Tensor) -> Encoded:
    unit = table / table.norm(dim=1, keepdim=True)
    return Encoded(table, unit @ unit.T)


def _random(rows: int, width: int, seed: int) -> Tensor:
    return torch.randn(rows, width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@lru_cache(maxsize=1)
def trained() -> Float[Tensor, "place direction"]:
    """MiniLM's positions from the first word on, about their mean, along their main directions.

    Its very first position is left out: only the token [CLS] ever stands there, and it is unlike all others.
    """
    table = safetensors.read(assets.fetch("minilm.safetensors"))[POSITIONS][1 : PLACES + 1].double()
    table = table - table.mean(0)
    return table @ torch.linalg.svd(table, full_matrices=False).Vh.T


KINDS: dict[str, Callable[[int, float, int], Encoded]] = {
    "sinusoidal": _sinusoidal,
    "rotary": _rotary,
    "learned (MiniLM)": _learned,
    "learned, before training": _untrained,
    "relative, before training": _relative,
}
