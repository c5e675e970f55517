"""What the shipped codec makes of held-out notes, at every rate: the material of `Bottleneck`.

Notebook: 07a_autoencoders. The codec: helpers/models/codec.py.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import torch

from helpers.concepts import quantiser
from helpers.concepts.timbre import off_db
from helpers.datasets.harmonics import load_harmonics
from helpers.models import checkpoints
from helpers.models.codec import LEVELS, NUMBERS, UNROUNDED, Codec

FLOAT_BITS = 32  # of a number that is not rounded


class Rate(NamedTuple):
    """What is sent a second, and what it costs. bits: at a fixed length; entropy: as frequent levels need; error: dB."""

    numbers: int
    levels: int
    bits: float
    entropy: float
    error: float


@cache
def codec() -> Codec:
    """The one that ships."""
    return checkpoints.load("timbre-codec")[0]


@cache
@torch.no_grad()
def table() -> dict[tuple[int, int], Rate]:
    """For each (numbers, levels) what the codec takes and loses, over all notes with recordings that it never heard."""
    model, pictures = codec(), load_harmonics("new").picture
    found = {}
    for levels in (*LEVELS, UNROUNDED):
        code = model.code(pictures, levels)
        each = [FLOAT_BITS] * code.shape[1]
        if levels:
            index = quantiser.to_levels(code, levels)
            code = quantiser.from_levels(index, levels)
            each = [quantiser.entropy(column, levels) for column in index.T]
        for n in NUMBERS:
            bits = model.bits_per_second(n, levels) if levels else float(FLOAT_BITS * n)
            found[n, levels] = Rate(n, levels, bits, sum(each[:n]), off_db(model.picture(code[:, :n], levels), pictures))
    return found
