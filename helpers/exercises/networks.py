"""Exercises on whole networks: their parameters, what is left of a linear one, their pieces; and XOR by hand.

Notebook: 01_neurons. The oracles build the network with torch, or look at its graph.
"""

from collections.abc import Iterator
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Generator, Tensor, nn

from helpers.exercises import exercise, judged
from helpers.exercises.trial import numbers

Stack = Float[Tensor, "layer n n"]
Biases = Float[Tensor, "layer n"]


def _sizes(generator: Generator) -> Iterator[tuple[list[int]]]:
    yield from (([2, 1],), ([2, 3, 1],), ([3, 5, 4, 2],), ([64, 128, 64, 32, 11],))
    yield (torch.randint(2, 9, (5,), generator=generator).tolist(),)


@exercise(_sizes)
def mlp_parameters(sizes: list[int]) -> int:
    """Weights and biases of a fully connected network with layers of these sizes."""
    layers = [nn.Linear(n, m, device="meta") for n, m in pairwise(sizes)]
    return sum(p.numel() for layer in layers for p in layer.parameters())


def _weights(sizes: list[int]) -> int:
    return sum(n * m for n, m in pairwise(sizes))


@mlp_parameters.mistake
def weights_only(sizes):
    """You count the weights and no bias."""
    return _weights(sizes)


@mlp_parameters.mistake
def bias_a_layer(sizes):
    """You count one bias a layer. Each unit has its own."""
    return _weights(sizes) + len(sizes) - 1


@mlp_parameters.mistake
def biased_inputs(sizes):
    """You give the inputs biases too. They are given, and compute nothing."""
    return _weights(sizes) + sum(sizes)


@mlp_parameters.mistake
def bias_of_the_layer_before(sizes):
    """You count a bias for each input of a layer. It is added to an output: how many of these are there?"""
    return _weights(sizes) + sum(sizes[:-1])


@mlp_parameters.mistake
def hidden_biases_only(sizes):
    """You forget the biases of the output."""
    return _weights(sizes) + sum(sizes[1:-1])


@mlp_parameters.mistake
def units(sizes):
    """You count units. What is learned sits on the connections between them, and in their biases."""
    return sum(sizes)


@mlp_parameters.mistake
def first_layer(sizes):
    """That is the first layer only."""
    return (sizes[0] + 1) * sizes[1]


def _linear(generator: Generator) -> Iterator[tuple[Stack, Biases]]:
    yield torch.tensor([[[2.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [3.0, 0.0]]]), torch.tensor([[1.0, 0.0], [0.0, 5.0]])
    for layers, n in ((2, 3), (3, 2), (5, 3)):
        yield torch.randn(layers, n, n, generator=generator), torch.randn(layers, n, generator=generator)


@exercise(_linear)
def collapse(W: Stack, b: Biases) -> tuple[Float[Tensor, "n n"], Float[Tensor, "n"]]:
    """One matrix and one bias that do what all the linear layers do, found by sending the axes through them."""
    n = W.shape[-1]
    h = torch.cat([torch.zeros(1, n), torch.eye(n)])
    for W_layer, b_layer in zip(W, b):
        h = nn.functional.linear(h, W_layer, b_layer)
    return (h[1:] - h[0]).T, h[0]


def _chain(W: Stack) -> Float[Tensor, "n n"]:
    whole = torch.eye(W.shape[-1])
    for layer in W:
        whole = layer @ whole
    return whole


@collapse.mistake
def backwards(W, b):
    """Your matrices are multiplied in the wrong order: the first layer acts on x first, so where does it stand?"""
    whole, bias = torch.eye(W.shape[-1]), collapse(W, b)[1]
    for layer in W:
        whole = whole @ layer
    return whole, bias


@collapse.mistake
def both_backwards(W, b):
    """You go through the layers from the last to the first; x meets the first one first."""
    return collapse(W.flip(0), b.flip(0))


@collapse.mistake
def biases_added(W, b):
    """You add the biases up as they are. The bias of an early layer goes through all later ones."""
    return _chain(W), b.sum(0)


@collapse.mistake
def last_bias(W, b):
    """You keep the last layer's bias only. Those before it go through the later layers and still count."""
    return _chain(W), b[-1]


@collapse.mistake
def no_biases(W, b):
    """You lose the biases. What comes out when nothing goes in?"""
    return _chain(W), torch.zeros_like(b[0])


@collapse.mistake
def own_layer_too(W, b):
    """Your biases go through their own layer as well; each is added after its layer's weights."""
    bias = torch.zeros_like(b[0])
    for W_layer, b_layer in zip(W, b):
        bias = W_layer @ (bias + b_layer)
    return _chain(W), bias


@collapse.mistake
def cell_by_cell(W, b):
    """You multiply the matrices cell by cell; layers in a row need the product of matrices."""
    return W.prod(0), collapse(W, b)[1]


@collapse.mistake
def summed(W, b):
    """You add the matrices; layers in a row multiply."""
    return W.sum(0), b.sum(0)


def _units(generator: Generator) -> Iterator[tuple[list[float], list[float], list[float], float, float]]:
    yield [1.0], [0.0], [1.0], -1.0, 1.0
    yield [1.0, 1.0, -2.0], [-0.5, 0.5, 0.5], [1.0, 1.0, 1.0], -1.0, 1.0
    yield [1.0, 2.0, 1.0], [-0.5, -1.0, 3.0], [1.0, 2.0, -1.0], -1.0, 1.0  # two in one place, one outside
    yield [1.0, 0.0, 1.0], [0.25, 1.0, -0.75], [1.0, 1.0, 0.0], -1.0, 1.0  # no input, no output
    yield [1.0, 1.0, -2.0], [1.0, -0.25, 2.0], [1.0, -1.0, 2.0], -1.0, 1.0  # two on the edges
    yield [-1.0, 3.0, 0.5, 2.0], [0.25, 0.75, 1.0, -0.5], [1.0, 0.5, 2.0, 1.0], -1.0, 1.0
    yield [1.0, 1.0, -1.0], [-2.5, -1.5, 2.0], [1.0, 1.0, 1.0], -1.0, 3.0


@exercise(_units)
def relu_pieces(w: list[float], b: list[float], a: list[float], low: float, high: float) -> int:
    """The straight pieces of Σ a ReLU(w x + b) between low and high, counted on its graph: one more than its bends."""
    x = torch.linspace(low, high, 1201, dtype=torch.float64)  # every hinge of the cases is one of these
    y = sum(out * torch.relu(weight * x + bias) for weight, bias, out in zip(w, b, a))
    return 1 + int((y.diff().diff().abs() > 1e-9).sum())


def _hinges(w: list[float], b: list[float]) -> list[float]:
    return [-bias / weight for weight, bias in zip(w, b) if weight]


@relu_pieces.mistake
def one_a_unit(w, b, a, low, high):
    """You count a bend for each unit. Some bend outside, some in the same place, some not at all."""
    return len(w) + 1


@relu_pieces.mistake
def bends(w, b, a, low, high):
    """You count the bends. A line with one bend in it has how many pieces?"""
    return relu_pieces(w, b, a, low, high) - 1


@relu_pieces.mistake
def outside_too(w, b, a, low, high):
    """You count bends that lie outside the range that was asked for, or on its edge."""
    return 1 + len({h for h, out in zip(_hinges_or_none(w, b), a) if h is not None and out})


def _hinges_or_none(w: list[float], b: list[float]) -> list[float | None]:
    return [-bias / weight if weight else None for weight, bias in zip(w, b)]


@relu_pieces.mistake
def twice(w, b, a, low, high):
    """Two units that bend in the same place make one bend; you count it twice."""
    return 1 + len([h for h, out in zip(_hinges_or_none(w, b), a) if h is not None and out and low < h < high])


@relu_pieces.mistake
def silent(w, b, a, low, high):
    """You count a unit whose output weight is nothing: nobody hears it bend."""
    return 1 + len({h for h in _hinges(w, b) if low < h < high})


@relu_pieces.mistake
def at_minus_b(w, b, a, low, high):
    """You look for the bend where x is the bias with its sign turned. The weight moves it, too."""
    return 1 + len({-bias for weight, bias, out in zip(w, b, a) if weight and out and low < -bias < high})


@relu_pieces.mistake
def at_plus_b(w, b, a, low, high):
    """A sign is lost: at the bend, the weighted input and the bias cancel each other."""
    return 1 + len({-h for h, out in zip(_hinges_or_none(w, b), a) if h is not None and out and low < -h < high})


@relu_pieces.mistake
def edges_too(w, b, a, low, high):
    """You count a bend on the very edge of the range, where nothing is left to be bent."""
    return 1 + len({h for h, out in zip(_hinges_or_none(w, b), a) if h is not None and out and low <= h <= high})


@judged
def xor_weights(answer: object) -> str | None:
    """What is wrong with three step neurons (two hidden, one on top; rows of w1, w2, b) that are to compute XOR, or None."""
    try:
        table = torch.as_tensor(numbers(answer), dtype=torch.float64)
    except Exception:
        return f"Three rows of three numbers are asked for: w1, w2 and b of each neuron. A {type(answer).__name__} came."
    if table.shape != (3, 3):
        return f"Three rows of three numbers are asked for, one for each neuron. Yours has shape {tuple(table.shape)}."
    if not table.isfinite().all():
        return "Your weights hold NaN or infinity."
    corners = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], dtype=torch.float64)
    z = corners @ table[:2, :2].T + table[:2, 2]
    hidden = (z > 0).double()
    top = hidden @ table[2, :2] + table[2, 2]
    return _xor_complaint(z, hidden, top)


def _xor_complaint(z: Float[Tensor, "4 2"], hidden: Float[Tensor, "4 2"], top: Float[Tensor, "4"]) -> str | None:
    said = (top > 0).int().tolist()
    if said == [0, 1, 1, 0]:
        return None
    if bool((z == 0).any()) or bool((top == 0).any()):
        return "Somewhere your sum is exactly zero, where a step does not fire. Move that bias a little to the side you mean."
    if said == [1, 0, 0, 1]:
        return "Your network says yes where it should say no, and no where it should say yes."
    if any(len(set(column)) == 1 for column in hidden.T.int().tolist()):
        return "One of your hidden neurons says the same of all four inputs: it is of no help."
    if torch.equal(hidden[:, 0], hidden[:, 1]) or torch.equal(hidden[:, 0], 1 - hidden[:, 1]):
        return "Your hidden neurons draw the same line. Two different lines are needed."
    if len(set(said)) == 1:
        return "Your output says the same of all four inputs. Weigh what the hidden neurons say against its bias."
    if said == [0, 1, 1, 1]:
        return "Your network computes OR: it fires when both inputs are on as well. Which hidden neuron could forbid that?"
    if said == [0, 0, 0, 1]:
        return "Your network computes AND: it fires only when both inputs are on."
    return f"Your network gets {sum(a == b for a, b in zip(said, [0, 1, 1, 0]))} of the 4 inputs right."
