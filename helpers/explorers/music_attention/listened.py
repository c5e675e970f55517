"""A piece as a transformer reads it: what each note was chosen by, in every head, and what is said of each head.

Notebook: 06_transformers. Concept: helpers/concepts/note_attention.py; the networks: helpers/models/checkpoints.py.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from helpers.concepts import note_attention as maths
from helpers.concepts.attention import rollout
from helpers.explorers.attention.chosen import Head
from helpers.explorers.music_attention.pieces import SIXTEENTHS, Piece, pieces
from helpers.explorers.parts.fresh import once
from helpers.models.ablation import without
from helpers.models.checkpoints import Card, load
from helpers.models.transformer import Decoder

Off = tuple[Head, ...]  # heads that are switched off


@cache
def _loaded(name: str) -> tuple[Decoder, Card]:
    return load(name)


def shipped(name: str) -> tuple[Decoder, list[str]]:
    """A checkpoint of this project and its symbols."""
    model, card = _loaded(name)
    return model, card.symbols


def card_of(name: str) -> Card:
    """What was measured of it."""
    return _loaded(name)[1]


def refuse_others(mine: Decoder | None, name: str) -> None:
    """Raise ValueError where a model of one's own cannot have the symbols of the shipped one of that name."""
    wanted = len(shipped(name)[1])
    if mine is not None and (own := mine.settings["symbols"]) != wanted:
        kind = name.partition("-")[0]
        raise ValueError(f"your transformer has {own} symbols; one that was trained on {kind} has the {wanted} of {name}.")


def read(piece: Piece) -> list[int]:
    """A piece as the numbers of its symbols."""
    symbols = shipped(piece.model)[1]
    return [symbols.index(symbol) for symbol in piece.text]


def model_of(name: str, mine: Decoder | None, off: Off) -> Decoder:
    """The shipped transformer of that name, or one's own, without these heads."""
    model = mine or shipped(name)[0]
    return without(model, off) if off else model


class Listened(NamedTuple):
    """What each note of a piece was chosen by, in every head; and what is said of each head: (layer, head) each."""

    weights: Float[Tensor, "layer head note note"]
    rolled: Float[Tensor, "layer note note"]  # the rollout of the symbols' weights, up to each layer
    bar: Float[Tensor, "layer head"]  # share on what began a bar ago
    back: Float[Tensor, "layer head"]  # quarter notes
    elsewhere: Float[Tensor, "layer head"]  # share on what is no note


def listened(key: str, mine: Decoder | None = None) -> Listened:
    """A piece as the shipped model reads it, or a given one."""
    piece = pieces()[key]
    model = model_of(piece.model, mine, ())

    @torch.no_grad()
    def work() -> Listened:
        places = model.weights(torch.tensor([read(piece)]))
        weights = maths.between_notes(places, piece.symbols)
        onsets = torch.from_numpy(piece.notes[:, 0] / SIXTEENTHS).float()
        rolled = maths.between_notes(rollout(places), piece.symbols)
        said = maths.ago(weights, onsets, piece.bar), maths.beats_back(weights, onsets), maths.elsewhere(weights)
        return Listened(weights, rolled, *said)

    return once(model, ("listened", key), work)
