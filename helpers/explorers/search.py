"""Search without a slope, and with one: random search, a genetic algorithm and gradient descent tune the same synthesiser.

Notebook: 03_gradient_descent. Concepts: helpers/concepts/search.py, tuning.py.
The knobs' picture: helpers/explorers/parts/knobs.py.
"""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import ipywidgets as widgets
import numpy as np

from helpers.concepts.search import METHODS, Found, descents, genetic, random_search
from helpers.concepts.synth import SYNTHS
from helpers.concepts.tuning import WINDOWS, landscape
from helpers.explorers.base import Explorer
from helpers.explorers.parts.dial import LogSlider
from helpers.explorers.parts.knobs import held, knob_plane, said
from helpers.explorers.parts.numerals import plural
from helpers.explorers.question import Question
from helpers.explorers.values import beyond
from helpers.views import Dots, Path, Plane, Stage, Track
from helpers.views.grid import Grid

BUDGET = 240  # evaluations
STEPS = 40  # of a descent before it starts again
INKS = dict(zip(METHODS, (1, 2, 0), strict=True))
LEFT = (62, 406, 750)  # px: where each method has its plane
PRICES = (0, 1, 2, 3)
LEAST, MOST, WILDEST = 1e-3, 0.32, 0.3


@lru_cache(maxsize=64)
def _found(synth: str, loss: str, seed: int, mutation: float, lr: float, price: int) -> dict[str, Found]:
    surface = landscape(synth, loss)
    return {
        "random search": random_search(surface, BUDGET, seed),
        "genetic algorithm": genetic(surface, BUDGET, seed, mutation=mutation),
        "gradient descent": descents(surface, BUDGET, seed, lr, STEPS, price),
    }


class Search(Explorer):
    """Three searches with the same budget of evaluations, side by side; hear the best that each has found so far.

    State: synth (sine, FM, echo), loss (waveform, spectral, smoothed), seed (of all three), mutation (of the genetic
    algorithm: how far a child is pushed, as a share of a knob's range), lr (of descent, by Adam), price (how many
    evaluations a gradient counts as), position (evaluations so far, less one).
    """

    view: ClassVar[type[Grid]] = Stage
    axis: ClassVar[str] = "position"
    defaults: ClassVar[dict] = {
        "synth": "sine",
        "loss": "smoothed",
        "seed": 0,
        "mutation": 0.05,
        "lr": 0.03,
        "price": 2,
        "position": BUDGET - 1,
    }
    presets: ClassVar[dict[str, dict]] = {
        "a smooth valley": {},
        "ripples": {"loss": "spectral"},
        "a needle in a plain": {"loss": "waveform"},
        "gradients for nothing": {"price": 0},
        "no mutation": {"mutation": 0.0},
        "FM": {"synth": "FM"},
        "echo": {"synth": "echo"},
    }

    def build(self) -> None:
        self.control("synth", widgets.Dropdown(options=list(SYNTHS), description="synth"))
        self.control("loss", widgets.Dropdown(options=list(WINDOWS), description="loss"))
        self.control("seed", widgets.IntSlider(min=0, max=19, description="seed"))
        self.control("mutation", widgets.FloatSlider(min=0.0, max=WILDEST, step=0.01, description="mutation"))
        self.control("lr", LogSlider(min=-3, max=-0.5, step=0.05, description="rate"))
        prices = [(plural(n, "evaluation"), n) for n in PRICES]
        style = {"description_width": "initial"}
        self.control("price", widgets.Dropdown(options=prices, description="a gradient costs", style=style))

    def impossible(self, state: dict) -> str | None:
        for name, known in (("synth", SYNTHS), ("loss", WINDOWS)):
            if state[name] not in known:
                return f"There is no {name} {state[name]!r}; choose one of {', '.join(known)}."
        ends = {"seed": (0, 2**31), "mutation": (0, WILDEST), "lr": (LEAST, MOST), "position": (0, BUDGET - 1)}
        return beyond(state, ends | {"price": (PRICES[0], PRICES[-1])})

    def count(self) -> int:
        return BUDGET

    def found(self) -> dict[str, Found]:
        """What each method has tried in the present state."""
        state = self._state
        return _found(state["synth"], state["loss"], state["seed"], state["mutation"], state["lr"], state["price"])

    def compute(self) -> None:
        made, k = SYNTHS[self._state["synth"]], self._state["position"]
        self.result_ = {"evaluations": k + 1}
        for name, found in self.found().items():
            known = found.known(BUDGET)
            best = found.best()[known]
            places = found.places[best]
            near = np.abs(places - made.target).max(1) <= 0.05
            self.result_ |= {
                f"best of {name}": found.loss[best],
                f"best place of {name}": places,
                f"best settings of {name}": np.array(made.settings(places[k].tolist())),
                f"near of {name}": int(near.argmax()) + 1 if near.any() else -1,
                f"tried by {name}": int(known[k]) + 1,
                f"gradients of {name}": int(found.gradients[known[k]]),
            }

    def draw(self) -> None:
        k = self._state["position"]
        with self.grid.hold_sync():
            planes = [self._tried(name, x) for name, x in zip(METHODS, LEFT, strict=True)]
            labels = [{"x": x + 142, "y": 302, "text": self._best(name), "size": 13} for name, x in zip(METHODS, LEFT, strict=True)]
            self.grid.show([*planes, self._curves()], labels=labels)
            self.grid.count = self.count()
            self.grid.position = k
            self.grid.caption = f"{self.verdict()} Adam's learning rate: {self._state['lr']:.3g}."
        self.player.offer(self.tracks, repr(self._state))

    def _tried(self, name: str, x: float) -> Plane:
        """The places a method has tried so far, the one it tries now, and a ring around the best so far."""
        found, ink = self.found()[name], INKS[name]
        known = found.known(BUDGET)
        so_far = found.places[: known[self._state["position"]] + 1]
        layers = [
            Dots("tried", so_far, ink="white", size=2.0),
            Dots("now", found.places[known], ink=ink, size=5, timed=True),
            Dots("best", self.result_[f"best place of {name}"], ink=ink, size=9, shape="ring", timed=True),
        ]
        if name == "gradient descent":
            layers.insert(0, Path("path", _apart(found, len(so_far)), ink=ink, size=2.5))
        plane = knob_plane(name, self._state["synth"], self._state["loss"], x, layers)
        plane.title = f"{name}: {len(so_far)} places"
        return plane

    def _best(self, name: str) -> str:
        k = self._state["position"]
        place = said(self._state["synth"], self.result_[f"best place of {name}"][k])
        return f"best: {place}; loss {self.result_[f'best of {name}'][k]:.3g}"

    def _curves(self) -> Plane:
        """The least loss so far against evaluations, on an axis of logarithms."""
        curves = {name: np.log10(np.maximum(self.result_[f"best of {name}"], 1e-9)) for name in METHODS}
        low, high = (
            end(curve) for end, curve in ((min, [c.min() for c in curves.values()]), (max, [c.max() for c in curves.values()]))
        )
        marks = [(float(np.log10(v)), f"{v:g}") for e in range(-9, 2) for v in (10.0**e, 3 * 10.0**e)]
        return Plane(
            "best so far",
            x=LEFT[0],
            y=342,
            cell=(984, 120),
            x_range=(0, 1.22 * BUDGET),  # with room for the legend
            y_range=(low - 0.1, high + 0.1),
            x_ticks=[(n - 1, f"{n}") for n in (1, 40, 80, 120, 160, 200, 240)],
            y_ticks=[(at, text) for at, text in marks if low - 0.1 <= at <= high + 0.1],
            ticks=True,
            title="the least loss so far, against evaluations",
            column_axis="evaluations",
            scrub=True,
            live=True,
            layers=[Path(name, np.column_stack([np.arange(BUDGET), c]), ink=INKS[name], legend=True) for name, c in curves.items()],
        )

    def verdict(self) -> str:
        """What each has found with the whole budget, and what it was spent on."""
        parts = []
        for name, found in self.found().items():
            near = self.result_[f"near of {name}"]
            spent = f" ({len(found.loss)} losses and {found.gradients[-1]} gradients)" if found.gradients[-1] else ""
            parts.append(f"{name}{spent} " + (f"is near after {near} evaluations" if near > 0 else "does not come near"))
        return "; ".join(parts) + ". Near: both knobs of its best within 5 % of their range."

    def alt(self) -> str:
        state = self._state
        bests = "; ".join(f"{name} {self._best(name)}" for name in METHODS)
        return (
            f"Searches for {said(state['synth'], np.array(SYNTHS[state['synth']].target))} of the synthesiser {state['synth']} by "
            f"the {state['loss']} loss, seed {state['seed']}, mutation {state['mutation']:g}, learning rate {state['lr']:.3g}, "
            f"a gradient counted as {plural(state['price'], 'evaluation')}. "
            f"After {self.result_['evaluations']} of {BUDGET}: {bests}. {self.verdict()}"
        )

    def tracks(self) -> list[Track]:
        synth, k = self._state["synth"], self._state["position"]

        def sound(name: str) -> Track:
            place = tuple(self.result_[f"best place of {name}"][k].tolist())
            return Track(f"best so far, {name}", lambda: held(synth, place), key=f"{synth}{place}")

        target = SYNTHS[synth].target
        return [Track("target", lambda: held(synth, target), key=synth), *map(sound, METHODS)]

    def question(self) -> Question:
        least = {name: float(self.result_[f"best of {name}"][-1]) for name in METHODS}
        price, loss = self._state["price"], self._state["loss"]
        asked = f"{BUDGET} evaluations each, a gradient counted as {price}: which finds the lowest {loss} loss?"
        return Question(asked, list(METHODS), min(least, key=least.get), self.verdict())


def _apart(found: Found, count: int) -> np.ndarray:
    """The first so many places, with a gap before each new start, to which no gradient led."""
    starts = np.flatnonzero(np.diff(found.gradients[:count]) == 0) + 1
    return np.insert(found.places[:count], starts, np.nan, axis=0)
