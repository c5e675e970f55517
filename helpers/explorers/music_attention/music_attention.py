"""What a music transformer listens to when it writes a note: arcs per head over a piano roll, and the sound of it.

Notebook: 06_transformers. Concept: helpers/concepts/note_attention.py; the network: helpers/models/transformer.py, its weights
data/checkpoints; the picture: helpers/explorers/music_attention/score.py.
"""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar, NamedTuple

import ipywidgets as widgets
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from helpers import audio
from helpers.concepts import note_attention as maths
from helpers.explorers.base import Explorer
from helpers.explorers.music_attention import score
from helpers.explorers.music_attention.pieces import SIXTEENTHS, Piece, pieces
from helpers.explorers.parts.numerals import number, share
from helpers.explorers.question import Question
from helpers.explorers.values import beyond
from helpers.models.checkpoints import load
from helpers.models.transformer import Decoder
from helpers.views import Grid, Roll, Track

BADGES = {"a bar ago": "bar", "beats back": "back", "no note": "elsewhere"}


@lru_cache(maxsize=2)
def shipped(name: str) -> tuple[Decoder, list[str]]:
    """A checkpoint of this project and its symbols."""
    model, card = load(name)
    return model, card.symbols


class Listened(NamedTuple):
    """What each note of a piece was chosen by, in every head; and what is said of each head: (layer, head) each."""

    weights: Float[Tensor, "layer head note note"]
    bar: Float[Tensor, "layer head"]  # share on what began a bar ago
    back: Float[Tensor, "layer head"]  # beats
    elsewhere: Float[Tensor, "layer head"]  # share on what is no note


@lru_cache(maxsize=8)
def listened(key: str, model: Decoder | None = None) -> Listened:
    """A piece as the shipped model reads it, or a given one."""
    piece = pieces()[key]
    ours, symbols = shipped(piece.model)
    numbers = torch.tensor([[symbols.index(symbol) for symbol in piece.text]])
    with torch.no_grad():
        weights = maths.between_notes((model or ours).weights(numbers), piece.symbols)
    onsets = torch.from_numpy(piece.notes[:, 0] / SIXTEENTHS).float()
    return Listened(weights, maths.ago(weights, onsets, piece.bar), maths.beats_back(weights, onsets), maths.elsewhere(weights))


class MusicAttention(Explorer):
    """A tune or a chorale that a transformer reads, and for each note the earlier notes that it was chosen by.

    model: a transformer of your own, trained on tunes with the shipped vocabulary; else the shipped ones. State: piece;
    layer, head; show (one head, or all heads of the layer); threshold (the least weight drawn); direction (from a note to
    what it listens to, or to it from those that listen to it); badge (what is said of each head); note (the one that is
    locked, −1: the one pointed at, or at the playhead); position (of the playhead, in sixteenths).
    """

    view: ClassVar[type[Grid]] = Roll
    axis: ClassVar[str] = "position"
    defaults: ClassVar[dict] = {
        "piece": "tune 0", "layer": 1, "head": 0, "show": "all heads", "threshold": 0.1, "direction": "from", "badge": "a bar ago",
        "note": -1, "position": 0,
    }  # fmt: skip
    presets: ClassVar[dict[str, dict]] = {
        "a tune": {},
        "a tune, one note": {"note": 20, "threshold": 0.05},
        "a chorale": {"piece": "chorale 0"},
        "a chorale, who listens to the bass": {"piece": "chorale 0", "direction": "to", "note": 3},
    }

    def __init__(self, model: Decoder | None = None, **options: object) -> None:
        self.given = {} if model is None else {"model": model}
        super().__init__(**options)

    def build(self) -> None:
        names = [(piece.title, key) for key, piece in pieces().items() if not self.given or key.startswith("tune")]
        self.control("piece", widgets.Dropdown(options=names, description="piece"))
        layers, heads = self._listened(self._state).weights.shape[:2]
        self.control("layer", widgets.IntSlider(min=0, max=layers - 1, description="layer"))
        self.control("head", widgets.IntSlider(min=0, max=heads - 1, description="head"))
        self.control("show", widgets.Dropdown(options=["one head", "all heads"], description="arcs of"))
        self.control(
            "direction",
            widgets.Dropdown(options=[("what it listens to", "from"), ("who listens to it", "to")], description="arcs to"),
        )
        self.control("threshold", widgets.FloatSlider(min=0, max=1, step=0.05, description="threshold"))
        self.control("badge", widgets.Dropdown(options=list(BADGES), description="badge"))
        self.grid.on("click", self._click)
        self.grid.on("lock", lambda panel, layer, index: self.set(note=index))

    def _click(self, panel: str, row: int, column: int) -> None:
        if panel == "badges":
            self.set(layer=row, head=column)
        elif (head := score.named(panel)) is not None:
            self.set(layer=head[0], head=head[1])

    def settle(self, state: dict, changes: dict) -> dict:
        if "piece" in changes and state["piece"] in pieces() and state["piece"] != self._state.get("piece"):
            state |= {name: start for name, start in (("note", -1), ("position", 0)) if name not in changes}
        if not self.impossible({**state, "layer": 0, "head": 0}):
            layers, heads = self._listened(state).weights.shape[:2]
            state |= {"layer": min(state["layer"], layers - 1)} if "layer" not in changes else {}
            state |= {"head": min(state["head"], heads - 1)} if "head" not in changes else {}
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
        found = self._listened(self._state)
        self.result_ = {name: value.numpy() for name, value in found._asdict().items()} | {
            "heard": self._heard(found.weights).numpy()
        }

    def _heard(self, weights: Float[Tensor, "layer head note note"]) -> Float[Tensor, "note"]:
        """How much the locked note listens to each note (or each listens to it), mean over the heads that are shown."""
        note, one = self._state["note"], self._state["show"] == "one head"
        if note < 0:
            return torch.zeros(weights.shape[-1])
        layer = weights[self._state["layer"], self._state["head"] if one else slice(None)]
        rows = layer[..., note, :] if self._state["direction"] == "from" else layer[..., note]
        return rows if one else rows.mean(0)

    def draw(self) -> None:
        panels, labels, marks = score.layout(self.piece, self.result_, self._state, BADGES[self._state["badge"]])
        for name, size in zip(("layer", "head"), self.result_["weights"].shape):
            self.controls[name].max = size - 1
        with self.grid.hold_sync():
            self.grid.show(panels, labels)
            self.grid.marks = marks
            self.grid.count, self.grid.position = self.count(), self._state["position"]
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, self._sounding())

    def _sounding(self) -> str:
        return repr([self._state[name] for name in ("piece", "note", "layer", "head", "show", "direction")])

    def verdict(self) -> str:
        """What the chosen head does, and what the locked note listens to most."""
        at, result = (self._state["layer"], self._state["head"]), self.result_
        rest, back, bar = (float(result[name][at]) for name in ("elsewhere", "back", "bar"))
        said = (
            f"Layer {at[0]}, head {at[1]}: {share(rest)} of its attention is on what is no note; of the rest it looks "
            f"{number(back, 1)} beats back on average; {share(bar)} on what began a bar ago."
        )
        if self._state["note"] < 0:
            return said
        who = "listens to" if self._state["direction"] == "from" else "is listened to by"
        return f"{said} {self.piece.names[self._state['note']]} {who} {self._most()}."

    def _most(self) -> str:
        heard = self.result_["heard"]
        if not heard.any():
            return "no other note"
        beats = 1 + self.piece.notes[:, 0] / SIXTEENTHS
        found = [k for k in heard.argsort()[::-1][:3] if heard[k]]
        return ", ".join(f"{self.piece.names[k]} at beat {number(float(beats[k]), 2)} ({share(float(heard[k]))})" for k in found)

    def alt(self) -> str:
        state = self._state
        return (
            f"{self.piece.title}, {len(self.piece.notes)} notes, attention of {state['show']} of layer {state['layer']} from "
            f"{state['threshold']:g} on, direction {state['direction']}, badge {state['badge']}, at sixteenth {state['position']}. "
            f"{self.verdict()}"
        )

    def tracks(self) -> list[Track]:
        piece, key, heard, note = self.piece, self._sounding(), self.result_["heard"], self._state["note"]
        beats, each = piece.notes / (SIXTEENTHS, SIXTEENTHS, 1), piece.seconds / SIXTEENTHS

        def played(gains: np.ndarray | None = None) -> np.ndarray:
            return audio.play_notes(beats, piece.seconds, loudness=gains).numpy()

        music = Track("the music", played, key=key, beats=each)
        if note < 0 or not heard.any():
            return [music]
        gains = heard / heard.max()
        gains[note] = 1.0
        name = {"from": "what it listens to, as loud as it does", "to": "who listens to it, as loud as they do"}
        return [music, Track(name[self._state["direction"]], lambda: played(gains), key=key, beats=each)]

    def question(self) -> Question:
        back = listened("tune 0", self.given.get("model")).back
        first, last = back[0].mean().item(), back[-1].mean().item()
        options = ["in the first layer", "in the last layer", "about equally far"]
        truth = options[2] if abs(first - last) < 0.5 else options[int(last > first)]
        return Question(
            "A transformer reads a tune. In which layer do its heads look further back, counted in beats?",
            options,
            lambda: truth,
            f"On average {number(first, 1)} beats in the first layer, {number(last, 1)} in the last.",
        )
