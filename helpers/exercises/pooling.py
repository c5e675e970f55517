"""Exercises on pooling.

Notebook: 04_cnns. The oracle is torch's own pooling.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Generator, Tensor
from torch.nn import functional as F

from helpers.exercises import exercise


def _maps(generator: Generator) -> Iterator[tuple[Float[Tensor, "height width"], int]]:
    yield torch.tensor([[1.0, 2.0], [4.0, 3.0]]), 2
    yield torch.tensor([[-1.0, -2.0, 5.0, 0.0], [-4.0, -3.0, 1.0, 2.0]]), 2
    for height, width, size in ((4, 4, 2), (4, 6, 1), (5, 7, 2), (6, 9, 3), (7, 8, 3)):
        yield torch.randn(height, width, generator=generator), size


@exercise(_maps)
def max_pool(x: Float[Tensor, "height width"], size: int) -> Float[Tensor, "out_height out_width"]:
    """Keep the strongest cell of each block of size × size; what is left over at the far edges is dropped."""
    return F.max_pool2d(x[None], size)[0]


@max_pool.mistake
def mean(x, size):
    """That is the mean of each block. Which one of its cells is to be kept?"""
    return F.avg_pool2d(x[None], size)[0]


@max_pool.mistake
def weakest(x, size):
    """You keep the weakest cell of each block."""
    return -F.max_pool2d(-x[None], size)[0]


@max_pool.mistake
def total(x, size):
    """You add each block up; pooling keeps one of its cells."""
    return F.avg_pool2d(x[None], size)[0] * size**2


@max_pool.mistake
def overlapping(x, size):
    """Your blocks overlap: they move on by one cell. Each cell belongs to one block."""
    return F.max_pool2d(x[None], size, stride=1)[0]


@max_pool.mistake
def one_cell_on(x, size):
    """Your output has the right size, yet it shows the upper left of x only: a block begins one cell after the one
    before it. How far on should it begin?"""
    return F.max_pool2d(x[None], size, stride=1)[0, : x.shape[0] // size, : x.shape[1] // size]


@max_pool.mistake
def corner(x, size):
    """You keep the corner of each block, not its strongest cell."""
    return x[::size, ::size][: x.shape[0] // size, : x.shape[1] // size]


@max_pool.mistake
def every_corner(x, size):
    """You keep the corner of each block, not its strongest cell, and a block that is not whole as well."""
    return x[::size, ::size]


@max_pool.mistake
def absolute(x, size):
    """You compare sizes without their sign: -4 is weaker than 1."""
    return F.max_pool2d(x[None].abs(), size)[0]


@max_pool.mistake
def from_zero(x, size):
    """A block of negative cells gives 0 in yours. Did a comparison start from 0?"""
    return F.max_pool2d(x[None], size)[0].clamp(min=0)


@max_pool.mistake
def ragged(x, size):
    """You keep blocks at the far edges that are not whole; these are dropped."""
    return F.max_pool2d(x[None], size, ceil_mode=True)[0]


@max_pool.mistake
def along_rows(x, size):
    """You pool along rows of cells only: a block is as high as it is wide."""
    return F.max_pool2d(x[None], (1, size))[0]


@max_pool.mistake
def along_columns(x, size):
    """You pool along columns of cells only: a block is as wide as it is high."""
    return F.max_pool2d(x[None], (size, 1))[0]
