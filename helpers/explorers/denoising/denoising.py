"""A note drowned in noise step by step, and the way back out of noise: seen, heard, and jumped in one step.

Notebook: 07c_diffusion. The ways: helpers/explorers/denoising/journey.py; the pictures: film.py.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator
from typing import ClassVar

import ipywidgets as widgets
import numpy as np
import torch
from jaxtyping import Float

from helpers.concepts import diffusion as maths
from helpers.concepts.diffusion import SCHEDULES, Place
from helpers.concepts.timbre import off_db
from helpers.datasets.notes import FAMILIES
from helpers.explorers.base import Explorer
from helpers.explorers.denoising import film, journey, words
from helpers.explorers.denoising.journey import WAYS, Journey, Trip
from helpers.explorers.parts.status import Status
from helpers.explorers.parts.timbres import STRIDE, in_a_row, played
from helpers.explorers.question import Question
from helpers.explorers.values import beyond
from helpers.explorers.working import Working
from helpers.models.denoiser import CENTRE, SPREAD, Denoiser, quarter_turns
from helpers.views import Grid, Stage, Track

STEPS = (1, 2, 4, 8, 16, 50, 100, 250)
LIMITS = {"guidance": (0, 6), "eta": (0, 1), "strength": (0.05, 1), "seed": (0, 99), "steps": (1, 1000)}
PATIENCE = 40  # passes through the denoiser that a control waits for; more go on in the background
PITCH = 52  # E3
MOMENT = 0.35  # seconds of each place in the sound of the whole way
KEPT = 24  # ways that are remembered
_known: OrderedDict[Trip, Journey] = OrderedDict()
Picture = Float[np.ndarray, "24 32"]
BLANK = np.full((24, 32), np.nan, np.float32)


class Denoising(Working):
    """A note as a picture of its harmonics, on its way into noise or out of it.

    denoiser: one of your own, instead of the one that ships (the jumps are the shipped consistency model's). State: way (into
    noise: a real note and noise are mixed; out of noise: the diffusion model makes one up; from a note: drowned only so far, then
    brought back), note (the real note's family), family (what the model is told; "any": nothing), guidance (w: 0 ignores the
    family, 1 as learned, more overdoes it), steps (back to t = 0), eta (0: DDIM, 1: as much fresh noise as in DDPM), schedule,
    strength (how far a note is drowned before it is brought back), seed, place (which of the pictures of the way).
    """

    axis: ClassVar[str] = "place"
    view: ClassVar[type[Grid]] = Stage
    defaults: ClassVar[dict] = {
        "way": "into noise", "note": "guitar", "family": "guitar", "guidance": 1.0, "steps": 16, "eta": 0.0, "schedule": "cosine",
        "strength": 0.6, "seed": 0, "place": 6,
    }  # fmt: skip
    presets: ClassVar[dict[str, dict]] = {
        "a guitar goes under": {},
        "the same in a straight schedule": {"schedule": "linear"},
        "an organ out of nothing": {"way": "out of noise", "family": "organ", "place": 12},
        "told nothing": {"way": "out of noise", "family": "any", "place": 12},
        "overdone": {"way": "out of noise", "family": "organ", "guidance": 5.0, "place": 12},
        "two steps": {"way": "out of noise", "family": "organ", "steps": 2, "place": 1},
        "fresh noise at each step": {"way": "out of noise", "family": "organ", "eta": 1.0, "place": 12},
        "a guitar becomes a flute": {"way": "from a note", "family": "flute", "guidance": 2.0, "place": 0},
        "a guitar, hardly touched": {"way": "from a note", "family": "flute", "guidance": 2.0, "strength": 0.2, "place": 0},
    }

    def __init__(self, denoiser: Denoiser | None = None, **options: object) -> None:
        self.denoiser = denoiser and denoiser.eval()
        self.given = {"denoiser": denoiser} if denoiser else {}
        self._known = OrderedDict() if denoiser else _known
        self._wanted: dict = {}  # what the way being computed will be for
        self._reached: tuple[Trip, Place] | None = None  # where that way has come
        self._arriving = False  # whether what is set is the end of that way
        super().__init__(**options)

    def build(self) -> None:
        families = [family for family in FAMILIES if family in journey.real()]
        self.control("way", widgets.Dropdown(options=list(WAYS), description="way"))
        self.control("note", widgets.Dropdown(options=families, description="real note"))
        self.control("strength", _slider("drowned to", 0.05, 1.0, 0.05))
        self.control("family", widgets.Dropdown(options=["any", *FAMILIES], description="told family"))
        self.control("guidance", _slider("guidance w", 0.0, 6.0, 0.5))
        self.control("steps", widgets.Dropdown(options=sorted({*STEPS, self._state["steps"]}), description="steps"))
        self.control("eta", _slider("fresh η", 0.0, 1.0, 0.25))
        self.control("schedule", widgets.Dropdown(options=list(SCHEDULES), description="schedule"))
        self.control("seed", widgets.IntSlider(min=0, max=99, description="seed", continuous_update=False))
        button = widgets.Button(description="cancel", layout={"width": "80px"})
        button.on_click(lambda _: self.cancel())
        self.beside(button)
        self.said = self.beside(Status())
        self._newest.run = self._ask
        self.grid.on("click", lambda panel, row, column: self.set(place=column if panel == "noise" else column // STRIDE))

    def set(self, **changes: object) -> Explorer:
        """As always; another state than the one that is being walked to ends the walk."""
        reached, leaves = self._reached, self._work.busy and not self._arriving and changes.keys() - {self.axis}
        if leaves:
            self._reached = None
        super().set(**changes)
        if leaves and self.problem:  # what cannot be ends nothing
            self._reached = reached
        elif leaves:
            self._work.cancel()
            self.said.say("")
        return self

    def settle(self, state: dict, changes: dict) -> dict:
        if "place" not in changes:
            state["place"] = min(state["place"], journey.places_of(state) - 1)
        return state

    def impossible(self, state: dict) -> str | None:
        if state["note"] not in journey.real():
            return f"There is no held-out note of {state['note']!r}; there are {', '.join(journey.real())}."
        if wrong := beyond(state, LIMITS):
            return wrong
        for name, offered in (("way", WAYS), ("schedule", tuple(SCHEDULES)), ("family", ("any", *FAMILIES))):
            if state[name] not in offered:
                return f"{name} is {state[name]!r}; choose one of {', '.join(offered)}."
        if not 0 <= state["place"] < journey.places_of(state):
            return f"There is no place {state['place']}; this way has {journey.places_of(state)}, from 0."
        return None

    def count(self) -> int:
        return journey.places_of(self._state)

    def compute(self) -> None:
        trip = journey.trip_of(self._state)
        if trip not in self._known:
            *_, found = journey.travel(trip, self.denoiser)
            self._remember(trip, found)
        found = self._known[trip]
        at = self._state["place"]
        pictures = {name: (getattr(found, name) * SPREAD + CENTRE).numpy() for name in film.STRIPS}
        real = None if self._state["way"] == "out of noise" else journey.note(self._state["note"]).numpy()
        end = np.clip(pictures["x"][-1], 0, 1)
        goal = real if self._state["way"] == "into noise" else end
        self.result_ = {
            "time": found.time.numpy(),
            "signal": found.alpha_bar.sqrt().numpy(),
            "noise": (1 - found.alpha_bar).sqrt().numpy(),
            "turns": quarter_turns(found.alpha_bar).numpy(),
            **pictures,
            "goal": goal,
            **({} if real is None else {"real": real}),
            "guess off": _off(pictures["x0"][at], goal),
            "jump off": _off(pictures["jump"][at], goal),
            "passes": found.passes,
        }

    # the picture, the words and the sound

    def draw(self) -> None:
        result, at = self.result_, self._state["place"]
        here, noise, said = (
            {name: result[name][at] for name in film.STRIPS},
            result["noise"][at],
            words.verdict(result, self._state),
        )
        here["last"] = result["goal"]
        last = f"the {self._state['note']} itself" if self._state["way"] == "into noise" else "where it ends"
        if self._reached:  # a way that is not finished: the large pictures are its, the strips still those of the last
            noise, last, said = self._noise(), "not there yet", self._on_the_way()
            here = {name: _shown(getattr(self._reached[1], name)) for name in ("x", "x0")}
            here |= dict.fromkeys(("jump", "last"), BLANK)
        panels, labels = film.layout(result, here, float(noise), last)
        with self.grid.hold_sync():
            self.grid.show(panels, labels)
            self.grid.slide = film.slide(self.count())
            self.grid.count, self.grid.position = self.count(), at
            self.grid.caption = said
        going = self._state["way"] != "into noise"
        for name, wanted in (("steps", going), ("eta", going), ("note", self._state["way"] != "out of noise"),
                             ("strength", self._state["way"] == "from a note")):  # fmt: skip
            self.controls[name].layout.display = "" if wanted else "none"
        self.player.offer(self.tracks, tuple(self._state.items()))

    def alt(self) -> str:
        return self._on_the_way() if self._reached else words.alt(self.result_, self._state)

    def _noise(self) -> float:
        """How much noise is in what the way that is being walked has reached."""
        trip, place = self._reached
        return float((1 - maths.schedule(trip.schedule, journey.T)[place.t]).sqrt())

    def _on_the_way(self) -> str:
        return words.on_the_way(self._reached[1].t, self._noise())

    def tracks(self) -> list[Track]:
        result, at, trip = self.result_, self._state["place"], journey.trip_of(self._state)
        here = {"x_t, here": result["x"][at], "x̂₀, here": result["x0"][at], "one jump from here": result["jump"][at]}
        here[words.goal(trip.way)] = result["goal"]
        if trip.way == "from a note":
            here["the real note"] = result["real"]
        key = f"{at} {trip}"
        found = [Track(name, lambda picture=picture: played(_audible(picture), PITCH), key=key) for name, picture in here.items()]
        for name, which in (("x_t", "x"), ("x̂₀", "x0")):
            whole = lambda which=which: in_a_row(_audible(result[which]), PITCH, MOMENT)  # noqa: E731
            found.append(Track(f"{name}, all the way", whole, key=str(trip), beats=MOMENT))
        return found

    def question(self) -> Question:
        return Question(
            "Half of x_t's power is noise. How far off is the denoiser's guess of a cell, on average?",
            ["less than 4 dB", "4 to 10 dB", "more than 10 dB"],
            lambda: _answer(self.result_),
            "It was never told this note: what it knows is what notes are like.",
        )

    # what takes longer than a moment

    def _ask(self, **changes: object) -> None:
        """What the controls do: a long way is walked in the background."""
        if self._work.busy:
            changes = self._wanted | changes
        wanted = self.settle(self._state | changes, changes)
        trip = journey.trip_of(wanted)
        if trip in self._known or journey.passes(trip) <= PATIENCE or self.impossible(wanted):
            self.set(**changes)
            return
        self._wanted = changes
        self._work.start(self._walk(trip, changes))

    def _walk(self, trip: Trip, changes: dict) -> Generator[str, None, None]:
        finished = False
        try:
            for place in journey.travel(trip, self.denoiser):
                if isinstance(place, Journey):
                    self._remember(trip, place)
                else:
                    self._reached = trip, place
                    yield f"on the way back: t = {place.t:,} of 1,000"
            finished = True
        finally:
            if self._reached and self._reached[0] == trip:  # else another way has begun by now
                self._reached = None
            if finished:
                self.said.say("")
                self._arrive(changes)
            else:
                self._show()

    def _arrive(self, changes: dict) -> None:
        self._arriving = True
        try:
            self.set(**changes)
        finally:
            self._arriving = False

    def _remember(self, trip: Trip, found: Journey) -> None:
        self._known[trip] = found
        while len(self._known) > KEPT:
            self._known.popitem(last=False)

    def _progress(self, said: str) -> None:
        self.said.say(said)
        self.draw()
        self.grid.alt = self.alt()


def _audible(pictures: Float[np.ndarray, "*place 24 32"]) -> Float[np.ndarray, "*place 24 32"]:
    """Without what noise puts beyond the quietest and the loudest level."""
    return np.clip(pictures, 0, 1)


def _slider(name: str, low: float, high: float, step: float) -> widgets.FloatSlider:
    return widgets.FloatSlider(min=low, max=high, step=step, description=name, continuous_update=False)


def _shown(x: torch.Tensor) -> Picture:
    return (x[0] * SPREAD + CENTRE).numpy()


def _off(picture: Picture, goal: Picture) -> float:
    """How far a picture, within black and white, is from another: dB."""
    return off_db(np.clip(picture, 0, 1), goal)


def _answer(result: dict) -> str:
    at = int(np.abs(result["turns"] - 0.5).argmin())
    off = _off(result["x0"][at], result["goal"])
    return "less than 4 dB" if off < 4 else "4 to 10 dB" if off <= 10 else "more than 10 dB"
