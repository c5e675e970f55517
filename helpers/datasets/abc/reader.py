"""From the signs of ABC to measures of notes: one method for each kind of sign, in the order in which they stand."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from functools import cache

from helpers.datasets.abc import fields
from helpers.datasets.abc.grammar import fail, tokens
from helpers.datasets.abc.measures import Event, Measure

_PARTS = re.compile(r"(?P<sign>\^\^?|=|__?)?(?P<letter>[A-Ga-g])(?P<octave>[',]*)(?P<length>[\d/]*)")
_PITCH = {"C": 60, "D": 62, "E": 64, "F": 65, "G": 67, "A": 69, "B": 71}
LONGEST, BARS = 64, 64  # quarter notes of a note; bars of one rest
_TUPLETS = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}  # so many notes in the time of so many; of 5, 7 and 9 it depends on the metre


@cache
def _multiple(length: str) -> Fraction:
    above, slash, below = re.match(r"(\d*)(/*)(\d*)", length).groups()
    return 1 / Fraction(int(below) if below else 2 ** len(slash), int(above or 1))  # a zero on either side is an error


class Reader:
    """Goes through a tune once; afterwards `measures` holds its bars. Raises AbcError where it cannot go on."""

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
        for token in tokens(text):
            self.at = token.at
            getattr(self, token.kind)(token.text)
        self.at = len(text)
        self.bar("||")

    def fail(self, reason: str):
        fail(self.text, self.at, reason)

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
        if name == "V" and self.voice not in (None, value):
            self.fail(f"[V:{value}] begins another voice; this reader knows tunes of one voice")
        self.voice = value if name == "V" else self.voice
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
        usual = _TUPLETS.get(p, 3 if self.metre.compound else 2)
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
        if int(token[1:] or 1) > BARS:
            self.fail(f"{token} rests for more than {BARS} bars")
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
        if duration > LONGEST:
            self.fail(f"a note or rest of more than {LONGEST} quarter notes; write a shorter one")
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
