"""Typical wrong ways to put noise on and to take it off."""

import math

import numpy as np
import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def mixed(a, s):
    """An answer that takes a and s of the first and the second, number by number."""

    def answer(x0, eps, alpha_bar):
        pairs = zip(x0.flatten().tolist(), eps.flatten().tolist(), strict=True)
        return torch.tensor([a(alpha_bar) * x + s(alpha_bar) * e for x, e in pairs]).reshape(x0.shape)

    return answer


def one(_):
    return 1.0


def test_number_by_number_will_do():
    assert check("add_noise", mixed(math.sqrt, lambda p: math.sqrt(1 - p))).ok
    assert check("guess_x0", mixed(lambda p: p**-0.5, lambda p: -((1 / p - 1) ** 0.5))).ok
    assert check("guide", lambda free, given, w: (1 - w) * free + w * given).ok


def test_a_loop_will_do_for_what_is_left():
    def what_is_left(beta):
        left, found = 1.0, []
        for b in beta.tolist():
            left *= 1 - b
            found.append(left)
        return np.array(found)

    assert check("what_is_left", what_is_left).ok


def test_wrong_noise():
    tell_apart(
        "add_noise",
        {
            "power as if it were": mixed(lambda p: p, lambda p: 1 - p),
            "lack to one": mixed(math.sqrt, lambda p: 1 - math.sqrt(p)),
            "other way round": mixed(lambda p: math.sqrt(1 - p), math.sqrt),
            "louder and louder": mixed(one, lambda p: math.sqrt(1 - p)),
            "all the noise at once": mixed(math.sqrt, one),
            "take the noise away": mixed(math.sqrt, lambda p: -math.sqrt(1 - p)),
        },
    )


def test_wrong_schedules():
    def running(beta, start, then):
        found = []
        for b in beta.tolist():
            start = then(start, b)
            found.append(start)
        return torch.tensor(found)

    tell_apart(
        "what_is_left",
        {
            "single step": lambda beta: torch.tensor([1 - b for b in beta.tolist()]),
            "what it finds": lambda beta: running(beta, 1.0, lambda left, b: left - b),
            "multiply what each step takes": lambda beta: running(beta, 1.0, lambda left, b: left * b),
            "one step behind": lambda beta: torch.tensor([math.prod(1 - b for b in beta[:i].tolist()) for i in range(len(beta))]),
            "how much noise there is": lambda beta: 1 - running(beta, 1.0, lambda left, b: left * (1 - b)),
            "asked for is the power": lambda beta: running(beta, 1.0, lambda left, b: left * math.sqrt(1 - b)),
        },
    )


def test_wrong_guesses():
    tell_apart(
        "guess_x0",
        {
            "more noise than was put on": mixed(lambda p: p**-0.5, lambda p: -(p**-0.5)),
            "quieter than the data": mixed(one, lambda p: -math.sqrt(1 - p)),
            "powers where the amplitudes belong": mixed(lambda p: 1 / p, lambda p: -(1 - p) / p),
            "shrunk less than their": mixed(lambda p: 1 / p, lambda p: -math.sqrt(1 - p) / p),
            "once more": mixed(math.sqrt, lambda p: math.sqrt(1 - p)),
            "second time": mixed(lambda p: p**-0.5, lambda p: math.sqrt(1 - p) / math.sqrt(p)),
        },
    )


def test_wrong_steps():
    def guess(x, eps, now):
        return (x - math.sqrt(1 - now) * eps) / math.sqrt(now)

    tell_apart(
        "step_back",
        {
            "all the way": lambda x, eps, now, then: guess(x, eps, now),
            "as much noise as it had": lambda x, eps, now, then: math.sqrt(then) * guess(x, eps, now) + math.sqrt(1 - now) * eps,
            "leave the noise of the new time out": lambda x, eps, now, then: math.sqrt(then) * guess(x, eps, now),
            "full strength": lambda x, eps, now, then: guess(x, eps, now) + math.sqrt(1 - then) * eps,
            "other way": lambda x, eps, now, then: math.sqrt(now) * guess(x, eps, then) + math.sqrt(1 - now) * eps,
            "ends where it began": lambda x, eps, now, then: math.sqrt(now) * guess(x, eps, now) + math.sqrt(1 - now) * eps,
        },
    )


def test_wrong_guidance():
    tell_apart(
        "guide",
        {
            "still asks": lambda free, given, w: (1 + w) * given - w * free,
            "wrong sign": lambda free, given, w: (1 + w) * free - w * given,
            "has no part": lambda free, given, w: given * w,
            "From where does it start": lambda free, given, w: w * given - w * free,
            "on top of": lambda free, given, w: free + w * given,
            "gives what is said when asked": lambda free, given, w: (1 - w) * given + w * free,
        },
    )
