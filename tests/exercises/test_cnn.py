"""Typical wrong ways to a layer's cost and to a receptive field."""

import math

from torch import nn

from helpers.check import check
from tests.exercises.wrong import tell_apart


def test_counting_a_layers_parameters_will_do():
    def conv_cost(c_in, c_out, kernel, height, width):
        layer = nn.Conv2d(c_in, c_out, kernel)
        return [sum(p.numel() for p in layer.parameters()), layer.weight.numel() * height * width]

    assert check("conv_cost", conv_cost).ok


def test_wrong_costs():
    tell_apart(
        "conv_cost",
        {
            "lack the bias": lambda i, o, k, h, w: (i * o * k * k, i * o * k * k * h * w),
            "each input channel": lambda i, o, k, h, w: (i * o * k * k + i, i * o * k * k * h * w),
            "one bias for the whole layer": lambda i, o, k, h, w: (i * o * k * k + 1, i * o * k * k * h * w),
            "each pair of channels": lambda i, o, k, h, w: ((i * k * k + i) * o, i * o * k * k * h * w),
            "weights are those of one kernel": lambda i, o, k, h, w: (i * k * k + o, i * k * k * h * w),
            "one kernel and its bias": lambda i, o, k, h, w: (i * k * k + 1, i * k * k * h * w),
            "line": lambda i, o, k, h, w: (i * o * k + o, i * o * k * h * w),
            "see one input channel": lambda i, o, k, h, w: (o * k * k + o, o * k * k * h * w),
            "make one output channel": lambda i, o, k, h, w: (i * o * k * k + o, i * k * k * h * w),
            "those of one stop": lambda i, o, k, h, w: (i * o * k * k + o, i * o * k * k),
            "count the bias as well": lambda i, o, k, h, w: (i * o * k * k + o, (i * k * k + 1) * o * h * w),
            "you count two": lambda i, o, k, h, w: (i * o * k * k + o, 2 * i * o * k * k * h * w),
            "those of the output already": lambda i, o, k, h, w: (
                i * o * k * k + o,
                i * o * k * k * (h - k + 1) * (w - k + 1),
            ),
            "wrong order": lambda i, o, k, h, w: (i * o * k * k * h * w, i * o * k * k + o),
        },
    )


def test_one_number_is_not_two():
    assert "2 values" in check("conv_cost", lambda c_in, c_out, kernel, height, width: 7).message


def test_walking_back_from_the_output_will_do():
    def receptive_field(layers):
        cells = 1
        for kernel, stride in reversed(layers):
            cells = (cells - 1) * stride + kernel
        return cells

    assert check("receptive_field", receptive_field).ok


def forward(layers, field=1, own=False, less=1):
    step = 1
    for kernel, stride in layers:
        step = step * stride if own else step
        field += (kernel - less) * step
        step = step if own else step * stride
    return field


def adding(layers, less=0):
    field, step = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * step
        step += stride - less
    return field


def neighbour(layers):
    field, last = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * last
        last = stride
    return field


def test_wrong_fields():
    tell_apart(
        "receptive_field",
        {
            "strides make no difference": lambda layers: 1 + sum(kernel - 1 for kernel, _ in layers),
            "add strides up": adding,
            "each less one": lambda layers: adding(layers, less=1),
            "own stride": lambda layers: forward(layers, own=True),
            "one cell short": lambda layers: forward(layers, field=0),
            "add their whole kernels": lambda layers: forward(layers, less=0),
            "starting from nothing": lambda layers: forward(layers, field=0, less=0),
            "leave out the strides": lambda layers: sum(kernel for kernel, _ in layers),
            "multiply the kernels": lambda layers: math.prod(kernel for kernel, _ in layers),
            "wrong end": lambda layers: forward(layers[::-1]),
            "all layers but the one before": neighbour,
        },
    )
