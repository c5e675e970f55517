"""Exercises on activations: which notes excite a unit most.

Notebook: 04_cnns. After Zeiler and Fergus, "Visualizing and understanding convolutional networks", 2014.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from helpers.exercises import exercise

Activation = Float[Tensor, "note unit height width"]


def _activations(generator: Generator) -> Iterator[tuple[Activation, int, int]]:
    yield torch.tensor([[1.0, 0.0], [3.0, 2.0], [2.0, 5.0], [4.0, -9.0]])[:, :, None, None], 0, 3
    for notes, units, height, width, unit, k in ((4, 4, 2, 2, 1, 2), (9, 3, 4, 5, 2, 4), (20, 8, 4, 4, 5, 9)):
        yield torch.randn(notes, units, height, width, generator=generator), unit, k


@exercise(_activations)
def top_notes(activation: Activation, unit: int, k: int) -> Int[Tensor, "k"]:
    """The k notes whose map has the largest cell, strongest first."""
    return _strongest(activation[:, unit], k)


def _strongest(maps: Float[Tensor, "note height width"], k: int) -> Int[Tensor, "k"]:
    return maps.amax((1, 2)).topk(k).indices


@top_notes.mistake
def weakest_first(activation, unit, k):
    """The right notes, weakest first. Turn them round."""
    return top_notes(activation, unit, k).flip(0)


@top_notes.mistake
def least(activation, unit, k):
    """Those are the notes that excite the unit least."""
    return (-activation[:, unit].amax((1, 2))).topk(k).indices


@top_notes.mistake
def by_mean(activation, unit, k):
    """You rank by the mean of the map. A unit that fires once, strongly, would lose against one that hums
    along."""
    return activation[:, unit].mean((1, 2)).topk(k).indices


@top_notes.mistake
def by_sum(activation, unit, k):
    """You rank by the sum of the map; its strongest cell decides."""
    return activation[:, unit].clamp(min=0).sum((1, 2)).topk(k).indices


@top_notes.mistake
def by_absolute(activation, unit, k):
    """You rank by size without sign: a strong negative response is no excitement."""
    return _strongest(activation[:, unit].abs(), k)


@top_notes.mistake
def values(activation, unit, k):
    """Those are activations. Which notes did they come from?"""
    return activation[:, unit].amax((1, 2)).topk(k).values


@top_notes.mistake
def axes_swapped(activation, unit, k):
    """You picked a note and ranked its units. The first axis counts notes, the second units."""
    return _strongest(activation[unit], k)


@top_notes.mistake
def all_units(activation, unit, k):
    """You rank by all units together; only one was asked about."""
    return _strongest(activation.amax(1), k)


@top_notes.mistake
def everything(activation, unit, k):
    """The order is right, but you return every note; k were asked for."""
    return _strongest(activation[:, unit], len(activation))


@top_notes.mistake
def by_number(activation, unit, k):
    """The right notes, in order of their number. The most exciting one comes first."""
    return top_notes(activation, unit, k).sort().values


@top_notes.mistake
def cells(activation, unit, k):
    """You rank cells and return their places in all maps laid end to end. Rank notes: what is the best cell of
    each?"""
    return activation[:, unit].flatten().topk(k).indices


@top_notes.mistake
def both_halves(activation, unit, k):
    """You return two things, how strong and which, as topk and sort give them. Which of the two was asked for?"""
    return activation[:, unit].amax((1, 2)).topk(k)
