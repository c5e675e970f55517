"""Typical wrong ways to normalise a direction by filters."""

import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def by_loops(direction, weight, length=lambda x: float((x**2).sum()) ** 0.5, factor=lambda d, w: w / d):
    out = direction.clone()
    for i in range(len(out)):
        out[i] *= factor(length(direction[i]), length(weight[i]))
    return out


def across(direction, weight):
    return direction * (weight**2).sum(0).sqrt() / (direction**2).sum(0).sqrt()


def test_loops_will_do():
    assert check("filter_normalise", by_loops).ok


def test_numbers_from_numpy_will_do():
    assert check("filter_normalise", lambda d, w: by_loops(d, w).numpy()).ok


def test_wrong_answers():
    tell_apart(
        "filter_normalise",
        {
            "one factor": lambda d, w: d / (d**2).sum().sqrt() * (w**2).sum().sqrt(),
            "has length one": lambda d, w: by_loops(d, w, factor=lambda a, b: 1 / a),
            "had a length of its own": lambda d, w: by_loops(d, w, factor=lambda a, b: b),
            "wrong way round": lambda d, w: by_loops(d, w, factor=lambda a, b: a / b),
            "squared lengths": lambda d, w: by_loops(d, w, length=lambda x: float((x**2).sum())),
            "without sign": lambda d, w: by_loops(d, w, length=lambda x: float(x.abs().sum())),
            "across the filters": across,
            "last axis only": lambda d, w: d * (w**2).sum(-1, keepdim=True).sqrt() / (d**2).sum(-1, keepdim=True).sqrt(),
            "the weights themselves": lambda d, w: w * torch.ones_like(d),
        },
    )


def test_an_input_that_is_changed_is_noticed():
    def filter_normalise(direction, weight):
        for d, w in zip(direction, weight, strict=True):
            d *= w.norm() / d.norm()
        return direction

    assert "changes its input" in check("filter_normalise", filter_normalise).message
