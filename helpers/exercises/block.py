"""Exercises on a transformer's block: layer norm, and the shapes where a decoder looks at an encoder.

Notebook: 06_transformers. The oracles are torch's own function, and a network that is run.
"""

from collections.abc import Iterator
from functools import cache

import torch
from jaxtyping import Float
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from helpers.exercises import exercise


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
