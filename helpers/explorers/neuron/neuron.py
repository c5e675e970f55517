"""One neuron, or a few, between two kinds of sounds: drag the line, the points, the weights; see it learn, hear it decide.

Notebook: 01_neurons. Concepts: helpers/concepts/neuron.py, learning.py. The picture: helpers/explorers/neuron/plane.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import ipywidgets as widgets
import numpy as np

from helpers.concepts.neuron import Net, weights_of
from helpers.datasets import toys
from helpers.explorers.base import Explorer
from helpers.explorers.neuron import plane, setting, sound, words
from helpers.explorers.neuron.numbers import BOX, numbers
from helpers.explorers.neuron.setting import FRAMES, MOST_WEIGHT, OFFERED
from helpers.explorers.parts.dial import LogSlider
from helpers.explorers.question import Question
from helpers.views import Stage, Track
from helpers.views.grid import Grid

QUICK = 300  # steps of training that a network goes through while a point is dragged


class Neuron(Explorer):
    """Two classes of sounds on a plane, and a neuron that tells them apart; or a network of up to three hidden layers.

    sounds, labels: your own waveforms at 16 kHz and their classes, 0 or 1; then data="yours" is offered. State: data
    (which sounds), points ([x1, x2, class] of each, if they were moved), noise, seed (of weights and batches, and of points
    that nobody moved); layers 0–3 and units 1–8 (hidden), activation (of the hidden units; without any, of the neuron), loss
    (cross-entropy and hinge look at z, squared at the output), optimiser, lr, rates ([step, lr] pairs: from that step on),
    batch, steps, bias (False: it stays 0), w1, w2, b (of a single neuron, before the first step), brush (the class of a new
    point), picked (a point, or −1), unit (whose map: "output", or "1.3" for layer 1, unit 3), position (in hundredths of the
    steps).
    """

    view: ClassVar[type[Grid]] = Stage
    axis: ClassVar[str] = "position"
    defaults: ClassVar[dict] = {
        "data": "plucked vs bowed",
        "points": None,
        "noise": 0.1,
        "seed": 0,
        "layers": 0,
        "units": 4,
        "activation": "sigmoid",
        "loss": "cross-entropy",
        "optimiser": "SGD",
        "lr": 0.3,
        "rates": [[0, 0.3]],
        "batch": 16,
        "steps": 100,
        "bias": True,
        "w1": 0.3874,
        "w2": -0.6511,
        "b": -0.6492,
        "brush": 0,
        "picked": -1,
        "unit": "output",
        "position": 0,
    }
    _deep: ClassVar[dict] = {"activation": "tanh", "optimiser": "Adam", "lr": 0.05, "steps": 300}
    presets: ClassVar[dict[str, dict]] = {
        "kick or hi-hat": {"data": "kick vs hi-hat"},
        "plucked or bowed": {},
        "two Gaussians": {"data": "two Gaussians", "steps": 300, "lr": 1.0},
        "without bias": {"data": "two Gaussians", "steps": 300, "lr": 1.0, "bias": False},
        "a step that cannot learn": {"activation": "step", "loss": "squared"},
        "thirds, one neuron": {"data": "thirds", "steps": 300},
        "thirds, a hidden layer": {"data": "thirds", "layers": 1, "units": 4, **_deep},
        "circle": {"data": "circle", "layers": 1, "units": 4, **_deep},
        "two spirals": {"data": "two spirals", "layers": 2, "units": 8, **_deep, "steps": 3000, "batch": 60},
    }

    def __init__(self, sounds: Iterable | None = None, labels: Iterable | None = None, **options: object) -> None:
        self.sounds, self.own, self.own_ticks = None, None, ([], [])
        if sounds is not None:
            self.given = {"sounds": sounds, "labels": labels}
            self.sounds = [np.asarray(x, dtype=np.float32) for x in sounds]
            self.own, self.own_ticks = setting.placed(self.sounds, labels)
            options = {"data": "yours", **options}
        super().__init__(**options)

    @classmethod
    def of(cls, sounds: Iterable, labels: Iterable, **options: object) -> Neuron:
        """The neuron between your own sounds: their centroid and attack are measured, labels are 0 or 1."""
        return cls(sounds, labels, **options)

    def build(self) -> None:
        data = [name for name in OFFERED["data"] if name != "yours" or self.own is not None]
        for name, options in {**OFFERED, "data": data}.items():
            self.control(name, widgets.Dropdown(options=list(options), description=name))
        for name, least, most in (("layers", 0, 3), ("units", 1, 8), ("batch", 1, 60), ("seed", 0, 20)):
            self.control(name, widgets.IntSlider(min=least, max=most, description=name))
        self.control("noise", widgets.FloatSlider(min=0.0, max=0.5, step=0.05, description="noise"))
        self.control("lr", LogSlider(min=-3, max=1, step=0.05, description="rate"))
        self.control("bias", widgets.ToggleButton(description="bias", tooltip="without: b stays 0", layout={"width": "80px"}))
        for name in ("w1", "w2", "b"):
            look = {"width": "180px"}
            self.control(name, widgets.BoundedFloatText(min=-MOST_WEIGHT, max=MOST_WEIGHT, step=0.1, description=name, layout=look))
        brushes = [("class 0", 0), ("class 1", 1)]
        self.control("brush", widgets.ToggleButtons(options=brushes, description="new points", style={"button_width": "70px"}))
        self.grid.on("drag", self._drag)
        self.grid.on("drop", self._drop)
        self.grid.on("pick", self._pick)
        self.grid.on(
            "place", lambda panel, x, y, shift: self._change([*self.points(), [round(x, 3), round(y, 3), self._state["brush"]]])
        )
        self.grid.on("hover", lambda panel, row, column: self.set(unit=panel.removeprefix("unit ")))

    def _drag(self, panel: str, layer: str, index: int, x: float, y: float) -> None:
        if not self._state["layers"] or self._state["steps"] <= QUICK:  # else its training waits until it is let go
            self._drop(panel, layer, index, x, y)

    def _drop(self, panel: str, layer: str, index: int, x: float, y: float) -> None:
        if layer == "handles":
            self._turn(index, np.array([x, y]))
        else:
            points = self.points()
            at = self._indices(layer)[index]
            points[at] = [round(x, 3), round(y, 3), points[at][2]]
            self._change(points)

    def _turn(self, index: int, to: np.ndarray) -> None:
        """The line's middle moves the line (bias); the tip of the arrow turns it about its middle (weights)."""
        w = self.result_["weights"][:2]
        if index:
            middle = self.result_["boundary"].mean(0)
            w = weights_of(to - middle)
            to = middle
        self.set(w1=float(w[0]), w2=float(w[1]), b=float(-w @ to) if self._state["bias"] else 0.0, position=0)

    def _pick(self, panel: str, layer: str, index: int, shift: bool) -> None:
        at = self._indices(layer)[index]
        if shift and self._state["data"] != "yours":
            points = self.points()
            del points[at]
            self._change(points)
            return
        self.set(picked=at)
        self.player.play(0)

    def _change(self, points: list) -> None:
        if self._state["data"] == "yours":
            self.problem = "These are your sounds: where they lie was measured. Choose another set to move points."
            self._show()
            return
        self.set(points=points, picked=-1 if len(points) != len(self.points()) else self._state["picked"])

    def _indices(self, layer: str) -> list[int]:
        """Which points the dots of a layer are."""
        return [i for i, (_, _, label) in enumerate(self.points()) if label == int(layer.removeprefix("class "))]

    def points(self, state: dict | None = None) -> list[list]:
        """[x1, x2, class] of each point."""
        state = state or self._state
        if state["points"] is not None:
            return [list(point) for point in state["points"]]
        if state["data"] == "yours":
            return [list(point) for point in self.own]
        return [list(point) for point in setting.drawn(state["data"], state["noise"], state["seed"])]

    def settle(self, state: dict, changes: dict) -> dict:
        redrawn = {"data", "noise"} & changes.keys() or ("seed" in changes and state["points"] is None)
        if redrawn and "points" not in changes:
            state["points"], state["picked"] = None, changes.get("picked", -1)
        if {"layers", "units"} & changes.keys() and "unit" not in changes:
            state["unit"] = "output"
        if "lr" in changes and "rates" not in changes:  # it holds from the step that is shown on
            now = 0 if "position" in changes else setting.step(state)
            state["rates"] = [*(pair for pair in state["rates"] if pair[0] < now), [now, float(state["lr"])]]
        if {"w1", "w2", "b"} & changes.keys() and "position" not in changes:
            state["position"] = 0
        if setting.problem({**state, "lr": 1.0}):
            return state
        first = zip(("w1", "w2", "b"), Net((2, 1)).initial(state["seed"]).round(4).tolist(), strict=True)
        drawn = "seed" in changes or ("bias" in changes and not state["layers"])
        state |= {name: value for name, value in first if drawn and name not in changes}
        if not state["bias"]:
            state["b"] = 0.0
        return {**state, "lr": setting.rate_at(state)}

    def impossible(self, state: dict) -> str | None:
        if problem := setting.problem(state):
            return problem
        if state["data"] == "yours" and self.own is None:
            return "You gave no sounds of your own; call Neuron.of(sounds, labels) with some of each class."
        if not -1 <= state["picked"] < len(self.points(state)):
            return f"There is no point {state['picked']}; choose 0 to {len(self.points(state)) - 1}, or −1 for none."
        return None

    def count(self) -> int:
        return FRAMES + 1

    def compute(self) -> None:
        self.result_, self._drawn = numbers(self._state, self.points())

    def draw(self) -> None:
        self._only_what_matters()
        state = self._state
        points = np.array(self.points(), dtype=float)
        planes = [
            plane.features(self.result_, state, points, toys.TOYS.get(state["data"]), self.own_ticks, BOX),
            plane.activation(self.result_, state, points[:, 2]),
            *plane.curves(self.result_, state, FRAMES),
            *plane.thumbnails([h for _, h in self._drawn], state),
        ]
        with self.grid.hold_sync():
            self.grid.show(planes)
            self.grid.marks = plane.chosen(state)
            self.grid.count = self.count()
            self.grid.position = state["position"]
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, self._heard())

    def _only_what_matters(self) -> None:
        """Hide the controls that change nothing in this state."""
        state = self._state
        for name in ("w1", "w2", "b"):
            self.controls[name].layout.display = "" if not state["layers"] else "none"
        for name, matters in (
            ("units", state["layers"] > 0),
            ("noise", state["data"] != "yours"),
            ("brush", state["data"] != "yours"),
        ):
            self.controls[name].layout.display = "" if matters else "none"

    def verdict(self) -> str:
        """How well it tells them apart now."""
        return words.verdict(self.result_, self._state)

    def alt(self) -> str:
        return words.alt(self.result_, self._state)

    def to_code(self) -> str:
        state, alone = self._state, self._state["rates"] == [[0, self._state["lr"]]]
        derived = {"rates"} if alone else {"lr"}
        said = {name: value for name, value in state.items() if value != self.defaults[name] and name not in derived}
        return f"Neuron({', '.join([*(f'{name}={name}' for name in self.given), *(f'{k}={v!r}' for k, v in said.items())])})"

    def sound(self, index: int) -> np.ndarray:
        """What a point sounds like."""
        if self._state["data"] == "yours":
            return self.sounds[index]
        x1, x2, _ = self.points()[index]
        return toys.TOYS[self._state["data"]].sound(x1, x2)

    def tracks(self) -> list[Track]:
        return sound.tracks(self.state, self.result_, self.points(), self.sound, self._heard())

    def _heard(self) -> str:
        """What the sound depends on."""
        state = self._state
        line = self.result_.get("boundary", np.empty(0)).tobytes()
        return repr((state["data"], self.points(), state["picked"], self.result_["outputs"].tobytes(), line))

    def question(self) -> Question:
        return words.asked(self.result_, self._state)
