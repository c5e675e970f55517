"""Exercises on attention: the formula, the causal mask, the heads' shares, layer norm, shapes across, and top-p.

Notebook: 06_transformers. The oracles are torch's own functions, and for shapes a network that is run.
"""

from collections.abc import Iterator
from functools import cache

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor, nn
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


def _places(generator: Generator) -> Iterator[tuple[Float[Tensor, "time width"]]]:
    yield (torch.tensor([[1.0, 3.0, 5.0, 7.0]]),)
    yield (torch.tensor([[2.0, 2.0, 2.0, 2.0], [-1.0, 0.0, 0.0, 1.0]]),)
    for time, width in ((3, 4), (2, 8)):
        yield (5 + 3 * torch.randn(time, width, generator=generator),)


@exercise(_places)
def layer_norm(x: Float[Tensor, "time width"]) -> Float[Tensor, "time width"]:
    """Each place with mean 0 and variance 1 over its width, kept finite by 1e-5 beside the variance."""
    return F.layer_norm(x, x.shape[-1:])


def _standard(x: Tensor, dims: tuple[int, ...] | int, correction: int = 0, eps: float = 1e-5) -> Tensor:
    return (x - x.mean(dims, keepdim=True)) / (x.var(dims, correction=correction, keepdim=True) + eps).sqrt()


@layer_norm.mistake
def over_time(x):
    """You compare each number with its own past and future, as batch norm would. Stay within one place and go along its width."""
    return _standard(x, 0)


@layer_norm.mistake
def over_everything(x):
    """Your mean is that of the whole sequence. Each place has a mean of its own."""
    return _standard(x, (0, 1))


@layer_norm.mistake
def only_centred(x):
    """Your places have mean zero, yet some are still loud and some quiet."""
    return x - x.mean(1, keepdim=True)


@layer_norm.mistake
def not_centred(x):
    """You scale, but do not centre: the mean of a place is still there."""
    return x / (x.square().mean(1, keepdim=True) + 1e-5).sqrt()


@layer_norm.mistake
def scaled_only(x):
    """You divide by the right spread, but forget to take the mean away first."""
    return x / (x.var(1, correction=0, keepdim=True) + 1e-5).sqrt()


@layer_norm.mistake
def by_variance(x):
    """You divide by the variance. Something of the same unit as x itself is needed."""
    return (x - x.mean(1, keepdim=True)) / (x.var(1, correction=0, keepdim=True) + 1e-5)


@layer_norm.mistake
def one_less(x):
    """Your variance is that of a sample, with one less in the denominator. Here the numbers are all there are."""
    return _standard(x, 1, correction=1)


@layer_norm.mistake
def not_finite(x):
    """Right where the numbers of a place differ. Where they are all alike you divide nothing by nothing: keep that finite."""
    return _standard(x, 1, eps=0.0)


def _sizes(generator: Generator) -> Iterator[tuple[int, int, int, int]]:
    yield from ((5, 3, 8, 2), (2, 7, 12, 3), (4, 6, 10, 5))


@cache
def _run(read: int, written: int, width: int, heads: int) -> tuple[tuple[int, ...], ...]:
    oracle = nn.MultiheadAttention(width, heads, batch_first=True)
    source, x = torch.zeros(1, read, width), torch.zeros(1, written, width)
    output, weights = oracle(x, source, source, average_attn_weights=False)
    share = oracle.head_dim
    return (heads, source.shape[1], share), tuple(weights.shape[1:]), tuple(output.shape[1:])


@exercise(_sizes)
def cross_shapes(read: int, written: int, width: int, heads: int) -> tuple[tuple, tuple, tuple]:
    """Shapes of the keys and of the weights with their heads first, and of the output, where a decoder looks at an encoder."""
    return _run(read, written, width, heads)


@cross_shapes.mistake
def wrong_way(read, written, width, heads):
    """In yours the encoder asks and the decoder answers. Who is it that needs to know something?"""
    return _run(written, read, width, heads)


@cross_shapes.mistake
def self_attention(read, written, width, heads):
    """Your keys are those of what is written: that is self-attention. Across means that they come from elsewhere."""
    return _run(written, written, width, heads)


@cross_shapes.mistake
def whole_width(read, written, width, heads):
    """Your heads have the whole width each. They share it."""
    return (heads, read, width), *_run(read, written, width, heads)[1:]


@cross_shapes.mistake
def one_head_out(read, written, width, heads):
    """Your output is as wide as one head. In the end the heads lie side by side again."""
    return *_run(read, written, width, heads)[:2], (written, width // heads)


@cross_shapes.mistake
def weights_turned(read, written, width, heads):
    """Your weights have a row for each place that is looked at. A row belongs to whoever looks."""
    keys, _, output = _run(read, written, width, heads)
    return keys, (heads, read, written), output


@cross_shapes.mistake
def one_matrix(read, written, width, heads):
    """You have one matrix of weights for all heads. Each has its own."""
    keys, weights, output = _run(read, written, width, heads)
    return keys, weights[1:], output


@cross_shapes.mistake
def as_long_as_read(read, written, width, heads):
    """Your output is as long as what was read. Each place that asked gets one answer."""
    return *_run(read, written, width, heads)[:2], (read, width)


def _distributions(generator: Generator) -> Iterator[tuple[Float[Tensor, "symbol"], float]]:
    yield torch.tensor([0.1, 0.6, 0.3]), 0.8
    yield torch.tensor([0.05, 0.15, 0.5, 0.3]), 0.7
    yield torch.tensor([0.2, 0.7, 0.1]), 0.5
    yield torch.tensor([0.12, 0.23, 0.28, 0.26, 0.11]), 0.9
    for n, p in ((6, 0.6), (9, 0.75)):
        yield (2 * torch.randn(n, generator=generator)).softmax(0), p


def _ranked(probabilities: Tensor, p: float, largest: bool = True) -> tuple[Tensor, Tensor]:
    """The order of the symbols, and how many have gone before each in it."""
    order = probabilities.argsort(descending=largest)
    return order, probabilities[order].cumsum(0) - probabilities[order]


@exercise(_distributions)
def nucleus(probabilities: Float[Tensor, "symbol"], p: float) -> Bool[Tensor, "symbol"]:
    """Which symbols top-p keeps: the fewest, most probable ones, that together have at least p."""
    order, before = _ranked(probabilities, p)
    kept = torch.zeros_like(probabilities, dtype=torch.bool)
    kept[order[before < p]] = True
    return kept


@nucleus.mistake
def each_over_p(probabilities, p):
    """You ask each symbol alone to reach p. It is together that they should."""
    return probabilities >= p


@nucleus.mistake
def one_short(probabilities, p):
    """Your symbols together stay below p: the one that would carry them over it is missing."""
    order, before = _ranked(probabilities, p)
    kept = torch.zeros_like(probabilities, dtype=torch.bool)
    kept[order[before + probabilities[order] <= p]] = True
    return kept


@nucleus.mistake
def one_more(probabilities, p):
    """You keep one symbol more than needed: p was reached before it."""
    kept = nucleus(probabilities, p)
    order, _ = _ranked(probabilities, p)
    kept[order[: int(kept.sum()) + 1]] = True
    return kept


@nucleus.mistake
def as_they_stand(probabilities, p):
    """You take the symbols as they stand in the list. The most probable come first."""
    return probabilities.cumsum(0) - probabilities < p


@nucleus.mistake
def least_first(probabilities, p):
    """You begin with the least probable."""
    order, before = _ranked(probabilities, p, largest=False)
    kept = torch.zeros_like(probabilities, dtype=torch.bool)
    kept[order[before < p]] = True
    return kept


@nucleus.mistake
def in_order(probabilities, p):
    """You tell how many are kept, but in the order of their rank. Say it of each symbol at its own place."""
    return _ranked(probabilities, p)[1] < p


@nucleus.mistake
def share_of_symbols(probabilities, p):
    """You keep a share of the symbols, whatever they weigh. It is their probability that is to reach p."""
    kept = torch.zeros_like(probabilities, dtype=torch.bool)
    kept[probabilities.argsort(descending=True)[: max(1, round(p * len(probabilities)))]] = True
    return kept


@nucleus.mistake
def what_is_cut(probabilities, p):
    """You mark what is cut off. Mark what is kept."""
    return ~nucleus(probabilities, p)
