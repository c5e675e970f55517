"""Comparison shows what was measured: every number on the screen against the shipped file."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from helpers.explorers import Comparison
from helpers.explorers.comparison import board
from helpers.explorers.comparison.measures import MEASURES, best, said
from helpers.models import contenders

ROWS = contenders.load()[0].models
FIELDS = {"distance": "distance", "bits": "bits", "parameters": "parameters", "training": "training", "copying": "copying"}


def written(explorer: Comparison) -> list[str]:
    return [label["text"] for label in explorer.grid.labels]


@pytest.mark.parametrize(("x", "y"), [("training", "distance"), ("bits", "copying"), ("parameters", "bits")])
def test_a_dot_is_where_its_numbers_are(x, y):
    explorer = Comparison(x=x, y=y)
    plane = explorer.grid.panels[0]
    dots = next(layer for layer in plane.layers if layer.name == "models")
    scale = lambda name, value: np.log10(value) if MEASURES[name].log else value  # noqa: E731
    for name, place in zip(dots.names, dots.xy):
        numbers = [getattr(ROWS[name], FIELDS[of]) for of in (x, y)]
        np.testing.assert_allclose(place, [scale(of, value) for of, value in zip((x, y), numbers)])
    there = [name for name, row in ROWS.items() if getattr(row, FIELDS[x]) is not None and getattr(row, FIELDS[y]) is not None]
    assert dots.names == there


def test_ticks_stand_where_they_say():
    plane = Comparison(x="training", y="distance").grid.panels[0]
    for place, text in [*plane.x_ticks, *plane.y_ticks]:
        assert 10**place == pytest.approx(float(text.replace(",", "")))


def test_every_number_is_in_the_table_and_the_best_of_each_column_has_a_dot():
    texts = written(Comparison())
    for row, name in itertools.product(ROWS.values(), MEASURES):
        marked = "• " if best(ROWS, name) == row.name else ""
        assert marked + said(row, name) in texts
    assert best(ROWS, "distance") == min(ROWS.values(), key=lambda row: row.distance).name
    assert best(ROWS, "coverage") == max(ROWS.values(), key=lambda row: row.coverage).name
    assert best(ROWS, "copying") is None


def test_bounds_are_marked_and_what_is_missing_is_not_made_up():
    row = ROWS["GAN"]
    assert said(row, "bits") == "–"
    assert said(replace(row, training=0.0636, sampling=6.7e-6), "training") == "0.064 s"  # two digits that matter, not "0.1 s"
    assert said(replace(row, training=0.0636, sampling=6.7e-6), "sampling") == "0.0067 ms"
    assert said(ROWS["naive Bayes"], "bits") == f"{ROWS['naive Bayes'].bits:.2f}"
    assert said(ROWS["mixture"], "bits") == f"≤ {ROWS['mixture'].bits:.2f}"


@pytest.mark.parametrize(("x", "y"), [pair for pair in itertools.product(MEASURES, MEASURES) if pair[0] != pair[1]][::3])
def test_no_name_beside_a_dot_covers_another_and_the_chosen_model_has_its_own(x, y):
    explorer = Comparison(x=x, y=y, model="mixture")
    labels = board.names(explorer.grid.panels[0], "mixture")
    boxes = [(t["x"], t["y"] - 10, t["x"] + board.LETTER * len(t["text"]), t["y"] + 3) for t in labels]
    assert not [pair for pair in itertools.combinations(boxes, 2) if board._meet(*pair)]
    assert "mixture" in [t["text"] for t in labels]


def test_who_is_told_families_has_a_dagger_in_the_table_and_in_the_words():
    told = {contender.name for contender in contenders.CONTENDERS if contender.told}
    assert told == {"GAN", "LAPGAN", "diffusion", "consistency"}
    explorer = Comparison(model="mixture")
    texts = [text.removeprefix("▸ ") for text in written(explorer)]
    for name in ROWS:
        assert (f"{name} †" in texts) == (name in told)
        assert f"{name}{' †' if name in told else ''}: distance" in explorer.alt()
    assert sum(board.DAGGER in text for text in texts) == 1
    assert Comparison(model="diffusion").verdict().startswith("diffusion, told families: distance")
    assert explorer.verdict().startswith("mixture: distance")


def test_a_dot_that_is_picked_is_heard():
    explorer = Comparison(x="bits", y="distance", model="naive Bayes")
    dots = explorer.grid.panels[0].layers[1]
    explorer._picked("plane", "models", dots.names.index("mixture"), False)
    assert explorer.state["model"] == "mixture"


def test_thumbnails_are_the_shipped_samples_and_a_click_looks_at_one():
    explorer = Comparison(model="mixture")
    np.testing.assert_array_equal(explorer.result()["made"], contenders.load()[1]["mixture"][:8])
    explorer._clicked("made 5", 0, 0)
    assert explorer.state["sample"] == 5
    explorer._clicked("note 2", 0, 0)
    assert explorer.state["sample"] == 2
    assert {mark["panel"] for mark in explorer.grid.marks} == {"made 2", "note 2"}


def test_by_turns_one_hears_the_sample_then_the_note_below_it():
    explorer = Comparison(model="mixture", sample=1)
    one, below, *_, turns = (track.samples for track in explorer.tracks())
    assert len(turns) == 2 * 8 * round(0.7 * 16_000)
    assert len(one) == len(below) == 16_000
    assert not np.allclose(one, below)


def test_the_words_say_what_a_model_is_best_at():
    name = best(ROWS, "bits")
    words = Comparison(model=name, x="bits").verdict()
    assert f"bits {said(ROWS[name], 'bits')}" in words
    first = [of for of in MEASURES if best(ROWS, of) == name]
    assert f"Best of all in {', '.join(first)}." in words
    lost = [row.name for row in ROWS.values() if row.bits is None]
    assert f"No bits were counted for {', '.join(lost)}." in words


def test_what_cannot_be_is_explained():
    with pytest.raises(ValueError, match="model is 'Bach'; choose one of naive Bayes"):
        Comparison(model="Bach")
    with pytest.raises(ValueError, match="no sample 8"):
        Comparison(sample=8)
    with pytest.raises(ValueError, match="x is 'beauty'"):
        Comparison(x="beauty")


def test_the_question_has_the_measured_answer():
    question = Comparison(predict=True).asked
    assert question.truth() == min((row for row in ROWS.values()), key=lambda row: row.distance).name
    assert question.truth() in question.options
