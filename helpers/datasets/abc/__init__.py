"""A reader of ABC, the text in which folk tunes are written: parse(text) gives notes and bars.

A letter is a note (C is MIDI pitch 60, c an octave above, c' and C, further out), a number after it multiplies its length
and a slash divides it. After The abc music standard 2.1 (Walshaw, 2011); one voice, without tempo, words and ornaments.
Notebook: 05_rnns.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from helpers.datasets.abc.grammar import AbcError
from helpers.datasets.abc.measures import Event, full, unfold
from helpers.datasets.abc.reader import Reader

__all__ = ["AbcError", "Bar", "Note", "Score", "parse"]


class Note(NamedTuple):
    """One sounding note, ties joined: onset and duration in quarter notes, pitch in MIDI numbers."""

    onset: float
    duration: float
    pitch: int


class Bar(NamedTuple):
    """A bar in quarter notes; full: as long as the metre says, alone or as a pickup with the bar that lacks as much."""

    onset: float
    length: float
    full: bool


@dataclass
class Score:
    """The notes of a tune, by onset, and its bars."""

    notes: list[Note]
    bars: list[Bar]


def parse(text: str, repeats: bool = False) -> Score:
    """The notes and bars of a tune: lines M: (metre), L: (length of a plain note), K: (key), then the notes.

    repeats: play them (and first and second endings); otherwise all stands once, in the order it is written.
    Raises AbcError, with line, column and reason, where the text cannot be read.

    >>> parse("M:2/4\\nL:1/8\\nK:D\\nf2 (3def |").notes[-1]
    Note(onset=1.6666666666666667, duration=0.3333333333333333, pitch=78)
    """
    measures = Reader(text).measures
    whole = full(measures)
    events, bars, time = [], [], Fraction(0)
    for i in unfold(measures) if repeats else range(len(measures)):
        shift = time - measures[i].onset
        events += [event._replace(onset=event.onset + shift) for event in measures[i].events]
        bars.append(Bar(float(time), float(measures[i].length), whole[i]))
        time += measures[i].length
    return Score(_tie(events), bars)


def _tie(events: list[Event]) -> list[Note]:
    notes, ringing = [], {}  # ringing: where the notes of the last event stand that are tied, by pitch
    for event in events:
        still = {}
        for pitch in event.pitches:
            at = ringing.get(pitch, len(notes))
            if at == len(notes):
                notes.append([event.onset, event.duration, pitch])
            else:
                notes[at][1] += event.duration
            if event.tied:
                still[pitch] = at
        ringing = still
    return [Note(float(onset), float(duration), pitch) for onset, duration, pitch in notes]
