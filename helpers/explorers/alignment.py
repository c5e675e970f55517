"""Where an encoder and decoder looks while it writes: the call, its reply note by note, and the weights between them.

Notebook: 05_rnns. The models: helpers/models/rnn.py. After Bahdanau, Cho and Bengio, 2015.
"""

from __future__ import annotations

from typing import ClassVar

import ipywidgets as widgets
import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor, nn

from helpers import audio
from helpers.datasets.melodies import END, FIFTH, LONGEST, LOW
from helpers.explorers.base import Explorer
from helpers.explorers.parts.numerals import number, plural
from helpers.views import Grid, Notes, Panel, Plane, Roll, Track, pitch_name

CELL, LEFT, TOP = 44, 150, 150  # px
BEAT = 0.3  # seconds of a note
LOOKED = "each row: where the model looked for one note of its reply"


class Alignment(Explorer):
    """A call of some notes, and the reply that a model writes: backwards, a fifth higher, if it has learned its task.

    models: by name, each with the `reply` of models.rnn.Seq2Seq, and `attention`, false where it cannot look; calls: (call, 10)
    symbols, padded in front. State: network, call (its number), position (which note of the reply is being written).
    """

    view: ClassVar[type[Grid]] = Roll
    axis: ClassVar[str] = "position"
    defaults: ClassVar[dict] = {"network": "with attention", "call": 0, "position": 0}

    def __init__(self, models: dict[str, nn.Module], calls: Int[Tensor, "call 10"], **options: object) -> None:
        if not models or not len(calls) or not (calls > 0).any(1).all():
            raise ValueError("give at least one model, by name, and at least one call of one note or more.")
        self.models, self.calls, self.given = models, calls.numpy(), {"models": models, "calls": calls}
        if "network" not in options:
            options["network"] = next(reversed(models))
        self._written: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        super().__init__(**options)

    def build(self) -> None:
        self.control("network", widgets.Dropdown(options=list(self.models), description="model"))
        self.control("call", widgets.IntSlider(min=0, max=len(self.calls) - 1, description="call"))

    def settle(self, state: dict, changes: dict) -> dict:
        if {"network", "call"} & set(changes) and "position" not in changes:
            state["position"] = 0
        return state

    def impossible(self, state: dict) -> str | None:
        if state["network"] not in self.models:
            return f"No model is called {state['network']!r}; choose one of {', '.join(self.models)}."
        if not 0 <= state["call"] < len(self.calls):
            return f"There is no call {state['call']}; choose 0 to {len(self.calls) - 1}."
        last = self._length(state) - 1
        return None if 0 <= state["position"] <= last else f"The reply has no note {state['position']}; choose 0 to {last}."

    def reply(self, network: str) -> tuple[np.ndarray, np.ndarray]:
        """What a model writes to each call, (call, 11) symbols, and where it looks, (call, 11, 10)."""
        if network not in self._written:
            written, looks = self.models[network].reply(torch.tensor(self.calls), LONGEST + 1)
            self._written[network] = written.numpy(), looks.numpy().astype(np.float64)
        return self._written[network]

    @property
    def looks(self) -> bool:
        """Whether the model chooses where to look; one without attention gets the same state at each step."""
        return getattr(self.models[self._state["network"]], "attention", True)

    def _length(self, state: dict) -> int:
        """How many notes of the reply there are to look at: up to its end, at least one."""
        ended = np.flatnonzero(self.reply(state["network"])[0][state["call"]] == END)
        return max(int(ended[0]), 1) if len(ended) else LONGEST + 1

    def count(self) -> int:
        return self._length(self._state)

    def compute(self) -> None:
        state, length = self._state, self._length(self._state)
        written, looks = (part[state["call"]] for part in self.reply(state["network"]))
        call = self.calls[state["call"]]
        notes = call[call > 0]
        wanted = notes[::-1] + FIFTH
        ended = bool((written == END).any())
        right = np.array([i < len(wanted) and written[i] == wanted[i] for i in range(length)])
        everything = self.reply(state["network"])[0]
        self.result_ = {
            "call": notes.copy(),
            "reply": written[:length].copy(),
            "wanted": wanted,
            "right": right,
            "whole": ended and length == len(wanted) and bool(right.all()),
            "of all": sum(_whole(said, asked) for said, asked in zip(everything, self.calls, strict=True)),
            "look": looks[:length, -len(notes) :].copy(),
            "furthest": int(looks[state["position"], -len(notes) :].argmax()),
        }

    def draw(self) -> None:
        result, n = self.result_, len(self.result_["call"])
        rows = len(result["reply"])
        call, reply = _pitches(result["call"]), _pitches(result["reply"])
        side = min(CELL, 300 / rows)
        weights = Panel(
            "look",
            result["look"],
            x=LEFT,
            y=TOP,
            cell=(CELL, side),
            title=LOOKED if self.looks else "no attention: every step gets the encoder's last state",
            hover=True,
            ticks=True,
            row_names=[f"{i + 1}: {_name(symbol)}" for i, symbol in enumerate(result["reply"])],
            column_names=[_name(symbol) for symbol in result["call"]],
            column_axis="notes of the call",
        )
        asked = _roll("call", call, LEFT, n * CELL, "the call", 0)
        inks = [2 if ok else 1 for ok in result["right"]]
        said = _roll("reply", reply, LEFT + LONGEST * CELL + 70, 380, "its reply: green is right, orange is wrong", inks)
        with self.grid.hold_sync():
            self.grid.show([asked, said, weights], labels=self._card())
            self.grid.marks = [
                {"panel": "look", "row": self._state["position"], "column": 0, "height": 1, "width": n, "ink": "window"}
            ]
            self.grid.count, self.grid.position = self.count(), self._state["position"]
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, repr({**self._state, "position": 0}))

    def _card(self) -> list[dict]:
        result, x = self.result_, LEFT + LONGEST * CELL + 70
        lines = [
            f"right notes: {int(result['right'].sum())} of {len(result['wanted'])}",
            f"replies right to the end: {result['of all']} of {len(self.calls)}",
            f"note {self._state['position'] + 1} looks most at note {result['furthest'] + 1}" if self.looks else "it does not look",
        ]
        return [{"x": x, "y": 190 + 26 * i, "text": text, "size": 14, "align": "left"} for i, text in enumerate(lines)]

    def verdict(self) -> str:
        """What the model writes here, and where it looked, if it can."""
        result, i = self.result_, self._state["position"]
        share = number(float(result["look"][i].max()), 2)
        said = f"Note {i + 1} of the reply is {_name(result['reply'][i])}, {'right' if result['right'][i] else 'wrong'}"
        if not self.looks:
            return f"{said}."
        at = f"note {result['furthest'] + 1} of the call, {_name(result['call'][result['furthest']])}"
        return f"{said}; the largest weight, {share}, is on {at}."

    def alt(self) -> str:
        result = self.result_
        call, reply = (" ".join(_name(symbol) for symbol in result[name]) for name in ("call", "reply"))
        return (
            f"Model {self._state['network']}: the call {call} is answered by {reply}; {plural(int(result['right'].sum()), 'note')} "
            f"right of {len(result['wanted'])}. {self.verdict()}"
        )

    def tracks(self) -> list[Track]:
        parts = {"the call": self.result_["call"], "its reply": self.result_["reply"], "the right reply": self.result_["wanted"]}
        key = repr({**self._state, "position": 0})
        return [
            Track(name, lambda symbols=symbols: _heard(symbols), key=key, beats=BEAT if name == "its reply" else None)
            for name, symbols in parts.items()
        ]


def _whole(said: np.ndarray, asked: np.ndarray) -> bool:
    wanted = [*(asked[asked > 0][::-1] + FIFTH), END]
    return said[: len(wanted)].tolist() == wanted


def _pitches(symbols: np.ndarray) -> np.ndarray:
    """MIDI pitches; NaN for padding and the end."""
    return np.where((symbols > 0) & (symbols < END), symbols - 1.0 + LOW, np.nan)


def _name(symbol: int | np.integer) -> str:
    return pitch_name(int(symbol) - 1 + LOW) if 0 < symbol < END else "–"


def _roll(name: str, pitches: np.ndarray, x: float, width: float, title: str, ink: int | list[int]) -> Plane:
    known = pitches[np.isfinite(pitches)]
    low, high = (known.min() - 2, known.max() + 2) if len(known) else (60.0, 72.0)
    rows = np.column_stack([np.arange(len(pitches)) - 0.5, np.ones(len(pitches)), pitches])
    return Plane(
        name, x=x, y=34, cell=(width, 76), x_range=(-0.5, len(pitches) - 0.5), y_range=(low, high), x_ticks=[(-0.5, "")],
        title=title, scrub=name == "reply", layers=[Notes("notes", rows, ink=ink, timed=name == "reply")],
    )  # fmt: skip


def _heard(symbols: np.ndarray) -> np.ndarray:
    notes = [(i, 0.95, p) for i, p in enumerate(_pitches(symbols)) if np.isfinite(p)]
    x = np.zeros(round(max(len(symbols), 1) * BEAT * audio.RATE), np.float32)
    played = audio.play_notes(notes, BEAT).numpy()
    x[: len(played)] = played[: len(x)]
    return x
