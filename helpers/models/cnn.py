"""Four famous convolutional networks, scaled down to notes of 64 × 64 cells in 11 families; and what a network costs.

Each keeps the idea of its paper, not its size. Notebook: 04_cnns.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn


def lenet(classes: int = 11) -> nn.Sequential:
    """Two 5×5 convolutions with tanh, each averaged down, then three dense layers. After LeCun et al., 1998."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2),  # (B, 6, 30, 30)
        nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),  # (B, 16, 13, 13)
        nn.Flatten(), nn.Linear(16 * 13 * 13, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, classes),
    )  # fmt: skip


def alexnet(classes: int = 11) -> nn.Sequential:
    """A large first kernel that strides, ReLU, overlapping max pooling, dropout. After Krizhevsky et al., 2012."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 7, stride=2, padding=3), nn.ReLU(), nn.MaxPool2d(3, 2, padding=1),  # (B, 16, 16, 16)
        nn.Conv2d(16, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2, padding=1),  # (B, 32, 8, 8)
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2, padding=1),  # (B, 64, 4, 4)
        nn.Flatten(), nn.Dropout(), nn.Linear(64 * 4 * 4, 128), nn.ReLU(), nn.Dropout(), nn.Linear(128, classes),
    )  # fmt: skip


def vgg(classes: int = 11, width: int = 8) -> nn.Sequential:
    """Only 3×3 kernels, two before each halving; twice the channels after it. After Simonyan and Zisserman, 2015.

    With batch normalisation, which came later: without it so deep a stack needs far more epochs.
    """
    widths = [1, width, 2 * width, 4 * width, 8 * width]
    stages = [nn.Sequential(*conv(c_in, c_out), *conv(c_out, c_out), nn.MaxPool2d(2)) for c_in, c_out in pairwise(widths)]
    return nn.Sequential(*stages, *head(8 * width, classes))  # (B, 8 width, 4, 4) before the head


def resnet(classes: int = 11, width: int = 16) -> nn.Sequential:
    """A strided stem, then blocks that add to what they are given. After He et al., 2016."""
    return nn.Sequential(
        *conv(1, width, stride=2),  # (B, width, 32, 32)
        Residual(width, width), Residual(width, 2 * width, 2), Residual(2 * width, 4 * width, 2),  # (B, 4 width, 8, 8)
        *head(4 * width, classes),
    )  # fmt: skip


class Residual(nn.Module):
    """y = ReLU(x + f(x)): what a block learns is the difference, and its gradient has a way around it.

    Where the shape changes, a 1×1 convolution brings x to it.
    """

    def __init__(self, c_in: int, c_out: int, stride: int = 1) -> None:
        super().__init__()
        self.f = nn.Sequential(*conv(c_in, c_out, stride), *conv(c_out, c_out)[:2])  # no ReLU before the sum
        same = c_in == c_out and stride == 1
        around = [] if same else [nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out)]
        self.way_around = nn.Sequential(*around)

    def forward(self, x: Float[Tensor, "batch c_in row column"]) -> Float[Tensor, "batch c_out out_row out_column"]:
        return torch.relu(self.way_around(x) + self.f(x))


ANATOMIES = {"LeNet": lenet, "AlexNet": alexnet, "VGG": vgg, "ResNet": resnet}


def conv(c_in: int, c_out: int, stride: int = 1) -> tuple[nn.Module, ...]:
    """A 3×3 convolution, batch normalisation (Ioffe and Szegedy, 2015), ReLU."""
    return nn.Conv2d(c_in, c_out, 3, stride, padding=1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU()


def head(channels: int, classes: int) -> tuple[nn.Module, ...]:
    """The mean over the picture, then one number for each class."""
    return nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)


def count(model: nn.Module, shape: tuple[int, int, int] = (1, 64, 64)) -> tuple[int, int]:
    """(parameters, multiply-adds) of a network on one input of `shape`.

    Multiplications are counted in convolutions and dense layers, where all but a few of them are.

    >>> count(nn.Conv2d(1, 2, 3), (1, 4, 4))
    (20, 72)
    """
    operations = 0

    def weigh(layer: nn.Module, _inputs: tuple, y: Tensor) -> None:
        nonlocal operations
        per_output = layer.weight[0].numel()  # weights behind each number of the output
        operations += per_output * y[0].numel()

    layers = [m for m in model.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    hooks = [layer.register_forward_hook(weigh) for layer in layers]
    modes = {m: m.training for m in model.modules()}
    try:
        with torch.no_grad():
            model.eval()(torch.zeros(1, *shape, device=next(model.parameters()).device))
    finally:
        for m, training in modes.items():
            m.training = training
        for hook in hooks:
            hook.remove()
    return sum(p.numel() for p in model.parameters()), operations
