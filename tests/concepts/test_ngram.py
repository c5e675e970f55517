"""An n-gram against probabilities worked out by hand, as fractions, and against the definition of Witten and Bell."""

import math
from fractions import Fraction

import numpy as np
import pytest

from helpers.concepts.ngram import NGram

TEXT = [0, 1, 0, 1, 2, 0, 1, 0]


def by_definition(sequences, context, symbol, order, symbols, caution=5) -> Fraction:
    """P(s | h) = (c(h s) + κ d(h) P(s | h')) / (c(h) + κ d(h)), h' one shorter, from a plain search; unseen h: P(s | h')."""
    context = tuple(context[max(0, len(context) - order + 1) :])
    below = Fraction(1, symbols) if not context else by_definition(sequences, context[1:], symbol, order, symbols, caution)
    n = len(context)
    after = [q[i + n] for q in sequences for i in range(len(q) - n) if tuple(q[i : i + n]) == context]
    if not after:
        return below
    rest = caution * len(set(after))
    return (after.count(symbol) + rest * below) / Fraction(len(after) + rest)


@pytest.mark.parametrize("caution", [1, 5])
@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_probabilities_are_those_of_the_definition(order, caution):
    sequences = [TEXT, [2, 2, 1, 0], [1]]
    model = NGram(order, 4, caution).fit(sequences)
    for context in ([], [0], [0, 1], [3], [3, 1], [2, 0, 1, 0, 1], [1, 0, 1, 2, 0, 1]):
        p = model.probabilities(context)
        expected = [float(by_definition(sequences, context, s, order, 4, caution)) for s in range(4)]
        assert np.allclose(p, expected, rtol=1e-12)
        assert p.sum() == pytest.approx(1, abs=1e-12)
        assert (p > 0).all()


def test_bits_are_the_logarithms_of_the_probabilities_but_for_what_is_given():
    model, new = NGram(3, 4).fit([TEXT]), [0, 1, 3, 0, 1]
    each = [-math.log2(by_definition([TEXT], new[:i], new[i], 3, 4)) for i in range(len(new))]
    assert model.bits(new) == pytest.approx(sum(each), rel=1e-12)
    assert model.bits(new, given=2) == pytest.approx(sum(each[2:]), rel=1e-12)
    assert model.bits(new, given=5) == 0


def test_reading_in_two_parts_is_reading_at_once():
    parts = NGram(3, 4).fit([TEXT]).fit([[2, 2]])
    assert (parts.probabilities([2]) == NGram(3, 4).fit([TEXT, [2, 2]]).probabilities([2])).all()


def test_having_read_nothing_all_are_alike():
    assert (NGram(2, 4).probabilities([1]) == 0.25).all()


@pytest.mark.parametrize(("order", "symbols", "caution"), [(0, 3, 1.0), (2, 0, 1.0), (2, 3, 0.0)])
def test_what_cannot_be(order, symbols, caution):
    with pytest.raises(ValueError, match="at least 1"):
        NGram(order, symbols, caution)
