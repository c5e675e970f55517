"""Kernels that fire on the wrong event, and several that are right."""

import numpy as np
import pytest
import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart

RISING = 3 * np.eye(3) - 1


@pytest.mark.parametrize(
    "kernel",
    [
        RISING,
        RISING.astype(int).tolist(),
        torch.tensor(RISING, requires_grad=True),
        0.001 * RISING,
        5 * np.eye(5) - 1,
        7 * np.eye(7) - 1,
        np.eye(3) - np.eye(3)[::-1],
        np.pad(RISING, ((0, 0), (1, 1))),
    ],
    ids=["array", "list", "tensor", "faint", "5", "7", "against falling", "3 by 5"],
)
def test_kernels_that_do(kernel):
    assert check("glissando_kernel", kernel).ok


def test_wrong_answers():
    held = np.array([[-1, -1, -1], [2, 2, 2], [-1, -1, -1]])
    dot = np.full((3, 3), -1)
    dot[1, 1] = 8
    both = np.eye(3) + np.eye(3)[::-1]
    tell_apart(
        "glissando_kernel",
        {
            "held note.": held,
            "onset": held.T,
            "on a falling glissando.": RISING[::-1],
            "nearly as much": both - both.mean(),
            "loud": np.eye(3),
            "dot or an edge": dot,
            "wrong way round": -RISING,
            "0 everywhere": np.zeros((3, 3)),
            "not fire on a rising": -np.ones((5, 5)),
            "3, 5 or 7": np.eye(4),
            "two axes": np.eye(3)[None],
            "NaN": RISING * np.nan,
            "table of numbers": "rising",
        },
    )
