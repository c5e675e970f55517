"""How much of a gradient is left at each layer of a deep stack, with and without a way around every two layers.

A block is f(h) = W₂ ReLU(W₁ h + b₁) + b₂. Plain: h ← f(h). With skips: h ← h + f(h), so that a block adds to what it is
given; the derivative of the sum by h has a 1 in it, which passes the gradient on. Notebook: 01_neurons. After He et al., 2016.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

Layer = tuple[Float[Tensor, "width width"], Float[Tensor, "width"]]


def stack(depth: int, width: int, seed: int) -> list[Layer]:
    """(W, b) of each layer, as nn.Linear draws them: uniform within ±1 / √width, in float64."""
    random = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> Tensor:
        return (2 * torch.rand(*shape, generator=random, dtype=torch.float64) - 1) / math.sqrt(width)

    return [(draw(width, width), draw(width)) for _ in range(depth)]


def forward(layers: list[Layer], h: Float[Tensor, "batch width"], skips: bool) -> Float[Tensor, "batch width"]:
    """What comes out of the stack. Raises ValueError for an odd number of layers: a block has two."""
    if len(layers) % 2:
        raise ValueError(f"{len(layers)} layers make no blocks of two; give an even number.")
    for (W1, b1), (W2, b2) in zip(layers[::2], layers[1::2]):
        f = torch.relu(h @ W1.T + b1) @ W2.T + b2
        h = h + f if skips else f
    return h


def gradient_norms(depth: int = 50, width: int = 32, skips: bool = False, seed: int = 0) -> Float[Tensor, "layer"]:
    """|∂loss/∂W| of each layer's weights, the first layer first, before any training.

    For a random batch of 64; the loss is the mean square of the difference from a random target.
    """
    random = torch.Generator().manual_seed(seed + 1)
    x, target = (torch.randn(64, width, generator=random, dtype=torch.float64) for _ in range(2))
    layers = [(W.requires_grad_(), b) for W, b in stack(depth, width, seed)]
    loss = torch.mean((forward(layers, x, skips) - target) ** 2)
    return torch.stack([g.norm() for g in torch.autograd.grad(loss, [W for W, _ in layers])])
