"""Typical wrong ways to probabilities, cross-entropies and their gradient, small logits and large."""

import math

import numpy as np
import pytest
import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def each(z, y, of):
    return torch.tensor([of(float(a), float(b)) for a, b in zip(z, y)])


def stable(z, y):
    return max(z, 0) - y * z + math.log1p(math.exp(-abs(z)))


def shares(z, temperature=1.0):
    e = np.exp((z.numpy().astype(float) - float(z.max())) / temperature)
    return e / e.sum()


def indicator(z, target):
    return np.arange(len(z)) == target


def surprise(z, target):
    return float(z.max()) - float(z[target]) + math.log(sum(math.exp(v - float(z.max())) for v in z.tolist()))


def test_other_ways_will_do():
    assert check("bce_from_logits", lambda z, y: each(z, y, stable)).ok
    assert check("bce_from_logits", lambda z, y: torch.logaddexp(torch.zeros_like(z), z) - y * z).ok
    assert check("softmax", shares).ok
    assert check("cross_entropy", surprise).ok
    assert check("cross_entropy_gradient", lambda z, target: shares(z) - indicator(z, target)).ok


def test_wrong_binary():
    def inverted(z, y):
        p = 1 / (1 + (-z).exp())
        return -(y * torch.log(p) + (1 - y) * torch.log(1 - p))

    tell_apart(
        "bce_from_logits",
        {
            "zero times infinite": inverted,
            "look up the probability": lambda z, y: -torch.log(torch.where(y.round() == 1, z.sigmoid(), 1 - z.sigmoid())),
            "exponential of a large one is infinite": lambda z, y: (1 + torch.exp(z)).log() - z * y,
            "opposite is infinite": lambda z, y: z - y * z + torch.log(1 + torch.exp(-z)),
            "at a hundred": lambda z, y: (
                -(y * z.sigmoid().log().clamp(min=-100) + (1 - y) * (1 - z.sigmoid()).log().clamp(min=-100))
            ),
            "losses are negative": lambda z, y: each(z, y, lambda a, b: -stable(a, b)),
            "the wrong way round": lambda z, y: each(z, y, lambda a, b: stable(a, 1 - b)),
            "no probability yet": lambda z, y: -(y * torch.log(z) + (1 - y) * torch.log(1 - z)),
            "target is zero": lambda z, y: each(z, y, lambda a, b: b * stable(a, 1)),
            "one number, the mean": lambda z, y: each(z, y, stable).mean(),
        },
    )


def test_wrong_softmaxes():
    def overflowing(z, temperature):
        return torch.exp(z / temperature) / torch.exp(z / temperature).sum()

    tell_apart(
        "softmax",
        {
            "subtract from all": overflowing,
            "temperature changes nothing": lambda z, temperature: shares(z),
            "more alike": lambda z, temperature: shares(z, 1 / temperature),
            "in proportion to the logits": lambda z, temperature: (z / temperature) / (z / temperature).sum(),
            "one for each class on its own": lambda z, temperature: 1 / (1 + (-z / temperature).exp()),
            "largest is always one": lambda z, temperature: shares(z, temperature) / shares(z, temperature).max(),
            "logarithms of the probabilities": lambda z, temperature: (z / temperature).log_softmax(0),
            "everything to the largest": lambda z, temperature: (z == z.max()).float(),
        },
    )


def test_wrong_cross_entropies():
    tell_apart(
        "cross_entropy",
        {
            "terms of all classes": lambda z, target: sum(surprise(z, k) for k in range(len(z))),
            "losses are negative": lambda z, target: -surprise(z, target),
            "compared with the others'": lambda z, target: -float(z[target]),
            "grows without end": lambda z, target: 1 - shares(z)[target],
            "no exponent is positive": lambda z, target: -torch.log(torch.softmax(z, 0))[target],
            "Subtract the largest": lambda z, target: torch.log(torch.exp(z).sum()) - z[target],
            "divided by infinite": lambda z, target: -torch.log(torch.exp(z) / torch.exp(z).sum())[target],
            "like best": lambda z, target: surprise(z, int(z.argmax())),
            "softmax twice": lambda z, target: surprise(torch.from_numpy(shares(z)), target),
            "those are bits": lambda z, target: surprise(z, target) / math.log(2),
        },
    )


def test_the_wrong_logit_is_taken_out_of_the_sum():
    message = check("cross_entropy", lambda z, target: (z - z[target]).exp().sum().log()).message
    assert "no exponent is positive" in message


def share(e):
    return e / e.sum()


UNGUARDED = {
    "bce_from_logits": lambda z, y: torch.log(1 + z.double().exp()) - y * z,
    "softmax": lambda z, temperature: share((z.double() / temperature).exp()),
    "cross_entropy": lambda z, target: z.double().exp().sum().log() - z[target],
    "cross_entropy_gradient": lambda z, target: share(z.double().exp()) - torch.tensor(indicator(z, target)).double(),
}


@pytest.mark.parametrize("name", UNGUARDED)
def test_double_precision_does_not_help(name):
    result = check(name, UNGUARDED[name])
    assert result.state == "not yet"
    assert "is infinite" in result.message


def test_pythons_own_exponential_overflows():
    def plain(z, y):
        return each(z, y, lambda a, b: math.log(1 + math.exp(a)) - a * b)

    assert "OverflowError" in check("bce_from_logits", plain).message


def first_link_alone(z, target):
    with np.errstate(divide="ignore", invalid="ignore"):  # by 0, where a probability has vanished
        return -1.0 * indicator(z, target) / torch.softmax(z, 0).numpy()


def test_wrong_gradients():
    tell_apart(
        "cross_entropy_gradient",
        {
            "uphill": lambda z, target: indicator(z, target) - shares(z),
            "Those are the probabilities": lambda z, target: shares(z),
            "classes that were not true": lambda z, target: np.where(indicator(z, target), shares(z) - 1, 0),
            "for the class that was true": lambda z, target: np.where(indicator(z, target), 0, shares(z)),
            "link of the chain": first_link_alone,
            "What are logits turned into": lambda z, target: z.numpy() - indicator(z, target),
            "From which one only": lambda z, target: shares(z) - 1,
            "is infinite": lambda z, target: torch.exp(z) / torch.exp(z).sum() - torch.tensor(indicator(z, target)).float(),
            "one number": surprise,
        },
    )
