"""A small network learns: its loss, the gradient by hand (backpropagation), and every step of a run.

Written in numpy, in float64, and small enough to be computed while a point is dragged; step by step the same as
torch.autograd with torch.optim. Notebook: 01_neurons. Adam after Kingma and Ba, 2015.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from helpers.concepts.activation import ACTIVATIONS, sigmoid
from helpers.concepts.neuron import Net, Points, Theta

LOSSES = ("cross-entropy", "squared", "hinge")
OPTIMISERS = ("SGD", "Adam")
BETAS, EPSILON = (0.9, 0.999), 1e-8
FARTHEST = 1000.0
Labels = Float[np.ndarray, "point"]
PreActivations = Float[np.ndarray, "*run point"]


def target(y: Labels, out: str) -> Labels:
    """What the output should be of classes 0 and 1: −1 and 1 where the activation has both signs, else 0 and 1."""
    return 2 * y - 1 if out in ("tanh", "identity") else y


def losses(z: PreActivations, y: Labels, out: str, loss: str) -> PreActivations:
    """The loss of each point, from its pre-activation z.

    cross-entropy: of the probability σ(z), whatever the activation; squared: (φ(z) − target)²; hinge: max(0, 1 − z) for
    class 1, max(0, 1 + z) for class 0. Raises ValueError for a loss of another name.
    """
    if loss == "cross-entropy":
        return np.logaddexp(0, z) - y * z
    if loss == "squared":
        return (ACTIVATIONS[out].value(z) - target(y, out)) ** 2
    if loss == "hinge":
        return np.maximum(0, 1 - (2 * y - 1) * z)
    raise ValueError(f"There is no loss {loss!r}; choose one of {', '.join(LOSSES)}.")


def _slopes(z: PreActivations, y: Labels, out: str, loss: str) -> PreActivations:
    """The derivative of each point's loss by its z."""
    if loss == "cross-entropy":
        return sigmoid(z) - y
    if loss == "squared":
        return 2 * (ACTIVATIONS[out].value(z) - target(y, out)) * ACTIVATIONS[out].slope(z)
    return -(2 * y - 1) * ((2 * y - 1) * z < 1)


def gradient(net: Net, theta: Float[np.ndarray, "parameter"], X: Points, y: Labels, loss: str) -> Theta:
    """The gradient of the mean loss by θ, from the output back to the input by the chain rule."""
    passed = net.forward(theta, X)
    g = np.empty_like(theta)
    layers, slots = net.unpack(theta), net.unpack(g)
    delta = _slopes(passed[-1][0][:, 0], y, net.out, loss)[:, None] / len(y)  # (point, unit)
    for i in reversed(range(len(layers))):
        dW, db = slots[i]
        dW[:] = delta.T @ (passed[i - 1][1] if i else X)
        db[:] = delta.sum(0)
        if i:
            delta = (delta @ layers[i][0]) * ACTIVATIONS[net.hidden].slope(passed[i - 1][0])
    return g


def batches(count: int, size: int, seed: int) -> Iterator[Int[np.ndarray, "point"]]:
    """Which points each update sees, for ever: each epoch shuffles all of them, and its last batch may be smaller."""
    random = np.random.default_rng(seed)
    while True:
        order = random.permutation(count)
        yield from (order[i : i + size] for i in range(0, count, size))


@dataclass(frozen=True)
class Recipe:
    """How to train. rates: (step, lr) pairs in order of steps: from that step on the learning rate is lr.

    bias: whether biases learn; without, they stay what they are. Raises ValueError for what cannot be trained with.
    """

    loss: str = "cross-entropy"
    optimiser: str = "SGD"
    rates: tuple[tuple[int, float], ...] = ((0, 0.1),)
    batch: int = 16
    seed: int = 0
    bias: bool = True

    def __post_init__(self) -> None:
        if self.loss not in LOSSES or self.optimiser not in OPTIMISERS:
            raise ValueError(f"{self.loss}, {self.optimiser}: the losses are {LOSSES}, the optimisers {OPTIMISERS}.")
        if self.batch < 1:
            raise ValueError(f"A batch of {self.batch} points teaches nothing; choose 1 or more.")
        if not self.rates or self.rates[0][0] != 0 or min(lr for _, lr in self.rates) <= 0:
            raise ValueError(f"rates={self.rates} should begin at step 0 and hold learning rates above 0.")


def train(net: Net, theta: Float[np.ndarray, "parameter"], X: Points, y: Labels, recipe: Recipe, steps: int) -> Theta:
    """θ after each update, a row a step, row 0 as it was given: (steps + 1, parameter).

    A run that diverges ends before the first step that would take a parameter beyond ±1,000: it has fewer rows.
    """
    run = np.empty((steps + 1, len(theta)))
    run[0] = theta
    learns = np.ones(len(theta)) if recipe.bias else 1.0 - net.biases()
    rates, batch = dict(recipe.rates), batches(len(y), recipe.batch, recipe.seed)
    m, v = np.zeros(len(theta)), np.zeros(len(theta))
    lr = rates[0]
    for t in range(steps):
        lr = rates.get(t, lr)
        now = next(batch)
        g = gradient(net, run[t], X[now], y[now], recipe.loss) * learns
        if recipe.optimiser == "Adam":
            m = BETAS[0] * m + (1 - BETAS[0]) * g
            v = BETAS[1] * v + (1 - BETAS[1]) * g * g
            g = m / (1 - BETAS[0] ** (t + 1)) / (np.sqrt(v / (1 - BETAS[1] ** (t + 1))) + EPSILON)
        run[t + 1] = run[t] - lr * g
        if not np.abs(run[t + 1]).max() <= FARTHEST:
            return run[: t + 1]
    return run
