"""Exercises on data: divide notes so that a test score means something.

Notebook: 04_cnns.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Bool, Int
from torch import Generator, Tensor

from helpers.exercises import exercise

Mask = Bool[Tensor, "note"]


def _instruments(generator: Generator) -> Iterator[tuple[Int[Tensor, "note"], Int[Tensor, "held"]]]:
    yield torch.tensor([7, 7, 3, 9]), torch.tensor([3])
    yield torch.tensor([5, 2, 5, 8, 2, 4]), torch.tensor([2, 5])
    yield torch.tensor([1, 1, 6]), torch.tensor([4, 6])
    for notes, instruments in ((10, 4), (40, 9)):
        every = torch.randperm(instruments, generator=generator)
        yield torch.randint(instruments, (notes,), generator=generator), every[: instruments // 2]


@exercise(_instruments)
def split_by_instrument(instrument: Int[Tensor, "note"], held_out: Int[Tensor, "held"]) -> tuple[Mask, Mask]:
    """Masks of the notes to train on and to test on: no instrument has notes on both sides."""
    test = (instrument[:, None] == held_out).any(1)
    return ~test, test


@split_by_instrument.mistake
def swapped(instrument, held_out):
    """Training and test are swapped: what is held out is for the test."""
    return split_by_instrument(instrument, held_out)[::-1]


@split_by_instrument.mistake
def train_on_all(instrument, held_out):
    """You train on every note, those of the test included. The network would have heard the answers."""
    train, test = split_by_instrument(instrument, held_out)
    return train | test, test


@split_by_instrument.mistake
def test_on_all(instrument, held_out):
    """You test on every note, those of the training included. A good score would be memory."""
    train, test = split_by_instrument(instrument, held_out)
    return train, train | test


@split_by_instrument.mistake
def first_only(instrument, held_out):
    """You hold out the first instrument of the list only."""
    return split_by_instrument(instrument, held_out[:1])


@split_by_instrument.mistake
def last_only(instrument, held_out):
    """You hold out the last instrument of the list only. Does each step of a loop undo the one before?"""
    return split_by_instrument(instrument, held_out[-1:])


@split_by_instrument.mistake
def by_place(instrument, held_out):
    """You hold out notes by their place in the list; `held_out` names instruments."""
    return split_by_instrument(torch.arange(len(instrument)), held_out)


@split_by_instrument.mistake
def by_number(instrument, held_out):
    """You divide the notes by their number, the last ones for the test: instruments end up on both sides."""
    notes = int(split_by_instrument(instrument, held_out)[1].sum())
    return split_by_instrument(torch.arange(len(instrument)), torch.arange(len(instrument) - notes, len(instrument)))


@split_by_instrument.mistake
def numbers(instrument, held_out):
    """Those are the numbers of the notes. A mask is asked for: True or False for each note."""
    train, test = split_by_instrument(instrument, held_out)
    return train.nonzero().flatten(), test.nonzero().flatten()


@split_by_instrument.mistake
def instruments(instrument, held_out):
    """Those are the instruments. A mask is asked for: True or False for each note."""
    train, test = split_by_instrument(instrument, held_out)
    return instrument[train], instrument[test]


@split_by_instrument.mistake
def zeros_and_ones(instrument, held_out):
    """Your masks are made of 0 and 1. Used as an index, they would pick notes 0 and 1 over and over; True and
    False pick by mask."""
    train, test = split_by_instrument(instrument, held_out)
    return train.int(), test.int()


@split_by_instrument.mistake
def both_the_same(instrument, held_out):
    """Your training mask marks what is held out as well: one mask is to be the opposite of the other."""
    _, test = split_by_instrument(instrument, held_out)
    return test, test
