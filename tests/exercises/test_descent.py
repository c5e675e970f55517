"""Typical wrong steps downhill, written as loops over weights or with NumPy."""

import numpy as np
import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def each(rule):
    """A step written weight by weight: rule(w, g, lr) for one of them."""
    return lambda w, g, lr: [rule(float(a), float(b), lr) for a, b in zip(w, g)]


def test_loops_will_do():
    assert check("gd_step", each(lambda w, g, lr: w - g * lr)).ok
    assert check("momentum_step", lambda *args: by_hand(*args)).ok
    assert check("adam_step", lambda *args: adam(*args)).ok
    assert check("largest_rate", lambda H: 2 / max(np.linalg.eigvalsh(H.numpy()))).ok


def test_wrong_steps():
    tell_apart(
        "gd_step",
        {
            "goes uphill": each(lambda w, g, lr: w + g * lr),
            "whole length": each(lambda w, g, lr: w - g),
            "the step itself": each(lambda w, g, lr: -g * lr),
            "shrink w": each(lambda w, g, lr: (w - g) * lr),
            "sign alone": each(lambda w, g, lr: w - lr if g > 0 else w + lr),
            "to length 1": lambda w, g, lr: w.numpy() - lr * g.numpy() / np.sqrt((g.numpy() ** 2).sum()),
        },
    )


def by_power(H):
    v = torch.ones(len(H), dtype=H.dtype) + 0.01 * torch.arange(len(H))
    for _ in range(2000):
        v = H @ v
        v = v / v.norm()
    return v @ H @ v


def test_wrong_rates():
    assert check("largest_rate", lambda H: 2 / by_power(H)).ok
    tell_apart(
        "largest_rate",
        {
            "done in one step": lambda H: 1 / by_power(H),
            "flattest direction could bear": lambda H: 2 / min(np.linalg.eigvalsh(H)),
            "along the axes": lambda H: 2 / max(H[i, i] for i in range(len(H))),
            "add up the curvatures": lambda H: 2 / sum(H[i, i] for i in range(len(H))),
            "fastest": lambda H: 2 / (max(np.linalg.eigvalsh(H)) + min(np.linalg.eigvalsh(H))),
            "grows with the curvature": lambda H: by_power(H) / 2,
            "whole table": lambda H: 2 / float((H**2).sum() ** 0.5),
        },
    )


def by_hand(w, m, g, lr, beta, new=lambda m, g, beta: m * beta + g, step=None):
    w, m = w.tolist(), m.tolist()
    for i in range(len(w)):
        old, m[i] = m[i], new(m[i], float(g[i]), beta)
        w[i] += -lr * m[i] if step is None else step(old, m[i], float(g[i]), lr, beta)
    return w, m


def test_wrong_momentum():
    def variant(**how):
        return lambda w, m, g, lr, beta: by_hand(w, m, g, lr, beta, **how)

    tell_apart(
        "momentum_step",
        {
            "you came with": variant(step=lambda old, m, g, lr, beta: -lr * old),
            "as Adam's is": variant(new=lambda m, g, beta: m * beta + g * (1 - beta)),
            "gradient alone": variant(step=lambda old, m, g, lr, beta: -lr * g),
            "dies down": variant(new=lambda m, g, beta: m + g),
            "Nesterov": variant(step=lambda old, m, g, lr, beta: -lr * (g + beta * m)),
            "inside the velocity": lambda w, m, g, lr, beta: (w + (beta * m - lr * g), beta * m - lr * g),
            "goes uphill": variant(step=lambda old, m, g, lr, beta: lr * m),
            "still the old one": lambda w, m, g, lr, beta: (by_hand(w, m, g, lr, beta)[0], m),
        },
    )


def adam(w, m, v, g, t, lr, b1, b2, corrected=(True, True), late=0, root=True, mean=None, push=None, hand_on=False):
    w, m, v, g = (x.numpy().copy() for x in (w, m, v, g))
    m = b1 * m + (1 - b1) * g if mean is None else mean(m, g, b1)
    v = b2 * v + (1 - b2) * g * g
    m_hat = m / (1 - b1 ** (t + late)) if corrected[0] else m
    v_hat = v / (1 - b2 ** (t + late)) if corrected[1] else v
    w = w - lr * (m_hat if push is None else g) / ((np.sqrt(v_hat) if root else v_hat) + 1e-8)
    return (w, m_hat, v_hat) if hand_on else (w, m, v)


def test_wrong_adam():
    def variant(**how):
        return lambda w, m, v, g, t, lr, beta, beta2: adam(w, m, v, g, t, lr, beta, beta2, **how)

    tell_apart(
        "adam_step",
        {
            "does not make up": variant(corrected=(False, False)),
            "the mean and not the mean square": variant(corrected=(True, False)),
            "the mean square and not the mean": variant(corrected=(False, True)),
            "of the next step": variant(late=1),
            "mean square itself": variant(root=False),
            "again and again": variant(hand_on=True),
            "newest gradient": variant(push="gradient"),
            "as momentum does": variant(mean=lambda m, g, beta: beta * m + g),
        },
    )
