"""Typical wrong ways to pool."""

import numpy as np
import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def pool(x, height, width, keep=torch.max, step=None, start=None):
    rows = range(0, x.shape[0] - height + 1, step or height)
    columns = range(0, x.shape[1] - width + 1, step or width)
    y = torch.zeros(len(rows), len(columns))
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            y[i, j] = keep(x[row : row + height, column : column + width])
    return y


def ragged(x, size):
    return [[x[i : i + size, j : j + size].max().item() for j in range(0, x.shape[1], size)] for i in range(0, x.shape[0], size)]


def without_steps(x, size):
    y = torch.zeros(x.shape[0] // size, x.shape[1] // size)
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] = x[i : i + size, j : j + size].max()
    return y


def from_zero(x, size):
    y = np.zeros((x.shape[0] // size, x.shape[1] // size))
    for i in range(y.shape[0] * size):
        for j in range(y.shape[1] * size):
            y[i // size, j // size] = max(y[i // size, j // size], x[i, j])
    return y


def test_loops_will_do():
    assert check("max_pool", lambda x, size: pool(x, size, size)).ok


def test_wrong_answers():
    tell_apart(
        "max_pool",
        {
            "mean": lambda x, size: pool(x, size, size, torch.mean),
            "weakest": lambda x, size: pool(x, size, size, torch.min),
            "add each block": lambda x, size: pool(x, size, size, torch.sum),
            "overlap": lambda x, size: pool(x, size, size, step=1),
            "upper left of x": without_steps,
            "corner of each block, not its strongest cell.": lambda x, size: pool(x, size, size, lambda block: block[0, 0]),
            "not whole as well": lambda x, size: x[::size, ::size],
            "without their sign": lambda x, size: pool(x.abs(), size, size),
            "gives 0": from_zero,
            "that are not whole": ragged,
            "along rows": lambda x, size: pool(x, 1, size),
            "along columns": lambda x, size: pool(x, size, 1),
        },
    )


def test_an_input_that_is_changed_is_noticed():
    def max_pool(x, size):
        y = pool(x, size, size)
        x.zero_()
        return y

    assert "changes its input" in check("max_pool", max_pool).message
