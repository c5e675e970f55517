"""A picture as a small blurred one and what each doubling of its size has to add: the Laplacian pyramid.

reduce makes a picture half as high and wide (the mean of 2 × 2 cells), expand doubles it smoothly (bilinear). What expand
cannot know is a band: h_k = x_k − expand(x_{k+1}) with x_{k+1} = reduce(x_k). Adding the bands again gives back every cell,
whatever reduce and expand are. Notebook: 07b_gans. After Burt and Adelson, 1983, whose blur is a wider one; what a network
makes of the bands: Denton et al., 2015.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

Pictures = Float[Tensor, "batch row column"]


def reduce(x: Pictures) -> Float[Tensor, "batch halfrow halfcolumn"]:
    """Half as many rows and columns: the mean of each 2 × 2 cells. Raises ValueError where there is an odd number of them."""
    rows, columns = x.shape[1:]
    if rows % 2 or columns % 2:
        raise ValueError(
            f"a picture has {rows} rows and {columns} columns; both must be even to be halved. Pad it, or take fewer levels."
        )
    return F.avg_pool2d(x[:, None], 2)[:, 0]


def expand(x: Pictures) -> Float[Tensor, "batch doublerow doublecolumn"]:
    """Twice as many rows and columns, smoothly: each new cell lies a quarter of a cell off an old one, between it and the next."""
    return F.interpolate(x[:, None], scale_factor=2, mode="bilinear", align_corners=False)[:, 0]


def build(x: Pictures, levels: int) -> list[Tensor]:
    """[h_0, …, h_{levels-1}, x_levels]: the bands from fine to coarse, and at last the small picture that is left.

    Raises ValueError for levels below 1 and where a size cannot be halved so often.
    """
    if levels < 1:
        raise ValueError(f"levels is {levels}; a pyramid has at least 1.")
    parts = []
    for _ in range(levels):
        small = reduce(x)
        parts.append(x - expand(small))
        x = small
    return [*parts, x]


def collapse(parts: Sequence[Tensor]) -> Pictures:
    """The picture that a pyramid was built from: from the small one up, double it and add the band. Undoes build."""
    *bands, x = parts
    for band in reversed(bands):
        x = expand(x) + band
    return x
