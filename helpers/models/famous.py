"""Famous networks at their full size, built without memory (torch's "meta" device), so that their cost can be counted.

What a layer keeps and what it multiplies follow from its shape; nothing here can be run on a picture. Parameters and
accuracies that were published stand beside, with their source. Notebook: 01_neurons. Smaller versions that can be
trained on notes: helpers/models/cnn.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from helpers.models.cnn import count


class Subsample(nn.Module):
    """LeNet-5's pooling: the sum of each 2 × 2 cells, times a weight, plus a bias, one pair for each map."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(maps)), nn.Parameter(torch.zeros(maps))

    def forward(self, x: Float[Tensor, "batch map row column"]) -> Float[Tensor, "batch map half_row half_column"]:
        total = 4 * nn.functional.avg_pool2d(x, 2)
        return total * self.weight[:, None, None] + self.bias[:, None, None]


class Chosen(nn.Module):
    """A convolution whose every output map sees some of the input maps only, as in LeNet-5's table I."""

    def __init__(self, seen: list[list[int]], size: int) -> None:
        super().__init__()
        self.seen, self.maps = seen, nn.ModuleList(nn.Conv2d(len(chosen), 1, size) for chosen in seen)

    def forward(self, x: Float[Tensor, "batch map row column"]) -> Float[Tensor, "batch out out_row out_column"]:
        return torch.cat([conv(x[:, chosen]) for chosen, conv in zip(self.seen, self.maps)], 1)


def lenet5() -> nn.Sequential:
    """32 × 32 digits. Its last layer compares 84 numbers with fixed pictures of the digits: nothing in it is learned."""
    three = [[(i + j) % 6 for j in range(3)] for i in range(6)]
    four = [[(i + j) % 6 for j in range(4)] for i in range(6)] + [[0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5]]
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), Subsample(6), nn.Tanh(), Chosen([*three, *four, list(range(6))], 5), Subsample(16), nn.Tanh(),
        nn.Conv2d(16, 120, 5), nn.Tanh(), nn.Flatten(), nn.Linear(120, 84), nn.Tanh(),
    )  # fmt: skip


def alexnet() -> nn.Sequential:
    """As on its two graphics cards of 2012: layers 2, 4 and 5 see only the half of the maps that lies on their card."""
    return nn.Sequential(
        nn.Conv2d(3, 96, 11, stride=4, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(), nn.Conv2d(384, 384, 3, padding=1, groups=2), nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1, groups=2), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Flatten(), *_dense(256 * 6 * 6),
    )  # fmt: skip


def vgg16() -> nn.Sequential:
    """Thirteen 3 × 3 convolutions, the maps doubled at each halving, and three dense layers (configuration D)."""
    layers, c_in = [], 3
    for width, repeats in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(repeats):
            layers += [nn.Conv2d(c_in, width, 3, padding=1), nn.ReLU()]
            c_in = width
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten(), *_dense(512 * 7 * 7))


def _dense(n: int) -> tuple[nn.Module, ...]:
    return nn.Linear(n, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, 1000)


def _normed(c_in: int, c_out: int, size: int, stride: int = 1) -> tuple[nn.Module, ...]:
    return nn.Conv2d(c_in, c_out, size, stride, size // 2, bias=False), nn.BatchNorm2d(c_out)


class Block(nn.Module):
    """ReLU(x + f(x)): f is two 3 × 3 convolutions, or a bottleneck of 1 × 1, 3 × 3 and 1 × 1 with four times the maps out."""

    def __init__(self, c_in: int, width: int, stride: int, bottleneck: bool) -> None:
        super().__init__()
        c_out = 4 * width if bottleneck else width
        if bottleneck:
            thin = (*_normed(c_in, width, 1, stride), nn.ReLU(), *_normed(width, width, 3), nn.ReLU())
            self.f = nn.Sequential(*thin, *_normed(width, c_out, 1))
        else:
            self.f = nn.Sequential(*_normed(c_in, width, 3, stride), nn.ReLU(), *_normed(width, width, 3))
        same = c_in == c_out and stride == 1
        self.way_around = nn.Sequential(*(() if same else _normed(c_in, c_out, 1, stride)))

    def forward(self, x: Float[Tensor, "batch c_in row column"]) -> Float[Tensor, "batch c_out out_row out_column"]:
        return torch.relu(self.way_around(x) + self.f(x))


def resnet(blocks: tuple[int, int, int, int], bottleneck: bool) -> nn.Sequential:
    """Four stages of that many blocks; a stage's first block halves the picture, but for the first stage's."""
    layers, c_in = [*_normed(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)], 64
    for stage, repeats in enumerate(blocks):
        width = 64 * 2**stage
        for i in range(repeats):
            layers.append(Block(c_in, width, 2 if stage and not i else 1, bottleneck))
            c_in = 4 * width if bottleneck else width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c_in, 1000))


@dataclass(frozen=True)
class Famous:
    """A network and what was published of it.

    shape: channels, rows and columns of its input; depth: layers with weights on the longest way; parameters, in
    millions, and top1, the share of right first answers in percent, as published; source: where.
    """

    year: int
    make: Callable[[], nn.Sequential]
    shape: tuple[int, int, int]
    depth: int
    parameters: float
    top1: float
    source: str

    def cost(self) -> tuple[int, int]:
        """(parameters, multiply-adds for one picture), counted on the architecture."""
        with torch.device("meta"):
            return count(self.make(), self.shape)


IMAGE = (3, 224, 224)
# On ImageNet: 50,000 pictures for validation, mean of ten crops. On MNIST: 10,000 test digits.
FAMOUS = {
    "LeNet-5": Famous(1998, lenet5, (1, 32, 32), 5, 0.060, 99.05, "MNIST; LeCun et al., 1998, sections II.B and III.B"),
    "AlexNet": Famous(2012, alexnet, IMAGE, 8, 61.0, 59.3, "Krizhevsky et al., 2012, table 2 (one network)"),
    "VGG-16": Famous(2014, vgg16, IMAGE, 16, 138, 71.93, "Simonyan and Zisserman, 2015, table 2; He et al., 2016, table 3"),
    "ResNet-18": Famous(2015, lambda: resnet((2, 2, 2, 2), False), IMAGE, 18, 11.7, 72.12, "He et al., 2016, table 2"),
    "ResNet-50": Famous(2015, lambda: resnet((3, 4, 6, 3), True), IMAGE, 50, 25.6, 77.15, "He et al., 2016, table 3"),
    "ResNet-152": Famous(2015, lambda: resnet((3, 8, 36, 3), True), IMAGE, 152, 60.2, 78.57, "He et al., 2016, table 3"),
}
# He et al., 2016, table 2: top-1 accuracy in percent, validation, ten crops, of the same stacks without and with skips
DEPTHS = {"plain": {18: 72.06, 34: 71.46}, "residual": {18: 72.12, 34: 74.97}}
