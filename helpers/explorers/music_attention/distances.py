"""The same tune read by two transformers that differ in one thing: one is told places, the other distances.

Notebook: 06_transformers. The pair: helpers/recipes/tunes.py and helpers/models/absolute.py; after Huang et al., *Music
Transformer*, 2018, who compared the two on chorales and piano pieces.
"""

from __future__ import annotations

from typing import ClassVar

import ipywidgets as widgets
import numpy as np

from helpers import audio
from helpers.concepts.note_attention import recent
from helpers.explorers.attention.chosen import hues
from helpers.explorers.attention.heads import legend
from helpers.explorers.base import Explorer
from helpers.explorers.music_attention import score, switched
from helpers.explorers.music_attention.listened import card_of, listened, shipped
from helpers.explorers.music_attention.pieces import SIXTEENTHS, Piece, pieces
from helpers.explorers.parts.numerals import number, share
from helpers.explorers.question import Question
from helpers.explorers.values import beyond
from helpers.views import Arcs, Grid, Notes, Panel, Plane, Roll, Track, pitch_name

READ = 256  # symbols of a tune, as their recipe measures them: there are no more places
PAIR = {"distances": "tunes-relative", "places": "tunes-absolute"}
WIDE, HIGH, TOP, APART, BADGE = 690, 158, 60, 262, (54, 28)
BADGES = {"last three notes": "recent", "quarter notes back": "back"}


class Distances(Explorer):
    """A tune, and what each note of it was chosen by, in a transformer that is told distances and in one that is told places.

    Both are small, trained alike on the same tunes. State: piece; layer; threshold (the least weight drawn); badge (what is
    said of each head); note (the one that is locked in both, −1: the one pointed at, or at the playhead); position (of the
    playhead, in sixteenths).
    """

    view: ClassVar[type[Grid]] = Roll
    axis: ClassVar[str] = "position"
    defaults: ClassVar[dict] = {
        "piece": "tune 0", "layer": 1, "threshold": 0.1, "badge": "last three notes", "note": -1, "position": 0,
    }  # fmt: skip
    presets: ClassVar[dict[str, dict]] = {
        "one note": {"note": 40},
        "the last layer": {"note": 40, "layer": 2, "threshold": 0.05},
        "another tune": {"piece": "tune 3", "note": 60, "badge": "quarter notes back"},
    }

    def build(self) -> None:
        names = [(piece.title, key) for key, piece in pieces().items() if key.startswith("tune")]
        self.control("piece", widgets.Dropdown(options=names, description="piece"))
        layers = shipped(PAIR["places"])[0].settings["layers"]
        self.control("layer", widgets.IntSlider(min=0, max=layers - 1, description="layer"))
        self.control("threshold", widgets.FloatSlider(min=0, max=1, step=0.05, description="threshold"))
        self.control("badge", widgets.Dropdown(options=list(BADGES), description="badge"))
        self.grid.on("lock", lambda panel, layer, index: self.set(note=index))

    def settle(self, state: dict, changes: dict) -> dict:
        if "piece" in changes:
            state |= {name: start for name, start in (("note", -1), ("position", 0)) if name not in changes}
        return state

    def impossible(self, state: dict) -> str | None:
        if not state["piece"].startswith("tune") or state["piece"] not in pieces():
            return f"piece={state['piece']!r} is not offered; the two read tunes."
        if state["badge"] not in BADGES:
            return f"badge={state['badge']!r} is not offered; choose one of {', '.join(BADGES)}."
        piece = pieces()[state["piece"]]
        limits = {"layer": (0, shipped(PAIR["places"])[0].settings["layers"] - 1), "threshold": (0, 1)}
        return beyond(state, {**limits, "note": (-1, len(piece.notes) - 1), "position": (0, _steps(piece) - 1)})

    def count(self) -> int:
        return _steps(self.piece)

    @property
    def piece(self) -> Piece:
        """What is read."""
        return pieces()[self._state["piece"]]

    def compute(self) -> None:
        self.result_ = {}
        for told, checkpoint in PAIR.items():
            model, key = shipped(checkpoint)[0], self._state["piece"]
            found = listened(key, model)
            self.result_ |= {
                f"weights, {told}": found.weights.numpy(),
                f"recent, {told}": recent(found.weights).numpy(),
                f"back, {told}": found.back.numpy(),
                f"bits, {told}": switched.bits(key, model, ()),
                f"characters, {told}": card_of(checkpoint).measured["bits per character"],
            }

    def draw(self) -> None:
        heads = [(self._state["layer"], head) for head in range(self.result_["recent, places"].shape[1])]
        panels = [panel for k, told in enumerate(PAIR) for panel in self._half(told, TOP + k * APART, hues(heads, score.NOTES))]
        key = legend(heads, hues(heads, score.NOTES), x=62, y=4, cell=(220, 28))
        with self.grid.hold_sync():
            self.grid.show([*panels, key])
            self.grid.count, self.grid.position = self.count(), self._state["position"]
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, repr([self._state[name] for name in ("piece", "note", "layer")]))

    def _half(self, told: str, y: float, inks: list[str]) -> list[Panel]:
        """A roll with one model's arcs, and its badges."""
        state, piece, badge = self._state, self.piece, BADGES[self._state["badge"]]
        onset, duration, pitch = piece.notes.T
        low, high = int(pitch.min()), int(pitch.max())
        arcs = Arcs(
            "listens", of="notes", weights=self.result_[f"weights, {told}"][state["layer"]], threshold=state["threshold"],
            locked=state["note"], inks=inks,
        )  # fmt: skip
        roll = Plane(
            told, x=62, y=y, cell=(WIDE, HIGH), x_range=(0.0, float((onset + duration).max())), y_range=(low - 1.5, high + 1.5),
            layers=[Notes("notes", piece.notes, ink=piece.inks, names=piece.names, timed=True), arcs], ticks=True, scrub=True,
            title=f"told {told}: layer {state['layer']}", x_ticks=piece.ticks[:: max(1, round(len(piece.ticks) / 12))],
            y_ticks=[(float(p), pitch_name(p)) for p in range(low, high + 1) if p % 12 in (0, 4, 7)], column_axis=piece.axis,
        )  # fmt: skip
        values = self.result_[f"{badge}, {told}"]
        top = 1.0 if badge == "recent" else max(float(self.result_[f"back, {each}"].max()) for each in PAIR)
        title = {"recent": "share on the last three notes", "back": "quarter notes it looks back"}[badge]
        badges = Panel(
            f"badges, {told}", values, x=62 + WIDE + 100, y=y, cell=BADGE, numbers=True, digits=2 if badge == "recent" else 1,
            hi=max(top, 1e-9), title=title, ticks=True, row_names=[f"layer {k}" for k in range(len(values))],
            column_names=[f"head {k}" for k in range(len(values[0]))],
        )  # fmt: skip
        return [roll, badges]

    def verdict(self) -> str:
        """What the two reach, and where they look, on average over all heads."""
        said = [
            f"Told {told}: {number(self.result_[f'characters, {told}'], 2)} bits per character of the first {READ} symbols of "
            "unseen tunes, "
            f"{number(float(self.result_[f'bits, {told}'].mean()), 2)} bits a note here; "
            f"{share(float(self.result_[f'recent, {told}'].mean()))} of what its heads give to notes goes to the last three."
            for told in PAIR
        ]
        return " ".join(said)

    def alt(self) -> str:
        state = self._state
        locked = f"note {self.piece.names[state['note']]}" if state["note"] >= 0 else "no note"
        return (
            f"{self.piece.title} twice, arcs of layer {state['layer']} from {state['threshold']:g} on, {locked} locked, badge "
            f"{state['badge']}, at sixteenth {state['position']}. {self.verdict()}"
        )

    def tracks(self) -> list[Track]:
        piece, note = self.piece, self._state["note"]
        beats, each = piece.notes / (SIXTEENTHS, SIXTEENTHS, 1), piece.seconds / SIXTEENTHS
        key = repr([self._state[name] for name in ("piece", "note", "layer")])

        def played(gains: np.ndarray | None = None) -> np.ndarray:
            return audio.play_notes(beats, piece.seconds, loudness=gains).numpy()

        found = [Track("the music", played, key=key, beats=each)]
        for told in PAIR:
            heard = self.result_[f"weights, {told}"][self._state["layer"], :, note].mean(0)
            if note < 0 or not heard.any():
                continue
            gains = heard / heard.max()
            gains[note] = 1.0
            found.append(Track(f"what it listens to, told {told}", lambda gains=gains: played(gains), key=key, beats=each))
        return found

    def question(self) -> Question:
        near = {told: float(recent(listened("tune 0", shipped(name)[0]).weights).mean()) for told, name in PAIR.items()}
        options = ["the one that is told places", "the one that is told distances", "both about equally"]
        truth = options[2] if abs(near["places"] - near["distances"]) < 0.05 else options[int(near["places"] < near["distances"])]
        return Question(
            "One transformer is told at which place each symbol stands, the other how far away it is. Which of them looks more at "
            "the last three notes?",
            options,
            lambda: truth,
            f"Told places {share(near['places'])} of what its heads give to notes, told distances {share(near['distances'])}.",
        )


def _steps(piece: Piece) -> int:
    onset, duration, _ = piece.notes.T
    return int(np.ceil((onset + duration).max()))
