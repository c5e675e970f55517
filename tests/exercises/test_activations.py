"""Typical wrong ways to a unit's favourite notes."""

import numpy as np
import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def strongest(activation, unit):
    return activation[:, unit].flatten(1).max(1).values


def test_sorting_in_numpy_will_do():
    def top_notes(activation, unit, k):
        return np.argsort(-strongest(activation, unit).numpy())[:k].tolist()

    assert check("top_notes", top_notes).ok


def test_wrong_answers():
    tell_apart(
        "top_notes",
        {
            "weakest first": lambda activation, unit, k: strongest(activation, unit).argsort()[-k:],
            "least": lambda activation, unit, k: strongest(activation, unit).argsort()[:k],
            "mean": lambda activation, unit, k: activation[:, unit].mean((1, 2)).argsort(descending=True)[:k],
            "sum": lambda activation, unit, k: activation[:, unit].relu().sum((1, 2)).argsort(descending=True)[:k],
            "strong negative": lambda activation, unit, k: strongest(activation.abs(), unit).topk(k).indices,
            "Those are activations": lambda activation, unit, k: strongest(activation, unit).topk(k).values,
            "ranked its units": lambda activation, unit, k: activation[unit].amax((1, 2)).argsort(descending=True)[:k],
            "all units together": lambda activation, unit, k: activation.amax((1, 2, 3)).topk(k).indices,
            "every note": lambda activation, unit, k: strongest(activation, unit).argsort(descending=True),
            "order of their number": lambda activation, unit, k: sorted(strongest(activation, unit).topk(k).indices.tolist()),
            "all maps laid end to end": lambda activation, unit, k: activation[:, unit].reshape(-1).topk(k)[1],
            "how strong and which": lambda activation, unit, k: torch.topk(strongest(activation, unit), k),
        },
    )
