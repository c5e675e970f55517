"""Depth against width at the same number of parameters: each layer folds once more, and once more the pieces double.

Notebook: 01_neurons. Concepts: helpers/concepts/folds.py, pieces.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import ipywidgets as widgets
import numpy as np

from helpers import audio
from helpers.concepts.activation import CYCLE, amplitudes, as_loud_as, cycle_harmonics, decibels, play
from helpers.concepts.folds import Layers, as_wide, measured, run, square, tent
from helpers.concepts.pieces import errors, pieces
from helpers.concepts.shapers import triangle
from helpers.explorers.base import Explorer
from helpers.explorers.folds import plane
from helpers.explorers.parts.numerals import plural
from helpers.explorers.question import Question
from helpers.views import Stage, Track
from helpers.views.grid import Grid

MOST = 7  # hidden layers
GRID = np.linspace(-1, 1, 2049)  # every bend of every folding is one of these places
SECONDS, RMS = 1.5, 0.1
Curve = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Task:
    """What both networks are to do: by which foldings, and what a tone of `hertz` is that goes through them."""

    folds: Callable[[int], Layers]
    curve: Callable[[int], Curve]
    wave: Curve
    hertz: float
    heard: str


TASKS = {
    "a folded line": Task(tent, lambda depth: lambda x: run(tent(depth), x), triangle, 55.0, "a triangle wave of 55 Hz"),
    "a parabola": Task(square, lambda depth: np.square, lambda phase: np.sin(2 * np.pi * phase), 220.0, "a sine of 220 Hz"),
}


class Folds(Explorer):
    """A deep network that folds, and a wide one with as many parameters: their graphs, pieces, errors and sounds.

    State: task (a folded line, which depth makes exactly; or a parabola, which both come near), layers (hidden ones of
    the deep network, 0–7), show (graphs: the functions, or what is wrong with them).
    """

    view: ClassVar[type[Grid]] = Stage
    axis: ClassVar[str] = "layers"
    defaults: ClassVar[dict] = {"task": "a folded line", "layers": 3, "show": "graphs"}
    presets: ClassVar[dict[str, dict]] = {
        "a folded line": {},
        "a parabola": {"task": "a parabola"},
        "what is wrong with it": {"task": "a parabola", "show": "errors"},
    }

    def build(self) -> None:
        self.control("task", widgets.Dropdown(options=list(TASKS), description="task"))
        self.control("layers", widgets.IntSlider(min=0, max=MOST, description="layers"))
        looks = {"button_width": "70px"}
        self.control("show", widgets.ToggleButtons(options=["graphs", "errors"], description="show", style=looks))
        self.player.together = True

    def impossible(self, state: dict) -> str | None:
        for name, offered in (("task", TASKS), ("show", ("graphs", "errors"))):
            if state[name] not in offered:
                return f"{name} = {state[name]!r} is not offered; choose one of {', '.join(offered)}."
        if not 0 <= state["layers"] <= MOST:
            return f"{state['layers']} layers cannot be shown; choose 0 to {MOST}."
        return None

    def count(self) -> int:
        return MOST + 1

    def compute(self) -> None:
        name, k = self._state["task"], self._state["layers"]
        both = [_pair(name, depth) for depth in range(MOST + 1)]
        target, deep, wide = both[k].curves
        self.result_ = {
            "target": target,
            "deep": deep,
            "wide": wide,
            "parameters": np.array([pair.parameters for pair in both]),
            "units": both[k].units,
            "pieces_of_deep": np.array([pair.pieces[0] for pair in both]),
            "pieces_of_wide": np.array([pair.pieces[1] for pair in both]),
            "rms_of_deep": np.array([pair.errors[0][1] for pair in both]),
            "rms_of_wide": np.array([pair.errors[1][1] for pair in both]),
            "largest_of_deep": np.array([pair.errors[0][0] for pair in both]),
            "largest_of_wide": np.array([pair.errors[1][0] for pair in both]),
            "spectrum_of_deep": decibels(amplitudes(both[k].harmonics[0])[1:]),
            "spectrum_of_wide": decibels(amplitudes(both[k].harmonics[1])[1:]),
        }

    def draw(self) -> None:
        with self.grid.hold_sync():
            self.grid.show(plane.layout(self.result_, self._state, GRID, TASKS[self._state["task"]].hertz))
            self.grid.count = self.count()
            self.grid.position = self._state["layers"]
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, (self._state["task"], self._state["layers"]))

    def verdict(self) -> str:
        """How many pieces each has, and how far it is off."""
        k, result = self._state["layers"], self.result_
        said = [
            f"{who}: {plural(int(result[f'pieces_of_{name}'][k]), 'piece')}, RMS error {plane.short(result[f'rms_of_{name}'][k])}"
            for who, name in (("Deep", "deep"), ("wide", "wide"))
        ]
        return f"{result['parameters'][k]} parameters each. {'; '.join(said)}."

    def alt(self) -> str:
        state = self._state
        shape = (
            f"{plural(state['layers'], 'hidden layer')} against one of {plural(self.result_['units'], 'unit')}"
            if state["layers"]
            else "no hidden layer"
        )
        return f"Depth against width for {state['task']}: {shape}; shown: {state['show']}. {self.verdict()}"

    def tracks(self) -> list[Track]:
        task, key = TASKS[self._state["task"]], repr((self._state["task"], self._state["layers"]))
        parts = _pair(self._state["task"], self._state["layers"]).harmonics
        return [
            Track(f"{task.heard} through the {who}", lambda heard=heard: _tone(heard, task.hertz), key=key)
            for who, heard in zip(("deep network", "wide network, as loud"), parts, strict=True)
        ]

    def question(self) -> Question:
        k = self._state["layers"]
        if self._state["task"] == "a folded line":
            wanted = int(self.result_["pieces_of_deep"][k])
            likely = dict.fromkeys(n for n in (wanted, 2 * k, k**2, k + 1, 3 * k, k + 2, k + 3) if n)
            return Question(
                f"{k} layers of two ReLUs each, one after the other. How many straight pieces can the graph have?",
                [str(n) for n in sorted(list(likely)[:3])],
                str(wanted),
                "Each layer folds what it is given, and a fold doubles every piece.",
            )
        deep, wide = (self.result_[f"largest_of_{name}"][k] for name in ("deep", "wide"))
        return Question(
            f"A parabola, {self.result_['parameters'][k]} parameters for each: whose largest error is smaller?",
            ["the deep one's", "the wide one's"], "the deep one's" if deep < wide else "the wide one's",
            f"Deep: {plane.short(deep)}; wide: {plane.short(wide)}. Move the layers and see when it turns.",
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Pair:
    """The deep network and the wide one, both with `parameters`: graphs (target, deep, wide), pieces, errors, harmonics."""

    parameters: int
    units: int
    curves: tuple[np.ndarray, np.ndarray, np.ndarray]
    pieces: tuple[int, int]
    errors: tuple[tuple[float, float], tuple[float, float]]
    harmonics: tuple[np.ndarray, np.ndarray]


@lru_cache(maxsize=32)
def _pair(name: str, depth: int) -> Pair:
    task = TASKS[name]
    layers, curve = task.folds(depth), task.curve(depth)
    target, deep = curve(GRID), run(layers, GRID)
    wide, count = as_wide(depth, task.folds, GRID, target)
    bends = 1 + int((np.abs(np.diff(deep, 2)) > 1e-9).sum())
    off = measured(lambda x: run(layers, x), curve) if name != "a folded line" else errors(deep, target)
    wave, most = task.wave(np.arange(CYCLE) / CYCLE), int(8000 / task.hertz)
    heard = tuple(cycle_harmonics(f, most) for f in (run(layers, wave), wide(wave)))
    units = len(wide.hinges) if depth else 0
    return Pair(count, units, (target, deep, wide(GRID)), (bends, pieces(wide)), (off, measured(wide, curve)), heard)


def _tone(parts: np.ndarray, hertz: float) -> np.ndarray:
    """The sound of these harmonics, at one loudness for all."""
    x = as_loud_as(play(parts, hertz, SECONDS), RMS)
    return np.clip(x * audio.fade(len(x)).numpy(), -1, 1).astype(np.float32)
