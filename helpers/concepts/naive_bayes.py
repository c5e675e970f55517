"""Naive Bayes: a generative model of discrete features that are taken as independent of each other, given the class.

P(x, class) = P(class) times the product of P(x_i | class), each a table that is counted. Its probabilities are exact, it is
fitted in one pass, it classifies not badly; and what it draws falls to pieces, since every feature is drawn for itself.
Notebook: 07_generative_models.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

Features = Int[Tensor, "example feature"]


class NaiveBayes(NamedTuple):
    """prior: of each class; table: of each class and feature the probabilities of its levels, which add up to 1; float64."""

    prior: Float[Tensor, "class"]
    table: Float[Tensor, "class feature level"]


def count(x: Features, y: Int[Tensor, "example"], classes: int, levels: int, smoothing: float = 1.0) -> NaiveBayes:
    """The tables of features x in 0 ... levels - 1 and classes y. smoothing: added to every count (Laplace), above 0.

    Without it a level that a class never had would be impossible for ever. Raises ValueError for levels and classes out of range.
    """
    if not smoothing > 0:
        raise ValueError(f"smoothing is {smoothing}; it is above 0, usually 1.")
    for said, values, most in (("level", x, levels), ("class", y, classes)):
        if len(values) and (values.min() < 0 or values.max() >= most):
            raise ValueError(f"a {said} of {int(values.min())} to {int(values.max())}; they are 0 to {most - 1}.")
    seen = torch.zeros(classes, x.shape[1], levels, dtype=torch.float64)
    for c in range(classes):
        if (y == c).any():
            seen[c] = F.one_hot(x[y == c], levels).sum(0)
    table = (seen + smoothing) / (seen + smoothing).sum(2, keepdim=True)
    prior = (y.bincount(minlength=classes) + smoothing).double()
    return NaiveBayes(prior / prior.sum(), table)


def log_joint(x: Features, model: NaiveBayes) -> Float[Tensor, "example class"]:
    """log P(x, class) in nats: the prior's logarithm and, for each feature, that of its level in the class's table."""
    at = x.T[None].expand(len(model.prior), -1, -1)  # (class, feature, example)
    return model.table.log().gather(2, at).sum(1).T + model.prior.log()


def log_likelihood(x: Features, model: NaiveBayes) -> Float[Tensor, "example"]:
    """log P(x), whatever the class, in nats."""
    return log_joint(x, model).logsumexp(1)


def bits(x: Features, model: NaiveBayes) -> Float[Tensor, "example"]:
    """-log2 P(x): how long the shortest description of each example is for somebody who has the model (Shannon, 1948)."""
    return -log_likelihood(x, model) / math.log(2)


def posterior(x: Features, model: NaiveBayes) -> Float[Tensor, "example class"]:
    """P(class | x) by Bayes' rule. It is far too sure: dependent features are counted as so many independent witnesses."""
    return log_joint(x, model).softmax(1)


def sample(model: NaiveBayes, count: int, seed: int = 0) -> tuple[Int[Tensor, "count feature"], Int[Tensor, "count"]]:
    """(features, classes): a class by the prior, then each feature for itself from the class's table."""
    random = torch.Generator().manual_seed(seed)
    y = torch.multinomial(model.prior, count, replacement=True, generator=random)
    x = torch.multinomial(model.table[y].flatten(0, 1), 1, generator=random)
    return x.reshape(count, -1), y
