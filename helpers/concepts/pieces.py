"""ReLU networks of one input are straight pieces: where they bend, how to fit them, and how many a deep one folds out.

f(x) = c + Σ aᵢ ReLU(x − kᵢ) bends at its hinges kᵢ, by aᵢ each. The first hinge is the left end of the domain [−1, 1]:
its unit is the first slope. Notebook: 01_neurons. Folding after Telgarsky, 2016; the square after Yarotsky, 2017.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

LOW, HIGH = -1.0, 1.0  # the domain
CLOSEST = 1e-3  # two hinges that are nearer than this are taken for one

Line = Float[np.ndarray, "point"]
Layers = list[tuple[Float[np.ndarray, "_ _"], Float[np.ndarray, "_"]]]  # W (out, in) and b (out,)


@dataclass(frozen=True, eq=False)
class Hinged:
    """One hidden layer of ReLUs: f(x) = offset + Σ bends · ReLU(x − hinges). hinges, bends: one for each unit."""

    offset: float
    hinges: Float[np.ndarray, "unit"]
    bends: Float[np.ndarray, "unit"]

    def __call__(self, x: Line) -> Line:
        return self.offset + self.units(x) @ self.bends

    def units(self, x: Line) -> Float[np.ndarray, "point unit"]:
        """ReLU(x − hinge) of each unit."""
        return np.maximum(x[:, None] - self.hinges, 0)

    @property
    def parameters(self) -> int:
        """Weights and biases of the network 1 → units → 1."""
        return 3 * len(self.hinges) + 1


def through(x: Line, y: Line) -> Hinged:
    """The network whose graph joins these points by straight lines; x rises from −1 to 1.

    Raises ValueError where it does not.
    """
    if len(x) < 2 or (x[0], x[-1]) != (LOW, HIGH) or np.diff(x).min() < CLOSEST:
        raise ValueError(f"x={x.tolist()} should rise from {LOW:g} to {HIGH:g} in steps of at least {CLOSEST}.")
    slopes = np.diff(y) / np.diff(x)
    return Hinged(float(y[0]), x[:-1].copy(), np.diff(slopes, prepend=0.0))


def pieces(network: Hinged, flat: float = 1e-9) -> int:
    """How many straight pieces the graph has on the domain: distinct hinges inside it that bend, and one."""
    inside = network.hinges[(network.hinges > LOW) & (network.hinges < HIGH) & (np.abs(network.bends) > flat)]
    return 1 + len(np.unique(inside))


def fit(hinges: Float[np.ndarray, "hinge"], x: Line, y: Line) -> Hinged:
    """The best bends for hinges that stay where they are, by least squares on the points (x, y)."""
    placed = Hinged(0.0, np.concatenate([[LOW], hinges]), np.zeros(len(hinges) + 1))
    solution = np.linalg.lstsq(np.column_stack([np.ones(len(x)), placed.units(x)]), y, rcond=None)[0]
    return Hinged(float(solution[0]), placed.hinges, solution[1:])


def evenly(count: int) -> Float[np.ndarray, "hinge"]:
    """That many hinges inside the domain, evenly spaced."""
    return np.linspace(LOW, HIGH, count + 2)[1:-1]


def greedy(count: int, x: Line, y: Line, places: int = 127) -> list[Hinged]:
    """Least-squares fits with 0, 1, … `count` hinges: the next one goes where it helps most, those before it stay.

    It is chosen among even places. A unit helps by what is new in it, the part that the units before it cannot make:
    the error falls by (new · error)² / |new|² (orthogonal least squares; Chen, Billings and Luo, 1989).
    """
    units = np.maximum(x[:, None] - evenly(places), 0)
    made = np.linalg.qr(np.column_stack([np.ones_like(x), x - LOW]))[0]
    new = units - made @ (made.T @ units)
    hinges, fits = np.zeros(0), [fit(np.zeros(0), x, y)]
    for _ in range(count):
        size = np.maximum((new**2).sum(0), 1e-9)
        best = int(((new.T @ (y - fits[-1](x))) ** 2 / size).argmax())
        direction = new[:, best] / np.sqrt(size[best])
        new = new - np.outer(direction, direction @ new)
        new[:, best] = 0.0  # taken
        hinges = np.sort(np.append(hinges, evenly(places)[best]))
        fits.append(fit(hinges, x, y))
    return fits


def descend(hinges: Float[np.ndarray, "hinge"], x: Line, y: Line, steps: int, lr: float = 0.02, seed: int = 0) -> list[Hinged]:
    """Gradient descent (Adam) on hinges and bends together, from small random bends: the network after each step.

    The loss is the mean squared error. A hinge may leave the domain; its unit is then a straight line, or nothing.
    """
    n = len(hinges) + 1
    theta = np.concatenate([[0.0], [LOW], hinges, 0.1 * np.random.default_rng(seed).normal(size=n)])  # offset, hinges, bends
    m, v, run = np.zeros_like(theta), np.zeros_like(theta), []
    for t in range(steps + 1):
        now = Hinged(float(theta[0]), theta[1 : n + 1].copy(), theta[n + 1 :].copy())
        run.append(now)
        units = now.units(x)
        error = 2 * (now.offset + units @ now.bends - y) / len(x)
        g = np.concatenate([[error.sum()], -now.bends * (error @ (units > 0)), error @ units])
        g[1] = 0.0  # the unit at the left end stays the first slope
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        theta = theta - lr * m / (1 - 0.9 ** (t + 1)) / (np.sqrt(v / (1 - 0.999 ** (t + 1))) + 1e-8)
    return run


def errors(f: Line, target: Line) -> tuple[float, float]:
    """The largest and the root mean square difference."""
    return float(np.abs(f - target).max()), float(np.sqrt(np.mean((f - target) ** 2)))


# ---- depth


def run(layers: Layers, x: Line) -> Line:
    """The output of a ReLU network given as (W, b), a pair for each layer; the last one has no ReLU."""
    h = x[:, None]
    for i, (W, b) in enumerate(layers):
        h = h @ W.T + b
        h = np.maximum(h, 0) if i < len(layers) - 1 else h
    return h[:, 0]


def parameters(layers: Layers) -> int:
    """How many weights and biases there are."""
    return sum(W.size + b.size for W, b in layers)


def tent(depth: int) -> Layers:
    """A network of `depth` hidden layers of 2 ReLUs that folds [−1, 1] over and over: 2^depth pieces from −1 to 1.

    One layer is the tent T(x) = 1 − 2|x|; each further one puts T on top of what came out. 6 depth + 1 parameters, as
    many as one hidden layer of 2 depth ReLUs has.
    """
    # T(x) = -1 + 2 ReLU(x + 1) - 4 ReLU(x), as x + 1 is never negative here
    W_in, b_in, out = np.array([[1.0], [1.0]]), np.array([1.0, 0.0]), np.array([[2.0, -4.0]])
    middle = (W_in @ out, b_in - 1)
    return [(W_in, b_in), *[middle] * (depth - 1), (out, np.array([-1.0]))]


def square(depth: int) -> Layers:
    """x² on [−1, 1] by `depth` hidden layers of 3 ReLUs: straight lines between 2^depth + 1 even points.

    Its largest error is 4^-depth. 12 depth − 2 parameters, as many as one hidden layer of 4 depth − 1 ReLUs has. With
    u = (x + 1) / 2 and T^j the j-fold tent on [0, 1], x² = 1 − 4 Σ T^j(u) / 4^j: two units fold, the third one adds up.
    """
    layers = [(np.array([[0.5], [0.5], [0.0]]), np.array([0.5, 0.0, 0.0]))]  # the sum begins with nothing
    fold = np.array([2.0, -4.0, 0.0])  # T(u) = 2 ReLU(u) - 4 ReLU(u - 1/2)
    for j in range(1, depth):
        add = np.array([0.0, 0.0, 1.0]) + fold / 4 ** (j - 1)
        layers.append((np.stack([fold, fold, add]), np.array([0.0, -0.5, 0.0])))
    return [*layers, (-(np.array([[0.0, 0.0, 1.0]]) + fold / 4 ** (depth - 1)), np.array([1.0]))]


def measured(f: Callable[[Line], Line], target: Callable[[Line], Line], count: int = 16_385) -> tuple[float, float]:
    """The largest and the root mean square difference of two functions, on an even grid of the domain."""
    x = np.linspace(LOW, HIGH, count)
    return errors(f(x), target(x))
