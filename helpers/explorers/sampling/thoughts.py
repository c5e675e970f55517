"""What else the model thought of at each note: the letters it might have written there, and what they would have sounded.

Notebook: 06_transformers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from helpers.datasets.abc.reader import Reader
from helpers.explorers.sampling import rules, writing

ALTERNATIVES, LEAST = 2, 0.1  # at most so many ghosts a note, each at least as probable as that


class Ghost(NamedTuple):
    """What would have sounded in a note's stead."""

    onset: float
    duration: float
    pitch: int
    probability: float
    letter: str


class Placed(Reader):
    """A reader that remembers where in the text each event stands."""

    def __init__(self, text: str) -> None:
        self.places: list[int] = []
        super().__init__(text)

    def add(self, *event: object) -> None:
        self.places.append(self.at)
        super().add(*event)


def places(header: str, written: str) -> dict[tuple[float, int], int]:
    """Where in a tune, as far as it can be read, the letter of the note at this onset (in quarter notes) and pitch stands."""
    text, _ = writing.legible(header + written)
    if len(text) <= len(header):
        return {}
    reader = Placed(text)
    events = [event for measure in reader.measures for event in measure.events]
    found = {}
    for at, event in zip(reader.places, events, strict=True):
        end = text.index("]", at) if text[at] == "[" else len(text)  # a chord has several letters
        for pitch, letter in zip(event.pitches, re.finditer("[A-Ga-g]", text[at:end])):
            found[float(event.onset), pitch] = at + letter.start() - len(header)
    return found


def ghosts(
    header: str, written: str, notes: Float[np.ndarray, "note 3"], at: Sequence[int], p: Float[np.ndarray, "place letter"]
) -> list[Ghost]:
    """For each note at most ALTERNATIVES others; at: the places of their letters; p: the probability of each of KEYS there."""
    found = []
    for (onset, duration, _), place in zip(notes, at):
        before = rules.holding(written[:place])
        if before.rfind("[") > before.rfind("]"):
            continue  # inside a chord, other letters would stand beside others
        sign = re.search(r"[_^=]*$", before)[0]
        others = [i for i in np.argsort(-p[place], kind="stable") if writing.KEYS[i] != written[place]][:ALTERNATIVES]
        for i in others:
            if (probability := float(p[place, i])) >= LEAST:
                pitch = rules.sounds(header, before[: len(before) - len(sign)], sign + writing.KEYS[i])
                found.append(Ghost(float(onset), float(duration), pitch, probability, writing.KEYS[i]))
    return found
