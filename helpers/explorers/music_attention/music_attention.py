"""What a music transformer listens to when it writes a note: arcs per head over a piano roll, and the sound of it.

Notebook: 06_transformers. Concept: helpers/concepts/note_attention.py; the network: helpers/models/transformer.py, its weights
data/checkpoints; the picture: helpers/explorers/music_attention/score.py.
"""

from __future__ import annotations

from typing import ClassVar

import ipywidgets as widgets
import numpy as np
from jaxtyping import Float

from helpers import audio
from helpers.explorers.attention import chosen
from helpers.explorers.music_attention import score, switched
from helpers.explorers.music_attention.listened import Listened, listened, refuse_others
from helpers.explorers.music_attention.pieces import SIXTEENTHS, Piece, pieces
from helpers.explorers.parts.numerals import number, share
from helpers.explorers.question import Question
from helpers.explorers.values import beyond
from helpers.models.transformer import Decoder
from helpers.views import Grid, Roll, Track

BADGES = {"a bar ago": "bar", "quarter notes back": "back", "no note": "elsewhere", "bits without it": "missed"}


class MusicAttention(chosen.Choosing):
    """A tune or a chorale that a transformer reads, and for each note the earlier notes that it was chosen by.

    model: a transformer of your own, trained on tunes with the shipped vocabulary; else the shipped ones. State: piece;
    layer, head, others (heads beside it, as "1.2"); show (these heads, all of the layer, or many as one: mean, max, rollout);
    threshold (the least weight drawn), most (arcs of a head and note); direction (from a note to what it listens to, or to it
    from those that listen to it); badge (what is said of each head); off (heads that are switched off: what the model then
    says, and how it goes on; the arcs stay those of the whole model); note (the one that is locked, −1: the one pointed at,
    or at the playhead); position (of the playhead, in sixteenths).
    """

    view: ClassVar[type[Grid]] = Roll
    axis: ClassVar[str] = "position"
    defaults: ClassVar[dict] = {
        "piece": "tune 0", "layer": 1, "head": 0, "others": [], "show": "all heads", "threshold": 0.1, "most": 8,
        "direction": "from", "badge": "a bar ago", "off": [], "note": -1, "position": 0,
    }  # fmt: skip
    presets: ClassVar[dict[str, dict]] = {
        "a tune": {},
        "a tune, one note": {"note": 20, "threshold": 0.05},
        "a tune, two heads": {"note": 30, "show": "one head", "layer": 0, "head": 3, "others": ["2.2"], "threshold": 0.05},
        "a tune, what has come into a note": {"note": 30, "show": "rollout", "layer": 3, "threshold": 0.0},
        "a tune, a head switched off": {"note": 30, "show": "one head", "head": 2, "badge": "bits without it", "off": ["1.2"]},
        "a chorale": {"piece": "chorale 0"},
        "a chorale, who listens to the bass": {"piece": "chorale 0", "direction": "to", "note": 3},
    }

    def __init__(self, model: Decoder | None = None, **options: object) -> None:
        refuse_others(model, "tunes-transformer")
        self.given = {} if model is None else {"model": model}
        super().__init__(**options)

    def build(self) -> None:
        names = [(piece.title, key) for key, piece in pieces().items() if not self.given or key.startswith("tune")]
        self.control("piece", widgets.Dropdown(options=names, description="piece"))
        layers, heads = self._listened(self._state).weights.shape[:2]
        self.control("layer", widgets.IntSlider(min=0, max=layers - 1, description="layer"))
        self.control("head", widgets.IntSlider(min=0, max=heads - 1, description="head"))
        super().build()
        self.control(
            "direction",
            widgets.Dropdown(options=[("what it listens to", "from"), ("who listens to it", "to")], description="arcs to"),
        )
        self.control("threshold", widgets.FloatSlider(min=0, max=1, step=0.05, description="threshold"))
        self.control("most", widgets.IntSlider(min=1, max=20, description="arcs"))
        self.control("badge", widgets.Dropdown(options=list(BADGES), description="badge"))
        self._switch = self.beside(widgets.ToggleButton(description="switch off", layout={"width": "150px"}))
        self._switch.observe(self._switched, "value")
        self.grid.on("lock", lambda panel, layer, index: self.set(note=index))

    def _switched(self, change: dict) -> None:
        if not self._showing:
            at = chosen.name((self._state["layer"], self._state["head"]))
            self.set(off=[*self._state["off"], at] if change["new"] else [head for head in self._state["off"] if head != at])

    @property
    def _off(self) -> switched.Off:
        return tuple(sorted(map(chosen.read, self._state["off"])))

    def settle(self, state: dict, changes: dict) -> dict:
        if "piece" in changes and state["piece"] in pieces() and state["piece"] != self._state.get("piece"):
            state |= {name: start for name, start in (("note", -1), ("position", 0)) if name not in changes}
        if not self.impossible({**state, "layer": 0, "head": 0, "others": [], "off": []}):
            layers, heads = self._listened(state).weights.shape[:2]
            state |= {"layer": min(state["layer"], layers - 1)} if "layer" not in changes else {}
            state |= {"head": min(state["head"], heads - 1)} if "head" not in changes else {}
            there = {chosen.name((layer, head)) for layer in range(layers) for head in range(heads)}
            for name in {"others", "off"} - {*changes}:
                state[name] = [head for head in state[name] if head in there]
            if "others" not in changes:
                state["others"] = [head for head in state["others"] if head != chosen.name((state["layer"], state["head"]))]
        return state

    _state: dict = {}

    def _listened(self, state: dict) -> Listened:
        return listened(state["piece"], self.given.get("model"))

    def impossible(self, state: dict) -> str | None:
        if state["piece"] not in pieces():
            return f"piece={state['piece']!r} is not offered; choose one of {', '.join(pieces())}."
        if self.given and not state["piece"].startswith("tune"):
            return "Your own transformer reads tunes; choose one of them."
        layers, heads, notes, _ = self._listened(state).weights.shape
        limits = {"layer": (0, layers - 1), "head": (0, heads - 1), "threshold": (0, 1), "note": (-1, notes - 1)}
        limits["most"] = (1, 20)
        if wrong := chosen.wrong(state, layers, heads) or chosen.unknown("off", state["off"], layers, heads):
            return wrong
        return beyond(state, {**limits, "position": (0, self._steps(state) - 1)})

    @staticmethod
    def _steps(state: dict) -> int:
        onset, duration, _ = pieces()[state["piece"]].notes.T
        return int(np.ceil((onset + duration).max()))

    def count(self) -> int:
        return self._steps(self._state)

    @property
    def piece(self) -> Piece:
        """What is read."""
        return pieces()[self._state["piece"]]

    def compute(self) -> None:
        state, found = self._state, self._listened(self._state)
        self.result_ = {name: value.numpy() for name, value in found._asdict().items() if name != "rolled"}
        if state["show"] in chosen.TOGETHER:
            one = (
                found.rolled[state["layer"]]
                if state["show"] == "rollout"
                else chosen.together(found.weights, state["show"], state["layer"])
            )
            self.result_["together"] = one.numpy()
        self.result_["heard"] = self._heard()
        if state["badge"] == "bits without it":
            self.result_["missed"] = switched.missed(state["piece"], self.given.get("model"))
        if state["off"]:
            self.result_ |= self._without()

    def _without(self) -> dict:
        """What the model says with and without the heads that are off: bits a note, and the symbol that begins a note."""
        at = self._state["piece"], self.given.get("model")
        before, after = switched.bits(*at, ()), switched.bits(*at, self._off)
        symbols, likely = switched.likely(*at, self._off, self._here())
        return {"bits": before, "bits without": after, "symbols": symbols, "likely": likely}

    def _here(self) -> int:
        """The locked note, or the last to have begun at the playhead."""
        if self._state["note"] >= 0:
            return self._state["note"]
        begun = np.flatnonzero(self.piece.notes[:, 0] <= self._state["position"])
        return int(begun[-1]) if len(begun) else 0

    def _heard(self) -> Float[np.ndarray, "note"]:
        """How much the locked note listens to each note (or each listens to it), mean over the heads that are shown."""
        note, weights = self._state["note"], self.result_["weights"]
        if note < 0:
            return np.zeros(weights.shape[-1], np.float32)
        shown = chosen.drawn(self._state, weights.shape[1])
        seen = weights[tuple(np.transpose(shown))] if shown else self.result_["together"][None]
        return (seen[:, note] if self._state["direction"] == "from" else seen[:, :, note]).mean(0)

    def draw(self) -> None:
        state = self._looked_at()
        lock = self._state["layer"], self._state["head"]
        panels, labels, marks = score.layout(self.piece, self.result_, state, BADGES[state["badge"]], lock)
        for name, size in zip(("layer", "head"), self.result_["weights"].shape):
            self.controls[name].max = size - 1
        with self.grid.hold_sync():
            self.grid.show(panels, labels)
            self.grid.marks = marks
            self.grid.count, self.grid.position = self.count(), self._state["position"]
            self.grid.caption = self.verdict()
        off = chosen.name(lock) in self._state["off"]
        self._switch.value, self._switch.description = off, f"head {chosen.name(lock)}: {'off' if off else 'on'}"
        self.player.offer(self.tracks, self._sounding())

    def _sounding(self) -> str:
        return repr(
            [self._state[name] for name in ("piece", "note", "layer", "head", "others", "show", "direction", "off")]
            + [self._here()]
        )

    def verdict(self) -> str:
        """What the chosen head does, and what the locked note listens to most."""
        state, result = self._looked_at(), self.result_
        at = state["layer"], state["head"]
        rest, back, bar = (float(result[name][at]) for name in ("elsewhere", "back", "bar"))
        said = (
            f"Layer {at[0]}, head {at[1]}: {share(rest)} of its attention is on what is no note; of the rest it looks "
            f"{number(back, 1)} quarter notes back on average; {share(bar)} of all of it is on what began a bar ago."
        )
        if self._state["off"]:
            said += f" {self._lost()}"
        if self._state["note"] < 0:
            return said
        who = "listens to" if self._state["direction"] == "from" else "is listened to by"
        return f"{said} {self.piece.names[self._state['note']]} {who} {self._most()}."

    def _lost(self) -> str:
        """What switching off has changed, in bits."""
        before, after = (float(self.result_[name].mean()) for name in ("bits", "bits without"))
        return f"Without {', '.join(self._state['off'])} a note costs {number(after, 2)} bits, with all heads {number(before, 2)}."

    def _most(self) -> str:
        heard = self.result_["heard"]
        if not heard.any():
            return "no other note"
        at = 1 + self.piece.notes[:, 0] / SIXTEENTHS
        found = [k for k in heard.argsort()[::-1][:3] if heard[k]]
        return ", ".join(
            f"{self.piece.names[k]} at quarter note {number(float(at[k]), 2)} ({share(float(heard[k]))})" for k in found
        )

    def alt(self) -> str:
        state = self._state
        return (
            f"{self.piece.title}, {len(self.piece.notes)} notes, attention of {state['show']} of layer {state['layer']}"
            f"{''.join(f', {head}' for head in state['others'])} from {state['threshold']:g} on, {state['most']} arcs, direction "
            f"{state['direction']}, badge {state['badge']}, at sixteenth {state['position']}. "
            f"{self.verdict()}"
        )

    def tracks(self) -> list[Track]:
        piece, key, heard, note = self.piece, self._sounding(), self.result_["heard"], self._state["note"]
        beats, each = piece.notes / (SIXTEENTHS, SIXTEENTHS, 1), piece.seconds / SIXTEENTHS

        def played(gains: np.ndarray | None = None) -> np.ndarray:
            return audio.play_notes(beats, piece.seconds, loudness=gains).numpy()

        music = [Track("the music", played, key=key, beats=each), *self._continuations(key)]
        if note < 0 or not heard.any():
            return music
        gains = heard / heard.max()
        gains[note] = 1.0
        name = {"from": "what it listens to, as loud as it does", "to": "who listens to it, as loud as they do"}
        return [*music, Track(name[self._state["direction"]], lambda: played(gains), key=key, beats=each)]

    def _continuations(self, key: str) -> list[Track]:
        """How it goes on from here with all heads, and without those that are off."""
        if not self._state["off"]:
            return []
        at, note, seconds = (self._state["piece"], self.given.get("model")), self._here(), self.piece.seconds

        def played(off: switched.Off) -> np.ndarray:
            return audio.play_notes(switched.going_on(*at, off, note), seconds).numpy()

        off = self._off
        names = ("goes on from this note, all heads", f"goes on without {', '.join(self._state['off'])}")
        return [Track(name, lambda gone=gone: played(gone), key=key) for name, gone in zip(names, ((), off))]

    def question(self) -> Question:
        back = listened("tune 0", self.given.get("model")).back
        first, last = back[0].mean().item(), back[-1].mean().item()
        options = ["in the first layer", "in the last layer", "about equally far"]
        truth = options[2] if abs(first - last) < 0.5 else options[int(last > first)]
        return Question(
            "A transformer reads a tune. In which layer do its heads look further back, counted in quarter notes?",
            options,
            lambda: truth,
            f"On average {number(first, 1)} quarter notes in the first layer, {number(last, 1)} in the last.",
        )
