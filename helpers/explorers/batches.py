"""One line, 200 notes: fit it by all of them at once, by one at a time, or by a few, and count what each step costs.

A note's pitch says how bright it sounds, roughly: x is its pitch in octaves from middle C, y the mean mel band of its
energy, in tens of bands from the middle one. Notebook: 03_gradient_descent. Concept: helpers/concepts/batches.py.
"""

from __future__ import annotations

from functools import cache
from typing import ClassVar

import ipywidgets as widgets
import numpy as np
from jaxtyping import Float

from helpers.concepts import batches as maths
from helpers.explorers.base import Explorer
from helpers.explorers.parts.blips import blips
from helpers.explorers.parts.dial import LogSlider
from helpers.explorers.parts.numerals import number, plural, powers, short
from helpers.explorers.question import Question
from helpers.explorers.values import beyond, no_such_step
from helpers.views import Arrows, Dots, Path, Plane, Stage, Track, contours
from helpers.views.grid import Grid

N = 200  # notes
W_RANGE, B_RANGE = (-1.5, 2.5), (-2.5, 1.5)
PULL = 0.3  # how long a gradient is drawn
FLOOR, TOP = -4.0, 1.0  # log₁₀ of the loss above its least
INKS = {"one": 1, "few": 0, "all": 2}


@cache
def notes() -> tuple[Float[np.ndarray, "n"], Float[np.ndarray, "n"]]:
    """Pitch in octaves from middle C, and mean mel band of the energy, (band − 16) / 10, of 200 training notes."""
    from helpers.datasets.notes import load_notes

    chosen = load_notes("train").where(velocity=100)[::12][:N]
    energy = (10 ** (8 * (chosen.mel.double() - 1))).sum(2).numpy()  # the picture's 80 dB are its range from 0 to 1
    return (chosen.pitch.double().numpy() - 60) / 12, (energy @ np.arange(64) / energy.sum(1) - 16) / 10


@cache
def _relief() -> tuple[np.ndarray, Path]:
    w, b = np.meshgrid(np.linspace(*W_RANGE, 61), np.linspace(*B_RANGE, 61))
    values = np.log10(maths.loss(np.stack([w, b], -1), *notes()))
    levels = np.quantile(values, np.linspace(0.02, 0.97, 10)).tolist()
    return values, contours(values, W_RANGE, B_RANGE, levels, ink="white")


@cache
def _least() -> float:
    x, y = notes()
    return float(maths.loss(maths.best(x, y), x, y))


class Batches(Explorer):
    """Three runs from one start: a batch of one, of a few, of all.

    State: batch (the few), lr, replacement (whether a note may come twice in an epoch), start [w, b], seed, steps,
    position (which step is shown).
    """

    view: ClassVar[type[Grid]] = Stage
    axis: ClassVar[str] = "position"
    defaults: ClassVar[dict] = {
        "batch": 16,
        "lr": 0.1,
        "replacement": False,
        "start": [-1.0, 1.0],
        "seed": 0,
        "steps": 200,
        "position": 200,
    }
    presets: ClassVar[dict[str, dict]] = {
        "a calm rate": {"lr": 0.02},
        "a bold rate": {"lr": 0.3},
        "pairs": {"batch": 2},
        "half of them": {"batch": 100},
        "with replacement": {"batch": 100, "replacement": True},
        "the first epoch": {"steps": 13, "position": 13},
    }

    def build(self) -> None:
        self.control("batch", widgets.IntSlider(min=1, max=N, description="batch"))
        self.control("lr", LogSlider(min=-3, max=0, step=0.02, description="rate η"))
        self.control("replacement", widgets.ToggleButton(description="with replacement", tooltip="draw each batch from all notes"))
        self.control("seed", widgets.IntSlider(min=0, max=9, description="seed"))
        self.control("steps", widgets.IntSlider(min=10, max=300, description="steps"))
        for event in ("drag", "drop"):
            self.grid.on(event, lambda panel, layer, index, x, y: self.set(start=[x, y]))
        self.grid.on("place", lambda panel, x, y, shift: self.set(start=[x, y]))

    def settle(self, state: dict, changes: dict) -> dict:
        if "steps" in changes and "position" not in changes:
            state["position"] = state["steps"]
        return state

    def impossible(self, state: dict) -> str | None:
        start = state["start"]
        if len(start) != 2 or not all(isinstance(v, float | int) and abs(v) <= 10 for v in start):
            return f"A start of {start} is no place; give [w, b], each within −10 to 10."
        limits = {"batch": (1, N), "lr": (1e-3, 1), "seed": (0, 10**6), "steps": (1, 300)}
        return beyond(state, limits) or no_such_step(state)

    def count(self) -> int:
        return self._state["steps"] + 1

    _ran: tuple = (None, {})

    def runs(self) -> dict[str, maths.Fit]:
        """The three runs; they are run again only where something has changed that matters."""
        state = self._state
        key = repr({**state, "position": 0})
        if self._ran[0] != key:
            start, again = tuple(map(float, state["start"])), state["replacement"]
            kinds = {"one": (1, again), "few": (state["batch"], again), "all": (N, False)}
            self._ran = (
                key,
                {
                    name: maths.fit(*notes(), start, state["lr"], size, state["steps"], replacement, state["seed"])
                    for name, (size, replacement) in kinds.items()
                },
            )
        return self._ran[1]

    def compute(self) -> None:
        (x, y), runs = notes(), self.runs()
        few = runs["few"]
        k = min(self._state["position"], len(few.path) - 1)
        chosen, each = few.batches[k], maths.gradients(few.path[k], x, y)
        self.result_ = {
            "step": k,
            "theta": few.path[k],
            "examples": chosen,
            "pulls": each[chosen],
            "guess": each[chosen].mean(0),
            "gradient": each.mean(0),
            "scatter": (scatter := maths.scatter(each, self._state["batch"], self._state["replacement"])),
            "deviation": float(np.sqrt(np.trace(scatter))),
            "steps_per_epoch": maths.steps_per_epoch(N, self._state["batch"]),
            "least": _least(),
        }
        for name, run in runs.items():
            self.result_ |= {f"path of {name}": run.path, f"loss of {name}": run.loss, f"cost of {name}": run.cost}
            self.result_[f"diverged of {name}"] = -1 if run.diverged is None else run.diverged

    def draw(self) -> None:
        with self.grid.hold_sync():
            self.grid.show([self._surface(), self._notes(), self._losses("steps"), self._losses("cost")], labels=self._card())
            self.grid.count, self.grid.position = self.count(), self._state["position"]
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, self._ran[0])

    def _surface(self) -> Plane:
        values, lines = _relief()
        here, result = self.result_["theta"], self.result_

        def arrows(pulls):
            pulls = np.atleast_2d(pulls)
            return np.hstack([np.tile(here, (len(pulls), 1)), here - PULL * pulls])

        return Plane(
            "surface", values, x=66, y=32, cell=(400, 400), x_range=W_RANGE, y_range=B_RANGE, lo=float(values.min()),
            hi=float(values.max()), digits=2, unit=" = log₁₀ of the loss", ticks=True, column_axis="w", row_axis="b", click=True,
            title=f"loss of (w, b); rate η = {self._state['lr']:.3g}; the pulls of batch {result['step'] + 1}",
            layers=[
                lines,
                *(Path(self._called(name), run.path, ink=INKS[name], size=2.5, timed=True) for name, run in self.runs().items()),
                Arrows("each note's pull", arrows(result["pulls"]), ink="white", size=1.0),
                Path("where batches pull", self._ellipse(), ink=INKS["few"], size=1.5, dash=True),
                Arrows("all notes' mean", arrows(result["gradient"]), ink="match", size=3.5),
                Arrows("the batch's mean", arrows(result["guess"]), ink=INKS["few"], size=3.0),
                Dots("best", [maths.best(*notes())], ink="white", shape="cross", size=5, names=["the best line"]),
                Dots("start", [self._state["start"]], ink="text", shape="ring", size=8, names=["the start: drag it"], drag=True),
            ],
        )  # fmt: skip

    def _ellipse(self) -> np.ndarray:
        """Where the mean of such a batch pulls: one standard deviation around that of all notes."""
        values, axes = np.linalg.eigh(self.result_["scatter"])
        turn = np.linspace(0, 2 * np.pi, 49)
        around = np.stack([np.cos(turn), np.sin(turn)], 1) * np.sqrt(np.maximum(values, 0)) @ axes.T
        return self.result_["theta"] - PULL * (self.result_["gradient"] + around)

    def _notes(self) -> Plane:
        (x, y), (w, b) = notes(), self.result_["theta"]
        ends = np.array([-3.2, 3.2])
        chosen = np.isin(np.arange(N), self.result_["examples"])
        return Plane(
            "notes", x=530, y=32, cell=(230, 172), x_range=(-3.2, 3.2), y_range=(-2.0, 4.2), ticks=True, live=True,
            title="the notes, and the line", column_axis="pitch (octaves)",
            layers=[
                Dots("others", np.column_stack([x, y])[~chosen], ink="faint", size=1.5),
                Dots("batch", np.column_stack([x, y])[chosen], ink=INKS["few"], size=3.0),
                Path("line", np.column_stack([ends, w * ends + b]), ink="text"),
            ],
        )  # fmt: skip

    def _losses(self, against: str) -> Plane:
        steps, named = self._state["steps"], against == "steps"
        layers = []
        for name, run in self.runs().items():
            at = np.arange(len(run.loss)) if named else np.log10(np.maximum(run.cost, 1))
            curve = np.column_stack([at, self._left(run)])
            layers.append(Path(self._called(name), curve, ink=INKS[name], size=1.5, legend=named))
            if not named:
                layers.append(Dots(f"{name} now", curve, ink=INKS[name], size=5, timed=True))
        last = np.log10(N * steps)
        where = {"x": 850, "y": 32, "x_range": (0, steps), "x_ticks": [(0, "0"), (steps, str(steps))]} if named else {
            "x": 850, "y": 266, "x_range": (0, last), "x_ticks": powers(0, last, every=2),
        }  # fmt: skip
        return Plane(
            against, cell=(230, 166), y_range=(FLOOR, TOP), y_ticks=powers(FLOOR, TOP, every=2), live=True, layers=layers,
            title="loss above its least, by step" if named else "the same, by gradients computed",
            column_axis="step" if named else "gradients of single notes", scrub=named, **where,
        )  # fmt: skip

    def _called(self, name: str) -> str:
        return {"one": "batch 1", "few": f"batch {self._state['batch']}", "all": f"all {N}"}[name]

    def _left(self, run: maths.Fit) -> np.ndarray:
        return np.log10(np.maximum(run.loss - _least(), 1e-12))

    def _card(self) -> list[dict]:
        result = self.result_
        rows = [
            (f"batch {self._state['batch']}, step {result['step']}", "w", "b"),
            ("the line", *(number(v, 2) for v in result["theta"])),
            ("batch's gradient", *(number(v, 2) for v in result["guess"])),
            ("all notes' gradient", *(number(v, 2) for v in result["gradient"])),
        ]
        said = []
        for i, (first, *numbers) in enumerate(rows):
            said.append({"x": 500, "y": 280 + 25 * i, "text": first, "size": 13, "align": "left"})
            said += [{"x": x, "y": 280 + 25 * i, "text": text, "size": 13} for x, text in zip((670, 736), numbers, strict=True)]
        return [
            *said,
            {"x": 500, "y": 390, "text": f"a batch is off by about {number(result['deviation'], 2)}", "size": 13, "align": "left"},
            {"x": 500, "y": 415, "text": f"an epoch is {plural(result['steps_per_epoch'], 'step')}", "size": 13, "align": "left"},
        ]

    def at_cost(self, cost: int) -> dict[str, float]:
        """The loss above its least of each run once it has computed so many gradients (or as many as it has, if fewer)."""
        found = {}
        for name, run in self.runs().items():
            k = max(int(np.searchsorted(run.cost, cost, side="right")) - 1, 0)
            found[self._called(name)] = float(run.loss[k]) - _least()
        return found

    def verdict(self) -> str:
        """What is left of the loss after the same number of steps, and of gradients."""
        runs = self.runs()
        said = [
            f"{self._called(name)} diverges at step {run.diverged}" if run.diverged is not None
            else f"{self._called(name)}: {_said(float(run.loss[-1]) - _least())} ({plural(int(run.cost[-1]), 'gradient')})"
            for name, run in runs.items()
        ]  # fmt: skip
        return f"Loss above its least after {plural(self._state['steps'], 'step')}. " + "; ".join(said) + "."

    def alt(self) -> str:
        state, result = self._state, self.result_
        (w, b), (from_w, from_b) = ([number(float(v), 3) for v in pair] for pair in (result["theta"], state["start"]))
        drawn = "with" if state["replacement"] else "without"
        return (
            f"A line fitted to {N} notes by batches of 1, {state['batch']} and {N}, drawn {drawn} replacement, "
            f"seed {state['seed']}, learning rate {state['lr']:.3g}, from ({from_w}, {from_b}). {self.verdict()} "
            f"After step {result['step']} batch {state['batch']} is at w = {w}, b = {b}."
        )

    def tracks(self) -> list[Track]:
        def heard(run):
            return blips((self._left(run) - FLOOR) / (TOP - FLOOR))

        return [
            Track(f"{self._called(name)}: its loss as pitch", lambda run=run: heard(run), key=self._ran[0])
            for name, run in self.runs().items()
        ]

    def question(self) -> Question:
        found = self.at_cost(N)
        ranked = ", ".join(f"{name} {_said(left)}" for name, left in sorted(found.items(), key=lambda item: item[1]))
        return Question(
            f"Each run may look at {N} notes, one epoch. Whose loss is lowest then?",
            list(found),
            lambda: min(found, key=found.get),
            f"Left above the least loss: {ranked}.",
        )


def _said(left: float) -> str:
    """A loss above the least; where rounding is all that is left of it, so much is said."""
    return short(left) if left > 1e-9 else "under 1e−9"
