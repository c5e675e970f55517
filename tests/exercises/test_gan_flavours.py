"""Typical wrong bands and wrong conditional scores."""

import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def band(x, small=lambda block: sum(block) / 4, sign=1.0):
    """Block by block, as a student would write it first."""
    out = torch.zeros_like(x)
    for i in range(0, x.shape[0], 2):
        for j in range(0, x.shape[1], 2):
            out[i : i + 2, j : j + 2] = sign * (x[i : i + 2, j : j + 2] - small(x[i : i + 2, j : j + 2].flatten().tolist()))
    return out


def score(h, w, e, family):
    return torch.tensor([float(sum(h[i] * w) + sum(h[i] * e[int(family[i])])) for i in range(len(h))])


def test_loops_will_do():
    assert check("laplacian_band", band).ok
    assert check("conditional_score", score).ok


def test_one_line_each_will_do():
    assert check("laplacian_band", lambda x: x - x.unfold(0, 2, 2).unfold(1, 2, 2).mean((2, 3)).kron(torch.ones(2, 2).to(x))).ok
    assert check("conditional_score", lambda h, w, e, family: (h * (w + e[family])).sum(1)).ok


def test_wrong_bands():
    tell_apart(
        "laplacian_band",
        {
            "turned round": lambda x: band(x, sign=-1.0),
            "doubled. What": lambda x: x - band(x),
            "one cell of four": lambda x: band(x, small=lambda block: block[0]),
            "loudest": lambda x: band(x, small=max),
            "too bright": lambda x: band(x, small=sum),
            "halve the rows, but": lambda x: x - (x[::2] + x[1::2]).repeat_interleave(2, 0) / 2,
            "halve the columns, but": lambda x: x - (x[:, ::2] + x[:, 1::2]).repeat_interleave(2, 1) / 2,
            "mean of the whole": lambda x: x - x.mean(),
        },
    )


def test_wrong_scores():
    def each(part):
        return lambda h, w, e, family: torch.stack([part(h[i], w, e, int(family[i])) for i in range(len(h))])

    tell_apart(
        "conditional_score",
        {
            "the same whatever": each(lambda h, w, e, k: h.dot(w)),
            "goes with the family. Whether": each(lambda h, w, e, k: h.dot(e[k])),
            "Two refusals": each(lambda h, w, e, k: h.dot(w) * h.dot(e[k])),
            "every family": each(lambda h, w, e, k: h.dot(w) + sum(h.dot(other) for other in e)),
            "fits best": each(lambda h, w, e, k: h.dot(w) + max(h.dot(other) for other in e)),
            "bonus": each(lambda h, w, e, k: h.dot(w) + e[k].sum()),
            "punishes": each(lambda h, w, e, k: h.dot(w) - h.dot(e[k])),
            "first example": lambda h, w, e, family: h @ (w + e[int(family[0])]),
        },
    )
