"""Which units stay on over a stretch of time, and where else the same ones do.

values: (piece, time, unit), what every unit of a net was at every step of every piece. A unit is on where its value is at
least the threshold. Notebook: 05_rnns. After Strobelt et al., LSTMVis, 2018.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

Values = Float[np.ndarray, "piece time unit"]


class Match(NamedTuple):
    """A stretch that begins at step `start` of a piece, in which so many of the units are on throughout."""

    piece: int
    start: int
    units: int


def throughout(on: Bool[np.ndarray, "piece time unit"], length: int, alone: bool) -> Bool[np.ndarray, "piece start unit"]:
    """Whether each unit is on in all of the `length` steps from each start. alone: and off just before and just after.

    What is before the beginning or after the end of a piece counts as off. Two stretches that are on, one beginning within
    the other, make a longer one: so a few steps, each at most twice as long as the last, reach any length.
    """
    kept, reached = on, 1
    while reached < length:
        more = min(reached, length - reached)
        kept, reached = kept[:, :-more] & kept[:, more:], reached + more
    if alone:
        kept = kept.copy()  # a stretch of one step is still what was given
        kept[:, 1:] &= ~on[:, : kept.shape[1] - 1]
        kept[:, :-1] &= ~on[:, length:]
    return kept


def selected(values: Values, piece: int, first: int, last: int, threshold: float, alone: bool) -> Int[np.ndarray, "chosen"]:
    """The units that are on from step `first` to step `last` (both included) of a piece."""
    kept = throughout(values[piece : piece + 1] >= threshold, last - first + 1, alone)
    return np.flatnonzero(kept[0, first])


def matches(values: Values, piece: int, first: int, last: int, threshold: float, alone: bool, most: int = 5) -> list[Match]:
    """Where else most of the units selected there are on throughout; the most units first, then the earliest.

    No two of them overlap, nor one with the stretch itself. Without a selected unit there is nothing to find.
    """
    units, length = selected(values, piece, first, last, threshold, alone), last - first + 1
    if not len(units):
        return []
    score = throughout((values >= threshold)[:, :, units], length, alone).sum(-1, dtype=np.int32)
    _hide(score, piece, first, length)
    found = []
    while len(found) < most and score.max(initial=0) > 0:
        at, start = (int(i) for i in np.unravel_index(score.argmax(), score.shape))
        found.append(Match(at, start, int(score[at, start])))
        _hide(score, at, start, length)
    return found


def _hide(score: Shaped[np.ndarray, "piece start"], piece: int, start: int, length: int) -> None:
    score[piece, max(0, start - length + 1) : start + length] = 0
