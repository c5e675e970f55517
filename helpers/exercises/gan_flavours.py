"""Exercises on a level of a Laplacian pyramid and on a discriminator that is told the family. Notebook: 07b_gans.

The oracles: block means taken by a matrix product, and a sum over the families one by one.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from helpers.exercises import exercise


def _pictures(generator: Generator) -> Iterator[tuple[Tensor]]:
    yield (torch.tensor([[1.0, 2.0], [3.0, 6.0]]),)
    yield (torch.tensor([[0.0, 4.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]]),)
    for size in ((4, 6), (8, 4), (24, 32)):
        yield (torch.rand(size, generator=generator, dtype=torch.float64),)


def _halves(n: int) -> Tensor:
    """(n / 2, n): takes the means of pairs."""
    return torch.eye(n // 2, dtype=torch.float64).repeat_interleave(2, 1) / 2


def _smooth(x: Tensor) -> Tensor:
    """Each 2 × 2 cells replaced by their mean."""
    down, across = _halves(x.shape[0]), _halves(x.shape[1])
    return 4 * down.T @ (down @ x.double() @ across.T) @ across


@exercise(_pictures)
def laplacian_band(x: Float[Tensor, "row column"]) -> Float[Tensor, "row column"]:
    """What a picture has more than its half-size version, each of whose cells is repeated 2 × 2 times."""
    return x.double() - _smooth(x)


@laplacian_band.mistake
def the_other_way(x):
    """Your signs are turned round. The band is what has to be added to the doubled picture."""
    return _smooth(x) - x.double()


@laplacian_band.mistake
def the_doubled(x):
    """That is the small picture, doubled. What does it lack?"""
    return _smooth(x)


@laplacian_band.mistake
def every_second(x):
    """Your small picture keeps one cell of four and forgets three. It should hold something of all four."""
    return x.double() - x.double()[::2, ::2].repeat_interleave(2, 0).repeat_interleave(2, 1)


@laplacian_band.mistake
def loudest(x):
    """Your small picture keeps the loudest of four cells, as pooling in a classifier might. Here it is their mean."""
    most = torch.nn.functional.max_pool2d(x.double()[None], 2)[0]
    return x.double() - most.repeat_interleave(2, 0).repeat_interleave(2, 1)


@laplacian_band.mistake
def added_up(x):
    """Your small picture holds sums of four cells: it is four times too bright."""
    return x.double() - 4 * _smooth(x)


@laplacian_band.mistake
def rows_alone(x):
    """You halve the rows, but not the columns."""
    down = _halves(x.shape[0])
    return x.double() - 2 * down.T @ (down @ x.double())


@laplacian_band.mistake
def columns_alone(x):
    """You halve the columns, but not the rows."""
    across = _halves(x.shape[1])
    return x.double() - 2 * (x.double() @ across.T) @ across


@laplacian_band.mistake
def from_the_whole(x):
    """You took away the mean of the whole picture. The small one has a mean of its own for each block."""
    return x.double() - x.double().mean()


Told = tuple[Float[Tensor, "batch feature"], Float[Tensor, "feature"], Float[Tensor, "family feature"], Int[Tensor, "batch"]]


def _told(generator: Generator) -> Iterator[Told]:
    yield torch.tensor([[1.0, 2.0]]), torch.tensor([1.0, 0.0]), torch.tensor([[0.0, 3.0], [5.0, -1.0]]), torch.tensor([1])
    for batch, width, families in ((3, 3, 4), (5, 4, 11), (5, 5, 5)):
        h, w, e = (torch.randn(size, generator=generator) for size in ((batch, width), (width,), (families, width)))
        yield h, w, e, torch.randint(families, (batch,), generator=generator)


@exercise(_told)
def conditional_score(
    h: Float[Tensor, "batch feature"], w: Float[Tensor, "feature"], e: Float[Tensor, "family feature"], family: Int[Tensor, "batch"]
) -> Float[Tensor, "batch"]:
    """w · h, and e of the family · h: family by family, those of the others count nothing."""
    told = torch.stack([(family == k) * (h @ e[k]) for k in range(len(e))])
    return h @ w + told.sum(0)


@conditional_score.mistake
def not_told(h, w, e, family):
    """Your score is the same whatever the family: a good guitar passes for an organ."""
    return h @ w


@conditional_score.mistake
def only_told(h, w, e, family):
    """You ask only whether it goes with the family. Whether it is a note at all counts as well."""
    return (e[family] * h).sum(1)


@conditional_score.mistake
def multiplied(h, w, e, family):
    """You multiplied the two answers. Two refusals would then make a yes."""
    return (h @ w) * (e[family] * h).sum(1)


@conditional_score.mistake
def all_families(h, w, e, family):
    """Yours adds how well it goes with every family. Only that which was told is asked for."""
    return h @ w + (h @ e.T).sum(1)


@conditional_score.mistake
def best_family(h, w, e, family):
    """Yours looks for the family that fits best, whatever was told. Then the generator may draw what it likes."""
    return h @ w + (h @ e.T).max(1).values


@conditional_score.mistake
def features_forgotten(h, w, e, family):
    """Your second part does not look at the picture: a family then has a bonus that everything told so gets."""
    return h @ w + e[family].sum(1)


@conditional_score.mistake
def taken_away(h, w, e, family):
    """Yours punishes what goes with its family."""
    return h @ w - (e[family] * h).sum(1)


@conditional_score.mistake
def first_for_all(h, w, e, family):
    """You use the first example's family for the whole batch. Each example has its own."""
    return h @ w + h @ e[family[0]]
