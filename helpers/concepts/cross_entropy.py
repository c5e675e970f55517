"""How surprised a probability is by what happened: from logits to probabilities to cross-entropy, for two classes or many.

A logit z is any number; the sigmoid, or softmax for many, makes probabilities p of logits. The loss is minus the logarithm of
the probability that was given to what happened. Each gradient is with respect to the logits and is p - y: prediction minus truth.
The formulas written with probabilities say what is meant; those written with logits are what to compute, for a probability
rounds to 0 or 1 long before its logit is large. Notebook: 02_loss_functions. Shannon, 1948; Bridle, "Probabilistic
interpretation of feedforward classification network outputs", 1990 (softmax); Szegedy et al., 2016 (label smoothing).
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

Numbers = Float[Tensor, "*#batch"]


def sigmoid(z: Numbers) -> Numbers:
    """1 / (1 + e^-z), in a form that overflows for no z: a logit of 0 is a probability of 1/2."""
    e = torch.exp(-z.abs())  # at most 1
    return torch.where(z >= 0, 1 / (1 + e), e / (1 + e))


def bce(p: Numbers, y: Numbers) -> Numbers:
    """Binary cross-entropy as it is written, -y ln p - (1 - y) ln(1 - p), of probability p and target y, in [0, 1].

    Where p has rounded to 0 or 1 it gives infinity, or 0 times infinity, which is NaN.
    """
    return -y * torch.log(p) - (1 - y) * torch.log(1 - p)


def log_loss(p: Numbers, y: Numbers) -> Numbers:
    """The same for a target of 0 or 1, the other way to write it: minus the log of the probability of what happened."""
    return -torch.log(torch.where(y == 1, p, 1 - p))


def bce_slope(p: Numbers, y: Numbers) -> Numbers:
    """Derivative with respect to p: (p - y) / (p (1 - p))."""
    return (p - y) / (p * (1 - p))


def bce_with_logits(z: Numbers, y: Numbers) -> Numbers:
    """The same of a logit: max(z, 0) - y z + ln(1 + e^-|z|). Nothing in it overflows or rounds to ln 0.

    >>> bce_with_logits(torch.tensor([-1e4, 0.0, 1e4]), torch.tensor(1.0))
    tensor([1.0000e+04, 6.9315e-01, 0.0000e+00])
    """
    return z.clamp(min=0) - y * z + torch.log1p(torch.exp(-z.abs()))


def bce_with_logits_slope(z: Numbers, y: Numbers) -> Numbers:
    """Derivative with respect to z: sigmoid(z) - y, never beyond -1 and 1, and largest where one is most wrong."""
    return sigmoid(z) - y


def naive_slope(z: Numbers, y: Numbers) -> Numbers:
    """What the chain rule makes of the written form, number by number: d loss / dp times dp / dz, with p rounded.

    Once p is 1 (or 0), the second factor p (1 - p) is exactly 0 and the first is 0 / 0 or infinite: NaN.
    """
    p = 1 / (1 + torch.exp(-z))
    return (-y / p + (1 - y) / (1 - p)) * (p * (1 - p))


def saturation(dtype: torch.dtype) -> tuple[float, float]:
    """The logits at which 1 / (1 + e^-z) is exactly 0 (at and below the first), and exactly 1 (at and above the second).

    It is 1 once e^-z is at most half of the step from 1 to the next number, and 0 once e^-z overflows.

    >>> [round(z, 1) for z in saturation(torch.float32)]
    [-88.7, 16.6]
    """
    return -math.log(torch.finfo(dtype).max), -math.log(torch.finfo(dtype).eps / 2)


def softmax(z: Float[Tensor, "*batch classes"], temperature: float = 1.0) -> Float[Tensor, "*batch classes"]:
    """e^(z_i / T) / sum_j e^(z_j / T): positive, adding up to 1, in the order of z.

    Only differences of logits count, so the largest is subtracted first and no exponential overflows. A low T gives the
    largest logit all, a high T everyone the same. Raises ValueError where T is not above 0.
    """
    return torch.exp(log_softmax(z, temperature))


def log_softmax(z: Float[Tensor, "*batch classes"], temperature: float = 1.0) -> Float[Tensor, "*batch classes"]:
    """ln of the softmax, computed without taking the logarithm of a probability that may have rounded to 0."""
    if not temperature > 0:
        raise ValueError(f"The temperature is {temperature}; logits are divided by it: choose a number above 0.")
    scaled = (z - z.amax(-1, keepdim=True)) / temperature
    return scaled - scaled.exp().sum(-1, keepdim=True).log()


def cross_entropy(
    z: Float[Tensor, "*batch classes"], y: Float[Tensor, "*#batch classes"], temperature: float = 1.0
) -> Float[Tensor, "*batch"]:
    """-sum_i y_i ln p_i with p = softmax(z / T): z logits, y target probabilities. Of a one-hot y one term survives.

    Class weights are put into y: weights * y.
    """
    return -(y * log_softmax(z, temperature)).sum(-1)


def cross_entropy_slope(
    z: Float[Tensor, "*batch classes"], y: Float[Tensor, "*#batch classes"], temperature: float = 1.0
) -> Float[Tensor, "*batch classes"]:
    """Derivative with respect to each logit: (p - y) / T for a y that adds up to 1, in general (p sum(y) - y) / T."""
    return (softmax(z, temperature) * y.sum(-1, keepdim=True) - y) / temperature


def negative_log_likelihood(p: Float[Tensor, "*batch classes"], target: Int[Tensor, "*batch"]) -> Float[Tensor, "*batch"]:
    """-ln of the probability that each row gives to the class that was true: cross-entropy with a one-hot target."""
    return -p.gather(-1, target[..., None]).squeeze(-1).log()


def smoothed(target: Int[Tensor, "*batch"], classes: int, smoothing: float = 0.0) -> Float[Tensor, "*batch classes"]:
    """Target probabilities: 1 - smoothing for the true class, and `smoothing` shared by all classes alike.

    Without smoothing this is one-hot: the least loss then needs infinite logits; with it, finite ones.

    >>> smoothed(torch.tensor(1), 4, 0.2)
    tensor([0.0500, 0.8500, 0.0500, 0.0500], dtype=torch.float64)
    """
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing is {smoothing}; it is the share given to all classes alike, from 0 to below 1.")
    one_hot = torch.nn.functional.one_hot(target, classes).double()
    return (1 - smoothing) * one_hot + smoothing / classes
