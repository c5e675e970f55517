"""Exercises on attention: the formula, the causal mask, the heads' shares.

Notebook: 06_transformers. The oracles are torch's own functions.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor
from torch.nn import functional as F

from helpers.exercises import exercise


def _triples(generator: Generator) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    yield torch.tensor([[1.0, 0.0]]), torch.tensor([[2.0, 0.0], [0.0, 2.0]]), torch.tensor([[1.0, 0.0], [0.0, 3.0]])
    for queries, keys, width, value in ((3, 3, 4, 4), (2, 5, 6, 3), (4, 4, 9, 9)):
        shapes = ((queries, width), (keys, width), (keys, value))
        yield tuple(2 * torch.randn(*shape, generator=generator) for shape in shapes)


@exercise(_triples)
def dot_product_attention(
    Q: Float[Tensor, "query width"], K: Float[Tensor, "key width"], V: Float[Tensor, "key value"]
) -> Float[Tensor, "query value"]:
    """Scaled dot-product attention without a mask."""
    return F.scaled_dot_product_attention(Q, K, V)


@dot_product_attention.mistake
def unscaled(Q, K, V):
    """Your scores are not scaled: the wider the queries, the sharper your weights. Something brings them down first."""
    return F.scaled_dot_product_attention(Q, K, V, scale=1.0)


@dot_product_attention.mistake
def by_width(Q, K, V):
    """You divide the scores by too much. A sum of random products does not grow as fast as the number of its terms."""
    return F.scaled_dot_product_attention(Q, K, V, scale=1 / Q.shape[1])


@dot_product_attention.mistake
def by_keys(Q, K, V):
    """Your scale depends on how many keys there are. It should depend on how wide one of them is."""
    return F.scaled_dot_product_attention(Q, K, V, scale=len(K) ** -0.5)


@dot_product_attention.mistake
def over_queries(Q, K, V):
    """Your weights add up to one over those who look. They should do so over what each of them looks at."""
    return (Q @ K.T / Q.shape[1] ** 0.5).softmax(0) @ V


@dot_product_attention.mistake
def no_softmax(Q, K, V):
    """You mix the values with the scores themselves. Weights are positive, and each row of them adds up to one."""
    return Q @ K.T / Q.shape[1] ** 0.5 @ V


@dot_product_attention.mistake
def only_weights(Q, K, V):
    """Those are the weights. What is there to be weighed with them?"""
    return (Q @ K.T / Q.shape[1] ** 0.5).softmax(1)


@dot_product_attention.mistake
def swapped(Q, K, V):
    """Your queries and your keys have changed places: whoever looks has a row of the matrix."""
    return F.scaled_dot_product_attention(K, Q, V)


@dot_product_attention.mistake
def uniform(Q, K, V):
    """All places count alike in yours: a plain mean, whatever the queries ask."""
    return V.mean(0).expand(len(Q), -1)


@dot_product_attention.mistake
def hardest(Q, K, V):
    """You take the best match alone. The softmax leaves something for the others."""
    return V[(Q @ K.T).argmax(1)]


def _scores(generator: Generator) -> Iterator[tuple[Float[Tensor, "time time"]]]:
    yield (torch.tensor([[0.0, 1.0], [2.0, 3.0]]),)
    for n in (3, 5):
        yield (3 * torch.randn(n, n, generator=generator),)


def _future(scores: Tensor) -> Bool[Tensor, "time time"]:
    return torch.ones_like(scores, dtype=torch.bool).triu(1)


@exercise(_scores)
def causal_weights(scores: Float[Tensor, "time time"]) -> Float[Tensor, "time time"]:
    """Softmax of each row over the places up to and including the row's own."""
    return scores.masked_fill(_future(scores), float("-inf")).softmax(1)


@causal_weights.mistake
def no_mask(scores):
    """Your rows look ahead: a note still to be written has a weight."""
    return scores.softmax(1)


@causal_weights.mistake
def zeroed_after(scores):
    """Your future has no weight, but what is left of a row no longer adds up to one."""
    return scores.softmax(1).tril()


@causal_weights.mistake
def score_of_zero(scores):
    """A score of zero is no ban: the softmax gives it a weight all the same."""
    return scores.tril().softmax(1)


@causal_weights.mistake
def past_hidden(scores):
    """You hide the past and show the future."""
    return scores.masked_fill(_future(scores).T, float("-inf")).softmax(1)


@causal_weights.mistake
def self_hidden(scores):
    """You hide each place from itself as well, and the first one then has nowhere to look."""
    return scores.masked_fill(~_future(scores).T, float("-inf")).softmax(1)


@causal_weights.mistake
def one_ahead(scores):
    """Your rows still see one place ahead of themselves."""
    return scores.masked_fill(torch.ones_like(scores, dtype=torch.bool).triu(2), float("-inf")).softmax(1)


@causal_weights.mistake
def down_columns(scores):
    """The mask is right, but your columns add up to one. Who looks has a row."""
    return scores.masked_fill(_future(scores), float("-inf")).softmax(0)


@causal_weights.mistake
def masked_scores(scores):
    """Those are the masked scores. They are still to be turned into weights."""
    return scores.masked_fill(_future(scores), float("-inf"))


def _sequences(generator: Generator) -> Iterator[tuple[Tensor, int]]:
    yield torch.arange(8.0).reshape(2, 4), 2
    for time, width, heads in ((3, 6, 3), (4, 8, 2), (5, 4, 1)):
        yield torch.randn(time, width, generator=generator), heads


@exercise(_sequences)
def heads_of(x: Float[Tensor, "time width"], heads: int) -> Float[Tensor, "heads time share"]:
    """Each head gets a share of the width, at all times; the first head gets the first numbers."""
    return torch.stack(x.chunk(heads, 1))


@heads_of.mistake
def time_cut(x, heads):
    """Your shape is right, but a head holds numbers of only some of the times. A head sees all times, and part of the width."""
    return x.reshape(heads, len(x), -1)


@heads_of.mistake
def time_first(x, heads):
    """Your first axis is time. The heads come first, so that each of them has a sequence of its own."""
    return x.reshape(len(x), heads, -1)


@heads_of.mistake
def interleaved(x, heads):
    """You deal the numbers out like cards. A head's share is one piece of the width, its neighbours included."""
    return x.reshape(len(x), -1, heads).permute(2, 0, 1)


@heads_of.mistake
def turned(x, heads):
    """Heads come first, but then time: in yours the share stands before it."""
    return torch.stack(x.chunk(heads, 1)).mT


@heads_of.mistake
def copies(x, heads):
    """Every head of yours has the whole width. What would then be cheap about having many?"""
    return x.expand(heads, -1, -1)


@heads_of.mistake
def backwards(x, heads):
    """Right shares, wrong order: the first head gets the first part of the width."""
    return torch.stack(x.chunk(heads, 1)).flip(0)
