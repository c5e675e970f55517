"""Typical wrong neurons, layers and slopes."""

import math

import numpy as np
import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def logistic(z):
    return 1 / (1 + math.exp(-z))


def weighted(x, w, b):
    return sum(float(a) * float(c) for a, c in zip(x, w)) + b


def layer(X, W, b, bend=lambda z: max(z, 0.0), after=lambda y, _bias: y, bias=True):
    rows = [[sum(float(x * w) for x, w in zip(row, weights)) for weights in W] for row in X]
    return [[after(bend(z + (float(c) if bias else 0.0)), float(c)) for z, c in zip(row, b)] for row in rows]


def test_plain_python_will_do():
    assert check("neuron_output", lambda x, w, b: logistic(weighted(x, w, b))).ok
    assert check("dense_layer", layer).ok
    assert check("sigmoid_slope", lambda z: np.exp(-z.numpy()) / (1 + np.exp(-z.numpy())) ** 2).ok


def test_wrong_neurons():
    tell_apart(
        "neuron_output",
        {
            "leave out the bias": lambda x, w, b: logistic(weighted(x, w, 0.0)),
            "weighted sum with its bias": weighted,
            "bias comes after the activation": lambda x, w, b: logistic(weighted(x, w, 0.0)) + b,
            "take the bias away": lambda x, w, b: logistic(weighted(x, w, -b)),
            "sign in the exponent": lambda x, w, b: 1 / (1 + math.exp(weighted(x, w, b))),
            "bend each product": lambda x, w, b: [logistic(float(a * c) + b) for a, c in zip(x, w)],
            "mean of the products": lambda x, w, b: logistic(weighted(x, w, 0.0) / len(x) + b),
            "hyperbolic tangent": lambda x, w, b: math.tanh(weighted(x, w, b)),
        },
    )


def test_wrong_layers():
    tell_apart(
        "dense_layer",
        {
            "outputs are negative": lambda X, W, b: layer(X, W, b, bend=lambda z: z),
            "leave out the biases": lambda X, W, b: layer(X, W, b, bias=False),
            "biases after the ReLU": lambda X, W, b: layer(X, W, b, after=lambda y, c: y + c, bias=False),
            "lies on its side": lambda X, W, b: np.array(layer(X, W, b)).T,
            "its columns": lambda X, W, b: (X @ W + b).clamp(min=0),
            "keep what is negative": lambda X, W, b: layer(X, W, b, bend=lambda z: min(z, 0.0)),
            "turn negative numbers round": lambda X, W, b: layer(X, W, b, bend=abs),
            "never get past one": lambda X, W, b: layer(X, W, b, bend=logistic),
        },
    )


def test_wrong_slopes():
    def each(f):
        return lambda z: torch.tensor([f(float(v)) for v in z])

    tell_apart(
        "sigmoid_slope",
        {
            "the sigmoid itself": each(logistic),
            "put z where": each(lambda z: z * (1 - z)),
            "only one of two factors": each(lambda z: logistic(-z)),
            "four times as steep": each(lambda z: 1 / math.cosh(z) ** 2),
            "lacks a factor": each(lambda z: 1 - logistic(z) ** 2),
            "yet the sigmoid rises": each(lambda z: -math.exp(-z) / (1 + math.exp(-z)) ** 2),
            "exponential alone": each(lambda z: math.exp(-z)),
        },
    )
