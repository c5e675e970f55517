"""Real notes beside the samples of models: read from the notes themselves, as pictures of what others made are not shipped."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from jaxtyping import Float

from helpers.datasets.harmonics import load_harmonics
from helpers.models import contenders
from helpers.models.contenders import Compared

SHOWN = 24  # as many as of each model
Samples = dict[str, Float[np.ndarray, "sample 24 32"]]


@cache
def real() -> Samples:
    """ "training notes", those that the comparison sets beside as many others, and "new notes", each in random order."""
    learned, new = load_harmonics("train"), load_harmonics("new")
    known, fresh = (torch.randperm(len(notes), generator=torch.Generator().manual_seed(0)) for notes in (learned, new))
    shown = {"training notes": learned.picture[known[len(new) :]], "new notes": new.picture[fresh]}
    return {name: pictures[:SHOWN].numpy() for name, pictures in shown.items()}


def compared() -> tuple[Compared, Samples]:
    """What was measured, and a few samples of each model, with real notes beside them."""
    found, samples = contenders.load()
    return found, samples | real()
