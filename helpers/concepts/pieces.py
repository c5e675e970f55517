"""ReLU networks of one input are straight pieces: where they bend, and how to fit them.

f(x) = c + Σ aᵢ ReLU(x − kᵢ) bends at its hinges kᵢ, by aᵢ each. The first hinge is the left end of the domain [−1, 1]:
its unit is the first slope. Notebook: 01_neurons.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

LOW, HIGH = -1.0, 1.0  # the domain
CLOSEST = 1e-3  # two hinges that are nearer than this are taken for one

Line = Float[np.ndarray, "point"]


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
