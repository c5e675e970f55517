"""Where a token stands: four ways to say it, and what the score of two tokens knows of it.

Notebook: 06_transformers. Concept: helpers/concepts/positions.py.
"""

from __future__ import annotations

from typing import ClassVar

import ipywidgets as widgets
import numpy as np

from helpers.concepts.positions import wavelength
from helpers.explorers.base import Explorer
from helpers.explorers.parts.dial import LogSlider
from helpers.explorers.parts.numerals import number, plural
from helpers.explorers.positions.kinds import AHEAD, KINDS, PLACES, Encoded, encoded
from helpers.explorers.positions.picture import dial_plane, score_plane, shown_pairs, table_plane
from helpers.explorers.question import Question
from helpers.explorers.values import beyond
from helpers.views import Stage, Track
from helpers.views.grid import Grid

SHOWN = PLACES - AHEAD  # places one can stand on: every offset leads to a place
NARROW, WIDE = 4, 64
EVERY = 0.08  # seconds from one place to the next
RATE, PEAK = 16_000, 0.25
CHORD = (1760.0, 1174.7, 880.0, 587.3, 440.0, 293.7)  # Hz: A and D in turn, the fastest hand highest
LIMITS = {
    "width": (NARROW, WIDE),
    "base": (10**0.5, 1e5),
    "offset": (0, AHEAD),
    "seed": (0, 9),
    "position": (0, SHOWN - 1),
}
SAME = 1e-9  # scores that differ by less are one


class Positions(Explorer):
    """Drag a place through the sequence; look at the scores with the tokens around it.

    State: kind, width (dimensions), base (of the hands' speeds), offset (how far on the other token is), seed (of what
    is drawn at random), position (the place).
    """

    view: ClassVar[type[Grid]] = Stage
    axis: ClassVar[str] = "position"
    defaults: ClassVar[dict] = {
        "kind": "sinusoidal",
        "width": 32,
        "base": 10_000.0,
        "offset": 8,
        "seed": 0,
        "position": 40,
    }
    presets: ClassVar[dict[str, dict]] = {
        "as in the paper, small": {},
        "fast hands only": {"base": 10.0},
        "two hands": {"width": 4, "base": 100.0},
        "rotary": {"kind": "rotary"},
        "what BERT's family learned": {"kind": "learned (MiniLM)"},
        "relative": {"kind": "relative, before training"},
    }

    def build(self) -> None:
        self.control("kind", widgets.Dropdown(options=list(KINDS), description="kind"))
        self.control("width", widgets.IntSlider(min=NARROW, max=WIDE, step=4, description="width"))
        self.control("base", LogSlider(min=0.5, max=5, step=0.05, description="base"))
        self.control("offset", widgets.IntSlider(min=0, max=AHEAD, description="offset"))
        self.control("seed", widgets.IntSlider(min=0, max=9, description="seed"))
        for event in ("drag", "drop"):
            self.grid.on(event, lambda panel, layer, index, x, y: self.set(offset=min(max(round(x), 0), AHEAD)))

    def impossible(self, state: dict) -> str | None:
        if state["kind"] not in KINDS:
            return f"No kind is called {state['kind']!r}; choose one of {', '.join(KINDS)}."
        if state["width"] % 2:
            return f"A width of {state['width']} makes no pairs; choose an even number."
        return beyond(state, LIMITS)

    def count(self) -> int:
        return SHOWN

    @property
    def found(self) -> Encoded:
        """Table and scores of the present state."""
        return encoded(*(self._state[name] for name in ("kind", "width", "base", "seed")))

    def compute(self) -> None:
        state, scores = self._state, self.found.scores
        t, k = state["position"], state["offset"]
        along = scores.diagonal(k)[:SHOWN]
        self.result_ = {
            "scores": scores[t].numpy().copy(),
            "here": float(scores[t, t + k]),
            "least": float(along.min()),
            "most": float(along.max()),
            "spread": float(max(_range(scores.diagonal(offset)) for offset in range(-AHEAD, AHEAD + 1))),
            "slowest": float(wavelength(state["width"], state["base"])[-1]),
        }

    def draw(self) -> None:
        state, found, hands = self._state, self.found, self.found.hands is not None
        random = state["kind"] not in ("sinusoidal", "learned (MiniLM)")
        for name, matters in (("base", hands), ("seed", random)):
            self.controls[name].layout.display = "" if matters else "none"
        planes = [
            table_plane(found, state["kind"], SHOWN),
            score_plane(found.scores.numpy(), state["position"], state["offset"]),
            dial_plane(found, SHOWN),
        ]
        with self.grid.hold_sync():
            self.grid.show(planes)
            self.grid.count, self.grid.position = self.count(), state["position"]
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, self._heard())

    def verdict(self) -> str:
        """The score of two tokens so far apart, here and anywhere."""
        state, result = self._state, self.result_
        here = f"Place {state['position']} with place {state['position'] + state['offset']}: {number(result['here'], 3)}. "
        if self.everywhere():
            return here + f"Any two tokens {state['offset']} apart have this score, wherever they are."
        return here + f"Other pairs {state['offset']} apart: {number(result['least'], 3)} to {number(result['most'], 3)}."

    def everywhere(self) -> bool:
        """Whether all scores depend on how far apart the tokens are, and on nothing else."""
        return self.result_["spread"] < SAME

    def alt(self) -> str:
        state = self._state
        hands = ""
        if self.found.hands is not None:
            hands = f", base {plain(state['base'])} (the slowest hand needs {plain(self.result_['slowest'])} places for a turn)"
        seed = f", seed {state['seed']}" if state["kind"] not in ("sinusoidal", "learned (MiniLM)") else ""
        return f"Positions, {state['kind']}, in {plural(state['width'], 'dimension')}{hands}{seed}. {self.verdict()}"

    def tracks(self) -> list[Track]:
        if self.found.hands is None:
            return []
        return [Track("the hands, a click whenever one has come round", self._rounds, key=self._heard())]

    def _heard(self) -> str:
        """What the sound depends on: the hands' speeds."""
        return repr([self._state[name] for name in ("kind", "width", "base")])

    def _rounds(self) -> np.ndarray:
        """A blip for each hand when it has turned once more, the first at place 0."""
        x = np.zeros(round(RATE * EVERY * (SHOWN + 2)))
        turns = wavelength(self._state["width"], self._state["base"]).numpy()
        pairs = shown_pairs(self.found)
        for hertz, pair in zip(CHORD, pairs):
            for at in RATE * EVERY * np.arange(0, SHOWN, turns[pair]):
                t = np.arange(round(0.09 * RATE))
                x[round(at) : round(at) + len(t)] += np.sin(2 * np.pi * hertz * t / RATE) * np.exp(-t / 400)
        return (PEAK / len(pairs) * x).astype(np.float32)

    def question(self) -> Question:
        options = ["the same curve", "another curve"]
        k = self._state["kind"]
        return Question(
            f"{k[0].upper() + k[1:]}: the curve of a place's scores with its neighbours. At another place it will be …",
            options,
            lambda: options[0] if self.everywhere() else options[1],
            self.verdict(),
        )


def plain(value: float) -> str:
    """A number of any size as one reads it.

    >>> plain(10_000.0), plain(3.1623), plain(35333.9)
    ('10,000', '3.16', '35,334')
    """
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _range(values: object) -> float:
    return float(values.max() - values.min())
