"""Typical wrong losses, best guesses and comparisons of spectra, written as a student writes them."""

import numpy as np
import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def loop(y_hat, y, of):
    return sum(of(float(a) - float(b)) for a, b in zip(y_hat, y)) / len(y)


def pieces(y_hat, y, delta, small=lambda e, d: e * e / 2, large=lambda e, d: d * (e - d / 2), size=abs):
    errors = [size(a - b) for a, b in zip(y_hat.tolist(), y.tolist())]
    return torch.tensor([small(e, delta) if e <= delta else large(e, delta) for e in errors])


def cells(S_hat, S, floor, linear=abs, logarithmic=abs, log=np.log):
    a, b = S_hat.numpy(), S.numpy()
    first = [linear(p - q) for p, q in zip(a.flat, b.flat)]
    second = [logarithmic(log(p + floor) - log(q + floor)) for p, q in zip(a.flat, b.flat)]
    return np.mean(first) + np.mean(second)


def nothing(_):
    return 0.0


def test_loops_will_do():
    assert check("mae_mse", lambda y_hat, y: (loop(y_hat, y, abs), loop(y_hat, y, lambda e: e * e))).ok
    assert check("huber_loss", pieces).ok
    assert check("best_guess", lambda y: np.median(y.numpy())).ok
    assert check("spectral_loss", cells).ok


def test_any_best_guess_is_found_by_searching():
    def best_guess(y):
        return min(y, key=lambda c: sum(abs(c - point) for point in y))

    assert check("best_guess", best_guess).ok


def test_names_in_any_order_will_do():
    assert check("loss_names", ("Error", "cost ", "loss")).ok


def test_wrong_names():
    tell_apart(
        "loss_names",
        {
            "a list of names": "loss",
            "'regret' is none": ["loss", "regret"],
            "wrong way round": ["objective", "reward", "fitness", "utility", "profit"],
            "all eight": ["loss", "objective", "reward", "fitness", "utility", "profit", "cost", "error"],
            "good to have. Take": ["loss", "cost", "error", "objective"],
            "more of that kind": ["loss", "cost"],
        },
    )


def test_wrong_means():
    tell_apart(
        "mae_mse",
        {
            "can be negative": lambda y_hat, y: (loop(y_hat, y, lambda e: e), loop(y_hat, y, lambda e: e * e)),
            "wrong order": lambda y_hat, y: (loop(y_hat, y, lambda e: e * e), loop(y_hat, y, abs)),
            "add the errors up": lambda y_hat, y: (torch.norm(y_hat - y, 1), torch.norm(y_hat - y) ** 2),
            "root of the mean": lambda y_hat, y: (loop(y_hat, y, abs), loop(y_hat, y, lambda e: e * e) ** 0.5),
            "squares the mean error": lambda y_hat, y: (loop(y_hat, y, abs), loop(y_hat, y, lambda e: e) ** 2),
            "square of your first": lambda y_hat, y: (loop(y_hat, y, abs), loop(y_hat, y, abs) ** 2),
            "half of what": lambda y_hat, y: (loop(y_hat, y, abs), loop(y_hat, y, lambda e: e * e / 2)),
        },
    )


def test_wrong_hubers():
    tell_apart(
        "huber_loss",
        {
            "twice too steep": lambda y_hat, y, delta: pieces(y_hat, y, delta, small=lambda e, d: e * e),
            "jumps": lambda y_hat, y, delta: pieces(y_hat, y, delta, large=lambda e, d: d * e),
            "rises by 1": lambda y_hat, y, delta: pieces(y_hat, y, delta, large=lambda e, d: e - d / 2),
            "without its sign": lambda y_hat, y, delta: pieces(y_hat, y, delta, size=lambda e: e),
            "other's place": lambda y_hat, y, delta: pieces(
                y_hat, y, delta, small=lambda e, d: d * (e - d / 2), large=lambda e, d: e * e / 2
            ),
            "smooth L1": lambda y_hat, y, delta: pieces(y_hat, y, delta) / delta,
            "one number, the mean": lambda y_hat, y, delta: pieces(y_hat, y, delta).mean(),
            "stops growing": lambda y_hat, y, delta: pieces(y_hat, y, delta, large=lambda e, d: d * d / 2),
        },
    )


def test_wrong_guesses():
    tell_apart(
        "best_guess",
        {
            "best under the squared error": lambda y: sum(y) / len(y),
            "lowest and the highest": lambda y: (min(y) + max(y)) / 2,
            "stand in the middle of the list": lambda y: y[(len(y) - 1) // 2],
            "miss the middle by one": lambda y: sorted(y.tolist())[len(y) // 2 - 1],
            "guess zero": lambda y: 0.0,
            "how large the least loss is": lambda y: np.abs(y.numpy() - np.median(y.numpy())).mean(),
            "where in the list": lambda y: list(y).index(y.median()),
        },
    )


def test_wrong_spectra():
    square = lambda e: e * e  # noqa: E731
    tell_apart(
        "spectral_loss",
        {
            "deaf to quiet partials": lambda S_hat, S, floor: cells(S_hat, S, floor, logarithmic=nothing),
            "Where is the linear one": lambda S_hat, S, floor: cells(S_hat, S, floor, linear=nothing),
            "logarithm of zero": lambda S_hat, S, floor: (S_hat - S).abs().mean() + (S_hat.log() - S.log()).abs().mean(),
            "add the cells up": lambda S_hat, S, floor: S.numel() * cells(S_hat, S, floor),
            "are squared": lambda S_hat, S, floor: cells(S_hat, S, floor, square, square),
            "logarithm of the difference": lambda S_hat, S, floor: (
                (S_hat - S).abs().mean() + torch.log(torch.abs(S_hat - S) + floor).mean()
            ),
            "make up for cells": lambda S_hat, S, floor: (
                abs((S_hat - S).mean()) + abs((torch.log(S_hat + floor) - torch.log(S + floor)).mean())
            ),
            "base ten": lambda S_hat, S, floor: cells(S_hat, S, floor, log=np.log10),
        },
    )
