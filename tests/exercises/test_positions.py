"""Typical wrong ways to write down a position."""

import math

import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def encode(length, width, speed=None, start=0, second=math.cos, first=math.sin):
    speed = speed or (lambda i: 10_000 ** (-2 * i / width))
    table = torch.zeros(length, width)
    for t in range(length):
        for i in range(width // 2):
            table[t, 2 * i] = first((t + start) * speed(i))
            table[t, 2 * i + 1] = second((t + start) * speed(i))
    return table


def in_halves(length, width):
    table = encode(length, width)
    return torch.hstack([table[:, ::2], table[:, 1::2]])


def each_its_own(length, width):
    rows = [[math.sin(t / 10_000 ** (d / width)) if d % 2 == 0 else math.cos(t / 10_000 ** (d / width)) for d in range(width)]
            for t in range(length)]  # fmt: skip
    return torch.tensor(rows)


def test_a_loop_will_do_for_waves():
    assert check("sinusoidal_encoding", encode).ok
    assert check("sinusoidal_encoding", lambda length, width: encode(length, width).numpy()).ok


def test_waves_that_are_too_fast_are_known_in_float32_too():
    def faster(length, width):
        angle = torch.arange(length)[:, None] * 10_000 ** (torch.arange(0, width, 2) / width)
        return torch.stack([angle.sin(), angle.cos()], 2).reshape(length, width)

    assert "faster and faster" in check("sinusoidal_encoding", faster).message


def test_wrong_waves():
    tell_apart(
        "sinusoidal_encoding",
        {
            "cosines stand": lambda length, width: encode(length, width, first=math.cos, second=math.sin),
            "take turns": in_halves,
            "count pairs": lambda length, width: encode(length, width, lambda i: 10_000 ** (-i / width)),
            "different speeds": each_its_own,
            "position one": lambda length, width: encode(length, width, start=1),
            "faster and faster": lambda length, width: encode(length, width, lambda i: 10_000 ** (2 * i / width)),
            "at one speed": lambda length, width: encode(length, width, lambda i: 1),
            "sines in every": lambda length, width: encode(length, width, second=math.sin),
        },
    )


def turn(x, angle=None, sign=1.0):
    """Row by row and pair by pair, with a rotation matrix."""
    time, width = x.shape
    angle = angle or (lambda t, i: t / 10_000 ** (2 * i / width))
    y = x.clone()
    for t in range(time):
        for i in range(width // 2):
            c, s = math.cos(angle(t, i)), sign * math.sin(angle(t, i))
            y[t, 2 * i : 2 * i + 2] = torch.tensor([[c, -s], [s, c]]) @ x[t, 2 * i : 2 * i + 2]
    return y


def in_place(x):
    y, (time, width) = x.clone(), x.shape
    for t in range(time):
        for i in range(width // 2):
            c, s = math.cos(t / 10_000 ** (2 * i / width)), math.sin(t / 10_000 ** (2 * i / width))
            y[t, 2 * i] = c * y[t, 2 * i] - s * y[t, 2 * i + 1]
            y[t, 2 * i + 1] = s * y[t, 2 * i] + c * y[t, 2 * i + 1]
    return y


def halves(x):
    time, width = x.shape
    y = x.clone()
    for t in range(time):
        for i in range(width // 2):
            c, s = math.cos(t / 10_000 ** (2 * i / width)), math.sin(t / 10_000 ** (2 * i / width))
            y[t, i] = c * x[t, i] - s * x[t, i + width // 2]
            y[t, i + width // 2] = s * x[t, i] + c * x[t, i + width // 2]
    return y


def test_rotation_matrices_will_do():
    assert check("rotate_pairs", turn).ok


def test_wrong_turns():
    tell_apart(
        "rotate_pairs",
        {
            "the other way round": lambda x: turn(x, sign=-1.0),
            "second half": halves,
            "overwrite": in_place,
            "as much as the first": lambda x: turn(x, lambda t, i: t),
            "turned alike": lambda x: turn(x, lambda t, i: 10_000 ** (-2 * i / x.shape[1])),
            "has moved": lambda x: turn(x, lambda t, i: (t + 1) / 10_000 ** (2 * i / x.shape[1])),
            "You add": lambda x: x + encode(*x.shape),
            "too little": lambda x: turn(x, lambda t, i: t / 10_000 ** (i / x.shape[1])),
            "shrink": lambda x: x * torch.stack([encode(*x.shape)[:, 1::2]] * 2, -1).flatten(1),
        },
    )


def test_an_x_that_is_changed_is_noticed():
    def rotate_pairs(x):
        y = turn(x)
        x.copy_(y)
        return y

    assert "changes its input" in check("rotate_pairs", rotate_pairs).message
