"""What a trained convolutional network looks for: its kernels' spectra, what excites a unit most, what a unit sees.

Notebook: 04_cnns. After Zeiler and Fergus, "Visualizing and understanding convolutional networks", 2014.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn


def spectra(kernels: Float[Tensor, "kernel tap"]) -> Float[Tensor, "kernel bin"]:
    """Magnitude of each kernel's Fourier transform: taps // 2 + 1 bins from 0 to half the sampling rate."""
    return torch.fft.rfft(kernels).abs()


def peak_frequency(kernels: Float[Tensor, "kernel tap"], rate: int) -> Float[Tensor, "kernel"]:
    """The frequency in Hz that each kernel passes best, to the nearest bin of rate / taps Hz."""
    return spectra(kernels).argmax(1) * (rate / kernels.shape[1])


@torch.no_grad()
def responses(
    model: nn.Module, layer: nn.Module, x: Float[Tensor, "example channel row column"], batch: int = 128
) -> tuple[Float[Tensor, "example unit"], Int[Tensor, "example unit 2"]]:
    """Each unit's strongest activation on each example, and at which (row, column) of its map.

    Runs the model in evaluation mode and leaves it as it was. A unit is a channel of the layer's output.
    """
    parts: list[tuple[Tensor, Tensor]] = []

    def keep(_module: nn.Module, _inputs: tuple, y: Float[Tensor, "example unit row column"]) -> None:
        most, where = (part.cpu() for part in y.flatten(2).max(2))
        parts.append((most, torch.stack([where // y.shape[3], where % y.shape[3]], -1)))

    listen(model, layer, x, keep, batch)
    return torch.cat([most for most, _ in parts]), torch.cat([where for _, where in parts])


@torch.no_grad()
def feature_map(
    model: nn.Module, layer: nn.Module, x: Float[Tensor, "channel row column"], unit: int
) -> Float[Tensor, "out_row out_column"]:
    """One unit's activations on one example, as the layer wrote them: what changes them in place comes later."""
    seen: list[Tensor] = []
    listen(model, layer, x[None], lambda _module, _inputs, y: seen.append(y[0, unit].clone()), 1)
    return seen[0]


def listen(model: nn.Module, layer: nn.Module, x: Tensor, hook: Callable, batch: int) -> None:
    """Run the model on x in evaluation mode, with a forward hook on one layer; leave it as it was."""
    training, device = {m: m.training for m in model.modules()}, next(model.parameters()).device
    handle = layer.register_forward_hook(hook)
    try:
        model.eval()
        for part in x.split(batch):
            model(part.to(device))
    finally:
        handle.remove()
        for module, was in training.items():  # a frozen part may have been in another mode than the whole
            module.training = was


def top(activation: Float[Tensor, "example unit"], unit: int, k: int, most: bool = True) -> Int[Tensor, "k"]:
    """The k examples that excite a unit most (or least), strongest first; of equals, the earlier comes first."""
    return activation[:, unit].argsort(descending=most, stable=True)[:k]


def receptive_fields(
    model: nn.Module, layer: nn.Module, shape: tuple[int, int, int], places: list[tuple[int, int]]
) -> list[tuple[int, int, int, int]]:
    """The input cells that each of these output cells of a layer depends on: (row, column, height, width), cut at the edges.

    An impulse test backwards: in a copy of the model whose weights are all 1 and whose non-linearities and
    normalisations are removed, the gradient of an output cell is positive on exactly the cells it sees.
    """
    name = next(name for name, module in model.named_modules() if module is layer)
    plain = copy.deepcopy(model).cpu().double().eval()  # deep sums of ones grow large
    _make_plain(plain)
    x = torch.ones(1, *shape, dtype=torch.float64, requires_grad=True)
    seen: list[Tensor] = []
    plain.get_submodule(name).register_forward_hook(lambda _module, _inputs, y: seen.append(y))
    plain(x)
    return [_box(torch.autograd.grad(seen[0][0, :, row, column].sum(), x, retain_graph=True)[0]) for row, column in places]


def _box(gradient: Float[Tensor, "1 channel row column"]) -> tuple[int, int, int, int]:
    rows, columns = (gradient[0].sum(0) > 0).nonzero().T.tolist()
    return min(rows), min(columns), max(rows) - min(rows) + 1, max(columns) - min(columns) + 1


BENDS = (
    nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.ELU, nn.GELU, nn.SiLU, nn.Mish, nn.Softplus, nn.Hardswish, nn.Hardtanh,
    nn.Hardsigmoid, nn.Tanh, nn.Sigmoid, nn.Dropout, nn.Dropout2d,
    nn.BatchNorm2d, nn.GroupNorm, nn.InstanceNorm2d, nn.LocalResponseNorm,
)  # fmt: skip


def _make_plain(model: nn.Module) -> None:
    for name, module in list(model.named_modules()):
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.ones_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.MaxPool2d):  # its gradient would reach the winner only
            model.set_submodule(name, nn.AvgPool2d(module.kernel_size, module.stride, module.padding, module.ceil_mode))
        elif isinstance(module, BENDS):
            model.set_submodule(name, nn.Identity())
