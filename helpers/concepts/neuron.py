"""A neuron, ŷ = φ(w·x + b), and small networks of them on points of the plane: outputs, maps, the line between classes.

All parameters of a network stand in one vector θ, layer by layer, the weights of a layer before its biases; a whole
run of training is then one table, a row a step. Notebook: 01_neurons. After Rosenblatt, 1958.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from helpers.concepts.activation import ACTIVATIONS

Theta = Float[np.ndarray, "*run parameter"]
Points = Float[np.ndarray, "point feature"]
Box = tuple[float, float]  # the least and the largest value of both features


@dataclass(frozen=True)
class Net:
    """A fully connected network, h = φ(W h + b) layer after layer.

    sizes: numbers of features, of units in each hidden layer, and of outputs, for instance (2, 4, 1);
    hidden, out: the activations φ of the hidden layers and of the output.
    Raises ValueError for an unknown activation or a layer without units.
    """

    sizes: tuple[int, ...]
    hidden: str = "tanh"
    out: str = "sigmoid"

    def __post_init__(self) -> None:
        for name in (self.hidden, self.out):
            if name not in ACTIVATIONS:
                raise ValueError(f"There is no activation {name!r}; choose one of {', '.join(ACTIVATIONS)}.")
        if len(self.sizes) < 2 or min(self.sizes) < 1:
            raise ValueError(f"sizes={self.sizes} is no network; give at least two layers of one unit or more.")

    @property
    def parameters(self) -> int:
        """How many weights and biases there are: (n_in + 1) n_out a layer."""
        return sum((n + 1) * m for n, m in zip(self.sizes, self.sizes[1:]))

    def unpack(self, theta: Theta) -> list[tuple[Float[np.ndarray, "*run out into"], Float[np.ndarray, "*run out"]]]:
        """Views of θ as (W, b), a pair for each layer; writing to them writes to θ."""
        layers, at = [], 0
        for n, m in zip(self.sizes, self.sizes[1:]):
            W = theta[..., at : at + n * m].reshape(*theta.shape[:-1], m, n)
            layers.append((W, theta[..., at + n * m : at + (n + 1) * m]))
            at += (n + 1) * m
        return layers

    def biases(self) -> Bool[np.ndarray, "parameter"]:
        """Which entries of θ are biases."""
        mark = np.zeros(self.parameters)
        for _, b in self.unpack(mark):
            b[:] = 1
        return mark == 1

    def initial(self, seed: int) -> Float[np.ndarray, "parameter"]:
        """Random weights, uniform within ±√(6 / (n_in + n_out)), and biases within half of that; Glorot and Bengio, 2010."""
        random, theta = np.random.default_rng(seed), np.zeros(self.parameters)
        for W, b in self.unpack(theta):
            reach = math.sqrt(6 / sum(W.shape))
            W[:] = random.uniform(-reach, reach, W.shape)
            b[:] = random.uniform(-reach / 2, reach / 2, b.shape)
        return theta

    def forward(
        self, theta: Theta, X: Points
    ) -> list[tuple[Float[np.ndarray, "*run point unit"], Float[np.ndarray, "*run point unit"]]]:
        """For each layer its pre-activations z = W h + b and its outputs φ(z), of all points, for each row of θ."""
        h, passed = X, []
        layers = self.unpack(theta)
        for i, (W, b) in enumerate(layers):
            z = h @ np.swapaxes(W, -1, -2) + b[..., None, :]
            h = ACTIVATIONS[self.out if i == len(layers) - 1 else self.hidden].value(z)
            passed.append((z, h))
        return passed


LONGEST = 0.8  # what an arrow's length comes near to, as the weights grow


def plane(box: Box, count: int) -> Points:
    """count × count even places of a square, its edges included, row by row from the least second feature up."""
    even = np.linspace(*box, count)
    x1, x2 = np.meshgrid(even, even)
    return np.stack([x1.ravel(), x2.ravel()], 1)


Maps = Float[np.ndarray, "unit row column"]


def maps(net: Net, theta: Float[np.ndarray, "parameter"], box: Box, count: int) -> list[tuple[Maps, Maps]]:
    """For each layer, its units' pre-activations and outputs all over the plane; row 0 is the least second feature."""
    passed = net.forward(theta, plane(box, count))
    return [(z.T.reshape(-1, count, count), h.T.reshape(-1, count, count)) for z, h in passed]


def boundary(w: Float[np.ndarray, "2"], b: float, box: Box) -> Float[np.ndarray, "2 2"] | None:
    """The two ends of the line w·x + b = 0 within the square `box`; None where it does not pass through it."""
    low, high = box
    (w1, w2), ends = w, []
    for edge in box:
        if w2:
            ends.append((edge, -(w1 * edge + b) / w2))
        if w1:
            ends.append((-(w2 * edge + b) / w1, edge))
    reach = 1e-9 * (high - low)
    ends = np.array([end for end in ends if low - reach <= min(end) and max(end) <= high + reach]).reshape(-1, 2)
    if len(ends) < 2:
        return None
    first = ends[0]  # a line through a corner meets two edges in the same place: take the end that is farthest from it
    last = ends[np.linalg.norm(ends - first, axis=1).argmax()]
    return np.stack([first, last]) if np.linalg.norm(last - first) > reach else None


def arrow(w: Float[np.ndarray, "2"], half: float = 1.5) -> Float[np.ndarray, "2"]:
    """Weights as an arrow that stays short: along w, 0.8 |w| / (|w| + 1.5) long."""
    return w * LONGEST / (math.hypot(*w) + half)


def weights_of(arrow: Float[np.ndarray, "2"], half: float = 1.5, most: float = 100.0) -> Float[np.ndarray, "2"]:
    """The weights that an arrow stands for; one that is too long stands for |w| = `most`."""
    length = math.hypot(*arrow)
    size = half * length / (LONGEST - length) if length < LONGEST * most / (most + half) else most
    return arrow * (size / length) if length else np.zeros(2)


def accuracy(z: Float[np.ndarray, "*run point"], y: Float[np.ndarray, "point"]) -> Float[np.ndarray, "*run"]:
    """The share of points on the right side: class 1 where z > 0, class 0 elsewhere."""
    return np.asarray(np.mean((z > 0) == (y > 0.5), axis=-1))
