"""Words: a sentence as a panel of a Roll, in a row with arcs over it or in two columns with lines between."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import InitVar, dataclass

import numpy as np

from helpers.views.roll import WORD_PX, Tokens
from helpers.views.stage import Ink, Plane

CHARACTER_PX = 8.4  # what a character takes of a word's width


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
