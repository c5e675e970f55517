"""Typical wrong ways to jump, and to turn back half-way."""

import math

import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def jump(x, network, t, smallest, turns=lambda t, smallest: t - smallest, skip=math.cos, out=lambda a: -math.sin(a)):
    angle = math.pi / 2 * turns(t, smallest)
    return torch.tensor([skip(angle) * float(a) + out(angle) * float(b) for a, b in zip(x, network)])


def test_a_loop_will_do():
    assert check("consistency_function", jump).ok
    assert check("edit_times", lambda strength, steps: [1000 * strength * (1 - k / steps) for k in range(steps + 1)]).ok


def test_whole_numbers_will_do():
    def whole(strength, steps):
        return torch.tensor([round(1000 * strength * (steps - k) / steps) for k in range(steps + 1)])

    assert check("edit_times", whole).ok


def test_wrong_jumps():
    tell_apart(
        "consistency_function",
        {
            "still listens": lambda x, network, t, smallest: jump(x, network, t, smallest, lambda t, s: t),
            "radians": lambda x, network, t, smallest: jump(x, network, t, smallest, lambda t, s: (t - s) * 2 / math.pi),
            "twice as far": lambda x, network, t, smallest: jump(x, network, t, smallest, lambda t, s: 2 * (t - s)),
            "more noise": lambda x, network, t, smallest: jump(x, network, t, smallest, out=math.sin),
            "changed places": lambda x, network, t, smallest: jump(
                x, network, t, smallest, skip=math.sin, out=lambda a: -math.cos(a)
            ),
            "keep all of x": lambda x, network, t, smallest: jump(x, network, t, smallest, skip=lambda a: 1),
            "what the network says": lambda x, network, t, smallest: network + 0,
            "cross-fade": lambda x, network, t, smallest: x + (t - smallest) / (1 - smallest) * (-network - x),
        },
    )


def test_wrong_ways_back():
    tell_apart(
        "edit_times",
        {
            "at pure noise": lambda strength, steps: [1000 * (1 - k / steps) for k in range(steps + 1)],
            "the stronger the edit": lambda strength, steps: [1000 * (1 - strength) * (1 - k / steps) for k in range(steps + 1)],
            "times rise": lambda strength, steps: [1000 * strength * k / steps for k in range(steps + 1)],
            "not nought": lambda strength, steps: [1000 * strength * (1 - k / steps) for k in range(steps)],
            "fence posts": lambda strength, steps: torch.linspace(1000 * strength, 0, steps),
            "begins at is missing": lambda strength, steps: [1000 * strength * (1 - k / steps) for k in range(1, steps + 1)],
            "over too soon": lambda strength, steps: [1000 * strength - k * 1000 / steps for k in range(steps + 1)],
        },
    )
