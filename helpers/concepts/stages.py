"""Where a convolutional network's pictures are finished: after the ReLU that follows a convolution or closes a block.

Notebook: 04_cnns.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

import torch
from torch import nn

from helpers.concepts.kernels import BENDS, listen


def stages(model: nn.Module, shape: tuple[int, int, int]) -> dict[str, nn.Module]:
    """What to call each stage, first to last, and the module that writes it; `shape` is that of one input.

    In a Sequential a stage is a convolution with the normalisation and the non-linearity that directly follow it. Any
    other module that holds convolutions (a residual block) is one stage: the 1×1 convolution on its way around is none.
    In a network that is no Sequential, what follows a convolution is not known, so it stands alone.

    >>> list(stages(nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Conv2d(2, 2, 3)), (1, 8, 8)))
    ['convolution 1, after its ReLU', 'convolution 2']
    """
    found: dict[str, nn.Module] = {}
    convolutions = blocks = 0
    for chain in _chains(model):
        for i, part in enumerate(chain):
            if isinstance(part, nn.Conv2d):
                last, convolutions = _followed(chain, i), convolutions + 1
                found[f"convolution {convolutions}" + ("" if last is part else f", after its {type(last).__name__}")] = last
            elif any(isinstance(inner, nn.Conv2d) for inner in part.modules()):
                blocks += 1
                found[f"block {blocks}" + (", after its ReLU" if _ends_in_relu(model, part, shape) else "")] = part
    return found


def _chains(model: nn.Module) -> list[list[nn.Module]]:
    """Modules that run one after another: all of a Sequential; of another network, each part by itself."""
    if isinstance(model, nn.Sequential) or not list(model.children()):
        return [list(_opened(model))]
    apart = [_chains(part) if isinstance(part, nn.ModuleList) else [list(_opened(part))] for part in model.children()]
    return [chain for chains in apart for chain in chains]


def _opened(part: nn.Module) -> Iterator[nn.Module]:
    if not isinstance(part, nn.Sequential):
        yield part
        return
    for inner in part:
        yield from _opened(inner)


def _followed(chain: list[nn.Module], i: int) -> nn.Module:
    """The last of what normalises and bends what part i writes; one that is used elsewhere too writes for others as well."""

    def belongs(part: nn.Module) -> bool:
        return isinstance(part, BENDS) and not isinstance(part, nn.Dropout | nn.Dropout2d) and chain.count(part) == 1

    return [chain[i], *takewhile(belongs, chain[i + 1 :])][-1]


def _ends_in_relu(model: nn.Module, block: nn.Module, shape: tuple[int, int, int]) -> bool:
    """Whether a ReLU is the last thing a block does, be it a module or a function: autograd remembers."""
    said: list[str] = []
    parameter = next(model.parameters())
    x = torch.zeros(1, *shape, dtype=parameter.dtype, requires_grad=True)
    with torch.enable_grad():
        listen(model, block, x, lambda _module, _inputs, y: said.append(y.grad_fn.name()), 1)
    return said[0].startswith("Relu")
