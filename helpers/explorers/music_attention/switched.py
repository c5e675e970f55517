"""What a transformer says of a piece, and how it goes on, with all its heads and without some.

Notebook: 06_transformers. A head is switched off by helpers/models/ablation.py; which head is looked at: attention/chosen.py.
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float

from helpers.concepts.sampling import generate
from helpers.datasets import voices
from helpers.datasets.chorales import notes_of
from helpers.explorers.music_attention.listened import Off, model_of, read, shipped
from helpers.explorers.music_attention.pieces import SIXTEENTHS, Piece, pieces
from helpers.explorers.parts.fresh import once
from helpers.explorers.sampling.writing import readable
from helpers.models.transformer import Decoder

MORE, SEED, TEMPERATURE = 64, 0, 0.8  # symbols that are written, with the same dice for both
LIKELY = 8  # symbols whose probabilities are shown


def said(key: str, mine: Decoder | None, off: Off) -> Float[np.ndarray, "place symbol"]:
    """The probability of each symbol after each place of a piece, in float64."""
    piece = pieces()[key]

    @torch.no_grad()
    def work() -> np.ndarray:
        return model_of(piece.model, mine, off)(torch.tensor([read(piece)]))[0].double().softmax(-1).numpy()

    return once(model_of(piece.model, mine, ()), ("said", key, off), work)


def bits(key: str, mine: Decoder | None, off: Off) -> Float[np.ndarray, "note"]:
    """How surprising each note is: −log₂ p of all symbols it is written with, together."""
    piece, p = pieces()[key], said(key, mine, off)
    numbers = np.array(read(piece))
    surprise = np.zeros(len(numbers))
    surprise[1:] = -np.log2(p[np.arange(len(numbers) - 1), numbers[1:]])
    return np.array([surprise[places].sum() for places in piece.symbols])


def missed(key: str, mine: Decoder | None) -> Float[np.ndarray, "layer head"]:
    """How many bits a note costs more, on average, with each head off alone; less than 0 where it does better without."""
    settings, whole = model_of(pieces()[key].model, mine, ()).settings, bits(key, mine, ()).mean()
    return np.array(
        [[bits(key, mine, ((k, h),)).mean() - whole for h in range(settings["heads"])] for k in range(settings["layers"])]
    )


def likely(key: str, mine: Decoder | None, off: Off, note: int) -> tuple[list[str], Float[np.ndarray, "model symbol"]]:
    """The symbols that are most probable to begin this note, by either model, and their probabilities: whole, and without."""
    piece = pieces()[key]
    place = piece.symbols[note][0] - 1
    both = np.stack([said(key, mine, ())[place], said(key, mine, off)[place]])
    best = np.argsort(-both.max(0), kind="stable")[:LIKELY]
    return [shipped(piece.model)[1][k] for k in best], both[:, best]


def going_on(key: str, mine: Decoder | None, off: Off, note: int) -> Float[np.ndarray, "note 3"]:
    """The bar before a note, and what is written from there on: onset (beats from the beginning of these), duration, pitch."""
    piece = pieces()[key]
    place, symbols = piece.symbols[note][0], shipped(piece.model)[1]
    if piece.model == "chorales-transformer":
        place -= (place - 1) % 4  # all four voices go on together
    prompt, end = read(piece)[:place], symbols.index("<end>")

    def work() -> list[int]:
        return list(generate(model_of(piece.model, mine, off).read, prompt, MORE, end, SEED, temperature=TEMPERATURE))

    new = once(model_of(piece.model, mine, ()), ("goes on", key, off, place), work)
    begun = piece.notes[note, 0] / SIXTEENTHS - piece.bar
    notes = [row for row in _scored(piece, prompt + new, symbols) if row[0] >= begun]
    return np.array(notes, dtype=float).reshape(-1, 3) - (max(begun, 0.0), 0.0, 0.0)


def _scored(piece: Piece, numbers: list[int], symbols: list[str]) -> list[tuple[float, float, int]]:
    """The notes of what was read and written, as far as it can be read."""
    if piece.model == "chorales-transformer":
        return [(n.onset, n.duration, n.pitch) for n in notes_of(voices.decode(numbers))]
    text = "".join(symbols[number] for number in numbers[1:])
    return [(n.onset, n.duration, n.pitch) for n in readable(text)[0].notes]
