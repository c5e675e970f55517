"""Roll: a Stage whose planes also hold notes, words and arcs between them, and a piano beside them.

Who looks at whom is drawn in the browser: for the locked note (a click; again: free), else for the one under the pointer,
else for those at the playhead. Weights travel as one byte each, all heads of a model once and for all.

What it says to `on`: "look" (panel, layer, index; -1 for none) where the plane has `hover`; "lock" (the same) on a click
where there are arcs; "pick" (also shift) where the layer has `click`; "key" (panel, pitch) from a Keyboard. Arrow keys
choose a note (with Shift where the transport uses them), Enter locks it; PageUp and PageDown choose a piano's key, Enter
presses it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np
import traitlets

from helpers.views.grid import Panel
from helpers.views.keyboard import pitch_name
from helpers.views.stage import Ink, Layer, Plane, Stage
from helpers.views.widget import script

# One for each of twelve heads, told apart on white and on black (delta E 2000 of 22 and more); the surest come first.
HEADS = (
    "#2a8fd0", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#a901f4",
    "#b41739", "#9bb41d", "#696100", "#bba9a1", "#455e5e", "#635370",
)  # fmt: skip
MOST = 300  # arcs at a time
SLACK = 1e-4  # a note has begun although rounding says that it has not quite
WORD_PX = 24  # height of a word's box


@dataclass
class Marks(Layer):
    """What notes and words share. strength: opacity, 0 to 1, of each; names: of each, click: "pick" is sent."""

    unsaid: ClassVar[tuple[str, ...]] = ("xy", "strength")
    columns: ClassVar[int] = 3
    plain: ClassVar[float] = 1.0  # strength where none is given

    strength: np.ndarray | Sequence[float] | None = field(default=None, repr=False)
    names: list[str] = field(default_factory=list)
    click: bool = False

    def __post_init__(self) -> None:
        rows = np.asarray(self.xy, dtype=float)
        self.xy = rows[:, : self.columns] if rows.ndim == 2 else rows  # what follows, as a voice, is not drawn
        super().__post_init__()
        self.strength = np.full(len(self.xy), self.plain) if self.strength is None else np.asarray(self.strength, dtype=float)
        if self.strength.shape != (len(self.xy),) or not ((self.strength >= 0) & (self.strength <= 1)).all():
            raise ValueError(f"layer {self.name!r}: strength is one number from 0 to 1 for each of {len(self.xy)}.")


@dataclass
class Notes(Marks):
    """Notes as bars. xy: rows of onset, duration, MIDI pitch; a pitch of NaN is no note, but a mark on the lower edge.

    names: what the tip says (the pitch, if none is given); timed: those at the transport's position are lit, and their
    arcs drawn.
    """

    kind: ClassVar[str] = "notes"
    places: ClassVar[int] = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        self.names = list(self.names) or [pitch_name(round(p)) if np.isfinite(p) else "" for p in self.xy[:, 2]]
        if (self.xy[:, 1] < 0).any():
            raise ValueError(f"layer {self.name!r}: a duration is {self.xy[:, 1].min():g}; a note cannot end before it begins.")

    def numbers(self) -> np.ndarray:
        onset, duration, pitch = self.xy.T
        return np.stack([onset, pitch - 0.5, onset + duration, pitch + 0.5, self.strength], 1)

    def sounding(self, x: float) -> list[int]:
        """Which of them sound at this place."""
        onset, duration, _ = self.xy.T
        return np.flatnonzero((onset <= x + SLACK) & (x + SLACK < onset + duration)).tolist()


@dataclass
class Tokens(Marks):
    """Words in boxes of `size` px height, drawn letter for letter. xy: rows of x and y of the middle, and a width in px."""

    kind: ClassVar[str] = "words"
    plain: ClassVar[float] = 0.0

    size: float = WORD_PX

    def numbers(self) -> np.ndarray:
        return np.concatenate([self.xy, self.strength[:, None]], 1)

    def sounding(self, x: float) -> list[int]:
        """The word at this position."""
        return [int(x)] if 0 <= x < len(self.xy) else []


@dataclass
class Arcs(Layer):
    """Who looks at whom among the notes or words of layer `of`. weights: (head, n, n), row: who looks, column: at what.

    weights: uint8 with 255 for 1, or numbers in [0, 1], which are rounded to that (uint8 is quicker to draw again).
    inks: one a head (HEADS, if none);
    shown: the heads that are drawn (all, if None); threshold: the least weight drawn; most: arcs a head and note, the
    heaviest. direction: "from" a note to what it looks at, or "to" it from who looks at it; at: the layer of what is
    looked at where that is another one; locked: the note of `of` that is locked, -1 for none.
    """

    kind: ClassVar[str] = "arcs"
    unsaid: ClassVar[tuple[str, ...]] = ("xy", "weights", "locked", "start")

    xy: np.ndarray | Sequence = ()
    of: str = ""
    weights: np.ndarray = field(default_factory=lambda: np.zeros((0, 0, 0), np.uint8), repr=False)
    inks: Sequence[Ink] = ()
    shown: Sequence[int] | None = None
    threshold: float = 0.0
    most: int = 8
    direction: Literal["from", "to"] = "from"
    at: str = ""
    locked: int = -1
    start: int = 0  # of its weights among all bytes of the Roll, which sets it

    def __post_init__(self) -> None:
        super().__post_init__()
        self.weights = quantised(self.name, self.weights)
        heads, rows = self.weights.shape[:2]
        self.shown = list(range(heads)) if self.shown is None else [int(head) for head in self.shown]
        self.inks = list(self.inks) or [HEADS[head % len(HEADS)] for head in range(heads)]
        if beyond := [head for head in self.shown if not 0 <= head < heads]:
            raise ValueError(f"layer {self.name!r} shows heads {beyond}; there are {heads}, from 0 on.")
        if len(self.inks) != heads:
            raise ValueError(f"layer {self.name!r}: {len(self.inks)} inks for {heads} heads; give one for each.")
        if not 0 <= self.threshold <= 1:
            raise ValueError(f"layer {self.name!r}: threshold is {self.threshold}; a weight is between 0 and 1.")
        if self.direction not in ("from", "to"):
            raise ValueError(f"layer {self.name!r}: direction is {self.direction!r}; it is 'from' or 'to'.")
        self.threshold, self.locked = float(self.threshold), int(self.locked)
        if not -1 <= self.locked < rows:
            raise ValueError(f"layer {self.name!r}: note {self.locked} is locked; there are {rows}, from 0 on (-1: none).")

    @property
    def causal(self) -> bool:
        """Whether nobody looks at what comes later: then half of the weights need not be sent."""
        return not self.at and not np.triu(self.weights, 1).any()

    def sent(self) -> bytes:
        """The weights head by head and row by row; where they are causal, row n only up to column n."""
        weights = self.weights[:, *np.tril_indices(self.weights.shape[1])] if self.causal else self.weights
        return np.ascontiguousarray(weights).tobytes()

    def described(self) -> dict:
        said = {"shape": list(self.weights.shape), "causal": self.causal, "locked": self.locked, "start": self.start}
        return super().described() | said

    def seen(self, notes: Sequence[int], seen_at: bool = False) -> list[tuple[int, int, int, int]]:
        """The arcs of these notes as (head, who looks, at what, weight in 255ths), heaviest first: what the browser draws.

        seen_at: these are notes of the layer `at`, which are looked at.
        """
        backwards = seen_at or (self.direction == "to" and not self.at)
        least, found = max(1, 255 * self.threshold), []
        for head in self.shown:
            for note in notes:
                row = (self.weights[head, :, note] if backwards else self.weights[head, note]).astype(int)
                others = [int(k) for k in np.argsort(-row, kind="stable")[: self.most] if row[k] >= least]
                found += [(head, *((k, note) if backwards else (note, k)), int(row[k])) for k in others]
        return sorted(found, key=lambda arc: -arc[3])[:MOST]


def quantised(name: str, weights: np.ndarray) -> np.ndarray:
    """Weights (head, n, n) in [0, 1] as whole 255ths, uint8; what is uint8 stays."""
    weights = np.asarray(weights)
    if weights.ndim != 3:
        raise ValueError(f"layer {name!r}: weights have shape {weights.shape}; they are (head, who looks, at what).")
    if weights.dtype == np.uint8:
        return weights
    if not ((weights >= 0) & (weights <= 1 + 1e-6)).all():
        raise ValueError(f"layer {name!r}: weights go from {weights.min():g} to {weights.max():g}; they are in [0, 1].")
    return (255 * weights).round().astype(np.uint8)


class Roll(Stage):
    """A Stage on which planes may hold Notes, Tokens and Arcs, and panels may be Words and Keyboards."""

    _esm = script("late", "link", "transport", "geometry", "numbers", "paint", "hand", "plane", "keyboard", "roll", "grid")

    weights = traitlets.Bytes(b"").tag(sync=True)

    def show(self, panels: list[Panel], labels: Sequence[dict] = ()) -> None:
        sent, start = [], 0
        for plane in panels:
            for arcs in (layer for layer in getattr(plane, "layers", []) if isinstance(layer, Arcs)):
                _check(plane, arcs)
                sent.append(arcs.sent())
                arcs.start, start = start, start + len(sent[-1])
        with self.hold_sync():
            super().show(panels, labels)
            self.weights = b"".join(sent)


def _check(plane: Plane, arcs: Arcs) -> None:
    """Raise ValueError where arcs have no notes to go between, or weights for others than these."""
    known = {layer.name: len(layer.xy) for layer in plane.layers if isinstance(layer, Marks)}
    for name, count in ((arcs.of, arcs.weights.shape[1]), (arcs.at or arcs.of, arcs.weights.shape[2])):
        if name not in known:
            raise ValueError(f"arcs {arcs.name!r} are of layer {name!r}; plane {plane.name!r} has the layers {sorted(known)}.")
        if known[name] != count:
            raise ValueError(f"arcs {arcs.name!r}: weights for {count}, but layer {name!r} has {known[name]} notes or words.")
