"""Costs against loops that count, what is measured against what was given, and what is said of it."""

import numpy as np
import pytest

from helpers.concepts.cost import VARIANTS
from helpers.explorers import Cost
from helpers.explorers.cost import LENGTHS
from tests.explorers.making import measured

NAMES = list(VARIANTS)


def loops(name: str, n: int) -> tuple[int, int]:
    """(largest table, multiply-adds), in plain counting, of those whose pairs are quickly counted."""
    if name == "full":
        return n * n, sum(2 * 32 * n for _ in range(n))
    if name == "Swin":
        windows = n // 64
        return windows * 64 * 64, sum(2 * 32 * 64 * 64 for _ in range(windows))
    if name == "linear":
        return n * 33, sum(2 * 32 * 33 for _ in range(n))  # φ(k) v' added to the state, φ(q) times it; a sum beside v
    segments = [(64, 64 if start == 0 else 128) for start in range(0, n, 64)]
    return max(n * 32, *(q * k for q, k in segments)), sum(2 * 32 * q * k for q, k in segments)


@pytest.mark.parametrize("position", range(6))
@pytest.mark.parametrize("name", ["Swin", "linear", "Transformer-XL"])
def test_what_is_counted_is_what_loops_count(position, name):
    result, n = Cost(against=name, position=position).result(), 64 * 4**position
    assert result["length"] == n
    mine, full = loops(name, n), loops("full", n)
    assert (result["memory"][NAMES.index(name), position], result["work"][NAMES.index(name), position]) == mine
    assert result["times_memory"] == pytest.approx(full[0] / mine[0])
    assert result["times_work"] == pytest.approx(full[1] / mine[1])


def test_what_was_measured_is_shown_and_what_was_not_is_called_extrapolated():
    rows = measured()
    explorer = Cost(rows, against="Performer")
    assert explorer.state["show"] == "measured here"
    for k, n in enumerate(LENGTHS):
        result = explorer.set(position=k).result()
        known = [row for row in rows["full"] if row[0] == n]
        if known:
            assert (result["work"][0, k], result["memory"][0, k]) == tuple(known[0][1:])
            other = next(row for row in rows["Performer"] if row[0] == n)
            assert result["times_work"] == pytest.approx(known[0][1] / other[1])
            assert result["times_memory"] == pytest.approx(known[0][2] / other[2])
            assert "extrapolated" not in explorer.alt()
        else:
            assert "(full and Performer: extrapolated.)" in explorer.alt()
    full = explorer.result()["memory"][0]
    np.testing.assert_allclose(full[-1] / full[-2], 16)


def test_the_question_is_answered_by_the_formula():
    assert Cost().question().truth() == "16"


@pytest.mark.parametrize(("state", "words"), [
    ({"show": "measured here"}, "not offered|Nothing was measured"), ({"against": "full"}, "full"), ({"against": "RNN"}, "linear"),
    ({"position": 6}, "0 to 5"), ({"measured": {"full": [[64, 1.0, 1.0]]}}, "takes all of"),
])  # fmt: skip
def test_what_cannot_be_is_refused(state, words):
    with pytest.raises(ValueError, match=words):
        Cost(**state)
