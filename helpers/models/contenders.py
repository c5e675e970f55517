"""The generative models of lecture 07 that learned from the same notes, as samplers that can be compared; and how they compare.

One line of `CONTENDERS` is one model. Of those with a checkpoint only those that are there take part. What enlarges or encodes a
given note (SRGAN, the codecs) draws nothing from nothing, and is none of them. The measuring is in helpers/recipes/comparison.py,
`python -m helpers.recipes comparison`; what it found is shipped beside the checkpoints. Notebook: 07_generative_models.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor, nn

from helpers.concepts.comparison import apportion
from helpers.models import checkpoints
from helpers.models.pictures import KINDS_OF_NOTE
from helpers.models.smallest import BayesNotes, MixtureNotes

Pictures = Float[Tensor, "picture 24 32"]
Sampler = Callable[[int, int], Pictures]  # count, seed


@dataclass(frozen=True)
class Contender:
    """checkpoint: its name, "" where it is fitted on the spot; after: another one that it begins with; told: it is told a
    family; bits: whether its bits a cell are exact, at most so many, or none. Bits are those of a model that is told nothing."""

    name: str
    checkpoint: str = ""
    after: str = ""
    told: bool = False
    bits: str = "none"


CONTENDERS = (
    Contender("naive Bayes", bits="exact"),
    Contender("mixture", bits="at most"),
    Contender("autoregressive", "timbre-frames", bits="exact"),
    Contender("VAE, 2 numbers", "timbre-vae", bits="at most"),
    Contender("VAE, 16 numbers", "timbre-vae-16", bits="at most"),
    Contender("GAN", "timbre-gan", told=True),
    Contender("LAPGAN", "timbre-lapgan", told=True),
    Contender("diffusion", "timbre-diffusion", told=True),
    Contender("diffusion, untold", "timbre-diffusion", bits="at most"),
    Contender("consistency", "timbre-consistency", after="timbre-diffusion", told=True),
)


TOLD = frozenset(contender.name for contender in CONTENDERS if contender.told)


def present(folder: str | os.PathLike = checkpoints.FOLDER) -> list[Contender]:
    """Those whose weights are there."""
    there = checkpoints.names(folder)
    return [c for c in CONTENDERS if not c.checkpoint or c.checkpoint in there]


def sampler(contender: Contender, learned: Pictures, family: Int[Tensor, "picture"]) -> tuple[object, Sampler]:
    """The model, and what draws from it. learned, family: what is fitted on the spot, and how often a family is told.

    One that is told a family is told each as often as it is among those learned from, in random order.
    """
    if not contender.checkpoint:
        model = BayesNotes(learned, family) if contender.name == "naive Bayes" else MixtureNotes(learned)
        return model, model.sample
    model, _ = checkpoints.load(contender.checkpoint)
    if contender.told:
        return model, lambda count, seed: _told(model, family, count, seed)
    return model, model.sample


def _told(model: nn.Module, family: Int[Tensor, "learned"], count: int, seed: int) -> Pictures:
    often = apportion(family.bincount(minlength=KINDS_OF_NOTE), count)
    made = torch.cat([model.sample(n, seed * KINDS_OF_NOTE + k, family=k) for k, n in enumerate(often.tolist()) if n])
    return made[torch.randperm(count, generator=torch.Generator().manual_seed(seed))]


def parameters(model: object) -> int:
    """How many numbers of a model were fitted."""
    return sum(p.numel() for p in model.parameters()) if isinstance(model, nn.Module) else model.parameters()


@dataclass(frozen=True)
class Row:
    """What was measured of one model, or of real notes beside them. training: processor seconds, those of measuring what a
    checkpoint's card says included; sampling: those of a sound;
    heard: how many of the samples the judge hears as each family; away: of each, dB a cell from the nearest note learned from;
    sha256: of the weights; what does not exist is None.
    """

    name: str
    distance: float
    density: float
    coverage: float
    nearest: float
    copying: float
    copies: float
    heard: list[int]
    away: list[float]
    parameters: int | None = None
    training: float | None = None
    sampling: float | None = None
    bits: float | None = None
    bits_kind: str = "none"
    sha256: str | None = None


@dataclass(frozen=True)
class Compared:
    """models and real ("training notes": others than those compared with; "new notes": of recordings never heard) by name.

    count: samples of each; near: dB a cell, nearer is a copy; judge: SHA-256 of the weights whose features count; new: away
    of the new notes; truth: how many of the training notes, and of the new ones, are of each family.
    """

    count: int
    near: float
    judge: str
    models: dict[str, Row]
    real: dict[str, Row]
    new: list[float]
    truth: dict[str, list[int]]

    def row(self, name: str) -> Row:
        """Of a model or of real notes."""
        return self.models[name] if name in self.models else self.real[name]


def save(found: Compared, samples: dict[str, UInt8[np.ndarray, "sample 24 32"]], folder: str | os.PathLike) -> None:
    """comparison.json, and comparison.npz with a few samples of each model, a byte a cell."""
    text = json.dumps(asdict(found), indent=1, ensure_ascii=False)
    (Path(folder) / "comparison.json").write_text(text + "\n", encoding="utf-8")
    np.savez_compressed(Path(folder) / "comparison.npz", **samples)


@cache
def load(folder: str | os.PathLike = checkpoints.FOLDER) -> tuple[Compared, dict[str, Float[np.ndarray, "sample 24 32"]]]:
    """What was measured, and a few samples of each model by name, in [0, 1]. Raises FileNotFoundError where it is missing."""
    path = Path(folder) / "comparison.json"
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing. Measure again: python -m helpers.recipes comparison.")
    said = json.loads(path.read_text(encoding="utf-8"))
    rows = {kind: {name: Row(**row) for name, row in said[kind].items()} for kind in ("models", "real")}
    with np.load(path.with_suffix(".npz")) as kept:
        samples = {name: kept[name].astype(np.float32) / 255 for name in rows["models"]}
    return Compared(**{**said, **rows}), samples
