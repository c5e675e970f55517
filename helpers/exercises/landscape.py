"""Exercises on loss landscapes.

Notebook: 03_gradient_descent. The oracle is torch's own renormalisation of rows.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from helpers.exercises import exercise


def _layers(generator: Generator) -> Iterator[tuple[Float[Tensor, "filter ..."], Float[Tensor, "filter ..."]]]:
    yield torch.tensor([[3.0, 4.0], [0.0, 2.0]]), torch.tensor([[1.0, 0.0], [0.0, 5.0]])
    for shape in ((3, 3), (2, 5), (4, 1, 3, 3), (3, 2, 2, 2), (4, 6)):
        direction, weight = torch.randn(2, *shape, generator=generator)
        yield direction, weight * torch.linspace(0.5, 3, len(weight)).view(-1, *[1] * (len(shape) - 1))


@exercise(_layers)
def filter_normalise(direction: Float[Tensor, "filter ..."], weight: Float[Tensor, "filter ..."]) -> Float[Tensor, "filter ..."]:
    """Give each filter of a direction the length of that filter of the weights, and leave the way it points."""
    length = torch.linalg.vector_norm
    ones = torch.nn.functional.normalize(direction.flatten(1), dim=1)
    return (ones * length(weight.flatten(1), dim=1, keepdim=True)).view_as(direction)


def _scaled(direction: Tensor, factor: Tensor) -> Tensor:
    return direction * factor.view(-1, *[1] * (direction.ndim - 1))


def _lengths(x: Tensor) -> Tensor:
    return x.flatten(1).norm(dim=1)


@filter_normalise.mistake
def whole_layer(direction, weight):
    """You scale the whole layer by one factor. Each filter, a slice along the first axis, has a length of its own."""
    return direction * (weight.norm() / direction.norm())


@filter_normalise.mistake
def unit_length(direction, weight):
    """Each of your filters has length one. How long is the same filter of the weights?"""
    return _scaled(direction, 1 / _lengths(direction))


@filter_normalise.mistake
def only_stretched(direction, weight):
    """You stretch each filter by the length it should have, but it had a length of its own before."""
    return _scaled(direction, _lengths(weight))


@filter_normalise.mistake
def upside_down(direction, weight):
    """You have taken the ratio of the two lengths the wrong way round."""
    return _scaled(direction, _lengths(direction) / _lengths(weight))


@filter_normalise.mistake
def squares(direction, weight):
    """You compare squared lengths. What is left to do after adding up the squares?"""
    return _scaled(direction, (_lengths(weight) / _lengths(direction)) ** 2)


@filter_normalise.mistake
def sums_of_sizes(direction, weight):
    """You measure a filter by the sum of its sizes without sign; a length adds up squares and takes the root."""
    return _scaled(direction, weight.flatten(1).abs().sum(1) / direction.flatten(1).abs().sum(1))


@filter_normalise.mistake
def wrong_axis(direction, weight):
    """You measure along the first axis, across the filters. A filter is everything that belongs to one place on that axis."""
    return direction * (weight.norm(dim=0) / direction.norm(dim=0))


@filter_normalise.mistake
def last_axis_only(direction, weight):
    """You measure along the last axis only. A filter of a convolution has channels, rows and columns, and one length for all."""
    return direction * (weight.norm(dim=-1, keepdim=True) / direction.norm(dim=-1, keepdim=True))


@filter_normalise.mistake
def the_weights(direction, weight):
    """You return the weights themselves: the lengths are right, but the direction is no longer the one that was drawn."""
    return weight.clone()
