"""A reader of ABC, the text in which folk tunes are written: parse(text) gives notes and bars.

A letter is a note (C is MIDI pitch 60, c an octave above, c' and C, further out), a number after it multiplies its length
and a slash divides it. After The abc music standard 2.1 (Walshaw, 2011); one voice, without tempo, words and ornaments.
Notebook: 05_rnns.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from helpers.datasets import fields
from helpers.datasets.measures import Event, Measure, full, unfold


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


class AbcError(ValueError):
    """This is no ABC: `line` and `column` count from 1, `reason` says what is wrong and what would be right."""

    def __init__(self, line: int, column: int, reason: str):
        super().__init__(f"line {line}, column {column}: {reason}")
        self.line, self.column, self.reason = line, column, reason


def parse(text: str, repeats: bool = False) -> Score:
    """The notes and bars of a tune: lines M: (metre), L: (length of a plain note), K: (key), then the notes.

    repeats: play them (and first and second endings); otherwise all stands once, in the order it is written.
    Raises AbcError, with line, column and reason, where the text cannot be read.

    >>> parse("M:2/4\\nL:1/8\\nK:D\\nf2 (3def |").notes[-1]
    Note(onset=1.6666666666666667, duration=0.3333333333333333, pitch=78)
    """
    measures = _Reader(text).measures
    whole = full(measures)
    events, bars, time = [], [], Fraction(0)
    for i in unfold(measures) if repeats else range(len(measures)):
        shift = time - measures[i].onset
        events += [event._replace(onset=event.onset + shift) for event in measures[i].events]
        bars.append(Bar(float(time), float(measures[i].length), whole[i]))
        time += measures[i].length
    return Score(_tie(events), bars)


def _tie(events: list[Event]) -> list[Note]:
    notes, ringing = [], {}  # ringing: the notes of the last event that are tied, by pitch
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


_NOTE = r"(?:\^\^?|=|__?)?[A-Ga-g][',]*"
_LENGTH = r"\d*(?:/\d+|/*)"
_GRAMMAR = {  # what is tried at each place, in this order
    "field": r"\[[A-Za-z]:[^\]\n]*\]|^[A-Za-z]:(?![|:\]]).*|\bK: ?[A-G][#b]?[A-Za-z]*(?:[=^_][A-Ga-g])*",
    "bar": r":*(?:\[?\|+\]?)+:*|::+",
    "ending": r"(?:\[|(?<=[|:\]]))\d[\d,-]*",
    "tuplet": r"\(\d(?::\d*)?(?::\d*)?",
    "chord": rf"\[(?:{_NOTE}{_LENGTH}-?)+\]{_LENGTH}",
    "note": _NOTE + _LENGTH,
    "rest": rf"[zx]{_LENGTH}|Z\d*",
    "broken": r"<{1,3}|>{1,3}",
    "tie": r"-",
    # nothing that changes the notes: space, comment, chord symbol, decoration, grace notes, slur, ornament (k: Ryan's), gap
    "skip": r"\s+|%.*|\\|`|\"[^\"\n]*\"|![^!|\s]+!|\{[^}\n]*\}|[()]|[~.H-Wuvk](?!:)|y\d*",
}
_TOKEN = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _GRAMMAR.items()), re.MULTILINE)
_PARTS = re.compile(r"(?P<sign>\^\^?|=|__?)?(?P<letter>[A-Ga-g])(?P<octave>[',]*)(?P<length>\d*(?:/\d+|/*))")
_PITCH = {"C": 60, "D": 62, "E": 64, "F": 65, "G": 67, "A": 69, "B": 71}
_ADVICE = {
    "^_=": "an accidental stands before a note, as in ^f",
    "0123456789/": "a length stands after a note or a rest, as in c2 or c3/2",
    "',": "an octave mark stands after a note, as in c' or C,",
    ":": "a colon belongs to a repeat, |: or :|, or to a field, K:D",
    "[": "a bracket opens a chord [ceg], an ending [1 or a field [K:D], and is closed",
    "]": "no chord was opened before this bracket; a chord is [ceg]",
    '"!{': "what it opens is not closed on this line",
}


@cache
def _multiple(length: str) -> Fraction:
    above, slash, below = re.match(r"(\d*)(/*)(\d*)", length).groups()
    return 1 / Fraction(int(below) if below else 2 ** len(slash), int(above or 1))  # a zero on either side is an error


class _Reader:
    """Goes through the text once and makes measures of it."""

    def __init__(self, text: str):
        self.text, self.at = text, 0
        self.metre, self.unit, self.key, self.voice = fields.Metre(None), None, None, None
        self.time = Fraction(0)
        self.altered: dict[str, int] = {}  # accidentals hold to the end of the bar, in every octave
        self.factor, self.left = Fraction(1), 0  # of a tuplet, and for how many notes yet
        self.next = Fraction(1)  # what a broken rhythm does to the next note
        self.tied, self.spelt = False, {}  # the last event's pitches as they were written: a tie keeps an accidental
        self.measures: list[Measure] = []
        self.measure: Measure | None = None
        self.begins = {"opens": False, "ending": frozenset()}  # of the next measure
        while self.at < len(text):
            token = _TOKEN.match(text, self.at)
            if not token:
                self.fail(self.advice(text[self.at]))
            if token.lastgroup != "skip":
                getattr(self, token.lastgroup)(token[0])
            self.at = token.end()
        self.bar("||")

    def fail(self, reason: str):
        line = self.text.count("\n", 0, self.at) + 1
        raise AbcError(line, self.at - self.text.rfind("\n", 0, self.at), reason)

    def advice(self, char: str) -> str:
        what = next((advice for chars, advice in _ADVICE.items() if char in chars), None)
        return f"{char!r} cannot stand here: {what}" if what else f"{char!r} is no note (A to G, a to g), rest (z) or bar line (|)"

    def field(self, token: str):
        name, value = token.strip("[]").split(":", 1)
        value = value.split("%")[0].strip()
        try:
            if name == "M":
                self.metre = fields.metre(value)
            elif name == "L":
                self.unit = fields.unit(value)
            elif name == "K":
                self.key = fields.signature(value)
        except ValueError as error:
            self.fail(str(error))
        if name == "V" and self.voice not in (None, value.split()[0]):
            self.fail(f"[V:{value}] begins another voice; this reader knows tunes of one voice")
        self.voice = value.split()[0] if name == "V" else self.voice
        if name == "K" and self.unit is None:
            self.unit = fields.unit(fields.usual_unit(self.metre))

    def bar(self, token: str):
        if self.next != 1:
            self.fail("a note is missing after > or <: it lengthens one note and shortens the other, as in c>d")
        self.close()
        if self.measures and token != "|":
            self.measures[-1].heavy = True
            self.measures[-1].closes |= token[0] == ":"
        self.begins["opens"] |= token[-1] == ":"
        self.altered.clear()

    def close(self):
        if self.measure:
            self.measure.length = self.time - self.measure.onset
            self.measures.append(self.measure)
            self.measure = None

    def ending(self, token: str):
        self.close()  # it may begin inside a bar
        spans = [part.split("-") for part in token.strip("[,-").split(",")]
        self.begins["ending"] = frozenset(n for a, *b in spans for n in range(int(a), int((b or [a])[-1]) + 1))

    def tuplet(self, token: str):
        p, q, r = [int(part) if part else 0 for part in (*token[1:].split(":"), "", "")[:3]]
        usual = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}.get(p, 3 if self.metre.compound else 2)
        if p < 2:
            self.fail(f"{token} is no tuplet; it begins with ( and a number from 2 to 9, as in (3abc")
        self.factor, self.left = Fraction(q or usual, p), r or p

    def note(self, token: str):
        part = _PARTS.match(token)
        self.sound((part,), part["length"])

    def chord(self, token: str):
        inside, outside = token[1:].split("]")
        parts = tuple(_PARTS.finditer(inside))
        self.sound(parts, parts[0]["length"], outside)  # it lasts as long as its first note
        if "-" in inside:
            self.tie("-")

    def rest(self, token: str):
        if token[0] != "Z":
            return self.sound((), token[1:])
        if self.metre.bar is None:
            self.fail("Z is a rest of whole bars, and without a metre bars have no length; write z and a length")
        for i in range(int(token[1:] or 1)):
            if i:
                self.bar("|")
            self.add((), self.metre.bar)
        return None

    def sound(self, parts: tuple[re.Match, ...], *lengths: str):
        if self.key is None:
            self.fail("the notes begin before the key is known; a line such as K:G comes first")
        try:
            multiple = math.prod(map(_multiple, lengths))
        except ZeroDivisionError:
            self.fail(f"a length of {' times '.join(lengths)} is nothing or without bound; write 2, 3/2, / or /4")
        duration = self.unit * multiple
        if self.left or self.next != 1:
            duration *= self.factor * self.next
        pitches = tuple(self.pitch(part) for part in parts)
        self.spelt = {(part["letter"], part["octave"]): pitch for part, pitch in zip(parts, pitches)}
        self.add(pitches, duration)
        self.next, self.left = Fraction(1), max(self.left - 1, 0)
        self.factor = self.factor if self.left else Fraction(1)

    def add(self, pitches: tuple[int, ...], duration: Fraction):
        if self.measure is None:
            self.measure = Measure(self.time, self.metre.bar, **self.begins)
            self.begins = {"opens": False, "ending": frozenset()}
        self.measure.events.append(Event(self.time, duration, pitches, False))
        self.time += duration
        self.tied = False

    def pitch(self, part: re.Match) -> int:
        letter = part["letter"].upper()
        natural = _PITCH[letter] + 12 * (part["letter"].islower() + part["octave"].count("'") - part["octave"].count(","))
        if part["sign"]:
            self.altered[letter] = fields.ALTER[part["sign"]]
        elif self.tied and (part["letter"], part["octave"]) in self.spelt:
            return self.spelt[part["letter"], part["octave"]]
        pitch = natural + self.altered.get(letter, self.key.get(letter, 0))
        if not 0 <= pitch <= 127:
            self.fail(f"{part[0]} is MIDI pitch {pitch}; pitches go from 0 to 127")
        return pitch

    def broken(self, token: str):
        if self.measure is None:
            self.fail(f"a note is missing before {token}: it stands between two notes, as in c>d")
        part = Fraction(1, 2 ** len(token))
        mine, self.next = (2 - part, part) if token[0] == ">" else (part, 2 - part)
        event = self.measure.events[-1]
        self.measure.events[-1] = event._replace(duration=event.duration * mine)
        self.time = event.onset + event.duration * mine

    def tie(self, token: str):
        events = self.measure.events if self.measure else []
        if not events:
            self.fail("a tie stands directly after its note, as in c2-c")
        events[-1] = events[-1]._replace(tied=True)
        self.tied = True
