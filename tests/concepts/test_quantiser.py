import math

import pytest
import torch

from helpers.concepts.quantiser import bits_per_second, entropy, from_levels, rounded, straight_through, to_levels


@pytest.mark.parametrize("levels", [2, 3, 16])
def test_every_value_goes_to_its_nearest_level(levels):
    x = torch.linspace(-1.3, 1.3, 1001)
    there = torch.linspace(-1, 1, levels)
    error = (rounded(x, levels) - x.clamp(-1, 1)).abs()
    assert torch.allclose(error, (x.clamp(-1, 1)[:, None] - there).abs().min(1).values, atol=1e-6)
    assert error.max() <= 1 / (levels - 1) + 1e-6
    assert to_levels(x, levels).unique().tolist() == list(range(levels))


def test_levels_and_back():
    index = torch.arange(5)
    assert from_levels(index, 5).tolist() == [-1, -0.5, 0, 0.5, 1]
    assert torch.equal(to_levels(from_levels(index, 5), 5), index)


def test_gradient_passes_as_if_nothing_were_rounded():
    x = torch.tensor([-2.0, -0.4, 0.3, 1.5], requires_grad=True)
    (rounded(x, 4) * torch.tensor([1.0, 2.0, 3.0, 4.0])).sum().backward()
    assert x.grad.tolist() == [0, 2, 3, 0]
    y = torch.tensor([0.3], requires_grad=True)
    out = straight_through(y, torch.tensor([7.0]))
    out.backward()
    assert (out.item(), y.grad.item()) == (7, 1)


def test_entropy():
    assert entropy(torch.arange(8).repeat(5), 8) == pytest.approx(3)
    assert entropy(torch.zeros(10, dtype=torch.long), 8) == 0
    assert entropy(torch.tensor([0, 0, 0, 1]), 2) == pytest.approx(-(0.75 * math.log2(0.75) + 0.25 * math.log2(0.25)))


def test_bits_per_second_and_bad_input():
    assert bits_per_second(2, 100, 2) == 50
    with pytest.raises(ValueError, match="above 0"):
        bits_per_second(2, 1, 0)
    with pytest.raises(ValueError, match="1 levels"):
        to_levels(torch.zeros(3), 1)
