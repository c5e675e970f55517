"""What excites a unit: the nine notes it answers most, where in each, and how they sound.

Notebook: 04_cnns. Concepts: helpers/concepts/kernels.py, helpers/concepts/stages.py.
"""

from __future__ import annotations

from typing import ClassVar

import ipywidgets as widgets
import numpy as np
import torch
from torch import nn

from helpers import audio
from helpers.concepts.kernels import feature_map, receptive_fields, responses, top
from helpers.concepts.stages import stages
from helpers.datasets.notes import FAMILIES, Notes
from helpers.explorers.base import Explorer
from helpers.explorers.parts.sources import mel_names
from helpers.explorers.parts.thumbnails import EACH, SHOWN, one_after_another, thumbnails
from helpers.explorers.question import Question
from helpers.views import Panel, Track

SHAPE = (1, 64, 64)  # of one input


class Activations(Explorer):
    """A unit of a convolutional layer, and the notes that excite it most (or least).

    model: a network that takes (note, 1, 64, 64); notes: what to search. State: layer (which stage, counted from 0: a
    convolution or a residual block, after its ReLU), unit (which of its channels), order (most or least), note (which of
    the nine is chosen).
    """

    axis: ClassVar[str] = "note"
    defaults: ClassVar[dict] = {"layer": 0, "unit": 0, "order": "most", "note": 0}

    def __init__(self, model: nn.Module, notes: Notes, **options: object) -> None:
        self.model, self.notes, self.given = model, notes, {"model": model, "notes": notes}
        if not any(isinstance(module, nn.Conv2d) for module in model.modules()):
            raise ValueError(f"{type(model).__name__} has no convolution (nn.Conv2d); give a network that has one.")
        found = stages(model, SHAPE)
        self.names, self.layers = list(found), list(found.values())
        if len(notes) < SHOWN:
            raise ValueError(f"{len(notes)} notes are too few to choose nine from; give at least {SHOWN}.")
        self._responses: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}
        self._fields: dict[tuple[int, int, int], tuple[int, int, int, int]] = {}
        super().__init__(**options)

    def build(self) -> None:
        offered = [(name, i) for i, name in enumerate(self.names)]
        self.control("layer", widgets.Dropdown(options=offered, description="layer"))
        self.control("unit", widgets.IntSlider(min=0, max=self.units(self._state["layer"]) - 1, description="unit"))
        self.control(
            "order", widgets.ToggleButtons(options=["most", "least"], description="excite", style={"button_width": "70px"})
        )
        self.control("note", widgets.IntSlider(min=0, max=SHOWN - 1, description="note"))
        self.grid.on("click", self._click)

    def _click(self, panel: str, row: int, column: int) -> None:
        if panel.startswith("note"):
            self.set(note=int(panel.removeprefix("note")))
            self.player.play(1)

    def settle(self, state: dict, changes: dict) -> dict:
        if 0 <= state["layer"] < len(self.layers) and "layer" in changes and "unit" not in changes:
            state["unit"] = min(state["unit"], self.units(state["layer"]) - 1)
        if {"layer", "unit", "order"} & set(changes) and "note" not in changes:
            state["note"] = 0
        return state

    def impossible(self, state: dict) -> str | None:
        if not 0 <= state["layer"] < len(self.layers):
            return f"The network has layers 0 to {len(self.layers) - 1}, not {state['layer']}."
        units = self.units(state["layer"])
        if not 0 <= state["unit"] < units:
            return f"Layer {state['layer']} has units 0 to {units - 1}, not {state['unit']}."
        if not 0 <= state["note"] < SHOWN or state["order"] not in ("most", "least"):
            return f"note is 0 to {SHOWN - 1} and order is most or least."
        return None

    def count(self) -> int:
        return SHOWN

    def responses(self, layer: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Each note's strongest activation of each unit and where it is, computed once a layer."""
        if layer not in self._responses:
            self._responses[layer] = responses(self.model, self.layers[layer], self.notes.mel[:, None])
        return self._responses[layer]

    def units(self, layer: int) -> int:
        """How many units (channels) a layer has."""
        return self.responses(layer)[0].shape[1]

    def fields(self, layer: int, places: list[tuple[int, int]]) -> list[tuple[int, int, int, int]]:
        """What cells of a layer see of the note, looked for once a cell."""
        new = [place for place in dict.fromkeys(places) if (layer, *place) not in self._fields]
        if new:
            boxes = receptive_fields(self.model, self.layers[layer], SHAPE, new)
            self._fields |= {(layer, *place): box for place, box in zip(new, boxes, strict=True)}
        return [self._fields[layer, *place] for place in places]

    def compute(self) -> None:
        state = self._state
        strongest, where = self.responses(state["layer"])
        best = top(strongest, state["unit"], SHOWN, most=state["order"] == "most")
        layer, unit = self.layers[state["layer"]], state["unit"]
        places = [tuple(place) for place in where[best, unit].tolist()]
        chosen = int(best[state["note"]])
        means = [strongest[self.notes.family == k, unit] for k in range(len(FAMILIES))]
        self.result_ = {
            "notes": best.numpy(),
            "activation": strongest[best, unit].numpy(),
            "fields": self.fields(state["layer"], places),
            "map": feature_map(self.model, layer, self.notes.mel[chosen][None], unit).cpu().numpy(),
            "family_mean": np.array([float(m.mean()) if len(m) else 0.0 for m in means]),
            "place": list(places[state["note"]]),
        }

    def draw(self) -> None:
        result, state = self.result_, self._state
        chosen = self.notes[result["notes"].tolist()]
        said = [f"{a:.2f}" for a in result["activation"]]
        fields = zip(range(SHOWN), result["fields"], strict=True)
        boxes = [
            {"panel": f"note{i}", "row": r, "column": c, "height": h, "width": w, "ink": "window", "weight": 2}
            for i, (r, c, h, w) in fields
            if result["activation"][i]  # what is silent everywhere answers no part
        ]
        rows, columns = result["map"].shape
        side = 320 / max(rows, columns)
        self.controls["unit"].max = self.units(state["layer"]) - 1
        with self.grid.hold_sync():
            self.grid.show(
                [
                    *thumbnails(chosen, 8, 32, said),
                    Panel(
                        "map",
                        result["map"],
                        x=520,
                        y=32,
                        cell=(side, side),
                        flip=True,
                        title=f"{self.names[state['layer']]}: unit {state['unit']} on note {state['note']}, {rows}×{columns}",
                        **_colours(result["map"]),
                    ),
                    Panel(
                        "family_mean",
                        result["family_mean"][:, None],
                        x=960,
                        y=32,
                        cell=(70, 29),
                        numbers=True,
                        row_names=list(FAMILIES),
                        ticks=True,
                        title="mean by family",
                        **_colours(result["family_mean"]),
                    ),
                ]
            )
            here = {
                "panel": "map",
                "row": result["place"][0],
                "column": result["place"][1],
                "height": 1,
                "width": 1,
                "ink": "window",
            }
            lock = {"panel": f"note{state['note']}", "row": 0, "column": 0, "height": 64, "width": 64, "ink": "lock"}
            self.grid.marks = [*boxes, *([here] if result["activation"][state["note"]] else []), lock]
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, (state["layer"], state["unit"], state["order"], state["note"]))

    def verdict(self) -> str:
        """The chosen note, how strongly the unit answers it, and to which part."""
        i = self._state["note"]
        row, column, height, width = self.result_["fields"][i]
        hertz, _ = mel_names()
        said = f"{self.notes.label(int(self.result_['notes'][i]))}: activation {self.result_['activation'][i]:.2f}"
        if not self.result_["activation"][i]:
            return f"{said}: the unit is silent everywhere."
        return (
            f"{said}, from {hertz[row]} to {hertz[row + height - 1]}, "
            f"{column * audio.HOP / audio.RATE:.2f} to {(column + width) * audio.HOP / audio.RATE:.2f} s."
        )

    def alt(self) -> str:
        families = [FAMILIES[int(f)] for f in self.notes.family[self.result_["notes"].tolist()]]
        said = ", ".join(f"{families.count(f)} {f}" for f in dict.fromkeys(families))
        unit = f"unit {self._state['unit']} of layer {self._state['layer']} ({self.names[self._state['layer']]})"
        return f"The nine notes that excite {unit} {self._state['order']}: {said}. {self.verdict()}"

    def tracks(self) -> list[Track]:
        which = self.result_["notes"].tolist()
        middles = [(c + w / 2) * audio.HOP / audio.RATE for _, c, _, w in self.result_["fields"]]
        starts = [max(m - EACH / 2, 0.0) for m in middles]
        together = Track(
            "all nine, around their peaks", lambda: one_after_another(self.notes, which, starts), key=f"{which}{starts}"
        )
        return [together, Track("the chosen note", self.notes.audio(which[self._state["note"]]).numpy())]

    def question(self) -> Question:
        families = [FAMILIES[int(f)] for f in self.notes.family[self.result_["notes"].tolist()]]
        several = "several families"
        truth = families[0] if len(set(families)) == 1 else several
        return Question(
            "Do the nine notes that excite this unit most come from one family?",
            list(dict.fromkeys([truth, several, "bass", "vocal"])),
            lambda: truth,
            "Early units answer shapes (an onset, a partial), whatever instrument makes them.",
        )


def _colours(values: np.ndarray) -> dict:
    """From 0 up after a ReLU; where there is a minus, with 0 in the middle."""
    reach = max(float(np.abs(values).max()), 1e-9)
    return {"hi": reach} if values.min() >= 0 else {"palette": "diverging", "lo": -reach, "hi": reach}
