"""Folk tunes on a grid of eighth notes, for small nets: at each eighth which note begins there, or that none does.

Four kinds, told apart by their metre: 6/8, 4/4 (written as C, C| or 4/4), 9/8 and 3/4. A bar of 6/8 and one of 3/4 are equally
long. What is danced to a tune, or whether anything is, the metre does not say: most of those in 3/4 are slow airs. What is shorter
than an eighth is simplified: of two sixteenths the first is kept.
Notebook: 05_rnns.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Bool, Int
from torch import Tensor

from helpers.datasets.abc import AbcError, Note, Score, parse
from helpers.datasets.tunes import Tune, load_tunes

KINDS = ("6/8", "4/4", "9/8", "3/4")
METRES = {metre: metre for metre in KINDS} | {"C": "4/4", "C|": "4/4"}  # as written: its kind
BAR = {"6/8": 6, "4/4": 8, "9/8": 9, "3/4": 6}  # eighths
LOW, HIGH = 54, 91  # MIDI pitches that are kept
HOLD, SYMBOLS = 0, HIGH - LOW + 2  # a symbol for "nothing begins", and one for each pitch
MOST = 240  # tunes of a kind that are read


@dataclass(frozen=True)
class Melody:
    """A tune on the grid. step: (time,) 0 where no note begins, otherwise 1 + its pitch - LOW; bar: where a bar begins."""

    title: str
    kind: str
    step: Int[np.ndarray, "time"]
    bar: Bool[np.ndarray, "time"]


def load_melodies() -> list[Melody]:
    """About 700 tunes, at most 240 of a kind, always the same. Raises AssetError as load_tunes does."""
    return list(_melodies())


@cache
def _melodies() -> tuple[Melody, ...]:
    taken, found = Counter(), []
    for tune in load_tunes():
        kind = METRES.get(tune.metre)
        if kind is None or taken[kind] == MOST:
            continue
        if melody := read(tune):
            taken[kind] += 1
            found.append(melody)
    return tuple(found)


def read(tune: Tune) -> Melody | None:
    """One tune on the grid; None if it cannot be read, has a bar that is not whole, or leaves the range of pitches."""
    try:
        score = parse(tune.text)
    except AbcError:
        return None
    fits = all(LOW <= note.pitch <= HIGH for note in score.notes)
    if not (fits and score.bars and all(bar.full and (2 * bar.onset) % 1 == 0 for bar in score.bars)):
        return None
    return Melody(tune.title, METRES[tune.metre], *on_grid(score, BAR[METRES[tune.metre]]))


def on_grid(score: Score, length: int) -> tuple[Int[np.ndarray, "time"], Bool[np.ndarray, "time"]]:
    """Steps and beginnings of bars of a score whose bars have `length` eighths, as in `Melody`."""
    end = score.bars[-1].onset + score.bars[-1].length
    step = np.zeros(int(np.ceil(2 * end)), int)
    bar = np.zeros(len(step), bool)
    for note in reversed(score.notes):
        step[int(2 * note.onset)] = 1 + note.pitch - LOW
    for at in score.bars:
        bar[int(2 * at.onset)] = 2 * at.length > length / 2  # a pickup belongs to the bar before
    return step, bar


def notes_of(step: Int[np.ndarray, "time"]) -> list[Note]:
    """The notes of some steps, in quarter notes: each sounds until the next begins.

    >>> notes_of(np.array([7, 0, 9]))
    [Note(onset=0.0, duration=1.0, pitch=60), Note(onset=1.0, duration=0.5, pitch=62)]
    """
    begins = [*np.flatnonzero(step).tolist(), len(step)]
    return [Note(a / 2, (b - a) / 2, int(step[a]) - 1 + LOW) for a, b in pairwise(begins)]


def excerpts(
    melodies: list[Melody], length: int, each: int = 4, seed: int = 0
) -> tuple[Int[Tensor, "excerpt time"], Int[Tensor, "excerpt time"], Int[Tensor, "excerpt"]]:
    """Excerpts from anywhere in each melody, `each` of them: its steps, 1 where a bar begins, its kind as a number.

    Raises ValueError if no melody is as long.
    """
    random = np.random.default_rng(seed)
    steps, bars, kinds = [], [], []
    for melody in melodies:
        if len(melody.step) < length:
            continue
        for start in random.integers(0, len(melody.step) - length + 1, each):
            steps.append(melody.step[start : start + length])
            bars.append(melody.bar[start : start + length])
            kinds.append(KINDS.index(melody.kind))
    if not steps:
        raise ValueError(f"no melody has {length} eighths; choose a shorter length")
    return torch.tensor(np.stack(steps)), torch.tensor(np.stack(bars)).long(), torch.tensor(kinds)


def divide(melodies: list[Melody]) -> tuple[list[Melody], list[Melody]]:
    """(learn, held): every fifth melody of each kind is held out."""
    held = {id(melody) for kind in KINDS for melody in [m for m in melodies if m.kind == kind][::5]}
    return [m for m in melodies if id(m) not in held], [m for m in melodies if id(m) in held]


LONGEST, FIFTH = 10, 7  # notes of a call; semitones
END = SYMBOLS + FIFTH  # of a reply
REPLIES = END + 1  # symbols that calls and replies are written with; 0 is padding here


def calls(melodies: list[Melody], count: int, seed: int = 0) -> tuple[Int[Tensor, "call 10"], Int[Tensor, "call 11"]]:
    """Calls of 5 to 10 notes out of these melodies, padded in front, and their replies, ended by END and padded behind.

    The reply is the call backwards, a fifth higher. Rhythm is left out: a symbol is a pitch, as in `Melody.step`.
    """
    random = np.random.default_rng(seed)
    notes = [melody.step[melody.step > 0] for melody in melodies]
    call, reply = np.zeros((count, LONGEST), int), np.zeros((count, LONGEST + 1), int)
    for i in range(count):
        tune, length = notes[random.integers(len(notes))], random.integers(5, LONGEST + 1)
        start = random.integers(0, len(tune) - length + 1)
        call[i, LONGEST - length :] = tune[start : start + length]
        reply[i, :length] = tune[start : start + length][::-1] + FIFTH
        reply[i, length] = END
    return torch.tensor(call), torch.tensor(reply)
