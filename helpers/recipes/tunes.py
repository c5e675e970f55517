"""Language models of folk tunes, as ABC text: a GRU, a transformer, and a small pair of them. Notebooks: 05_rnns, 06_transformers.

What is learned from, and held out, is `datasets.tunes.held_out`'s: a tenth of the tunes, by tune.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch
from torch import nn

from helpers.concepts.ngram import NGram
from helpers.datasets.abc import AbcError, Bar, parse
from helpers.datasets.tunes import Tune, held_out, load_tunes, twins
from helpers.datasets.vocabulary import Vocabulary
from helpers.models.absolute import AbsoluteDecoder
from helpers.models.language import TuneRNN, bits_per_symbol, decay, next_symbol_loss, packed, windows
from helpers.models.transformer import Decoder, muon
from helpers.train import History, fit_sync

ORDER = 6  # of the n-gram beside them
PAIR = {  # alike but for how they are told of places; one tap: neighbours are known by these places alone
    "model": {"width": 64, "layers": 3, "heads": 4, "reach": 256, "dropout": 0.0, "taps": 1},
    "length": 256, "batch": 8, "epochs": 3, "muon": 0.02, "lr": 3e-3, "seed": 0,
    "measured on the first": 256,  # symbols of a tune: there are no more places
}  # fmt: skip
RECIPES = {
    "tunes-rnn": {"model": {"width": 384, "cell": "GRU"}, "length": 128, "batch": 16, "epochs": 6, "lr": 3e-3, "seed": 0},
    "tunes-transformer": {
        "model": {"width": 128, "layers": 4, "heads": 4, "reach": 256, "dropout": 0.1},
        "length": 256, "batch": 8, "epochs": 6, "muon": 0.02, "lr": 3e-3, "seed": 0,
        "then": {"reach": 448, "length": 448, "batch": 4, "epochs": 1, "muon": 0.01, "lr": 1.5e-3, "seed": 1},
    },
    "tunes-relative": PAIR,
    "tunes-absolute": PAIR,
}  # fmt: skip
KINDS = {"tunes-rnn": TuneRNN, "tunes-absolute": AbsoluteDecoder}  # all others: Decoder


def sequence(tune: Tune, vocabulary: Vocabulary) -> tuple[list[int], int]:
    """A tune from <start> to <end>, and how many of its symbols are given: <start> and the header."""
    return vocabulary.encode(f"<start>{tune.text.rstrip()}<end>"), 1 + len(tune.text) - len(tune.body) - 1


def data() -> tuple[Vocabulary, list[tuple[list[int], int]], list[tuple[list[int], int]]]:
    """(vocabulary, learn, held): of all tunes; sequences with the number of symbols that are given."""
    tunes = load_tunes()
    vocabulary = Vocabulary.of(tune.text.rstrip() for tune in tunes)
    learn, held = ([sequence(tune, vocabulary) for tune in part] for part in held_out(tunes))
    return vocabulary, learn, held


def fingerprint() -> str:
    """The beginning of the SHA-256 of all tunes as they are read today: a card that says another speaks of other tunes."""
    return hashlib.sha256("".join(tune.text for tune in load_tunes()).encode()).hexdigest()[:12]


def train(name: str, log: Path | None = None) -> tuple[nn.Module, dict]:
    """The model of that recipe, and what it reaches beside an n-gram, in bits per character of the tunes held out.

    log: a file for `fit`'s checkpoint, by which a run that was interrupted goes on.
    """
    recipe = RECIPES[name]
    vocabulary, learn, held = data()
    texts = [tokens for tokens, _ in learn]
    torch.manual_seed(recipe["seed"])
    model = KINDS.get(name, Decoder)(len(vocabulary), **recipe["model"])
    history = _fit(model, windows(texts, recipe["length"], recipe["seed"]), recipe, log)
    if "then" in recipe:
        model, history = whole_tunes(model, texts, recipe["then"], log and log.with_name(f"{log.name}.then"))
    found = measured(model, len(vocabulary), learn, held, recipe.get("measured on the first"))
    return model, found | {"symbols": vocabulary.symbols, "device": history.device, "data": fingerprint()}


def whole_tunes(model: Decoder, texts: list[list[int]], recipe: dict, log: Path | None = None) -> tuple[Decoder, History]:
    """A transformer that has learned from windows cut anywhere learns on from tunes that begin at their beginning.

    Where a window begins anywhere, half of all that is to be told is told without a sight of the header and of how many bars
    have gone by: such a model, asked for the likely, often repeats two bars over and over. Its reach grows to
    the length of nearly every tune.
    """
    torch.manual_seed(recipe["seed"])
    model = model.reaching(recipe["reach"])
    return model, _fit(model, packed(texts, recipe["length"], recipe["seed"]), recipe, log)


def _fit(model: nn.Module, data: tuple[torch.Tensor, torch.Tensor], recipe: dict, log: Path | None) -> History:
    optimizer = muon(model, recipe["muon"], recipe["lr"]) if "muon" in recipe else None
    return fit_sync(
        model, data, next_symbol_loss, epochs=recipe["epochs"], batch=recipe["batch"], lr=recipe["lr"], optimizer=optimizer,
        schedule=decay, metric=None, seed=recipe["seed"], checkpoint=log,
    )  # fmt: skip


def measured(
    model: nn.Module,
    symbols: int,
    learn: list[tuple[list[int], int]],
    held: list[tuple[list[int], int]],
    most: int | None = None,
) -> dict[str, float]:
    """What a model's card says of it, beside an n-gram; most: of each tune it reads so many symbols, if not all."""

    def some(tunes: list[tuple[list[int], int]]) -> list[tuple[list[int], int]]:
        return [(tokens[: most + 1], given) for tokens, given in tunes] if most else tunes

    return {
        "bits per character": bits_per_symbol(model, *zip(*some(held))),
        "bits per character of new tunes": bits_per_symbol(model, *zip(*some(new(held)))),
        "bits per character learned from": bits_per_symbol(model, *zip(*some(learn[: len(held)]))),
        f"bits per character of a {ORDER}-gram": ngram_bits(learn, some(held), symbols),
    }


def new(held: list[tuple[list[int], int]]) -> list[tuple[list[int], int]]:
    """The held tunes that stand in no other setting among those that were learned from: the harder and fairer test."""
    learn, theirs = held_out(load_tunes())
    return [tune for tune, known in zip(held, twins(theirs, learn)) if not known]


def whole(text: str) -> bool:
    """Whether a tune can be read as ABC, and each of its bars is as long as its metre says.

    >>> whole("M:2/4\\nL:1/8\\nK:G\\nG2B2|d4|"), whole("M:2/4\\nL:1/8\\nK:G\\nG2B|d4|"), whole("M:2/4\\nL:1/8\\nK:G\\nG2^")
    (True, False, False)
    """
    return bool(found := bars(text)) and all(bar.full for bar in found)


def bars(text: str) -> list[Bar]:
    """A tune's bars; none if it cannot be read as ABC."""
    try:
        return parse(text).bars
    except AbcError:
        return []


def ngram_bits(learn: list[tuple[list[int], int]], held: list[tuple[list[int], int]], symbols: int, order: int = ORDER) -> float:
    """Bits per character of an n-gram on the tunes held out, counted as the networks' are."""
    model = NGram(order, symbols).fit(tokens for tokens, _ in learn)
    return sum(model.bits(*given) for given in held) / sum(len(tokens) - n for tokens, n in held)
