"""Typical wrong ways to count what a code says, and to draw one."""

import math

import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def kl(mean, log_variance, one=lambda m, v: (m * m + v - 1 - math.log(v)) / 2, total=sum):
    return torch.tensor([total([one(float(m), math.exp(float(s))) for m, s in zip(*row)]) for row in zip(mean, log_variance)])


def draw(mean, log_variance, noise, one=lambda m, s, e: m + math.exp(s / 2) * e):
    cells = zip(mean.flatten().tolist(), log_variance.flatten().tolist(), noise.flatten().tolist())
    return torch.tensor([one(*cell) for cell in cells]).reshape(mean.shape)


def test_loops_will_do():
    assert check("kl_of_code", kl).ok
    assert check("drawn_code", draw).ok


def test_wrong_nats():
    tell_apart(
        "kl_of_code",
        {
            "where the code lies": lambda mean, log_variance: kl(mean, log_variance, lambda m, v: (v - 1 - math.log(v)) / 2),
            "Which way does the logarithm": lambda mean, log_variance: kl(
                mean, log_variance, lambda m, v: (m * m + v - 1 + math.log(v)) / 2
            ),
            "measured the prior from the code": lambda mean, log_variance: kl(
                mean, log_variance, lambda m, v: (m * m / v + 1 / v - 1 + math.log(v)) / 2
            ),
            "that of the standard deviation": lambda mean, log_variance: kl(
                mean, log_variance, lambda m, v: (m * m + v * v - 1 - 2 * math.log(v)) / 2
            ),
            "twice too large": lambda mean, log_variance: kl(mean, log_variance, lambda m, v: m * m + v - 1 - math.log(v)),
            "averaged over": lambda mean, log_variance: kl(mean, log_variance, total=lambda found: sum(found) / len(found)),
            "still says something": lambda mean, log_variance: kl(mean, log_variance, lambda m, v: (m * m + v - math.log(v)) / 2),
        },
    )


def test_wrong_draws():
    wrong = {
        "stretches it by the variance": lambda m, s, e: m + math.exp(s) * e,
        "stretches noise by a logarithm": lambda m, s, e: m + s * e,
        "Half of the variance": lambda m, s, e: m + math.exp(s) / 2 * e,
        "the less far": lambda m, s, e: m + math.exp(-s / 2) * e,
        "stretch the mean as well": lambda m, s, e: (m + e) * math.exp(s / 2),
        "as wide as the prior": lambda m, s, e: m + e,
        "decode the mean": lambda m, s, e: m,
    }
    tell_apart(
        "drawn_code",
        {said: lambda mean, log_variance, noise, one=one: draw(mean, log_variance, noise, one) for said, one in wrong.items()},
    )
