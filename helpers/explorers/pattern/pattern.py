"""Draw a kernel and hear what it fires on: find the one that picks the rising glissandi out of a phrase.

Notebook: 04_cnns. Concepts: helpers/concepts/pattern.py, helpers/concepts/convolution.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import ipywidgets as widgets
import numpy as np
import torch

from helpers import audio
from helpers.concepts import convolution as maths
from helpers.concepts.pattern import Event, matches, precision_recall, strongest
from helpers.explorers.base import Explorer
from helpers.explorers.parts.brush import brush
from helpers.explorers.parts.numerals import number
from helpers.explorers.parts.sources import fit, kernel_menu, mel_names, shape_of
from helpers.explorers.pattern.phrase import KINDS, phrase
from helpers.explorers.question import Question
from helpers.views import Panel, Track

CELL = 6  # px of one cell of the pictures
SIZES = (3, 5, 7)


class Pattern(Explorer):
    """A phrase of held tones, glissandi and a click; a kernel to draw; where, and on what, it fires.

    State: kernel (blank, drawn, or a preset made to sum to 0), size 3, 5 or 7, weights (of a drawn kernel, rows ×
    columns, row 0 the lowest frequency), threshold (which share of the strongest response counts as a match).
    """

    defaults: ClassVar[dict] = {"kernel": "blank", "size": 5, "weights": None, "threshold": 0.7}
    presets: ClassVar[dict[str, dict]] = {name: {"kernel": name} for name in ("rising", "falling", "held", "onset", "blur")}

    def build(self) -> None:
        self.control("kernel", widgets.Dropdown(options=[("blank", "blank"), *kernel_menu()], description="kernel"))
        self.control("size", widgets.ToggleButtons(options=list(SIZES), description="size", style={"button_width": "44px"}))
        self.control("threshold", widgets.FloatSlider(min=0.3, max=1.0, step=0.05, description="threshold"))
        brush(self)
        self.grid.on("paint", self._paint)

    def _paint(self, panel: str, row: int, column: int, value: float) -> None:
        weights = self.result_["kernel"].copy()
        weights[row, column] = value
        self.set(kernel="drawn", weights=weights.tolist())

    def settle(self, state: dict, changes: dict) -> dict:
        if changes.get("weights") is not None and "kernel" not in changes:
            state["kernel"] = "drawn"
        if state["kernel"] != "drawn":
            state["weights"] = None
        elif state["size"] in SIZES and changes.get("weights") is None:
            last = self.result_.get("kernel", np.zeros((1, 1)))
            state["weights"] = fit(last[None], (1, state["size"], state["size"]))[0].tolist()
        return state

    def impossible(self, state: dict) -> str | None:
        weights = state["weights"]
        if state["size"] not in SIZES:
            return f"A kernel of size {state['size']} has no middle cell to stand on; choose 3, 5 or 7."
        if weights is not None and shape_of(weights) != (state["size"],) * 2:
            return (
                f"Weights of shape {shape_of(weights)} make no kernel of size {state['size']}; "
                f"give {state['size']} rows of {state['size']} numbers."
            )
        if not 0 < state["threshold"] <= 1:
            return f"A threshold of {state['threshold']} is no share of the strongest response; choose more than 0, at most 1."
        return None

    def kernel(self) -> torch.Tensor:
        """The kernel; a preset is shifted to sum to 0, so that an even loudness gives 0."""
        if self._state["weights"] is not None:
            return torch.tensor(self._state["weights"], dtype=torch.float64)
        if self._state["kernel"] in ("blank", "drawn"):
            return torch.zeros(self._state["size"], self._state["size"], dtype=torch.float64)
        preset = maths.kernel(self._state["kernel"], self._state["size"])
        return preset if self._state["kernel"] == "blur" else preset - preset.mean()

    def compute(self) -> None:
        kernel, threshold = self.kernel(), self._state["threshold"]
        _, mel, events = phrase()
        slide = maths.Slide(len(kernel), len(kernel), padding=len(kernel) // 2)
        response = maths.convolve(mel.double()[None], kernel[None], slide)
        precision, recall = precision_recall(response, list(events), "rising", threshold)
        self.result_ = {
            "kernel": kernel.numpy(),
            "response": response.numpy(),
            "sum": float(kernel.sum()),
            "strongest": np.array([strongest(response, event) for event in events]),
            "matches": matches(response, threshold).numpy(),
            "precision": precision,
            "recall": recall,
        }

    def draw(self) -> None:
        _, mel, events = phrase()
        result, (rows, columns) = self.result_, mel_names()
        looks = {"cell": (CELL, CELL), "flip": True, "digits": 2, "row_names": rows, "column_names": columns, "ticks": True}
        reach = max(float(np.abs(result["response"]).max()), 1e-9)
        peak = max(float(result["strongest"].max()), 1e-9)
        side = 180 // self._state["size"]
        with self.grid.hold_sync():
            self.grid.show(
                [
                    Panel(
                        "kernel",
                        result["kernel"],
                        x=8,
                        y=32,
                        cell=(side, side),
                        title="draw the kernel",
                        edit=True,
                        numbers=True,
                        flip=True,
                        digits=0 if np.all(result["kernel"] == result["kernel"].round()) else 2,
                        **self._range(),
                    ),
                    Panel(
                        "strongest",
                        result["strongest"][:, None],
                        x=96,
                        y=260,
                        cell=(92, 27),
                        title="strongest response",
                        numbers=True,
                        lo=0.0,
                        hi=peak,
                        row_names=[f"{i + 1}. {e.kind}" for i, e in enumerate(events)],
                        ticks=True,
                    ),
                    Panel("phrase", mel.numpy(), x=286, y=32, title="the phrase; outlined: what the kernel matches", **looks),
                    Panel(
                        "response",
                        result["response"],
                        x=758,
                        y=32,
                        title="response",
                        palette="diverging",
                        lo=-reach,
                        hi=reach,
                        **looks,
                    ),
                ]
            )
            self.grid.marks = _runs(result["matches"])
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, result["matches"].tobytes())

    def _range(self) -> dict:
        reach = max(float(np.abs(self.result_["kernel"]).max()), 1.0)
        return {"palette": "diverging", "lo": -reach, "hi": reach}

    def verdict(self) -> str:
        """What the kernel found, in one sentence."""
        result = self.result_
        if not result["matches"].any():
            return (
                "The kernel fires nowhere. Draw on it: +1 where you expect energy, −1 where you expect none, "
                "and balance them, so that they add up to about 0."
            )
        share, found = round(100 * result["precision"]), round(2 * result["recall"])
        said = f"{share} % of the matches lie in rising glissandi; {found} of 2 are found."
        if abs(result["sum"]) > 1e-6:
            said += f" The weights add up to {number(result['sum'], 2)}: even a steady loudness makes it fire or stay dark."
        return said

    def alt(self) -> str:
        _, _, events = phrase()
        said = _listed(_by_kind(self.result_["strongest"], events))
        size, name = self._state["size"], self._state["kernel"]
        return f"A {size}×{size} kernel ({name}) on a phrase. Strongest response: {said}. {self.verdict()}"

    def tracks(self) -> list[Track]:
        x, _, _ = phrase()
        found = torch.as_tensor(self.result_["matches"]).double()
        slide = maths.Slide(*self.result_["kernel"].shape, padding=len(self.result_["kernel"]) // 2)

        def heard() -> np.ndarray:
            return audio.keep(x, maths.spread(found, slide, (64, 64)).float()).numpy()

        return [Track("the phrase", x.numpy()), Track("only the matches", heard, key=repr(self._state))]

    def question(self) -> Question:
        rising = maths.kernel("rising", 5)
        response = maths.convolve(phrase()[1].double()[None], rising[None], maths.Slide(5, 5, padding=2))
        events = phrase()[2]
        found = _by_kind([strongest(response, event) for event in events], events)
        best = max(found, key=found.get)
        return Question(
            "Put +1 on the rising diagonal and −1 everywhere else (not summing to 0). On what does it fire most strongly?",
            [*KINDS],
            lambda: best,
            f"The weights add up to {number(float(rising.sum()), 0)}. A sounding line is thicker than the diagonal: on it, even "
            "where it rises, the −1s win. It fires only where its window is nearly empty: between two partials of a falling "
            f"glissando the two ends of the diagonal touch both. Strongest: {_listed(found)}.",
        )


def _by_kind(strongest: Iterable[float], events: Iterable[Event]) -> dict[str, float]:
    """The strongest response to any event of each kind."""
    return {kind: max(s for s, e in zip(strongest, events, strict=True) if e.kind == kind) for kind in KINDS}


def _listed(kinds: dict[str, float]) -> str:
    return ", ".join(f"{kind} {number(value, 2)}" for kind, value in kinds.items())


def _runs(found: np.ndarray) -> list[dict]:
    """Matching cells as outlines, cells side by side in a row joined."""
    marks = []
    for row, cells in enumerate(found):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], cells.astype(int), [0]])))
        marks += [
            {"panel": "phrase", "row": row, "column": int(a), "height": 1, "width": int(b - a), "ink": "match", "weight": 1.5}
            for a, b in zip(edges[::2], edges[1::2], strict=True)
        ]
    return marks
