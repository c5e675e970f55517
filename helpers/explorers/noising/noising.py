"""Noise comes over a cloud of notes, as fast as a schedule says; scrub back and forth and listen.

Notebook: 07c_diffusion. Concept: helpers/concepts/diffusion.py. The picture: helpers/explorers/noising/picture.py.
"""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import ipywidgets as widgets
import numpy as np
import torch

from helpers.concepts import diffusion as maths
from helpers.datasets.clouds import CLOUDS, sample
from helpers.explorers.base import Explorer
from helpers.explorers.noising import picture
from helpers.explorers.parts.numerals import number, share, short
from helpers.explorers.parts.points import film, one_by_one
from helpers.explorers.question import Question
from helpers.explorers.values import beyond, no_such_step
from helpers.views import Film, Grid, Track

POINTS, HEARD, VOICES, CHORDS = 240, 12, 4, 24
HANDLES = (0.15, 0.3, 0.5, 0.7, 0.85)  # where a schedule of one's own can be taken hold of, as shares of all times
LEAST = 1e-4  # of the data's power that a drawn schedule leaves in the end
STEPS = (10, 50, 200, 1000)
SCHEDULES = (*maths.SCHEDULES, "drawn")
LONGEST = 6.0  # seconds that the whole way takes to hear


class Noising(Explorer):
    """Forward: x_t = √ᾱ x₀ + √(1 − ᾱ) ε. Data and noise are sent once, and mixed in the browser at any t.

    State: data (a cloud), schedule (linear, cosine, sigmoid, or drawn: through `handles`, ᾱ at five times), steps (T),
    seed, position (t).
    """

    view: ClassVar[type[Grid]] = Film
    axis: ClassVar[str] = "position"
    defaults: ClassVar[dict] = {
        "data": "eight Gaussians", "schedule": "cosine", "steps": 200, "handles": [0.9, 0.7, 0.4, 0.15, 0.05], "seed": 0,
        "position": 50,
    }  # fmt: skip
    presets: ClassVar[dict[str, dict]] = {
        "Ho's linear schedule": {"schedule": "linear", "steps": 1000, "position": 250},
        "cosine": {"schedule": "cosine", "steps": 1000, "position": 250},
        "two moons, half way": {"data": "two moons", "schedule": "sigmoid", "position": 100},
        "all at once": {"schedule": "drawn", "handles": [0.98, 0.96, 0.94, 0.03, 0.01], "position": 120},
        "only noise": {"position": 200},
    }

    def build(self) -> None:
        self.control("data", widgets.Dropdown(options=list(CLOUDS), description="data"))
        self.control("schedule", widgets.Dropdown(options=SCHEDULES, description="schedule"))
        self.control("steps", widgets.SelectionSlider(options=STEPS, description="steps T"))
        self.control("seed", widgets.IntSlider(min=0, max=9, description="seed"))
        for event in ("drag", "drop"):
            self.grid.on(event, lambda panel, layer, index, x, y: self._newest(handles=self._moved(index, y), schedule="drawn"))

    def _moved(self, index: int, y: float) -> list[float]:
        """The handles where the shown schedule has them, one of them moved, and the others out of its way."""
        found = self._held(self._state)
        found[index] = y = min(max(round(float(y), 3), 0.01 * (len(found) - index)), 1 - 0.01 * (index + 1))
        before = [max(value, y + 0.01 * (index - i)) for i, value in enumerate(found[:index])]
        after = [min(value, y - 0.01 * (i + 1)) for i, value in enumerate(found[index + 1 :])]
        return [round(value, 4) for value in (*before, y, *after)]

    def _held(self, state: dict) -> list[float]:
        """ᾱ of the shown schedule at the handles, which may lie between two of its times."""
        if state["schedule"] == "drawn":
            return list(map(float, state["handles"]))
        left = _schedule(state["schedule"], state["steps"], tuple(state["handles"]))
        return np.interp(HANDLES, np.linspace(0, 1, state["steps"] + 1), left).tolist()

    def settle(self, state: dict, changes: dict) -> dict:
        if "steps" in changes and "position" not in changes:  # the same moment of another number of steps
            before = getattr(self, "_state", self.defaults)
            state["position"] = round(before["position"] / before["steps"] * state["steps"])
        return state

    def impossible(self, state: dict) -> str | None:
        if state["data"] not in CLOUDS or state["schedule"] not in SCHEDULES:
            return f"Choose one of {', '.join(CLOUDS)}, and one of {', '.join(SCHEDULES)}."
        if state["steps"] not in STEPS:
            return f"T is {state['steps']}; choose one of {', '.join(map(str, STEPS))}."
        handles = state["handles"]
        if not all(isinstance(y, int | float) and not isinstance(y, bool) for y in handles) or len(handles) != len(HANDLES):
            return f"handles={handles!r}; give {len(HANDLES)} numbers, ᾱ at {', '.join(f'{at:g} T' for at in HANDLES)}."
        if not all(a > b for a, b in zip([1, *handles], [*handles, LEAST])):
            return f"handles={handles!r} do not fall from 1 to {LEAST:g}; data that are lost do not come back."
        return beyond(state, {"seed": (0, 9)}) or no_such_step(state)

    def count(self) -> int:
        return self._state["steps"] + 1

    def compute(self) -> None:
        state, t = self._state, self._state["position"]
        left = _schedule(state["schedule"], state["steps"], tuple(state["handles"]))
        x0, eps = _points(state["data"], state["seed"])
        x = maths.forward(x0, eps, left[t]).numpy()
        snr = 10 * torch.log10(maths.snr(left[1:]))
        self.result_ = {
            "x0": x0.numpy(),
            "eps": eps.numpy(),
            "x": x,
            "signal": left.sqrt().numpy(),
            "noise": (1 - left).sqrt().numpy(),
            "snr": np.concatenate([[1e3], snr.numpy()]),  # at t = 0 there is no noise
            "variance": x.var(0).mean(),
            "handles": np.column_stack([state["steps"] * np.array(HANDLES), self._held(state)]),
            "half": int((left - 0.5).abs().argmin()),
        }
        for name in (*maths.SCHEDULES, *(["drawn"] if state["schedule"] == "drawn" else [])):
            self.result_[f"alpha bar, {name}"] = _schedule(name, state["steps"], tuple(state["handles"])).numpy()

    def draw(self) -> None:
        with self.grid.hold_sync():
            self.grid.show(picture.planes(self._state, self.result_))
            self.grid.count, self.grid.position = self.count(), self._state["position"]
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, repr(self._state))

    def verdict(self) -> str:
        """How much of the data is left at this time."""
        state, result, t = self._state, self.result_, self._state["position"]
        left = result[f"alpha bar, {state['schedule']}"][t]
        ratio = f"signal to noise {number(result['snr'][t], 1)} dB" if t else "no noise yet"
        return (
            f"t = {t} of {state['steps']}: {share(left)} of the power is left of the data (ᾱ = {short(left)}), {ratio}. "
            f"The variance of x_t is {short(result['variance'])}. Half is left at t = {result['half']}."
        )

    def alt(self) -> str:
        state = self._state
        how = f"by the {state['schedule']} schedule, seed {state['seed']}"
        return f"The cloud {state['data']!r} under noise {how}. {self.verdict()}"

    def tracks(self) -> list[Track]:
        state, result, t = self._state, self.result_, self._state["position"]
        few, key = result["x"][:HEARD], repr(state)
        moments = np.linspace(0, state["steps"], CHORDS).round().astype(int)
        a, s = (result[name][moments, None, None] for name in ("signal", "noise"))
        way = (a * result["x0"] + s * result["eps"])[:, :VOICES]
        lasts = LONGEST / CHORDS
        whole = f"{state['data']} {state['schedule']} {state['steps']} {state['handles']} {state['seed']}"
        return [
            Track(f"{HEARD} notes at t = {t}", lambda: one_by_one(few), key=key),
            Track("the same notes as data", lambda: one_by_one(result["x0"][:HEARD]), key=whole),
            Track("four notes dissolve", lambda: film(way, lasts), key=whole, beats=LONGEST / self.count()),
            *(
                Track(f"at t = {t} by the {name} schedule", lambda name=name: one_by_one(self._by(name)), key=key)
                for name in maths.SCHEDULES
                if name != state["schedule"]
            ),
        ]

    def _by(self, name: str) -> np.ndarray:
        """The notes that are heard, at the same time by another schedule."""
        left = self.result_[f"alpha bar, {name}"][self._state["position"]]
        return (left**0.5 * self.result_["x0"] + (1 - left) ** 0.5 * self.result_["eps"])[:HEARD]

    def question(self) -> Question:
        half = {name: int((maths.schedule(name, 1000) - 0.5).abs().argmin()) for name in ("linear", "cosine")}
        options = ["about t = 100", "about t = 250", "about t = 500", "about t = 750"]
        return Question(
            "Ho's linear schedule takes 1,000 steps to noise. When is half of the data's power gone?",
            options,
            lambda: min(options, key=lambda said: abs(int(said.split()[-1]) - half["linear"])),
            f"At t = {half['linear']}; by the cosine schedule at t = {half['cosine']}. What is left for the other steps?",
        )


@lru_cache(maxsize=32)
def _schedule(name: str, steps: int, handles: tuple) -> torch.Tensor:
    if name != "drawn":
        return maths.schedule(name, steps)
    drawn = np.interp(np.linspace(0, 1, steps + 1), [0, *HANDLES, 1], [1, *handles, LEAST])
    return maths.from_betas(maths.from_curve(torch.tensor(drawn)))


@lru_cache(maxsize=32)
def _points(data: str, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(seed)
    return torch.tensor(sample(data, POINTS, seed)), torch.randn(POINTS, 2, generator=random, dtype=torch.float64)
