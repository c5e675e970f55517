"""From logits to probabilities to cross-entropy and its gradient; the probabilities are heard as a chord.

Notebook: 02_loss_functions. Concept: helpers/concepts/cross_entropy.py. The picture: helpers/explorers/softmax/bars.py.
"""

from __future__ import annotations

import math
from typing import ClassVar

import ipywidgets as widgets
import torch

from helpers import audio
from helpers.concepts import cross_entropy as maths
from helpers.explorers.base import Explorer
from helpers.explorers.parts.numerals import number
from helpers.explorers.question import Question
from helpers.explorers.softmax import bars
from helpers.views import Grid, Stage, Track

NOTES = {"C4": 60, "E4": 64, "G4": 67, "A4": 69, "C5": 72, "D5": 74, "E5": 76, "G5": 79}  # a class each, MIDI pitch
REACH = 8.0  # logits are dragged from -REACH to REACH
WEIGHTS = (0.2, 0.5, 1.0, 2.0, 5.0)
TEMPERATURES = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)


class Softmax(Explorer):
    """Logits to drag, the probabilities that softmax makes of them, and the cross-entropy with a target class.

    State: logits (2 to 8, one for each class, from −8 to 8), temperature, target (number of the true class), smoothing
    (share of the target that all classes get alike), weight (of the true class: how much its mistakes count), chosen (the
    class whose formula is written out).
    """

    view: ClassVar[type[Grid]] = Stage
    defaults: ClassVar[dict] = {
        "logits": [2.0, 1.0, 0.0, -1.0], "temperature": 1.0, "target": 0, "smoothing": 0.0, "weight": 1.0, "chosen": 0,
    }  # fmt: skip
    presets: ClassVar[dict[str, dict]] = {
        "knowing nothing": {"logits": [0.0] * 4},
        "sure and right": {"logits": [7.0, 0.0, 0.0, 0.0]},
        "sure and wrong": {"logits": [-4.0, 7.0, 0.0, 0.0]},
        "two candidates": {"logits": [3.0, 3.0, -2.0, -2.0]},
        "only two classes": {"logits": [1.5, 0.0]},
        "hot": {"temperature": 10.0},
        "cold": {"temperature": 0.1},
        "eight classes": {"logits": [0.5, 2.0, -1.0, 3.0, 0.0, 1.0, -2.0, 0.3], "target": 3},
    }

    def build(self) -> None:
        self._classes = widgets.BoundedIntText(min=2, max=len(NOTES), description="classes", layout={"width": "150px"})
        self._classes.observe(self._resize, "value")
        self.control("target", widgets.IntSlider(min=0, max=len(NOTES) - 1, description="true class"))
        self.control("temperature", widgets.SelectionSlider(options=TEMPERATURES, description="temp. T"))
        self.control("smoothing", widgets.FloatSlider(min=0, max=0.5, step=0.05, description="smoothing"))
        self.control("weight", widgets.SelectionSlider(options=WEIGHTS, description="its weight"))
        self.beside(self._classes)
        self.grid.on("drag", self._drag)
        self.grid.on("drop", self._drag)
        self.grid.on("over", lambda panel, x, y: self._point(x))
        self.grid.on("place", lambda panel, x, y, shift: self._point(x))

    def _resize(self, change: dict) -> None:
        if change["new"] != len(self._state["logits"]):
            self.set(logits=(self._state["logits"] + [0.0] * len(NOTES))[: change["new"]])

    def _drag(self, panel: str, layer: str, index: int, x: float, y: float) -> None:
        logits = self._state["logits"].copy()
        logits[index] = min(max(round(float(y), 2), -REACH), REACH)
        self.set(logits=logits, chosen=index)

    def _point(self, x: float) -> None:
        """Write out the formula of the class under the pointer."""
        index = min(max(round(x), 0), len(self._state["logits"]) - 1)
        if index != self._state["chosen"]:
            self.set(chosen=index)

    def settle(self, state: dict, changes: dict) -> dict:
        last = max(len(state["logits"]) - 1, 0)
        if "target" not in changes:
            state["target"] = min(state["target"], last)
        if "chosen" not in changes:
            state["chosen"] = min(state["chosen"], last)
        return state

    def impossible(self, state: dict) -> str | None:
        logits = state["logits"]
        if not all(isinstance(z, int | float) and not isinstance(z, bool) and abs(z) <= REACH for z in logits):
            return f"logits={logits!r}; give each class a number from −{REACH:g} to {REACH:g}."
        if not 2 <= len(logits) <= len(NOTES):
            return f"{len(logits)} classes; the picture has room for 2 to {len(NOTES)}."
        for name in ("target", "chosen"):
            if not 0 <= state[name] < len(logits):
                return f"{name}={state[name]}; the classes are numbered from 0 to {len(logits) - 1}."
        if not state["temperature"] > 0:
            return f"A temperature of {state['temperature']:g}: logits are divided by it; choose more than 0."
        if not 0 <= state["smoothing"] < 1:
            return f"A smoothing of {state['smoothing']:g} leaves nothing for the true class; choose from 0 to below 1."
        if not state["weight"] > 0:
            return f"A weight of {state['weight']:g}: the true class would not count; choose more than 0."
        return None

    def compute(self) -> None:
        z, temperature = torch.tensor(self._state["logits"], dtype=torch.float64), self._state["temperature"]
        y = maths.smoothed(torch.tensor(self._state["target"]), len(z), self._state["smoothing"])
        weights = torch.ones_like(z)
        weights[self._state["target"]] = self._state["weight"]
        counted = weights * y
        self.result_ = {
            "logits": z.numpy(),
            "scaled": (z / temperature).numpy(),
            "exponentials": (z / temperature).exp().numpy(),
            "probabilities": maths.softmax(z, temperature).numpy(),
            "log probabilities": maths.log_softmax(z, temperature).numpy(),
            "targets": y.numpy(),
            "counted": counted.numpy(),
            "terms": -(counted * maths.log_softmax(z, temperature)).numpy(),
            "loss": float(maths.cross_entropy(z, counted, temperature)),
            "gradient": maths.cross_entropy_slope(z, counted, temperature).numpy(),
            "knowing nothing": float(maths.cross_entropy(torch.zeros_like(z), counted)),
        }

    def draw(self) -> None:
        planes, labels = bars.layout(self.result_, self._state, list(NOTES), REACH)
        with self.grid.hold_sync():
            self.grid.show(planes, labels)
            self.grid.caption = self.verdict()
        self.controls["target"].max = len(self._state["logits"]) - 1
        self._classes.value = len(self._state["logits"])
        self.player.offer(self.tracks, self._heard())

    def _heard(self) -> str:
        return repr((self._state["logits"], self._state["temperature"]))

    def verdict(self) -> str:
        """The loss, compared with that of knowing nothing."""
        loss, nothing, n = self.result_["loss"], self.result_["knowing nothing"], len(self._state["logits"])
        compared = "as much as" if math.isclose(loss, nothing, abs_tol=5e-4) else "less than" if loss < nothing else "more than"
        cost = f"ln {n} = {number(nothing, 3)}" if self._state["weight"] == 1 else f"{number(nothing, 3)} with this weight"
        return f"Cross-entropy {number(loss, 3)}: {compared} knowing nothing, {cost}."

    def alt(self) -> str:
        names = list(NOTES)
        said = ", ".join(f"{name} {number(p, 3)}" for name, p in zip(names, self.result_["probabilities"], strict=False))
        return (
            f"Probabilities at temperature {self._state['temperature']:g}: {said}. Target {names[self._state['target']]}, "
            f"smoothing {number(self._state['smoothing'], 2)}, weight {self._state['weight']:g}. {self.verdict()}"
        )

    def tracks(self) -> list[Track]:
        probabilities, key = self.result_["probabilities"].tolist(), self._heard()
        pitches = list(NOTES.values())[: len(probabilities)]

        def notes(seconds: float) -> torch.Tensor:
            return torch.stack([audio.tone(audio.hertz(p), seconds, harmonics=4, peak=0.25) for p in pitches])

        def together() -> torch.Tensor:
            return (torch.tensor(probabilities).float()[:, None] * notes(2.0)).sum(0)

        def in_turn() -> torch.Tensor:
            return (torch.tensor(probabilities).float()[:, None] * notes(0.4)).flatten()

        return [
            Track("the chord: each note as loud as it is probable", lambda: together().numpy(), key=key),
            Track("the same notes in turn", lambda: in_turn().numpy(), key=key),
        ]

    def question(self) -> Question:
        z = torch.tensor(self.defaults["logits"], dtype=torch.float64)
        colder, same = maths.softmax(z, 0.1), maths.softmax(z + 100)
        truth = "one note alone" if colder.max() > 0.99 and torch.allclose(same, maths.softmax(z)) else "all notes alike"
        return Question(
            "Four logits, 2, 1, 0 and −1, become a chord: each note as loud as it is probable. "
            "What do you hear at temperature 0.1?",
            ["all notes alike", "one note alone", "the same chord, louder"],
            lambda: truth,
            f"Dividing by 0.1 makes the differences ten times as large: the first class gets {colder[0]:.4f}.",
        )
