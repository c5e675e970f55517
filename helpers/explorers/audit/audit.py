"""A generated note beside the training notes that it is nearest to, and the families a model draws beside those it learned from.

Notebook: 07_generative_models. What is found: search.py; the picture: board.py; measured: helpers/recipes/comparison.py.
"""

from __future__ import annotations

from typing import ClassVar

import ipywidgets as widgets
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from helpers.datasets.notes import FAMILIES
from helpers.explorers.audit import board, search
from helpers.explorers.audit.search import BORROWED, NEAREST, YOURS
from helpers.explorers.base import Explorer
from helpers.explorers.parts.numerals import number, share
from helpers.explorers.parts.real import compared
from helpers.explorers.parts.timbres import in_a_row, played
from helpers.explorers.question import Question
from helpers.views import Grid, Stage, Track

EACH = 0.8  # seconds of a note in a row
STEP = 3  # of the borrowed notes every so-manieth is shown


class Audit(Explorer):
    """A note that a model drew, and the nearest notes that it learned from.

    pictures: (sample, 24, 32) in [0, 1], drawn by a model of your own, which is then called "yours". State: model, sample.
    Raises ValueError for pictures that are none.
    """

    axis: ClassVar[str] = "sample"
    view: ClassVar[type[Grid]] = Stage
    defaults: ClassVar[dict] = {"model": "GAN", "sample": 0}
    presets: ClassVar[dict[str, dict]] = {
        "a GAN": {},
        "diffusion": {"model": "diffusion"},
        "naive Bayes copies nothing": {"model": "naive Bayes"},
        "training notes: all known": {"model": "training notes"},
        "new notes": {"model": "new notes"},
        "borrowed notes: many are known": {"model": BORROWED},
    }

    def __init__(self, pictures: Float[Tensor, "sample 24 32"] | None = None, **options: object) -> None:
        self.known, self.samples = compared()
        borrowed = search.borrowed()
        self.samples = self.samples | {BORROWED: borrowed[::STEP]}
        self.rows = self.known.models | self.known.real | {BORROWED: search.row(borrowed, BORROWED)}
        self.given = {} if pictures is None else {"pictures": pictures}
        if pictures is not None:
            if not len(pictures) or not (torch.isfinite(pictures).all() and 0 <= pictures.min() and pictures.max() <= 1):
                raise ValueError("pictures are to be at least one, of cells in [0, 1]. Clamp what your model draws.")
            own = pictures.detach().float().numpy()
            self.samples, self.rows = self.samples | {YOURS: own}, self.rows | {YOURS: search.row(own)}
        super().__init__(**options)

    def build(self) -> None:
        self.control("model", widgets.Dropdown(options=list(self.rows), description="drawn by"))
        self.grid.on("click", self._clicked)
        self.player.together = True

    def settle(self, state: dict, changes: dict) -> dict:
        """A sample that another model has no more becomes the last."""
        if "sample" not in changes and state["model"] in self.rows:
            state["sample"] = min(state["sample"], len(self.samples[state["model"]]) - 1)
        return state

    def impossible(self, state: dict) -> str | None:
        if state["model"] not in self.rows:
            return f"model is {state['model']!r}; choose one of {', '.join(self.rows)}."
        count = len(self.samples[state["model"]])
        if not 0 <= state["sample"] < count:
            return f"There is no sample {state['sample']}; {state['model']} has {count}, from 0."
        return None

    def count(self) -> int:
        return len(self.samples[self._state["model"]])

    def compute(self) -> None:
        state = self._state
        made, row = self.samples[state["model"]][state["sample"]], self.rows[state["model"]]
        new, found = np.array(self.known.new), search.neighbours(made)
        self.result_ = {
            "made": made,
            **found,
            "new": new,
            "away": np.array(row.away),
            "limit": self.known.near,
            "nearer than": float((new > found["off"][0]).mean()),
            "copies": float((np.array(row.away) < self.known.near).mean()),
            **search.families(row),
        }

    def draw(self) -> None:
        result, state = self.result_, self._state
        with self.grid.hold_sync():
            self.grid.show([*board.pictures(result, state), board.distances(result, state), board.families(result, state)])
            self.grid.count, self.grid.position = self.count(), state["sample"]
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, (state["model"], state["sample"]))

    def verdict(self) -> str:
        """Whether it is a copy, how many are, and whom the model favours and leaves out."""
        result, state = self.result_, self._state
        off, nearest = result["off"][0], result["names"][0]
        if off < result["limit"]:
            said = f"{number(off, 1)} dB a cell from {nearest}: a copy (below {number(result['limit'], 0)} dB)."
        else:
            share_of = share(result["nearer than"]) if result["nearer than"] else "none"
            said = f"{number(off, 1)} dB a cell from {nearest}: nearer than {share_of} of {len(result['new'])} new real notes."
        gap = result["heard"] - result["learned"]
        most, least = int(gap.argmax()), int(gap.argmin())
        copies = share(result["copies"]).capitalize() if result["copies"] else "None"
        return (
            f"{said} {copies} of {len(result['away'])} by {state['model']} are copies. "
            f"To the judge's ear {self._gap(most)} and {self._gap(least)}; in all, {share(result['moved'])} would have to be of "
            f"another family. For real training notes, {share(result['among real'])}."
        )

    def _gap(self, family: int) -> str:
        heard, learned = (share(self.result_[name][family]) for name in ("heard", "learned"))
        return f"{heard} are {FAMILIES[family].replace('_', ' ')} instead of {learned}"

    def alt(self) -> str:
        others = ", ".join(f"{name} ({number(off, 1)} dB)" for name, off in zip(self.result_["names"][1:], self.result_["off"][1:]))
        return f"Sample {self._state['sample'] + 1} by {self._state['model']}. {self.verdict()} Next nearest: {others}."

    def tracks(self) -> list[Track]:
        state, result = self._state, self.result_
        pitch, made, near = int(result["pitches"][0]), result["made"], result["near"]
        key, own = str(state), self.samples[state["model"]]
        return [
            Track("the generated note", lambda: played(made, pitch), key=key),
            *[Track(f"nearest {k + 1}", lambda k=k: played(near[k], pitch), key=key) for k in range(NEAREST)],
            Track("one after the other", lambda: in_a_row(np.stack([made, *near]), pitch, EACH), key=key),
            Track("all its samples", lambda: in_a_row(own, 52, EACH), key=state["model"], beats=EACH),
        ]

    def question(self) -> Question:
        options = ["below 2 dB: a copy", "2 to 4 dB", "more than 4 dB"]
        return Question(
            f"How far is this note by {self._state['model']} from the training note nearest to it, a cell?",
            options, lambda: options[int(np.searchsorted([self.known.near, 4.0], self.result_["off"][0], side="right"))],
            "New real notes with recordings of their own are all more than 4 dB from the nearest training note.",
        )  # fmt: skip

    def _clicked(self, panel: str, row: int, column: int) -> None:
        """A picture is heard."""
        self.player.play(0 if panel == "made" else 1 + int(panel.partition(" ")[2]))
