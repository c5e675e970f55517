"""A neuron that spikes: set the current that flows in, watch the membrane charge and leak, hear it click.

Notebook: 01_neurons. Concept: helpers/concepts/spiking.py.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from helpers.concepts.spiking import Cell, clicks
from helpers.explorers.base import Explorer
from helpers.explorers.parts.dial import Slider
from helpers.explorers.question import Question
from helpers.explorers.values import beyond
from helpers.views import Dots, Path, Plane, Stage, Track
from helpers.views.grid import Grid

SHOWN, HEARD = 0.3, 2.0  # seconds of the membrane that are drawn, and of clicks
MOST = 4.0  # times the threshold: the strongest current
CURRENTS = np.linspace(0, MOST, 251)
LIMITS = {"current": (0.0, MOST), "tau": (5.0, 100.0), "rest": (0.0, 20.0)}


class Spiking(Explorer):
    """A leaky integrate-and-fire neuron under a steady current.

    State: current (in thresholds: what the membrane would come to if it did not fire), tau (its time constant in ms),
    rest (after each spike, in ms).
    """

    view: ClassVar[type[Grid]] = Stage
    defaults: ClassVar[dict] = {"current": 1.5, "tau": 20.0, "rest": 2.0}
    presets: ClassVar[dict[str, dict]] = {
        "too weak to fire": {"current": 0.95},
        "just enough": {"current": 1.02},
        "fast": {"current": 4.0},
        "a slow membrane": {"tau": 80.0},
        "it needs its rest": {"current": 4.0, "tau": 5.0, "rest": 20.0},
    }

    def build(self) -> None:
        for name, (least, most) in LIMITS.items():
            unit = "" if name == "current" else " in ms"
            step = 0.01 if name == "current" else 0.5
            self.control(name, Slider(min=least, max=most, step=step, description=f"{name}{unit}"))
        self.grid.on("drag", self._drag)
        self.grid.on("drop", self._drag)

    def _drag(self, panel: str, layer: str, index: int, x: float, y: float) -> None:
        self.set(current=float(np.clip(x if panel == "rate" else y, 0, MOST)))

    def impossible(self, state: dict) -> str | None:
        return beyond(state, LIMITS)

    @property
    def cell(self) -> Cell:
        """The neuron of the present state."""
        return Cell(self._state["tau"] / 1000, self._state["rest"] / 1000)

    def compute(self) -> None:
        cell, current = self.cell, self._state["current"]
        self.result_ = {
            "rate": cell.rate(current),
            "spikes": cell.spikes(current, SHOWN),
            "membrane": cell.membrane(current, SHOWN),
            "rates": np.array([cell.rate(float(i)) for i in CURRENTS]),
            "clicks": len(cell.spikes(current, HEARD)),
        }

    def draw(self) -> None:
        with self.grid.hold_sync():
            self.grid.show([self._membrane(), self._rate()])
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, repr(self._state))

    def _membrane(self) -> Plane:
        """v against time, the threshold, and where the current would bring it."""
        curve, current = self.result_["membrane"], self._state["current"]
        ends = np.array([[0, 1.0], [1000 * SHOWN, 1.0]])
        layers = [
            Path("threshold", ends, ink="faint", dash=True),
            Path("the current", ends * [1, current], ink=1, size=1.5, dash=True, legend=True),
            Path("the membrane", curve * [1000, 1], ink=0, size=2.5, legend=True),
            Dots(
                "spikes",
                np.stack([1000 * self.result_["spikes"], np.full(len(self.result_["spikes"]), 1.0)], 1),
                ink="winner",
                size=4,
            ),
            Dots("current", [[0.97 * 1000 * SHOWN, current]], ink=1, size=8, names=["drag the current"], drag=True),
        ]
        return Plane(
            "membrane",
            x=60,
            y=32,
            cell=(520, 330),
            x_range=(0, 1000 * SHOWN),
            y_range=(0, 1.2 * MOST),
            title="the membrane, in thresholds: it fires at 1",
            column_axis="ms",
            ticks=True,
            layers=layers,
        )

    def _rate(self) -> Plane:
        """Spikes a second against the current; beside it a ReLU that agrees at the strongest."""
        rates, current = self.result_["rates"], self._state["current"]
        top = max(float(rates.max()), 1.0)
        relu = np.maximum(CURRENTS - 1, 0) * rates[-1] / (MOST - 1)
        layers = [
            Path("a ReLU of the current", np.stack([CURRENTS, relu], 1), ink="faint", dash=True, legend=True),
            Path("spikes a second", np.stack([CURRENTS, rates], 1), ink=0, size=2.5, legend=True),
            Dots("now", [[current, self.result_["rate"]]], ink=1, size=8, names=["drag the current"], drag=True),
        ]
        return Plane(
            "rate",
            x=660,
            y=32,
            cell=(320, 330),
            x_range=(0, MOST),
            y_range=(0, 1.4 * top),
            title="how often it fires",
            column_axis="current, in thresholds",
            ticks=True,
            layers=layers,
        )

    def verdict(self) -> str:
        """How often it fires."""
        if not self.result_["rate"]:
            return "It never fires: what leaks out equals what flows in before the threshold is reached."
        interval = 1000 / self.result_["rate"]
        return f"{self.result_['rate']:.1f} spikes a second, one every {interval:.1f} ms; {self.result_['clicks']} in {HEARD:g} s."

    def alt(self) -> str:
        state = self._state
        return (
            f"A spiking neuron under a current of {state['current']:.2f} thresholds, time constant {state['tau']:g} ms, rest "
            f"{state['rest']:g} ms. {self.verdict()}"
        )

    def tracks(self) -> list[Track]:
        cell, current, key = self.cell, self._state["current"], repr(self._state)
        if not self.result_["rate"]:
            return []
        return [Track("its spikes", lambda: clicks(cell.spikes(current, HEARD), HEARD).astype(np.float32), key=key)]

    def question(self) -> Question | None:
        state = self._state
        double = min(2 * state["current"], MOST)
        before, after = self.cell.rate(state["current"]), self.cell.rate(double)
        if not after:  # nothing fires, which is no multiple of nothing
            return None
        options = ["less than twice as often", "about twice as often", "far more than twice as often"]
        ratio = after / before if before else np.inf
        truth = options[0] if ratio < 1.8 else options[1] if ratio < 2.2 else options[2]
        told = f"{before:.0f} spikes a second become {after:.0f}"
        return Question(
            f"The current rises from {state['current']:g} to {double:g} thresholds. How often does it fire then?",
            options, truth, f"{told}: part of a weak current is lost to the leak.",
        )  # fmt: skip
