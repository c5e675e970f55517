"""The smallest denoiser: points of a plane, a time and a class in; noise, data or velocity out. Trained in a second or two.

Notebook: 07c_diffusion. After Ho et al., 2020; classes may be left out, as in Ho and Salimans, 2022.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from helpers.concepts.diffusion import convert, forward

WAVES = 6  # of the time, from half a turn over all of it to 32 half turns
RIPPLES = 3  # of each axis, of half a turn, one and two turns a unit: a net of smooth units learns fine detail late without them
DROPPED = 0.2  # share of a batch whose class is not told
BATCH, LR = 512, 5e-3


class PointDenoiser(nn.Module):
    """x (batch, 2), t (batch,) and a class (batch,) → a prediction (batch, 2) of whatever kind it is trained for.

    steps: T, the last time; classes: how many there are; class number `classes` stands for "any".
    """

    def __init__(self, steps: int, classes: int = 2, width: int = 64) -> None:
        super().__init__()
        self.settings = {"steps": steps, "classes": classes, "width": width}
        self.steps, self.any = steps, classes
        self.given = nn.Embedding(classes + 1, 2 * WAVES)
        self.net = nn.Sequential(
            nn.Linear(2 + 4 * RIPPLES + 4 * WAVES, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(),
            nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 2),
        )  # fmt: skip

    def forward(
        self, x: Float[Tensor, "batch 2"], t: Int[Tensor, "batch"], given: Int[Tensor, "batch"] | None = None
    ) -> Float[Tensor, "batch 2"]:
        given = torch.full_like(t, self.any) if given is None else given
        turns = torch.pi * 2.0 ** torch.arange(WAVES) * (t / self.steps)[:, None]  # (batch, WAVES)
        ripples = (torch.pi * 2.0 ** torch.arange(RIPPLES) * x[..., None]).flatten(1)  # (batch, 2 RIPPLES)
        angles = torch.cat([turns, ripples], 1)
        return self.net(torch.cat([x, angles.sin(), angles.cos(), self.given(given)], 1))


def loss(
    network: PointDenoiser, x0: Float[Tensor, "batch 2"], given: Int[Tensor, "batch"], alpha_bar: Float[Tensor, "time"],
    kind: str, random: torch.Generator,
) -> Float[Tensor, ""]:  # fmt: skip
    """Mean squared error of the prediction of `kind` (eps, x0, v) at random times, with fresh noise; some classes untold."""
    t = torch.randint(1, len(alpha_bar), (len(x0),), generator=random)
    eps = torch.randn(x0.shape, generator=random)
    x = forward(x0, eps, alpha_bar[t])
    told = torch.where(torch.rand(len(x0), generator=random) < DROPPED, network.any, given)
    return F.mse_loss(network(x, t, told), convert(eps, x, alpha_bar[t], "eps", kind))
