"""Music that the shipped transformers have not learned from, as notes and as the symbols that they read.

Notebook: 06_transformers. Datasets: tunes, chorales; which of them are held out is decided there and in helpers/recipes. No
tune shown stands in another setting among those that were learned from, and no chorale has a melody of theirs: the test of
this module chooses them anew, which would take a second here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Float

from helpers.datasets import voices
from helpers.datasets.abc import parse
from helpers.datasets.chorales import VOICES, load_chorales, notes_of
from helpers.datasets.tunes import Tune, load_tunes
from helpers.views import pitch_name

SIXTEENTHS = 4  # of a beat: the unit of time of the picture
LONGEST, MOST = 360, 130  # characters and notes of a tune that is shown: its weights are sent to the browser at once
STEPS = 64  # sixteenths of a chorale that are shown
TUNES = (2975, 2550, 423, 3508, 3264, 3247)  # places among all tunes
CHORALES = {"bwv299": 3, "bwv407": 4, "bwv417": 4, "bwv383": 4, "bwv291": 4, "bwv40.8": 4}  # quarter notes in a bar
WRITTEN = re.compile(r"(?:\^\^?|=|__?)?[A-Ga-g][',]*\d*(?:/\d+|/*)")  # one note of ABC


@dataclass(frozen=True)
class Piece:
    """A piece: notes as rows of onset, duration (sixteenths) and pitch, and the places of each note's symbols.

    text: what the model reads, <start> at place 0; symbols: of each note, in order; inks: one a note, by voice; bar:
    length in beats; seconds: of a beat, as it is played; axis, ticks: how time is counted below the picture.
    """

    title: str
    model: str
    text: list[str]
    notes: Float[np.ndarray, "note 3"]
    symbols: list[list[int]]
    inks: list[int]
    names: list[str]
    bar: float
    seconds: float
    axis: str
    ticks: list[tuple[float, str]]


@cache
def pieces() -> dict[str, Piece]:
    """By key: some tunes of one voice, and the beginnings of some chorales."""
    tunes, chorales = load_tunes(), {chorale.name: chorale for chorale in load_chorales()}
    return {f"tune {k}": tune_piece(tunes[number]) for k, number in enumerate(TUNES)} | {
        f"chorale {k}": chorale_piece(chorales[name], float(bar)) for k, (name, bar) in enumerate(CHORALES.items())
    }


def plain(tune: Tune) -> bool:
    """Whether a tune can be shown: each note that is written sounds (no ties, chords, fields), all bars full, not too long."""
    if set(tune.body) & set("-[]") or not LONGEST / 2 <= len(tune.body) <= LONGEST:
        return False
    try:
        score = parse(tune.text)
    except ValueError:
        return False
    return all(bar.full for bar in score.bars) and len(score.notes) == len(WRITTEN.findall(tune.body)) <= MOST


def tune_piece(tune: Tune) -> Piece:
    """A tune of one voice, each written note one that sounds, in the order of the text. Raises ValueError for another."""
    score, text = parse(tune.text), tune.text.rstrip()
    start = len(text) - len(tune.body)
    found = list(WRITTEN.finditer(tune.body))
    if len(found) != len(score.notes):
        raise ValueError(
            f"{tune.title}: {len(found)} notes are written and {len(score.notes)} sound; ties and chords cannot be shown."
        )
    symbols = [list(range(1 + start + m.start(), 1 + start + m.end())) for m in found]
    notes = np.array([(SIXTEENTHS * n.onset, SIXTEENTHS * n.duration, n.pitch) for n in score.notes])
    names = [f"{m[0]} · {pitch_name(n.pitch)}" for m, n in zip(found, score.notes)]
    bar = max(bar.length for bar in score.bars)
    title = f"{tune.title} ({tune.metre}, {tune.key})"
    ticks = [(SIXTEENTHS * each.onset, str(k + 1)) for k, each in enumerate(score.bars)]
    return Piece(title, "tunes-transformer", ["<start>", *text], notes, symbols, [0] * len(notes), names, bar, 0.3, "bar", ticks)


def chorale_piece(chorale: voices.Chorale, bar: float) -> Piece:
    """The first bars of a chorale: a symbol for each voice and sixteenth, which belongs to the note that sounds. bar: beats."""
    part = voices.Chorale(chorale.name, chorale.pitch[:STEPS], chorale.onset[:STEPS])
    text = [voices.SYMBOLS[number] for number in voices.encode(part)[:-1]]  # it has not come to its end
    scored = notes_of(part)
    symbols = [
        [
            1 + 4 * step + note.voice
            for step in range(round(SIXTEENTHS * note.onset), round(SIXTEENTHS * (note.onset + note.duration)))
        ]
        for note in scored
    ]
    notes = np.array([(SIXTEENTHS * n.onset, SIXTEENTHS * n.duration, n.pitch) for n in scored])
    names = [f"{VOICES[n.voice]} · {pitch_name(n.pitch)}" for n in scored]
    inks = [n.voice for n in scored]
    ticks = [(float(step), str(step // SIXTEENTHS + 1)) for step in range(0, STEPS, SIXTEENTHS)]
    title = f"chorale {chorale.name}"
    return Piece(title, "chorales-transformer", text, notes, symbols, inks, names, bar, 0.6, "beat", ticks)
