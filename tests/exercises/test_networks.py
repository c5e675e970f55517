"""Typical wrong ways to count, collapse and bend networks, and wrong weights for XOR."""

import numpy as np
import pytest

from helpers.check import check
from tests.exercises.wrong import tell_apart


def counted(sizes, biases):
    return sum(sizes[i] * sizes[i + 1] for i in range(len(sizes) - 1)) + biases(sizes)


def folded(W, b, biases=None, product=None):
    W, b = np.asarray(W, float), np.asarray(b, float)
    matrices = list(W)
    whole = np.eye(matrices[0].shape[0])
    for matrix in matrices:
        whole = product(whole, matrix) if product else matrix @ whole
    bias = np.zeros(len(whole))
    for matrix, c in zip(matrices, b):
        bias = matrix @ bias + c
    return whole, biases(b) if biases else bias


def bends(w, b, a, low, high, place=lambda w, b: -b / w, inside=lambda x, low, high: low < x < high, heard=True, same=set):
    places = [place(wi, bi) for wi, bi, ai in zip(w, b, a) if wi and (ai or not heard)]
    return 1 + len(same([x for x in places if inside(x, low, high)]))


def test_other_right_ways():
    assert check("mlp_parameters", lambda sizes: counted(sizes, lambda s: sum(s[1:]))).ok
    assert check("collapse", folded).ok
    assert check("relu_pieces", bends).ok


def test_wrong_counts():
    tell_apart(
        "mlp_parameters",
        {
            "no bias": lambda sizes: counted(sizes, lambda s: 0),
            "one bias a layer": lambda sizes: counted(sizes, lambda s: len(s) - 1),
            "inputs biases too": lambda sizes: counted(sizes, sum),
            "for each input of a layer": lambda sizes: counted(sizes, lambda s: sum(s[:-1])),
            "biases of the output": lambda sizes: counted(sizes, lambda s: sum(s[1:-1])),
            "count units": lambda sizes: sum(sizes),
            "first layer only": lambda sizes: sizes[1] * (sizes[0] + 1),
        },
    )


def test_wrong_collapses():
    def through_its_own(W, b):
        bias = np.zeros(W.shape[-1])
        for matrix, c in zip(W.numpy(), b.numpy()):
            bias = matrix @ (bias + c)
        return folded(W, b)[0], bias

    tell_apart(
        "collapse",
        {
            "wrong order": lambda W, b: folded(W, b, product=lambda whole, matrix: whole @ matrix),
            "from the last to the first": lambda W, b: folded(W.numpy()[::-1], b.numpy()[::-1]),
            "add the biases up": lambda W, b: folded(W, b, biases=lambda b: b.sum(0)),
            "last layer's bias only": lambda W, b: folded(W, b, biases=lambda b: b[-1]),
            "lose the biases": lambda W, b: folded(W, b, biases=lambda b: 0 * b[0]),
            "their own layer": through_its_own,
            "cell by cell": lambda W, b: (np.prod(W.numpy(), 0), folded(W, b)[1]),
            "add the matrices": lambda W, b: (W.numpy().sum(0), b.numpy().sum(0)),
        },
    )


def test_wrong_pieces():
    tell_apart(
        "relu_pieces",
        {
            "a bend for each unit": lambda w, b, a, low, high: 1 + len(w),
            "You count the bends.": lambda *args: bends(*args) - 1,
            "outside the range": lambda *args: bends(*args, inside=lambda x, low, high: True),
            "count it twice": lambda *args: bends(*args, same=list),
            "whose output weight is nothing": lambda *args: bends(*args, heard=False),
            "weight moves it": lambda *args: bends(*args, place=lambda w, b: -b),
            "sign is lost": lambda *args: bends(*args, place=lambda w, b: b / w),
            "very edge": lambda *args: bends(*args, inside=lambda x, low, high: low <= x <= high),
        },
    )


OR, AND = [1, 1, -0.5], [1, 1, -1.5]
WRONG_XOR = {
    "says yes where it should say no": [OR, AND, [-1, 1, 0.5]],
    "same of all four inputs: it is of no help": [OR, [1, 1, 0.5], [1, -1, -0.5]],
    "draw the same line": [OR, [2, 2, -1], [1, -1, -0.5]],
    "Your output says the same": [OR, AND, [1, 1, 0.5]],
    "computes OR": [OR, AND, [1, 1, -0.5]],
    "computes AND": [OR, AND, [1, 1, -1.5]],
    "exactly zero": [[1, 1, -1], [1, 1, -2], [1, -1, 0]],
    "of the 4 inputs right": [[1, -1, -0.5], [1, 1, -0.5], [1, 0, -0.5]],
    "shape (2, 3)": [OR, AND],
    "NaN or infinity": [OR, AND, [1, -1, float("nan")]],
    "A str came": "OR, AND",
}


def test_wrong_xors():
    tell_apart("xor_weights", WRONG_XOR)


@pytest.mark.parametrize("answer", [
    [OR, AND, [1, -1, -0.5]], [[1, -1, -0.5], [-1, 1, -0.5], [1, 1, -0.5]], [[-1, -1, 1.5], OR, [1, 1, -1.5]],
    np.array([OR, AND, [2, -3, -1]]), [[1, 1, 0], [1, 1, -1], [1, -1, 0]],  # a step does not fire at 0
])  # fmt: skip
def test_there_are_many_ways_to_xor(answer):
    assert check("xor_weights", answer).ok
