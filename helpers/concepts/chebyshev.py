"""A smooth function known at few points, drawn at many: polynomials through Chebyshev points.

Through equally spaced points a polynomial of high degree swings wildly near the ends (Runge, 1901). Through points
crowded towards the ends, x_k = −cos(πk / (n − 1)), it does not, and for a smooth function its error falls as fast as
qⁿ with some q < 1. The points of n intervals are among those of 2n, so nothing is computed twice when n is doubled.

Notebook: 03_gradient_descent. After Berrut and Trefethen, "Barycentric Lagrange interpolation", SIAM Review, 2004.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float


def nodes(n: int) -> Float[np.ndarray, "n"]:
    """The n Chebyshev points (of the second kind) from −1 to 1; the middle one of an odd number is exactly 0.

    >>> nodes(3).tolist()
    [-1.0, 0.0, 1.0]
    """
    if n < 2:
        raise ValueError(f"{n} points span no interval; choose 2 or more.")
    return np.sin(np.pi * (2 * np.arange(n) - (n - 1)) / (2 * (n - 1)))  # −cos(πk / (n − 1)), symmetric to the last bit


def matrix(n: int, at: Float[np.ndarray, "point"]) -> Float[np.ndarray, "point n"]:
    """What turns values at the n nodes into those of the polynomial through them `at` places in [−1, 1].

    p(x) = Σ wₖ / (x − xₖ) fₖ / Σ wₖ / (x − xₖ) with wₖ = (−1)ᵏ, halved at both ends; at a node, the value given there.
    """
    weights = (-1.0) ** np.arange(n)
    weights[[0, -1]] /= 2
    distance = np.asarray(at, dtype=float)[:, None] - nodes(n)
    met = np.abs(distance) < 1e-14
    share = weights / np.where(met, 1.0, distance)
    share /= share.sum(1, keepdims=True)
    return np.where(met.any(1, keepdims=True), met, share)


def interpolate(
    values: Float[np.ndarray, "row column"], rows: Float[np.ndarray, "y"], columns: Float[np.ndarray, "x"]
) -> Float[np.ndarray, "y x"]:
    """The polynomial through `values` on a grid of nodes, at all pairs of `rows` and `columns`, both in [−1, 1]."""
    return matrix(len(values), rows) @ values @ matrix(values.shape[1], columns).T
