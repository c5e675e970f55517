"""Exercises: what a student writes, what it is compared with, and the mistakes we expect.

An exercise stands in the module of its concept and bears the name the student's answer has. If the answer is a
function, it is declared by its oracle, which computes the same in another way. Each mistake we expect follows: a
function that makes it, whose docstring is the hint. An answer of another kind has a judge, which returns what is wrong
with it, or None:

    @exercise(cases)
    def max_pool(x, size):
        return torch.nn.functional.max_pool2d(x[None], size)[0]

    @max_pool.mistake
    def mean(x, size):
        \"""That is the mean of each block. Which one of its cells is to be kept?\"""
        return torch.nn.functional.avg_pool2d(x[None], size)[0]

    @judged
    def glissando_kernel(kernel):
        return None if ... else "Your kernel fires on held notes too."

`cases` takes a seeded torch.Generator and yields the arguments of one call after another. A hint names the kind of
mistake and leaves the answer to the student. `helpers.check` is what a student calls.
"""

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache

from helpers.exercises.oracle import Cases, Oracle

Judge = Callable[[object], str | None]
_judges: dict[str, Judge] = {}


def exercise(cases: Cases) -> Callable[[Callable], Oracle]:
    """Declare an exercise whose answer is a function; the decorated function is its oracle."""

    def declare(function: Callable) -> Oracle:
        oracle = Oracle(function, cases)
        _add(function.__name__, oracle.judge)
        return oracle

    return declare


def judged(judge: Judge) -> Judge:
    """Declare an exercise whose answer is a value; the decorated function says what is wrong with one, or None."""
    _add(judge.__name__, judge)
    return judge


def _add(name: str, judge: Judge):
    if name in _judges:
        raise ValueError(f"there are two exercises called {name!r}; each needs a name of its own")
    _judges[name] = judge


@cache
def judges() -> dict[str, Judge]:
    """Every exercise of the series: its name, and what says what is wrong with an answer or None."""
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        importlib.import_module(module.name)
    return _judges
