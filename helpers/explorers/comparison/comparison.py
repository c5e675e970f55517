"""Generative models on the same notes: any two of what was measured against each other, and what they draw, heard.

Notebook: 07_generative_models. Measured by helpers/recipes/comparison.py; the picture: board.py; numbers in words: measures.py.
"""

from __future__ import annotations

from typing import ClassVar

import ipywidgets as widgets
import numpy as np

from helpers.datasets.harmonics import PITCHES
from helpers.explorers.base import Explorer
from helpers.explorers.comparison import board
from helpers.explorers.comparison.board import SHOWN
from helpers.explorers.comparison.measures import MEASURES, best, said
from helpers.explorers.parts.real import compared
from helpers.explorers.parts.timbres import in_a_row, played
from helpers.explorers.question import Question
from helpers.explorers.values import beyond
from helpers.models import contenders
from helpers.views import Grid, Stage, Track

EACH = 0.7  # seconds of a note in a row
LIMITS = {"pitch": (PITCHES[0], PITCHES[-1])}


class Comparison(Explorer):
    """All shipped models of notes.

    State: x and y (what is on the axes), model (whose samples are seen and heard), sample (which of them), pitch (MIDI).
    """

    axis: ClassVar[str] = "sample"
    view: ClassVar[type[Grid]] = Stage
    defaults: ClassVar[dict] = {"x": "sampling", "y": "distance", "model": "GAN", "sample": 0, "pitch": 52}
    presets: ClassVar[dict[str, dict]] = {
        "distance against time": {},
        "distance against copying": {"x": "copying"},
        "coverage against distance": {"x": "distance", "y": "coverage"},
        "bits against distance": {"x": "distance", "y": "bits", "model": "autoregressive"},
        "every cell for itself": {"x": "bits", "model": "naive Bayes"},
        "size against distance": {"x": "parameters", "model": "mixture"},
    }

    def build(self) -> None:
        self.found, self.samples = compared()
        self.control("y", widgets.Dropdown(options=list(MEASURES), description="up"))
        self.control("x", widgets.Dropdown(options=list(MEASURES), description="across"))
        self.control("model", widgets.Dropdown(options=list(self.found.models), description="hear"))
        self.control("pitch", widgets.IntSlider(min=PITCHES[0], max=PITCHES[-1], description="pitch"))
        self.grid.on("pick", self._picked)
        self.grid.on("click", self._clicked)

    def impossible(self, state: dict) -> str | None:
        models = list(contenders.load()[0].models)
        for name, offered in (("x", list(MEASURES)), ("y", list(MEASURES)), ("model", models)):
            if state[name] not in offered:
                return f"{name} is {state[name]!r}; choose one of {', '.join(offered)}."
        if not 0 <= state["sample"] < SHOWN:
            return f"There is no sample {state['sample']}; there are {SHOWN}, from 0."
        return beyond(state, LIMITS)

    def count(self) -> int:
        return SHOWN

    def compute(self) -> None:
        state, found = self._state, self.found
        row = found.models[state["model"]]
        numbers = {name: measure.of(row) for name, measure in MEASURES.items()}
        (models, xy), (real, real_xy) = (board.place(rows, state) for rows in (found.models, found.real))
        self.result_ = {
            "models": models,
            "real": real,
            "xy": xy,
            "real xy": real_xy,
            **{name: value for name, value in numbers.items() if value is not None},
            "best": [best(found.models, name) or "" for name in MEASURES],
            "made": self.samples[state["model"]][:SHOWN],
            "note": self.samples["new notes"][:SHOWN],
        }

    def draw(self) -> None:
        result, state = self.result_, self._state
        panels, labels = board.thumbnails(result, state)
        plane = board.plane(result, state)
        here = {"row": 0, "column": 0, "height": 24, "width": 32, "ink": "winner"}
        with self.grid.hold_sync():
            self.grid.show([plane, *panels], [*board.names(plane, state["model"]), *board.table(self.found, state), *labels])
            self.grid.marks = [{"panel": f"{kind} {state['sample']}", **here} for kind in ("made", "note")]
            self.grid.count, self.grid.position = self.count(), state["sample"]
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, (state["model"], state["sample"], state["pitch"]))

    def verdict(self) -> str:
        """What the model is best at, which models have no place on the plane, and what was left out."""
        state, found = self._state, self.found
        row = found.models[state["model"]]
        first = [name for name in MEASURES if best(found.models, name) == row.name]
        wins = f"Best of all in {', '.join(first)}." if first else "Best in none of these."
        lost = [name for name in found.models if name not in self.result_["models"]]
        missing = f" No bits were counted for {', '.join(lost)}." if lost else ""
        floor, told = found.real["training notes"], ", told families" if row.name in contenders.TOLD else ""
        return (
            f"{row.name}{told}: {self._numbers(row)}. {wins}{missing} {found.count} samples of each; as many training notes are "
            f"{said(floor, 'distance')} from as many others, notes of new instruments {said(found.real['new notes'], 'distance')}."
        )

    def alt(self) -> str:
        state, found = self._state, self.found
        rows = "; ".join(f"{board.marked(row.name)}: {self._numbers(row)}" for row in found.models.values())
        heard = f"{state['model']}, sample {state['sample'] + 1}"
        return f"Models by {state['x']} and {state['y']}. {rows} ({board.DAGGER}). Heard: {heard}."

    def _numbers(self, row: contenders.Row) -> str:
        return ", ".join(f"{name} {said(row, name)}" for name in MEASURES)

    def tracks(self) -> list[Track]:
        state, result, pitch = self._state, self.result_, self._state["pitch"]
        made, real, at = result["made"], result["note"], state["sample"]
        key = f"{state['model']} {pitch}"
        turns = lambda: in_a_row(np.stack([made, real], 1).reshape(-1, 24, 32), pitch, EACH)  # noqa: E731
        return [
            Track("this sample", lambda: played(made[at], pitch), key=f"{key} {at}"),
            Track("the new note below it", lambda: played(real[at], pitch), key=f"{pitch} {at}"),
            Track("its samples in a row", lambda: in_a_row(made, pitch, EACH), key=key, beats=EACH),
            Track("new notes in a row", lambda: in_a_row(real, pitch, EACH), key=str(pitch), beats=EACH),
            Track("a sample, a new note, by turns", turns, key=key, beats=2 * EACH),
        ]

    def question(self) -> Question:
        models = {name: self.found.models[name] for name in self.found.models if name != "naive Bayes"}
        return Question(
            "One of these models is nearest to the training notes by the Fréchet distance. Which?",
            list(models), lambda: best(models, "distance"),
            "Near in mean and covariance of features: whether it copies, and what it never draws, is for other columns.",
        )  # fmt: skip

    def _picked(self, panel: str, layer: str, index: int, shift: bool) -> None:
        """A dot's model is heard."""
        if layer == "models":
            self.set(model=self.result_["models"][index])
            self.player.play(2)

    def _clicked(self, panel: str, row: int, column: int) -> None:
        """A thumbnail is looked at, and heard."""
        kind, _, which = panel.partition(" ")
        if kind in ("made", "note"):
            self.set(sample=int(which))
            self.player.play(0 if kind == "made" else 1)
