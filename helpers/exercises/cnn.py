"""Exercises on whole networks: what a layer costs, and how far a cell sees.

Notebook: 04_cnns. Both oracles measure instead of calculating: they run a network of ones.
"""

from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from math import prod

import torch
from torch import Generator
from torch.nn import functional as F

from helpers.exercises import exercise


def _layers(generator: Generator) -> Iterator[tuple[int, ...]]:
    yield from ((1, 1, 1, 1, 1), (1, 2, 3, 4, 5), (3, 2, 5, 4, 4), (2, 3, 3, 8, 6))
    for _ in range(3):
        yield tuple(torch.randint(2, 6, (5,), generator=generator).tolist())


@cache
def _measure(c_in: int, c_out: int, kernel: int, height: int, width: int) -> tuple[int, int]:
    weight, bias = torch.ones(c_out, c_in, kernel, kernel), torch.zeros(c_out)
    x = torch.ones(1, c_in, height + kernel - 1, width + kernel - 1)
    # Ones times ones: each cell of the output counts the products it is made of.
    return weight.numel() + bias.numel(), int(F.conv2d(x, weight, bias).sum())


@exercise(_layers)
def conv_cost(c_in: int, c_out: int, kernel: int, height: int, width: int) -> tuple[int, int]:
    """Parameters, bias included, and multiply-adds of a layer whose output is height × width."""
    return _measure(c_in, c_out, kernel, height, width)


@conv_cost.mistake
def no_bias(c_in, c_out, kernel, height, width):
    """Your parameters lack the bias: one number for each output channel."""
    parameters, products = _measure(c_in, c_out, kernel, height, width)
    return parameters - c_out, products


@conv_cost.mistake
def bias_of_inputs(c_in, c_out, kernel, height, width):
    """You count a bias for each input channel. It is added to an output, so how many are there?"""
    parameters, products = _measure(c_in, c_out, kernel, height, width)
    return parameters - c_out + c_in, products


@conv_cost.mistake
def one_bias(c_in, c_out, kernel, height, width):
    """You count one bias for the whole layer; each output channel has its own."""
    parameters, products = _measure(c_in, c_out, kernel, height, width)
    return parameters - c_out + 1, products


@conv_cost.mistake
def bias_of_slices(c_in, c_out, kernel, height, width):
    """You count a bias for each pair of channels. A kernel adds up what it finds in all of them, then one bias."""
    parameters, products = _measure(c_in, c_out, kernel, height, width)
    return parameters - c_out + c_in * c_out, products


@conv_cost.mistake
def one_kernel(c_in, c_out, kernel, height, width):
    """Your weights are those of one kernel. How many kernels does the layer have, if each makes one channel?"""
    return c_in * kernel**2 + c_out, c_in * kernel**2 * height * width


@conv_cost.mistake
def one_kernel_and_bias(c_in, c_out, kernel, height, width):
    """You count one kernel and its bias: a layer with a single output channel. What do the others cost?"""
    return _measure(c_in, 1, kernel, height, width)


@conv_cost.mistake
def line(c_in, c_out, kernel, height, width):
    """Your kernel is a line. It is as high as it is wide."""
    return c_in * c_out * kernel + c_out, c_in * c_out * kernel * height * width


@conv_cost.mistake
def one_input(c_in, c_out, kernel, height, width):
    """Your kernels see one input channel. Each one reaches through all of them."""
    return _measure(1, c_out, kernel, height, width)


@conv_cost.mistake
def one_output(c_in, c_out, kernel, height, width):
    """Your multiply-adds make one output channel; the layer has more."""
    parameters, products = _measure(c_in, c_out, kernel, height, width)
    return parameters, products // c_out


@conv_cost.mistake
def one_stop(c_in, c_out, kernel, height, width):
    """Your multiply-adds are those of one stop. At how many places does the kernel stop?"""
    parameters, products = _measure(c_in, c_out, kernel, height, width)
    return parameters, products // (height * width)


@conv_cost.mistake
def bias_multiplied(c_in, c_out, kernel, height, width):
    """Your multiply-adds count the bias as well. It is added, not multiplied."""
    parameters, products = _measure(c_in, c_out, kernel, height, width)
    return parameters, products + c_out * height * width


@conv_cost.mistake
def two_each(c_in, c_out, kernel, height, width):
    """A multiply-add is one operation here; you count two for each."""
    parameters, products = _measure(c_in, c_out, kernel, height, width)
    return parameters, 2 * products


@conv_cost.mistake
def size_of_input(c_in, c_out, kernel, height, width):
    """Height and width are those of the output already; you make them smaller by the kernel once more."""
    parameters, products = _measure(c_in, c_out, kernel, height, width)
    return parameters, products * (height - kernel + 1) * (width - kernel + 1) // (height * width)


@conv_cost.mistake
def swapped(c_in, c_out, kernel, height, width):
    """The two numbers are right and in the wrong order."""
    return _measure(c_in, c_out, kernel, height, width)[::-1]


def _stacks(_generator: Generator) -> Iterator[tuple[list[tuple[int, int]]]]:
    for stack in (
        [],
        [(3, 1)],
        [(5, 2)],
        [(3, 1), (3, 1)],
        [(2, 2), (3, 1)],
        [(3, 2), (3, 2)],
        [(5, 1), (2, 2), (3, 3), (1, 1)],
        [(3, 1), (2, 2), (5, 1), (2, 2), (3, 1)],
    ):
        yield (stack,)


@exercise(_stacks)
def receptive_field(layers: list[tuple[int, int]]) -> int:
    """How many input cells one output cell depends on: those that a gradient from it reaches."""
    x = torch.ones(1, 1, prod(kernel + stride for kernel, stride in layers), requires_grad=True)
    y = x
    for kernel, stride in layers:
        y = F.conv1d(y, torch.ones(1, 1, kernel), stride=stride)
    return int((torch.autograd.grad(y[0, 0, 0], x)[0] > 0).sum())


def _walk(layers: list[tuple[int, int]], field: int = 1, own_stride: bool = False, less: int = 1) -> int:
    jump = 1
    for kernel, stride in layers:
        field += (kernel - less) * jump * (stride if own_stride else 1)
        jump *= stride
    return field


@receptive_field.mistake
def no_strides(layers):
    """Your strides make no difference. After a stride of 2, how far apart are two neighbours in the input?"""
    return _walk([(kernel, 1) for kernel, _ in layers])


@receptive_field.mistake
def own_stride(layers):
    """You let a layer's own stride widen its own view; it widens what later layers see."""
    return _walk(layers, own_stride=True)


@receptive_field.mistake
def strides_added(layers):
    """You add strides up. Draw three layers with a stride of 2 each: how far apart in the input are two neighbours
    of the last?"""
    jumps = accumulate((stride for _, stride in layers), initial=1)
    return 1 + sum((kernel - 1) * jump for (kernel, _), jump in zip(layers, jumps))


@receptive_field.mistake
def strides_less_one_added(layers):
    """Your strides add up, each less one. That will do for one of them; what do two strides of 3 make of a step?"""
    jumps = accumulate((stride - 1 for _, stride in layers), initial=1)
    return 1 + sum((kernel - 1) * jump for (kernel, _), jump in zip(layers, jumps))


@receptive_field.mistake
def from_zero(layers):
    """You are one cell short: with no layer at all, a cell sees itself."""
    return _walk(layers, field=0)


@receptive_field.mistake
def whole_kernels(layers):
    """Your layers add their whole kernels. Neighbouring windows overlap: what does a kernel of 3 add to a
    cell?"""
    return _walk(layers, less=0)


@receptive_field.mistake
def whole_kernels_from_zero(layers):
    """You add whole kernels, starting from nothing. Neighbouring windows overlap: what does a kernel of 3 add to
    a cell?"""
    return _walk(layers, field=0, less=0)


@receptive_field.mistake
def sum_of_kernels(layers):
    """You add up the kernels and leave out the strides. Try two layers of 3 on paper."""
    return sum(kernel for kernel, _ in layers)


@receptive_field.mistake
def product_of_kernels(layers):
    """You multiply the kernels. Try two layers of 3 on paper: do they see nine cells?"""
    return prod(kernel for kernel, _ in layers)


@receptive_field.mistake
def wrong_end(layers):
    """You read the layers from the wrong end: the first one lies next to the input."""
    return _walk(layers[::-1])


@receptive_field.mistake
def last_stride(layers):
    """You forget the strides of all layers but the one before. They multiply up."""
    before = [1] + [stride for _, stride in layers]
    return 1 + sum((kernel - 1) * jump for (kernel, _), jump in zip(layers, before))
