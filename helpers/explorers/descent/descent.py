"""Race optimisers downhill from a start you drag: paths, losses, what each of them keeps, and which settings work.

Notebook: 03_gradient_descent. Concepts: helpers/concepts/descent.py, surfaces.py. The picture: helpers/explorers/descent/race.py.
"""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import ipywidgets as widgets
import numpy as np

from helpers.concepts import surfaces
from helpers.concepts.descent import OPTIMISERS, USES, Run, best_settings, descend, rate, settled, steps_to_settle
from helpers.explorers.base import Explorer
from helpers.explorers.descent import race, words
from helpers.explorers.descent.words import RAVINES
from helpers.explorers.parts.blips import blips
from helpers.explorers.parts.dial import LogSlider, Slider
from helpers.explorers.parts.numerals import plural
from helpers.explorers.question import Question
from helpers.explorers.values import beyond, no_such_step
from helpers.views import Stage, Track
from helpers.views.grid import Grid

NAMES = list(OPTIMISERS)
QUADRATIC = ("bowl", *RAVINES)
LEAST, MOST = 1e-4, 10.0  # learning rates
SENSIBLE = {  # learning rates to begin with, in the order of NAMES
    "bowl": [0.1, 0.05, 0.05, 0.5, 0.05, 0.1],
    "ravine": [0.09, 0.02, 0.02, 0.5, 0.05, 0.1],
    "rotated ravine": [0.09, 0.02, 0.02, 0.5, 0.05, 0.1],
    "saddle": [0.1, 0.05, 0.05, 0.3, 0.05, 0.1],
    "Rosenbrock": [0.001, 0.0002, 0.0002, 0.3, 0.01, 0.05],
    "Himmelblau": [0.01, 0.003, 0.003, 0.5, 0.05, 0.1],
    "Beale": [0.01, 0.003, 0.003, 0.3, 0.02, 0.05],
    "plateau": [0.5, 0.2, 0.2, 0.5, 0.05, 0.1],
}
surface = lru_cache(maxsize=16)(surfaces.surface)


class Descent(Explorer):
    """Tick who races, drag the start, follow one of them.

    State: surface and condition (of the ravines: largest over least curvature), start [x, y]; gd, momentum, nesterov,
    adagrad, rmsprop, adam (who races); follow (whose state is shown, whose learning rate `lr` is); rates (all six);
    beta (momentum, Nesterov, Adam), beta2 (RMSProp, Adam); noise (deviation added to each gradient), seed; steps and
    position (which of them is shown).
    """

    view: ClassVar[type[Grid]] = Stage
    axis: ClassVar[str] = "position"
    defaults: ClassVar[dict] = {
        "surface": "ravine",
        "condition": 20.0,
        "start": [-1.8, 0.9],
        "gd": True,
        "momentum": True,
        "nesterov": False,
        "adagrad": False,
        "rmsprop": False,
        "adam": True,
        "follow": "GD",
        "lr": 0.09,
        "beta": 0.9,
        "beta2": 0.99,
        "noise": 0.0,
        "seed": 0,
        "steps": 100,
        "position": 100,
        "rates": SENSIBLE["ravine"],
    }
    _alone: ClassVar[dict] = {"momentum": False, "adam": False}
    _all: ClassVar[dict] = dict.fromkeys(("gd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"), True)
    presets: ClassVar[dict[str, dict]] = {
        "too small": {"surface": "bowl", "lr": 0.005, **_alone},
        "just right": {"surface": "bowl", "lr": 0.3, **_alone},
        "too large": {"surface": "bowl", "lr": 2.05, **_alone},
        "a ravine": {"condition": 50.0, "lr": 0.035, **_alone},
        "momentum in the ravine": {"condition": 50.0, "follow": "momentum", "adam": False},
        "a turned ravine": {"surface": "rotated ravine", "condition": 50.0, "adagrad": True},
        "stuck on the saddle": {"surface": "saddle"},
        "noise frees it": {"surface": "saddle", "noise": 0.05},
        "lost on the plateau": {"surface": "plateau", "start": [3.2, 2.4], **_all},
        "six of them": {"surface": "Beale", "steps": 200, **_all},
        "the banana": {"surface": "Rosenbrock", "steps": 300, **_all},
        "four minima": {"surface": "Himmelblau", **_all},
    }

    def build(self) -> None:
        self._ran: dict[str, tuple[tuple, Run]] = {}
        self._pad: tuple[tuple, np.ndarray] | None = None
        self.control("surface", widgets.Dropdown(options=list(surfaces.SURFACES), description="surface"))
        self.control("condition", LogSlider(min=0, max=3, step=0.05, description="condition"))
        self.control("follow", widgets.Dropdown(options=NAMES, description="follow"))
        for name in NAMES:
            look = {"width": "96px"}
            self.control(name.lower(), widgets.ToggleButton(description=name, tooltip=f"let {name} race", layout=look))
        self.control("lr", LogSlider(min=-4, max=1, step=0.05, description="its rate"))
        self.control("beta", Slider(min=0.0, max=0.99, step=0.01, description="β"))
        self.control("beta2", widgets.FloatSlider(min=0.5, max=0.999, step=0.001, readout_format=".3f", description="β₂"))
        self.control("noise", widgets.FloatSlider(min=0.0, max=1.0, step=0.05, description="noise"))
        self.control("seed", widgets.IntSlider(min=0, max=9, description="seed"))
        self.control("steps", widgets.IntSlider(min=20, max=300, step=10, description="steps"))
        self.snap = self.beside(widgets.Button(description="snap to the optimum", layout=widgets.Layout(width="auto")))
        self.snap.on_click(lambda _: self.optimum())
        self.grid.on("drag", lambda panel, layer, index, x, y: self._put(panel, x, y))
        self.grid.on("drop", lambda panel, layer, index, x, y: self._put(panel, x, y))
        self.grid.on("place", lambda panel, x, y, shift: self._put(panel, x, y))

    def _put(self, panel: str, x: float, y: float) -> None:
        if panel == "surface":
            self.set(start=[x, y])
        else:
            self._rate({"momentum": float(np.clip(10**x, LEAST, MOST))}, y)

    def _rate(self, rates: dict[str, float], beta: float) -> None:
        new = [rates.get(name, old) for name, old in zip(NAMES, self._state["rates"], strict=True)]
        self.set(rates=new, beta=float(np.clip(beta, 0, 0.99)), momentum=True)

    def optimum(self) -> Descent:
        """On a quadratic, give GD and momentum the settings that converge fastest in the long run."""
        if self.surface.hessian is None:
            return self
        best = best_settings(self.surface.hessian)
        self._rate({name: lr for name, (lr, _) in best.items()}, best["momentum"][1])
        return self

    @property
    def surface(self) -> surfaces.Surface:
        """The surface of the present state."""
        return surface(self._state["surface"], self._state["condition"] if self._state["surface"] in RAVINES else 20.0)

    def settle(self, state: dict, changes: dict) -> dict:
        if "surface" in changes and state["surface"] in SENSIBLE:
            if "start" not in changes:
                state["start"] = list(surface(state["surface"], 20.0).start)
            if "rates" not in changes:
                state["rates"] = list(SENSIBLE[state["surface"]])
        if state["follow"] in NAMES and not state[state["follow"].lower()]:
            if "follow" in changes:
                state[state["follow"].lower()] = True
            else:
                state["follow"] = next((name for name in NAMES if state[name.lower()]), state["follow"])
        if state["follow"] in NAMES and len(state["rates"]) == len(NAMES):
            i = NAMES.index(state["follow"])
            if "lr" in changes and "rates" not in changes:
                state["rates"] = [*state["rates"][:i], state["lr"], *state["rates"][i + 1 :]]
            state["lr"] = state["rates"][i]
        if "steps" in changes and "position" not in changes:
            state["position"] = state["steps"]
        return state

    def impossible(self, state: dict) -> str | None:
        if state["surface"] not in SENSIBLE:
            return f"No surface is called {state['surface']!r}; choose one of {', '.join(SENSIBLE)}."
        if not any(state[name.lower()] for name in NAMES):
            return "Nobody races; tick at least one optimiser."
        rates, start = state["rates"], state["start"]
        if len(rates) != len(NAMES) or not all(isinstance(r, float | int) and LEAST <= r <= MOST for r in rates):
            return f"Learning rates {rates} are not six numbers from {LEAST:g} to {MOST:g}."
        if len(start) != 2 or not all(isinstance(v, float | int) and abs(v) <= 10 for v in start):
            return f"A start of {start} is no place on the surface; give [x, y], each within −10 to 10."
        limits = {"beta": (0, 0.99), "beta2": (0.5, 0.999), "noise": (0, 1), "condition": (1, 1000), "steps": (1, 300)}
        return beyond(state, limits) or no_such_step(state)

    def count(self) -> int:
        return self._state["steps"] + 1

    def runs(self) -> dict[str, Run]:
        """The run of each that races; one whose settings have not changed is not run again."""
        state = self._state
        common = (state["surface"], state["condition"], *state["start"], state["steps"], state["noise"], state["seed"])
        found = {}
        for name, lr in zip(NAMES, state["rates"], strict=True):
            if not state[name.lower()]:
                continue
            settings = {"lr": lr, **{setting: state[setting] for setting in USES[name]}}
            key = (*common, *settings.values())
            if self._ran.get(name, (None,))[0] != key:
                run = descend(self.surface, name, tuple(state["start"]), state["steps"], state["noise"], state["seed"], **settings)
                self._ran[name] = key, run
            found[name] = self._ran[name][1]
        return found

    def pad(self) -> np.ndarray:
        """Steps that momentum needs without noise, by β and learning rate; −1 where there are not enough."""
        state = self._state
        key = (state["surface"], state["condition"], *state["start"], state["steps"])
        if self._pad is None or self._pad[0] != key:
            found = steps_to_settle(self.surface, tuple(state["start"]), 10**race.RATES, race.BETAS, state["steps"])
            self._pad = key, np.where(np.isnan(found), -1, found)
        return self._pad[1]

    def compute(self) -> None:
        state, ground, runs = self._state, self.surface, self.runs()
        run = runs[state["follow"]]
        k = min(state["position"], len(run.path) - 1)
        velocity, square, effective = run.card[k]
        self.result_ = {
            "step": k,
            "place": run.path[k],
            "loss": float(run.loss[k]),
            "gradient": np.array(ground.gradient(*run.path[k])),
            "velocity": velocity,
            "square": square,
            "effective": effective,
            "steps_to_settle": self.pad(),
        }
        for name, ran in runs.items():
            after = settled(ran.loss, ground.least) if ran.diverged is None else np.nan
            self.result_ |= {
                f"path of {name}": ran.path,
                f"loss of {name}": ran.loss,
                f"settled of {name}": -1 if np.isnan(after) else int(after),
                f"diverged of {name}": -1 if ran.diverged is None else ran.diverged,
            }
        if ground.hessian is not None and state["follow"] in ("GD", "momentum") and not state["noise"]:
            beta = state["beta"] if state["follow"] == "momentum" else 0.0
            self.result_["rate"] = rate(ground.hessian, state["lr"], beta)

    def draw(self) -> None:
        self._only_what_matters()
        state, ground, runs = self._state, self.surface, self.runs()
        best = None if ground.hessian is None else best_settings(ground.hessian)["momentum"]
        here = state["rates"][NAMES.index("momentum")], state["beta"]
        planes = [
            race.surface_plane(ground, runs, state["follow"], state["start"], self._title()),
            race.loss_plane(ground, runs, state["steps"]),
            race.pad_plane(self.result_["steps_to_settle"], state["steps"], here, best),
        ]
        if ground.hessian is not None:
            planes.append(race.modes_plane(ground, state["follow"], runs[state["follow"]], state["steps"]))
        with self.grid.hold_sync():
            self.grid.show(planes, labels=race.card(state, self.result_))
            self.grid.count = self.count()
            self.grid.position = state["position"]
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, self._heard())

    def _title(self) -> str:
        state = self._state
        return f"condition {state['condition']:.4g}: drag the start" if state["surface"] in RAVINES else "drag the start"

    def _only_what_matters(self) -> None:
        """Hide the controls that change nothing in this state."""
        state = self._state
        used = {setting for name in NAMES if state[name.lower()] for setting in USES[name]}
        for name, matters in (
            ("condition", state["surface"] in RAVINES),
            ("beta", "beta" in used),
            ("beta2", "beta2" in used),
            ("seed", state["noise"] > 0),
        ):
            self.controls[name].layout.display = "" if matters else "none"
        self.snap.layout.display = "" if state["surface"] in QUADRATIC else "none"

    def verdict(self) -> str:
        """How it ended for each of them."""
        return words.verdict(self.result_, self._state, self.surface.least)

    def alt(self) -> str:
        return words.alt(self.result_, self._state, self.verdict())

    def tracks(self) -> list[Track]:
        run, ground = self.runs()[self._state["follow"]], self.surface
        top = race.relief(ground)[2]
        loss = (race.left(run.loss, ground) - (top - race.DECADES / 2)) / (race.DECADES / 2)
        sides = [(w - low) / (high - low) for w, (low, high) in zip(run.path.T, (ground.x_range, ground.y_range), strict=True)]
        key = self._heard()
        return [
            Track(f"{self._state['follow']}, {what}", lambda level=level: blips(level), key=key)
            for what, level in (("its loss as pitch", loss), ("x as pitch", sides[0]), ("y as pitch", sides[1]))
        ]

    def _heard(self) -> str:
        """What the sound depends on."""
        return repr(self._ran[self._state["follow"]][0]) + self._state["follow"]

    def question(self) -> Question:
        runs, least = self.runs(), self.surface.least
        if len(runs) > 1:
            return Question(
                f"The same start, {plural(self._state['steps'], 'step')}: whose loss is the lowest in the end?",
                list(runs),
                lambda: min(runs, key=lambda name: runs[name].loss[-1] if runs[name].diverged is None else np.inf),
                self.verdict(),
            )
        (run,) = runs.values()
        outcomes = ["it arrives", "it is still on its way", "it moves away"]
        away = run.diverged is not None or run.loss[-1] > run.loss[0]
        truth = outcomes[2] if away else outcomes[1] if np.isnan(settled(run.loss, least)) else outcomes[0]
        return Question(
            f"With a learning rate of {self._state['lr']:.3g}: where is it after {plural(self._state['steps'], 'step')}?",
            outcomes, truth, self.verdict(),
        )  # fmt: skip
