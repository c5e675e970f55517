"""From attention between symbols to attention between notes: what a music transformer listens to when it writes a note.

A note takes several symbols (a letter and a length, or a sixteenth and what holds it), and a symbol's place is asked for
what comes next: so the place before a note's first symbol is the one that chooses it, and a note is looked at with all of
its symbols. What is looked at besides notes (the head of a tune, spaces, bar lines) is left over. Notebook: 06_transformers; after
Huang et al., *Music Transformer*, 2018.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

NoteWeights = Float[Tensor, "*heads note note"]


def between_notes(weights: Float[Tensor, "*heads place place"], symbols: Sequence[Sequence[int]]) -> NoteWeights:
    """How much each note (row) is chosen by looking at each note (column); rows add up to at most 1.

    symbols: for each note the places of its symbols, the first of them chosen by the place before it. Raises ValueError for
    a note without symbols, or at place 0, which nothing chooses.
    """
    if wrong := [note for note, places in enumerate(symbols) if not places or places[0] < 1]:
        raise ValueError(f"note {wrong[0]} has the symbols {list(symbols[wrong[0]])}; it needs one at least, from place 1 on.")
    belongs = torch.zeros(weights.shape[-1], len(symbols), dtype=weights.dtype)
    for note, places in enumerate(symbols):
        belongs[list(places), note] = 1
    return weights[..., [places[0] - 1 for places in symbols], :] @ belongs


def elsewhere(weights: NoteWeights) -> Float[Tensor, "*heads"]:
    """The share of its attention that a head gives to what is no note, mean over all notes."""
    return (1 - weights.sum(-1)).mean(-1)


def beats_back(weights: NoteWeights, onsets: Float[Tensor, "note"]) -> Float[Tensor, "*heads"]:
    """How many quarter notes back a head looks, mean over all it gives to notes; 0 for one that looks at none."""
    back = onsets[:, None] - onsets
    return (weights * back).sum((-2, -1)) / weights.sum((-2, -1)).clamp(min=1e-12)


def ago(weights: NoteWeights, onsets: Float[Tensor, "note"], beats: float) -> Float[Tensor, "*heads"]:
    """The share of its attention that a head gives to what began so many quarter notes before, mean over notes that have such."""
    then = ((onsets[:, None] - onsets) - beats).abs() < 1e-3
    has = then.any(-1)
    if not has.any():
        return torch.zeros(weights.shape[:-2], dtype=weights.dtype)
    return (weights * then).sum(-1)[..., has].mean(-1)


def recent(weights: NoteWeights, notes: int = 3) -> Float[Tensor, "*heads"]:
    """The share of what a head gives to notes that goes to the last few before, mean over the notes that look at any.

    It counts from the note after these on: before, there is nothing else to look at. 0 where no note is left.
    """
    near = weights.tril(-1) - weights.tril(-1 - notes)
    given = weights.sum(-1)[..., notes + 1 :]
    looks = given > 1e-6
    share = near.sum(-1)[..., notes + 1 :] / given.clamp(min=1e-6)
    return (share * looks).sum(-1) / looks.sum(-1).clamp(min=1)
