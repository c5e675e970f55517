"""Two versions of one sound against the original: what four losses say, and what the ear says.

Notebook: 02_loss_functions. Concept: helpers/concepts/spectral.py. The sounds: helpers/explorers/codec/versions.py.
"""

from __future__ import annotations

from typing import ClassVar

import ipywidgets as widgets
import numpy as np
import torch

from helpers.concepts.spectral import magnitudes
from helpers.explorers.base import Explorer
from helpers.explorers.codec.versions import LOSSES, RATE, SOURCES, VERSIONS, original, table, version
from helpers.explorers.parts.numerals import number
from helpers.explorers.question import Question
from helpers.views import Grid, Panel, Path, Plane, Stage, Track

START, SHOWN, WINDOW = 4_000, 320, 2048  # samples: 20 ms of the waves, a quarter of a second in; the spectra's window
EARS = ("not yet", "A", "B", "equally near")
ROW, TOP = 29, 32
DIGITS = {"L1": 4, "L2": 5, "STFT": 2, "mel": 3}
COLUMNS = {"L1": ("L1 · 1000", 1000, 1), "L2": ("L2 · 1000", 1000, 2), "STFT": ("STFT", 1, 2), "mel": ("mel", 1, 3)}
FULL = {"L1": "samples, L1", "L2": "samples, L2", "STFT": "STFT", "mel": "mel"}


class Codec(Explorer):
    """An original, versions A and B of it, every version's losses in a table, and your own judgement.

    State: source, a and b (versions), delay (of the late version, in ms), ear (which of the two you find nearer to the
    original).
    """

    view: ClassVar[type[Grid]] = Stage
    defaults: ClassVar[dict] = {"source": SOURCES[0], "a": "upside down", "b": "20 cents sharp", "delay": 5.0, "ear": "not yet"}
    presets: ClassVar[dict[str, dict]] = {
        "phase or pitch": {},
        "phase or nothing at all": {"b": "silence"},
        "phase or hiss": {"a": "phases turned 90°", "b": "with hiss"},
        "20 cents or an octave": {"a": "20 cents sharp", "b": "an octave up"},
        "clipped or late": {"a": "late", "b": "clipped"},
    }

    def build(self) -> None:
        self.control("source", widgets.Dropdown(options=list(SOURCES), description="source"))
        for name in ("a", "b"):
            self.control(name, widgets.Dropdown(options=list(VERSIONS), description=f"version {name.upper()}"))
        self.control("delay", widgets.FloatSlider(min=0, max=20, step=0.25, description="late by, ms"))
        self.control("ear", widgets.ToggleButtons(options=list(EARS), description="nearer by ear", style={"button_width": "115px"}))
        self.player.together = True
        self.grid.on("click", self._click)

    def _click(self, panel: str, row: int, column: int) -> None:
        """A row of the table becomes version B, and is heard."""
        self.set(b=VERSIONS[row], ear="not yet")
        self.player.play(2)

    def settle(self, state: dict, changes: dict) -> dict:
        if {"source", "a", "b", "delay"} & set(changes) and "ear" not in changes:
            state["ear"] = "not yet"
        return state

    def impossible(self, state: dict) -> str | None:
        for name, known in (("source", SOURCES), ("a", VERSIONS), ("b", VERSIONS), ("ear", EARS)):
            if state[name] not in known:
                return f"{name}={state[name]!r} is unknown; there are {', '.join(known)}."
        if not 0 <= state["delay"] <= 20:
            return f"A delay of {state['delay']:g} ms; choose 0 to 20."
        return None

    def compute(self) -> None:
        found = table(self._state["source"], self._state["delay"])
        waves = {"original": original(self._state["source"])}
        waves |= {name.upper(): self._made(self._state[name]) for name in ("a", "b")}
        piece = {name: x[START : START + WINDOW] for name, x in waves.items()}
        self.result_ = {"losses": found, "says": [self._nearer(found[:, i]) for i in range(len(LOSSES))]}
        for name, x in waves.items():
            spectrum = magnitudes(piece[name], WINDOW)[:, 2].numpy()  # the frame in the middle of the piece
            self.result_ |= {f"wave {name}": x[START : START + SHOWN].numpy(), f"spectrum {name}": 20 * np.log10(spectrum)}

    def _made(self, name: str) -> torch.Tensor:
        """A version of the source, late by as much as the state says."""
        source = self._state["source"]
        return version(source, name, self._state["delay"]) if name == "late" else version(source, name)

    def _called(self, name: str) -> str:
        return f"{self._state['delay']:g} ms late" if name == "late" else name

    def _nearer(self, losses: np.ndarray) -> str:
        """Which of the two a loss finds nearer to the original."""
        a, b = (losses[VERSIONS.index(self._state[name])] for name in ("a", "b"))
        return "equally near" if abs(a - b) < 1e-5 else "A" if a < b else "B"

    def draw(self) -> None:
        with self.grid.hold_sync():
            self.grid.show([*self._waves(), *self._spectra(), *self._table()])
            rows = {"A": "window", "B": "winner"}
            self.grid.marks = [
                {"panel": loss, "row": VERSIONS.index(self._state[name.lower()]), "column": 0, "height": 1, "width": 1, "ink": ink}
                for name, ink in rows.items()
                for loss in LOSSES
            ]
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, (self._state["source"], *(self._called(self._state[name]) for name in ("a", "b"))))

    def _waves(self) -> list[Plane]:
        ms = 1000 * (START + np.arange(SHOWN)) / RATE
        high = 1.15 * max(float(np.abs(self.result_[f"wave {name}"]).max()) for name in ("original", "A", "B"))
        called = {name: self._called(self._state[name.lower()]) for name in ("A", "B")}
        return [
            Plane(
                f"wave {name}", x=60, y=TOP + i * 158, cell=(290, 112), x_range=(ms[0], ms[-1]), y_range=(-high, high),
                ticks=True, column_axis="ms" if name == "B" else "", title=f"{name}: {called[name]} (grey: original)",
                layers=[
                    Path("original", np.stack([ms, self.result_["wave original"]], 1), ink="faint", size=3.5),
                    Path(name, np.stack([ms, self.result_[f"wave {name}"]], 1), ink=i, size=2),
                ],
            )
            for i, name in enumerate(("A", "B"))
        ]  # fmt: skip

    def _spectra(self) -> list[Plane]:
        below = int(2_000 * WINDOW / RATE) + 1
        kilohertz = np.arange(below) * RATE / WINDOW / 1000
        return [
            Plane(
                f"spectrum {name}", x=416, y=TOP + i * 158, cell=(200, 112), x_range=(0, 2), y_range=(-22, 50), ticks=True,
                column_axis="kHz" if name == "B" else "", title=f"spectrum of {name}, dB",
                layers=[
                    Path("original", np.stack([kilohertz, self.result_["spectrum original"][:below]], 1), ink="faint", size=3.5),
                    Path(name, np.stack([kilohertz, self.result_[f"spectrum {name}"][:below]], 1), ink=i, size=2),
                ],
            )
            for i, name in enumerate(("A", "B"))
        ]  # fmt: skip

    def _table(self) -> list[Panel]:
        """A column for each loss, coloured from its least to its most."""
        names = [self._called(name) for name in VERSIONS]
        looks = {"cell": (68, ROW), "y": TOP, "numbers": True, "click": True, "row_names": names}
        return [
            Panel(
                loss, times * self.result_["losses"][:, i : i + 1], x=796 + 70 * i, title=title, digits=digits, ticks=i == 0,
                hi=times * float(self.result_["losses"][:, i].max()), **looks,
            )
            for i, (loss, (title, times, digits)) in enumerate(COLUMNS.items())
        ]  # fmt: skip

    def verdict(self) -> str:
        """What each loss says of A and B, and with which of them you agree."""
        says = dict(zip(FULL.values(), self.result_["says"], strict=True))
        heard = "; ".join(f"{loss}: {which if which == 'equally near' else which + ' is nearer'}" for loss, which in says.items())
        ear = self._state["ear"]
        if ear == "not yet":
            return f"{heard}. And your ear?"
        agree = [loss for loss, which in says.items() if which == ear]
        return f"{heard}. Your ear ({ear}) agrees with {', '.join(agree) if agree else 'none of them'}."

    def alt(self) -> str:
        losses, names = self.result_["losses"], {"A": self._state["a"], "B": self._state["b"]}
        said = "; ".join(
            f"{name}, {self._called(made)}: " + ", ".join(
                f"{loss} {number(losses[VERSIONS.index(made), i], DIGITS[loss])}" for i, loss in enumerate(LOSSES)
            )
            for name, made in names.items()
        )  # fmt: skip
        return f"Two versions of {self._state['source']} against the original. {said}. {self.verdict()}"

    def tracks(self) -> list[Track]:
        source = self._state["source"]
        tracks = [Track("original", lambda: original(source).numpy(), key=source)]
        for name in ("a", "b"):
            made = self._made(self._state[name])
            tracks.append(Track(f"{name.upper()}: {self._called(self._state[name])}", lambda made=made: made.numpy(), key=source))
        return tracks

    def question(self) -> Question:
        losses = table(SOURCES[0])
        flipped, sharp = (losses[VERSIONS.index(name)] for name in ("upside down", "20 cents sharp"))
        options = ["the samples and the spectra: A", "the samples: A, the spectra: B", "the samples: B, the spectra: A"]
        truth = f"the samples: {'A' if flipped[1] < sharp[1] else 'B'}, the spectra: {'A' if flipped[2] < sharp[2] else 'B'}"
        return Question(
            "A is a plucked string with its wave upside down, B the same string 20 cents sharp. Which is nearer to the original, "
            "by the squared difference of the samples and by spectra?",
            options,
            lambda: truth,
            f"Squared difference of samples: A {flipped[1]:.4f}, B {sharp[1]:.4f}. "
            f"Spectra: A {flipped[2]:.2f}, B {sharp[2]:.2f}. Now listen.",
        )
