"""All generative models of lecture 07, measured in the same way; `python -m helpers.recipes comparison` writes what it finds.

As many samples of each are set against as many training notes; as many others of these show how near two sets of the same
notes are. Notebook: 07_generative_models. Measures: helpers/concepts/comparison.py; models: helpers/models/contenders.py.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from time import process_time

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from helpers.concepts.comparison import distances, measure
from helpers.datasets.harmonics import RANGE_DB, Harmonics, load_harmonics
from helpers.models import checkpoints, contenders
from helpers.models.contenders import CONTENDERS, Compared, Contender, Row, parameters, sampler
from helpers.models.judge import Judge
from helpers.models.pictures import KINDS_OF_NOTE

KEPT = 24  # samples of each that are shipped
BATCH = 16  # sounds at once, where the time of one is taken
NEAR = 2.0  # dB a cell, one of 32 levels: new notes are at least twice as far
Pictures = Float[Tensor, "picture 24 32"]
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bench:
    """What all models are held against: the notes they learned from, as many of these as there are new ones, and the new ones."""

    judge: Judge
    sha256: str
    learned: Harmonics
    new: Harmonics
    half: Pictures
    other: Pictures
    away_new: Float[Tensor, "note"]

    def row(self, name: str, made: Pictures) -> Row:
        """What can be said of a set of pictures."""
        away = distances(made, self.learned.picture, RANGE_DB)
        found = measure(self.judge.features(self.half), self.judge.features(made), away, self.away_new, NEAR)
        heard = self.judge(made).argmax(1).bincount(minlength=KINDS_OF_NOTE)
        return Row(name, *found, heard.tolist(), [round(d, 2) for d in away.tolist()])


@cache
@torch.no_grad()
def bench() -> Bench:
    """The judge that ships, and the notes."""
    judge, card = checkpoints.load("timbre-judge")
    learned, new = load_harmonics("train"), load_harmonics("new")
    order = torch.randperm(len(learned), generator=torch.Generator().manual_seed(0))
    half, other = (learned.picture[order[k * len(new) : (k + 1) * len(new)]] for k in (0, 1))
    return Bench(judge, card.sha256, learned, new, half, other, distances(new.picture, learned.picture, RANGE_DB))


@torch.no_grad()
def measured(contender: Contender) -> tuple[Row, Pictures]:
    """All that can be said of a model, and its samples."""
    at = bench()
    began = process_time()
    model, draw = sampler(contender, at.learned.picture, at.learned.family)
    training, sha256, bits = process_time() - began, None, None
    if contender.checkpoint:
        card = checkpoints.load(contender.checkpoint)[1]
        sha256, bits = card.sha256, _said_bits(card.measured) if contender.bits != "none" else None
        before = checkpoints.load(contender.after)[1].measured["processor seconds"] if contender.after else 0
        training = card.measured["processor seconds"] + before
    elif contender.bits != "none":
        bits = model.bits_per_cell(at.new.picture)
    made = draw(len(at.new), 0)
    return replace(
        at.row(contender.name, made), parameters=parameters(model), training=training, sampling=seconds(model.sample), bits=bits,
        bits_kind=contender.bits, sha256=sha256,
    ), made  # fmt: skip


def seconds(draw: contenders.Sampler, rounds: int = 3) -> float:
    """Processor seconds of a sound, of BATCH at once on one thread; the best round."""
    threads, best = torch.get_num_threads(), float("inf")
    torch.set_num_threads(1)
    try:
        for seed in range(rounds):
            began = process_time()
            draw(BATCH, seed)
            best = min(best, (process_time() - began) / BATCH)
    finally:
        torch.set_num_threads(threads)
    return best


@torch.no_grad()
def references() -> dict[str, Row]:
    """Real notes in the place of a model's: other training notes, which are all copies; and new ones."""
    at = bench()
    return {name: at.row(name, made) for name, made in (("training notes", at.other), ("new notes", at.new.picture))}


def write(names: Sequence[str] = (), folder: Path = checkpoints.FOLDER) -> Compared:
    """Measure these models, or all that are there; the rest as it was.

    Raises ValueError for a model there is none of, and where the rest was measured by another judge or on other notes.
    """
    there = {c.name: c for c in contenders.present(folder)}
    if unknown := [name for name in names if name not in there]:
        raise ValueError(f"there is no model {unknown[0]!r}; there are {', '.join(there)}.")
    at, real = bench(), references()
    rows: dict[str, Row] = {}
    shown: dict[str, Pictures] = {}
    if names:
        last, kept = contenders.load(folder)
        if (last.judge, last.count) != (at.sha256, len(at.new)):
            raise ValueError("the judge or the notes have changed; measure all of them: python -m helpers.recipes comparison.")
        rows = dict(last.models)
        shown = {name: torch.from_numpy(kept[name]) for name in rows}
    for name in names or there:
        rows[name], shown[name] = measured(there[name])
        logger.info(line(rows[name]))
    truth = {
        said: h.family.bincount(minlength=KINDS_OF_NOTE).tolist()
        for said, h in (("training notes", at.learned), ("new notes", at.new))
    }
    models = {c.name: rows[c.name] for c in CONTENDERS if c.name in rows}
    found = Compared(len(at.new), NEAR, at.sha256, models, real, [round(d, 2) for d in at.away_new.tolist()], truth)
    contenders.save(found, {name: _bytes(shown[name][:KEPT]) for name in models}, folder)
    contenders.load.cache_clear()
    return found


HEAD = (
    f"{'':18}{'Fréchet':>9}{'density':>9}{'coverage':>9}{'nearest':>9}{'copying':>9}{'copies':>8}{'parameters':>12}{'trained':>10}"
    f"{'a sound':>10}   bits a cell"
)


def line(row: Row) -> str:
    """A row of the table; below HEAD."""
    said = f"{row.name:18}{row.distance:9.2f}{row.density:9.2f}{row.coverage:9.2f}"
    said += f"{row.nearest:6.1f} dB{row.copying:9.2f}{row.copies:8.1%}"
    if row.parameters is None:
        return said
    bits = {"exact": f"{row.bits:.3f}", "at most": f"≤ {row.bits:.3f}"}[row.bits_kind] if row.bits is not None else "none"
    return f"{said}{row.parameters:12,}{row.training:8.1f} s{1000 * row.sampling:7.2f} ms   {bits}"


def _said_bits(measured: dict) -> float | None:
    """What a card says of bits a cell of new instruments."""
    found = [value for said, value in measured.items() if said.startswith("bits per cell") and "training" not in said]
    return found[0] if found else None


def _bytes(pictures: Pictures) -> np.ndarray:
    return (255 * pictures.numpy()).round().astype(np.uint8)
