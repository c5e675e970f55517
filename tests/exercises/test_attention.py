"""Typical wrong ways to attend, to mask and to split."""

import math

import numpy as np
import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def attend(Q, K, V, scale=None, softmax=True, axis=1):
    table = [[sum(a * b for a, b in zip(q, k)) / (scale or math.sqrt(len(q))) for k in K.tolist()] for q in Q.tolist()]
    table = np.array(table)
    if softmax:
        e = np.exp(table - table.max())
        table = e / e.sum(axis, keepdims=True)
    return np.array([sum(w * v for w, v in zip(row, V.numpy())) for row in table])


def test_loops_will_do():
    assert check("dot_product_attention", attend).ok


def test_wrong_attention():
    tell_apart(
        "dot_product_attention",
        {
            "not scaled": lambda Q, K, V: (Q @ K.T).softmax(-1) @ V,
            "divide the scores by too much": lambda Q, K, V: attend(Q, K, V, scale=Q.shape[1]),
            "how many keys there are": lambda Q, K, V: attend(Q, K, V, scale=math.sqrt(len(K))),
            "over those who look": lambda Q, K, V: attend(Q, K, V, axis=0),
            "with the scores themselves": lambda Q, K, V: attend(Q, K, V, softmax=False),
            "Those are the weights": lambda Q, K, V: torch.softmax(Q @ K.mT / math.sqrt(Q.shape[-1]), -1),
            "have changed places": lambda Q, K, V: torch.softmax(K @ Q.mT / math.sqrt(Q.shape[-1]), -1) @ V,
            "plain mean": lambda Q, K, V: torch.stack([V.mean(0) for _ in Q]),
            "best match alone": lambda Q, K, V: torch.stack([V[int((K @ q).argmax())] for q in Q]),
        },
    )


def rows(scores, sees=lambda i, j: j <= i):
    out = np.zeros(scores.shape)
    for i, row in enumerate(scores.tolist()):
        e = [math.exp(s) if sees(i, j) else 0.0 for j, s in enumerate(row)]
        out[i] = np.array(e) / (sum(e) or np.nan)
    return out


def test_row_by_row_will_do():
    assert check("causal_weights", rows).ok


def test_wrong_masks():
    tell_apart(
        "causal_weights",
        {
            "look ahead: a note": lambda s: rows(s, lambda i, j: True),
            "no longer adds up": lambda s: torch.tril(torch.softmax(s, 1)),
            "no ban": lambda s: torch.softmax(s * torch.tril(torch.ones(len(s), len(s))), 1),
            "hide the past": lambda s: rows(s, lambda i, j: j >= i),
            "from itself": lambda s: rows(s, lambda i, j: j < i),
            "one place ahead": lambda s: rows(s, lambda i, j: j <= i + 1),
            "columns add up": lambda s: rows(s.T, lambda i, j: j >= i).T,
            "masked scores": lambda s: s + torch.full(s.shape, -math.inf).triu(1),
        },
    )


def shares(x, heads):
    share = x.shape[1] // heads
    return torch.stack([x[:, head * share : (head + 1) * share] for head in range(heads)])


def test_slices_will_do():
    assert check("heads_of", shares).ok


def test_wrong_shares():
    tell_apart(
        "heads_of",
        {
            "only some of the times": lambda x, heads: x.view(heads, x.shape[0], x.shape[1] // heads),
            "first axis is time": lambda x, heads: shares(x, heads).transpose(0, 1),
            "like cards": lambda x, heads: torch.stack([x[:, head::heads] for head in range(heads)]),
            "share stands before it": lambda x, heads: shares(x, heads).permute(0, 2, 1),
            "the whole width. What": lambda x, heads: torch.stack([x] * heads),
            "wrong order": lambda x, heads: torch.stack(list(shares(x, heads))[::-1]),
        },
    )
