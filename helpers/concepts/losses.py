"""What a wrong number costs: absolute, squared and Huber's loss, their slopes, and the constant that each likes best.

e = y_hat - y is the error. Its sum is no loss: errors of opposite sign cancel, and the lower the guess the "better".
Each slope is the derivative with respect to y_hat: how hard a point pulls. Notebook: 02_loss_functions.
Huber, "Robust estimation of a location parameter", 1964.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

Errors = Float[Tensor, "*#batch"]


def l1(y_hat: Errors, y: Errors) -> Errors:
    """|e|: twice as wrong costs twice as much."""
    return (y_hat - y).abs()


def l1_slope(y_hat: Errors, y: Errors) -> Errors:
    """sign(e): every point pulls equally hard, however far away; 0 at the kink."""
    return (y_hat - y).sign()


def l2(y_hat: Errors, y: Errors) -> Errors:
    """e^2: twice as wrong costs four times as much."""
    return (y_hat - y) ** 2


def l2_slope(y_hat: Errors, y: Errors) -> Errors:
    """2 e: the farther away, the harder a point pulls."""
    return 2 * (y_hat - y)


def huber(y_hat: Errors, y: Errors, delta: float = 1.0) -> Errors:
    """e^2 / 2 up to |e| = delta, from there on a straight line, delta (|e| - delta / 2): no kink, and a pull with a limit.

    delta is in the unit of y. Raises ValueError where it is not above 0.
    """
    e = (y_hat - y).abs()
    return torch.where(e <= _positive(delta), e**2 / 2, delta * (e - delta / 2))


def huber_slope(y_hat: Errors, y: Errors, delta: float = 1.0) -> Errors:
    """e, held within -delta and delta."""
    return (y_hat - y).clamp(-_positive(delta), delta)


def mean(y: Float[Tensor, "point"]) -> float:
    """The constant c with the least sum of (c - y)^2: there the pulls 2 (c - y) add up to 0."""
    return float(_some(y).mean())


def median(y: Float[Tensor, "point"]) -> tuple[float, float]:
    """All constants with the least sum of |c - y|, from the first to the last: as many points lie on either side.

    >>> median(torch.tensor([0.0, 1.0, 12.0])), median(torch.tensor([0.0, 1.0, 2.0, 12.0]))
    ((1.0, 1.0), (1.0, 2.0))
    """
    in_order, n = _some(y).sort().values, len(y)
    return float(in_order[(n - 1) // 2]), float(in_order[n // 2])


def huber_centre(y: Float[Tensor, "point"], delta: float = 1.0) -> tuple[float, float]:
    """All constants with the least sum of Huber losses, from the first to the last; mostly the two are one.

    The total pull grows with c in straight pieces that meet at y - delta and y + delta, so its zero is found exactly.
    A large delta gives the mean, a small one the median; in between it lies between them mostly, though not always.
    """
    corners = torch.cat([_some(y) - _positive(delta), y + delta]).sort().values
    pull = huber_slope(corners[:, None], y, delta).sum(1)
    tiny = 1e-12 * delta * len(y)  # what rounding leaves of a sum that is 0
    last_left, first_right = int((pull < -tiny).nonzero()[-1]), int((pull > tiny).nonzero()[0])
    return _crossing(corners, pull, last_left), _crossing(corners, pull, first_right - 1)


def _crossing(c: Float[Tensor, "corner"], pull: Float[Tensor, "corner"], left: int) -> float:
    """Where the straight line from corner `left` to the next is 0."""
    share = -pull[left] / (pull[left + 1] - pull[left])
    return float(c[left] + share * (c[left + 1] - c[left]))


def _positive(delta: float) -> float:
    if not delta > 0:
        raise ValueError(f"delta is {delta}; it is the error, in the unit of y, from which the loss is straight: above 0.")
    return delta


def _some(y: Tensor) -> Tensor:
    if not len(y):
        raise ValueError("There is no point; the best constant of none does not exist. Give at least one.")
    return y
