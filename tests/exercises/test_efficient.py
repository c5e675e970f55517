"""Typical wrong masks, and typical wrong ways to do without a table of weights."""

import math

import numpy as np
import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def table(length, allowed):
    return torch.tensor([[allowed(j - i) for j in range(length)] for i in range(length)])


def blocks(length, window):
    return np.array([[i // window == j // window for j in range(length)] for i in range(length)])


def test_a_table_will_do_for_a_mask():
    assert check("local_mask", lambda length, window: table(length, lambda d: -window <= d <= window)).ok
    assert check("local_mask", lambda length, window: torch.ones(length, length, dtype=bool).tril(window).triu(-window)).ok


def test_wrong_masks():
    tell_apart(
        "local_mask",
        {
            "one short": lambda length, window: table(length, lambda d: -window < d < window),
            "too far": lambda length, window: table(length, lambda d: abs(d) - 1 <= window),
            "look back only": lambda length, window: table(length, lambda d: -window <= d <= 0),
            "look ahead only": lambda length, window: table(length, lambda d: 0 <= d <= window),
            "one edge only": lambda length, window: torch.ones(length, length, dtype=bool).tril(window),
            "on the left only": lambda length, window: torch.ones(length, length, dtype=bool).triu(-window),
            "half of the window": lambda length, window: table(length, lambda d: 2 * abs(d) <= window),
            "blocks": blocks,
            "changed places": lambda length, window: table(length, lambda d: d < -window or d > window),
            "see themselves": lambda length, window: table(length, lambda d: 1 <= abs(d) <= window),
        },
    )


def by_loops(Q, K, V, phi_q=None, phi_k=None, weight=None, share=True):
    def phi(x):
        return x + 1 if x > 0 else math.exp(x)

    phi_q, phi_k = phi_q or phi, phi_k or phi
    rows = []
    for q in Q.tolist():
        products = [sum(phi_q(a) * phi_k(b) for a, b in zip(q, k)) for k in K.tolist()]
        weights = [weight(p) for p in products] if weight else products
        total = sum(weights) if share else 1
        rows.append([sum(w / total * v[c] for w, v in zip(weights, V.tolist())) for c in range(V.shape[1])])
    return torch.tensor(rows)


def elu(x):
    return x if x > 0 else math.exp(x) - 1


def down(Q, K, V):
    q, k = (torch.where(x > 0, x + 1, x.exp()) for x in (Q, K))
    weights = torch.einsum("id,jd->ij", q, k)
    return torch.einsum("ij,jc->ic", weights / weights.sum(0), V)


def same(x):
    return x


def test_loops_and_the_cheap_order_will_do():
    assert check("attend_linearly", by_loops).ok

    def cheap(Q, K, V):
        q, k = (torch.where(x > 0, x + 1, x.exp()) for x in (Q, K))
        return torch.einsum("ic,i->ic", q @ (k.T @ V), 1 / (q @ k.sum(0)))

    assert check("attend_linearly", cheap).ok


def test_wrong_attention():
    def scaled(Q, K, V):
        return by_loops(Q, K, V, weight=lambda p: math.exp(p / math.sqrt(Q.shape[1])))

    tell_apart(
        "attend_linearly",
        {
            "add up to one for each query. What": lambda Q, K, V: by_loops(Q, K, V, share=False),
            "number of tokens": lambda Q, K, V: by_loops(Q, K, V, share=False) / len(Q),
            "That is attention with a softmax": torch.nn.functional.scaled_dot_product_attention,
            "softmax of the products": lambda Q, K, V: by_loops(Q, K, V, weight=math.exp),
            "softmax of scaled": scaled,
            "as they are": lambda Q, K, V: by_loops(Q, K, V, same, same),
            "lifts it": lambda Q, K, V: by_loops(Q, K, V, elu, elu),
            "ReLU": lambda Q, K, V: torch.relu(Q) @ torch.relu(K).T / (torch.relu(Q) @ torch.relu(K).T).sum(1)[:, None] @ V,
            "Your keys have not": lambda Q, K, V: by_loops(Q, K, V, phi_k=same),
            "Your queries have not": lambda Q, K, V: by_loops(Q, K, V, phi_q=same),
            "for each key": down,
            "exponentials": lambda Q, K, V: by_loops(Q, K, V, math.exp, math.exp),
        },
    )
