"""Pictures of harmonics as the models take them: 24 harmonics by 32 moments, each cell in [0, 1] or one of 32 levels.

Notebooks: 07_generative_models to 07c_diffusion. The pictures are made in helpers/datasets/harmonics.py, which no model needs.
"""

from __future__ import annotations

from jaxtyping import Float, Int
from torch import Tensor

ROWS, COLUMNS = 24, 32
CELLS = ROWS * COLUMNS
LEVELS = 32  # of a cell, from 0 to 1: steps of about 2 dB
KINDS_OF_NOTE = 11  # families, by number
Pictures = Float[Tensor, "picture 24 32"]


def to_levels(pictures: Pictures) -> Int[Tensor, "picture 24 32"]:
    """The nearest of 32 levels of each cell."""
    return (pictures * (LEVELS - 1)).round().long()


def to_picture(levels: Int[Tensor, "picture 24 32"]) -> Pictures:
    """Levels as cells in [0, 1]."""
    return levels.float() / (LEVELS - 1)


def checked_family(family: int) -> int:
    """The number of a family. Raises ValueError for one that stands for none."""
    if not 0 <= family < KINDS_OF_NOTE:
        raise ValueError(f"family is {family}; it is a number from 0 to {KINDS_OF_NOTE - 1}, or None.")
    return family
