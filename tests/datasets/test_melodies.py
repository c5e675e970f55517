"""Tunes on a grid of eighths, against the notes that the ABC reader finds; excerpts and their division."""

from collections import Counter

import numpy as np
import pytest

from helpers.datasets.abc import parse
from helpers.datasets.melodies import BAR, HOLD, KINDS, LOW, METRES, SYMBOLS, divide, excerpts, load_melodies, notes_of, read
from helpers.datasets.tunes import Tune, load_tunes


def tune(body, metre="6/8"):
    return Tune("a tune", metre, "1/8", "C", body, "here")


def test_a_step_is_an_eighth():
    melody = read(tune("G | A2 B c3 | d6 | e2 e2 f |"))
    assert (melody.step[melody.step > 0] + LOW - 1).tolist() == [67, 69, 71, 72, 74, 76, 76, 77]
    assert np.flatnonzero(melody.step).tolist() == [0, 1, 3, 4, 7, 13, 15, 17]
    assert np.flatnonzero(melody.bar).tolist() == [1, 7, 13]
    assert melody.kind == "6/8"


def test_of_two_sixteenths_the_first_is_kept():
    assert (read(tune("C/2D/2 E F G A B |")).step + LOW - 1).tolist() == [60, 64, 65, 67, 69, 71]


@pytest.mark.parametrize("body", ["C2 D2 | E6 |", "C3 D", "C,,,6 |", "C6 | [ |"])
def test_what_does_not_fit_is_left_out(body):
    assert read(tune(body)) is None


def test_notes_go_on_until_the_next():
    notes = notes_of(np.array([HOLD, 13, HOLD, HOLD, 20]))
    assert notes == [(0.5, 1.5, 66), (2.0, 0.5, 73)]


def test_melodies_are_those_of_the_tunes():
    melodies = load_melodies()
    count = Counter(melody.kind for melody in melodies)
    assert set(count) == set(KINDS)
    assert max(count.values()) <= 240
    assert min(count.values()) >= 100
    by_title = {(t.title, METRES.get(t.metre)): t for t in load_tunes()}
    for melody in melodies[::80]:
        found = parse(by_title[melody.title, melody.kind].text)
        steps = {int(2 * note.onset) for note in found.notes}
        assert set(np.flatnonzero(melody.step).tolist()) == steps
        assert melody.step.max() < SYMBOLS
        assert 0.5 < melody.bar.sum() * BAR[melody.kind] / len(melody.step) <= 1.1


def test_a_kind_is_the_metre_and_no_dance():
    kinds = {"C": "4/4", "C|": "4/4", "4/4": "4/4", "6/8": "6/8", "3/4": "3/4", "9/8": "9/8"}
    assert set(METRES) == set(kinds)
    for metre, kind in kinds.items():
        assert read(tune(f"C{BAR[kind]} |", metre)).kind == kind


def test_excerpts_are_pieces_of_the_melodies():
    melodies = load_melodies()[:10]
    steps, bars, kinds = excerpts(melodies, 24, each=3, seed=5)
    assert steps.shape == bars.shape == (30, 24)
    for i, (step, bar, kind) in enumerate(zip(steps.numpy(), bars.numpy(), kinds.tolist())):
        melody = melodies[i // 3]
        places = [k for k in range(len(melody.step) - 23) if (melody.step[k : k + 24] == step).all()]
        assert any((melody.bar[k : k + 24] == bar).all() for k in places)
        assert KINDS[kind] == melody.kind
    with pytest.raises(ValueError, match="choose a shorter length"):
        excerpts(melodies, 10_000)


def test_what_is_held_out_is_not_learned_from():
    melodies = load_melodies()
    learn, held = divide(melodies)
    assert len(learn) + len(held) == len(melodies)
    assert not {id(m) for m in learn} & {id(m) for m in held}
    for kind in KINDS:
        counts = [sum(m.kind == kind for m in part) for part in (learn, held)]
        assert counts[1] == -(-sum(counts) // 5)
