"""Exercises on spectrograms: from power to decibels, scaled as a network likes it.

Notebook: 04_cnns.
"""

from collections.abc import Callable, Iterator

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from helpers.exercises import exercise

RANGE_DB = 80
Spectrogram = Float[Tensor, "row column"]


def _powers(generator: Generator) -> Iterator[tuple[Spectrogram]]:
    yield (torch.tensor([[100.0, 1.0], [10.0, 0.1]]),)
    yield (torch.tensor([[1e-3, 1.0], [0.0, 1e-12]]),)
    yield (torch.tensor([[1e-4, 1e-9], [1e-13, 0.0]]),)
    yield (torch.tensor([[5.0, 5.0, 0.5]]),)
    for rows, columns in ((4, 3), (16, 8)):
        yield (10 ** (3 - 12 * torch.rand(rows, columns, generator=generator)),)


@exercise(_powers)
def decibels(power: Spectrogram) -> Spectrogram:
    """Level of each cell below the loudest, from -80 dB or less (0) to 0 dB (1)."""
    return 1 + _level(power).clamp(min=-RANGE_DB) / RANGE_DB


def _level(power: Tensor) -> Tensor:
    return 10 * (power / power.max()).log10()


@decibels.mistake
def twenty(power):
    """A factor of 20 belongs to amplitudes. Power is an amplitude squared already."""
    return 1 + (2 * _level(power)).clamp(min=-RANGE_DB) / RANGE_DB


@decibels.mistake
def natural_logarithm(power):
    """That is ten times the natural logarithm. Decibels count powers of ten."""
    return 1 + (10 * (power / power.max()).log()).clamp(min=-RANGE_DB) / RANGE_DB


@decibels.mistake
def bels(power):
    """Those are bels. A decibel is a tenth of one, so there are more of them."""
    return 1 + (_level(power) / 10).clamp(min=-RANGE_DB) / RANGE_DB


@decibels.mistake
def absolute(power):
    """Your 0 dB is a power of 1. Here it is the loudest cell of the picture, whatever its power."""
    return (1 + 10 * power.log10() / RANGE_DB).clamp(0, 1)


@decibels.mistake
def absolute_and_unlimited(power):
    """Your 0 dB is a power of 1, and nothing keeps the values between 0 and 1. Where is the loudest cell?"""
    return 1 + 10 * power.log10() / RANGE_DB


@decibels.mistake
def unlimited(power):
    """Some of your values are below 0: cells more than 80 dB under the loudest still have to end at 0."""
    return 1 + _level(power) / RANGE_DB


@decibels.mistake
def not_scaled(power):
    """Those are decibels, from -80 to 0. One step is missing: bring them into the range from 0 to 1."""
    return _level(power).clamp(min=-RANGE_DB)


@decibels.mistake
def not_scaled_and_unlimited(power):
    """Those are decibels, and some lie under -80. Limit them there, then bring them into the range from 0 to
    1."""
    return _level(power)


@decibels.mistake
def upside_down(power):
    """Upside down: your loudest cell gives 0 and your quietest 1."""
    return -_level(power).clamp(min=-RANGE_DB) / RANGE_DB


@decibels.mistake
def each_column(power):
    """Each of your columns has its own 0 dB, so a fade-out would vanish. One loudest cell serves the whole
    picture."""
    return 1 + (10 * (power / power.amax(0)).log10()).clamp(min=-RANGE_DB) / RANGE_DB


@decibels.mistake
def each_row(power):
    """Each of your rows has its own 0 dB, so every band looks equally loud. One loudest cell serves the whole
    picture."""
    return 1 + (10 * (power / power.amax(1, keepdim=True)).log10()).clamp(min=-RANGE_DB) / RANGE_DB


@decibels.mistake
def stretched(power):
    """Your quietest cell always gives 0, whatever its level. The range is fixed: 80 dB."""
    level = _level(power).clamp(min=-RANGE_DB)
    return (level - level.min()) / (level.max() - level.min())


@decibels.mistake
def stretched_and_unlimited(power):
    """You stretch whatever there is from 0 to 1, so nothing is ever cut off. What becomes of a cell 120 dB down, and
    of one 40 dB down?"""
    level = _level(power)
    if level.isinf().any():
        raise ValueError("there is nothing to stretch to")
    return (level - level.min()) / (level.max() - level.min())


def _with_constant(eps: float, added_to: str) -> Callable:
    def constant(power):
        share = power / power.max() + eps if added_to == "share" else (power + eps) / (power.max() + eps)
        return 1 + (10 * share.log10()).clamp(min=-RANGE_DB) / RANGE_DB

    constant.__name__ = f"{eps:g}_added_to_each_{added_to}"
    constant.__doc__ = f"""A constant of {eps:g}, added to each {added_to} before the logarithm, makes your quiet cells too
        loud. What share of the loudest power lies 80 dB below it?"""
    return constant


# Any smaller one stays within the tolerance.
for _eps in (1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4):
    decibels.mistake(_with_constant(_eps, "share"))
    decibels.mistake(_with_constant(_eps, "power"))


@decibels.mistake
def linear(power):
    """That is power on a linear scale, where all but the loudest partials are black. Where is the logarithm?"""
    return power / power.max()
