"""What `Audit` finds: the training notes nearest to a generated one, and the families that are heard. Notebook: 07."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float

from helpers.concepts.comparison import distances, moved
from helpers.datasets.harmonics import RANGE_DB, load_harmonics
from helpers.datasets.notes import FAMILIES, same_recordings
from helpers.models import checkpoints, contenders
from helpers.models.contenders import Row

NEAREST = 3
YOURS, BORROWED = "yours", "borrowed notes"
Pictures = Float[np.ndarray, "sample 24 32"]


def neighbours(picture: Float[np.ndarray, "24 32"]) -> dict:
    """The nearest training notes: their numbers, how far they are (dB a cell), their pictures, names and pitches."""
    notes = load_harmonics("train")
    x = torch.from_numpy(np.ascontiguousarray(picture))
    off = RANGE_DB * (notes.picture.double() - x).square().mean((1, 2)).sqrt()
    index = off.argsort(stable=True)[:NEAREST]
    return {
        "index": index.numpy(),
        "off": off[index].numpy(),
        "near": notes.picture[index].numpy(),
        "names": [notes.label(int(i)) for i in index],
        "pitches": notes.pitch[index].numpy(),
    }


def borrowed() -> Pictures:
    """Of test instruments whose notes are played from a training instrument's recordings: Viola's are a violin's."""
    notes = load_harmonics("test")
    return notes.picture[same_recordings(notes.notes)].numpy()


def row(pictures: Pictures, name: str = YOURS) -> Row:
    """What the audit needs to know of pictures that are in no table; the rest of the row is not measured, and NaN."""
    judge, _ = checkpoints.load("timbre-judge")
    x = torch.from_numpy(np.ascontiguousarray(pictures))
    with torch.no_grad():
        heard = judge(x).argmax(1).bincount(minlength=len(FAMILIES))
    away = distances(x, load_harmonics("train").picture, RANGE_DB)
    return Row(name, *[float("nan")] * 6, heard.tolist(), away.tolist())


def families(found: Row) -> dict:
    """Shares of the families among the training notes and among what is heard of a model; and how far apart these are.

    `among real`: the same of as many training notes, heard by the same judge: what chance and its errors alone come to.
    """
    known, _ = contenders.load()
    truth, real = torch.tensor(known.truth["training notes"]), torch.tensor(known.real["training notes"].heard)
    heard = torch.tensor(found.heard)
    shares = {"learned": truth / truth.sum(), "heard": heard / heard.sum()}
    apart = {"moved": moved(truth, heard), "among real": moved(truth, real)}
    return {name: x.double().numpy() for name, x in shares.items()} | apart
