"""A tune while it is being written: how it begins, as much of it as can be read, what is wrong with the rest, its sound.

Notebook: 06_transformers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from jaxtyping import Float

from helpers import audio
from helpers.datasets.abc import AbcError, Note, Score, parse
from helpers.datasets.vocabulary import END

PROMPTS = {
    "6/8 in G": "M:6/8\nL:1/8\nK:G\n",
    "6/8 in E minor": "M:6/8\nL:1/8\nK:Em\n",
    "cut time in D": "M:C|\nL:1/8\nK:D\n",
    "2/4 in G": "M:2/4\nL:1/16\nK:G\n",
    "3/4 in C": "M:3/4\nL:1/8\nK:C\n",
}
KEYS = "CDEFGABcdefgab"
NAMES = {" ": "␣", "\n": "⏎", "<end>": "end", "<start>": "start"}
BEAT = 0.36  # seconds of a quarter note


@lru_cache(maxsize=64)  # sliders change no text
def readable(text: str) -> tuple[Score, str]:
    """The score of a text up to where it can be read, and why it ends there ("" where all of it is read).

    >>> score, problem = readable("M:2/4\\nL:1/8\\nK:C\\nc2 d2|e2 f?2|")
    >>> [note.pitch for note in score.notes], problem.partition(":")[0]
    ([72, 74, 76, 77], 'line 4, column 11')
    """
    text, problem = legible(text)
    return (parse(text) if text else Score([], [])), problem


@lru_cache(maxsize=64)
def legible(text: str) -> tuple[str, str]:
    """As much of a text as can be read, and what is wrong with the rest ("" where nothing is)."""
    text, problem = text.replace(END, ""), ""
    while text:
        try:
            parse(text)
        except AbcError as error:
            problem = problem or str(error)
            before = sum(len(line) + 1 for line in text.split("\n")[: error.line - 1]) + error.column - 1
            text = text[: min(before, len(text) - 1)]
        else:
            break
    return text, problem


def sound(notes: Sequence[Note] | Float[np.ndarray, "note 3"]) -> Float[np.ndarray, "time"]:
    """Notes (onset, duration, pitch) as samples at 16 kHz."""
    return audio.play_notes(np.array([tuple(note)[:3] for note in notes], dtype=float).reshape(-1, 3), BEAT).numpy()


def bar(notes: Float[np.ndarray, "note 3"], onsets: Float[np.ndarray, "bar"], number: int) -> Float[np.ndarray, "inside 3"]:
    """The notes that begin in a bar, as if it were the first."""
    ends = np.append(onsets, np.inf)
    inside = (notes[:, 0] >= ends[number] - 1e-6) & (notes[:, 0] < ends[number + 1] - 1e-6)
    return notes[inside] - np.array([ends[number], 0, 0])


def shown(symbol: str) -> str:
    """A symbol as it is written in the picture: a space can be seen."""
    return NAMES.get(symbol, symbol)


def percent(p: float) -> str:
    """A probability as the screen shows it.

    >>> percent(0.004), percent(0.1234), percent(1.0), percent(0.0), percent(0.000001)
    ('0.40 %', '12.3 %', '100 %', '0 %', '0.0001 %')
    """
    if p == 0:
        return "0 %"
    if p >= 0.1:
        return f"{100 * p:.1f} %" if p < 0.9995 else "100 %"
    digits = max(2, 1 - int(np.floor(np.log10(100 * p)))) if p >= 1e-8 else 0
    return f"{100 * p:.{digits}f} %" if digits and 100 * p >= 0.005 else f"{100 * p:.1g} %".replace("e-0", "e−").replace("-", "−")
