"""Rounding with a gradient: the bottleneck of a neural codec, and how many bits go through it.

A code's numbers are rounded to a few levels; what is sent is which. Rounding has the gradient 0 almost everywhere, so on
the way back it is taken for the identity (the straight-through estimator: Bengio et al., 2013). Finite scalar
quantisation: Mentzer et al., 2024; a learned codebook: van den Oord et al., 2017. Notebook: 07a_autoencoders.
"""

from __future__ import annotations

import math

from jaxtyping import Float, Int
from torch import Tensor


def straight_through(x: Float[Tensor, "*shape"], rounded: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """`rounded` on the way there, x on the way back: the value of the one with the gradient of the other."""
    return x + (rounded - x).detach()


def to_levels(x: Float[Tensor, "*shape"], levels: int) -> Int[Tensor, "*shape"]:
    """Which of `levels` evenly spaced values from -1 to 1 is nearest; beyond, the last. Raises ValueError for fewer than two."""
    if levels < 2:
        raise ValueError(f"{levels} levels; with fewer than two nothing can be said.")
    return ((x.detach().clamp(-1, 1) + 1) / 2 * (levels - 1)).round().long()


def from_levels(index: Int[Tensor, "*shape"], levels: int) -> Float[Tensor, "*shape"]:
    """The values that the indices stand for, from -1 to 1."""
    return index / (levels - 1) * 2 - 1


def rounded(x: Float[Tensor, "*shape"], levels: int) -> Float[Tensor, "*shape"]:
    """x in [-1, 1] on its nearest level, with a gradient that passes straight through; beyond [-1, 1] there is none."""
    inside = x.clamp(-1, 1)
    return straight_through(inside, from_levels(to_levels(inside, levels), levels))


def bits_per_second(levels: int, numbers: int, seconds: float) -> float:
    """log2(levels) bits for each of so many numbers, by the seconds they stand for: what has to be sent at a fixed length.

    >>> bits_per_second(16, 8, 0.5)
    64.0
    """
    if not seconds > 0:
        raise ValueError(f"seconds is {seconds}; it is above 0.")
    return math.log2(levels) * numbers / seconds


def entropy(index: Int[Tensor, "_"], levels: int) -> float:
    """Bits that each index needs on average if frequent ones are written shorter (Shannon, 1948): at most log2(levels)."""
    p = index.flatten().bincount(minlength=levels).double() / index.numel()
    return float(-(p[p > 0] * p[p > 0].log2()).sum())
