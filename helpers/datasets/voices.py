"""Chorales as symbols for a language model: at each sixteenth what the soprano does, then alto, tenor and bass.

A voice begins a note ("S67", soprano, MIDI pitch 67), sounds on ("S-") or rests ("S."); each voice has symbols of its own, so
that a model always knows whose turn it is. <start> and <end> stand around it all.

>>> held = Chorale("", np.int16([[72, 67, -1, 48], [72, 69, -1, 48]]), np.bool([[1, 1, 0, 1], [0, 1, 0, 0]]))
>>> [SYMBOLS[i] for i in encode(held)]
['<start>', 'S72', 'A67', 'T.', 'B48', 'S-', 'A69', 'T.', 'B-', '<end>']

Notebook: 06_transformers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

from helpers.datasets.chorales import REST, VOICES, Chorale
from helpers.datasets.vocabulary import END, START

LETTERS = "SATB"
MOST = 3  # semitones that a chorale can be transposed, up or down
RANGES = ((54, 84), (50, 77), (45, 72), (33, 67))  # of each voice, transposed that far
SYMBOLS = [START, END] + [
    f"{letter}{what}" for letter, (low, high) in zip(LETTERS, RANGES) for what in ("-", ".", *range(low, high + 1))
]
NUMBER = {symbol: number for number, symbol in enumerate(SYMBOLS)}


def encode(chorale: Chorale) -> list[int]:
    """The numbers of a chorale's symbols. Raises ValueError for a pitch outside its voice's range."""
    numbers = [NUMBER[START]]
    for step in range(len(chorale.pitch)):
        for voice, letter in enumerate(LETTERS):
            pitch = int(chorale.pitch[step, voice])
            on = step > 0 and pitch == chorale.pitch[step - 1, voice] and not chorale.onset[step, voice]
            symbol = f"{letter}{'.' if pitch == REST else '-' if on else pitch}"
            if symbol not in NUMBER:
                low, high = RANGES[voice]
                raise ValueError(f"{chorale.name}, step {step}: the {VOICES[voice]} sings {pitch}; its range is {low} to {high}.")
            numbers.append(NUMBER[symbol])
    return [*numbers, NUMBER[END]]


def decode(numbers: Sequence[int], name: str = "") -> Chorale:
    """The chorale again; steps at the end that lack a voice are left out, and what follows <end>.

    A voice that sounds on without a note rests. Raises ValueError where another voice is on turn, with the place.
    """
    said = [SYMBOLS[number] for number in numbers]
    said = said[said[:1] == [START] : said.index(END) if END in said else None]
    steps = len(said) // 4
    pitch, onset = np.full((steps, 4), REST, np.int16), np.zeros((steps, 4), bool)
    for place, symbol in enumerate(said[: 4 * steps]):
        step, voice = divmod(place, 4)
        if symbol[0] != LETTERS[voice]:
            raise ValueError(f"symbol {place} is {symbol}; at this place it is the {VOICES[voice]}'s turn ({LETTERS[voice]}).")
        if symbol[1:] == "-":
            pitch[step, voice] = pitch[step - 1, voice] if step else REST
        elif symbol[1:] != ".":
            pitch[step, voice], onset[step, voice] = int(symbol[1:]), True
    return Chorale(name, pitch, onset)


def transposition(semitones: int) -> Int[np.ndarray, "symbol"]:
    """For each symbol the number of what it becomes when all is moved so many semitones up; those beyond a range stay.

    Raises ValueError beyond the three semitones that every chorale has room for.
    """
    if abs(semitones) > MOST:
        raise ValueError(f"{semitones} semitones; the ranges have room for {MOST} up or down.")
    moved = [f"{s[0]}{int(s[1:]) + semitones}" if s[1:].isdigit() else s for s in SYMBOLS]
    return np.array([NUMBER.get(there, NUMBER[here]) for here, there in zip(SYMBOLS, moved)])
