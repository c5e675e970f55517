"""The bars of a tune: which are as long as its metre says, and in which order they are played."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple


class Event(NamedTuple):
    """Notes that begin together, none for a rest; tied: they sound on into the next event. Times in quarter notes."""

    onset: Fraction
    duration: Fraction
    pitches: tuple[int, ...]
    tied: bool


@dataclass
class Measure:
    """What stands between two bar lines. `metre`: the length it should have, None if it is free.

    opens: a repeat begins before it; closes: one ends after it; heavy: so does a part of the tune (||, |], :|);
    ending: the turns that it is played in, if it begins a first or second ending.
    """

    onset: Fraction
    metre: Fraction | None
    opens: bool = False
    ending: frozenset[int] = frozenset()
    closes: bool = False
    heavy: bool = False
    length: Fraction = Fraction(0)
    events: list[Event] = field(default_factory=list)


def full(measures: list[Measure]) -> list[bool]:
    """Tell of each measure whether it has the length of its metre, alone or with the rest of a divided measure.

    A part of a tune may begin with a pickup: its last measure lacks as much, or the measure before the pickup does. Endings
    may begin inside a measure: what stands before the first belongs to each of them.
    """
    whole = [m.metre is None or m.length == m.metre for m in measures]
    first, head = 0, []  # the first measure of this part of the tune; the piece before its first ending
    for i, measure in enumerate(measures):
        if measure.opens or (i and measures[i - 1].heavy and not measure.ending):
            first, head = i, []
        elif measure.ending and not measures[i - 1].heavy:
            head = [] if whole[i - 1] else [i - 1]
        piece = [*head, i] if measure.ending else [i]
        following = 0 if i + 1 == len(measures) else i + 1
        for pickup in ([], [first], [following]) if measure.heavy else ([],):
            together = {*piece, *pickup}
            if {measures[k].metre for k in together} == {sum(measures[k].length for k in together)}:
                whole = [known or k in together for k, known in enumerate(whole)]
    return whole


def unfold(measures: list[Measure]) -> list[int]:
    """The numbers of the measures in the order in which they are played, repeats and endings followed.

    A repeat without a beginning goes back to the last double bar line, end of a repeat or the beginning of the tune.
    """
    order, start, turn, back, i = [], 0, 1, 0, 0
    while i < len(measures):
        measure = measures[i]
        if measure.opens and i > start:
            start, turn = i, 1
        if measure.ending and turn not in measure.ending:
            i = _after_ending(measures, i)
            continue
        order.append(i)
        i += 1
        if measure.closes and turn < _turns(measures, start):
            i, turn, back = start, turn + 1, i
        elif measure.closes or (measure.heavy and (i > back if turn > 1 else not measures[start].opens)):
            start, turn = i, 1
    return order


def _after_ending(measures: list[Measure], i: int) -> int:
    i += 1
    while i < len(measures) and not (measures[i].ending or measures[i].opens or measures[i - 1].heavy):
        i += 1
    return i


def _turns(measures: list[Measure], start: int) -> int:
    following = next((i for i in range(start + 1, len(measures)) if measures[i].opens), len(measures))
    return max([2, *(turn for m in measures[start:following] for turn in m.ending)])
