"""Answers to the exercises of 04_cnns. Each is one way of many; read it after you have tried."""

import torch


def decibels(power):
    """10 log₁₀ of the power relative to the loudest cell, cut off at −80 dB, moved to [0, 1]."""
    level = 10 * torch.log10(power / power.max())
    return level.clamp(min=-80) / 80 + 1


def output_size(n, kernel, stride=1, padding=0, dilation=1):
    """The kernel covers `span` cells; the first stop is free, and each further one costs a stride."""
    span = dilation * (kernel - 1) + 1
    return (n + 2 * padding - span) // stride + 1


def conv2d(x, kernel):
    """Lay the kernel on each place where it fits, multiply cell by cell, add up."""
    height, width = kernel.shape
    y = torch.zeros(x.shape[0] - height + 1, x.shape[1] - width + 1)
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] = (x[i : i + height, j : j + width] * kernel).sum()
    return y


# Row 0 is the lowest band, so what rises runs down this table. Each row, each column and the whole sum to 0: a held
# note, a click and loudness as such leave it cold. Five cells, for a line in the spectrogram is as broad: in three a
# falling one looks much the same.
glissando_kernel = [
    [4, -1, -1, -1, -1],
    [-1, 4, -1, -1, -1],
    [-1, -1, 4, -1, -1],
    [-1, -1, -1, 4, -1],
    [-1, -1, -1, -1, 4],
]


def max_pool(x, size):
    """Drop what fills no block, then give each block two axes of its own and take the maximum over them."""
    rows, columns = x.shape[0] // size, x.shape[1] // size
    blocks = x[: rows * size, : columns * size].reshape(rows, size, columns, size)
    return blocks.amax((1, 3))


def conv_cost(c_in, c_out, kernel, height, width):
    """A kernel of c_in × kernel × kernel weights for each output channel, used once at each cell of the output."""
    weights = c_out * c_in * kernel**2
    return weights + c_out, weights * height * width


def receptive_field(layers):
    """A layer widens the view by kernel − 1 steps, and a step is as long as all strides before it multiplied."""
    field, step = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * step
        step *= stride
    return field


def confusion_matrix(truth, guess, classes):
    """Go through the notes and make a tally."""
    counts = torch.zeros(classes, classes, dtype=torch.long)
    for t, g in zip(truth, guess):
        counts[t, g] += 1
    return counts


def top_notes(activation, unit, k):
    """The strongest cell of each note's map, then the notes in order of it."""
    strongest = activation[:, unit].amax((1, 2))
    return strongest.argsort(descending=True)[:k]


def split_by_instrument(instrument, held_out):
    """A note is for the test if its instrument is held out, and for training if not."""
    test = torch.isin(instrument, held_out)
    return ~test, test
