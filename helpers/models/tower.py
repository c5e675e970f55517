"""A small, deep convolutional network with or without ways around its blocks, with or without normalisation.

What differs between two towers is only what one asks for, so their loss landscapes can be compared. Normalisation is
over the channels of one note (GroupNorm), never over a batch: a note's loss does not depend on its neighbours.
Notebook: 03_gradient_descent. After He et al., "Deep residual learning for image recognition", 2016.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn


class Block(nn.Module):
    """y = x + f(x) with a way around, y = f(x) without; f is a 3×3 convolution, a normalisation if wanted, a ReLU."""

    def __init__(self, width: int, skip: bool, norm: bool) -> None:
        super().__init__()
        self.skip = skip
        self.f = nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.GroupNorm(1, width) if norm else nn.Identity(), nn.ReLU())

    def forward(self, x: Float[Tensor, "batch width row column"]) -> Float[Tensor, "batch width row column"]:
        return x + self.f(x) if self.skip else self.f(x)


def tower(
    depth: int = 6, width: int = 8, *, skip: bool = True, norm: bool = False, classes: int = 11, seed: int = 0
) -> nn.Sequential:
    """`depth` blocks of `width` channels on a note's 64 × 64 picture, averaged down to 16 × 16 first.

    The same seed gives the same first weights, whatever skip and norm are; the caller's random numbers go on as before.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.AvgPool2d(4), nn.Conv2d(1, width, 3, padding=1), nn.ReLU(),  # (B, width, 16, 16)
            *(Block(width, skip, norm) for _ in range(depth)),
            nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(16 * width, classes),
        )  # fmt: skip
