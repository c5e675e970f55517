"""Answers to the exercises of 02_loss_functions. Each is one way of many; read it after you have tried."""

import torch

# An agent wants reward, evolution fitness, an economist utility or profit, a designer an objective fulfilled.
loss_names = ["loss", "cost", "error"]


def mae_mse(y_hat, y):
    """Make every error positive, in two ways, before taking the mean."""
    error = y_hat - y
    return error.abs().mean(), (error**2).mean()


def huber_loss(y_hat, y, delta):
    """At |e| = delta both pieces are delta² / 2, with slope delta: no jump, no kink."""
    error = (y_hat - y).abs()
    return torch.where(error <= delta, error**2 / 2, delta * (error - delta / 2))


def best_guess(y):
    """Moving the guess by a little gains as much on one side as it loses on the other where the sides are equally full."""
    return y.sort().values[len(y) // 2]


def bce_from_logits(z, y):
    """−ln p = ln(1 + e^−z) and −ln(1 − p) = z + ln(1 + e^−z); what may overflow is taken out as max(z, 0)."""
    return z.clamp(min=0) - y * z + torch.log1p(torch.exp(-z.abs()))


def softmax(z, temperature):
    """The largest exponent is 0, so nothing overflows; what underflows is as good as 0."""
    e = torch.exp((z - z.max()) / temperature)
    return e / e.sum()


def cross_entropy(z, target):
    """−ln(e^z_t / Σ e^z_j) = ln Σ e^z_j − z_t, with the largest logit taken out of the sum."""
    shifted = z - z.max()
    return shifted.exp().sum().log() - shifted[target]


def cross_entropy_gradient(z, target):
    """p − y: what was predicted minus what is true. It adds up to 0, so logits are only moved against each other."""
    gradient = softmax(z, 1.0)
    gradient[target] -= 1
    return gradient


def spectral_loss(S_hat, S, floor):
    """The linear term is ruled by the loud partials; the logarithmic one counts ratios, down to the floor."""
    linear = (S_hat - S).abs().mean()
    logarithmic = ((S_hat + floor).log() - (S + floor).log()).abs().mean()
    return linear + logarithmic
