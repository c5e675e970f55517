"""Music that the shipped transformers have not learned from, as notes and as the symbols that they read.

Notebook: 06_transformers. Datasets: tunes, chorales; which of them are held out is decided there and in helpers/recipes.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Float

from helpers.datasets import voices
from helpers.datasets.abc import parse
from helpers.datasets.chorales import VOICES, load_chorales, notes_of
from helpers.datasets.tunes import Tune, held_out, load_tunes
from helpers.views import pitch_name

SIXTEENTHS = 4  # of a beat: the unit of time of the picture
LONGEST, MOST = 360, 130  # characters and notes of a tune that is shown: its weights are sent to the browser at once
STEPS = 64  # sixteenths of a chorale that are shown: four bars
SHOWN = 6  # pieces of each kind
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
    tunes = [tune for tune in held_out(load_tunes())[1] if len(tune.body) <= LONGEST and _plain(tune)][:SHOWN]
    every = load_chorales()
    order = list(range(len(every)))
    random.Random(0).shuffle(order)  # as the recipe does: the first tenth was not learned from
    chorales = [every[i] for i in order[: len(every) // 10]][:SHOWN]
    return {f"tune {k}": tune_piece(tune) for k, tune in enumerate(tunes)} | {
        f"chorale {k}": chorale_piece(chorale) for k, chorale in enumerate(chorales)
    }


def _plain(tune: Tune) -> bool:
    """Whether each note that is written is one that sounds: no ties, chords or fields between the notes; and all bars full."""
    if set(tune.body) & set("-[]") or len(tune.body) < LONGEST / 2:
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


def chorale_piece(chorale: voices.Chorale) -> Piece:
    """The first bars of a chorale: a symbol for each voice and sixteenth, which belongs to the note that sounds."""
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
    return Piece(title, "chorales-transformer", text, notes, symbols, inks, names, 4.0, 0.6, "beat", ticks)
