"""One small net, trained twice from the same weights on the same tunes: with its gradients clipped, and not.

Notebook: 05_rnns. Concept: helpers/concepts/clipping.py. The picture: helpers/explorers/clipping/picture.py.
"""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import ipywidgets as widgets
import numpy as np

from helpers import audio
from helpers.concepts import bptt
from helpers.concepts import clipping as maths
from helpers.explorers.base import Explorer
from helpers.explorers.clipping import picture
from helpers.explorers.parts.blips import blips
from helpers.explorers.parts.dial import LogSlider
from helpers.explorers.parts.numerals import plural, short
from helpers.explorers.question import Question
from helpers.explorers.values import beyond
from helpers.views import Grid, Stage, Track

STEPS, NEW = 200, 256  # of training; tunes drawn anew to ask for their first note
BEAT = 0.16  # seconds of a note
LIMITS = {
    "clip": (1e-2, 1e3),
    "radius": (0.1, 3.0),
    "length": (2, 30),
    "lr": (1e-2, 10**0.4),
    "truncate": (1, 30),
    "seed": (0, 9),
    "position": (0, STEPS - 1),
}


class Clipping(Explorer):
    """A vanilla RNN of 16 units hears a tune and learns to name its first note; 200 steps of plain descent, trained live.

    State: clip (the longest gradient that is let through), radius (spectral radius of the first recurrent weights),
    length (notes of a tune), lr, truncate (through how many steps back the gradient goes), seed (weights and tunes),
    position (the step of training).
    """

    view: ClassVar[type[Grid]] = Stage
    axis: ClassVar[str] = "position"
    defaults: ClassVar[dict] = {
        "clip": 1.0,
        "radius": 2.0,
        "length": 16,
        "lr": 0.3,
        "truncate": 30,
        "seed": 1,
        "position": STEPS - 1,
    }
    presets: ClassVar[dict[str, dict]] = {
        "off the cliff, and not": {},
        "another start": {"seed": 4},
        "a smaller rate instead": {"lr": 0.03},
        "clipped too hard": {"clip": 0.01},
        "never clipped": {"clip": 1e3},
        "it vanishes": {"radius": 0.5},
        "truncated after 6": {"truncate": 6},
        "a longer tune": {"length": 24},
    }

    def build(self) -> None:
        self.control("clip", LogSlider(min=-2, max=3, step=0.1, description="clip at"))
        self.control("radius", widgets.FloatSlider(min=0.1, max=3.0, step=0.1, description="radius ρ", readout_format=".1f"))
        self.control("length", widgets.IntSlider(min=2, max=30, description="notes"))
        self.control("lr", LogSlider(min=-2, max=0.4, step=0.05, description="rate η"))
        self.control("truncate", widgets.IntSlider(min=1, max=30, description="cut after"))
        self.control("seed", widgets.IntSlider(min=0, max=9, description="seed"))

    def impossible(self, state: dict) -> str | None:
        return beyond(state, LIMITS)

    def count(self) -> int:
        return STEPS

    def runs(self) -> dict[str, maths.Run]:
        """The two runs of the present state; one whose settings have not changed is not run again."""
        state = self._state
        limits = {"not clipped": np.inf, "clipped": state["clip"]}
        rest = state["radius"], state["length"], state["lr"], min(state["truncate"], state["length"]), state["seed"]
        return {name: _run(limit, *rest) for name, limit in limits.items()}

    def compute(self) -> None:
        state, k = self._state, self._state["position"]
        new = _new(state["length"], state["seed"])
        self.result_ = {"step": k + 1, "tune": new[:, 0].copy(), "first": int(new[0, 0])}
        for name, run in self.runs().items():
            limit = state["clip"] if name == "clipped" else np.inf
            net = maths.unpack(run.theta[k])
            said = maths.answers(net, new)
            self.result_ |= {
                f"loss, {name}": run.loss.copy(),
                f"norm, {name}": run.norm.copy(),
                f"scale, {name}": np.minimum(1, limit / np.maximum(run.norm, 1e-300)),
                f"right, {name}": int((said.argmax(1) == new[0]).sum()),
                f"answer, {name}": said[0].copy(),
                f"radius, {name}": bptt.spectral_radius(net.U),
            }

    def draw(self) -> None:
        with self.grid.hold_sync():
            self.grid.show(picture.planes(self._state, self.result_), labels=picture.card(self.result_))
            self.grid.count, self.grid.position = self.count(), self._state["position"]
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, repr(self._state))

    def verdict(self) -> str:
        """What either net has learned by now, and what the limit did."""
        result = self.result_
        right = [f"{result[f'right, {name}']} {name}" for name in picture.INKS]
        met = int((result["scale, clipped"] < 1).sum())
        return (
            f"At step {result['step']}, of {NEW} tunes drawn anew the first note is named right: {', '.join(right)}; "
            f"{NEW // maths.NOTES} would be luck. Clipped at {short(self._state['clip'])}: {plural(met, 'gradient')} of {STEPS}."
        )

    def alt(self) -> str:
        state, result, k = self._state, self.result_, self._state["position"]
        losses = [f"{short(result[f'loss, {name}'][k])} {name}" for name in picture.INKS]
        longest = [f"{short(result[f'norm, {name}'].max())} {name}" for name in picture.INKS]
        cut = f", cut off after {plural(state['truncate'], 'step')}" if state["truncate"] < state["length"] else ""
        return (
            f"An RNN of {maths.HIDDEN} units learns to name the first of {state['length']} notes; spectral radius "
            f"{state['radius']:.3g}, learning rate {state['lr']:.3g}, seed {state['seed']}{cut}. Loss: {', '.join(losses)}. "
            f"Longest gradient: {', '.join(longest)}. {self.verdict()}"
        )

    def tracks(self) -> list[Track]:
        result, key = self.result_, repr(self._state)
        answers = [
            Track(
                f"a tune, and the answer: {name}",
                lambda name=name: _asked(result["tune"], int(result[f"answer, {name}"].argmax())),
                key=key,
            )
            for name in picture.INKS
        ]
        return answers + [
            Track(f"the gradient's length as pitch: {name}", lambda name=name: blips(_level(result[f"norm, {name}"])), key=key)
            for name in picture.INKS
        ]

    def question(self) -> Question:
        last = {name: _right(run, self._state) for name, run in self.runs().items()}
        plain, clipped = (last[name] >= 0.9 * NEW for name in picture.INKS)
        options = ["neither", "only the one that is not clipped", "only the clipped one", "both"]
        return Question(
            f"Which net names the first of {self._state['length']} notes right, nine times out of ten, at step {STEPS}?",
            options,
            options[plain + 2 * clipped],
            f"Of {NEW} tunes drawn anew {last['clipped']} are right clipped, {last['not clipped']} not clipped.",
        )


@lru_cache(maxsize=32)
def _run(limit: float, radius: float, length: int, lr: float, truncate: int, seed: int) -> maths.Run:
    return maths.train(radius, length, lr, limit, STEPS, truncate, seed)


def _new(length: int, seed: int) -> np.ndarray:
    return maths.tunes(length, NEW, np.random.default_rng(3000 + seed))


def _right(run: maths.Run, state: dict) -> int:
    """How many of the tunes drawn anew the net answers right at the last step: before its update, as the picture shows it."""
    new = _new(state["length"], state["seed"])
    return int((maths.answers(maths.unpack(run.theta[-1]), new).argmax(1) == new[0]).sum())


def _level(norm: np.ndarray) -> np.ndarray:
    """From 0 at a thousandth to 1 at a thousand."""
    return (np.log10(np.maximum(norm, 1e-300)) + 3) / 6


def _asked(tune: np.ndarray, answer: int) -> np.ndarray:
    """The tune, a rest of two notes, and the answer, held."""
    notes = [(i, 0.95, picture.PITCHES[note]) for i, note in enumerate(tune)]
    return audio.play_notes([*notes, (len(tune) + 2, 4, picture.PITCHES[answer])], BEAT).numpy()
