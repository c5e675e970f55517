"""Keyboard: a piano as a panel of a Roll, whose keys carry bars and can be struck."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from helpers.views.grid import Panel
from helpers.views.stage import Ink

PITCHES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
KEY_SHARE = 0.42  # of a keyboard's height are keys, the rest is for bars


def pitch_name(pitch: int) -> str:
    """A MIDI pitch as musicians call it, 60 being C4.

    >>> pitch_name(61)
    'C♯4'
    """
    return f"{PITCHES[pitch % 12]}{pitch // 12 - 1}"


def is_black(pitch: int) -> bool:
    """Whether a MIDI pitch is a black key."""
    return pitch % 12 in (1, 3, 6, 8, 10)


@dataclass
class Keyboard(Panel):
    """A piano from pitch `low` to `high`. values: a bar for each key, 0 at the key, `hi` at the top; cell: px of the whole.

    kept: whether each key's bar has its ink (the others are faint; all, if none is given); names: what the tip says of
    each (none given: its pitch, and its number); click: "key" is sent with the pitch.
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
    named: bool = False  # whether names were given, which then are all that the tip says

    def __post_init__(self) -> None:
        if not 0 <= self.low < self.high <= 127:
            raise ValueError(f"keyboard {self.name!r} goes from {self.low} to {self.high}; MIDI pitches go from 0 to 127, upwards.")
        keys = self.high - self.low + 1
        self.bars, self.named = self.values is not None, len(self.names) > 0
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
