"""Where a token stands, told to a network that would not know: four ways to write a position into vectors.

Attention sees a set: shuffle the tokens, and each still gets the same weights. So a position is added to the vector
(sinusoidal, learned), turned into it (rotary), or added to the score of a pair by how far apart they are (relative).
The first two say where a token is; what a score makes of the last two depends on the offset alone.

Notebook: 06_transformers. After Vaswani et al., 2017 (sinusoidal); Shaw et al., 2018, and Huang et al., "Music
Transformer", 2019 (relative); Su et al., "RoFormer", 2021 (rotary).
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

BASE = 10_000.0


def frequencies(width: int, base: float = BASE) -> Float[Tensor, "pair"]:
    """How far the hand of each pair of dimensions turns from one position to the next: base^(−2i / width) radians.

    Raises ValueError for an odd width, and for a base that is not more than 1.

    >>> frequencies(4, 100.0)
    tensor([1.0000, 0.1000], dtype=torch.float64)
    """
    if width < 2 or width % 2:
        raise ValueError(f"A width of {width} makes no pairs; give an even number, at least 2.")
    if not base > 1:
        raise ValueError(f"A base of {base} makes no slower hands; give more than 1, for instance 10000.")
    return base ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)


def angles(positions: Int[Tensor, "time"] | Float[Tensor, "time"], width: int, base: float = BASE) -> Float[Tensor, "time pair"]:
    """Where each hand stands at each position, in radians: t · base^(−2i / width)."""
    return positions.double()[:, None] * frequencies(width, base)


def sinusoidal(
    positions: Int[Tensor, "time"] | Float[Tensor, "time"], width: int, base: float = BASE
) -> Float[Tensor, "time width"]:
    """The encoding to add to each token: PE[t, 2i] = sin(t ω_i), PE[t, 2i + 1] = cos(t ω_i)."""
    turned = angles(positions, width, base)
    return torch.stack([turned.sin(), turned.cos()], -1).flatten(-2)


def agreement(offsets: Int[Tensor, "offset"], width: int, base: float = BASE) -> Float[Tensor, "offset"]:
    """PE(t) · PE(t + k) for each offset k, whatever t is: sin a sin b + cos a cos b = cos(b − a), so Σ_i cos(k ω_i)."""
    return angles(offsets, width, base).cos().sum(-1)


def learned(length: int, width: int, seed: int = 0) -> Float[Tensor, "length width"]:
    """A table of vectors to be learned, one for each position, as it is before training: normal, deviation 0.02.

    There is no row for a position beyond `length`. As in Devlin et al., BERT, 2019.
    """
    random = torch.Generator().manual_seed(seed)
    return 0.02 * torch.randn(length, width, generator=random, dtype=torch.float64)


def rotate(
    x: Float[Tensor, "*batch time width"], positions: Int[Tensor, "time"] | Float[Tensor, "time"], base: float = BASE
) -> Float[Tensor, "*batch time width"]:
    """Turn each pair (x[2i], x[2i + 1]) by t ω_i: queries and keys are turned so before they meet, values are not.

    Lengths stay, and rotate(q, s) · rotate(k, t) depends on t − s only.
    """
    turned = angles(positions, x.shape[-1], base).to(x.dtype)
    cos, sin, (even, odd) = turned.cos(), turned.sin(), (x[..., ::2], x[..., 1::2])
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos], -1).flatten(-2)


def relative(Q: Float[Tensor, "*batch time width"], table: Float[Tensor, "entry width"]) -> Float[Tensor, "*batch time time"]:
    """What is added to the score of each pair (i, j): q_i · r, where r is the table's row for the offset j − i.

    table: rows for the offsets −reach … reach; what is further away shares the last row (Shaw et al., 2018).
    Raises ValueError where the table has no middle row.
    """
    if len(table) % 2 == 0:
        raise ValueError(f"{len(table)} rows have no middle one, for the offset 0; give an odd number.")
    reach, time = len(table) // 2, torch.arange(Q.shape[-2])
    offset = (time[None, :] - time[:, None]).clamp(-reach, reach) + reach  # (time, time), row i, column j
    return torch.einsum("...id,ijd->...ij", Q, table[offset])


def skewed(Q: Float[Tensor, "*batch time width"], table: Float[Tensor, "time width"]) -> Float[Tensor, "*batch time time"]:
    """The same for looking back only, without a vector for each pair: the trick of the Music Transformer.

    table: rows for the offsets −(time − 1) … 0. Q table' has every product needed, each row one place further left than
    it should be than the row below; a column of padding and another reading of the same memory moves each into place.
    Entries above the diagonal (j > i) mean nothing: mask them.
    """
    products = Q @ table.mT  # (..., i, offset + time − 1)
    *batch, n, _ = products.shape
    padded = torch.nn.functional.pad(products, (1, 0))  # (..., i, 1 + time)
    return padded.reshape(*batch, n + 1, n)[..., 1:, :]


def wavelength(width: int, base: float = BASE) -> Float[Tensor, "pair"]:
    """Positions from one turn of each hand to the next: 2π / ω_i."""
    return 2 * math.pi / frequencies(width, base)
