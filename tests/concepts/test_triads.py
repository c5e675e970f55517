"""Triads against chords spelled out by hand, and what Bach's chorales make of them."""

import numpy as np
import pytest
import torch

from helpers.concepts.embedding import counted, nearest, neighbours
from helpers.concepts.triads import NAMES, progression, triad
from helpers.datasets.chorales import load_chorales


@pytest.mark.parametrize(("notes", "name"), [
    ([60, 64, 67], "C"), ([64, 67, 72, 84], "C"), ([57, 60, 64], "Am"), ([62, 66, 69, 74], "D"), ([55, 58, 62, -1], "Gm"),
    ([54, 58, 61], "F♯"), ([63, 66, 70], "E♭m"),
])  # fmt: skip
def test_triads_in_any_inversion(notes, name):
    assert NAMES[triad(notes)] == name


@pytest.mark.parametrize("notes", [[60, 64, 67, 70], [60, 63, 66], [60, 64, 68], [60, 67], [-1, -1], [60, 62, 67]])
def test_what_is_no_triad(notes):
    assert triad(notes) is None


def test_what_lasts_counts_once_and_what_is_none_is_passed_over():
    beats = np.array([[60, 64, 67], [48, 64, 67], [60, 65, 67], [60, 64, 67], [59, 62, 67], [60, 64, 67]])
    assert [NAMES[k] for k in progression(beats)] == ["C", "G", "C"]


def test_in_the_chorales_major_and_minor_on_one_root_have_like_neighbours():
    ways = [torch.tensor(progression(chorale.pitch[::4])) for chorale in load_chorales()]
    counts = sum(neighbours(way, 24) for way in ways)
    rows = counted(counts, 6)
    near = [k + 12 in nearest(rows, k, 3)[0] for k in range(12)]
    assert sum(near) >= 6  # by chance: 12 · 3/23, fewer than two


def test_what_lecture_6_says_of_a_wider_view():
    """With two chords to either side A minor comes third to C, but far fewer roots keep their own minor chord near."""
    ways = [torch.tensor(progression(chorale.pitch[::4])) for chorale in load_chorales()]
    close, wide = (counted(sum(neighbours(way, 24, reach) for way in ways), 6) for reach in (1, 2))
    assert NAMES[nearest(wide, 0, 3)[0][2]] == "Am"
    kept = [sum(k + 12 in nearest(rows, k, 3)[0] for k in range(12)) for rows in (close, wide)]
    assert kept[1] < kept[0] / 3
    # G stands beside C minor, and beside C major, more often than any other chord does.
    counts = sum(neighbours(way, 24) for way in ways)
    assert [NAMES[int(counts[k].argmax())] for k in (0, 12)] == ["G", "G"]
