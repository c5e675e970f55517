"""A tune while it is being written: how it begins, as much of it as can be read, what is wrong with the rest, its sound.

Notebook: 06_transformers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from helpers import audio
from helpers.datasets.abc import AbcError, Note, Score, parse
from helpers.datasets.vocabulary import END

PROMPTS = {
    "a jig in G": "M:6/8\nL:1/8\nK:G\n",
    "a jig in E minor": "M:6/8\nL:1/8\nK:Em\n",
    "a reel in D": "M:C|\nL:1/8\nK:D\n",
    "a march in 2/4": "M:2/4\nL:1/16\nK:G\n",
    "a waltz in C": "M:3/4\nL:1/8\nK:C\n",
}
KEYS = "CDEFGABcdefgab"
BEAT = 0.36  # seconds of a quarter note


@lru_cache(maxsize=64)  # sliders change no text
def readable(text: str) -> tuple[Score, str]:
    """The score of a text up to where it can be read, and why it ends there ("" where all of it is read).

    >>> score, problem = readable("M:2/4\\nL:1/8\\nK:C\\nc2 d2|e2 f?2|")
    >>> [note.pitch for note in score.notes], problem.partition(":")[0]
    ([72, 74, 76, 77], 'line 4, column 11')
    """
    text, problem = text.replace(END, ""), ""
    while text:
        try:
            return parse(text), problem
        except AbcError as error:
            problem = problem or str(error)
            before = sum(len(line) + 1 for line in text.split("\n")[: error.line - 1]) + error.column - 1
            text = text[: min(before, len(text) - 1)]
    return Score([], []), problem


@lru_cache(maxsize=16)
def pitches(key: str) -> dict[str, int]:
    """The MIDI pitch of each letter in a key, without accidentals of its own.

    >>> pitches("D")["F"], pitches("D")["g"]
    (66, 79)
    """
    return {letter: parse(f"M:4/4\nL:1/8\nK:{key}\n{letter}").notes[0].pitch for letter in KEYS}


def sound(notes: Sequence[Note]) -> np.ndarray:
    """Notes as samples at 16 kHz."""
    return audio.play_notes(np.array([tuple(note)[:3] for note in notes], dtype=float).reshape(-1, 3), BEAT).numpy()
