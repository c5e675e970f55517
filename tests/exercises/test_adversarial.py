"""Typical wrong ways to answer the exercises on adversarial training."""

import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def grads(critic, x):
    x = x.clone().requires_grad_()
    return torch.autograd.grad(critic(x).sum(), x)[0]


def between(a, b, mix):
    return b + mix[:, None] * (a - b)


def test_other_ways_will_do():
    def best_discriminator(p, q):
        return 1 / (1 + q / p)

    def non_saturating(scores):
        return torch.log1p(torch.exp(-scores)).mean()

    def slope_penalty(critic, real, fake, mix):
        g = grads(critic, between(real, fake, mix))
        return sum((float(row @ row) ** 0.5 - 1) ** 2 for row in g) / len(g)

    for answer in (best_discriminator, non_saturating, slope_penalty):
        assert check(answer.__name__, answer).ok, check(answer.__name__, answer)


def test_wrong_discriminators():
    tell_apart(
        "best_discriminator",
        {
            "that a sample is fake": lambda p, q: 1 - p / (p + q),
            "how many times as dense": lambda p, q: p / q,
            "real samples alone": lambda p, q: 1.0 * p,
            "likelier one": lambda p, q: torch.where(p > q, 1.0, 0.0),
            "difference of the densities": lambda p, q: 1 / (1 + torch.exp(q - p)),
            "log odds": lambda p, q: p.log() - q.log(),
            "end of the game": lambda p, q: 0 * p + 0.5,
        },
    )


def test_wrong_generators():
    s = torch.sigmoid
    tell_apart(
        "non_saturating",
        {
            "minimax": lambda x: (1 - s(x)).log().mean(),
            "look at the sign": lambda x: s(x).log().mean(),
            "what D pays": lambda x: -s(-x).log().mean(),
            "add the samples up": lambda x: sum(-s(v).log() for v in x),
            "the logarithm of that": lambda x: -(s(x).mean()).log(),
            "Where is the logarithm": lambda x: (1 - s(x)).mean(),
            "no probabilities yet": lambda x: -sum(x) / len(x),
        },
    )


def test_wrong_penalties():
    def of(points, cost):
        return lambda critic, real, fake, mix: cost(grads(critic, points(real, fake, mix)))

    def square(g):
        return ((g.norm(dim=1) - 1) ** 2).mean()

    tell_apart(
        "slope_penalty",
        {
            "at the real samples": of(lambda r, f, m: r, square),
            "at the fakes alone": of(lambda r, f, m: f, square),
            "the other way round": of(lambda r, f, m: between(f, r, m), square),
            "towards 0": of(between, lambda g: (g**2).sum(1).mean()),
            "a root": of(between, lambda g: (((g**2).sum(1) - 1) ** 2).mean()),
            "each coordinate": of(between, lambda g: ((g - 1) ** 2).mean()),
            "before you compare": of(between, lambda g: (g.norm(dim=1).mean() - 1) ** 2),
            "distance itself": of(between, lambda g: (g.norm(dim=1) - 1).abs().mean()),
            "too flat": of(between, lambda g: (torch.relu(g.norm(dim=1) - 1) ** 2).mean()),
        },
    )
