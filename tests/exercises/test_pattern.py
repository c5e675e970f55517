"""Kernels that fire on the wrong event, and several that are right; and what both do on the explorer's phrase."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from helpers.check import check
from helpers.concepts.pattern import precision_recall, strongest
from helpers.exercises.pattern import glissando_kernel
from helpers.explorers.pattern.phrase import phrase
from tests.exercises.wrong import tell_apart


def diagonal(side, reach=0):
    cells = np.arange(side)
    return (abs(cells[:, None] - cells) <= reach).astype(float)


def balanced(kernel):
    return kernel - kernel.mean()


RISING = 5 * diagonal(5) - 1
RIGHT = {
    "array": RISING,
    "faint": 0.001 * RISING,
    "7": balanced(diagonal(7)),
    "broad 3": balanced(diagonal(3, 1)),
    "broad 5": balanced(diagonal(5, 1)),
    "broad 7": balanced(diagonal(7, 1)),
    "7 against falling": diagonal(7) - diagonal(7)[::-1],
    "drawn with +1, 0 and -1": diagonal(5) - (diagonal(5, 2) - diagonal(5, 1)),
    "5 by 7": np.pad(RISING, ((0, 0), (1, 1))),
    "less than 0": diagonal(5) - 0.25,
}
HELD = np.array([[-1, -1, -1], [2, 2, 2], [-1, -1, -1]])
DOT = np.pad([[9.0]], 1) - 1
WRONG = {  # those that find neither a rising glissando more than anything else, nor both of them
    "of ones, 3": 2 * diagonal(3) - 1,
    "of ones, 5": 2 * diagonal(5) - 1,
    "of ones, 7": 2 * diagonal(7) - 1,
    "too small": 3 * diagonal(3) - 1,
    "falling": RISING[::-1],
    "cross": balanced(diagonal(5) + diagonal(5)[::-1]),
    "held": HELD,
    "dot": DOT,
}


def on_the_phrase(kernel):
    """The weaker rising glissando over what else is strongest, and what the explorer says at its threshold."""
    _, mel, events = phrase()
    weights = torch.as_tensor(np.ascontiguousarray(kernel)).double()
    response = F.conv2d(mel.double()[None, None], weights[None, None], padding=tuple(side // 2 for side in weights.shape))[0, 0]
    rising, others = ([strongest(response, e) for e in events if (e.kind == "rising") is kind] for kind in (True, False))
    return min(rising) / max(max(others), 1e-9), *precision_recall(response, list(events), "rising", 0.7)


@pytest.mark.parametrize("name", RIGHT)
def test_a_kernel_that_is_right_finds_the_glissandi_of_the_phrase(name):
    assert check("glissando_kernel", RIGHT[name]).ok
    ratio, precision, recall = on_the_phrase(RIGHT[name])
    assert ratio > 1.25
    assert precision > 0.85
    assert recall == 1


@pytest.mark.parametrize("name", WRONG)
def test_a_kernel_that_is_wrong_fails_on_the_phrase(name):
    assert not check("glissando_kernel", WRONG[name]).ok
    assert on_the_phrase(WRONG[name])[0] < 1.01


def test_no_random_kernel_passes_that_fails_on_the_phrase():
    rng = np.random.default_rng(0)
    accepted = []
    for _ in range(400):
        cells = np.arange(rng.choice([3, 5, 7]))
        steps = cells[:, None] - cells
        kernel = np.exp(-(steps**2) / 2) + rng.normal(size=steps.shape) * rng.random() / 2
        kernel -= kernel.mean() * rng.choice([0.7, 1, 1.3])
        if glissando_kernel(kernel) is None:
            accepted.append(on_the_phrase(kernel)[0])
    assert len(accepted) > 100
    assert min(accepted) > 1


def test_the_mirror_of_a_falling_diagonal_is_no_answer():
    """It is right about all five pictures, but by a speck between the steps of a line; noise would cover that."""
    assert "in a little noise" in check("glissando_kernel", (2 * diagonal(5) - 1)[::-1]).message


@pytest.mark.parametrize("kind", [lambda k: k.astype(int).tolist(), lambda k: torch.tensor(k, requires_grad=True)])
def test_a_list_or_a_tensor_will_do(kind):
    assert check("glissando_kernel", kind(RISING)).ok


def test_wrong_answers():
    tell_apart(
        "glissando_kernel",
        {
            "held note.": HELD,
            "onset": HELD.T,
            "on a falling glissando.": RISING[::-1],
            "nearly as much": WRONG["cross"],
            "loud": diagonal(3),
            "dot or an edge": DOT,
            "wrong way round": -RISING,
            "0 everywhere": np.zeros((3, 3)),
            "in a little noise": 2 * diagonal(5) - 1,
            "begins or ends": diagonal(3) - diagonal(3)[:, ::-1] * (1 - diagonal(3)),
            "3, 5 or 7": np.eye(4),
            "two axes": np.eye(3)[None],
            "NaN": RISING * np.nan,
            "table of numbers": "rising",
        },
    )


def test_three_cells_are_too_few_for_lines_five_cells_broad():
    assert "several cells broad" in check("glissando_kernel", WRONG["too small"]).message
