"""Exercises on epochs: how many steps one has, and when to stop.

Notebook: 03_gradient_descent. The oracles count batches one by one, and read a whole validation curve.
"""

from collections.abc import Iterator

import torch
from torch import Generator

from helpers.exercises import exercise


def _sizes(generator: Generator) -> Iterator[tuple[int, int]]:
    yield from ((200, 200), (200, 1), (200, 50), (200, 32), (201, 200), (7, 3), (60_000, 128))


@exercise(_sizes)
def steps_per_epoch(samples: int, batch: int) -> int:
    """How many batches there are when all samples are dealt out, the last one perhaps not full."""
    return len(range(0, samples, batch))


@steps_per_epoch.mistake
def dropped(samples, batch):
    """You leave out the samples that fill no batch. They are to be seen as well, in a smaller one."""
    return samples // batch


@steps_per_epoch.mistake
def one_more(samples, batch):
    """You count a last, smaller batch even where all batches are full."""
    return samples // batch + 1


@steps_per_epoch.mistake
def rounded(samples, batch):
    """You round to the nearest whole number: a last batch that is less than half full is a step as well."""
    return round(samples / batch)


@steps_per_epoch.mistake
def a_share(samples, batch):
    """That is no whole number of steps. What happens with the samples that fill no batch?"""
    return samples / batch


@steps_per_epoch.mistake
def each_sample(samples, batch):
    """That is a step for each sample, whatever the batch."""
    return samples


@steps_per_epoch.mistake
def upside_down(samples, batch):
    """A larger batch gives you more steps. Should it?"""
    return batch / samples


def _curves(generator: Generator) -> Iterator[tuple[list[float], int]]:
    yield [3.0, 2.0, 1.0, 1.5, 1.6, 1.7, 0.5, 0.4], 3  # better again, but too late
    yield [3.0, 2.0, 1.0, 1.5, 0.9, 1.2, 1.3], 2
    yield [3.0, 2.0, 2.0, 2.0, 1.0], 2  # as good is not better
    yield [5.0, 4.0, 4.5, 4.2, 4.1, 3.0, 3.5], 4  # falling again, yet above the best
    yield [3.0, 2.0, 1.0], 2  # to the end
    yield [1.0, 2.0, 3.0, 4.0], 1
    for patience in (2, 4):
        noise = torch.rand(30, generator=generator, dtype=torch.float64)
        yield ((torch.arange(30) / 10 - 1.2) ** 2 + noise).tolist(), patience


@exercise(_curves)
def early_stop(valid_loss: list[float], patience: int) -> tuple[int, int]:
    """(the epoch after which training stops, the epoch whose weights are kept), both counted from 0.

    Each epoch's best so far is found anew by a look at the whole curve up to there.
    """
    for epoch in range(len(valid_loss)):
        best = min(range(epoch + 1), key=lambda e: valid_loss[e])
        if epoch - best >= patience:
            return epoch, best
    return len(valid_loss) - 1, min(range(len(valid_loss)), key=lambda e: valid_loss[e])


def _watch(valid_loss, patience, better):
    """Go along the curve; better(loss, best loss, loss of the epoch before) resets the count of bad epochs."""
    best = since = 0
    for epoch, loss in enumerate(valid_loss):
        if epoch and better(loss, valid_loss[best], valid_loss[epoch - 1]):
            best, since = epoch, 0
        elif epoch:
            since += 1
        if since >= patience:
            return epoch, best
    return len(valid_loss) - 1, best


@early_stop.mistake
def to_the_end(valid_loss, patience):
    """You look at the whole curve. When training stops early, nobody knows what would have come later."""
    return len(valid_loss) - 1, min(range(len(valid_loss)), key=lambda e: valid_loss[e])


@early_stop.mistake
def keeps_the_last(valid_loss, patience):
    """You stop in time, but keep the weights of the last epoch. Which ones did best on the validation data?"""
    stop, _ = early_stop(valid_loss, patience)
    return stop, stop


@early_stop.mistake
def swapped(valid_loss, patience):
    """Right, but in the other order: first the epoch after which training stops."""
    return early_stop(valid_loss, patience)[::-1]


@early_stop.mistake
def impatient(valid_loss, patience):
    """You stop one epoch too soon: the last one that patience allows may still be better."""
    return early_stop(valid_loss, max(patience - 1, 1)) if patience > 1 else (0, 0)


@early_stop.mistake
def too_patient(valid_loss, patience):
    """You wait one epoch too long: after as many without a better one as patience says, it is over."""
    return early_stop(valid_loss, patience + 1)


@early_stop.mistake
def since_the_last(valid_loss, patience):
    """You compare with the epoch before. A loss that falls again may still be above the best one."""
    return _watch(valid_loss, patience, lambda loss, best, last: loss < last)


@early_stop.mistake
def as_good(valid_loss, patience):
    """You take an epoch that is as good as the best one for a better one."""
    return _watch(valid_loss, patience, lambda loss, best, last: loss <= best)


@early_stop.mistake
def counted_from_one(valid_loss, patience):
    """You count epochs from 1; here the first one is number 0."""
    stop, best = early_stop(valid_loss, patience)
    return stop + 1, best + 1


@early_stop.mistake
def never_forgets(valid_loss, patience):
    """You add up all epochs that were no better. A better one makes the count begin anew."""
    best = since = 0
    for epoch, loss in enumerate(valid_loss):
        if loss < valid_loss[best]:
            best = epoch
        elif epoch:
            since += 1
        if since >= patience:
            return epoch, best
    return len(valid_loss) - 1, best
