"""Masks for ABC: which symbols may come next so that a tune keeps to a scale, and fills each bar exactly.

Scale mask: no accidentals, no change of key, and only letters that sound within the scale. Bar mask: plain notes and rests (a
letter, an octave mark, a length of halves), bar lines only where the bar is exactly full, and never a note that is too long
for what is left; <end> and a new line only between bars. What stands before the cursor already is taken as it is: whatever is
left of its bar can be filled, if need be by a length such as 2/3. A bar that is too long already, or cannot be read, is closed
at once. Notebook: 06_transformers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

import numpy as np
from jaxtyping import Bool

from helpers.datasets.abc import AbcError
from helpers.datasets.abc.fields import signature
from helpers.datasets.abc.reader import Reader
from helpers.datasets.vocabulary import END

LETTERS = "CDEFGABcdefgab"
SIGNS = "^_="
SCALES = ("all notes", "of the key", "pentatonic")
NATURAL = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
HALVES = [Fraction(n, 2) for n in range(1, 33)]
TAIL = re.compile(r"(?:(?P<sign>[_^=]{1,2})|(?P<note>(?:[_^=]{0,2}[A-Ga-g][',]*|[zx]))(?P<length>[\d/]*))$")
LINE = re.compile(r":*\|[|\]:]*|::")  # a bar line of any kind
PLAIN_LINE = re.compile(r"(?:^|[^|:\[])\|$")  # one that may become a double one, or open a repeat
KEY = re.compile(r"\[K:[^]\n]*\]|^K:.*\n", re.MULTILINE)  # a change of it inside a tune
ENDING = re.compile(r"\[?\d+(?:[,-]\d+)*")  # which turn a bar is for


class Unfinished(Reader):
    """A reader that leaves the last bar open: how far it has come, and what holds for the next note."""

    last = -1  # where the last event stands

    def add(self, *event: object) -> None:
        self.last = self.at
        super().add(*event)

    def bar(self, token: str) -> None:
        if self.at < len(self.text):
            super().bar(token)

    @property
    def filled(self) -> Fraction:
        """Quarter notes since the last bar line."""
        return self.time - self.measure.onset if self.measure else Fraction(0)


@lru_cache(maxsize=32)
def scale(key: str, kind: str) -> frozenset[int]:
    """The pitch classes of a key (0: C), all seven, or the five of its pentatonic scale.

    >>> sorted(scale("G", "pentatonic")), sorted(scale("Em", "pentatonic")) == sorted(scale("G", "pentatonic"))
    ([2, 4, 7, 9, 11], True)
    """
    altered = signature(key)
    seven = {letter: (NATURAL[letter] + altered.get(letter, 0)) % 12 for letter in NATURAL}
    if kind != "pentatonic":
        return frozenset(seven.values())
    tonic = 7 * sum(altered.values()) % 12  # of the major key with as many sharps or flats: each is a fifth further
    return frozenset((tonic + step) % 12 for step in (0, 2, 4, 7, 9))


def legal(
    symbols: Sequence[str], header: str, written: str, kind: str = SCALES[0], bars: bool = False
) -> Bool[np.ndarray, "symbol"]:
    """Which symbols may follow what is written under this header."""
    wanted = set(symbols)
    if kind != SCALES[0]:
        wanted -= {*LETTERS, *SIGNS, "K"} - _in_scale(header, holding(written), kind)
    if bars:
        wanted &= _in_bar(header, recent(written, 1)) | (
            frozenset("|:]") if PLAIN_LINE.search(written) else frozenset("|") if not written else frozenset()
        )
    return np.array([symbol in wanted for symbol in symbols])


def recent(written: str, lines: int) -> str:
    """What follows the last bar line (or the last but one); an accidental reaches no further, a tie one bar more."""
    found = list(LINE.finditer(written))
    return written[found[-lines].end() :] if len(found) >= lines else written


def holding(written: str) -> str:
    """What decides how a letter sounds that is written next: the last change of key, and the last two bars."""
    near = recent(written, 2)
    return "".join(KEY.findall(written[: len(written) - len(near)])[-1:]) + near


@lru_cache(maxsize=4096)
def _in_scale(header: str, piece: str, kind: str) -> frozenset[str]:
    """The letters that would sound within the scale, with the accidentals that hold where they would stand."""
    tail = TAIL.search(piece)
    sign = tail["sign"] or "" if tail else ""
    wanted = scale(_field(header, "K"), kind)
    return frozenset(letter for letter in LETTERS if sounds(header, piece[: len(piece) - len(sign)], sign + letter) % 12 in wanted)


@lru_cache(maxsize=8192)
def sounds(header: str, piece: str, note: str) -> int:
    """The MIDI pitch of a note, with its sign if it has one, after this piece of a tune.

    Where what stands there cannot be read, or makes no note of it, as if the bar began here; then also without its sign.
    """
    for before, its in ((piece, note), ("", note), ("", note.lstrip(SIGNS))):
        try:
            reader = Unfinished(f"{header}{before}{its}")
        except AbcError:
            continue
        if reader.last == len(header) + len(before):  # else it is part of a field
            return reader.measure.events[-1].pitches[-1]
    raise ValueError(f"{note!r} is no note; write a letter from A to g, with or without a sign.")


def _field(header: str, name: str) -> str:
    return re.search(rf"^{name}:(.*)$", header, re.MULTILINE)[1].strip()


@lru_cache(maxsize=4096)
def _in_bar(header: str, piece: str) -> frozenset[str]:
    """What may follow this piece of a bar."""
    body = ENDING.sub("", piece.lstrip(" \n"), count=1) if ENDING.match(piece) else piece.lstrip(" \n")
    if not body:
        return _between(piece)
    tail = TAIL.search(body)
    before = _room(header, body[: tail.start()] if tail else body)
    if before is None or before[0] < 0:
        return frozenset("|")
    left, times = before
    if tail and tail["sign"]:
        return frozenset(LETTERS if left else "|")
    if not tail:
        return frozenset("|") if body.endswith(":") else _after(left) | frozenset("" if body.endswith(" ") else " ")
    longer = {text for text in _lengths(left, times) if text.startswith(tail["length"])}
    found = {text[len(tail["length"])] for text in longer - {tail["length"]}}
    if longer and not tail["length"] and tail["note"][-1] in LETTERS:  # an octave mark: a comma after a capital
        found.add("," if tail["note"][-1].isupper() else "'")
    after = _room(header, body)
    if after is not None and after[0] >= 0:
        found |= _after(after[0]) | {" "}
    return frozenset(found or "|")


def _after(left: Fraction) -> frozenset[str]:
    """What may follow a finished note, with so much left of the bar."""
    return frozenset({*LETTERS, *SIGNS, "z"} if left else {"|", ":", END})


def _between(piece: str) -> frozenset[str]:
    """What may follow a bar line or the space or new line after it."""
    return _after(Fraction(1)) | {END} | frozenset("" if piece else " \n")


@lru_cache(maxsize=4096)
def _room(header: str, before: str) -> tuple[Fraction, Fraction] | None:
    """What a bar still lacks, in L: units, and what a tuplet or a broken rhythm makes of its next note; None: unreadable."""
    try:
        reader = Unfinished(header + before)
    except AbcError:
        return None
    if reader.metre.bar is None:  # without a metre nothing says how long a bar is
        return None
    return (reader.metre.bar - reader.filled) / reader.unit, reader.factor * reader.next


@lru_cache(maxsize=256)
def _lengths(left: Fraction, times: Fraction) -> frozenset[str]:
    """Every way to write a length that is not too long: halves, and the one that fills the bar, whatever it is."""
    known = {_written(value): value for value in HALVES} | {"/": Fraction(1, 2), _written(left / times): left / times}
    return frozenset(text for text, value in known.items() if 0 < value * times <= left)


def _written(value: Fraction) -> str:
    """A length as ABC has it.

    >>> [_written(Fraction(n, 2)) for n in range(1, 5)]
    ['/2', '', '3/2', '2']
    """
    above = "" if value.numerator == 1 else str(value.numerator)
    return above + (f"/{value.denominator}" if value.denominator > 1 else "")
