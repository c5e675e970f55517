"""Exercises on reverse mode: the slopes of six operations, the way back through a graph, and a check by differences.

Notebook: 03_gradient_descent. The oracles are torch's autograd and the linear system that the chain rule is.
"""

from collections.abc import Callable, Iterator

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from helpers.exercises import exercise

OPERATIONS: dict[str, Callable] = {
    "add": lambda a, b: a + b,
    "mul": lambda a, b: a * b,
    "exp": lambda a, b: a.exp(),
    "log": lambda a, b: a.log(),
    "tanh": lambda a, b: a.tanh(),
    "relu": lambda a, b: a.relu(),
}


def _operands(generator: Generator) -> Iterator[tuple[str, float, float]]:
    for operation in OPERATIONS:
        for sign in (1, -1):
            a, b = (0.3 + torch.rand(2, generator=generator, dtype=torch.float64)).tolist()
            yield operation, a if operation == "log" else sign * a, -b


@exercise(_operands)
def local_gradients(operation: str, a: float, b: float) -> tuple[float, float]:
    """∂out/∂a and ∂out/∂b, by autograd; 0 for what the operation does not use."""
    x, y = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (a, b))
    OPERATIONS[operation](x, y).backward()
    return float(x.grad), float(y.grad) if y.grad is not None else 0.0


def _but(which: str, slopes: Callable) -> Callable:
    """All slopes right but those of one operation, given a and b."""
    return lambda operation, a, b: slopes(a, b) if operation == which else local_gradients(operation, a, b)


def _exp(a):
    return float(torch.tensor(a).double().exp())


def _tanh(a):
    return float(torch.tensor(a).double().tanh())


@local_gradients.mistake
def values_of_a_sum(operation, a, b):
    """For a sum you return what was added. By how much does a sum grow when one of them grows a little?"""
    return _but("add", lambda a, b: (a, b))(operation, a, b)


@local_gradients.mistake
def not_crossed(operation, a, b):
    """In a product each factor gets its own value from you. What does the product grow by when the first one grows?"""
    return _but("mul", lambda a, b: (a, b))(operation, a, b)


@local_gradients.mistake
def flat_product(operation, a, b):
    """You treat a product like a sum: how fast it grows depends on the other factor."""
    return _but("mul", lambda a, b: (1.0, 1.0))(operation, a, b)


@local_gradients.mistake
def power_rule(operation, a, b):
    """For exp you use the rule for powers. Here it is the exponent that changes."""
    return _but("exp", lambda a, b: (a * _exp(a - 1), 0.0))(operation, a, b)


@local_gradients.mistake
def logarithm_itself(operation, a, b):
    """For log you return the logarithm. How steep is it, near 0 and far out?"""
    return _but("log", lambda a, b: (float(torch.tensor(a).double().log()), 0.0))(operation, a, b)


@local_gradients.mistake
def input_squared(operation, a, b):
    """Your slope of tanh uses the square of its input, not of its output."""
    return _but("tanh", lambda a, b: (1 - a * a, 0.0))(operation, a, b)


@local_gradients.mistake
def tanh_like_a_sigmoid(operation, a, b):
    """Your slope of tanh is the one of the sigmoid."""
    return _but("tanh", lambda a, b: (_tanh(a) * (1 - _tanh(a)), 0.0))(operation, a, b)


@local_gradients.mistake
def relu_itself(operation, a, b):
    """For relu you return its value. How steep is it on either side of 0?"""
    return _but("relu", lambda a, b: (max(a, 0.0), 0.0))(operation, a, b)


@local_gradients.mistake
def relu_always_open(operation, a, b):
    """Your relu lets a gradient through for a negative input too."""
    return _but("relu", lambda a, b: (1.0, 0.0))(operation, a, b)


@local_gradients.mistake
def both_move(operation, a, b):
    """An operation of one input does not depend on b, and yet you give b a slope there."""
    first, second = local_gradients(operation, a, b)
    return first, second if operation in ("add", "mul") else first


Graph = tuple[list[tuple[int, ...]], list[tuple[float, ...]]]


def _graphs(generator: Generator) -> Iterator[Graph]:
    yield [(), (0,)], [(), (3.0,)]
    yield [(), (0,), (1,)], [(), (2.0,), (5.0,)]
    yield [(), (), (0, 1)], [(), (), (4.0, -1.0)]
    yield [(), (0, 0)], [(), (3.0, 3.0)]  # x · x
    yield [(), (0,), (0,), (1, 2)], [(), (2.0,), (3.0,), (1.0, 5.0)]
    for n in (5, 7):
        parents = [(), (), *(tuple(torch.randint(i, (2,), generator=generator).tolist()) for i in range(2, n))]
        slopes = [tuple(torch.randn(len(p), generator=generator, dtype=torch.float64).tolist()) for p in parents]
        yield parents, slopes


@exercise(_graphs)
def backward(parents: list, slopes: list) -> Float[Tensor, "node"]:
    """g = Lᵀg + e, where L[i, j] is the slope of node i with respect to node j and e is 1 at the last: solved for g."""
    n = len(parents)
    L = torch.zeros(n, n, dtype=torch.float64)
    for i, (nodes, values) in enumerate(zip(parents, slopes, strict=True)):
        for j, value in zip(nodes, values, strict=True):
            L[i, j] += value
    unit = torch.eye(n, dtype=torch.float64)
    return torch.linalg.solve(unit - L.T, unit[-1])


def _walk(parents, slopes, order, pass_on, first=1.0):
    """Go through the nodes in an order; pass_on(gradient so far, slope, upstream gradient) is what a parent has then."""
    g = torch.zeros(len(parents), dtype=torch.float64)
    g[-1] = first
    for i in order:
        for j, slope in zip(parents[i], slopes[i]):
            g[j] = pass_on(g[j], slope, g[i])
    return g


@backward.mistake
def overwritten(parents, slopes):
    """A node that is used twice keeps only what comes along one of its ways. What of the other?"""
    return _walk(parents, slopes, reversed(range(len(parents))), lambda old, slope, up: slope * up)


@backward.mistake
def from_the_front(parents, slopes):
    """You begin at the first node: what flows back to it is not known yet. Where is it known?"""
    return _walk(parents, slopes, range(len(parents)), lambda old, slope, up: old + slope * up)


@backward.mistake
def slopes_alone(parents, slopes):
    """You pass the slope on and leave out what has come back so far: along a way slopes are multiplied."""
    return _walk(parents, slopes, reversed(range(len(parents))), lambda old, slope, up: old + slope)


@backward.mistake
def added_along(parents, slopes):
    """Along a way you add the slopes up: the chain rule does something else with them."""
    return _walk(parents, slopes, reversed(range(len(parents))), lambda old, slope, up: old + slope + up)


@backward.mistake
def nothing_to_begin_with(parents, slopes):
    """Everything is 0: what is the slope of the last node with respect to itself?"""
    return _walk(parents, slopes, reversed(range(len(parents))), lambda old, slope, up: old + slope * up, first=0.0)


@backward.mistake
def without_the_last(parents, slopes):
    """All is right but the last node, whose slope with respect to itself is not 0."""
    g = backward(parents, slopes)
    g[-1] = 0
    return g


def _functions(generator: Generator) -> Iterator[tuple]:
    yield lambda w: 1e4 * ((w - 0.5) ** 2).sum(), torch.full((2,), 0.5, dtype=torch.float64)  # a hollow: one side is not enough
    for f, n in ((lambda w: (w**2).sum(), 1), (lambda w: (w**3).sum() / 3 + w[0] * w[-1], 3), (lambda w: w.sin().prod(), 4)):
        yield f, 0.5 + torch.rand(n, generator=generator, dtype=torch.float64)


@exercise(_functions)
def numerical_gradient(f: Callable, w: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
    """∇f(w), by autograd."""
    w = w.clone().requires_grad_()
    return torch.autograd.grad(f(w), w)[0]


H = 1e-5  # the step that is asked for


def _differences(f, w, ahead, behind, over):
    """(f(w + ahead·h) − f(w − behind·h)) / (over·h), one weight at a time."""
    g = torch.zeros_like(w)
    for i in range(len(w)):
        d = torch.zeros_like(w)
        d[i] = H
        g[i] = (f(w + ahead * d) - f(w - behind * d)) / (over * H)
    return g


@numerical_gradient.mistake
def twice_as_steep(f, w):
    """Your slopes are twice too steep: how far apart are the two places you compare?"""
    return _differences(f, w, 1, 1, 1)


@numerical_gradient.mistake
def half_as_steep(f, w):
    """Your slopes are half as steep as they should be: how far apart are the two places you compare?"""
    return _differences(f, w, 1, 0, 2)


@numerical_gradient.mistake
def one_side_only(f, w):
    """You step to one side only: at the bottom of a hollow it goes up on both sides, and yet the slope there is 0."""
    return _differences(f, w, 1, 0, 1)


@numerical_gradient.mistake
def other_side_only(f, w):
    """You look behind only, and not ahead: where the slope changes, it lies between what either side says."""
    return _differences(f, w, 0, 1, 1)


@numerical_gradient.mistake
def wrong_way_round(f, w):
    """Your slopes point downhill: which of the two values is subtracted from which?"""
    return -_differences(f, w, 1, 1, 2)


@numerical_gradient.mistake
def all_at_once(f, w):
    """You move all weights at once. Each has a slope of its own, while the others stand still."""
    slope = (f(w + H) - f(w - H)) / (2 * H)
    return torch.full_like(w, float(slope))


@numerical_gradient.mistake
def total(f, w):
    """You move all weights at once, and return one slope. Each weight has its own."""
    return (f(w + H) - f(w - H)) / (2 * H)


@numerical_gradient.mistake
def not_divided(f, w):
    """That is by how much f changes. A slope is a change for each unit of way."""
    return _differences(f, w, 1, 0, 1) * H


@numerical_gradient.mistake
def left_there(f, w):
    """Each slope holds those of the weights before it as well: a weight that was moved goes back before the next one moves."""
    before, ends = f(w), w + H * torch.eye(len(w), dtype=w.dtype).cumsum(0)
    return torch.stack([(f(end) - before) / H for end in ends])
