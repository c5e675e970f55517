"""Roll: a Stage whose planes also hold notes, words and arcs between them, and a piano beside them.

Who looks at whom is drawn in the browser: for the locked note (a click; again: free), else for the one under the pointer,
else for those at the playhead. Weights travel as one byte each, all heads of a model once and for all.

What it says to `on`: "look" (panel, layer, index; -1 for none) where the plane has `hover`; "lock" (the same) on a click
where there are arcs; "pick" (also shift) where the layer has `click`; "key" (panel, pitch) from a Keyboard. Arrow keys
choose a note (with Shift where the transport uses them), Enter locks it; PageUp and PageDown choose a piano's key, Enter
presses it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import InitVar, dataclass, field
from typing import ClassVar, Literal

import numpy as np
import traitlets

from helpers.views.grid import Panel
from helpers.views.stage import Ink, Layer, Plane, Stage
from helpers.views.widget import script

# One for each of twelve heads, told apart on white and on black (delta E 2000 of 22 and more); the surest come first.
HEADS = (
    "#2a8fd0", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#a901f4",
    "#b41739", "#9bb41d", "#696100", "#bba9a1", "#455e5e", "#635370",
)  # fmt: skip
PITCHES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
MOST = 300  # arcs at a time
SLACK = 1e-4  # a note has begun although rounding says that it has not quite
WORD_PX, CHARACTER_PX = 24, 8.4  # height of a word's box, and its width for each character


def pitch_name(pitch: int) -> str:
    """A MIDI pitch as musicians call it, 60 being C4.

    >>> pitch_name(61)
    'C♯4'
    """
    return f"{PITCHES[pitch % 12]}{pitch // 12 - 1}"


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

    weights: uint8 with 255 for 1, or numbers in [0, 1], which are rounded to that. inks: one a head (HEADS, if none);
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

    def described(self) -> dict:
        said = {"shape": list(self.weights.shape), "locked": self.locked, "start": self.start}
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


@dataclass
class Words(Plane):
    """A row of words (or, with `columns`, the same words in two columns), for arcs of the layer of the panel's own name.

    cell: px of the whole; a row that is longer goes on below, and words shrink where the height is scarce.
    strength: how strongly the inks colour each word's box.
    In two columns the right one is the layer "<name> seen": Arcs(..., of=name, at=f"{name} seen").
    """

    words: InitVar[Sequence[str]] = ()
    strength: InitVar[np.ndarray | Sequence[float] | None] = None
    inks: InitVar[Ink | Sequence[Ink]] = 0
    columns: InitVar[bool] = False
    timed: InitVar[bool] = False

    def __post_init__(
        self,
        words: Sequence[str],
        strength: np.ndarray | Sequence[float] | None,
        inks: Ink | Sequence[Ink],
        columns: bool,
        timed: bool,
    ) -> None:
        self.x_range, self.y_range = (0.0, float(self.cell[0])), (0.0, float(self.cell[1]))
        self.whole = True  # no tip: what it would say is written there
        look = {"ink": inks, "strength": strength, "names": list(words), "click": self.click, "timed": timed}
        sides, room = _columns(words, self.cell) if columns else _row(words, self.cell)
        names = [self.name, f"{self.name} seen"]
        shown = [Tokens(name, xy, size=min(WORD_PX, room - 2), **look) for name, xy in zip(names, sides)]
        self.layers = [*shown, *self.layers]
        super().__post_init__()


def _width(word: str) -> float:
    """px that a word's box needs; Chinese letters and emoji are twice as wide."""
    letters = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in word)
    return CHARACTER_PX * max(letters, 1) + 12


def _row(words: Sequence[str], cell: tuple[float, float]) -> tuple[list[list], float]:
    """Places in one layer, each line at the bottom of its share of the height, and that share."""
    lines, x = [[]], 4.0
    for word in words:
        wide = min(_width(word), cell[0] - 8)
        if x + wide > cell[0] and lines[-1]:
            lines.append([])
            x = 4.0
        lines[-1].append((x + wide / 2, wide))
        x += wide + 4
    room = cell[1] / len(lines)
    middles = [cell[1] - room * (k + 1) + min(WORD_PX, room) / 2 + 1 for k in range(len(lines))]  # y grows upwards
    return [[(x, y, wide) for line, y in zip(lines, middles) for x, wide in line]], room


def _columns(words: Sequence[str], cell: tuple[float, float]) -> tuple[list[list], float]:
    """Places in two layers, left and right, and the height that each word has."""
    wide, room = max([_width(word) for word in words], default=0.0), cell[1] / max(len(words), 1)
    wide = min(wide, 0.35 * cell[0])  # a longer word is squeezed: lines need room
    left = [(wide / 2 + 4, cell[1] - room * (k + 0.5), wide) for k in range(len(words))]
    return [left, [(cell[0] - x, y, wide) for x, y, wide in left]], room


@dataclass
class Keyboard(Panel):
    """A piano from pitch `low` to `high`. values: a bar for each key, 0 at the key, `hi` at the top; cell: px of the whole.

    kept: whether each key's bar has its ink (the others are faint; all, if none is given); names: what the tip says of
    each; click: "key" is sent with the pitch.
    """

    values: np.ndarray | Sequence[float] | None = field(default=None, repr=False)
    kind: str = "keyboard"
    cell: tuple[float, float] = (720, 160)
    low: int = 48
    high: int = 84
    kept: np.ndarray | Sequence[bool] = ()
    names: list[str] = field(default_factory=list)
    ink: Ink = 0
    bars: bool = False  # whether there are values; it finds out itself

    def __post_init__(self) -> None:
        if not 0 <= self.low < self.high <= 127:
            raise ValueError(f"keyboard {self.name!r} goes from {self.low} to {self.high}; MIDI pitches go from 0 to 127, upwards.")
        keys = self.high - self.low + 1
        self.bars = self.values is not None
        self.values = np.zeros(keys) if self.values is None else np.asarray(self.values, dtype=float)
        self.kept = [bool(kept) for kept in self.kept] or [True] * keys
        self.names = list(self.names) or [pitch_name(pitch) for pitch in range(self.low, self.high + 1)]
        for what, given in (("values", self.values), ("kept", self.kept), ("names", self.names)):
            if len(given) != keys:
                raise ValueError(f"keyboard {self.name!r}: {len(given)} {what} for {keys} keys; give one for each.")

    def size(self) -> tuple[float, float]:
        return self.cell

    def key(self, pitch: int) -> tuple[float, float, float, float]:
        """Left, top, width and height of a key, in px of the layout; black keys lie on the white ones."""
        (width, height), whites = self.cell, [p for p in range(self.low, self.high + 1) if not is_black(p)]
        before = sum(p < pitch for p in whites)
        each, tall = width / max(len(whites), 1), KEY_SHARE * height
        top = self.y + height - tall
        if is_black(pitch):
            return self.x + each * before - 0.3 * each, top, 0.6 * each, 0.62 * tall
        return self.x + each * before, top, each, tall


KEY_SHARE = 0.42  # of a keyboard's height are keys, the rest is for bars


def is_black(pitch: int) -> bool:
    """Whether a MIDI pitch is a black key."""
    return pitch % 12 in (1, 3, 6, 8, 10)


class Roll(Stage):
    """A Stage on which planes may hold Notes, Tokens and Arcs, and panels may be Words and Keyboards."""

    _esm = script("link", "transport", "geometry", "numbers", "paint", "hand", "plane", "roll", "grid")

    weights = traitlets.Bytes(b"").tag(sync=True)

    def show(self, panels: list[Panel], labels: Sequence[dict] = ()) -> None:
        sent, start = [], 0
        for plane in panels:
            for arcs in (layer for layer in getattr(plane, "layers", []) if isinstance(layer, Arcs)):
                _check(plane, arcs)
                sent.append(np.ascontiguousarray(arcs.weights).tobytes())
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
