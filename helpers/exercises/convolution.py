"""Exercises on convolution: how large its output is, and the loops themselves.

Notebook: 04_cnns. The oracles: counting, and torch's own convolution.
"""

import itertools
from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Generator, Tensor
from torch.nn import functional as F

from helpers.exercises import exercise


def _slides(_generator: Generator) -> Iterator[tuple[int, ...]]:
    yield from ((5, 3), (4, 4), (8, 3, 2), (9, 1, 2), (7, 3, 1, 1), (64, 11, 4, 2))
    yield from itertools.product((9, 16), (3,), (1, 2, 3), (0, 2), (1, 3))


@exercise(_slides)
def output_size(n: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Slide the kernel and count: a start is a stop if the last tap still lies within the padded input."""
    cells = n + 2 * padding
    return sum(start + dilation * (kernel - 1) < cells for start in range(0, cells, stride))


@output_size.mistake
def no_start(n, kernel, stride=1, padding=0, dilation=1):
    """You are one stop short: count on paper for five cells and a kernel of three. Where it starts is a stop too."""
    return (n + 2 * padding - dilation * (kernel - 1) - 1) // stride


@output_size.mistake
def first_divided(n, kernel, stride=1, padding=0, dilation=1):
    """You divide all places by the stride. Count on paper the stops among three places at a stride of 2: is the
    first one ever left out?"""
    return (n + 2 * padding - dilation * (kernel - 1)) // stride


@output_size.mistake
def one_side(n, kernel, stride=1, padding=0, dilation=1):
    """Your padding is added on one side only; it stands on both."""
    return (n + padding - dilation * (kernel - 1) - 1) // stride + 1


@output_size.mistake
def no_padding(n, kernel, stride=1, padding=0, dilation=1):
    """Your padding makes no difference. Does the kernel know that the input has grown?"""
    return (n - dilation * (kernel - 1) - 1) // stride + 1


@output_size.mistake
def no_stride(n, kernel, stride=1, padding=0, dilation=1):
    """Your stride makes no difference. How far apart are two stops?"""
    return n + 2 * padding - dilation * (kernel - 1)


@output_size.mistake
def no_dilation(n, kernel, stride=1, padding=0, dilation=1):
    """Your dilation makes no difference. A dilated kernel reaches further: how far?"""
    return (n + 2 * padding - kernel) // stride + 1


@output_size.mistake
def gap_after_last(n, kernel, stride=1, padding=0, dilation=1):
    """Your dilated kernel is too long. Draw one of 3 taps with gaps: gaps lie between taps, none after the
    last."""
    return (n + 2 * padding - dilation * kernel) // stride + 1


@output_size.mistake
def rounded_up(n, kernel, stride=1, padding=0, dilation=1):
    """Your division rounds up: a last step that does not fit whole is not taken."""
    return -(-(n + 2 * padding - dilation * (kernel - 1) - 1) // stride) + 1


@output_size.mistake
def fraction(n, kernel, stride=1, padding=0, dilation=1):
    """Half a stop does not exist: your result is a fraction where the stride does not divide. Only whole steps
    count."""
    return (n + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1


def _pictures(generator: Generator) -> Iterator[tuple[Float[Tensor, "row column"], Float[Tensor, "height width"]]]:
    yield torch.tensor([[1.0, 2.0, 4.0], [0.0, 5.0, 1.0]]), torch.tensor([[1.0, 0.0, -2.0]])
    yield torch.eye(4), torch.tensor([[0.0, 1.0, 2.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 3.0]])
    for rows, columns, height, width in ((3, 4, 1, 1), (6, 5, 3, 3), (5, 6, 1, 3), (6, 5, 3, 1), (4, 7, 3, 5)):
        yield torch.randn(rows, columns, generator=generator), torch.randn(height, width, generator=generator)


@exercise(_pictures)
def conv2d(x: Float[Tensor, "row column"], kernel: Float[Tensor, "height width"]) -> Float[Tensor, "out_row out_column"]:
    """Slide the kernel over x, without padding, one cell at a time; it is not flipped."""
    return F.conv2d(x[None, None], kernel[None, None])[0, 0]


def _products(x: Tensor, kernel: Tensor) -> Tensor:
    return x.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1) * kernel  # (out_row, out_column, height, width)


def _pad(x: Tensor, rows: int, columns: int) -> Tensor:
    return F.pad(x, (columns, columns, rows, rows))


def _slide(x: Tensor, kernel: Tensor) -> Tensor:
    return _products(x, kernel).sum((-1, -2))


@conv2d.mistake
def flipped(x, kernel):
    """You flip the kernel. That is convolution in mathematics; deep learning lays the kernel on as it is."""
    return _slide(x, kernel.flip(0, 1))


@conv2d.mistake
def transposed(x, kernel):
    """Your kernel is turned on its diagonal: rows of the kernel belong to rows of x."""
    return _slide(x, kernel.T)


@conv2d.mistake
def output_transposed(x, kernel):
    """Your output is turned on its diagonal: which index runs over rows, which over columns?"""
    return _slide(x, kernel).T


@conv2d.mistake
def padded(x, kernel):
    """Your output is as large as x, so the kernel hangs over the edges. Only places where all of it fits
    count."""
    return _slide(_pad(x, kernel.shape[0] // 2, kernel.shape[1] // 2), kernel)


@conv2d.mistake
def full(x, kernel):
    """Your kernel starts where it only touches x with a corner. Only places where all of it fits count."""
    return _slide(_pad(x, kernel.shape[0] - 1, kernel.shape[1] - 1), kernel)


@conv2d.mistake
def one_short(x, kernel):
    """Your last row and column are missing: count on paper where a kernel of 2 can start in a row of 3."""
    return _slide(x, kernel)[:-1, :-1]


@conv2d.mistake
def mean(x, kernel):
    """You take the mean of the products; a convolution takes their sum."""
    return _slide(x, kernel) / kernel.numel()


@conv2d.mistake
def last_product(x, kernel):
    """One product is left at each place, the last of its window. Does each round of your loops overwrite the one
    before?"""
    return _products(x, kernel)[..., -1, -1]


@conv2d.mistake
def sides_swapped(x, kernel):
    """You took the kernel's height for its width. Which of the two does its shape give first?"""
    height, width = kernel.shape
    y = torch.zeros(x.shape[0] - width + 1, x.shape[1] - height + 1)
    if height != width and y.numel():
        raise ValueError("the window has another shape than the kernel")
    return y if height != width else conv2d(x, kernel)


@conv2d.mistake
def largest_product(x, kernel):
    """You keep the largest product of each window; a convolution adds them all up."""
    return _products(x, kernel).amax((-1, -2))


@conv2d.mistake
def standing_still(x, kernel):
    """Your output stays in the first place it can be: do the window's indices move with the output's?"""
    return (x[: kernel.shape[0], : kernel.shape[1]] * kernel).sum() * torch.ones_like(_slide(x, kernel))


@conv2d.mistake
def stride_of_kernel(x, kernel):
    """Your kernel moves on by its own size. Here the stride is 1, so windows overlap."""
    return _slide(x, kernel)[:: kernel.shape[0], :: kernel.shape[1]]
