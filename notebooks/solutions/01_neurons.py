"""Answers to the exercises of 01_neurons. Each is one way of many; read it after you have tried."""

from itertools import pairwise

import torch


def neuron_output(x, w, b):
    """The sum of the products and the bias, then the sigmoid."""
    z = (w * x).sum() + b
    return 1 / (1 + torch.exp(-z))


def sigmoid_slope(z):
    """The sigmoid times what is missing to 1."""
    y = 1 / (1 + torch.exp(-z))
    return y * (1 - y)


def dense_layer(X, W, b):
    """Each row of X with each row of W, a bias for each unit, and nothing below 0."""
    return (X @ W.T + b).clamp(min=0)


def mlp_parameters(sizes):
    """A unit has a weight for each unit before it, and a bias."""
    return sum((n + 1) * m for n, m in pairwise(sizes))


def collapse(W, b):
    """W₂(W₁x + b₁) + b₂ = (W₂W₁)x + (W₂b₁ + b₂), and so on."""
    matrix, bias = torch.eye(W.shape[-1]), torch.zeros(W.shape[-1])
    for layer, b_layer in zip(W, b):
        matrix, bias = layer @ matrix, layer @ bias + b_layer
    return matrix, bias


# Rows: w1, w2, b. The first fires if either input is on (OR), the second if both are (AND); on top: OR, but not AND.
xor_weights = [
    [1, 1, -0.5],
    [1, 1, -1.5],
    [1, -1, -0.5],
]


def relu_pieces(w, b, a, low, high):
    """A unit bends where w x + b = 0, if it has an input and an output; bends in one place count once."""
    hinges = {-bias / weight for weight, bias, out in zip(w, b, a) if weight != 0 and out != 0}
    return 1 + sum(low < hinge < high for hinge in hinges)


def lif_step(v, current, dt, tau):
    """A part dt / tau of the way from v to the current; those at the threshold fire and are emptied."""
    v = v + dt / tau * (current - v)
    spike = v >= 1
    return torch.where(spike, 0.0, v), spike
