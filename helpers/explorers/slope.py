"""Gradient descent with one parameter: the curve, its slope, a step along it, and where that leads.

Notebook: 03_gradient_descent. Concepts: helpers/concepts/descent.py, surfaces.py.
"""

from __future__ import annotations

from typing import ClassVar

import ipywidgets as widgets
import numpy as np

from helpers.concepts.descent import descend_curve
from helpers.concepts.surfaces import Curve, curve
from helpers.explorers.base import Explorer
from helpers.explorers.parts.blips import blips
from helpers.explorers.parts.dial import LogSlider
from helpers.explorers.parts.numerals import number, plural, short
from helpers.explorers.question import Question
from helpers.explorers.values import beyond, no_such_step
from helpers.views import Arrows, Dots, Path, Plane, Stage, Track
from helpers.views.grid import Grid

CURVES = ("valley", "hills")
LEAST, MOST = 1e-3, 3.0  # learning rates
ARRIVED = 0.05  # a slope below this is level ground
NEAR = 0.25  # to the bottom of a hollow: a hilltop is level ground, too


class Slope(Explorer):
    """Drop a start on a curve and follow its slope down.

    State: curve (valley: ½w²; hills: w²/10 + height · sin 2w), height, start, lr, beta (momentum; 0 is none), noise
    (deviation added to each slope), seed, steps, position (which step is shown).
    """

    view: ClassVar[type[Grid]] = Stage
    axis: ClassVar[str] = "position"
    defaults: ClassVar[dict] = {
        "curve": "valley",
        "height": 0.6,
        "start": -3.0,
        "lr": 0.3,
        "beta": 0.0,
        "noise": 0.0,
        "seed": 0,
        "steps": 30,
        "position": 0,
    }
    presets: ClassVar[dict[str, dict]] = {
        "too small": {"lr": 0.02},
        "in one step": {"lr": 1.0},
        "too large": {"lr": 1.9},
        "it diverges": {"lr": 2.1},
        "stuck in a hollow": {"curve": "hills", "lr": 0.05, "steps": 100},
        "momentum rolls on": {"curve": "hills", "lr": 0.05, "beta": 0.9, "steps": 100},
        "noise shakes it out": {"curve": "hills", "lr": 0.2, "noise": 2.0, "steps": 100},
        "lower hills": {"curve": "hills", "lr": 0.2, "height": 0.1, "steps": 100},
    }

    def build(self) -> None:
        self.control("curve", widgets.Dropdown(options=list(CURVES), description="curve"))
        self.control("lr", LogSlider(min=-3, max=float(np.log10(MOST)), step=0.02, description="rate η"))
        self.control("beta", widgets.FloatSlider(min=0.0, max=0.99, step=0.01, description="β"))
        self.control("noise", widgets.FloatSlider(min=0.0, max=5.0, step=0.1, description="noise"))
        self.control("seed", widgets.IntSlider(min=0, max=9, description="seed"))
        self.control("height", widgets.FloatSlider(min=0.0, max=1.0, step=0.05, description="hills"))
        self.control("steps", widgets.IntSlider(min=10, max=100, step=10, description="steps"))
        for event in ("drag", "drop"):
            self.grid.on(event, lambda panel, layer, index, x, y: self.set(start=x))
        self.grid.on("place", lambda panel, x, y, shift: self.set(start=x))

    def settle(self, state: dict, changes: dict) -> dict:
        if "curve" in changes and "start" not in changes and state["curve"] in CURVES:
            state["start"] = curve(state["curve"]).start
        if "position" not in changes:
            state["position"] = min(state["position"], state["steps"])
        return state

    def impossible(self, state: dict) -> str | None:
        if state["curve"] not in CURVES:
            return f"No curve is called {state['curve']!r}; choose one of {', '.join(CURVES)}."
        limits = {"lr": (LEAST, MOST), "beta": (0, 0.99), "noise": (0, 5), "height": (0, 1), "start": (-6, 6), "steps": (1, 100)}
        return beyond(state, limits) or no_such_step(state)

    def count(self) -> int:
        return self._state["steps"] + 1

    @property
    def curve(self) -> Curve:
        """The curve of the present state."""
        return curve(self._state["curve"], self._state["height"])

    def compute(self) -> None:
        state, ground = self._state, self.curve
        places, diverged = descend_curve(
            ground, state["start"], state["steps"], state["lr"], state["beta"], state["noise"], state["seed"]
        )
        k = min(state["position"], len(places) - 1)
        self.result_ = {
            "path": places,
            "loss": ground.value(places),
            "slope": ground.slope(places),
            "step": k,
            "w": float(places[k]),
            "w_last": float(places[-1]),
            "slope_here": float(ground.slope(places[k])),
            "diverged": -1 if diverged is None else diverged,
        }

    def draw(self) -> None:
        state, ground = self._state, self.curve
        for name, matters in (("height", state["curve"] == "hills"), ("seed", state["noise"] > 0)):
            self.controls[name].layout.display = "" if matters else "none"
        with self.grid.hold_sync():
            self.grid.show([self._curve_plane(ground), self._steps_plane(ground)])
            self.grid.count, self.grid.position = self.count(), state["position"]
            self.grid.caption = self.arithmetic()
        self.player.offer(self.tracks, self._heard())

    def _curve_plane(self, ground: Curve) -> Plane:
        w, (places, loss, slope) = np.linspace(*ground.range, 241), (self.result_[name] for name in ("path", "loss", "slope"))
        f = ground.value(w)
        room = 0.08 * float(f.max() - f.min())
        along = loss[:-1] + slope[:-1] * np.diff(places)  # where the straight line leads
        arrows = np.column_stack([places[:-1], loss[:-1], places[1:], along])
        title = f"rate η = {self._state['lr']:.3g}: drag the start, or click where to begin"
        return Plane(
            "curve", x=70, y=32, cell=(560, 380), x_range=ground.range, y_range=(float(f.min()) - room, float(f.max()) + room),
            title=title, column_axis="w", row_axis="loss f(w)", ticks=True, click=True,
            layers=[
                Path("f", np.column_stack([w, f]), ink="text", size=2.0),
                Path("steps", np.column_stack([places, loss]), ink=0, size=1.5, timed=True),
                Arrows("along the slope", np.concatenate([arrows, np.full((1, 4), np.nan)]), ink=1, size=2.5, timed=True),
                Dots("start", [[places[0], loss[0]]], ink=2, size=7, shape="ring", names=["the start: drag it"], drag=True),
            ],
        )  # fmt: skip

    def _steps_plane(self, ground: Curve) -> Plane:
        places, steps = self.result_["path"], self._state["steps"]
        return Plane(
            "steps", x=710, y=32, cell=(350, 380), x_range=(0, steps), y_range=ground.range, title="where it is", ticks=True,
            column_axis="step", row_axis="w", scrub=True,
            layers=[Path("w", np.column_stack([np.arange(len(places)), places]), ink=0)],
        )  # fmt: skip

    def arithmetic(self) -> str:
        """The step from here, spelled out, or how it ended."""
        state, result = self._state, self.result_
        k, places = result["step"], result["path"]
        if k == result["diverged"]:
            return f"Out of reach at step {k}: the run ends here."
        if k == len(places) - 1:
            here = f"w = {number(result['w'], 3)}, slope {number(result['slope_here'], 3)}"
            return f"After {plural(k, 'step')}: {here}. {self.verdict()}"
        said = f"Step {k + 1}: slope {number(result['slope_here'], 3)}; "
        if state["beta"] or state["noise"]:
            return said + f"w goes from {number(places[k], 3)} to {number(places[k + 1], 3)}."
        return (
            said + f"w − η·slope = {number(places[k], 3)} − {state['lr']:.3g}·({number(result['slope_here'], 3)}) "
            f"= {number(places[k + 1], 3)}."
        )

    def verdict(self) -> str:
        """Where the run ends."""
        result, state = self.result_, self._state
        if result["diverged"] >= 0:
            return f"It climbs away, out of reach at step {result['diverged']}."
        if self.swings():
            return "It swings for ever."
        if result["loss"][-1] > result["loss"][0] and not state["noise"]:
            return "It climbs away."
        hollow, deepest = self.hollows()
        level = abs(result["slope"][-1]) <= ARRIVED and abs(result["w_last"] - hollow) <= NEAR
        if not level and not state["noise"]:
            return "It is still on its way."
        said = "It is shaken about in" if state["noise"] else "It lies in"
        if hollow == deepest:
            return f"{said} the deepest hollow."
        above = float(self.curve.value(hollow) - self.curve.value(deepest))
        return f"{said} a hollow {short(above)} above the deepest."

    def swings(self) -> bool:
        """Whether the run goes to and fro between the same two places in the end."""
        path = self.result_["path"]
        sure = len(path) > 2 and not self._state["noise"] and abs(path[-1] - path[-2]) > ARRIVED
        return bool(sure and np.isclose(path[-1], path[-3], rtol=1e-9, atol=0))

    def hollows(self) -> tuple[float, float]:
        """The bottom of the hollow that the run ends in, and the deepest of all, on a grid of 0.005."""
        w = np.linspace(-12, 12, 4801)
        down = self.curve.slope(w) < 0
        bottoms = w[:-1][down[:-1] & ~down[1:]]
        tops = w[:-1][~down[:-1] & down[1:]]
        here = bottoms[np.searchsorted(tops, self.result_["w_last"])] if len(bottoms) > 1 else bottoms[0]
        return float(here), float(bottoms[self.curve.value(bottoms).argmin()])

    def alt(self) -> str:
        state = self._state
        extras = "".join(f", {name} {state[name]:g}" for name in ("beta", "noise") if state[name])
        extras += f", height {state['height']:g}" if state["curve"] == "hills" else ""
        extras += f", seed {state['seed']}" if state["noise"] else ""
        ended = self.result_["step"] == len(self.result_["path"]) - 1  # which the arithmetic says already
        return (
            f"Gradient descent on the curve {state['curve']} from w = {number(state['start'], 2)}, "
            f"learning rate {state['lr']:.3g}{extras}, {plural(state['steps'], 'step')}. {self.arithmetic()}"
            + ("" if ended else f" {self.verdict()}")
        )

    def tracks(self) -> list[Track]:
        low, high = self.curve.range
        level = (self.result_["path"] - low) / (high - low)
        return [Track("w as pitch, step by step", lambda: blips(level), key=self._heard())]

    def _heard(self) -> str:
        """What the sound depends on: all of the state but the present step."""
        return repr({**self._state, "position": 0})

    def question(self) -> Question:
        endings = {  # what the verdict says, from the first that fits
            "climbs": "it climbs away",
            "swings": "it swings for ever",
            "on its way": "still on its way",
            "above the deepest": "in a higher hollow",
            "the deepest": "in the deepest hollow",
        }
        options = list(endings.values())[::-1]
        if self._state["curve"] == "valley":
            options.remove("in a higher hollow")  # there is only one
        return Question(
            f"Learning rate {self._state['lr']:.3g}, {plural(self._state['steps'], 'step')}: where does it end?",
            options,
            lambda: next(ending for word, ending in endings.items() if word in self.verdict()),
            self.verdict(),
        )
