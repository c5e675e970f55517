"""A transformer with relative attention that writes chorales, sixteenth by sixteenth, soprano to bass. Notebook: 06_transformers.

A tenth of the chorales, by chorale, is held out. Bach set some melodies more than once: those whose soprano is not among those
learned from (`new_melody`) are counted by themselves, too. Each time a window is read it is transposed anew by up to three
semitones: Bach wrote each piece in one key, but what he did in it holds in all.
"""

from __future__ import annotations

import hashlib
import math
import random
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from helpers.concepts.ngram import NGram
from helpers.datasets import voices
from helpers.datasets.chorales import load_chorales
from helpers.models.language import decay, next_symbol_loss, surprisals, windows
from helpers.models.transformer import Decoder, muon
from helpers.train import fit_sync

RECIPES = {
    "chorales-transformer": {
        "model": {"width": 128, "layers": 3, "heads": 4, "reach": 256, "dropout": 0.1},
        "length": 256, "batch": 8, "epochs": 10, "muon": 0.02, "lr": 3e-3, "seed": 0,
        "transposed by up to": voices.MOST,
    },
}  # fmt: skip


def data() -> tuple[list[list[int]], list[list[int]]]:
    """(learn, held): chorales as symbols' numbers; a tenth is held out, drawn with random.Random(0)."""
    every = [voices.encode(chorale) for chorale in load_chorales()]
    random.Random(0).shuffle(every)
    return every[len(every) // 10 :], every[: len(every) // 10]


def fingerprint() -> str:
    """The beginning of the SHA-256 of all chorales as they are read today: a card that says another speaks of others."""
    return hashlib.sha256(str([voices.encode(chorale) for chorale in load_chorales()]).encode()).hexdigest()[:12]


def transpose(
    x: Int[Tensor, "batch time"], y: Int[Tensor, "batch time"], generator: torch.Generator
) -> tuple[Int[Tensor, "batch time"], Int[Tensor, "batch time"]]:
    """Each example up or down by a number of semitones of its own: `augment` for fit."""
    tables = torch.from_numpy(np.stack([voices.transposition(k) for k in range(-voices.MOST, voices.MOST + 1)])).to(x.device)
    mine = tables[torch.randint(len(tables), (len(x),), generator=generator).to(x.device)]
    return mine.gather(1, x), mine.gather(1, y)


def train(name: str, log: Path | None = None) -> tuple[Decoder, dict]:
    """The model, and what it reaches on the chorales held out, beside bigrams, in nats per sixteenth of all four voices.

    log: a file for `fit`'s checkpoint, by which a run that was interrupted goes on.
    """
    recipe = RECIPES[name]
    learn, held = data()
    torch.manual_seed(recipe["seed"])
    model = Decoder(len(voices.SYMBOLS), **recipe["model"])
    history = fit_sync(
        model, windows(learn, recipe["length"], recipe["seed"]), next_symbol_loss, epochs=recipe["epochs"], batch=recipe["batch"],
        optimizer=muon(model, recipe["muon"], recipe["lr"]), schedule=decay, metric=None, augment=transpose, seed=recipe["seed"],
        checkpoint=log,
    )  # fmt: skip
    return model, {
        "nats per step": nats_per_step(model, held),
        "nats per step of new melodies": nats_per_step(model, new_melody(learn, held)),
        "nats per step learned from": nats_per_step(model, learn[: len(held)]),
        "nats per step of bigrams": bigram_nats(learn, held),
        "symbols": voices.SYMBOLS,
        "device": history.device,
        "data": fingerprint(),
    }


def new_melody(learn: list[list[int]], held: list[list[int]], length: int = 10) -> list[list[int]]:
    """The held chorales whose soprano is none that was learned from, in whatever key.

    A melody is known if more than half of its runs of so many intervals stand in one of the others.
    """
    known = [_runs(numbers, length) for numbers in learn]
    return [
        numbers
        for numbers in held
        if all(2 * len(_runs(numbers, length) & other) <= len(_runs(numbers, length)) for other in known)
    ]


def _runs(numbers: list[int], length: int) -> set[tuple[int, ...]]:
    chorale = voices.decode(numbers)
    intervals = np.diff(chorale.pitch[chorale.onset[:, 0], 0].astype(int)).tolist()
    return {tuple(intervals[i : i + length]) for i in range(len(intervals) - length + 1)}


def steps(chorales: list[list[int]]) -> int:
    """How many sixteenths they have together."""
    return sum((len(numbers) - 2) // 4 for numbers in chorales)


def nats_per_step(model: Decoder, chorales: list[list[int]]) -> float:
    """Mean of −ln p of a sixteenth: of its four voices, and of the end of each chorale."""
    bits = sum(float(surprisals(model, numbers).sum()) for numbers in chorales)
    return bits * math.log(2) / steps(chorales)


def beside_bigrams(models: dict[str, Decoder], learn: list[list[int]], held: list[list[int]]) -> dict[str, float]:
    """Nats per sixteenth of bigrams that learned from `learn`, and of these models, all on the same chorales."""
    return {"bigrams": bigram_nats(learn, held)} | {name: nats_per_step(model, held) for name, model in models.items()}


def bigram_nats(learn: list[list[int]], held: list[list[int]]) -> float:
    """The same of a bigram within each voice: it hears what this voice did last, and no other."""
    models = [NGram(2, len(voices.SYMBOLS)).fit(_voice(numbers, k) for numbers in learn) for k in range(4)]
    bits = sum(model.bits(_voice(numbers, k), given=1) for k, model in enumerate(models) for numbers in held)
    return bits * math.log(2) / steps(held)


def _voice(numbers: list[int], k: int) -> list[int]:
    """<start>, and what one voice does; the last voice also says that it is the <end>."""
    return [numbers[0], *numbers[1 + k : -1 : 4], *(numbers[-1:] if k == 3 else [])]
