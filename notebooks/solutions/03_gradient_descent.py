"""Answers to the exercises of 03_gradient_descent. Each is one way of many; read it after you have tried."""

import math

import torch


def gd_step(w, g, lr):
    """Against the gradient, scaled by the learning rate."""
    return w - lr * g


def numerical_gradient(f, w, h=1e-5):
    """Move one weight a little to either side, and see by how much f changes along that way of 2h."""
    g = torch.zeros_like(w)
    for i in range(len(w)):
        d = torch.zeros_like(w)
        d[i] = h
        g[i] = (f(w + d) - f(w - d)) / (2 * h)
    return g


def largest_rate(hessian):
    """Along an eigenvector a step multiplies the error by 1 - lr * λ, which must not be below -1: the largest λ decides."""
    return 2 / torch.linalg.eigvalsh(hessian).max()


def local_gradients(operation, a, b):
    """By how much the output grows for a little more of a, and of b."""
    if operation == "add":
        return 1.0, 1.0
    if operation == "mul":
        return b, a
    if operation == "exp":
        return math.exp(a), 0.0
    if operation == "log":
        return 1 / a, 0.0
    if operation == "tanh":
        return 1 - math.tanh(a) ** 2, 0.0
    return float(a > 0), 0.0  # relu


def backward(parents, slopes):
    """From the last node, whose slope is 1, back: each node hands slope times gradient to its parents, which add it up."""
    g = [0.0] * (len(parents) - 1) + [1.0]
    for i in reversed(range(len(parents))):
        for j, slope in zip(parents[i], slopes[i]):
            g[j] += slope * g[i]
    return g


def momentum_step(w, m, g, lr, beta):
    """The velocity first, then the step along it."""
    m = beta * m + g
    return w - lr * m, m


def adam_step(w, m, v, g, t, lr, beta, beta2):
    """Two averages; each divided by the weights it has gathered so far, 1 - beta^t."""
    m = beta * m + (1 - beta) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat, v_hat = m / (1 - beta**t), v / (1 - beta2**t)
    return w - lr * m_hat / (v_hat.sqrt() + 1e-8), m, v


def steps_per_epoch(samples, batch):
    """As many as are full, and one more if something is left."""
    return samples // batch + (samples % batch > 0)


def next_generation(people, loss, drawn, coins, pushes):
    """Each pair of numbers has a winner; a child's knob is its father's where the coin says 1, and all are pushed."""
    first, second = drawn[..., 0], drawn[..., 1]
    won = torch.where(loss[first] <= loss[second], first, second)  # (child, mother or father)
    mothers, fathers = people[won[:, 0]], people[won[:, 1]]
    children = (torch.where(coins == 1, fathers, mothers) + pushes).clamp(0, 1)
    return torch.cat([people[loss.argmin()][None], children])


def filter_normalise(direction, weight):
    """Lay each filter out in a row, divide by its length and multiply by the length it should have."""
    rows, wanted = direction.flatten(1), weight.flatten(1)
    length = wanted.norm(dim=1, keepdim=True) / rows.norm(dim=1, keepdim=True)
    return (rows * length).reshape(direction.shape)


def early_stop(valid_loss, patience):
    """Remember the best epoch; give up when it lies `patience` epochs back."""
    best = 0
    for epoch, loss in enumerate(valid_loss):
        if loss < valid_loss[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return epoch, best
