"""A head switched off: what it found is no longer passed on, and all else stays.

What a head looks at is no proof that anything depends on it; what a model says without it is. Notebook: 06_transformers.
After Michel, Levy and Neubig, *Are sixteen heads really better than one?*, 2019.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable

import torch

from helpers.models.transformer import Decoder


@torch.no_grad()
def without(model: Decoder, heads: Iterable[tuple[int, int]]) -> Decoder:
    """A copy of the model in which these heads, (layer, head) each, add nothing: their share of the joining matrix is 0.

    Raises ValueError for a head that it does not have.
    """
    other = copy.deepcopy(model)
    layers, count = model.settings["layers"], model.settings["heads"]
    share = model.settings["width"] // count
    for layer, head in heads:
        if not (0 <= layer < layers and 0 <= head < count):
            raise ValueError(f"there is no head {layer}.{head}; layers go from 0 to {layers - 1}, heads from 0 to {count - 1}.")
        other.blocks[layer].join.weight[:, head * share : (head + 1) * share] = 0
    return other
