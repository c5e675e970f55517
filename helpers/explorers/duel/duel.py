"""Two networks on a plane of notes: step D, step G, both, or let them train; see who wins, and hear what the fakes became.

Notebook: 07b_gans. Concepts: helpers/concepts/adversarial.py, duel.py, fidelity.py; the picture: helpers/explorers/duel/arena.py.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Generator
from typing import ClassVar

import ipywidgets as widgets
import numpy as np

from helpers.concepts.adversarial import KINDS, kind
from helpers.concepts.duel import NOISES, OPTIMISERS, Diverged
from helpers.datasets.clouds import CLOUDS, REACH
from helpers.explorers.base import Explorer
from helpers.explorers.duel import arena, setting, sound, words
from helpers.explorers.duel.course import Course, cut, length, more
from helpers.explorers.duel.numbers import numbers
from helpers.explorers.duel.setting import MOST, RULES, cloud_of, rules_of
from helpers.explorers.parts.dial import LogSlider
from helpers.explorers.parts.status import Status
from helpers.explorers.question import Question
from helpers.explorers.working import Working
from helpers.views import Grid, Stage, Track

COURSES = 3  # that are remembered; each may hold some ten megabytes
LAYERS = ("heat", "boundary", "reals", "fakes", "manifold", "pulls", "trail")
ROUNDS = 1500  # that "train" makes, if it is not stopped
SLOWLY = 0.7  # seconds for each move in slow motion


class Duel(Working):
    """A generator learns a cloud of notes from what a discriminator makes of its fakes.

    State: data (a cloud, or "drawn": the notes in `drawn`), loss, noise (what G begins with), depth and width (of both
    networks), optimiser, lr_d, lr_g, batch, blur (instance noise), seed: the rules, and a change of them begins a new duel.
    k_d, k_g: moves of each in a round. moves: those made, [["DG", 200], ["D", 1]]; position: how many of them one looks at
    (−1: all). morph: how far the fakes have come from their noise (1: all the way). heat, boundary, reals, fakes,
    manifold, pulls, trail (of the fakes' middle): what is shown. slow: train in slow motion. heard: the place of a note that
    was clicked, or [].
    """

    axis: ClassVar[str] = "position"
    view: ClassVar[type[Grid]] = Stage
    defaults: ClassVar[dict] = {
        "data": "eight Gaussians", "drawn": [[-0.6, 0.5], [0.0, -0.5], [0.6, 0.5]], "loss": "non-saturating", "noise": "2 normal",
        "depth": 2, "width": 32, "optimiser": "Adam", "lr_d": 5e-3, "lr_g": 2e-3, "batch": 64, "blur": 0.0, "k_d": 1, "k_g": 1,
        "seed": 0, "moves": [], "position": -1, "morph": 1.0, "heat": True, "boundary": True, "reals": True, "fakes": True,
        "manifold": True, "pulls": True, "trail": False, "slow": False, "heard": [],
    }  # fmt: skip
    presets: ClassVar[dict[str, dict]] = {
        "healthy": {},
        "mode collapse": {"width": 16, "lr_d": 2e-3, "lr_g": 2e-3, "k_g": 5},
        "oscillation": {"lr_d": 2e-3, "lr_g": 5e-3, "k_g": 10, "trail": True, "pulls": False, "manifold": False},
        "D too strong": {"lr_d": 1e-2, "lr_g": 1e-4, "k_d": 10},
        "vanishing G": {"data": "drawn", "drawn": [[1.0, 1.0]], "loss": "minimax", "noise": "2 uniform", "lr_d": 1e-2, "lr_g": 1e-3,
                        "k_d": 10},
    }  # fmt: skip

    def __init__(self, **options: object) -> None:
        self._courses: OrderedDict[tuple, Course] = OrderedDict()
        self._growing = False  # whether moves are being added, not chosen
        super().__init__(**options)

    def build(self) -> None:
        narrow = {"layout": {"width": "190px"}}
        choose = {
            "data": [*CLOUDS, "drawn"], "loss": list(KINDS), "noise": list(NOISES), "optimiser": list(OPTIMISERS),
            "depth": [1, 2, 3], "width": [4, 8, 16, 32, 64], "batch": [16, 64, 256],
        }  # fmt: skip
        for name, options in choose.items():
            self.control(name, widgets.Dropdown(options=options, description=name, layout={"width": "220px"}))
        for name in ("lr_d", "lr_g"):
            said = f"rate of {name[-1].upper()}"
            self.control(name, LogSlider(min=-4, max=0, step=0.1, description=said, continuous_update=False, **narrow))
        self.control("blur", widgets.FloatSlider(min=0, max=0.3, step=0.05, description="inst. noise", continuous_update=False))
        for name, least, most, said in (("k_d", 1, 10, "D a round"), ("k_g", 1, 10, "G a round"), ("seed", 0, 99, "seed")):
            whole = widgets.IntSlider(min=least, max=most, description=said, continuous_update=False, layout={"width": "230px"})
            self.control(name, whole)
        self.control("morph", widgets.FloatSlider(min=0, max=1, step=0.05, description="noise → G"))
        for name in (*LAYERS, "slow"):
            said = {"slow": "slow motion"}.get(name, name)
            self.control(name, widgets.ToggleButton(description=said, layout={"width": "100px"}))
        for said, act in (("step D", lambda: self.move("D")), ("step G", lambda: self.move("G")), ("both", self.both),
                          ("train", self.train), ("stop", self.stop), ("start again", self.again)):  # fmt: skip
            button = widgets.Button(description=said, layout={"width": "100px"})
            button.on_click(lambda _, act=act: act())
            self.beside(button)
        self.said = self.beside(Status())
        self._newest.run = self._ask
        self.grid.on("place", self._place)
        self.grid.on("pick", self._pick)
        for event in ("drag", "drop"):
            self.grid.on(event, self._drag)

    # what the hand does on the plane

    def _place(self, panel: str, x: float, y: float, shift: bool) -> None:
        if self._state["data"] == "drawn":
            self._ask(drawn=[*self._state["drawn"], [round(x, 2), round(y, 2)]])
        else:
            self._hear(x, y)

    def _pick(self, panel: str, layer: str, index: int, shift: bool) -> None:
        if layer == "drawn" and shift:
            self._ask(drawn=[place for k, place in enumerate(self._state["drawn"]) if k != index])
        elif layer == "drawn":
            self._hear(*map(float, self._state["drawn"][index]))
        elif layer in ("fake", "real"):
            self._hear(*map(float, self.result_[layer][index]))

    def _drag(self, panel: str, layer: str, index: int, x: float, y: float) -> None:
        drawn = [list(place) for place in self._state["drawn"]]
        drawn[index] = [round(x, 2), round(y, 2)]
        self._newest(drawn=drawn)

    def _hear(self, x: float, y: float) -> None:
        self.set(heard=[round(float(np.clip(v, -REACH, REACH)), 2) for v in (x, y)])
        self.player.play(2)

    # the state

    def settle(self, state: dict, changes: dict) -> dict:
        return setting.settled(state, changes)

    def impossible(self, state: dict) -> str | None:
        if problem := setting.problem(state):
            return problem
        try:
            self._course(state)
        except (ValueError, Diverged) as error:
            return str(error)
        return None

    def _course(self, state: dict) -> Course:
        """The duel of these rules, with the moves of this state."""
        rules = rules_of(state)
        key = (rules, state["data"], *(map(tuple, state["drawn"]) if state["data"] == "drawn" else ()))
        if key not in self._courses:
            self._courses[key] = Course(rules, cloud_of(state))
            if len(self._courses) > COURSES:
                self._courses.popitem(last=False)
        self._courses.move_to_end(key)
        return self._courses[key].follow(state["moves"])

    def count(self) -> int:
        return length(self._state["moves"]) + 1

    def compute(self) -> None:
        self.result_ = numbers(self._state, self._course(self._state))

    # the picture, the words and the sound

    def draw(self) -> None:
        with self.grid.hold_sync():
            the_kind = kind(self._state["loss"])
            self.grid.show([arena.plane(self.result_, self._state, the_kind), *arena.courses(self.result_, the_kind)])
            self.grid.count, self.grid.position = self.count(), self._state["position"]
            self.grid.caption = words.verdict(self.result_, self._state)
        self.player.offer(self.tracks, sound.said(self.result_, self._state["heard"]))

    def alt(self) -> str:
        return words.alt(self.result_, self._state)

    def tracks(self) -> list[Track]:
        return sound.tracks(self.result_, self._state["heard"])

    def question(self) -> Question:
        return Question(
            "D makes twenty steps, G none. What changes in the picture: D's opinion (the colours), or the fakes?",
            ["the colours alone", "the fakes alone", "both"],
            self._moved_by_d,
            "Each step moves one network's weights. The fakes stand still until G makes a step, and then the colours do.",
        )

    def _moved_by_d(self) -> str:
        course = Course(rules_of(self._state), cloud_of(self._state)).follow([["D", 20]])
        before, after = course.at(0), course.last
        colours, fakes = (bool((a.theta != b.theta).any()) for a, b in ((before.d, after.d), (before.g, after.g)))
        return {(True, False): "the colours alone", (False, True): "the fakes alone"}.get((colours, fakes), "both")

    # moves

    def move(self, moves: str, times: int = 1) -> Duel:
        """Make these moves, "D", "G" or "DG", after the one that is looked at."""
        self.stop()
        return self.set(moves=more(cut(self._state["moves"], self._state["position"]), moves, times))

    def both(self) -> Duel:
        """One round: k_d moves of D, then k_g of G."""
        return self.move(self._round())

    def _round(self) -> str:
        return "D" * self._state["k_d"] + "G" * self._state["k_g"]

    def again(self) -> Duel:
        """The same duel from its beginning."""
        self.stop()
        return self.set(moves=[])

    def train(self, rounds: int = ROUNDS) -> Duel:
        """Make so many rounds, in the background where a loop turns."""
        self.stop()
        if self._state["position"] < length(self._state["moves"]):
            self.set(moves=cut(self._state["moves"], self._state["position"]))
        self._work.start(self._train(rounds))
        return self

    # training goes on in the background; its moves become the state's with every picture

    def set(self, **changes: object) -> Explorer:
        if not self._growing:
            if {*RULES, "data", "drawn", "moves"} & changes.keys():
                self._leave()
            elif "position" in changes:
                self.stop()
        return super().set(**changes)

    def _ask(self, **changes: object) -> None:
        """What the controls do: whoever changes the rules while it trains sees it train by the new ones."""
        training = self._work.busy and {*RULES, "data", "drawn", "k_d", "k_g", "slow"} & changes.keys()
        if training:
            self.stop()
        self.set(**changes)
        if training and not self.problem:
            self.train()

    def _train(self, rounds: int) -> Generator[str, None, None]:
        course, script, turns = self._course(self._state), self._state["moves"], self._round()
        if len(course.moves) > length(script):  # it was followed farther once, before "start again" or from a later place
            course.forget(length(script))
        done, patient, began, first = 0, self._state["slow"] and _live(), time.perf_counter(), len(course.moves)

        def grown() -> list:
            whole, part = divmod(done, len(turns))
            return more(more(script, turns, whole), turns[:part] or turns, int(part > 0))

        self._grown = grown
        try:
            for _ in range(min(rounds, (MOST - first) // len(turns))):
                for who in turns:
                    made = course.move(who)
                    done += 1
                    pace = done / (time.perf_counter() - began)
                    yield f"move {first + done:,}: {pace:.0f} moves a second"
                    due = time.perf_counter() + SLOWLY
                    while patient and time.perf_counter() < due:
                        time.sleep(0.01)
                        yield f"move {first + done:,}: {who} has moved; loss {made.loss:.2f}, gradient {made.gradient:.2g}"
            self.said.say(f"{done:,} moves, {pace:.0f} a second" if done else f"{MOST:,} moves are all that can be made")
        except Diverged as error:
            self.said.say(f"stopped. {error}")
        finally:
            if self._grown is grown:
                self._grow()
                self._grown = None

    _grown = None  # what makes the script of the moves made so far, while it trains

    def _grow(self) -> None:
        """Make the moves of the training those of the state."""
        self._growing = True
        try:
            self.set(moves=self._grown())
        finally:
            self._growing = False

    def _leave(self) -> None:
        """End the training; what it learned since the last picture is left behind."""
        self._grown = None
        self._work.cancel()
        self.said.say("")

    def stop(self) -> None:
        """End the training at once; what was learned is kept."""
        if self._work.busy and self._grown:
            self._work.cancel()
            self._grow()
            self._grown = None
            self.said.say("stopped")

    def _progress(self, said: str) -> None:
        if self._grown:
            self._grow()
            self.said.say(said)


def _live() -> bool:
    """Whether a loop turns, and somebody may be watching."""
    try:
        return asyncio.get_running_loop().is_running()
    except RuntimeError:
        return False
