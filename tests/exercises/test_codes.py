"""Typical wrong ways to answer the exercises on codes."""

import math

import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def stairs(x, levels):
    step = 2 / (levels - 1)
    return torch.round((x + 1) / step) * step - 1


def test_other_ways_will_do():
    def through_plane(x, directions):
        middle = sum(x) / len(x)
        out = torch.zeros_like(x) + middle
        for row, example in zip(out, x):
            for d in directions:
                row += float(d @ (example - middle)) * d
        return out

    def round_through(x, gradient, levels):
        return stairs(x, levels), 1 * gradient

    def rate_of(numbers, levels, seconds):
        return sum(math.log2(levels) for _ in range(numbers)) / seconds

    def keep_phase(magnitude, real, imaginary):
        z = torch.polar(magnitude, torch.complex(real, imaginary).angle())
        return z.real, z.imag

    for answer in (through_plane, round_through, rate_of, keep_phase):
        assert check(answer.__name__, answer).ok, check(answer.__name__, answer)


def test_autograd_gives_the_same_gradient():
    """The trick as it is written for torch: x + (rounded - x).detach()."""

    def round_through(x, gradient, levels):
        x = x.clone().requires_grad_()
        y = x + (stairs(x, levels) - x).detach()
        y.backward(gradient)
        return y.detach(), x.grad

    assert check("round_through", round_through).ok


def test_wrong_planes():
    def plane(x, d):
        return torch.einsum("ij,kj,kl->il", x, d, d)

    tell_apart(
        "through_plane",
        {
            "through the origin": plane,
            "never put it back": lambda x, d: plane(x - x.mean(0, keepdim=True), d),
            "twice": lambda x, d: plane(x, d) + x.mean(0),
            "Decode it": lambda x, d: torch.einsum("ij,kj->ik", x - x.mean(0), d),
            "cannot say": lambda x, d: (x - x.mean(0)) - plane(x - x.mean(0), d),
            "one mean over everything": lambda x, d: plane(x - x.mean(), d) + x.mean(),
        },
    )


def test_wrong_roundings():
    def steps(x, levels):
        return (x + 1) / 2 * (levels - 1)

    tell_apart(
        "round_through",
        {
            "true slope": lambda x, g, levels: (stairs(x, levels), 0 * g),
            "pass unrounded": lambda x, g, levels: (1 * x, g),
            "one more than": lambda x, g, levels: (stairs(x, levels + 1), g),
            "always go down": lambda x, g, levels: (torch.floor(steps(x, levels)) * 2 / (levels - 1) - 1, g),
            "numbers of the levels": lambda x, g, levels: (torch.round(steps(x, levels)), g),
            "steeper": lambda x, g, levels: (stairs(x, levels), g * (levels - 1)),
            "from 0 to 1": lambda x, g, levels: (torch.round(x.clamp(0, 1) * (levels - 1)) / (levels - 1), g),
        },
    )


def test_wrong_rates():
    tell_apart(
        "rate_of",
        {
            "count levels": lambda n, levels, s: n * levels / s,
            "nats": lambda n, levels, s: n * math.log(levels) / s,
            "in one second": lambda n, levels, s: n * math.log2(levels),
            "longer one has": lambda n, levels, s: n * math.log2(levels) * s,
            "all numbers together": lambda n, levels, s: math.log2(n * levels) / s,
            "single number": lambda n, levels, s: math.log2(levels) / s,
        },
    )


def test_wrong_steps_of_griffin_lim():
    tell_apart(
        "keep_phase",
        {
            "no phases": lambda m, a, b: (m + 0 * a, 0 * b),
            "length 1 first": lambda m, a, b: (a * m, b * m),
            "guess itself": lambda m, a, b: (1 * a, 1 * b),
            "other way round": lambda m, a, b: (m * torch.cos(torch.atan2(b, a)), m * torch.sin(torch.atan2(-b, a))),
            "exchanged the two": lambda m, a, b: (m * b / torch.hypot(a, b), m * a / torch.hypot(a, b)),
            "each part by its own": lambda m, a, b: (torch.copysign(m, a) * (a != 0), torch.copysign(m, b) * (b != 0)),
            "by the power": lambda m, a, b: (m * a / (a * a + b * b), m * b / (a * a + b * b)),
        },
    )
