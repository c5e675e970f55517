"""Exercises on neurons, layers and how steep a sigmoid is.

Notebook: 01_neurons. The oracles are torch's own layers and autograd.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Generator, Tensor
from torch.nn import functional as F

from helpers.exercises import exercise

Vector = Float[Tensor, "n"]
Batch = Float[Tensor, "batch n"]


def _neurons(generator: Generator) -> Iterator[tuple[Vector, Vector, float]]:
    yield torch.tensor([1.0, -2.0]), torch.tensor([0.5, 0.25]), 0.3
    for n in (1, 3, 4, 7):
        x, w = torch.randn(2, n, generator=generator)
        yield x, w, torch.randn((), generator=generator).item()


@exercise(_neurons)
def neuron_output(x: Vector, w: Vector, b: float) -> Float[Tensor, ""]:
    """What a neuron with a sigmoid says of x."""
    return torch.sigmoid(F.linear(x, w[None], torch.tensor([b])))[0]


@neuron_output.mistake
def no_bias(x, w, b):
    """You leave out the bias."""
    return torch.sigmoid(x @ w)


@neuron_output.mistake
def not_bent(x, w, b):
    """That is the weighted sum with its bias. What does the activation make of it?"""
    return x @ w + b


@neuron_output.mistake
def bias_outside(x, w, b):
    """Your bias comes after the activation. It belongs to the sum that goes into it."""
    return torch.sigmoid(x @ w) + b


@neuron_output.mistake
def subtracted(x, w, b):
    """You take the bias away. Which sign has it in the neuron's formula?"""
    return torch.sigmoid(x @ w - b)


@neuron_output.mistake
def upside_down(x, w, b):
    """Your neuron says no where it should say yes: look at the sign in the exponent of the sigmoid."""
    return torch.sigmoid(-(x @ w) - b)


@neuron_output.mistake
def each(x, w, b):
    """You bend each product by itself. A neuron adds them all up first and bends once."""
    return torch.sigmoid(x * w + b)


@neuron_output.mistake
def averaged(x, w, b):
    """You take the mean of the products; a neuron takes their sum."""
    return torch.sigmoid((x * w).mean() + b)


@neuron_output.mistake
def hyperbolic(x, w, b):
    """Your activation goes below zero: that is the hyperbolic tangent, not the sigmoid."""
    return torch.tanh(x @ w + b)


def _layers(generator: Generator) -> Iterator[tuple[Batch, Float[Tensor, "out n"], Float[Tensor, "out"]]]:
    yield torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, 0.0], [-1.0, 1.0], [0.0, -3.0]]), torch.tensor([0.5, 0.0, 1.0])
    for batch, n, out in ((4, 3, 2), (5, 2, 6), (3, 4, 4), (2, 5, 5)):
        yield tuple(torch.randn(*size, generator=generator) for size in ((batch, n), (out, n), (out,)))


@exercise(_layers)
def dense_layer(X: Batch, W: Float[Tensor, "out n"], b: Float[Tensor, "out"]) -> Float[Tensor, "batch out"]:
    """A fully connected layer with ReLU, on a batch."""
    return F.relu(F.linear(X, W, b))


@dense_layer.mistake
def linear_only(X, W, b):
    """Some of your outputs are negative; a ReLU never lets that happen."""
    return X @ W.T + b


@dense_layer.mistake
def biasless(X, W, b):
    """You leave out the biases."""
    return torch.relu(X @ W.T)


@dense_layer.mistake
def bias_after(X, W, b):
    """You add the biases after the ReLU; they belong before it."""
    return torch.relu(X @ W.T) + b


@dense_layer.mistake
def turned(X, W, b):
    """Your output lies on its side: one row for each unit. Each row should be one example."""
    return torch.relu(W @ X.T + b[:, None])


@dense_layer.mistake
def untransposed(X, W, b):
    """A row of W holds the weights of one unit. You use its columns, and where W is not square that cannot even be
    multiplied."""
    return torch.relu(X @ W + b)


@dense_layer.mistake
def bent_away(X, W, b):
    """You keep what is negative and drop what is positive; a ReLU does the opposite."""
    return torch.clamp(X @ W.T + b, max=0)


@dense_layer.mistake
def absolute(X, W, b):
    """You turn negative numbers round; a ReLU makes them nothing."""
    return (X @ W.T + b).abs()


@dense_layer.mistake
def squashed(X, W, b):
    """Your units never get past one: that is a sigmoid, and a ReLU was asked for."""
    return torch.sigmoid(X @ W.T + b)


def _inputs(generator: Generator) -> Iterator[tuple[Vector]]:
    yield (torch.tensor([0.0]),)
    yield (torch.tensor([-2.0, -1.0, 0.0, 1.0, 2.0]),)
    yield (3 * torch.randn(6, generator=generator),)


@exercise(_inputs)
def sigmoid_slope(z: Vector) -> Vector:
    """The derivative of the sigmoid."""
    z = z.clone().requires_grad_()
    return torch.autograd.grad(torch.sigmoid(z).sum(), z)[0]


@sigmoid_slope.mistake
def value(z):
    """That is the sigmoid itself. How steep is it there?"""
    return torch.sigmoid(z)


@sigmoid_slope.mistake
def applied_to_z(z):
    """Your formula fits, but you put z where the sigmoid of z belongs."""
    return z * (1 - z)


@sigmoid_slope.mistake
def other_side(z):
    """That is the sigmoid of the other class, what is missing to one. It is only one of two factors."""
    return 1 - torch.sigmoid(z)


@sigmoid_slope.mistake
def of_tanh(z):
    """That is the slope of the hyperbolic tangent, four times as steep in the middle."""
    return 1 - torch.tanh(z) ** 2


@sigmoid_slope.mistake
def squared(z):
    """At z of 0 yours is three times too steep: the first of your two terms lacks a factor."""
    return 1 - torch.sigmoid(z) ** 2


@sigmoid_slope.mistake
def falling(z):
    """Your slope is negative, yet the sigmoid rises everywhere."""
    return -torch.sigmoid(z) * (1 - torch.sigmoid(z))


@sigmoid_slope.mistake
def exponential(z):
    """You took the derivative of the exponential alone; the fraction around it has one as well."""
    return torch.exp(-z)
