"""What holds for every exercise: the answer passes, the stub is to do, each known mistake is told apart."""

import re
import runpy
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch

from helpers.check import check
from helpers.exercises import judges
from helpers.exercises.oracle import SEED, Oracle, hint
from helpers.exercises.trial import parts

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SOLUTIONS = {path.stem: runpy.run_path(str(path)) for path in sorted(NOTEBOOKS.glob("solutions/*.py"))}
ANSWERS = {name: answers[name] for answers in SOLUTIONS.values() for name in judges() if name in answers}
ORACLES = {name: judge.__self__ for name, judge in judges().items() if isinstance(getattr(judge, "__self__", None), Oracle)}
MISTAKES = [(name, mistake) for name, oracle in ORACLES.items() for mistake in oracle.mistakes]


def called(value):
    return value.__name__ if callable(value) else value


def test_every_exercise_has_an_answer():
    assert ANSWERS.keys() == judges().keys()


@pytest.mark.parametrize("name", judges())
def test_the_answer_is_right(name):
    result = check(name, ANSWERS[name])
    assert result.ok, result


@pytest.mark.parametrize(("name", "mistake"), MISTAKES, ids=called)
def test_a_known_mistake_gets_its_own_hint(name, mistake):
    result = check(name, mistake)
    assert (result.state, result.message) == ("not yet", hint(mistake))


@pytest.mark.parametrize("name", ORACLES)
def test_hints_are_distinct_and_hold_no_formula(name):
    hints = [hint(mistake) for mistake in ORACLES[name].mistakes]
    assert len(set(hints)) == len(hints) >= 4
    assert not [words for words in hints if re.search(r"[=*/()\[\]+]", words)]


@pytest.mark.parametrize("size", [(), (1,), (2, 3)], ids=str)
@pytest.mark.parametrize("name", ORACLES)
def test_a_report_shows_the_students_numbers_and_not_the_right_ones(name, size):
    oracle = ORACLES[name]
    headline, *details = check(name, lambda *args: torch.full(size, 0.4321)).message.splitlines()
    right = [oracle(*args) for args in oracle.cases(torch.Generator().manual_seed(SEED))]
    shown = {np.array2string(part, separator=", ") for value in right for part in parts(value, value) if part.size > 3}
    assert not [text for text in shown if text in "\n".join(details)]
    assert not re.search(r"\d", re.sub(r"shape \([\d, ]*\)|have \([\d, ]*\)|\d+ of \d+|float64|[123] values", "", headline))
    assert all("0.4321" in line for line in details if line.startswith("yours"))


STUBS = [
    (stem, name, cell.source)
    for stem in SOLUTIONS
    for cell in nbformat.read(NOTEBOOKS / f"{stem}.ipynb", as_version=4).cells
    for name in (tag.removeprefix("exercise:") for tag in cell.metadata.get("tags", []) if tag.startswith("exercise:"))
    if cell.cell_type == "code"
]


@pytest.mark.parametrize("stem", SOLUTIONS)
def test_the_notebook_asks_every_exercise(stem):
    asked = [name for notebook, name, _ in STUBS if notebook == stem]
    assert sorted(asked) == sorted(name for name in judges() if name in SOLUTIONS[stem])


@pytest.mark.parametrize(("stem", "name", "source"), STUBS, ids=[name for _, name, _ in STUBS])
def test_the_stub_is_still_to_do(stem, name, source):
    handed_in = []
    exec(source, {"check": lambda *args: handed_in.append(args), "torch": torch})
    assert [repr(check(*args)) for args in handed_in] == [f"[todo] {name}: Not attempted yet."]
