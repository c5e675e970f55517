"""Towers that differ by nothing but what was asked for."""

import pytest
import torch
from torch import nn

from helpers.models.tower import Block, tower


@pytest.mark.parametrize("norm", [False, True])
def test_with_and_without_a_way_around_the_weights_are_the_same(norm):
    plain, skips = (tower(skip=skip, norm=norm).state_dict() for skip in (False, True))
    assert plain.keys() == skips.keys()
    assert all(torch.equal(plain[name], skips[name]) for name in plain)
    assert not torch.equal(tower(seed=1)[1].weight, tower()[1].weight)


def test_what_is_drawn_does_not_depend_on_normalisation():
    assert torch.equal(tower(norm=True)[-1].weight, tower()[-1].weight)
    assert torch.equal(tower(norm=True)[3].f[0].weight, tower()[3].f[0].weight)


def test_a_block_adds_to_what_it_is_given():
    x = torch.randn(2, 8, 16, 16)
    plain, skips = Block(8, False, False), Block(8, True, False)
    skips.load_state_dict(plain.state_dict())
    torch.testing.assert_close(skips(x) - plain(x), x)
    torch.testing.assert_close(plain(x), torch.relu(nn.functional.conv2d(x, plain.f[0].weight, plain.f[0].bias, padding=1)))


def test_a_notes_output_does_not_depend_on_its_neighbours():
    x = torch.rand(6, 1, 64, 64)
    model = tower(norm=True).train()
    assert model(x).shape == (6, 11)
    torch.testing.assert_close(model(x)[2:3], model(x[2:3]))


def test_the_callers_random_numbers_go_on():
    torch.manual_seed(3)
    right = torch.rand(2)
    torch.manual_seed(3)
    tower()
    assert torch.equal(torch.rand(2), right)
