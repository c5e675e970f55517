"""A confusion matrix you can listen to: each cell opens the notes it counts.

Notebook: 04_cnns. Concept: helpers/concepts/confusion.py.
"""

from __future__ import annotations

from typing import ClassVar

import ipywidgets as widgets
import numpy as np
from jaxtyping import Float
from torch import Tensor

from helpers.concepts.confusion import accuracy, confusion, recall
from helpers.datasets.notes import FAMILIES, Notes
from helpers.explorers.base import Explorer
from helpers.explorers.parts.thumbnails import SHOWN, one_after_another, thumbnails
from helpers.explorers.question import Question
from helpers.views import Panel, Track

CELL = 40


class Confusion(Explorer):
    """Which family was taken for which; click a cell to see and hear the notes behind its number.

    logits: what the classifier said of each note; notes: the notes. State: truth and guess (the open cell), note
    (which of its notes is chosen, the most confident first), show (counts, or percent of the row).
    """

    axis: ClassVar[str] = "note"
    defaults: ClassVar[dict] = {"truth": "bass", "guess": "bass", "note": 0, "show": "counts"}

    def __init__(self, logits: Float[Tensor, "note 11"], notes: Notes, **options: object) -> None:
        if logits.shape != (len(notes), len(FAMILIES)):
            raise ValueError(
                f"logits are {tuple(logits.shape)}; {len(notes)} notes in {len(FAMILIES)} families need "
                f"{(len(notes), len(FAMILIES))}."
            )
        self.notes, self.probability = notes, logits.float().softmax(1).cpu()
        self.given = {"logits": logits, "notes": notes}
        super().__init__(**options)

    def build(self) -> None:
        for name in ("truth", "guess"):
            self.control(name, widgets.Dropdown(options=list(FAMILIES), description=name))
        self.control("note", widgets.IntSlider(min=0, max=SHOWN - 1, description="note"))
        self.control(
            "show", widgets.ToggleButtons(options=["counts", "percent"], description="show", style={"button_width": "80px"})
        )
        self.beside(self._worst_button())
        self.grid.on("click", self._click)

    def _worst_button(self) -> widgets.Button:
        button = widgets.Button(description="the most frequent mistake", layout={"width": "210px"})
        button.on_click(lambda _: self.set(**self.worst()))
        return button

    def _click(self, panel: str, row: int, column: int) -> None:
        if panel == "counts":
            self.set(truth=FAMILIES[row], guess=FAMILIES[column], note=0)
        elif panel.startswith("note"):
            self.set(note=int(panel.removeprefix("note")))
            self.player.play(1)

    def worst(self) -> dict:
        """The cell off the diagonal with the most notes."""
        wrong = self.result_["counts"] * (1 - np.eye(len(FAMILIES), dtype=int))
        row, column = np.unravel_index(wrong.argmax(), wrong.shape)
        return {"truth": FAMILIES[row], "guess": FAMILIES[column], "note": 0}

    def settle(self, state: dict, changes: dict) -> dict:
        if {"truth", "guess"} & set(changes) and "note" not in changes:
            state["note"] = 0
        return state

    def impossible(self, state: dict) -> str | None:
        for name in ("truth", "guess"):
            if state[name] not in FAMILIES:
                return f"No family is called {state[name]!r}; there are {', '.join(FAMILIES)}."
        return None if state["note"] >= 0 else "Notes are counted from 0."

    def count(self) -> int:
        return min(len(self.result_["members"]), SHOWN)

    def compute(self) -> None:
        guess = self.probability.argmax(1)
        counts = confusion(self.notes.family, guess, len(FAMILIES))
        row, column = FAMILIES.index(self._state["truth"]), FAMILIES.index(self._state["guess"])
        members = ((self.notes.family == row) & (guess == column)).nonzero().flatten()
        members = members[self.probability[members, column].argsort(descending=True, stable=True)]
        self._state["note"] = min(self._state["note"], max(min(len(members), SHOWN) - 1, 0))
        self.result_ = {
            "counts": counts.numpy(),
            "accuracy": accuracy(counts),
            "recall": recall(counts).numpy(),
            "members": members.numpy(),
            "confidence": self.probability[members, column].numpy(),
            "of_truth": int(counts[row].sum()),
        }

    def draw(self) -> None:
        result, names = self.result_, list(FAMILIES)
        row, column = names.index(self._state["truth"]), names.index(self._state["guess"])
        totals = np.maximum(result["counts"].sum(1, keepdims=True), 1)
        shown = 100 * result["counts"] / totals if self._state["show"] == "percent" else result["counts"]
        left = 100 + 11 * CELL + 20
        chances = [f"{100 * c:.0f} %" for c in result["confidence"][:SHOWN]]
        with self.grid.hold_sync():
            self.grid.show(
                [
                    Panel(
                        "counts",
                        shown,
                        x=100,
                        y=32,
                        cell=(CELL, CELL),
                        hi=float(shown.max()),
                        numbers=True,
                        digits=0,
                        click=True,
                        row_names=names,
                        column_names=names,
                        ticks=True,
                        title=f"rows: truth; columns: guess; accuracy {100 * result['accuracy']:.1f} %",
                    ),
                    Panel(
                        "recall",
                        100 * result["recall"][:, None],
                        x=left,
                        y=32,
                        cell=(52, CELL),
                        numbers=True,
                        digits=0,
                        hi=100.0,
                        title="recall %",
                        row_names=names,
                    ),
                    *thumbnails(self.notes[result["members"][:SHOWN]], left + 110, 32, chances),
                ]
            )
            mark = {"panel": "counts", "row": row, "column": column, "height": 1, "width": 1, "ink": "lock"}
            chosen = {"panel": f"note{self._state['note']}", "row": 0, "column": 0, "height": 64, "width": 64, "ink": "lock"}
            self.grid.marks = [mark, chosen] if self.count() else [mark]
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, (row, column, self._state["note"]))

    def verdict(self) -> str:
        """What the open cell says."""
        truth, guess, n, of = self._state["truth"], self._state["guess"], len(self.result_["members"]), self.result_["of_truth"]
        share = f" ({100 * n / of:.0f} %)" if of else ""
        said = f"{n} of {of} {truth} notes{share} were {'recognised' if truth == guess else f'taken for {guess}'}."
        if not self.count():
            return said
        at = int(self.result_["members"][self._state["note"]])
        sure = f"{100 * self.result_['confidence'][self._state['note']]:.0f} %"
        return f"{said} Chosen: {self.notes.label(at)}; the network gives {guess} {sure}."

    def alt(self) -> str:
        found = f"accuracy {100 * self.result_['accuracy']:.1f} %"
        return f"Confusion matrix of {len(self.notes)} notes in 11 families; {found}. {self.verdict()}"

    def tracks(self) -> list[Track]:
        members = self.result_["members"][:SHOWN].tolist()
        if not members:
            return []
        chosen = self.notes.audio(members[self._state["note"]]).numpy()
        together = Track(
            f"these {len(members)}, one after another", lambda: one_after_another(self.notes, members), key=str(members)
        )
        return [together, Track("the chosen note", chosen)]

    def question(self) -> Question:
        worst = self.worst()
        truth = f"{worst['truth']} → {worst['guess']}"
        options = dict.fromkeys(["organ → keyboard", "mallet → bass", "brass → reed", truth])
        return Question("Which mistake will be the most frequent?", sorted(options), lambda: truth)
