"""From text to numbers and back: each symbol has a number, its place in the list.

>>> vocabulary = Vocabulary.of(["GAB c", "ABA"])
>>> vocabulary.symbols
['<start>', '<end>', ' ', 'A', 'B', 'G', 'c']
>>> vocabulary.encode("<start>AB")
[0, 3, 4]
>>> vocabulary.decode([0, 3, 4])
'<start>AB'

Notebook: 05_rnns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

START, END = "<start>", "<end>"


class Vocabulary:
    """The symbols that a language model reads and writes; all are single characters but for <start> and <end>."""

    def __init__(self, symbols: list[str]):
        twice = sorted({symbol for symbol in symbols if symbols.count(symbol) > 1})
        if twice:
            raise ValueError(f"a symbol has one number, but these are there twice: {', '.join(map(repr, twice))}")
        self.symbols = list(symbols)
        self.number = {symbol: number for number, symbol in enumerate(symbols)}
        longer = sorted((symbol for symbol in symbols if len(symbol) > 1), key=len, reverse=True)
        self._piece = re.compile("|".join([*map(re.escape, longer), "."]), re.DOTALL)

    @classmethod
    def of(cls, texts: Iterable[str]) -> Vocabulary:
        """<start>, <end>, then every character of the texts in the order of their code points."""
        return cls([START, END, *sorted(set().union(*texts))])

    def __len__(self) -> int:
        return len(self.symbols)

    def __repr__(self) -> str:
        return f"Vocabulary({len(self)} symbols)"

    def encode(self, text: str) -> list[int]:
        """The number of each symbol of a text. Raises ValueError, with the place, where one is unknown."""
        numbers = [self.number.get(piece) for piece in self._piece.findall(text)]
        if None in numbers:
            at = next(m.start() for m in self._piece.finditer(text) if m[0] not in self.number)
            line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
            raise ValueError(
                f"line {line}, column {column}: {text[at]!r} is no symbol of this vocabulary; "
                f"its {len(self)} symbols are {' '.join(self.symbols)!r}"
            )
        return numbers

    def decode(self, numbers: Iterable[int]) -> str:
        """The text of some numbers. Raises ValueError for a number that no symbol has."""
        numbers = [int(number) for number in numbers]
        wrong = next((number for number in numbers if not 0 <= number < len(self)), None)
        if wrong is not None:
            raise ValueError(f"no symbol has number {wrong}; they go from 0 to {len(self) - 1}")
        return "".join(self.symbols[number] for number in numbers)
