"""Attention: each place of a sequence takes a weighted mean of the values at all places, and chooses the weights itself.

A place asks with its query q, every place answers with its key k, and what is passed on are the values v:
Attention(Q, K, V) = softmax(Q Kᵀ / √d) V. A mask is True where a place may look. Vaswani et al., *Attention is all you
need*, 2017. Notebook: 06_transformers.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

Mask = Bool[Tensor, "*#batch query key"]
Weights = Float[Tensor, "*batch query key"]


class Stages(NamedTuple):
    """What stands in each cell of the matrix on the way from queries and keys to weights, row = who looks."""

    products: Weights  # q · k
    scaled: Weights  # divided by √d, and by the temperature
    masked: Weights  # −∞ where it must not look
    weights: Weights  # each row's softmax: ≥ 0, sum 1


def scores(Q: Float[Tensor, "*batch query width"], K: Float[Tensor, "*#batch key same_width"]) -> Weights:
    """Every query times every key. Raises ValueError where they are not of one width."""
    if Q.shape[-1] != K.shape[-1]:
        raise ValueError(f"queries of width {Q.shape[-1]} cannot be multiplied with keys of width {K.shape[-1]}; make them alike.")
    return Q @ K.mT


def stages(
    Q: Float[Tensor, "*batch query width"],
    K: Float[Tensor, "*#batch key same_width"],
    mask: Mask | None = None,
    temperature: float = 1.0,
) -> Stages:
    """All four stages, for a look at them. Raises ValueError as `scores`, for a row that may look nowhere, and for T ≤ 0."""
    if not temperature > 0:
        raise ValueError(f"a temperature of {temperature:g} cannot divide the scores; choose more than 0.")
    products = scores(Q, K)
    scaled = products / (math.sqrt(Q.shape[-1]) * temperature)
    if mask is not None and not mask.any(-1).all():
        blind = int((~mask.any(-1)).nonzero()[0, -1])
        raise ValueError(f"the mask lets place {blind} look nowhere: a softmax over nothing has no weights. Let it see itself.")
    masked = scaled if mask is None else scaled.masked_fill(~mask, -math.inf)
    return Stages(products, scaled, masked, masked.softmax(-1))


def attention(
    Q: Float[Tensor, "*batch query width"],
    K: Float[Tensor, "*#batch key same_width"],
    V: Float[Tensor, "*#batch key value"],
    mask: Mask | None = None,
) -> tuple[Float[Tensor, "*batch query value"], Weights]:
    """Scaled dot-product attention: (output, weights), output = weights @ V. Raises ValueError as `stages`."""
    weights = stages(Q, K, mask).weights
    return weights @ V, weights


def causal_mask(length: int, past: int = 0) -> Bool[Tensor, "length seen"]:
    """Each place sees itself and what came before it; `past` places stand before the first.

    >>> causal_mask(3).int()
    tensor([[1, 0, 0],
            [1, 1, 0],
            [1, 1, 1]], dtype=torch.int32)
    """
    return torch.ones(length, past + length, dtype=torch.bool).tril(past)


def split_heads(x: Float[Tensor, "*batch time width"], heads: int) -> Float[Tensor, "*batch heads time share"]:
    """Cut the width into one share for each head. Raises ValueError where it does not come out even."""
    if x.shape[-1] % heads:
        raise ValueError(f"a width of {x.shape[-1]} cannot be shared by {heads} heads; choose a number that divides it.")
    return x.unflatten(-1, (heads, -1)).transpose(-3, -2)


def join_heads(x: Float[Tensor, "*batch heads time share"]) -> Float[Tensor, "*batch time width"]:
    """Lay the heads' shares side by side again."""
    return x.transpose(-3, -2).flatten(-2)


# ---- what one says of a head


def entropy(weights: Weights) -> Float[Tensor, "*batch"]:
    """How spread its attention is, in bits, mean over who looks: 0 for one place only, log₂ n for all n alike."""
    return torch.special.entr(weights).sum(-1).mean(-1) / math.log(2)


def mean_distance(weights: Weights) -> Float[Tensor, "*batch"]:
    """How far it looks, in places, mean over who looks and weighted by how much."""
    query, key = (torch.arange(n, dtype=weights.dtype) for n in weights.shape[-2:])
    far = (query[:, None] - key).abs()
    return weights.flatten(-2) @ far.flatten() / len(query)  # one product: long texts have millions of weights


# ---- several heads as one


def rollout(weights: Float[Tensor, "layer head place place"]) -> Float[Tensor, "layer place place"]:
    """How much of each place (column) has come into each (row) after every layer, if weights alone decided.

    A block adds what its heads bring to what is there: half of the old, half of the heads' mean; from layer to layer the
    shares are multiplied along all ways. Rows add up to 1. Abnar and Zuidema, *Quantifying attention flow*, 2020.
    """
    shares, found = torch.eye(weights.shape[-1], dtype=weights.dtype), []
    for layer in weights.mean(1):
        shares = (shares + layer @ shares) / 2
        found.append(shares)
    return torch.stack(found)
