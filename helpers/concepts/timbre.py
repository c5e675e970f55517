"""What can be said of a note's timbre in one number, how far two are apart, in which direction of a map it grows.

Notebook: 07a_autoencoders.
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

Pictures = Float[Tensor, "picture harmonic column"]
Cells = Float[Tensor | np.ndarray, "*picture harmonic column"]
Values = Float[Tensor, "point"]
RANGE_DB = 60.0  # of a picture of harmonics: 1 is the loudest cell, 0 is silent


def amplitude(pictures: Pictures) -> Pictures:
    """The amplitude of each cell of a picture of harmonics, 1 for its loudest; a cell of 0 is silent."""
    return 10 ** (RANGE_DB / 20 * (pictures - 1)) * (pictures > 0)


def level(amplitudes: Pictures) -> Pictures:
    """The cell that has this amplitude, the other way round; below -60 dB it is 0."""
    return (1 + 20 / RANGE_DB * torch.log10(amplitudes.clamp(min=1e-12))).clamp(0, 1)


def brightness(pictures: Pictures) -> Float[Tensor, "picture"]:
    """The mean number of a note's harmonics, each as often as its power says: 1 where only the fundamental sounds."""
    power = amplitude(pictures).square().sum(2)
    number = torch.arange(1, pictures.shape[1] + 1, dtype=pictures.dtype)
    return (power * number).sum(1) / power.sum(1).clamp(min=1e-30)


def fading(pictures: Pictures) -> Float[Tensor, "picture"]:
    """By how many dB the power falls from the first half of the columns to the second; at most 60 either way."""
    power, half = amplitude(pictures).square(), pictures.shape[2] // 2
    ratio = power[:, :, :half].sum((1, 2)).clamp(min=1e-30) / power[:, :, half:].sum((1, 2)).clamp(min=1e-30)
    return (10 * torch.log10(ratio)).clamp(-RANGE_DB, RANGE_DB)


def off_db(made: Cells, wanted: Cells) -> float:
    """Root of the mean squared difference of all cells, in dB."""
    return RANGE_DB * float(((made - wanted) ** 2).mean() ** 0.5)


def uphill(places: Float[Tensor, "point 2"], values: Values) -> tuple[Float[Tensor, "2"], float]:
    """(slope, share): of the plane through these values with the least squared error; the share of their variance it explains.

    The slope points to where the value grows fastest, and is as long as it grows for one step. Raises ValueError for fewer
    than three points.
    """
    if len(places) < 3:
        raise ValueError(f"{len(places)} points; a plane goes through three at least.")
    x = (places - places.mean(0)).double()
    y = (values - values.mean()).double()
    slope = torch.linalg.lstsq(x, y[:, None]).solution[:, 0]
    left = (y - x @ slope).square().sum() / y.square().sum().clamp(min=1e-30)
    return slope.to(places), float(1 - left)
