"""How many bits a diffusion model needs to tell somebody an example: an upper bound, as for a variational autoencoder.

Noise by noise, from t = 1 where nothing is known, the model says what it expects and hears what is; the more its v is off, the
more has to be said. In the limit of ever smaller steps that costs ∫ cot(θ) |v − v̂|² dθ nats, θ = πt/2; what is left of
the noise at the end leaves a choice between the levels a cell can have, which costs −log₂ of the right one's share.
Notebook: 07c_diffusion. After Kingma et al., "Variational diffusion models", 2021, eq. 13 and 18, in angles.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from helpers.concepts.consistency import Network, noised


@torch.no_grad()
def bits_per_cell(
    network: Network,
    index: Int[Tensor, "example *shape"],
    values: Float[Tensor, "level"],
    smallest: float,
    draws: int = 32,
    seed: int = 0,
) -> tuple[float, float]:
    """(bits a cell, their standard error) over examples whose cells are values[index]; an upper bound on −log₂ p.

    network: x, t -> v; smallest: the t at which the way ends; draws: noises for each example, whose t are spread evenly over
    what is to be paid, so that each counts the same.
    """
    random = torch.Generator().manual_seed(seed)
    x0, cells, n = values[index], index[0].numel(), len(index)
    price = -math.log(math.sin(math.pi / 2 * smallest))  # ∫ cot from the smallest angle to π/2
    nats = torch.zeros(n, dtype=torch.float64)
    for k in range(draws):
        u = (k + torch.rand(n, generator=random, dtype=torch.float64)) / draws
        t = (2 / math.pi * torch.asin(torch.exp(-price * u))).to(x0)  # density ∝ cot
        eps = torch.randn(x0.shape, generator=random, dtype=x0.dtype)
        x = noised(x0, eps, t)
        v = noised(eps, -x0, t)  # cos ε − sin x_0
        nats += price * (v - network(x, t)).flatten(1).square().sum(1).double() / draws
        nats += _choice(x0, index, values, smallest, random) / draws
    bits = nats / cells / math.log(2)
    return float(bits.mean()), float(bits.std() / math.sqrt(n))


def _choice(
    x0: Float[Tensor, "example *shape"],
    index: Int[Tensor, "example *shape"],
    values: Tensor,
    smallest: float,
    random: torch.Generator,
) -> Float[Tensor, "example"]:
    """−log of the right level's share, given the cell at the smallest noise: all levels were as likely before."""
    angle = math.pi / 2 * smallest
    z = math.cos(angle) * x0 + math.sin(angle) * torch.randn(x0.shape, generator=random, dtype=x0.dtype)
    fit = -((z[..., None] - math.cos(angle) * values) ** 2) / (2 * math.sin(angle) ** 2)
    return -fit.log_softmax(-1).gather(-1, index[..., None]).flatten(1).sum(1).double()
