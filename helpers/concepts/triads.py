"""Chords as words: the 24 major and minor triads of a score, in the order in which they come.

Notebook: 06_transformers.
"""

from __future__ import annotations

from collections.abc import Iterable

from jaxtyping import Integer
from numpy import ndarray

ROOTS = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
NAMES = (*ROOTS, *(f"{root}m" for root in ROOTS))  # token k < 12: major on root k; k + 12: minor on it
_TRIADS = {frozenset({k, (k + third) % 12, (k + 7) % 12}): k + 12 * (third == 3) for k in range(12) for third in (4, 3)}


def triad(pitches: Iterable[int]) -> int | None:
    """The token of the triad that these MIDI pitches make (below 0: a rest), in any octave or inversion; None for none.

    >>> NAMES[triad([48, 64, 67, 72])], NAMES[triad([60, 64, 69])], triad([60, 62])
    ('C', 'Am', None)
    """
    return _TRIADS.get(frozenset(int(pitch) % 12 for pitch in pitches if pitch >= 0))


def progression(beats: Integer[ndarray, "beat voice"]) -> list[int]:
    """The triads of a piece, one after the other; what is none is passed over, and what lasts counts once."""
    found: list[int] = []
    for pitches in beats.tolist():
        token = triad(pitches)
        if token is not None and (not found or found[-1] != token):
            found.append(token)
    return found
