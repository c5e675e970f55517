"""A ReLU network as a wave-shaper: place its hinges, fit its slopes, and hear how near it comes to a distortion pedal.

Notebook: 01_neurons. Concepts: helpers/concepts/pieces.py, shapers.py.
"""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import ipywidgets as widgets
import numpy as np

from helpers import audio
from helpers.concepts.activation import amplitudes, as_loud_as, decibels, play
from helpers.concepts.pieces import CLOSEST, HIGH, LOW, Hinged, descend, errors, evenly, fit, greedy, pieces, through
from helpers.concepts.shapers import TARGETS
from helpers.explorers.base import Explorer
from helpers.explorers.parts import shaper_plane
from helpers.explorers.parts.numerals import number, plural
from helpers.explorers.question import Question
from helpers.views import Stage, Track
from helpers.views.grid import Grid

GRID = np.linspace(LOW, HIGH, 257)
MOST = 32  # hinges
STEPS = 400  # of gradient descent
FITS = ("least squares", "greedy", "gradient descent", "by hand")
HERTZ, SECONDS, RMS = 220.0, 1.5, 0.1


class Pieces(Explorer):
    """A curve, and a network with one hidden layer of ReLUs that is to make the same of a tone.

    State: target (which curve), fit (least squares: hinges stay and slopes are solved for; greedy: each hinge where it
    helps most; gradient descent on both; by hand: drag the corners), hinges 0–32, knots (where the hinges are, or None:
    evenly), heights (of the graph at −1, each knot and 1, by hand), solo (only this unit is heard, or −1), seed (of the
    slopes that gradient descent begins with).
    """

    view: ClassVar[type[Grid]] = Stage
    axis: ClassVar[str] = "hinges"
    defaults: ClassVar[dict] = {
        "target": "soft drive",
        "fit": "least squares",
        "hinges": 4,
        "knots": None,
        "heights": None,
        "solo": -1,
        "seed": 0,
    }
    presets: ClassVar[dict[str, dict]] = {
        "a drive of 5 pieces": {},
        "two corners to drag": {"target": "hard clip", "fit": "by hand", "hinges": 2},
        "corners found greedily": {"target": "hard clip", "fit": "greedy", "hinges": 5},
        "a fold needs few": {"target": "foldback", "fit": "greedy", "hinges": 6},
        "a tube": {"target": "tube", "hinges": 12},
        "a sine from straight lines": {"target": "a cycle of a sine", "hinges": 7},
        "a string": {"target": "a cycle of a string", "hinges": 24},
        "learned": {"target": "sine fold", "fit": "gradient descent", "hinges": 10},
    }

    def build(self) -> None:
        for name, options in (("target", list(TARGETS)), ("fit", list(FITS))):
            self.control(name, widgets.Dropdown(options=options, description=name))
        for name, least, most in (("hinges", 0, MOST), ("solo", -1, MOST), ("seed", 0, 20)):
            self.control(name, widgets.IntSlider(min=least, max=most, description=name))
        self.player.together = True
        self.grid.on("drag", self._drag)
        self.grid.on("drop", self._drag)

    def _drag(self, panel: str, layer: str, index: int, x: float, y: float) -> None:
        """A corner moves; unless it is done by hand, its height follows from the fit."""
        knots, heights = self.result_["knots"].tolist(), self.result_["heights"].tolist()
        inner = 0 < index < len(knots) - 1
        if inner:
            room = 10 * CLOSEST
            knots[index] = float(np.clip(x, knots[index - 1] + room, knots[index + 1] - room))
        heights[index] = y
        if self._state["fit"] == "by hand":
            self.set(knots=knots[1:-1], heights=heights)
        elif inner:
            self.set(fit="least squares", knots=knots[1:-1])

    def settle(self, state: dict, changes: dict) -> dict:
        if isinstance(changes.get("knots"), list):
            state["hinges"] = len(state["knots"])
        elif {"hinges", "target"} & changes.keys() and "knots" not in changes:
            state["knots"] = None
        if state["fit"] in ("greedy", "gradient descent"):
            state["knots"] = None
        if state["fit"] != "by hand":
            state["heights"] = None
        elif not isinstance(changes.get("heights"), list) and 0 <= state["hinges"] <= MOST:
            state |= self._by_hand(state, changes)
        if {"hinges", "knots"} & changes.keys() and "solo" not in changes:
            state["solo"] = -1
        return state

    def _by_hand(self, state: dict, changes: dict) -> dict:
        """Corners to begin with: those that are shown, or the target's at even places."""
        if "fit" in changes and self.result_ and not {"hinges", "knots"} & changes.keys():
            knots, heights = self.result_["knots"], self.result_["heights"]
        else:
            inner = evenly(state["hinges"]) if state["knots"] is None else np.array(state["knots"], dtype=float)
            knots = np.concatenate([[LOW], inner, [HIGH]])
            heights = TARGETS[state["target"]].curve(knots) if state["target"] in TARGETS else 0 * knots
        return {"knots": knots[1:-1].tolist(), "heights": heights.tolist(), "hinges": len(knots) - 2}

    def impossible(self, state: dict) -> str | None:
        for name, offered in (("target", TARGETS), ("fit", FITS)):
            if state[name] not in offered:
                return f"{name} = {state[name]!r} is not offered; choose one of {', '.join(offered)}."
        if not 0 <= state["hinges"] <= MOST:
            return f"{state['hinges']} hinges cannot be shown; choose 0 to {MOST}."
        knots, heights = state["knots"], state["heights"]
        if knots is not None and not _rise(knots, state["hinges"]):
            return f"knots={knots!r:.60} should be {state['hinges']} numbers that rise between −1 and 1, {CLOSEST} apart at least."
        if heights is not None and not _are_numbers(heights, state["hinges"] + 2):
            return f"heights={heights!r:.60} should be {state['hinges'] + 2} numbers within ±2: at −1, at each knot, at 1."
        if not -1 <= state["solo"] <= state["hinges"]:
            return f"There is no unit {state['solo']}; choose 0 to {state['hinges']}, or −1 for all of them."
        return None

    def count(self) -> int:
        return MOST + 1

    def network(self) -> Hinged:
        """The network of the present state."""
        state, target = self._state, self._state["target"]
        if state["fit"] == "greedy":
            return _fits(target)[1][state["hinges"]]
        if state["fit"] == "gradient descent":
            return _descended(target, state["hinges"], state["seed"])
        inner = evenly(state["hinges"]) if state["knots"] is None else np.array(state["knots"], dtype=float)
        if state["fit"] == "by hand":
            return through(np.concatenate([[LOW], inner, [HIGH]]), np.array(state["heights"], dtype=float))
        return fit(inner, GRID, TARGETS[target].curve(GRID))

    def compute(self) -> None:
        state, network = self._state, self.network()
        target = TARGETS[state["target"]]
        wanted, made = target.curve(GRID), network(GRID)
        inside = np.unique(network.hinges[(network.hinges > LOW) & (network.hinges < HIGH)])
        knots = np.concatenate([[LOW], inside, [HIGH]])
        self._parts = target.harmonics(target.curve), target.harmonics(network)
        most, rms = errors(made, wanted)
        even, best = (np.array([errors(f(GRID), wanted)[1] for f in fits]) for fits in _fits(state["target"]))
        self.result_ = {
            "target": wanted,
            "network": made,
            "knots": knots,
            "heights": network(knots),
            "hinges": network.hinges.copy(),
            "bends": network.bends.copy(),
            "offset": network.offset,
            "pieces": pieces(network),
            "parameters": network.parameters,
            "largest_error": most,
            "rms_error": rms,
            "rms_of_even_hinges": even,
            "rms_of_greedy_hinges": best,
            "spectrum_of_target": decibels(amplitudes(self._parts[0])[1:]),
            "spectrum_of_network": decibels(amplitudes(self._parts[1])[1:]),
        }

    def draw(self) -> None:
        state = self._state
        self.controls["seed"].layout.display = "" if state["fit"] == "gradient descent" else "none"
        with self.grid.hold_sync():
            self.grid.show(shaper_plane.pieces(self.result_, state, GRID, TARGETS[state["target"]].cycle))
            self.grid.count = self.count()
            self.grid.position = state["hinges"]
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, self._heard())

    def verdict(self) -> str:
        """How near the network comes."""
        result = self.result_
        error = f"largest error {result['largest_error']:.4f}, RMS {result['rms_error']:.4f}"
        return f"{plural(result['pieces'], 'straight piece')}, {plural(result['parameters'], 'parameter')}: {error}."

    def alt(self) -> str:
        state, result = self._state, self.result_
        places = ", ".join(number(knot, 2) for knot in result["knots"][1:-1])
        bends = f"at {places}" if places else "nowhere"
        alone = "" if state["solo"] < 0 else f" Heard alone: unit {state['solo']}."
        made = f"{state['fit']}, seed {state['seed']}" if state["fit"] == "gradient descent" else state["fit"]
        return f"A network for {state['target']}, {made}. {self.verdict()} It bends {bends}.{alone}"

    def tracks(self) -> list[Track]:
        state, key, (wanted, made) = self._state, self._heard(), self._parts
        if state["solo"] >= 0:
            i, network = state["solo"], self.network()
            alone = Hinged(0.0, network.hinges[i : i + 1], network.bends[i : i + 1])
            made = TARGETS[state["target"]].harmonics(alone)
        name = "network" if state["solo"] < 0 else f"unit {state['solo']} alone"
        gain = RMS / np.sqrt((wanted[1:] ** 2).sum() / 2)  # of the target's tone; the difference is as much louder or softer
        found = [
            Track("target", lambda: _tone(as_loud_as(play(wanted, HERTZ, SECONDS), RMS)), key=key),
            Track(f"{name}, as loud", lambda: _tone(as_loud_as(play(made, HERTZ, SECONDS), RMS)), key=key),
        ]
        if state["solo"] < 0:
            found.append(Track("what is wrong with it", lambda: _tone(gain * play(made - wanted, HERTZ, SECONDS)), key=key))
        return found

    def _heard(self) -> str:
        """What the sound depends on."""
        return repr(
            (self._state["target"], self._state["solo"], self.result_["network"].tobytes(), self.result_["hinges"].tobytes())
        )

    def question(self) -> Question:
        rms = self.result_["rms_of_even_hinges"]
        n = max(1, min(self._state["hinges"], MOST // 2))
        factor = rms[n] / rms[2 * n]
        options = ["half the error", "about a quarter", "a tenth or less"]
        truth = options[0] if factor < 2.8 else options[1] if factor < 7 else options[2]
        return Question(
            f"{self._state['target'].capitalize()}: {n} even hinges leave some error. What is left with {2 * n}?",
            options, truth, f"A factor of {factor:.1f}: a piece half as long misses a smooth curve by a quarter as much.",
        )  # fmt: skip


@lru_cache(maxsize=16)
def _fits(target: str) -> tuple[list[Hinged], list[Hinged]]:
    """Fits with 0 to 32 hinges: evenly placed ones, and greedy ones."""
    y = TARGETS[target].curve(GRID)
    return [fit(evenly(n), GRID, y) for n in range(MOST + 1)], greedy(MOST, GRID, y)


@lru_cache(maxsize=64)
def _descended(target: str, hinges: int, seed: int) -> Hinged:
    x = GRID[::2]
    return descend(evenly(hinges), x, TARGETS[target].curve(x), STEPS, seed=seed)[-1]


def _rise(knots: object, count: int) -> bool:
    if not _are_numbers(knots, count):
        return False
    return bool((np.diff([LOW, *knots, HIGH]) >= CLOSEST).all())


def _are_numbers(values: object, count: int, most: float = 2.0) -> bool:
    return isinstance(values, list) and len(values) == count and all(isinstance(v, int | float) and abs(v) <= most for v in values)


def _tone(x: np.ndarray) -> np.ndarray:
    return np.clip(x * audio.fade(len(x)).numpy(), -1, 1).astype(np.float32)
