"""A line fitted to points by batch, mini-batch and stochastic gradient descent, with what each step costs counted.

The loss is ½ mean (w·x + b − y)², its gradient the mean of one gradient an example; a batch is a guess at that mean.
Notebook: 03_gradient_descent. After Robbins and Monro, 1951; Bottou, Curtis and Nocedal, SIAM Review, 2018.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float, Int

FAR = 1e6  # a parameter beyond this does not come back


@dataclass(frozen=True)
class Fit:
    """A run: after k steps it is at path[k] = (w, b), where the loss over all examples is loss[k].

    cost: how many gradients of single examples had been computed by then; batches: which examples each step looked at.
    diverged: the step after which it was out of reach, where the run ended; None if it stayed.
    """

    path: Float[np.ndarray, "place 2"]
    loss: Float[np.ndarray, "place"] = field(repr=False)
    cost: Int[np.ndarray, "place"] = field(repr=False)
    batches: list[Int[np.ndarray, "_"]] = field(repr=False)
    diverged: int | None = None


def loss(theta: Float[np.ndarray, "*place 2"], x: Float[np.ndarray, "n"], y: Float[np.ndarray, "n"]) -> Float[np.ndarray, "*place"]:
    """½ mean (w·x + b − y)² over all examples, at each place (w, b)."""
    residual = theta[..., :1] * x + theta[..., 1:] - y
    return np.asarray((residual**2).mean(-1) / 2)


def gradients(theta: Float[np.ndarray, "2"], x: Float[np.ndarray, "n"], y: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n 2"]:
    """The gradient of each example's loss ½ (w·x + b − y)²: the residual, times x for w and times 1 for b."""
    residual = theta[0] * x + theta[1] - y
    return np.stack([residual * x, residual], 1)


def hessian(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "2 2"]:
    """The curvature of the loss, the same everywhere: [[mean x², mean x], [mean x, 1]]."""
    return np.array([[np.mean(x * x), x.mean()], [x.mean(), 1.0]])


def best(x: Float[np.ndarray, "n"], y: Float[np.ndarray, "n"]) -> Float[np.ndarray, "2"]:
    """The (w, b) with the least loss: the normal equations H (w, b) = (mean xy, mean y)."""
    return np.linalg.solve(hessian(x), [np.mean(x * y), y.mean()])


def steps_per_epoch(n: int, batch: int) -> int:
    """How many steps see each of n examples once; the last of them may see fewer.

    >>> steps_per_epoch(200, 200), steps_per_epoch(200, 32), steps_per_epoch(200, 1)
    (1, 7, 200)
    """
    return -(-n // batch)


def draws(n: int, batch: int, replacement: bool, seed: int) -> Iterator[Int[np.ndarray, "example"]]:
    """Which examples each step looks at, without end.

    Without replacement: each epoch in a new random order, cut into batches, the last as long as what is left. With
    replacement: every batch drawn from all examples anew. Raises ValueError for a batch that is no 1 to n.
    """
    if not 1 <= batch <= n:
        raise ValueError(f"A batch of {batch} out of {n} examples cannot be; choose 1 to {n}.")
    random = np.random.default_rng(seed)
    while True:
        if replacement:
            yield random.integers(n, size=batch)
        else:
            order = random.permutation(n)
            yield from (np.sort(order[i : i + batch]) for i in range(0, n, batch))  # sorted: a batch of all is all, to the bit


def fit(
    x: Float[np.ndarray, "n"], y: Float[np.ndarray, "n"], start: tuple[float, float], lr: float, batch: int, steps: int,
    replacement: bool = False, seed: int = 0,
) -> Fit:  # fmt: skip
    """Take so many steps θ ← θ − lr · (mean gradient of the batch) from `start`; each counts as many gradients as it has."""
    theta, path, chosen, diverged = np.array(start, float), [], [], None
    for k, batch_of in zip(range(steps + 1), draws(len(x), batch, replacement, seed), strict=False):
        path.append(theta)
        chosen.append(batch_of)
        if not np.abs(theta).max() < FAR:
            diverged = k
            break
        theta = theta - lr * gradients(theta, x[batch_of], y[batch_of]).mean(0)
    path = np.array(path)
    cost = np.cumsum([0, *(len(b) for b in chosen[: len(path) - 1])])
    return Fit(path, loss(path, x, y), cost, chosen, diverged)


def scatter(each: Float[np.ndarray, "n 2"], batch: int, replacement: bool = False) -> Float[np.ndarray, "2 2"]:
    """Covariance of a batch's mean gradient: that of all examples' gradients / B, times (N − B) / (N − 1) without replacement."""
    n = len(each)
    sigma = np.cov(each.T, bias=True)
    return sigma / batch * (1.0 if replacement or n == 1 else (n - batch) / (n - 1))
