"""The lecture's networks: what they cost against closed forms, what goes where against torch by hand."""

from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from helpers.models import cnn

CONV, NORM = (lambda c_in, c_out, k: c_in * c_out * k * k), (lambda c: 2 * c)


def published_lenet() -> nn.Module:
    """LeNet-5's convolutions and dense layers as LeCun et al. connect them, except for the sparse table of C3."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.AvgPool2d(2), nn.Conv2d(16, 120, 5),
        nn.Flatten(), nn.Linear(120, 84), nn.Linear(84, 10),
    )  # fmt: skip


def test_count_of_one_convolution():
    layer = nn.Conv2d(3, 8, (5, 3), stride=2, padding=1, dilation=(2, 1))
    rows, columns = (20 + 2 - 9) // 2 + 1, (15 + 2 - 3) // 2 + 1
    assert cnn.count(layer, (3, 20, 15)) == (3 * 8 * 15 + 8, rows * columns * 8 * 3 * 15)


def test_count_of_groups_and_of_a_dense_layer_at_each_place():
    assert cnn.count(nn.Conv2d(8, 16, 3, groups=4, bias=False), (8, 6, 6)) == (16 * 2 * 9, 4 * 4 * 16 * 2 * 9)
    assert cnn.count(nn.Linear(7, 5), (3, 4, 7)) == (40, 3 * 4 * 35)


def test_count_of_lenet_5_as_published():
    # LeCun et al. 1998: 156 in C1, 48,120 in C5, 10,164 in F6; C3 joined to all six maps has 2,416 in place of 1,516.
    parameters, operations = cnn.count(published_lenet(), (1, 32, 32))
    assert parameters == 156 + 2416 + 48_120 + 10_164 + 850
    # 28² places of 5² weights for 6 maps, 10² of 6 × 5² for 16, one of 16 × 5² for 120; then the dense layers.
    assert operations == 28**2 * 150 + 10**2 * 2400 + 48_000 + 120 * 84 + 84 * 10


def test_count_of_a_layer_used_twice():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Conv2d(2, 2, 3, padding=1)

        def forward(self, x):
            return self.layer(self.layer(x))

    assert cnn.count(Twice(), (2, 5, 5)) == (38, 2 * 25 * 36)


def test_count_leaves_the_model_as_it_was():
    model = cnn.vgg(width=4)
    model[0][1].eval()  # a part of it on purpose in another mode
    before, state = [m.training for m in model.modules()], {k: v.clone() for k, v in model.state_dict().items()}
    random = torch.get_rng_state()
    cnn.count(model)
    assert [m.training for m in model.modules()] == before
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random)
    assert not any(m._forward_hooks for m in model.modules())
    with pytest.raises(RuntimeError):
        cnn.count(model, (2, 64, 64))
    assert not any(m._forward_hooks for m in model.modules())


def test_lenet_in_closed_form():
    sizes = [16 * 13 * 13, 120, 84, 11]
    dense = [a * b for a, b in pairwise(sizes)]
    expected = CONV(1, 6, 5) + 6 + CONV(6, 16, 5) + 16 + sum(dense) + sum(sizes[1:])
    assert cnn.count(cnn.lenet()) == (expected, 60**2 * CONV(1, 6, 5) + 26**2 * CONV(6, 16, 5) + sum(dense))


def test_alexnet_in_closed_form():
    kernels = [CONV(1, 16, 7), CONV(16, 32, 5), CONV(32, 64, 3)]
    dense = [64 * 4 * 4 * 128, 128 * 11]
    expected = sum(kernels) + 16 + 32 + 64 + sum(dense) + 128 + 11
    places = [32**2, 16**2, 8**2]
    assert cnn.count(cnn.alexnet()) == (expected, sum(p * k for p, k in zip(places, kernels)) + sum(dense))


@pytest.mark.parametrize("width", [4, 8])
def test_vgg_in_closed_form(width):
    c = [1, width, 2 * width, 4 * width, 8 * width]
    kernels = [CONV(a, b, 3) + CONV(b, b, 3) for a, b in pairwise(c)]
    expected = sum(kernels) + sum(2 * NORM(b) for b in c[1:]) + c[-1] * 11 + 11
    operations = sum((64 >> stage) ** 2 * k for stage, k in enumerate(kernels)) + c[-1] * 11
    assert cnn.count(cnn.vgg(width=width)) == (expected, operations)


def test_resnet_in_closed_form():
    w = 8
    block = {(a, b): CONV(a, b, 3) + CONV(b, b, 3) + (a != b) * CONV(a, b, 1) for a, b in [(w, w), (w, 2 * w), (2 * w, 4 * w)]}
    norms = NORM(w) + 2 * NORM(w) + 3 * NORM(2 * w) + 3 * NORM(4 * w)
    expected = CONV(1, w, 3) + sum(block.values()) + norms + 4 * w * 11 + 11
    operations = 32**2 * (CONV(1, w, 3) + block[w, w]) + 16**2 * block[w, 2 * w] + 8**2 * block[2 * w, 4 * w] + 4 * w * 11
    assert cnn.count(cnn.resnet(width=w)) == (expected, operations)


@pytest.mark.parametrize(("c_in", "c_out", "stride"), [(4, 4, 1), (4, 8, 2), (4, 8, 1), (4, 4, 2)])
def test_a_residual_block_adds_what_it_is_given(c_in, c_out, stride):
    torch.manual_seed(0)
    block = cnn.Residual(c_in, c_out, stride)
    block.train()(torch.randn(16, c_in, 9, 9))  # so that the normalisation has something to undo
    x = torch.randn(3, c_in, 9, 9)
    weights = iter(block.state_dict().values())

    def normalised_convolution(x, stride, padding):
        kernel, gain, shift, mean, variance, _ = (next(weights) for _ in range(6))
        return F.batch_norm(F.conv2d(x, kernel, None, stride, padding), mean, variance, gain, shift)

    f = normalised_convolution(normalised_convolution(x, stride, 1).relu(), 1, 1)
    around = x if c_in == c_out and stride == 1 else normalised_convolution(x, stride, 0)
    torch.testing.assert_close(block.eval()(x), (f + around).relu(), atol=1e-6, rtol=1e-6)


def test_every_anatomy_answers_with_a_number_for_each_class_and_gets_a_gradient_everywhere():
    x, y = torch.rand(4, 1, 64, 64), torch.tensor([0, 3, 6, 2])
    for make in cnn.ANATOMIES.values():
        model = make(classes=7)
        logits = model(x)
        assert logits.shape == (4, 7)
        F.cross_entropy(logits, y).backward()
        assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())
