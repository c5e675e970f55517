"""Typical wrong ways to a convolution's size and to its loops."""

import math

import numpy as np
import pytest
import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def loops(x, kernel, sum_up=lambda window, kernel: (window * kernel).sum(), short=0):
    height, width = kernel.shape
    rows, columns = x.shape[0] - height + 1 - short, x.shape[1] - width + 1 - short
    y = torch.zeros(rows, columns)
    for i in range(rows):
        for j in range(columns):
            y[i, j] = sum_up(x[i : i + height, j : j + width], kernel)
    return y


def four_loops(x, kernel, add=True, swap=False):
    height, width = kernel.shape[::-1] if swap else kernel.shape
    y = torch.zeros(x.shape[0] - height + 1, x.shape[1] - width + 1)
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            for u in range(height):
                for v in range(width):
                    y[i, j] = x[i + u, j + v] * kernel[u, v] + (y[i, j] if add else 0)
    return y


def same(x, kernel):
    height, width = kernel.shape
    padded = np.pad(x.numpy(), ((height // 2, height // 2), (width // 2, width // 2)))
    y = np.zeros(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i, j] = (padded[i : i + height, j : j + width] * kernel.numpy()).sum()
    return y


def full(x, kernel):
    height, width = kernel.shape
    return loops(torch.nn.functional.pad(x, (width - 1, width - 1, height - 1, height - 1)), kernel)


def by_steps_of_the_kernel(x, kernel):
    height, width = kernel.shape
    rows = range(0, x.shape[0] - height + 1, height)
    columns = range(0, x.shape[1] - width + 1, width)
    return [[(x[i : i + height, j : j + width] * kernel).sum().item() for j in columns] for i in rows]


def still(x, kernel):
    height, width = kernel.shape
    return loops(x, kernel, lambda window, kernel: (x[:height, :width] * kernel).sum())


def test_numpy_loops_and_lists_will_do():
    def conv2d(x, kernel):
        x, kernel = x.numpy(), kernel.numpy()
        windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape)
        return np.einsum("ijuv,uv->ij", windows, kernel).tolist()

    assert check("conv2d", conv2d).ok


def test_wrong_loops():
    tell_apart(
        "conv2d",
        {
            "flip": lambda x, kernel: loops(x, torch.flip(kernel, (0, 1))),
            "Your kernel is turned": lambda x, kernel: loops(x, kernel.T),
            "Your output is turned": lambda x, kernel: loops(x, kernel).T,
            "hangs over the edges": same,
            "with a corner": full,
            "last row and column": lambda x, kernel: loops(x, kernel, short=1),
            "mean": lambda x, kernel: loops(x, kernel, lambda window, kernel: (window * kernel).mean()),
            "largest product": lambda x, kernel: loops(x, kernel, lambda window, kernel: (window * kernel).max()),
            "stays in the first place": still,
            "by its own size": by_steps_of_the_kernel,
            "overwrite": lambda x, kernel: four_loops(x, kernel, add=False),
            "height for its width": lambda x, kernel: four_loops(x, kernel, swap=True),
        },
    )


@pytest.mark.parametrize("both", [True, False], ids=["throughout", "in the output only"])
def test_swapped_sides_are_told_however_they_are_used(both):
    def conv2d(x, kernel):
        width, height = kernel.shape
        y = torch.zeros(x.shape[0] - height + 1, x.shape[1] - width + 1)
        seen = (height, width) if both else (width, height)
        for i in range(y.shape[0]):
            for j in range(y.shape[1]):
                y[i, j] = (x[i : i + seen[0], j : j + seen[1]] * kernel).sum()
        return y

    assert "height for its width" in check("conv2d", conv2d).message


def test_measuring_torchs_output_will_do():
    def output_size(n, kernel, stride=1, padding=0, dilation=1):
        signal, taps = torch.ones(1, 1, n), torch.ones(1, 1, kernel)
        return torch.conv1d(signal, taps, None, stride, padding, dilation).shape[-1]

    assert check("output_size", output_size).ok


def test_wrong_sizes():
    tell_apart(
        "output_size",
        {
            "one stop short": lambda n, k, s=1, p=0, d=1: (n + 2 * p - d * (k - 1) - 1) // s,
            "divide all places": lambda n, k, s=1, p=0, d=1: (n + 2 * p - (d * (k - 1) + 1) + 1) // s,
            "one side only": lambda n, k, s=1, p=0, d=1: (n + p - d * (k - 1) - 1) // s + 1,
            "Your padding makes no": lambda n, k, s=1, p=0, d=1: (n - d * (k - 1) - 1) // s + 1,
            "Your stride makes no": lambda n, k, s=1, p=0, d=1: n + 2 * p - d * (k - 1),
            "Your dilation makes no": lambda n, k, s=1, p=0, d=1: (n + 2 * p - k) // s + 1,
            "dilated kernel is too long": lambda n, k, s=1, p=0, d=1: (n + 2 * p - k * d) // s + 1,
            "rounds up": lambda n, k, s=1, p=0, d=1: math.ceil((n + 2 * p - d * (k - 1) - 1) / s) + 1,
            "fraction": lambda n, k, s=1, p=0, d=1: (n + 2 * p - d * (k - 1) - 1) / s + 1,
        },
    )


def test_a_float_is_no_number_of_stops():
    def output_size(n, kernel, stride=1, padding=0, dilation=1):
        return float((n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1)

    assert "whole numbers" in check("output_size", output_size).message


def test_a_forgotten_parameter_is_named():
    result = check("output_size", lambda n, kernel, stride=1: (n - kernel) // stride + 1)
    assert "takes (n, kernel, stride=1)" in result.message
    assert "(n, kernel, stride, padding, dilation)" in result.message
