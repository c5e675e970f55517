"""Tune a synthesiser by gradient descent: the same knobs, start and optimiser, three ways to say how far off it sounds.

Notebook: 03_gradient_descent. Concepts: helpers/concepts/tuning.py, synth.py. The knobs' picture: helpers/explorers/parts/knobs.py.
"""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import ipywidgets as widgets
import numpy as np

from helpers.concepts.descent import OPTIMISERS
from helpers.concepts.synth import SYNTHS
from helpers.concepts.tuning import WINDOWS, arrival, landscape, tune
from helpers.explorers.base import Explorer
from helpers.explorers.parts.dial import LogSlider
from helpers.explorers.parts.knobs import INKS, held, knob_plane, said, sequence
from helpers.explorers.question import Question
from helpers.explorers.values import beyond
from helpers.views import Dots, Path, Plane, Stage, Track
from helpers.views.grid import Grid

STEPS = 40
LEFT = (62, 406, 750)  # px: where each loss has its plane
LEAST, MOST, NOISIEST = 1e-4, 1.0, 0.1


@lru_cache(maxsize=64)
def _runs(
    synth: str, start: tuple[float, float], optimiser: str, lr: float, noise: float, seed: int
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """By loss: where the knobs stand after each step, and the loss there."""
    return {loss: tune(landscape(synth, loss), optimiser, start, STEPS, lr, noise, seed) for loss in WINDOWS}


class Tuning(Explorer):
    """Drag the start on any of three landscapes; descent runs on each, and every step can be heard.

    State: synth (sine, FM, echo), start (both knobs, 0 to 1), optimiser, lr, noise (how far each knob is pushed at random
    in the first step, fading to nothing by the last), seed, position (which step is shown).
    """

    view: ClassVar[type[Grid]] = Stage
    axis: ClassVar[str] = "position"
    defaults: ClassVar[dict] = {
        "synth": "sine",
        "start": [0.9, 0.6],
        "optimiser": "Adam",
        "lr": 0.03,
        "noise": 0.0,
        "seed": 0,
        "position": STEPS,
    }
    presets: ClassVar[dict[str, dict]] = {
        "far off": {},
        "nearly in tune": {"start": [0.492, 0.7], "lr": 0.005},
        "one rate for both knobs": {"optimiser": "GD", "lr": 0.02},
        "a rate too large": {"optimiser": "momentum", "lr": 0.05},
        "caught in a ripple": {"start": [0.7, 0.6], "lr": 0.003},
        "shaken free": {"start": [0.7, 0.6], "lr": 0.003, "noise": 0.03},  # with luck: most seeds do not free it
        "FM": {"synth": "FM"},
        "echo": {"synth": "echo"},
    }

    def build(self) -> None:
        self.control("synth", widgets.Dropdown(options=list(SYNTHS), description="synth"))
        self.control("optimiser", widgets.Dropdown(options=list(OPTIMISERS), description="optimiser"))
        self.control("lr", LogSlider(min=-4, max=0, step=0.05, description="rate"))
        self.control("noise", widgets.FloatSlider(min=0.0, max=NOISIEST, step=0.005, readout_format=".3f", description="noise"))
        self.control("seed", widgets.IntSlider(min=0, max=9, description="seed"))
        for message in ("drag", "drop"):
            self.grid.on(message, lambda panel, layer, index, x, y: self.set(start=[x, y]))
        self.grid.on("place", lambda panel, x, y, shift: self.set(start=[x, y]))

    def settle(self, state: dict, changes: dict) -> dict:
        if "synth" in changes and "start" not in changes and state["synth"] in SYNTHS:
            state["start"] = list(SYNTHS[state["synth"]].start)
        return state

    def impossible(self, state: dict) -> str | None:
        if state["synth"] not in SYNTHS:
            return f"No synthesiser is called {state['synth']!r}; choose one of {', '.join(SYNTHS)}."
        start = state["start"]
        if len(start) != 2 or not all(isinstance(v, float | int) and 0 <= v <= 1 for v in start):
            return f"A start of {start} is no setting of two knobs; give two numbers from 0 to 1."
        return beyond(state, {"lr": (LEAST, MOST), "noise": (0, NOISIEST), "seed": (0, 2**31), "position": (0, STEPS)})

    def count(self) -> int:
        return STEPS + 1

    def runs(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """The paths and losses of the present state."""
        state = self._state
        return _runs(state["synth"], tuple(state["start"]), state["optimiser"], state["lr"], state["noise"], state["seed"])

    def compute(self) -> None:
        made, k = SYNTHS[self._state["synth"]], self._state["position"]
        self.result_ = {"step": k, "target": np.array(made.settings(made.target))}
        for loss, (path, losses) in self.runs().items():
            there = arrival(path, made.target)
            self.result_ |= {
                f"path of {loss}": path,
                f"loss of {loss}": losses,
                f"{loss} now": float(losses[k]),
                f"settings of {loss}": np.array(made.settings(path[k].tolist())),
                f"distance of {loss}": np.linalg.norm(path - made.target, axis=1),
                f"arrival of {loss}": -1 if there is None else there,
            }

    def draw(self) -> None:
        self.controls["seed"].layout.display = "" if self._state["noise"] > 0 else "none"
        with self.grid.hold_sync():
            planes = [self._landscape(loss, x) for loss, x in zip(WINDOWS, LEFT, strict=True)]
            labels = [{"x": x + 142, "y": 302, "text": self._now(loss), "size": 13} for loss, x in zip(WINDOWS, LEFT, strict=True)]
            self.grid.show([*planes, *self._curves()], labels=labels)
            self.grid.count = self.count()
            self.grid.position = self._state["position"]
            self.grid.caption = f"{self._state['optimiser']}, learning rate {self._state['lr']:.3g}: {self.verdict()}"
        self.player.offer(self.tracks, repr(self._state))

    def _landscape(self, loss: str, x: float) -> Plane:
        path = self.result_[f"path of {loss}"]
        plane = knob_plane(loss, self._state["synth"], loss, x, [
            Path("outline", path, ink="white", size=4.5, timed=True),
            Path("path", path, ink=INKS[loss], size=2.5, timed=True),
            Dots("start", [self._state["start"]], ink="text", shape="ring", size=8, names=["the start: drag it"], drag=True),
        ])  # fmt: skip
        windows = {"spectral": ": one window of 128 ms", "smoothed": ": windows of 8 ms"}
        plane.title, plane.click = f"{loss} loss{windows.get(loss, '')}", True
        return plane

    def _now(self, loss: str) -> str:
        place = self.result_[f"path of {loss}"][self._state["position"]]
        return f"{said(self._state['synth'], place)}; loss {self.result_[f'{loss} now']:.3g}"

    def _curves(self) -> list[Plane]:
        """Loss, as a share of that of the start, and distance to the target, against steps."""
        shares = {loss: self.result_[f"loss of {loss}"] / max(self.result_[f"loss of {loss}"][0], 1e-9) for loss in WINDOWS}
        away = {loss: self.result_[f"distance of {loss}"] for loss in WINDOWS}
        highest, farthest = (max(curve.max() for curve in curves.values()) for curves in (shares, away))
        return [
            self._curve("loss", LEFT[0], "loss, as a share of the loss at the start", min(max(highest, 1.0), 3.0), shares),
            self._curve("distance", 577, "distance of the knobs from the target", max(farthest, 0.2), away),
        ]

    def _curve(self, name: str, x: float, title: str, high: float, curves: dict[str, np.ndarray]) -> Plane:
        return Plane(
            name,
            x=x,
            y=342,
            cell=(469, 120),
            title=title,
            x_range=(0, 1.36 * STEPS),  # with room for the legend
            y_range=(0, 1.05 * high),
            x_ticks=[(k, f"{k}") for k in range(0, STEPS + 1, 10)],
            y_ticks=[(share * high, f"{share * high:.2g}") for share in (0, 0.5, 1)],
            column_axis="step",
            scrub=True,
            live=True,
            layers=[
                Path(loss, np.column_stack([np.arange(STEPS + 1), curve]), ink=INKS[loss], legend=True)
                for loss, curve in curves.items()
            ],
        )

    def verdict(self) -> str:
        """Where each of the three has brought the knobs."""
        return "; ".join(map(self._ended, WINDOWS)) + ". There: both knobs within 5 % of their range."

    def _ended(self, loss: str) -> str:
        there, last = self.result_[f"arrival of {loss}"], self.result_[f"path of {loss}"][-1]
        if there >= 0:
            return f"{loss}: there from step {there} on"
        return f"{loss}: not there, ends at {said(self._state['synth'], last)}"

    def alt(self) -> str:
        state = self._state
        noise = f", noise {state['noise']:g}, seed {state['seed']}" if state["noise"] else ""
        made = SYNTHS[state["synth"]]
        return (
            f"Tuning the synthesiser {state['synth']} to {said(state['synth'], np.array(made.target))} from "
            f"{said(state['synth'], np.array(state['start'], float))} with {state['optimiser']}, "
            f"learning rate {state['lr']:.3g}{noise}, on three losses. Step {self.result_['step']} of {STEPS}: "
            + "; ".join(f"{loss} {self._now(loss)}" for loss in WINDOWS)
            + f". {self.verdict()}"
        )

    def tracks(self) -> list[Track]:
        synth, k = self._state["synth"], self._state["position"]
        paths = {loss: path for loss, (path, _) in self.runs().items()}

        def sound(loss: str) -> Track:
            place = tuple(paths[loss][k].tolist())
            return Track(f"now, {loss}", lambda: held(synth, place), key=f"{synth}{place}")

        def steps(loss: str) -> Track:
            return Track(f"all steps, {loss}", lambda: sequence(synth, paths[loss]), key=f"{synth}{paths[loss].tobytes()}")

        target = SYNTHS[synth].target
        return [Track("target", lambda: held(synth, target), key=synth), *map(sound, WINDOWS), *map(steps, WINDOWS)]

    def question(self) -> Question:
        there = [loss for loss in WINDOWS if self.result_[f"arrival of {loss}"] >= 0]
        names = [f"only the {loss}" for loss in WINDOWS]
        truth = "none" if not there else names[list(WINDOWS).index(there[0])] if len(there) == 1 else "more than one"
        asked = f"The same start, {self._state['optimiser']}, {STEPS} steps. Which loss brings both knobs to the target?"
        return Question(asked, [*names, "more than one", "none"], truth, self.verdict())
