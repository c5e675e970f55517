"""The two smallest generative models of pictures of harmonics: tables that are counted, and a few Gaussians. No gradient.

What the large models of lecture 07 are compared with. Both are fitted in a second on any machine, so that nothing of them is
shipped. Notebook: 07_generative_models. The mathematics: helpers/concepts/naive_bayes.py, mixture.py, principal.py.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from helpers.concepts import mixture, naive_bayes
from helpers.concepts.principal import components
from helpers.models.pictures import CELLS, COLUMNS, KINDS_OF_NOTE, LEVELS, ROWS, Pictures, to_levels, to_picture


class BayesNotes:
    """A table of 32 levels for each family and cell: every cell is drawn for itself. Fitted when it is made."""

    def __init__(self, pictures: Pictures, family: Int[Tensor, "picture"]) -> None:
        self.tables = naive_bayes.count(to_levels(pictures).flatten(1), family, KINDS_OF_NOTE, LEVELS)

    def sample(self, count: int, seed: int = 0) -> Pictures:
        """New pictures, of families as frequent as they were."""
        return to_picture(naive_bayes.sample(self.tables, count, seed)[0].unflatten(1, (ROWS, COLUMNS)))

    def bits_per_cell(self, pictures: Pictures) -> float:
        """The mean of -log2 p of the pictures' levels; exact."""
        nats = -naive_bayes.log_likelihood(to_levels(pictures).flatten(1), self.tables)
        return float(nats.mean()) / CELLS / math.log(2)

    def parameters(self) -> int:
        """Numbers that were fitted: of each table, and of the prior, the last follows from the others."""
        return self.tables.prior.numel() - 1 + KINDS_OF_NOTE * CELLS * (LEVELS - 1)


class MixtureNotes:
    """Gaussians among the first principal components, and as much noise on every cell as lies beyond these.

    axes: how many principal components; parts: how many Gaussians. Fitted when it is made.
    """

    def __init__(self, pictures: Pictures, axes: int = 12, parts: int = 24, steps: int = 30, seed: int = 0) -> None:
        x = _between_levels(pictures, seed)
        self.mean, self.directions = components(x, axes)
        z = (x - self.mean) @ self.directions.T
        self.mixture = mixture.fit(z, mixture.begin(z, parts, seed), steps)[0][-1]
        self.spread = (x - self.mean - z @ self.directions).square().sum().div(len(x) * (CELLS - axes)).sqrt()

    def sample(self, count: int, seed: int = 0) -> Pictures:
        """New pictures without that noise: as of a VAE, the middle of what a code stands for."""
        z, _ = mixture.sample(self.mixture, count, seed)
        return (self.mean + z @ self.directions).float().unflatten(1, (ROWS, COLUMNS)).clamp(0, 1)

    def bits_per_cell(self, pictures: Pictures, seed: int = 1) -> float:
        """-log2 of the density times a level's width, at a place drawn between levels: an upper bound (Theis et al., 2016)."""
        x = _between_levels(pictures, seed)
        z = (x - self.mean) @ self.directions.T
        beyond = (x - self.mean - z @ self.directions).square().sum(1)
        others = CELLS - z.shape[1]
        nats = -mixture.log_likelihood(z, self.mixture) + beyond / (2 * self.spread**2)
        nats += others * (self.spread.log() + math.log(2 * math.pi) / 2) + CELLS * math.log(LEVELS - 1)
        return float(nats.mean()) / CELLS / math.log(2)

    def parameters(self) -> int:
        """Numbers that were fitted: mean, directions and noise; weights, means and (symmetric) covariances."""
        parts, axes = self.mixture.means.shape
        return CELLS * (1 + axes) + 1 + parts * (1 + axes + axes * (axes + 1) // 2) - 1


def _between_levels(pictures: Pictures, seed: int) -> Float[Tensor, "picture cell"]:
    """Each cell somewhere within the width of its level, so that a density of them can be counted in bits."""
    noise = torch.rand(pictures.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return (to_picture(to_levels(pictures)) + (noise - 0.5) / (LEVELS - 1)).flatten(1)
