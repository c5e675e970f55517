"""The signs of ABC: tokens(text) names them one after the other, and says what is wrong where there is none."""

import re
from collections.abc import Iterator
from typing import NamedTuple, NoReturn

_NOTE = r"(?:\^\^?|=|__?)?[A-Ga-g][',]*"
_LENGTH = r"\d{0,3}(?:/\d{1,3}|/{0,6})"
_GRAMMAR = {  # what is tried at each place, in this order
    "field": r"\[[A-Za-z]:[^\]\n]*\]|^[A-Za-z]:(?![|:\]]).*|\bK: ?[A-G][#b]?[A-Za-z]*(?:[=^_][A-Ga-g])*",
    "bar": r":*(?:\[?\|+\]?)+:*|::+",
    "ending": r"(?:\[|(?<=[|:\]]))\d{1,2}(?:[,-]\d{1,2})*",
    "tuplet": r"\(\d(?::\d?)?(?::\d?)?",
    "chord": rf"\[(?:{_NOTE}{_LENGTH}-?)+\]{_LENGTH}",
    "note": _NOTE + _LENGTH,
    "rest": rf"[zx]{_LENGTH}|Z\d{{0,2}}",
    "broken": r"<{1,3}|>{1,3}",
    "tie": r"-",
    # what changes no note: space, comment, chord symbol, decoration, grace notes, slur, ornament (k: Ryan's), gap
    "skip": r"\s+|%.*|\\|`|\"[^\"\n]*\"|![^!|\s]+!|\{[^}\n]*\}|[()]|[~.H-Wuvk](?!:)|y\d*",
}
_TOKEN = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _GRAMMAR.items()), re.MULTILINE | re.ASCII)
_ADVICE = {
    "^_=": "an accidental stands before a note, as in ^f",
    "0123456789/": "a length stands after a note or a rest, as in c2 or c3/2",
    "',": "an octave mark stands after a note, as in c' or C,",
    ":": "a colon belongs to a repeat, |: or :|, or to a field, K:D",
    "[": "a bracket opens a chord [ceg], an ending [1 or a field [K:D], and is closed",
    "]": "no chord was opened before this bracket; a chord is [ceg]",
    '"!{': "what it opens is not closed on this line",
}


class AbcError(ValueError):
    """This is no ABC: `line` and `column` count from 1, `reason` says what is wrong and what would be right."""

    def __init__(self, line: int, column: int, reason: str):
        super().__init__(f"line {line}, column {column}: {reason}")
        self.line, self.column, self.reason = line, column, reason


class Token(NamedTuple):
    """A sign: its kind (field, bar, ending, tuplet, chord, note, rest, broken, tie), its text, its place."""

    kind: str
    text: str
    at: int


def tokens(text: str) -> Iterator[Token]:
    """The signs of a text that matter to notes and bars. Raises AbcError where none of ABC's signs stands."""
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            fail(text, at, _advice(text[at]))
        if match.lastgroup != "skip":
            yield Token(match.lastgroup, match[0], at)
        at = match.end()


def fail(text: str, at: int, reason: str) -> NoReturn:
    """Raise an AbcError for a place in a text."""
    raise AbcError(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at), reason)


def _advice(char: str) -> str:
    what = next((advice for chars, advice in _ADVICE.items() if char in chars), None)
    return f"{char!r} cannot stand here: {what}" if what else f"{char!r} is no note (A to G, a to g), rest (z) or bar line (|)"
