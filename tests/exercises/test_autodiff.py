"""Typical wrong ways back through a graph."""

import math

import numpy as np
import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def slopes(**wrong):
    """A table of rules, some of them wrong; f(a, b) gives both slopes."""
    rules = {
        "add": lambda a, b: (1, 1),
        "mul": lambda a, b: (b, a),
        "exp": lambda a, b: (math.e**a, 0),
        "log": lambda a, b: (a**-1, 0),
        "tanh": lambda a, b: (1 / math.cosh(a) ** 2, 0),
        "relu": lambda a, b: (1 if a > 0 else 0, 0),
        **wrong,
    }
    return lambda operation, a, b: tuple(map(float, rules[operation](a, b)))


def test_a_table_of_rules_will_do():
    assert check("local_gradients", slopes()).ok


def test_wrong_slopes():
    sigmoid = lambda a: math.tanh(a) - math.tanh(a) ** 2  # noqa: E731
    twice = {
        "exp": lambda a, b: (math.exp(a), math.exp(a)),
        "log": lambda a, b: (1 / a, 1 / a),
        "tanh": lambda a, b: (1 - math.tanh(a) ** 2, 1 - math.tanh(a) ** 2),
        "relu": lambda a, b: (a > 0, a > 0),
    }
    tell_apart(
        "local_gradients",
        {
            "what was added": slopes(add=lambda a, b: (a, b)),
            "its own value": slopes(mul=lambda a, b: (a, b)),
            "like a sum": slopes(mul=lambda a, b: (1, 1)),
            "rule for powers": slopes(exp=lambda a, b: (a * math.exp(a - 1), 0)),
            "return the logarithm": slopes(log=lambda a, b: (math.log(a), 0)),
            "not of its output": slopes(tanh=lambda a, b: (1 - a**2, 0)),
            "one of the sigmoid": slopes(tanh=lambda a, b: (sigmoid(a), 0)),
            "return its value": slopes(relu=lambda a, b: (a if a > 0 else 0, 0)),
            "negative input too": slopes(relu=lambda a, b: (1, 0)),
            "does not depend on b": slopes(**twice),
        },
    )


def along_ways(parents, local, of=math.prod):
    """The sum over all ways from the last node to each, of the product of the slopes along it: no order needed."""

    def ways(node, passed):
        yield node, passed
        for parent, slope in zip(parents[node], local[node]):
            yield from ways(parent, (*passed, slope))

    g = np.zeros(len(parents))
    for node, passed in ways(len(parents) - 1, ()):
        g[node] += of(passed)
    return g


def back(parents, local, order=reversed, pass_on=None, first=1.0):
    g = [0.0] * len(parents)
    g[-1] = first
    for i in order(range(len(parents))):
        for j, slope in zip(parents[i], local[i]):
            g[j] = pass_on(g[j], slope, g[i]) if pass_on else g[j] + slope * g[i]
    return g


def test_the_sum_over_all_ways_will_do():
    assert check("backward", along_ways).ok
    assert check("backward", back).ok


def test_wrong_ways_back():
    def last_is_zero(parents, local):
        g = back(parents, local)
        return [*g[:-1], 0]

    tell_apart(
        "backward",
        {
            "one of its ways": lambda p, s: back(p, s, pass_on=lambda old, slope, up: slope * up),
            "at the first node": lambda p, s: back(p, s, order=list),
            "leave out": lambda p, s: back(p, s, pass_on=lambda old, slope, up: old + slope),
            "add the slopes up": lambda p, s: back(p, s, pass_on=lambda old, slope, up: old + slope + up),
            "Everything is 0": lambda p, s: back(p, s, first=0.0),
            "right but the last": last_is_zero,
        },
    )


def numerically(f, w, h=1e-5, over=2.0, ahead=1.0, behind=1.0, sign=1.0):
    g = []
    for i in range(len(w)):
        there, here = w.clone(), w.clone()
        there[i] += ahead * h
        here[i] -= behind * h
        g.append(sign * float(f(there) - f(here)) / over)
    return g


def test_any_small_difference_will_do():
    for h in (1e-4, 1e-5, 1e-7):
        assert check("numerical_gradient", lambda f, w, h=h: numerically(f, w, h, over=2 * h)).ok


def test_one_side_is_not_enough_however_small_the_step():
    for h in (1e-4, 1e-5, 1e-6, 1e-7):
        for ahead in (0, 1):
            assert not check("numerical_gradient", lambda f, w, h=h, a=ahead: numerically(f, w, h, h, a, 1 - a)).ok


def test_a_weight_may_be_moved_and_put_back():
    """As the lecture says it; what comes back is off in its last digit."""
    off = []

    def there_and_back(f, w, h=1e-5):
        before, g = w.clone(), []
        for i in range(len(w)):
            w[i] += h
            ahead = f(w)
            w[i] -= 2 * h
            g.append((ahead - f(w)) / (2 * h))
            w[i] += h
        off.append(not torch.equal(w, before))
        return g

    assert check("numerical_gradient", there_and_back).ok
    assert any(off)


def test_wrong_differences():
    def moved_on(f, w):
        before, w, g = f(w), w.clone(), []
        for i in range(len(w)):
            w[i] += 1e-5
            g.append((f(w) - before) / 1e-5)
        return g

    def together(f, w):
        return (f(w + 1e-4) - f(w - 1e-4)) / 2e-4

    tell_apart(
        "numerical_gradient",
        {
            "twice too steep": lambda f, w: numerically(f, w, over=1e-5),
            "half as steep": lambda f, w: numerically(f, w, over=2e-5, behind=0),
            "to one side only": lambda f, w: numerically(f, w, over=1e-5, behind=0),
            "behind only": lambda f, w: numerically(f, w, over=1e-5, ahead=0),
            "point downhill": lambda f, w: numerically(f, w, over=2e-5, sign=-1),
            "all weights at once. Each": lambda f, w: [together(f, w)] * len(w),
            "return one slope": together,
            "by how much f changes": lambda f, w: numerically(f, w, over=1.0),
            "before it as well": moved_on,
        },
    )


def test_an_input_that_is_moved_and_not_put_back_is_noticed():
    def careless(f, w, by):
        g = numerically(f, w, over=2e-5)
        w += by
        return g

    for by in (1e-3, 1e-5, 1e-7):
        assert "changes its input" in check("numerical_gradient", lambda f, w, by=by: careless(f, w, by)).message
