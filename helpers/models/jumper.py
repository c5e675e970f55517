"""A network that jumps: from a noisy picture of harmonics straight to one without noise. Notebook: 07c_diffusion.

The denoiser's U-Net, used as a consistency function (concepts/consistency.py). After Song et al., 2023.
"""

from __future__ import annotations

from functools import partial

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from helpers.concepts.consistency import consistency, walk
from helpers.models.denoiser import Denoiser, families, picture, start

SMALLEST = 0.016  # quarter turns: noise of about a quarter of one of a picture's 32 levels, which nobody hears


class Jumper(nn.Module):
    """f(x, t): the end of the way back that x at t is on. widths, dropout: the Denoiser's."""

    def __init__(self, widths: list[int], dropout: float = 0.0) -> None:
        super().__init__()
        self.settings = {"widths": list(widths), "dropout": dropout}
        self.network = Denoiser(widths, dropout)

    def forward(
        self, x: Float[Tensor, "batch 24 32"], t: Float[Tensor, "batch"], family: Int[Tensor, "batch"] | None = None
    ) -> Float[Tensor, "batch 24 32"]:
        """x without noise, in the network's units; at t = SMALLEST, exactly x."""
        return consistency(partial(self.network, family=family), x, t, SMALLEST)

    @torch.no_grad()
    def sample(self, count: int, seed: int = 0, family: int | None = None, steps: int = 1) -> Float[Tensor, "count 24 32"]:
        """New pictures in so many jumps, from the noise that the diffusion model begins with at this seed.

        Raises ValueError for a family there is none of, and for fewer than one step.
        """
        if steps < 1:
            raise ValueError(f"{steps} steps; a jump is one.")
        f = partial(self, family=families(family, count))
        noises = [start(count, seed * 1009 + k) for k in range(1, steps)]
        return picture(walk(f, start(count, seed), [1 - k / steps for k in range(steps)], noises))
