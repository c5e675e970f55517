"""Exercise on embeddings: where the gradient of a lookup goes.

Notebook: 06_transformers. The oracle: a one-hot matrix times what comes back.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor
from torch.nn.functional import one_hot

from helpers.exercises import exercise


def _texts(generator: Generator) -> Iterator[tuple[Tensor, Tensor, int]]:
    yield torch.tensor([2, 0, 2]), torch.tensor([[1.0, 2.0], [3.0, 4.0], [10.0, 20.0]]), 4
    for time, width, size in ((1, 3, 2), (6, 2, 3), (9, 4, 5)):
        tokens = torch.randint(size, (time,), generator=generator)
        yield tokens, torch.randn(time, width, generator=generator), size


@exercise(_texts)
def embedding_gradient(
    tokens: Int[Tensor, "time"], upstream: Float[Tensor, "time width"], size: int
) -> Float[Tensor, "size width"]:
    """Each row of the table gets the sum of what comes back from the places where its token stood."""
    return one_hot(tokens, size).to(upstream.dtype).T @ upstream


@embedding_gradient.mistake
def the_last(tokens, upstream, size):
    """Of a token that stands twice, only the last place counts in yours. Both used the same row."""
    rows = upstream.new_zeros(size, upstream.shape[1])
    for token, row in zip(tokens, upstream):
        rows[token] = row
    return rows


@embedding_gradient.mistake
def the_first(tokens, upstream, size):
    """Of a token that stands twice, only the first place counts in yours. Both used the same row."""
    return the_last(tokens.flip(0), upstream.flip(0), size)


@embedding_gradient.mistake
def the_mean(tokens, upstream, size):
    """You take the mean over a token's places. A row that is used twice has a say twice."""
    used = one_hot(tokens, size).sum(0).clamp(min=1)
    return embedding_gradient(tokens, upstream, size) / used[:, None]


@embedding_gradient.mistake
def by_place(tokens, upstream, size):
    """You return a row for each place of the text. The gradient is one of the table: a row for each token there is."""
    return upstream


@embedding_gradient.mistake
def everyone(tokens, upstream, size):
    """Every row of yours gets something. What comes back to a row whose token does not stand in the text?"""
    return upstream.sum(0).expand(size, -1)


@embedding_gradient.mistake
def counted(tokens, upstream, size):
    """You count how often each token stands there. What comes back from each place is in the second argument."""
    return one_hot(tokens, size).sum(0).to(upstream.dtype)[:, None].expand(-1, upstream.shape[1])


@embedding_gradient.mistake
def downhill(tokens, upstream, size):
    """The sign is the wrong way round: a gradient points uphill, and it is the optimiser that turns it."""
    return -embedding_gradient(tokens, upstream, size)


@embedding_gradient.mistake
def on_its_side(tokens, upstream, size):
    """Your gradient is turned on its side: it has a row for each dimension. It should have the shape of the table."""
    return embedding_gradient(tokens, upstream, size).T
