"""Convolution and pooling, one window at a time.

A convolutional layer slides a small kernel over its input and writes down, at each stop, how well the two agree:
the sum of their products. Pooling slides a window too, and keeps one number of each. Deep learning's "convolution"
does not flip the kernel (mathematics calls it cross-correlation); so does this module.

Notebook: 04_cnns. After Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor


@dataclass(frozen=True)
class Slide:
    """How a window moves: its size in cells (height, width), and stride, padding and dilation in cells."""

    height: int
    width: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1

    @property
    def span(self) -> tuple[int, int]:
        """Cells from the window's first tap to its last, (height, width), gaps of the dilation included."""
        return self.dilation * (self.height - 1) + 1, self.dilation * (self.width - 1) + 1

    def margin(self, rows: int) -> tuple[int, int]:
        """Zeros added on either side of an input of so many rows, (rows, columns).

        A signal (one row, under a window one cell high) is padded before and after, not above and below.
        """
        return (0 if rows == self.height == 1 else self.padding), self.padding

    def output(self, rows: int, columns: int) -> tuple[int, int]:
        """Size of the output, (rows, columns): ⌊(n + 2·padding − span) / stride⌋ + 1 along each axis.

        >>> Slide(3, 3).output(4, 4)
        (2, 2)
        """
        return tuple(
            (n + 2 * margin - span) // self.stride + 1
            for n, margin, span in zip((rows, columns), self.margin(rows), self.span, strict=True)
        )

    def origin(self, row: int, column: int) -> tuple[int, int]:
        """Where the window of output cell (row, column) begins, in cells of the padded input."""
        return row * self.stride, column * self.stride

    def blind(self, rows: int, columns: int) -> bool:
        """Whether some window would see nothing but padding of an input of rows × columns."""
        return any(
            not any(margin <= i * self.stride + u * self.dilation < margin + n for u in range(size))
            for n, margin, size, out in zip(
                (rows, columns), self.margin(rows), (self.height, self.width), self.output(rows, columns), strict=True
            )
            for i in range(out)
        )

    def problem(self, rows: int, columns: int) -> str | None:
        """Why this window cannot slide over an input of rows × columns, and what would do; None if it can."""
        for value, name, least in (
            (self.height, "kernel height", 1),
            (self.width, "kernel width", 1),
            (self.stride, "stride", 1),
            (self.dilation, "dilation", 1),
            (self.padding, "padding", 0),
        ):
            if value < least:
                return f"A {name} of {value} makes no sense: it must be at least {least}."
        for n, margin, size, span, axis in zip(
            (rows, columns), self.margin(rows), (self.height, self.width), self.span, ("rows", "columns"), strict=True
        ):
            if span > n + 2 * margin:
                return _too_wide(n, margin, size, span, self.dilation, axis)
        return None


def _too_wide(n: int, margin: int, size: int, span: int, dilation: int, axis: str) -> str:
    have = f"{n} {axis}" + (f" + 2·{margin} of padding = {n + 2 * margin}" if margin else "")
    wide = f"{size} taps" + (f" at dilation {dilation}" if dilation > 1 else "")
    fits = (n + 2 * margin - 1) // (size - 1)
    way_out = f"padding ≥ {-(-(span - n) // 2)}" + (f" or dilation ≤ {fits}" if fits >= 1 and dilation > 1 else "")
    return f"{wide} span {span} {axis}, but the input has only {have}. Choose {way_out}, or a smaller kernel."


def pad(
    x: Float[Tensor, "channel row column"], slide: Slide, value: float = 0.0
) -> Float[Tensor, "channel padded_row padded_column"]:
    """Put the slide's margin of `value` around each channel."""
    rows, columns = slide.margin(x.shape[1])
    return torch.nn.functional.pad(x, (columns, columns, rows, rows), value=value)


def windows(
    x: Float[Tensor, "channel row column"], slide: Slide, value: float = 0.0
) -> Float[Tensor, "channel out_row out_column height width"]:
    """What each output cell sees: a view into the padded input, nothing is copied.

    Raises ValueError, with a way out, where the window does not fit.
    """
    if problem := slide.problem(*x.shape[1:]):
        raise ValueError(problem)
    padded = pad(x, slide, value)
    channel, row, column = padded.stride()
    return padded.as_strided(
        (len(x), *slide.output(*x.shape[1:]), slide.height, slide.width),
        (channel, row * slide.stride, column * slide.stride, row * slide.dilation, column * slide.dilation),
    )


def convolve(
    x: Float[Tensor, "channel row column"],
    kernel: Float[Tensor, "channel height width"],
    slide: Slide,
    bias: float = 0.0,
) -> Float[Tensor, "out_row out_column"]:
    """One feature map: at each stop, the products of window and kernel summed over cells and channels, plus bias.

    y[i, j] = b + Σ_c Σ_u Σ_v x[c, i·s + u·d − p, j·s + v·d − p] · k[c, u, v]
    """
    return torch.einsum("cijuv,cuv->ij", windows(x, slide), kernel) + bias


def max_pool(
    x: Float[Tensor, "channel row column"], slide: Slide
) -> tuple[Float[Tensor, "channel out_row out_column"], Int[Tensor, "channel out_row out_column"]]:
    """The strongest activation under each window, and which of the window's cells (counted row by row) it was.

    Padding is −∞, so a padded cell never wins; the first of equals does.
    """
    seen = windows(x, slide, value=-torch.inf).flatten(3)
    return seen.amax(-1), seen.argmax(-1)


def average_pool(x: Float[Tensor, "channel row column"], slide: Slide) -> Float[Tensor, "channel out_row out_column"]:
    """The mean under each window; padded zeros count, as they do in torch by default."""
    return windows(x, slide).mean((-1, -2))


def spread(y: Float[Tensor, "out_row out_column"], slide: Slide, shape: tuple[int, int]) -> Float[Tensor, "row column"]:
    """How strongly each input cell lay under windows that fired: the largest max(y, 0) over them, scaled to [0, 1]."""
    fired = y.clamp(min=0) / y.clamp(min=0).max().clamp(min=1e-12)
    (top, left), (height, width) = slide.margin(shape[0]), shape
    seen = torch.zeros(height + 2 * top, width + 2 * left, dtype=y.dtype)
    for u in range(slide.height):
        for v in range(slide.width):
            rows = slice(u * slide.dilation, u * slide.dilation + slide.stride * (len(y) - 1) + 1, slide.stride)
            columns = slice(v * slide.dilation, v * slide.dilation + slide.stride * (y.shape[1] - 1) + 1, slide.stride)
            seen[rows, columns] = torch.maximum(seen[rows, columns], fired)
    return seen[top : top + height, left : left + width]


def multiply_adds(kernel: Float[Tensor, "channel height width"], out: tuple[int, int]) -> int:
    """Multiply-adds for one feature map of size `out`: one for each weight at each stop.

    >>> multiply_adds(torch.ones(1, 3, 3), (2, 2))
    36
    """
    return kernel.numel() * out[0] * out[1]


def kernel(name: str, size: int) -> Float[Tensor, "size size"]:
    """A size × size kernel known by what it fires on; row 0 is the lowest frequency, columns are time.

    rising: 1 on the diagonal, −1 off it; falling: its mirror; onset: −1 before, 1 after; held: a line between two
    darker ones; blur: the mean; identity: 1 in the middle. onset and held sum to 0, so an even loudness gives 0.
    Raises ValueError for another name.
    """
    if name not in KERNELS:
        raise ValueError(f"No kernel is called {name!r}; there are {', '.join(KERNELS)}.")
    return KERNELS[name](size).double()


def _edge(size: int) -> Tensor:
    """−1 … 1 across `size` cells, in two equal halves (the middle of an odd number is 0)."""
    return torch.sign(torch.arange(size) - (size - 1) / 2)


def _line(size: int) -> Tensor:
    """1 on the middle cell, and as much below zero spread over the others."""
    line = torch.full((size,), -1 / max(size - 1, 1))
    line[size // 2] = 1.0
    return line


KERNELS = {
    "rising": lambda n: 2 * torch.eye(n) - 1,
    "falling": lambda n: (2 * torch.eye(n) - 1).flip(1),
    "onset": lambda n: _edge(n).expand(n, n),
    "held": lambda n: _line(n)[:, None].expand(n, n),
    "blur": lambda n: torch.full((n, n), 1 / n**2),
    "identity": lambda n: torch.nn.functional.one_hot(torch.tensor([n * (n // 2) + n // 2]), n * n).reshape(n, n),
}
