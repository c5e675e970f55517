"""How far back a loss can hear: the gradient of an unrolled net through time, by spectral radius and cell, for any tune.

Notebook: 05_rnns. Concept: helpers/concepts/bptt.py. The picture: helpers/explorers/recurrence/way_back.py.
"""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import ipywidgets as widgets
import numpy as np

from helpers.concepts import bptt
from helpers.explorers.base import Explorer
from helpers.explorers.parts.dial import LogSlider
from helpers.explorers.parts.numerals import plural, short
from helpers.explorers.question import Question
from helpers.explorers.recurrence import way_back
from helpers.explorers.recurrence.tune import DEGREES, LETTERS, TUNE, degrees, heard, tune
from helpers.explorers.values import beyond
from helpers.views import Grid, Stage, Track

HIDDEN, FEW = 16, 24  # units; lags at which singular values are taken
CELLS = list(bptt.GATES)
RADII = (0.6, 0.9, 1.2, 1.5)
LIMITS = {
    "radius": (0.1, 2.0),
    "steps": (2, 200),
    "forget_bias": (-3.0, 5.0),
    "clip": (1e-3, 1e3),
    "truncate": (1, 200),
    "seed": (0, 9),
}


class Recurrence(Explorer):
    """An untrained net of 16 units reads a tune; the loss is one readout of its last state.

    State: cell (linear, RNN, GRU or LSTM), radius (spectral radius of each gate's recurrent weights), init (random or
    orthogonal), forget_bias (of the LSTM), steps, clip (the longest gradient that is let through), truncate (after how
    many steps back it is cut off), compare (show the other cells too), radii (show the cell
    at four radii), tune (its notes as ABC, in D major), seed, position (the step that is looked at).
    """

    view: ClassVar[type[Grid]] = Stage
    axis: ClassVar[str] = "position"
    defaults: ClassVar[dict] = {
        "cell": "RNN",
        "radius": 0.9,
        "init": "random",
        "forget_bias": 0.0,
        "steps": 48,
        "clip": 1e3,
        "truncate": 200,
        "compare": False,
        "radii": False,
        "tune": TUNE,
        "seed": 0,
        "position": 0,
    }
    presets: ClassVar[dict[str, dict]] = {
        "it vanishes": {"cell": "linear", "radius": 0.8, "init": "orthogonal"},
        "it stays": {"cell": "linear", "radius": 1.0, "init": "orthogonal"},
        "it explodes": {"cell": "linear", "radius": 1.2, "init": "orthogonal"},
        "tanh, at a radius of 1.2": {"radius": 1.2},
        "clipped": {"cell": "linear", "radius": 1.2, "init": "orthogonal", "clip": 1.0},
        "truncated after 12": {"truncate": 12},
        "an LSTM that forgets": {"cell": "LSTM"},
        "an LSTM that keeps": {"cell": "LSTM", "forget_bias": 3.0},
        "all four": {"compare": True, "forget_bias": 3.0},
        "four radii": {"cell": "linear", "radius": 1.0, "init": "orthogonal", "radii": True},
        "one note again and again": {"tune": "D"},
    }

    def build(self) -> None:
        self.control("cell", widgets.ToggleButtons(options=CELLS, description="cell", style={"button_width": "62px"}))
        self.control("radius", widgets.FloatSlider(min=0.1, max=2.0, step=0.05, description="radius ρ"))
        self.control("init", widgets.Dropdown(options=["random", "orthogonal"], description="weights"))
        self.control("forget_bias", widgets.FloatSlider(min=-3, max=5, step=0.5, description="forget bias", readout_format=".1f"))
        self.control("steps", widgets.IntSlider(min=2, max=200, description="steps T"))
        self.control("clip", LogSlider(min=-3, max=3, step=0.1, description="clip at"))
        self.control("truncate", widgets.IntSlider(min=1, max=200, description="cut after"))
        self.control("compare", widgets.Checkbox(description="all four cells", indent=False, layout={"width": "120px"}))
        self.control("radii", widgets.Checkbox(description="four radii", indent=False, layout={"width": "100px"}))
        self.control("seed", widgets.IntSlider(min=0, max=9, description="seed"))
        self._text = widgets.Text(value=self._state["tune"], description="tune (ABC)", continuous_update=False)
        self._text.observe(self._typed, "value")
        self.beside(self._text)
        for event in ("drag", "drop"):
            self.grid.on(event, self._drag)

    def _typed(self, change: dict) -> None:
        if not self._showing and change["new"] != self._state["tune"]:
            self.set(tune=change["new"])

    def _drag(self, panel: str, layer: str, index: int, x: float, y: float) -> None:
        """A note of the tune is drawn higher or lower, wherever it comes again."""
        notes = degrees(self._state["tune"])
        notes[index % len(notes)] = int(np.clip(round(y), 0, DEGREES - 1))
        self.set(tune="".join(LETTERS[note] for note in notes))

    def settle(self, state: dict, changes: dict) -> dict:
        if state["compare"] and state["radii"]:  # one comparison at a time
            state["radii" if changes.get("compare") else "compare"] = False
        if "steps" in changes and "position" not in changes:
            state["position"] = min(state["position"], state["steps"])
        return state

    def impossible(self, state: dict) -> str | None:
        if state["cell"] not in CELLS:
            return f"No cell is called {state['cell']!r}; choose one of {', '.join(CELLS)}."
        if state["init"] not in ("random", "orthogonal"):
            return f"Weights cannot be drawn as {state['init']!r}; choose random or orthogonal."
        if problem := beyond(state, LIMITS):
            return problem
        if not 0 <= state["position"] <= state["steps"]:
            return f"There is no step {state['position']}; choose 0 to {state['steps']}."
        try:
            degrees(state["tune"])
        except ValueError as error:
            return str(error)
        return None

    def count(self) -> int:
        return self._state["steps"] + 1

    def _setting(self, **changes: object) -> tuple:
        """What the way back depends on."""
        state = {**self._state, **changes}
        return tuple(state[name] for name in ("cell", "radius", "init", "forget_bias", "steps", "seed", "tune"))

    def _way(self, cell: str) -> tuple:
        return _way(*self._setting(cell=cell))

    def compute(self) -> None:
        state, T = self._state, self._state["steps"]
        tape, whole, of_gates = self._way(state["cell"])
        cut = max(T - state["truncate"], 0)
        of_state = np.where(np.arange(T + 1)[:, None, None] >= cut, whole, 0)
        kept_gates = np.where(np.arange(T)[:, None, None] >= cut, of_gates, 0)
        full, kept = (bptt.recurrent_gradient(tape, gates) for gates in (of_gates, kept_gates))
        clipped = bptt.clip(kept, state["clip"])
        norm = np.linalg.norm(of_state[:, 0], axis=1)
        size, whole_size = float(np.linalg.norm(kept)), float(np.linalg.norm(full))
        lags, values = _products(*self._setting())
        self.result_ = {
            "step": state["position"],
            "states": tape.state[1:, 0].T.copy(),
            "norm": norm,
            "norm_here": float(norm[state["position"]]),
            "factor": float((np.linalg.norm(whole[0, 0]) / norm[-1]) ** (1 / T)),
            "terms": bptt.recurrent_terms(tape, kept_gates),
            "gradient": size,
            "clipped": float(np.linalg.norm(clipped)),
            "scale": float(np.linalg.norm(clipped) / size) if size else 1.0,
            "kept": size / whole_size if whole_size else 1.0,
            "cosine": float((full * kept).sum() / (size * whole_size)) if size * whole_size else 1.0,
            "lags": lags,
            "singular": np.nan_to_num(values[:, [0, values.shape[1] // 2]]),  # 0: drowned by rounding, not drawn
        }
        if state["cell"] == "LSTM":
            self.result_["cell_norm"] = np.linalg.norm(bptt.cell_gradient(tape, of_state), axis=1) * (np.arange(1, T + 1) >= cut)
            self.result_["half_life"] = bptt.half_life(1 / (1 + np.exp(-state["forget_bias"])))
        if state["compare"]:
            for cell in CELLS:
                self.result_[f"norm of {cell}"] = np.linalg.norm(self._way(cell)[1][:, 0], axis=1)
        if state["radii"]:
            for radius in RADII:
                self.result_[f"norm of ρ {radius}"] = np.linalg.norm(_way(*self._setting(radius=radius))[1][:, 0], axis=1)

    def draw(self) -> None:
        state = self._state
        self.controls["forget_bias"].layout.display = "" if state["cell"] == "LSTM" or state["compare"] else "none"
        with self.grid.hold_sync():
            self.grid.show(way_back.planes(state, self.result_), labels=way_back.card(state, self.result_))
            self.grid.count = self.count()
            self.grid.position = state["position"]
            self.grid.caption = self.verdict()
        self._text.value = state["tune"]
        self.player.offer(self.tracks, repr({**state, "position": 0, "clip": 0}))

    def verdict(self) -> str:
        """What is left of the gradient here, and what is done with the whole of it."""
        result, state = self.result_, self._state
        back = state["steps"] - result["step"]
        here = f"{plural(back, 'step')} back, |∂L/∂h| is {short(result['norm_here'])}"
        if back > state["truncate"]:
            here = f"{plural(back, 'step')} back the gradient is 0: it was cut off after {state['truncate']}"
        trimmed = (
            f"clipped from {short(result['gradient'])} to {short(result['clipped'])}"
            if result["scale"] < 1
            else f"{short(result['gradient'])}, not clipped"
        )
        return f"{here}, from 1 at the last step. The gradient of the recurrent weights: {trimmed}."

    def alt(self) -> str:
        state, result = self._state, self.result_
        bias = f", forget bias {state['forget_bias']:g}" if state["cell"] == "LSTM" else ""
        others = ", beside the other cells" if state["compare"] else ", beside other radii" if state["radii"] else ""
        others += "" if state["tune"] == TUNE else f", of the tune {state['tune']}"
        return (
            f"{state['cell']} of {HIDDEN} units, {state['init']} weights of spectral radius {state['radius']:.3g}{bias}, "
            f"seed {state['seed']}, over {plural(state['steps'], 'step')}{others}: on average a step back multiplies the gradient "
            f"by {short(result['factor'])}. {self.verdict()}"
        )

    def tracks(self) -> list[Track]:
        key, text = repr((self._state["steps"], self._state["tune"])), self._state["tune"]
        norm = self.result_["norm"][1:]
        whole = repr({**self._state, "position": 0, "clip": 0})
        return [
            Track("the tune", lambda: heard(np.ones_like(norm), text), key=key),
            Track("as the loss hears it", lambda: heard(norm / norm.max(), text), key=whole),
        ]

    def question(self) -> Question:
        left = float(self.result_["norm"][0])
        options = ["less than a millionth", "a millionth to a tenth", "a tenth to ten times", "more than ten times"]
        truth = options[int(np.searchsorted([1e-6, 0.1, 10], left))]
        state = self._state
        return Question(
            f"{state['cell']}, spectral radius {state['radius']:g}: how much of the gradient is left {state['steps']} steps back?",
            options, truth, f"On average, a step back multiplies it by {short(self.result_['factor'])}; that leaves {short(left)}.",
        )  # fmt: skip


@lru_cache(maxsize=64)
def _way(cell: str, radius: float, init: str, forget_bias: float, steps: int, seed: int, text: str) -> tuple:
    """Tape, ∂L/∂state and ∂L/∂(U h) of the whole way back; the readout has length 1."""
    W, U = bptt.draw(cell, DEGREES, HIDDEN, radius, init, seed)
    tape = bptt.forward(cell, tune(steps, text), W, U, forget_bias)
    readout = np.random.default_rng(100 + seed).standard_normal(HIDDEN)
    last = np.zeros_like(tape.state[0])
    last[0] = readout / np.linalg.norm(readout)
    return tape, *bptt.backward(tape, last)


@lru_cache(maxsize=64)
def _products(*setting: object) -> tuple[np.ndarray, np.ndarray]:
    """Some lags, and the singular values of the Jacobians' product over each."""
    tape, *_ = _way(*setting)
    steps = len(tape.reach)
    lags = np.unique(np.linspace(1, steps, min(FEW, steps)).round().astype(int))
    return lags, bptt.singular_values(bptt.jacobians(tape), lags)
