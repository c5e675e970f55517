"""Typical wrong ways to count confusions."""

import numpy as np
import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def tally(truth, guess, classes):
    counts = np.zeros((classes, classes), dtype=int)
    for t, g in zip(truth.tolist(), guess.tolist()):
        counts[t, g] += 1
    return counts


def floats(truth, guess, classes):
    counts = torch.zeros(classes, classes)
    for t, g in zip(truth, guess):
        counts[t, g] += 1
    return counts


def repeats_lost(truth, guess, classes):
    counts = torch.zeros(classes, classes, dtype=torch.long)
    counts[truth, guess] += 1
    return counts


def classes_seen(truth, guess, classes):
    size = max(truth.max(), guess.max()).item() + 1
    return tally(truth, guess, size)


def without_nan(truth, guess, classes):
    counts = torch.tensor(tally(truth, guess, classes))
    return counts / counts.sum(1, keepdim=True).clamp(min=1)


def with_nan(truth, guess, classes):
    counts = torch.tensor(tally(truth, guess, classes))
    return counts / counts.sum(1, keepdim=True)


def right_only(truth, guess, classes):
    hits = truth[truth == guess]
    return torch.diag(torch.bincount(hits, minlength=classes))


def wrong_only(truth, guess, classes):
    counts = tally(truth, guess, classes)
    np.fill_diagonal(counts, 0)
    return counts


def test_bincount_and_tally_will_do():
    assert check("confusion_matrix", tally).ok
    assert check(
        "confusion_matrix",
        lambda truth, guess, classes: torch.bincount(truth * classes + guess, minlength=classes**2).view(classes, -1),
    ).ok


def test_wrong_answers():
    tell_apart(
        "confusion_matrix",
        {
            "other way round": lambda truth, guess, classes: tally(guess, truth, classes),
            "which also tell": without_nan,
            "gives NaN": with_nan,
            "add up to 1": lambda truth, guess, classes: tally(truth, guess, classes) / len(truth),
            "places that repeat": repeats_lost,
            "last class has no row": classes_seen,
            "right guesses only": right_only,
            "wrong guesses only": wrong_only,
            "whole numbers are asked for": floats,
            "one note early": lambda truth, guess, classes: tally(truth[:-1], guess[:-1], classes),
        },
    )
