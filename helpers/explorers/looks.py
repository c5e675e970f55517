"""Where a Vision Transformer looks: how much its class token attends to each square of a note, head by head.

Notebook: 06_transformers. Model: helpers/models/vit.py.
"""

from __future__ import annotations

from typing import ClassVar

import ipywidgets as widgets
import numpy as np
import torch

from helpers import audio
from helpers.datasets.notes import FAMILIES, Notes
from helpers.explorers.base import Explorer
from helpers.explorers.parts.numerals import share
from helpers.explorers.parts.sources import mel_names
from helpers.explorers.question import Question
from helpers.models.vit import ViT
from helpers.views import Panel, Track

ALL = "all"
SIDE = 320  # px of the note's picture


class Looks(Explorer):
    """A note, and the squares of it that the class token looks at.

    model: a ViT; notes: what to show it. State: layer (counted from 0), head (a number, or all of them), note
    (which).
    """

    axis: ClassVar[str] = "note"
    defaults: ClassVar[dict] = {"layer": 0, "head": ALL, "note": 0}

    def __init__(self, model: ViT, notes: Notes, **options: object) -> None:
        self.model, self.notes, self.given = model, notes, {"model": model, "notes": notes}
        if not len(notes):
            raise ValueError("There is no note to look at; give at least one.")
        self._seen: dict[int, tuple[torch.Tensor, int]] = {}
        super().__init__(**options)

    def build(self) -> None:
        layers, heads = self.seen(0)[0].shape[:2]
        self.control("note", widgets.IntSlider(min=0, max=len(self.notes) - 1, description="note"))
        self.control("layer", widgets.Dropdown(options=list(range(layers)), description="layer"))
        self.control("head", widgets.Dropdown(options=[ALL, *map(str, range(heads))], description="head"))
        self.grid.on("click", lambda panel, row, column: self.set(head=panel.removeprefix("head ")))

    def impossible(self, state: dict) -> str | None:
        layers, heads = self.seen(0)[0].shape[:2]
        if not 0 <= state["note"] < len(self.notes):
            return f"There are notes 0 to {len(self.notes) - 1}, not {state['note']}."
        if not 0 <= state["layer"] < layers:
            return f"The network has layers 0 to {layers - 1}, not {state['layer']}."
        if state["head"] not in [ALL, *map(str, range(heads))]:
            return f"No head is called {state['head']!r}; choose {ALL}, or 0 to {heads - 1}."
        return None

    def count(self) -> int:
        return len(self.notes)

    def seen(self, note: int) -> tuple[torch.Tensor, int]:
        """Attention of the class token to each square, (layer, head, row, column), and the family it names; looked up once."""
        if note not in self._seen:
            mode = self.model.training
            x = self.notes.mel[note][None, None]
            looks, logits = self.model.eval().looks(x)
            self._seen[note] = looks[0], int(logits.argmax())
            self.model.train(mode)
        return self._seen[note]

    def compute(self) -> None:
        state = self._state
        looks, guess = self.seen(state["note"])
        heads = looks[state["layer"]].double().numpy()  # (head, row, column)
        weights = heads.mean(0) if state["head"] == ALL else heads[int(state["head"])]
        row, column = np.unravel_index(weights.argmax(), weights.shape)
        self.result_ = {
            "heads": heads,
            "weights": weights,
            "most": float(weights.max()),
            "square": [int(row), int(column)],
            "itself": float(1 - weights.sum()),
            "guess": FAMILIES[guess],
            "truth": FAMILIES[int(self.notes.family[state["note"]])],
        }

    def draw(self) -> None:
        result, state = self.result_, self._state
        picture = self.notes.mel[state["note"]].numpy()
        cells, squares = len(picture), len(result["weights"])
        patch = cells // squares
        looked = {"lo": 0.0, "hi": result["most"], "flip": True}
        who = "all heads, mean" if state["head"] == ALL else f"head {state['head']}"
        small = 12 * 8 / squares
        panels = [
            Panel("note", picture, x=20, y=32, cell=(SIDE / cells,) * 2, flip=True, title=f"note {state['note']}"),
            Panel("looks", result["weights"], x=370, y=32, cell=(SIDE / squares,) * 2, title=f"attention of {who}", **looked),
        ]
        for k, weights in enumerate(result["heads"]):
            place = {"x": 720 + 116 * (k % 3), "y": 32 + 124 * (k // 3), "cell": (small, small)}
            hi = float(result["heads"].max())
            panels.append(Panel(f"head {k}", weights, **place, title=f"head {k}", click=True, whole=True, flip=True, hi=hi))
        row, column = result["square"]
        here = {"row": row, "column": column, "height": 1, "width": 1, "ink": "window", "weight": 2}
        on_note = {"row": row * patch, "column": column * patch, "height": patch, "width": patch, "ink": "window", "weight": 2}
        chosen = {"row": 0, "column": 0, "height": squares, "width": squares, "ink": "lock", "panel": f"head {state['head']}"}
        with self.grid.hold_sync():
            self.grid.show(panels)
            self.grid.count, self.grid.position = self.count(), state["note"]
            marks = [{"panel": "looks", **here}, {"panel": "note", **on_note}]
            self.grid.marks = marks + ([chosen] if state["head"] != ALL else [])
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, self._heard())

    def verdict(self) -> str:
        """What the network says of the note, and where the class token looks most."""
        result, state = self.result_, self._state
        row, column = result["square"]
        squares = len(result["weights"])
        patch = len(self.notes.mel[0]) // squares
        hertz, _ = mel_names()
        seconds = [place * patch * audio.HOP / audio.RATE for place in (column, column + 1)]
        right = "which is right" if result["guess"] == result["truth"] else f"but it is {result['truth']}"
        return (
            f"{self.notes.label(state['note'])}: it says {result['guess']}, {right}. It looks most ({share(result['most'])}) at "
            f"{hertz[row * patch]} to {hertz[(row + 1) * patch - 1]}, {seconds[0]:.2f} to {seconds[1]:.2f} s; "
            f"an even look would give each square {share(1 / squares**2)}."
        )

    def alt(self) -> str:
        state = self._state
        head = "the mean of all heads" if state["head"] == ALL else f"head {state['head']}"
        return f"Attention of the class token in layer {state['layer']}, {head}. {self.verdict()}"

    def tracks(self) -> list[Track]:
        note = self._state["note"]
        return [
            Track("the note", lambda: self.notes.audio(note).numpy(), key=self.notes.label(note)),
            Track("as loud as it is looked at", self._by_looks, key=self._heard()),
        ]

    def _heard(self) -> str:
        return f"{self.notes.label(self._state['note'])} {self._state}"

    def _by_looks(self) -> np.ndarray:
        """The note, each stretch of time turned down to how much is looked at it, compared with the most."""
        x, looked = self.notes.audio(self._state["note"]).numpy(), self.result_["weights"].sum(0)
        middles = (np.arange(len(looked)) + 0.5) * len(self.notes.mel[0][0]) / len(looked) * audio.HOP
        return (x * np.interp(np.arange(len(x)), middles, looked / looked.max())).astype(np.float32)

    def question(self) -> Question:
        options = ["its beginning", "its middle", "its end"]
        third = int(3 * (self.result_["square"][1] + 0.5) / len(self.result_["weights"]))
        return Question("Which part of the note does the class token look at most?", options, options[third], self.verdict())
