"""What attention costs by length: counted by formula, or as it was measured here; beyond that, dashed.

Notebook: 06_transformers. Concept: helpers/concepts/cost.py.
"""

from __future__ import annotations

import math
from typing import ClassVar

import ipywidgets as widgets
import numpy as np

from helpers.concepts.cost import VARIANTS, WIDTH, Row, extrapolated
from helpers.explorers.base import Explorer
from helpers.explorers.parts.numerals import powers, short
from helpers.explorers.question import Question
from helpers.views import Dots, Path, Plane, Stage
from helpers.views.grid import Grid

LENGTHS = tuple(4**k for k in range(3, 9))  # 64 to 65,536 tokens
COUNTED, MEASURED = "counted", "measured here"
FULL = "full"
INKS: dict[str, int | str] = dict(zip(VARIANTS, ("text", 0, 1, 2, 3, 4, 5), strict=True))


class Cost(Explorer):
    """Two curves for each kind of attention, memory and time (or what causes them), against the length.

    measured: what `helpers.concepts.cost.measure` returned; without it only formulas are shown. State: show (counted or
    measured here), against (the kind compared with full attention), position (which of LENGTHS is read off).
    """

    view: ClassVar[type[Grid]] = Stage
    axis: ClassVar[str] = "position"
    defaults: ClassVar[dict] = {"show": MEASURED, "against": "linear", "position": 3}

    def __init__(self, measured: dict[str, list[Row]] | None = None, **options: object) -> None:
        self.given = {"measured": measured} if measured else {}
        if measured and set(measured) != set(VARIANTS):
            raise ValueError(f"Cost: measured are {sorted(measured)}; it takes all of {sorted(VARIANTS)}, as cost.measure() gives.")
        super().__init__(**({} if measured else {"show": COUNTED}) | options)

    def build(self) -> None:
        shows = [COUNTED, MEASURED] if self.given else [COUNTED]
        self.control("show", widgets.Dropdown(options=shows, description="show"))
        self.control("against", widgets.Dropdown(options=[name for name in VARIANTS if name != FULL], description="full against"))

    def impossible(self, state: dict) -> str | None:
        if state["show"] == MEASURED and not self.given:
            return "Nothing was measured; make it with Cost(cost.measure()), or show what is counted."
        if state["show"] not in (COUNTED, MEASURED):
            return f"There is nothing {state['show']!r} to show; choose {COUNTED} or {MEASURED}."
        if state["against"] not in VARIANTS or state["against"] == FULL:
            return f"Full attention cannot be compared with {state['against']!r}; choose one of {', '.join(VARIANTS)} but full."
        if not 0 <= state["position"] < len(LENGTHS):
            return f"There is no length {state['position']}; choose 0 to {len(LENGTHS) - 1}."
        return None

    def count(self) -> int:
        return len(LENGTHS)

    def compute(self) -> None:
        state = self._state
        k, name = state["position"], state["against"]
        memory, work = (np.array([[one(v, n) for n in LENGTHS] for v in VARIANTS]) for one in (self._memory, self._work))
        full, other = list(VARIANTS).index(FULL), list(VARIANTS).index(name)
        self.result_ = {
            "length": LENGTHS[k],
            "memory": memory,
            "work": work,
            "times_memory": float(memory[full, k] / memory[other, k]),
            "times_work": float(work[full, k] / work[other, k]),
        }

    def _memory(self, name: str, n: int) -> float:
        return self._row(name, n)[2] if self._state["show"] == MEASURED else float(VARIANTS[name].table(n))

    def _work(self, name: str, n: int) -> float:
        return self._row(name, n)[1] if self._state["show"] == MEASURED else float(VARIANTS[name].multiply_adds(n))

    def _row(self, name: str, n: int) -> Row:
        rows = self.given["measured"][name]
        return next((row for row in rows if row[0] == n), None) or extrapolated(name, rows, n)

    def _known(self, name: str) -> list[bool]:
        """At which lengths a number was measured, or counted."""
        if self._state["show"] == COUNTED:
            return [True] * len(LENGTHS)
        return [any(row[0] == n for row in self.given["measured"][name]) for n in LENGTHS]

    def draw(self) -> None:
        ours, result = self._state["show"] == MEASURED, self.result_
        titles = (
            ("memory held at most, in bytes", "time, in seconds; dashed: extrapolated by formula")
            if ours
            else ("numbers in the largest table", f"multiply-adds of a head of width {WIDTH}")
        )
        planes = [
            self._plane("memory", result["memory"], titles[0], x=80, cell=(560, 340), x_range=(0, 6.9)),  # room for names
            self._plane("work", result["work"], titles[1], x=690, cell=(370, 340), x_range=(0, 5.3)),
        ]
        with self.grid.hold_sync():
            self.grid.show(planes)
            self.grid.count, self.grid.position = self.count(), self._state["position"]
            self.grid.caption = self.verdict()

    def _plane(self, name: str, values: np.ndarray, title: str, **place: object) -> Plane:
        low, high = math.floor(np.log10(values.min())), math.ceil(np.log10(values.max()))
        layers = []
        for kind, row in zip(VARIANTS, values):
            known, at = np.array(self._known(kind)), np.stack([np.arange(len(LENGTHS)), np.log10(row)], 1)
            size, last = 3.0 if kind in (FULL, self._state["against"]) else 1.5, int(np.flatnonzero(known)[-1])
            layers.append(Path(kind, at[: last + 1], ink=INKS[kind], size=size, legend=name == "memory"))
            if last + 1 < len(LENGTHS):
                layers.append(Path(f"{kind}, extrapolated", at[last:], ink=INKS[kind], size=size, dash=True))
            said = [f"{kind}, {n:,} tokens" for n, there in zip(LENGTHS, known) if there]
            layers.append(Dots(f"{kind}, dots", at[known], ink=INKS[kind], size=4, names=said))
        return Plane(
            name, y=32, y_range=(low, high), title=title, scrub=True, ticks=True, column_axis="tokens", layers=layers,
            x_ticks=[(k, f"{n:,}") for k, n in enumerate(LENGTHS)], y_ticks=powers(low, high, every=2), **place,
        )  # fmt: skip

    def verdict(self) -> str:
        """How many times more full attention takes at the chosen length."""
        result, state = self.result_, self._state
        name, n = state["against"], result["length"]
        memory, work = times(result["times_memory"]), times(result["times_work"])
        if state["show"] == MEASURED:
            said = f"At {n:,} tokens full attention needs {memory} times the memory of {name}, and {work} times its time."
        else:
            said = (
                f"At {n:,} tokens full attention's largest table has {memory} times the numbers of that of {name}, "
                f"and it does {work} times the multiply-adds."
            )
        guessed = [who for who in (FULL, name) if not self._known(who)[state["position"]]]
        return said + (f" ({' and '.join(guessed)}: extrapolated.)" if guessed else "")

    def alt(self) -> str:
        who = f"Cost of {len(VARIANTS)} kinds of attention, {self._state['show']}"
        return f"{who}, from {LENGTHS[0]} to {LENGTHS[-1]:,} tokens. {self.verdict()}"

    def question(self) -> Question:
        return Question(
            "A tune four times as long: how many times the memory does full attention need?",
            ["2", "4", "16", "64"],
            lambda: str(VARIANTS[FULL].table(4 * LENGTHS[0]) // VARIANTS[FULL].table(LENGTHS[0])),
            "Each of four times as many tokens has four times as many to look at.",
        )


def times(ratio: float) -> str:
    """A ratio in two digits.

    >>> times(0.0432), times(1.26), times(31.04), times(99.7), times(1024.0), times(0.000012)
    ('0.043', '1.3', '31', '100', '1,000', '1e−5')
    """
    if ratio < 1e-3:
        return short(ratio)
    if ratio >= 99.5:
        digits = len(str(round(ratio))) - 2
        return f"{round(ratio, -digits):,.0f}"
    return f"{ratio:.2g}"
