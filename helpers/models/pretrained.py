"""First-layer weights that others trained, read from their files: nothing is downloaded, none of their code imported.

Notebook: 04_cnns. CREPE: Kim et al., 2018; EfficientNet-Lite0: Tan and Le, 2019; AlexNet: Krizhevsky et al., 2012.
"""

from __future__ import annotations

import os
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor


def crepe_kernels(path: str | os.PathLike) -> Float[Tensor, "128 512"]:
    """CREPE-tiny's first layer: 128 filters of 512 samples at 16 kHz.

    path: what `datasets.assets.fetch("crepe-tiny.pth")` returns. Raises ValueError if the file is another network's.
    """
    return _weight(path, "conv1.weight", (128, 1, 512, 1))[:, 0, :, 0]


def efficientnet_stem(path: str | os.PathLike) -> Float[Tensor, "32 3 3 3"]:
    """EfficientNet-Lite0's first layer: 32 kernels of 3 × 3 RGB pixels.

    path: what `datasets.assets.fetch("efficientnet-lite0.pth")` returns. Raises ValueError as crepe_kernels does.
    """
    return _weight(path, "_conv_stem.weight", (32, 3, 3, 3))


def alexnet_stem() -> Float[Tensor, "64 3 11 11"]:
    """AlexNet's first layer, as torchvision keeps it once it was asked for it.

    Raises FileNotFoundError, with what to do, if its weights are not on this machine.
    """
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    found = sorted(folder.glob("alexnet-*.pth"))
    if not found:
        raise FileNotFoundError(
            "AlexNet's weights are not on this machine. With torchvision and a network, once: "
            "torchvision.models.alexnet(weights='IMAGENET1K_V1'); or look at CREPE and EfficientNet, which are here."
        )
    return _weight(found[0], "features.0.weight", (64, 3, 11, 11))


def _weight(path: str | os.PathLike, name: str, shape: tuple[int, ...]) -> Tensor:
    weights = torch.load(path, map_location="cpu", weights_only=True)
    found = tuple(weights[name].shape) if name in weights else "absent"
    if found != shape:
        raise ValueError(f"{Path(path).name}: {name} is {found}; it should be {shape}. Run `make data` again.")
    return weights[name].float()
