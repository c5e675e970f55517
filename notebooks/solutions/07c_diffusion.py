"""Answers to the exercises of 07c_diffusion. Each is one way of many; read it after you have tried."""

import math

import torch


def add_noise(x0, eps, alpha_bar):
    return alpha_bar**0.5 * x0 + (1 - alpha_bar) ** 0.5 * eps


def what_is_left(beta):
    return (1 - beta).cumprod(0)


def guess_x0(x, eps, alpha_bar):
    return (x - (1 - alpha_bar) ** 0.5 * eps) / alpha_bar**0.5


def step_back(x, eps, now, then):
    x0 = (x - (1 - now) ** 0.5 * eps) / now**0.5
    return then**0.5 * x0 + (1 - then) ** 0.5 * eps


def guide(free, given, w):
    return free + w * (given - free)


def edit_times(strength, steps):
    return torch.linspace(1000 * strength, 0, steps + 1)


def consistency_function(x, network, t, smallest):
    angle = math.pi / 2 * (t - smallest)
    return math.cos(angle) * x - math.sin(angle) * network
