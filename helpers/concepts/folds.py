"""Deep ReLU networks fold their input over and over: pieces double with each layer, parameters only add up.

Against them stands one hidden layer with as many parameters. Notebook: 01_neurons. Folding after Telgarsky, 2016; the
square after Yarotsky, 2017.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from helpers.concepts.pieces import HIGH, LOW, Hinged, Line, errors, evenly, fit

Layers = list[tuple[Float[np.ndarray, "_ _"], Float[np.ndarray, "_"]]]  # W (out, in) and b (out,)


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
    many as one hidden layer of 2 depth ReLUs has. Depth 0 is the line x itself.
    """
    if not depth:
        return [(np.array([[1.0]]), np.array([0.0]))]
    # T(x) = -1 + 2 ReLU(x + 1) - 4 ReLU(x), as x + 1 is never negative here
    W_in, b_in, out = np.array([[1.0], [1.0]]), np.array([1.0, 0.0]), np.array([[2.0, -4.0]])
    middle = (W_in @ out, b_in - 1)
    return [(W_in, b_in), *[middle] * (depth - 1), (out, np.array([-1.0]))]


def square(depth: int) -> Layers:
    """x² on [−1, 1] by `depth` hidden layers of 3 ReLUs: straight lines between 2^depth + 1 even points.

    Its largest error is 4^-depth. 12 depth − 2 parameters, as many as one hidden layer of 4 depth − 1 ReLUs has;
    depth 0 is the line through both ends. With
    u = (x + 1) / 2 and T^j the j-fold tent on [0, 1], x² = 1 − 4 Σ T^j(u) / 4^j: two units fold, the third one adds up.
    """
    if not depth:
        return [(np.array([[0.0]]), np.array([1.0]))]
    layers = [(np.array([[0.5], [0.5], [0.0]]), np.array([0.5, 0.0, 0.0]))]  # the sum begins with nothing
    fold = np.array([2.0, -4.0, 0.0])  # T(u) = 2 ReLU(u) - 4 ReLU(u - 1/2)
    for j in range(1, depth):
        add = np.array([0.0, 0.0, 1.0]) + fold / 4 ** (j - 1)
        layers.append((np.stack([fold, fold, add]), np.array([0.0, -0.5, 0.0])))
    return [*layers, (-(np.array([[0.0, 0.0, 1.0]]) + fold / 4 ** (depth - 1)), np.array([1.0]))]


def as_wide(depth: int, folds: Callable[[int], Layers], x: Line, y: Line) -> tuple[Hinged, int]:
    """One hidden layer with as many parameters as `folds(depth)`, fitted with even hinges; and how many these are."""
    count = parameters(folds(depth))
    if not depth:
        return fit(np.zeros(0), x, y), count  # a line, w x + b, which needs no ReLU
    network = fit(evenly((count - 1) // 3 - 1), x, y)  # 3 units + 1 parameters, one unit at the left end
    return network, network.parameters


def measured(f: Callable[[Line], Line], target: Callable[[Line], Line], count: int = 16_385) -> tuple[float, float]:
    """The largest and the root mean square difference of two functions, on an even grid of the domain."""
    x = np.linspace(LOW, HIGH, count)
    return errors(f(x), target(x))
