"""Answers to the exercises of 07a_autoencoders. Each is one way of many; read it after you have tried."""

import math

import torch


def through_plane(x, directions):
    """Without its mean, a code is how much of each direction there is; decoding adds as much of each up, on top of the mean."""
    mean = x.mean(0)
    code = (x - mean) @ directions.T
    return mean + code @ directions


def round_through(x, gradient, levels):
    """Count steps from -1 up, round their number, go back. The gradient is passed on as if nothing had been rounded."""
    step = 2 / (levels - 1)
    return torch.round((x + 1) / step) * step - 1, gradient.clone()


def rate_of(numbers, levels, seconds):
    """Each number is one of so many levels, which takes the logarithm to base 2 of yes and no questions."""
    return numbers * math.log2(levels) / seconds


def keep_phase(magnitude, real, imaginary):
    """Divided by its length, the guess has length 1 and its phase; times the magnitude it is what is wanted."""
    length = torch.sqrt(real**2 + imaginary**2)
    return magnitude * real / length, magnitude * imaginary / length


def kl_of_code(mean, log_variance):
    """Half of what is left over; each number of the code costs by itself."""
    return (mean**2 + log_variance.exp() - 1 - log_variance).sum(1) / 2


def drawn_code(mean, log_variance, noise):
    """Half of the variance's logarithm is the deviation's."""
    return mean + (log_variance / 2).exp() * noise
