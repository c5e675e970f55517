"""A word, a note or a chord as a vector: a row of a table, and which rows lie near each other.

A table times a one-hot vector is the row itself, so nobody multiplies: the row is looked up. The gradient goes the same
way back, to the rows that were used. Rows of words that are used alike come to lie near each other, whatever they mean.

Notebook: 06_transformers. After Mikolov et al., word2vec, 2013; Levy and Goldberg, 2014 (vectors by counting).
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor


def one_hot(tokens: Int[Tensor, "*place"], size: int) -> Float[Tensor, "*place size"]:
    """1 at each token's place among `size`, 0 elsewhere. Raises ValueError for a token that has no place."""
    _known(tokens, size)
    return (tokens[..., None] == torch.arange(size)).double()


def multiplied(tokens: Int[Tensor, "*place"], table: Float[Tensor, "size width"]) -> Float[Tensor, "*place width"]:
    """The rows of the tokens by a dense layer: one-hot times table, of whose products all but one in `size` are 0."""
    return one_hot(tokens, len(table)).to(table.dtype) @ table


def looked_up(tokens: Int[Tensor, "*place"], table: Float[Tensor, "size width"]) -> Float[Tensor, "*place width"]:
    """The same rows, fetched. Raises ValueError for a token without a row."""
    _known(tokens, len(table))
    return table[tokens]


def gradient(tokens: Int[Tensor, "*place"], upstream: Float[Tensor, "*place width"], size: int) -> Float[Tensor, "size width"]:
    """The table's gradient: each row collects what comes back from the places where its token stood, the rest get 0."""
    _known(tokens, size)
    return upstream.new_zeros(size, upstream.shape[-1]).index_add(0, tokens.flatten(), upstream.flatten(0, -2))


def cosine(a: Float[Tensor, "*a width"], b: Float[Tensor, "*b width"]) -> Float[Tensor, "..."]:
    """Cosine of the angle between vectors: 1 for the same direction, 0 for a right angle, −1 for opposite ones."""
    return (a * b).sum(-1) / (a.norm(dim=-1) * b.norm(dim=-1))


def nearest(table: Float[Tensor, "size width"], token: int, count: int = 5) -> tuple[Int[Tensor, "count"], Float[Tensor, "count"]]:
    """The `count` other rows nearest to a token's by angle, the nearest first, and the cosines; a row of zeros has none."""
    near = cosine(table, table[token]).nan_to_num(-torch.inf)
    near[token] = -torch.inf  # itself
    found = near.topk(count)
    return found.indices, found.values


def neighbours(tokens: Int[Tensor, "time"], size: int, reach: int = 1) -> Float[Tensor, "size size"]:
    """How often each token stands at most `reach` places from each other one, either side."""
    counts = torch.zeros(size, size, dtype=torch.float64)
    for k in range(1, reach + 1):
        pairs = tokens[:-k] * size + tokens[k:]
        counts += torch.bincount(pairs, minlength=size * size).reshape(size, size)
    return counts + counts.T


def counted(counts: Float[Tensor, "size size"], width: int) -> Float[Tensor, "size width"]:
    """Vectors from counts alone: how much more often than by chance two tokens are neighbours, in its main directions.

    M = max(0, log p(a, b) / (p(a) p(b))) ≈ U S V', vectors U √S (Levy and Goldberg, 2014). A token without neighbours gets 0.
    """
    both = counts / counts.sum()
    alone = both.sum(1)
    chance = (alone[:, None] * alone).clamp(min=1e-300)
    more = torch.where(both > 0, both / chance, 1.0).log().clamp(min=0)
    U, S, _ = torch.linalg.svd(more)
    return U[:, :width] * S[:width].sqrt()


def _known(tokens: Int[Tensor, "*place"], size: int) -> None:
    if tokens.numel() and not 0 <= int(tokens.min()) <= int(tokens.max()) < size:
        wrong = int(tokens.max()) if tokens.max() >= size else int(tokens.min())
        raise ValueError(f"Token {wrong} has no row: a table of {size} rows takes 0 to {size - 1}.")
