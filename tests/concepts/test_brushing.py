"""What a brush selects and finds, against a search that looks at every place one by one."""

import numpy as np
import pytest

from helpers.concepts.brushing import matches, selected, throughout

VALUES = np.random.default_rng(3).random((6, 20, 8)) ** 0.5
VALUES[2, 4:8, [1, 5]] = 0.99
VALUES[4, 9:13, [1, 5]] = 0.98


def is_on(piece, start, length, unit, threshold, alone):
    value = VALUES[piece, :, unit]
    if not all(value[t] >= threshold for t in range(start, start + length)):
        return False
    before = start > 0 and value[start - 1] >= threshold
    after = start + length < 20 and value[start + length] >= threshold
    return not (alone and (before or after))


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("length", [1, 3, 20])
def test_throughout_is_what_a_look_at_every_step_finds(length, alone):
    kept = throughout(VALUES >= 0.5, length, alone)
    assert kept.shape == (6, 21 - length, 8)
    for piece, start, unit in np.ndindex(kept.shape):
        assert kept[piece, start, unit] == is_on(piece, start, length, unit, 0.5, alone)


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("brush", [(2, 4, 7, 0.9), (0, 0, 1, 0.6), (5, 18, 19, 0.4), (1, 3, 3, 0.2)], ids=str)
def test_matches_are_what_a_search_by_hand_finds(brush, alone):
    piece, first, last, threshold = brush
    length = last - first + 1
    units = [u for u in range(8) if is_on(piece, first, length, u, threshold, alone)]
    assert selected(VALUES, piece, first, last, threshold, alone).tolist() == units
    scored = sorted(
        (-sum(is_on(p, s, length, u, threshold, alone) for u in units), p, s) for p in range(6) for s in range(21 - length)
    )
    wanted, taken = [], [(piece, first)]
    for score, p, s in scored:
        if score and all(p != q or abs(s - r) >= length for q, r in taken) and len(wanted) < 5:
            wanted.append((p, s, -score))
            taken.append((p, s))
    assert [tuple(match) for match in matches(VALUES, piece, first, last, threshold, alone)] == wanted


def test_the_planted_place_is_found_first():
    found = matches(VALUES, 2, 4, 7, 0.97, alone=False)
    assert found[0][:2] == (4, 9)
    assert found[0].units == 2


def test_where_nothing_is_on_nothing_is_found():
    assert matches(VALUES, 0, 2, 9, 1.1, alone=False) == []
