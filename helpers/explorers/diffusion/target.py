"""The data of a cloud as a Gaussian mixture, so that the best possible denoiser is known, and its notes as two classes.

Notebook: 07c_diffusion.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from helpers.concepts.diffusion import schedule
from helpers.concepts.mixture_noise import MixtureNoise
from helpers.datasets.clouds import cloud, sample

STEPS = 1000  # T
STAND, SPREAD = 150, 0.05  # a cloud that has no modes is stood for by so many of its points, each a Gaussian of that spread
GIVEN = ("any", "low", "high")  # what may be asked for: notes up to C4, or from there on


@dataclass(frozen=True)
class Target:
    """What is to be learned: round Gaussians of one spread, equally likely. high: which of them are notes from C4 on."""

    means: Float[Tensor, "component 2"]
    spread: float
    high: Bool[Tensor, "component"]
    modes: bool  # whether its components are modes, or only stand for a cloud that has none

    def draw(self, count: int, seed: int, given: str = "any") -> tuple[Float[Tensor, "point 2"], Int[Tensor, "point"]]:
        """Points, and the class of each (0 low, 1 high), all of one class if one is given."""
        random = torch.Generator().manual_seed(seed)
        which = torch.multinomial(self.weights(given), count, replacement=True, generator=random)
        return self.means[which] + self.spread * torch.randn(count, 2, generator=random), self.high[which].long()

    def weights(self, given: str) -> Float[Tensor, "component"]:
        taken = {"any": torch.ones_like(self.high), "low": ~self.high, "high": self.high}[given].float()
        return taken / taken.sum()

    def noise(self, given: str, name: str) -> MixtureNoise:
        """The exact model of the given class, under the schedule of that name."""
        taken = self.weights(given) > 0
        means = self.means[taken]
        weights = torch.full((len(means),), 1 / len(means))
        return MixtureNoise(weights, means, torch.full((len(means),), self.spread**2), alpha_bar(name))


@lru_cache(maxsize=8)
def target(name: str) -> Target:
    """The cloud of that name as a mixture."""
    found = cloud(name)
    modes = len(found.centres) > 0
    means = torch.tensor(found.centres if modes else sample(name, STAND, seed=7), dtype=torch.float32)
    return Target(means, found.spread if modes else SPREAD, means[:, 0] > -1e-6, modes)


@lru_cache(maxsize=4)
def alpha_bar(name: str) -> Float[Tensor, "time"]:
    """The schedule of that name over all steps."""
    return schedule(name, STEPS)
