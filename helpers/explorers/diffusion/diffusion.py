"""The way back from noise to notes: step by step, by DDPM or DDIM, with the exact noise or with a net that learns it live.

Notebook: 07c_diffusion. Concepts: helpers/concepts/{diffusion,mixture_noise}.py; the way: helpers/explorers/diffusion/way.py.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar

import ipywidgets as widgets
import numpy as np

from helpers.concepts.diffusion import SCHEDULES
from helpers.datasets.clouds import CLOUDS
from helpers.explorers.base import Explorer
from helpers.explorers.diffusion import picture, words
from helpers.explorers.diffusion.pupil import EVERY, GOAL, pupil
from helpers.explorers.diffusion.target import GIVEN, alpha_bar, target
from helpers.explorers.diffusion.way import KINDS, Setting, Way, errors, way
from helpers.explorers.parts.points import CHORD, film, one_by_one
from helpers.explorers.parts.status import Status
from helpers.explorers.question import Question
from helpers.explorers.values import beyond
from helpers.explorers.working import Working
from helpers.views import Film, Grid, Track

STEPS = (5, 10, 20, 50, 100, 250, 1000)
EXACT = next(iter(KINDS))
BESIDE = {
    "the guess x̂₀": {}, "DDPM": {"sampler": "DDPM"}, "DDIM, η = 0": {"sampler": "DDIM", "eta": 0.0}, "5 steps": {"steps": 5},
    "250 steps": {"steps": 250}, "linear schedule": {"schedule": "linear"}, "cosine schedule": {"schedule": "cosine"},
    "w = 1, not guided": {"w": 1.0}, "any note": {"given": "any"}, EXACT: {"network": EXACT},
}  # fmt: skip
LIMITS = {"eta": (0, 1), "w": (0, 8), "strength": (0.05, 1), "seed": (0, 99), "trained": (0, GOAL)}
HEARD, VOICES = 12, 4


class Diffusion(Working):
    """500 points, 200 of them shown, walk from noise to a cloud of notes; scrub, see and hear them come back.

    State: data, network (the exact noise, or a small net that predicts ε, x₀ or v), trained (its updates so far: `train`),
    schedule, sampler (DDIM, DDPM), eta (DDIM's: 0 no fresh noise, 1 DDPM's), steps, given (any, low, high: the notes that
    are asked for), w (guidance: 0 not asked, 1 asked, more insisted), strength (1: from pure noise; less: from `note` under
    less noise), note (x, y), seed, beside (what the second plane shows), position (the frame).
    """

    view: ClassVar[type[Grid]] = Film
    axis: ClassVar[str] = "position"
    defaults: ClassVar[dict] = {
        "data": "eight Gaussians", "network": EXACT, "trained": 0, "schedule": "cosine", "sampler": "DDIM", "eta": 0.0,
        "steps": 50, "given": "any", "w": 1.0, "strength": 1.0, "note": [-0.2, 1.2], "seed": 0, "beside": "the guess x̂₀",
        "position": 18,
    }  # fmt: skip
    presets: ClassVar[dict[str, dict]] = {
        "DDIM, 50 steps": {},
        "DDPM beside DDIM": {"sampler": "DDPM", "beside": "DDIM, η = 0", "steps": 100},
        "five steps": {"steps": 5, "beside": "250 steps"},
        "low notes only": {"given": "low", "beside": "any note"},
        "low notes, insisted on": {"given": "low", "w": 5.0, "beside": "w = 1, not guided"},
        "from a note of yours": {"strength": 0.4},
        "linear beside cosine": {"schedule": "linear", "beside": "cosine schedule", "steps": 20},
        "a spiral": {"data": "spiral"},
        "a net that has learned nothing": {"network": "a net that predicts v", "trained": 0, "beside": EXACT},
    }

    def __init__(self, **options: object) -> None:
        self._teaching: tuple | None = None  # data, schedule and kind of the net that is learning
        super().__init__(**options)

    def build(self) -> None:
        menus = {
            "data": (list(CLOUDS), "data"), "network": (list(KINDS), "ε from"), "sampler": (["DDIM", "DDPM"], "sampler"),
            "schedule": (list(SCHEDULES), "schedule"), "given": (GIVEN, "notes"), "beside": (list(BESIDE), "beside"),
        }  # fmt: skip
        sliders = {
            "steps": widgets.SelectionSlider(options=STEPS, description="steps"),
            "eta": widgets.FloatSlider(min=0, max=1, step=0.1, description="η", readout_format=".1f"),
            "w": widgets.FloatSlider(min=0, max=8, step=0.5, description="guidance w", readout_format=".1f"),
            "strength": widgets.FloatSlider(min=0.05, max=1, step=0.05, description="strength"),
            "seed": widgets.IntSlider(min=0, max=99, description="seed"),
        }
        for name, (options, said) in menus.items():
            self.control(name, widgets.Dropdown(options=options, description=said))
        for name, slider in sliders.items():
            self.control(name, slider)
        self._buttons = []
        for name, action in (("train", self.train), ("cancel", self.cancel)):
            button = widgets.Button(description=name, layout={"width": "80px"})
            button.on_click(lambda _, action=action: action())
            self._buttons.append(self.beside(button))
        self.said = self.beside(Status())
        for event in ("drag", "drop"):
            self.grid.on(event, lambda panel, layer, index, x, y: self._newest(note=[round(x, 2), round(y, 2)]))

    # the state

    def set(self, **changes: object) -> Explorer:
        before = _whose(self._state)
        super().set(**changes)
        if _whose(self._state) != before:
            self.said.say("")
        return self

    def settle(self, state: dict, changes: dict) -> dict:
        if {"data", "network", "schedule"} & changes.keys() and "trained" not in changes:
            made = hasattr(self, "_state")  # one that is being made shows what its state says, whatever was learned elsewhere
            state["trained"] = _latest(state) if made and _known(state) else 0
        if "position" not in changes and _known(state) and not self.impossible({**state, "position": 0}):
            state["position"] = min(state["position"], len(way(self._setting(state)).t) - 1)
        return state

    def impossible(self, state: dict) -> str | None:
        offered = {
            "data": CLOUDS, "network": KINDS, "schedule": SCHEDULES, "sampler": ("DDIM", "DDPM"), "steps": STEPS, "given": GIVEN,
            "beside": BESIDE,
        }  # fmt: skip
        for name, choices in offered.items():
            if state[name] not in choices:
                return f"{name} is {state[name]!r}; choose one of {', '.join(map(str, choices))}."
        if state["trained"] % EVERY or (state["trained"] and not KINDS[state["network"]]):
            return f"trained is {state['trained']}; a net is kept after every {EVERY} updates, the exact noise has none."
        note = state["note"]
        if not (len(note) == 2 and all(_is_number(part) and abs(part) <= picture.EDGE for part in note)):
            return f"note is {note!r}; give its x and y, from −{picture.EDGE} to {picture.EDGE}."
        if said := beyond(state, LIMITS):
            return said
        last = len(way(self._setting(state)).t) - 1
        return None if 0 <= state["position"] <= last else f"There is no frame {state['position']}; the last is {last}."

    def _setting(self, state: dict) -> Setting:
        """What the way depends on: what has no say is as it was at first, so that the same way is found again."""
        first = {name: value for name, value in self.defaults.items() if name in Setting._fields}
        said = {name: state[name] for name in first}
        if said["sampler"] == "DDPM":
            said["eta"] = 1.0
        if said["given"] == "any":
            said["w"] = 1.0
        if said["strength"] >= 1:
            said["note"] = first["note"]
        learning = self._teaching is not None and self._teaching == _whose(state)
        return Setting(**{**said, "note": tuple(said["note"])}, brief=learning)

    def ways(self) -> tuple[Way, Way | None]:
        """The way of the present state, and the one beside it."""
        own, other = self._settings()
        return way(own), other and way(other)

    def _settings(self) -> tuple[Setting, Setting | None]:
        """Of both ways. A net of another schedule is shown after as many updates as it has had by now."""
        change = BESIDE[self._state["beside"]]
        if not change:
            return self._setting(self._state), None
        other = {**self._state, **change}
        if _whose(other) != _whose(self._state):
            other["trained"] = _latest(other)
        return self._setting(self._state), self._setting(other)

    def count(self) -> int:
        return len(way(self._setting(self._state)).t)

    def compute(self) -> None:
        state = self._state
        if self._teaching and self._teaching != _whose(state):
            self.cancel()
            self._teaching = None  # what is cancelled learns no more: the way beside it is walked whole
        (own, other), k = self.ways(), state["position"]
        left = alpha_bar(state["schedule"])[own.t]
        data, _ = target(state["data"]).draw(picture.SHOWN, seed=5, given=state["given"])
        whose = state["data"], state["schedule"]
        self.result_ = {
            "t": own.t, "x": own.x[k], "x0": own.x0[k], "field": own.field[k], "steps": own.steps, "near": own.near,
            "modes": own.modes, "quality": own.quality, "data": data.numpy(),
            "brief": int(any(its.brief for its in (own, other) if its)),
            "signal": left.sqrt().numpy(), "noise": (1 - left).sqrt().numpy(),
            "error": errors(*whose, state["network"], state["trained"]), "error, exact": errors(*whose, EXACT, 0),
        }  # fmt: skip
        (mine, beside), names = self._settings(), ("trained", "trained beside")
        self.result_ |= {name: its.trained for name, its in zip(names, (mine, beside)) if its and KINDS[its.network]}
        if other:
            at = picture.abreast(own, other)[k]
            self.result_ |= {f"{name} beside": getattr(other, name) for name in ("steps", "near", "modes", "quality")}
            self.result_ |= {"x beside": other.x[at], "t beside": int(other.t[at])}

    # the picture, the words and the sound

    def draw(self) -> None:
        state = self._state
        with self.grid.hold_sync():
            self.grid.show(picture.planes(*self.ways(), state["beside"], self.result_, state))
            self.grid.count, self.grid.position = self.count(), state["position"]
            self.grid.caption = self.verdict()
        seen = {"eta": state["sampler"] == "DDIM", "w": state["given"] != "any"}
        for name, there in seen.items():
            self.controls[name].disabled = not there
        for button in self._buttons:
            button.disabled = not KINDS[state["network"]]
        self.player.offer(self.tracks, f"{state} {self._settings()}")

    def verdict(self) -> str:
        return words.verdict(self._state, self.result_)

    def alt(self) -> str:
        return words.alt(self._state, self.result_)

    def tracks(self) -> list[Track]:
        own, other = self.ways()
        k, result, (mine, beside) = self._state["position"], self.result_, self._settings()
        whole = repr(mine)
        second = result["x0"] if other is None else result["x beside"]
        named = "their guesses x̂₀" if other is None else f"beside: {self._state['beside']}"
        return [
            Track("four notes come back", lambda: film(own.x[:, :VOICES]), key=whole, beats=CHORD),
            Track(f"{HEARD} notes at t = {result['t'][k]}", lambda: one_by_one(result["x"][:HEARD]), key=f"{whole} {k}"),
            Track(named, lambda: one_by_one(second[:HEARD]), key=f"{whole} {k} {beside}"),
            Track(f"{HEARD} notes of the data", lambda: one_by_one(result["data"][:HEARD]), key=whole),
        ]

    def question(self) -> Question:
        few, many = (way(self._setting({**self._state, "steps": steps})) for steps in (5, 50))
        options = ["as near to the data as with 50", "farther, but less than 3 times", "3 to 30 times as far", "more than 30 times"]
        ratio = few.near / many.near
        return Question(
            "From the same noise, DDIM takes 5 steps instead of 50. How far from the data do the points end (squared MMD)?",
            options,
            lambda: options[sum(ratio > least for least in (1.0, 3.0, 30.0))],
            f"With 5 steps {words.apart(few.near)}, with 50 {words.apart(many.near)}.",
        )

    # what takes longer than a moment

    def train(self) -> Diffusion:
        """Let the network learn on, in the background where a loop turns; what it makes is drawn on the way."""
        whose = _whose(self._state)
        if KINDS[self._state["network"]] and not (self._work.busy and self._teaching == whose):
            self._teaching = whose
            self._work.start(self._lessons(whose))
        return self

    def _lessons(self, whose: tuple[str, str, str]) -> Generator[str, None, None]:
        net = pupil(*whose)
        try:
            for updates in net.lessons(GOAL):
                yield f"{updates:,} of {GOAL:,} updates, loss {np.mean(net.losses[-50:]):.3f}"
            self.said.say(f"{net.done:,} updates, loss {np.mean(net.losses[-50:]):.3f}")
        finally:
            if self._teaching is whose:  # else another training has begun by now
                self._teaching = None
            if whose == _whose(self._state):
                self.set(trained=net.latest)

    def _progress(self, said: str) -> None:
        self.said.say(said)
        if self._teaching == _whose(self._state):
            self.set(trained=pupil(*self._teaching).latest)


def _whose(state: dict) -> tuple[str, str, str]:
    """Which network a state has: what it learns from, under which schedule, to predict what."""
    return state["data"], state["schedule"], KINDS[state["network"]]


def _latest(state: dict) -> int:
    """The most updates that a state's network has had in this process; 0 for the exact noise."""
    return pupil(*_whose(state)).latest if KINDS[state["network"]] else 0


def _known(state: dict) -> bool:
    return state["data"] in CLOUDS and state["schedule"] in SCHEDULES and state["network"] in KINDS


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
