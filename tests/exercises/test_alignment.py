"""Typical wrong ways to decide where to look."""

import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def weights(s, H, W, U, v, inner=torch.tanh):
    e = torch.stack([v @ inner(W @ s + U @ h) for h in H])
    return e.exp() / e.exp().sum()


def test_loops_will_do():
    assert check("where_to_look", weights).ok


def test_wrong_ways_to_look():
    def scores(s, H, W, U, v):
        return torch.stack([v @ torch.tanh(W @ s + U @ h) for h in H])

    tell_apart(
        "where_to_look",
        {
            "These are the scores": scores,
            "question drops out": lambda *args: weights(*args, inner=lambda a: a),
            "You squash the score": lambda s, H, W, U, v: torch.softmax(torch.tanh(H @ (U.T @ v) + v @ W @ s), 0),
            "same at every step": lambda s, H, W, U, v: weights(0 * s, H, W, U, v),
            "question's matrix": lambda s, H, W, U, v: weights(s, H, U, W, v),
            "do not compete": lambda *args: scores(*args).sigmoid(),
            "one place only": lambda *args: torch.nn.functional.one_hot(scores(*args).argmax(), len(args[1])).double(),
        },
    )
