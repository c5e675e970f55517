"""Oracles: with the exact answer, the bound is the entropy; a worse answer costs more."""

import math

import pytest
import torch

from helpers.concepts.description import bits_per_cell


def exact(values):
    """v̂ of one cell whose values are equally likely: x̂_0 is their mean, weighed by how well they fit."""

    def network(x, t):
        a, s = (torch.cos(t * math.pi / 2)[:, None], torch.sin(t * math.pi / 2)[:, None])
        share = (-((x[..., None] - a[..., None] * values) ** 2) / (2 * s[..., None] ** 2)).softmax(-1)
        x0 = share @ values
        return (a * x - x0) / s  # x_0 = a x − s v

    return network


@pytest.mark.parametrize("levels", [2, 32])
def test_with_the_exact_answer_the_bound_is_the_entropy(levels):
    values = torch.linspace(-1.5, 1.5, levels, dtype=torch.float64)
    index = torch.arange(levels).repeat(2000 // levels)[:, None]
    bits, error = bits_per_cell(exact(values), index, values, smallest=0.01, draws=64)
    assert error < 0.05
    assert abs(bits - math.log2(levels)) < 4 * error + 1e-3


def test_a_model_that_always_says_zero_pays_as_if_each_cell_were_a_gaussian():
    """v̂ = 0 is exact for cells of N(0, 1): nats = ∫ cot |v|², with |v|² = sin² x_0² + cos² on average; plus the last choice."""
    values, smallest = torch.tensor([-0.7, 0.7], dtype=torch.float64), 0.01
    index = torch.tensor([0, 1] * 4000)[:, None]
    bits, error = bits_per_cell(lambda x, t: torch.zeros_like(x), index, values, smallest, draws=32)
    floor = math.pi / 2 * smallest
    sin2 = (1 - math.sin(floor) ** 2) / 2  # ∫ cot sin²
    expected = (0.49 * sin2 + (-math.log(math.sin(floor)) - sin2)) / math.log(2)
    assert abs(bits - expected) < 4 * error + 1e-3


def test_a_worse_answer_costs_more_and_the_seed_decides():
    values = torch.tensor([-1.0, 1.0], dtype=torch.float64)
    index = torch.tensor([0, 1] * 200)[:, None]
    good = exact(values)
    costs = [bits_per_cell(lambda x, t, off=off: good(x, t) + off, index, values, 0.01)[0] for off in (0.0, 0.2, 0.5)]
    assert costs == sorted(costs)
    price = -math.log(math.sin(math.pi / 2 * 0.01)) / math.log(2)
    assert costs[2] - costs[0] == pytest.approx(0.25 * price, rel=0.3)
    assert bits_per_cell(good, index, values, 0.01, seed=1) == bits_per_cell(good, index, values, 0.01, seed=1)
    assert bits_per_cell(good, index, values, 0.01, seed=1) != bits_per_cell(good, index, values, 0.01, seed=2)
