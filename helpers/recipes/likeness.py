"""How like the training notes a model's samples are, family by family, in the features of the judge.

A third of the training notes themselves is about 0.2 from all of them; new notes are 6.4. Notebooks: 07b_gans, 07c_diffusion.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from helpers.concepts.fidelity import frechet
from helpers.datasets.harmonics import load_harmonics
from helpers.models import checkpoints
from helpers.models.pictures import KINDS_OF_NOTE, Pictures


@torch.no_grad()
def by_family(sample: Callable[..., Pictures], seed: int = 0, **options: object) -> tuple[Pictures, Int[Tensor, "picture"]]:
    """(pictures, families): of each family a third as many samples as there are training notes.

    sample: called with a count, a seed, `family` and the options.
    """
    thirds = load_harmonics("train").family.bincount(minlength=KINDS_OF_NOTE) // 3
    made = torch.cat([sample(n, seed + k, family=k, **options) for k, n in enumerate(thirds.tolist())])
    return made, torch.repeat_interleave(torch.arange(KINDS_OF_NOTE), thirds)


@torch.no_grad()
def from_training(made: Float[Tensor, "sample 24 32"]) -> float:
    """Fréchet distance in the judge's features from the training notes."""
    judge, _ = checkpoints.load("timbre-judge")
    return frechet(judge.features(load_harmonics("train").picture), judge.features(made))
