"""The confusion matrix: what a classifier took for what, and whether that was luck.

Notebooks: 04_cnns, 06_transformers.
"""

from __future__ import annotations

from math import comb

import torch
from jaxtyping import Float, Int
from torch import Tensor


def confusion(truth: Int[Tensor, "example"], guess: Int[Tensor, "example"], classes: int) -> Int[Tensor, "classes classes"]:
    """How often class `row` was taken for class `column`.

    >>> confusion(torch.tensor([0, 0, 1]), torch.tensor([0, 1, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    return torch.bincount(truth * classes + guess, minlength=classes**2).reshape(classes, classes)


def recall(counts: Int[Tensor, "classes classes"]) -> Float[Tensor, "classes"]:
    """The share of each class that was recognised; 0 for a class with no examples."""
    return counts.diagonal() / counts.sum(1).clamp(min=1)


def precision(counts: Int[Tensor, "classes classes"]) -> Float[Tensor, "classes"]:
    """The share of what was called each class that is of it; 0 for a class never named."""
    return counts.diagonal() / counts.sum(0).clamp(min=1)


def accuracy(counts: Int[Tensor, "classes classes"]) -> float:
    """The share of all examples that were recognised."""
    return float(counts.diagonal().sum() / counts.sum())


def by_luck(right: int, count: int) -> float:
    """How often who tosses a coin for each is right at least so many times.

    >>> by_luck(7, 8), by_luck(0, 8)
    (0.03515625, 1.0)
    """
    return sum(comb(count, k) for k in range(right, count + 1)) / 2**count
