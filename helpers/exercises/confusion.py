"""Exercises on the confusion matrix.

Notebook: 04_cnns.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Int
from torch import Generator, Tensor

from helpers.exercises import exercise

Classes = Int[Tensor, "note"]


def _guesses(generator: Generator) -> Iterator[tuple[Classes, Classes, int]]:
    yield torch.tensor([0, 0, 1]), torch.tensor([0, 1, 1]), 2
    yield torch.tensor([1, 1, 1, 0]), torch.tensor([0, 0, 1, 0]), 3
    for notes, classes in ((12, 3), (40, 4), (100, 11)):
        yield *torch.randint(classes, (2, notes), generator=generator), classes


@exercise(_guesses)
def confusion_matrix(truth: Classes, guess: Classes, classes: int) -> Int[Tensor, "classes classes"]:
    """How many notes of each class (row) were taken for each class (column)."""
    return torch.stack([truth, guess]).T.unsqueeze(1).eq(_pairs(classes)).all(-1).sum(0).reshape(classes, classes)


def _pairs(classes: int) -> Int[Tensor, "pair 2"]:
    return torch.cartesian_prod(torch.arange(classes), torch.arange(classes))


@confusion_matrix.mistake
def transposed(truth, guess, classes):
    """Your rows are guesses and your columns the truth; it should be the other way round."""
    return confusion_matrix(guess, truth, classes)


@confusion_matrix.mistake
def shares(truth, guess, classes):
    """Your rows are shares; counts are asked for, which also tell how many notes stand behind a row."""
    counts = confusion_matrix(truth, guess, classes)
    return counts / counts.sum(1, keepdim=True).clamp(min=1)


@confusion_matrix.mistake
def shares_of_nothing(truth, guess, classes):
    """Your rows are shares, and a class with no notes gives NaN. Counts are asked for."""
    counts = confusion_matrix(truth, guess, classes)
    return counts / counts.sum(1, keepdim=True)


@confusion_matrix.mistake
def shares_of_all(truth, guess, classes):
    """Your cells add up to 1: you divided by the number of notes. Counts are asked for."""
    return confusion_matrix(truth, guess, classes) / len(truth)


@confusion_matrix.mistake
def repeats_lost(truth, guess, classes):
    """A confusion that happens twice counts once in yours. Adding 1 at many places at once forgets places that
    repeat."""
    return confusion_matrix(truth, guess, classes).clamp(max=1)


@confusion_matrix.mistake
def only_classes_seen(truth, guess, classes):
    """Your last class has no row: it is missing whenever no note of it occurs. How many rows does `classes` ask
    for?"""
    seen = int(max(truth.max(), guess.max())) + 1
    return confusion_matrix(truth, guess, seen)


@confusion_matrix.mistake
def diagonal(truth, guess, classes):
    """You count right guesses only. The other cells say what was taken for what."""
    return confusion_matrix(truth[truth == guess], guess[truth == guess], classes)


@confusion_matrix.mistake
def mistakes_only(truth, guess, classes):
    """You count wrong guesses only. Those that were right have their cells too."""
    return confusion_matrix(truth[truth != guess], guess[truth != guess], classes)


@confusion_matrix.mistake
def last_lost(truth, guess, classes):
    """You stop one note early: the last one is not counted."""
    return confusion_matrix(truth[:-1], guess[:-1], classes)


@confusion_matrix.mistake
def floats(truth, guess, classes):
    """The counts are right, but whole numbers are asked for, and your table is made of floats. Which dtype does a
    table of zeros have if you name none?"""
    return confusion_matrix(truth, guess, classes).double()
