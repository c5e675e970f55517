"""What `Comparison` can put on an axis, and how each number is said. Notebook: 07_generative_models."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from helpers.explorers.parts.numerals import number
from helpers.models.contenders import Row


class Measure(NamedTuple):
    """head: of its column; axis: on the plane; of: the number of a row, None where it does not exist; said: how it is written;
    best: min, max, or None where neither end is good; log: whether the axis is logarithmic."""

    head: str
    axis: str
    of: Callable[[Row], float | None]
    said: Callable[[float], str]
    best: Callable | None = min
    log: bool = True


def _two(value: float) -> str:
    """Two digits that matter, and all before the point.

    >>> _two(0.0067), _two(0.0996), _two(2.04), _two(9.96), _two(112.1)
    ('0.0067', '0.10', '2.0', '10', '112')
    """
    rounded = float(f"{value:.1e}")
    return number(value, max(0, 1 - int(np.floor(np.log10(rounded))))) if rounded else "0"


def _count(value: float) -> str:
    return f"{value / 1000:.0f} k"


MEASURES = {
    "distance": Measure(
        "Fréchet", "Fréchet distance from training notes: less is better", lambda r: r.distance, lambda v: number(v, 1)
    ),
    "coverage": Measure(
        "coverage",
        "share of training notes with a sample near",
        lambda r: r.coverage,
        lambda v: f"{100 * v:.0f} %",
        max,
        False,
    ),
    "copying": Measure(
        "copying",
        "distance to training notes; that of new ones: 1",
        lambda r: r.copying,
        lambda v: f"{number(v, 2)} ×",
        None,
        False,
    ),
    "parameters": Measure("numbers", "numbers that were fitted", lambda r: r.parameters, _count),
    "training": Measure("training", "seconds to train and measure it, one core", lambda r: r.training, lambda v: f"{_two(v)} s"),
    "sampling": Measure(
        "a sound", "milliseconds a sound, one core", lambda r: r.sampling and 1000 * r.sampling, lambda v: f"{_two(v)} ms"
    ),
    "bits": Measure("bits", "bits a cell of new notes", lambda r: r.bits, lambda v: number(v, 2), min, False),
}


def said(row: Row, name: str) -> str:
    """A number as it is written; – where it does not exist, ≤ before an upper bound."""
    value = MEASURES[name].of(row)
    if value is None:
        return "–"
    bound = "≤ " if name == "bits" and row.bits_kind == "at most" else ""
    return bound + MEASURES[name].said(value)


def best(rows: dict[str, Row], name: str) -> str | None:
    """Which model has the best of it; None where neither end is good."""
    measure = MEASURES[name]
    there = [row for row in rows.values() if measure.of(row) is not None]
    return measure.best(there, key=measure.of).name if measure.best and there else None


def ticks(name: str, low: float, high: float) -> list[tuple[float, str]]:
    """1, 3, 10, 30 … where the axis is logarithmic (its places are then logarithms); else round numbers are found."""
    if not MEASURES[name].log:
        return []
    places = [m * 10.0**k for k in range(-3, 8) for m in (1, 3)]
    inside = [v for v in places if low <= np.log10(v) <= high]
    return [(float(np.log10(v)), _round(v)) for v in (inside[::2] if len(inside) > 9 else inside)]


def _round(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"
