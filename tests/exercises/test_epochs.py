"""Typical wrong ways to count steps, and to stop."""

import math

from helpers.check import check
from tests.exercises.wrong import tell_apart


def counted(samples, batch):
    left, steps = samples, 0
    while left > 0:
        left, steps = left - batch, steps + 1
    return steps


def test_counting_will_do():
    assert check("steps_per_epoch", counted).ok
    assert check("steps_per_epoch", lambda samples, batch: math.ceil(samples / batch)).ok


def test_wrong_counts():
    tell_apart(
        "steps_per_epoch",
        {
            "leave out the samples": lambda n, b: n // b,
            "all batches are full": lambda n, b: int(n / b) + 1,
            "nearest whole number": lambda n, b: int(n / b + 0.4999),
            "no whole number": lambda n, b: n / b,
            "step for each sample": lambda n, b: n,
            "larger batch gives you more": lambda n, b: b / n,
        },
    )


def watched(losses, patience, better=lambda loss, best, last: loss < best, limit=0, forgets=True):
    best, bad, at, last = math.inf, 0, None, math.inf
    for epoch, loss in enumerate(losses):
        if better(loss, best, last):
            best, at, bad = loss, epoch, 0 if forgets else bad
        else:
            bad += 1
        last = loss
        if bad >= patience + limit:
            return epoch, at
    return epoch, at


def test_a_loop_will_do():
    assert check("early_stop", watched).ok


def test_wrong_stops():
    tell_apart(
        "early_stop",
        {
            "whole curve": lambda losses, patience: (len(losses) - 1, losses.index(min(losses))),
            "last epoch": lambda losses, patience: (watched(losses, patience)[0],) * 2,
            "other order": lambda losses, patience: watched(losses, patience)[::-1],
            "too soon": lambda losses, patience: (0, 0) if patience == 1 else watched(losses, patience, limit=-1),
            "too long": lambda losses, patience: watched(losses, patience, limit=1),
            "the epoch before": lambda losses, patience: watched(losses, patience, lambda loss, best, last: loss < last),
            "as good as": lambda losses, patience: watched(losses, patience, lambda loss, best, last: loss <= best),
            "from 1": lambda losses, patience: tuple(n + 1 for n in watched(losses, patience)),
            "count begin anew": lambda losses, patience: watched(losses, patience, forgets=False),
        },
    )
