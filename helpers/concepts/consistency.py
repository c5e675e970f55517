"""Consistency models: from any point of the way back straight to its end, in one step.

All points of one deterministic way from noise to data lead to the same end, so f(x_t, t) should be the same at all of them.
Two things make a network such an f: at the smallest noise it gives x back untouched, by construction, and training makes its
answers at neighbouring points of a way agree. t is the noise in quarter turns, x_t = cos(πt/2) x_0 + sin(πt/2) ε; then a
network that predicts v makes f in one DDIM step. Notebook: 07c_diffusion.
After Song et al., "Consistency models", 2023, in the angles of Lu and Song, 2025.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor

Batch = Float[Tensor, "batch *shape"]
Times = Float[Tensor, "batch"]
Network = Callable[[Tensor, Tensor], Tensor]  # x (batch, ...), t (batch,) -> like x


def coefficients(t: Float[Tensor, "*each"], smallest: float) -> tuple[Float[Tensor, "*each"], Float[Tensor, "*each"]]:
    """(c_skip, c_out) of f = c_skip x + c_out F: cos and −sin of how far t is above the smallest noise; there (1, 0), exactly."""
    angle = (t - smallest) * math.pi / 2
    return angle.cos(), -angle.sin()


def consistency(network: Network, x: Batch, t: Times, smallest: float) -> Batch:
    """f(x, t) = c_skip(t) x + c_out(t) F(x, t): x itself at the smallest noise, whatever the network F says."""
    skip, out = coefficients(_beside(t, x), smallest)
    return skip * x + out * network(x, t)


def noised(x0: Batch, eps: Batch, t: Times) -> Batch:
    """x_t = cos(πt/2) x_0 + sin(πt/2) ε."""
    angle = _beside(t, x0) * math.pi / 2
    return angle.cos() * x0 + angle.sin() * eps


def ddim(v: Batch, x: Batch, t: Times, to: Times) -> Batch:
    """One deterministic step back from t to `to`, given v: x turned by the angle between, cos x − sin v."""
    angle = _beside(t - to, x) * math.pi / 2
    return angle.cos() * x - angle.sin() * v


def neighbours(x0: Batch, eps: Batch, t: Times, to: Times, teacher: Network | None = None) -> tuple[Batch, Batch]:
    """Two points of one way: x_t, and where it is at the smaller noise `to`.

    Consistency distillation asks a teacher that predicts v for the step between them; consistency training (no teacher) takes
    the same x_0 and ε at both, which is right on average.
    """
    x = noised(x0, eps, t)
    if teacher is None:
        return x, noised(x0, eps, to)
    with torch.no_grad():
        return x, ddim(teacher(x, t), x, t, to)


def loss(here: Batch, there: Batch, c: float = 0.03) -> Float[Tensor, ""]:
    """How far two answers are apart, as the mean of √(d² + c² D) − c √D over the batch, d their Euclidean distance in D numbers.

    Quadratic for answers that nearly agree, linear for outliers (pseudo-Huber; Song and Dhariwal, 2024). Gradients flow through
    `here` only: the answer at less noise is the target.
    """
    size = here[0].numel()
    squared = (here - there.detach()).flatten(1).square().sum(1)
    return ((squared + c**2 * size).sqrt() - c * math.sqrt(size)).mean()


def walk(f: Network, x: Batch, times: Sequence[float], noises: Sequence[Batch]) -> Batch:
    """Sample in len(times) steps: jump to the end, add fresh noise up to the next time, jump again (Song et al., algorithm 1).

    times: falling, from that of x; noises: one for each time after the first. Raises ValueError where they do not match.
    """
    if len(noises) != len(times) - 1 or any(a <= b for a, b in pairwise(times)):
        raise ValueError(f"times {list(times)} with {len(noises)} noises: times must fall, and each after the first needs a noise.")
    x = f(x, torch.full((len(x),), times[0]))
    for t, eps in zip(times[1:], noises):
        each = torch.full((len(x),), t)
        x = f(noised(x, eps, each), each)
    return x


def _beside(t: Times, x: Batch) -> Tensor:
    """t with as many dimensions as x, and in its precision."""
    return t.to(x).reshape(-1, *[1] * (x.ndim - 1))
