"""Principal components: the best that a code of k numbers can do if all it may do is to add up.

Of all planes of k dimensions through the mean, the first k right singular vectors span the one that the data lie nearest to
(Eckart and Young, 1936; Pearson, 1901). A linear autoencoder finds the same plane, in whatever axes (Baldi and Hornik, 1989).
Notebook: 07a_autoencoders.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor


def components(x: Float[Tensor, "example feature"], count: int) -> tuple[Float[Tensor, "feature"], Float[Tensor, "count feature"]]:
    """The mean, and the `count` orthonormal directions along which x spreads most, the strongest first.

    Raises ValueError for more directions than there are examples or features.
    """
    if not 1 <= count <= min(x.shape):
        raise ValueError(f"{count} components of {x.shape[0]} examples with {x.shape[1]} features; choose 1 to {min(x.shape)}.")
    mean = x.mean(0)
    return mean, torch.linalg.svd(x - mean, full_matrices=False).Vh[:count]


def project(
    x: Float[Tensor, "example feature"], mean: Float[Tensor, "feature"], directions: Float[Tensor, "count feature"]
) -> Float[Tensor, "example feature"]:
    """The nearest point of the plane to each example: its code times the directions, on top of the mean."""
    return mean + (x - mean) @ directions.T @ directions


def overlap(a: Float[Tensor, "count feature"], b: Float[Tensor, "count feature"]) -> Float[Tensor, "count"]:
    """Cosines of the angles between two planes, each given by vectors that span it: all 1 if they are the same plane.

    Principal angles (Björck and Golub, 1973): singular values of the product of two orthonormal bases.
    """
    A, B = (torch.linalg.qr(vectors.T).Q for vectors in (a, b))
    return torch.linalg.svdvals(A.T @ B).clamp(max=1)
