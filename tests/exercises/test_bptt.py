"""Typical wrong ways to clip and to truncate a gradient."""

import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def test_other_ways_will_do():
    def clip_gradients(of_W, of_U, limit):
        total = 0.0
        for g in (of_W, of_U):
            for entry in g.flatten().tolist():
                total += entry**2
        scale = limit / total**0.5 if total**0.5 > limit else 1.0
        return scale * of_W, scale * of_U

    def truncated_gradient(w, x, k):
        h, slope = 0.0, 0.0
        for t, now in enumerate(x.tolist()):
            slope = h + w * slope if t >= len(x) - k else 0.0
            h = w * h + now
        return slope

    assert check("clip_gradients", clip_gradients).ok
    assert check("truncated_gradient", truncated_gradient).ok


def test_wrong_clipping():
    def whole(a, b):
        return float((a**2).sum() + (b**2).sum()) ** 0.5

    tell_apart(
        "clip_gradients",
        {
            "by its own length": lambda a, b, m: tuple(g if g.norm() <= m else g / g.norm() * m for g in (a, b)),
            "each entry": lambda a, b, m: tuple(torch.maximum(torch.minimum(g, torch.tensor(m)), torch.tensor(-m)) for g in (a, b)),
            "the same length": lambda a, b, m: (m * a / whole(a, b), m * b / whole(a, b)),
            "a root": lambda a, b, m: tuple(g * min(1, m / whole(a, b) ** 2) for g in (a, b)),
            "add the two lengths": lambda a, b, m: tuple(g * min(1, m / (float(a.norm()) + float(b.norm()))) for g in (a, b)),
            "largest entry": lambda a, b, m: tuple(g * min(1, m / float(max(a.abs().max(), b.abs().max()))) for g in (a, b)),
            "Nothing is clipped": lambda a, b, m: (a.clone(), b.clone()),
        },
    )


def test_wrong_truncation():
    def slope(w, x, first, last, after=0, powers=True):
        h = [0.0]
        for now in x.tolist():
            h.append(w * h[-1] + now)
        return sum((w ** (len(x) - t) if powers else 1.0) * h[t - 1 + after] for t in range(max(first, 1), last + 1))

    tell_apart(
        "truncated_gradient",
        {
            "back to the beginning": lambda w, x, k: slope(w, x, 1, len(x)),
            "too soon": lambda w, x, k: slope(w, x, len(x) - k + 2, len(x)),
            "too far": lambda w, x, k: slope(w, x, len(x) - k, len(x)),
            "a step makes": lambda w, x, k: slope(w, x, len(x) - k + 1, len(x), after=1),
            "as they are": lambda w, x, k: slope(w, x, len(x) - k + 1, len(x), powers=False),
            "first steps": lambda w, x, k: slope(w, x, 1, min(k, len(x))),
            "the last step alone": lambda w, x, k: slope(w, x, len(x), len(x)),
        },
    )
