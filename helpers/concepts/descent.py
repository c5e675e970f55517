"""Six ways downhill: gradient descent, momentum, Nesterov, AdaGrad, RMSProp and Adam, as torch.optim has them.

An optimiser treats each axis by itself, so each is written for one number, as a coroutine: it is sent the gradient and
answers with the step to take. Sent an array instead, it runs a whole grid of settings at once.
Notebook: 03_gradient_descent. After Polyak, 1964; Nesterov, 1983; Duchi et al., 2011; Tieleman and Hinton, 2012;
Kingma and Ba, 2015. The six are compared in Ruder, 2016.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from helpers.concepts.surfaces import Curve, Surface

FAR = 1e4  # times the size of the picture: whoever is that far away does not come back
Setting = float | Float[np.ndarray, "row column"]  # of one run, or of a grid of them
Axis = Generator[tuple, Setting, None]  # is sent g, yields (step, velocity m, mean square v, effective learning rate)


def gd(lr: Setting) -> Axis:
    """w ← w − lr·g"""
    g = yield
    while True:
        g = yield -lr * g, 0.0, 0.0, lr


def momentum(lr: Setting, beta: Setting = 0.9) -> Axis:
    """m ← βm + g;  w ← w − lr·m"""
    m, g = 0.0, (yield)
    while True:
        m = beta * m + g
        g = yield -lr * m, m, 0.0, lr


def nesterov(lr: Setting, beta: Setting = 0.9) -> Axis:
    """m ← βm + g;  w ← w − lr·(g + βm): the step that momentum would take from where it is about to be."""
    m, g = 0.0, (yield)
    while True:
        m = beta * m + g
        g = yield -lr * (g + beta * m), m, 0.0, lr


def adagrad(lr: Setting, eps: float = 1e-10) -> Axis:
    """v ← v + g²;  w ← w − lr·g / (√v + ε)"""
    v, g = 0.0, (yield)
    while True:
        v = v + g * g
        rate = lr / (v**0.5 + eps)
        g = yield -rate * g, 0.0, v, rate


def rmsprop(lr: Setting, beta2: float = 0.99, eps: float = 1e-8) -> Axis:
    """v ← β₂v + (1 − β₂)g²;  w ← w − lr·g / (√v + ε)"""
    v, g = 0.0, (yield)
    while True:
        v = beta2 * v + (1 - beta2) * g * g
        rate = lr / (v**0.5 + eps)
        g = yield -rate * g, 0.0, v, rate


def adam(lr: Setting, beta: Setting = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> Axis:
    """m ← βm + (1 − β)g;  v ← β₂v + (1 − β₂)g²;  w ← w − lr·m̂ / (√v̂ + ε), with m̂ = m/(1 − βᵗ), v̂ = v/(1 − β₂ᵗ)"""
    m, v, t, g = 0.0, 0.0, 0, (yield)
    while True:
        t += 1
        m = beta * m + (1 - beta) * g
        v = beta2 * v + (1 - beta2) * g * g
        rate = lr / ((v / (1 - beta2**t)) ** 0.5 + eps)
        g = yield -rate * m / (1 - beta**t), m, v, rate


OPTIMISERS: dict[str, Callable[..., Axis]] = {
    "GD": gd, "momentum": momentum, "Nesterov": nesterov, "AdaGrad": adagrad, "RMSProp": rmsprop, "Adam": adam,
}  # fmt: skip
USES = {  # which settings besides lr each of them has
    "GD": (), "momentum": ("beta",), "Nesterov": ("beta",), "AdaGrad": (), "RMSProp": ("beta2",), "Adam": ("beta", "beta2"),
}  # fmt: skip


@dataclass(frozen=True)
class Run:
    """Where a run went: after k steps it is at path[k], with loss[k]; card[k] holds m, v and lr / √v for its next step.

    path: (step + 1, 2); loss: (step + 1,); card: (step + 1, 3, 2), by (m, v, effective learning rate) and axis.
    diverged: the step after which it was out of reach, where the run ended; None if it stayed.
    """

    path: Float[np.ndarray, "place 2"]
    loss: Float[np.ndarray, "place"] = field(repr=False)
    card: Float[np.ndarray, "place 3 2"] = field(repr=False)
    diverged: int | None = None


def descend(
    surface: Surface, name: str, start: tuple[float, float], steps: int, noise: float = 0.0, seed: int = 0, **settings: float
) -> Run:
    """Take so many steps from `start`. settings: lr, and beta or beta2 where the optimiser has one.

    noise: standard deviation of what is added to each component of each gradient. A run that leaves for infinity ends
    at the step where that is noticed. Raises ValueError for an optimiser there is none of.
    """
    if name not in OPTIMISERS:
        raise ValueError(f"No optimiser is called {name!r}; there are {', '.join(OPTIMISERS)}.")
    along = [OPTIMISERS[name](**settings) for _ in range(2)]
    for axis in along:
        next(axis)
    extra = (noise * np.random.default_rng(seed).standard_normal((steps + 1, 2))).tolist() if noise else None
    far = FAR * max(b - a for a, b in (surface.x_range, surface.y_range))
    (x, y), places, cards, diverged = map(float, start), [], [], None
    for k in range(steps + 1):
        places.append((x, y))
        g, h = surface.gradient(x, y)
        if extra:
            g, h = g + extra[k][0], h + extra[k][1]
        (dx, *of_x), (dy, *of_y) = along[0].send(g), along[1].send(h)
        cards.append((of_x, of_y))
        if not (abs(x) < far and abs(y) < far):  # NaN too
            diverged = k
            break
        x, y = x + dx, y + dy
    path = np.array(places)
    return Run(path, surface.value(*path.T), np.array(cards).swapaxes(1, 2), diverged)


def descend_curve(
    curve: Curve, start: float, steps: int, lr: float, beta: float = 0.0, noise: float = 0.0, seed: int = 0
) -> tuple[Float[np.ndarray, "place"], int | None]:
    """Where momentum (beta = 0: gradient descent) is on a curve after each step, and the step at which it was out of reach."""
    along = momentum(lr, beta)
    next(along)
    extra = (noise * np.random.default_rng(seed).standard_normal(steps + 1)).tolist()
    far, w, places = FAR * (curve.range[1] - curve.range[0]), float(start), []
    for k in range(steps + 1):
        places.append(w)
        if not abs(w) < far:
            return np.array(places), k
        w += float(along.send(curve.slope(w) + extra[k])[0])
    return np.array(places), None


def settled(loss: Float[np.ndarray, "place *cell"], least: float, share: float = 1e-4) -> Float[np.ndarray, "*cell"]:
    """After how many steps the loss above `least` is down to a share of its first value for good; NaN if it is not.

    For good: it stays there to the end of the run.
    """
    above = ~(loss - least <= share * (loss[0] - least))
    last = len(above) - 1 - above[::-1].argmax(0)
    count = np.where(above.any(0), last + 1.0, 0.0)
    return np.where(above[-1], np.nan, count)


def steps_to_settle(
    surface: Surface,
    start: tuple[float, float],
    lr: Float[np.ndarray, "column"],
    beta: Float[np.ndarray, "row"],
    steps: int,
    share: float = 1e-4,
) -> Float[np.ndarray, "row column"]:
    """For each pair of β and learning rate, after how many steps a run with momentum has settled (see `settled`)."""
    rates, betas = np.meshgrid(lr, beta)
    along = [momentum(rates, betas) for _ in range(2)]
    for axis in along:
        next(axis)
    x, y = (np.full(rates.shape, float(w)) for w in start)
    losses = np.empty((steps + 1, *rates.shape))
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(steps + 1):
            losses[k] = surface.value(x, y)
            g, h = surface.gradient(x, y)
            x, y = x + along[0].send(g)[0], y + along[1].send(h)[0]
        return settled(losses, surface.least, share)


# ---- what is known of quadratics


def transfer(curvature: float, lr: float, beta: float = 0.0) -> Float[np.ndarray, "2 2"]:
    """R with (m, e) ← R (m, e): one step of momentum for the error e along an eigenvector of that curvature."""
    return np.array([[beta, curvature], [-lr * beta, 1 - lr * curvature]])


def rate(hessian: Float[np.ndarray, "2 2"], lr: float, beta: float = 0.0) -> float:
    """By which factor the error shrinks a step in the long run: the largest |eigenvalue| of any R. Above 1 it grows.

    After Polyak, 1964, and Goh, Why momentum really works, Distill, 2017.
    """
    modes = [transfer(curvature, lr, beta) for curvature in np.linalg.eigvalsh(hessian)]
    return float(np.abs(np.linalg.eigvals(np.stack(modes))).max())


def after(hessian: Float[np.ndarray, "2 2"], start: tuple[float, float], k: int, lr: float, beta: float = 0.0) -> np.ndarray:
    """Where momentum is after k steps, (2,), without taking them: Rᵏ along each eigenvector. beta = 0: gradient descent."""
    curvatures, axes = np.linalg.eigh(hessian)
    errors = axes.T @ np.asarray(start, float)
    return axes @ [
        (np.linalg.matrix_power(transfer(c, lr, beta), k) @ [0.0, e])[1] for c, e in zip(curvatures, errors, strict=True)
    ]


def modes(hessian: Float[np.ndarray, "2 2"], path: Float[np.ndarray, "place 2"]) -> Float[np.ndarray, "place 2"]:
    """The error along each eigenvector of H, the flattest first."""
    return path @ np.linalg.eigh(hessian)[1]


def best_settings(hessian: Float[np.ndarray, "2 2"]) -> dict[str, tuple[float, float]]:
    """The (lr, β) with the least `rate`: of gradient descent, (2 / (λ₁ + λₙ), 0), and of momentum.

    Momentum: lr = (2 / (√λ₁ + √λₙ))², β = ((√λₙ − √λ₁) / (√λₙ + √λ₁))², rate √β (Polyak, 1964).
    """
    low, high = np.sqrt(np.linalg.eigvalsh(hessian)[[0, -1]])
    return {
        "GD": (float(2 / (low**2 + high**2)), 0.0),
        "momentum": (float((2 / (low + high)) ** 2), float(((high - low) / (high + low)) ** 2)),
    }
