"""Which pictures of a network one looks at: against lists made by hand, and what they see against the sum over strides."""

import pytest
import torch
from torch import nn

from helpers.concepts.kernels import feature_map, receptive_fields, responses
from helpers.concepts.stages import stages

SHAPE = (1, 64, 64)


class Block(nn.Module):
    """y = bend(x around + f(x)), with a way around that changes the shape."""

    def __init__(self, c_in: int, c_out: int, bend):
        super().__init__()
        self.f = nn.Sequential(nn.Conv2d(c_in, c_out, 3, 2, padding=1), nn.ReLU(), nn.Conv2d(c_out, c_out, 3, padding=1))
        self.around = nn.Sequential(nn.Conv2d(c_in, c_out, 1, 2), nn.BatchNorm2d(c_out))
        self.bend = bend

    def forward(self, x):
        return self.bend(self.around(x) + self.f(x))


def blocks(bend) -> nn.Module:
    """A stem, two blocks in a Sequential of their own, and a head."""
    torch.manual_seed(0)
    stem = nn.Conv2d(1, 3, 3, 2, padding=1), nn.BatchNorm2d(3), nn.ReLU(inplace=True), nn.MaxPool2d(2)
    return nn.Sequential(*stem, nn.Sequential(Block(3, 4, bend), Block(4, 5, bend)), nn.Flatten(), nn.Linear(80, 11))


def test_what_follows_a_convolution_in_a_sequential_belongs_to_it():
    bend = nn.ReLU()
    parts = [
        nn.Conv2d(1, 2, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(2, 2, 3), nn.BatchNorm2d(2), nn.ReLU(inplace=True),
        nn.Dropout2d(), nn.Conv2d(2, 3, 3), nn.GELU(), nn.LocalResponseNorm(2), nn.Conv2d(3, 3, 1), nn.MaxPool2d(2), nn.ReLU(),
        nn.Conv2d(3, 3, 3), nn.BatchNorm2d(3), bend, nn.Conv2d(3, 3, 3), bend,
    ]  # fmt: skip
    found = stages(nn.Sequential(nn.Sequential(*parts[:5]), *parts[5:]), SHAPE)
    assert list(found) == [
        "convolution 1, after its Tanh", "convolution 2, after its ReLU", "convolution 3, after its LocalResponseNorm",
        "convolution 4", "convolution 5, after its BatchNorm2d", "convolution 6",
    ]  # fmt: skip
    # The last ReLU is used twice: what it writes is not of one convolution alone.
    assert [parts.index(module) for module in found.values()] == [1, 5, 9, 10, 14, 16]


@pytest.mark.parametrize("bend", [torch.relu, nn.ReLU(), nn.ReLU(inplace=True)])
def test_a_block_is_one_stage_and_its_way_around_none(bend):
    model = blocks(bend).train()
    found = stages(model, SHAPE)
    assert list(found) == ["convolution 1, after its ReLU", "block 1, after its ReLU", "block 2, after its ReLU"]
    assert list(found.values()) == [model[2], model[4][0], model[4][1]]
    assert all(module.training for module in model.modules())
    assert not any(module._forward_hooks for module in model.modules())


@pytest.mark.parametrize("bend", [torch.tanh, nn.GELU(), lambda x: x])
def test_a_block_that_ends_otherwise_claims_no_relu(bend):
    assert list(stages(blocks(bend), SHAPE)) == ["convolution 1, after its ReLU", "block 1", "block 2"]


def test_what_a_stage_writes_is_what_the_next_part_gets():
    model, x = blocks(torch.relu).eval(), torch.randn(7, *SHAPE, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        stem = torch.relu(model[1](model[0](x)))
        first = model[4][0](model[3](stem))
        second = model[4][1](first)
    for module, y in zip(stages(model, SHAPE).values(), (stem, first, second)):
        torch.testing.assert_close(responses(model, module, x)[0], y.amax((2, 3)))
        torch.testing.assert_close(feature_map(model, module, x[3], 2), y[3, 2])
        assert y.min() >= 0


def test_in_a_network_that_is_no_sequential_a_convolution_stands_alone():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.bend = nn.Conv2d(1, 2, 3), nn.ReLU()
            self.body = nn.Sequential(nn.Conv2d(2, 2, 3), nn.ReLU())
            self.more = nn.ModuleList([nn.Conv2d(2, 2, 3), nn.Sequential(nn.Conv2d(2, 2, 3), nn.Tanh())])

    model = Net()
    found = stages(model, SHAPE)
    assert list(found) == [
        "convolution 1",
        "convolution 2, after its ReLU",
        "convolution 3",
        "convolution 4, after its Tanh",
    ]
    assert list(found.values()) == [model.first, model.body[1], model.more[0], model.more[1][1]]
    alone = nn.Conv2d(1, 2, 3)
    assert stages(alone, SHAPE) == {"convolution 1": alone}
    assert stages(nn.Linear(3, 3), SHAPE) == {}


def test_receptive_fields_of_blocks_are_those_of_their_longest_way():
    model = blocks(torch.relu)
    sizes = []
    for module in stages(model, SHAPE).values():
        ((*_, height, width),) = receptive_fields(model, module, SHAPE, [(2, 2)])
        assert height == width
        sizes.append(height)
    # 3×3 at stride 2; 2×2 pooling (+2), then two 3×3, of which the first strides: 3 + 2 + 2·4 + 2·8; two more at 8 and 16.
    assert sizes[:2] == [3, 29]
    assert 29 < sizes[2] <= 64
