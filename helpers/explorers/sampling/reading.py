"""A tune that is being written, read: what no slider changes. How probable each symbol was, the notes, where they stand.

Notebook: 06_transformers.
"""

from __future__ import annotations

import numpy as np

from helpers.concepts.beam import log2_softmax
from helpers.explorers.sampling import thoughts, writing
from helpers.explorers.sampling.pen import Pen


def of_text(pen: Pen, header: str, written: str) -> dict:
    """What the model itself (no temperature, no cut, no mask) says of each symbol, and the notes; read once a text.

    bits: −log2 p of each symbol; undecided: the entropy before each, and after the last; places: of each note's letter;
    ghosts: onset, duration, pitch and probability of what it might have written instead.
    """
    if pen.known[0] == (asked := pen.asked(header, written)):
        return pen.known[1]
    every, numbers = log2_softmax(pen.logits(header, written)), pen.vocabulary.encode(written)
    score, problem = writing.readable(header + written)
    notes = np.array([note[:3] for note in score.notes], dtype=float).reshape(-1, 3)
    known = thoughts.places(header, written)
    places = [known[float(onset), int(pitch)] for onset, _, pitch in notes]
    letters = [pen.vocabulary.number[letter] for letter in writing.KEYS]
    ghosts = thoughts.ghosts(header, written, notes, places, 2 ** every[:, letters])
    found = {
        "bits": -every[np.arange(len(numbers)), numbers],
        "undecided": -(2**every * every).sum(1),
        "notes": notes,
        "places": np.array(places, dtype=int),
        "ghosts": np.array([ghost[:4] for ghost in ghosts], dtype=float).reshape(-1, 4),
        "letters": [ghost.letter for ghost in ghosts],
        "bars": np.array([bar.onset for bar in score.bars], dtype=float),
        "full": sum(bar.full for bar in score.bars),
        "problem": problem,
    }
    pen.known = asked, found
    return found


def of_place(found: dict, at: int) -> dict:
    """How many notes stand before the cursor, and which bar is that of the next one, or of the last; -1 without notes."""
    notes, before = found["notes"], int((found["places"] < at).sum())
    if not len(notes):
        return {"notes before": 0, "bar": -1}
    onset = notes[min(before, len(notes) - 1), 0]
    return {"notes before": before, "bar": int(np.searchsorted(found["bars"], onset + 1e-6)) - 1}
