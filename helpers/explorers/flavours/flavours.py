"""Flavours of GANs on notes: conditional drawings, what lies between two, a pyramid level by level, super-resolution; all heard.

Notebook: 07b_gans. The numbers: helpers/explorers/flavours/making.py; the pictures: board.py; the sounds: sound.py.
"""

from __future__ import annotations

from typing import ClassVar

import ipywidgets as widgets
import numpy as np
import torch

from helpers.datasets.harmonics import PITCHES
from helpers.datasets.notes import FAMILIES
from helpers.explorers.base import Explorer
from helpers.explorers.flavours import board, making, words
from helpers.explorers.flavours.making import CLIMB, DRAWINGS, ENLARGED, PLACES, SIZES
from helpers.explorers.flavours.sound import MOMENT, glide
from helpers.explorers.parts.numerals import number
from helpers.explorers.parts.timbres import in_a_row, played
from helpers.explorers.question import Question
from helpers.explorers.values import beyond
from helpers.models.gan import Generator
from helpers.views import Grid, Stage, Track

SHOWS = {
    "drawings": DRAWINGS,
    "between": PLACES,
    "level by level": len(CLIMB),
    "enlarged": len(ENLARGED),
}  # how many places each has
HEARD = {"drawings": "drawings", "between": "way", "level by level": "played", "enlarged": "enlarged"}  # of the result
LIMITS = {
    "truncation": (0.1, 3.0),
    "seed": (0, 99),
    "detail": (0, 99),
    "pitch": (PITCHES[0], PITCHES[-1]),
    "a": (0, 7),
    "b": (0, 7),
}
WANTED = {
    "to": ("between",),
    "b": ("between",),
    "truncation": ("drawings", "between"),
    "detail": ("level by level",),
    "seed": ("drawings", "between", "level by level"),
}  # controls that are not always there
EACH = 0.7  # seconds of a note when several are played one after the other


class Flavours(Explorer):
    """Notes that GANs made, as pictures of their harmonics.

    generator: one of your own, in place of the conditional GAN that ships. State: show (drawings of a family; between: from
    one family and drawing to another; level by level: a LAPGAN's pyramid; enlarged: 6 × 8 to 24 × 32), family, to (the
    other family), a and b (which drawing's noise, 0 to 7; where a real note is shown, a is which one), seed (of the eight
    drawings' noise), truncation (noise beyond ± it is drawn again; 3: never), detail (seed of a LAPGAN's bands), pitch
    (MIDI), place (along what is shown; of drawings, it is a).
    """

    axis: ClassVar[str] = "place"
    view: ClassVar[type[Grid]] = Stage
    defaults: ClassVar[dict] = {
        "show": "drawings", "family": "organ", "to": "flute", "a": 0, "b": 1, "seed": 0, "truncation": 3.0, "detail": 0,
        "pitch": 52, "place": 0,
    }  # fmt: skip
    presets: ClassVar[dict[str, dict]] = {
        "eight organs": {},
        "eight guitars": {"family": "guitar"},
        "eight guitars, hardly any noise": {"family": "guitar", "truncation": 0.3},
        "an organ becomes a mallet": {"show": "between", "to": "mallet", "b": 0, "place": 4},
        "an organ becomes another": {"show": "between", "to": "organ", "b": 3, "place": 4},
        "level by level": {"show": "level by level", "family": "mallet", "place": 2},
        "the same mallet, other bands": {"show": "level by level", "family": "mallet", "detail": 5, "place": 2},
        "an organ enlarged": {"show": "enlarged", "place": 4},
    }

    def __init__(self, generator: Generator | None = None, **options: object) -> None:
        self.generator = generator and generator.eval()
        self.given = {"generator": generator} if generator else {}
        super().__init__(**options)

    def build(self) -> None:
        self.control("show", widgets.Dropdown(options=list(SHOWS), description="show"))
        for name, said in (("family", "family"), ("to", "to family")):
            self.control(name, widgets.Dropdown(options=[(board.called(f), f) for f in FAMILIES], description=said))
        for name, said in (("a", "drawing A"), ("b", "drawing B")):
            self.control(name, widgets.Dropdown(options=[(str(k + 1), k) for k in range(DRAWINGS)], description=said))
        self.control("truncation", widgets.FloatSlider(min=0.1, max=3.0, step=0.1, description="noise ±"))
        self.control("seed", widgets.IntSlider(min=0, max=99, description="seed"))
        self.control("detail", widgets.IntSlider(min=0, max=99, description="bands' seed"))
        self.control("pitch", widgets.IntSlider(min=PITCHES[0], max=PITCHES[-1], description="pitch"))
        self.grid.on("click", self._click)

    def settle(self, state: dict, changes: dict) -> dict:
        """Of drawings, the place is the drawing looked at; elsewhere a place that is no more becomes the last."""
        if state["show"] == "drawings":
            if "place" in changes and "a" not in changes and state["place"] in range(DRAWINGS):
                state["a"] = state["place"]
            state["place"] = state["a"]
        elif "place" not in changes and state["show"] in SHOWS:
            state["place"] = min(state["place"], SHOWS[state["show"]] - 1)
        return state

    def impossible(self, state: dict) -> str | None:
        for name, offered in (("show", tuple(SHOWS)), ("family", FAMILIES), ("to", FAMILIES)):
            if state[name] not in offered:
                return f"{name} is {state[name]!r}; choose one of {', '.join(offered)}."
        if wrong := beyond(state, LIMITS):
            return wrong
        if not 0 <= state["place"] < SHOWS[state["show"]]:
            return f"There is no place {state['place']}; {state['show']} has {SHOWS[state['show']]}, from 0."
        return None

    def count(self) -> int:
        return SHOWS[self._state["show"]]

    def compute(self) -> None:
        state = self._state
        network = self.generator or making.networks()[0]
        ways = {
            "drawings": (making.drawings, network, state["family"], state["seed"], state["truncation"], state["a"]),
            "between": (making.between, network, *_ends(state), state["seed"], state["truncation"]),
            "level by level": (making.levels, state["family"], state["seed"], state["detail"], state["a"]),
            "enlarged": (making.enlarge, state["family"], state["a"]),
        }  # fmt: skip
        make, *given = ways[state["show"]]
        self.result_ = {name: _plain(x) for name, x in make(*given).items()}

    # the picture, the words and the sound

    def draw(self) -> None:
        lay = {"drawings": board.drawn, "between": board.between, "level by level": board.pyramid, "enlarged": board.enlarged}
        show = self._state["show"]
        panels, labels, marks = lay[show](self.result_, self._state)
        with self.grid.hold_sync():
            self.grid.show(panels, labels)
            self.grid.marks = marks
            self.grid.count, self.grid.position = self.count(), self._state["place"]
            self.grid.caption = words.verdict(self.result_, self._state)
        for name, shows in WANTED.items():
            self.controls[name].layout.display = "" if show in shows else "none"
        self.controls["a"].description = {"between": "drawing A", "drawings": "drawing"}.get(show, "real note")
        self.player.offer(self.tracks, tuple(self._state.items()))

    def alt(self) -> str:
        return words.alt(self.result_, self._state)

    def pictures(self) -> np.ndarray:
        """The picture of each place, as it is heard: (place, 24, 32)."""
        return self.result_[HEARD[self._state["show"]]]

    def tracks(self) -> list[Track]:
        state, result, pitch = self._state, self.result_, self._state["pitch"]
        pictures, at, key = self.pictures(), state["place"], str(state)
        names = {"drawings": "this drawing", "between": "here", "level by level": "this size", "enlarged": "this one"}
        found = [Track(names[state["show"]], lambda: played(pictures[at], pitch), key=key)]
        row = Track("one after the other", lambda: in_a_row(pictures, pitch, EACH), key=key, beats=EACH)
        if state["show"] == "drawings":
            kin = result["kin"]
            return [*found, row, Track("every family, this noise", lambda: in_a_row(kin, pitch, EACH), key=key)]
        if state["show"] == "between":
            return [*found, Track("one gapless tone", lambda: glide(pictures, pitch), key=key, beats=MOMENT), row]
        if state["show"] == "level by level":
            return [*found, row, Track("the real note", lambda: played(result["real 24 × 32"], pitch), key=key)]
        return [*found, row, Track("the real note", lambda: played(pictures[-1], pitch), key=key)]

    def question(self) -> Question:
        found = making.drawings(self.generator or making.networks()[0], "organ", 0, making.FREE, 0)
        organs, families = (number(found[name], 1) for name in ("spread", "kin spread"))
        return Question(
            "Eight organs from eight noises; then one of these noises with every family. Which differ more, cell by cell?",
            ["organs among themselves", "families of one noise", "about the same"],
            _answer(found["spread"], found["kin spread"]),
            f"A cell varies by {organs} dB among the organs, by {families} dB among the families. "
            "What the noise stands for is left to the generator: how bright, how long, which kind of organ.",
        )

    def _click(self, panel: str, row: int, column: int) -> None:
        """A thumbnail is looked at, and heard."""
        kind, _, which = panel.rpartition(" ")
        if kind in ("drawing", "place"):
            self.set(place=int(which))
        elif kind == "kin":
            self.set(family=which)
        elif kind in ("enlarged", "error"):
            self.set(place=list(ENLARGED).index(which))
        elif panel.startswith("real"):
            self.set(place=len(SIZES))
        elif panel.startswith("made"):
            self.set(place=next(k for k, size in enumerate(SIZES) if panel.endswith(size)))
        self.player.play(0)


def _ends(state: dict) -> tuple[tuple[str, str], tuple[int, int]]:
    """Families and drawings of A and B."""
    return (state["family"], state["to"]), (state["a"], state["b"])


def _plain(x: torch.Tensor | float) -> np.ndarray | float:
    """Pictures as numpy arrays, and rows of numbers to be written in float64."""
    return x if isinstance(x, float) else x.double().numpy() if x.ndim == 1 else x.numpy()


def _answer(organs: float, families: float) -> str:
    if max(families, organs) < 1.2 * min(families, organs):
        return "about the same"
    return "families of one noise" if families > organs else "organs among themselves"
