"""Exercises on gradient descent: one step of three optimisers, and the largest rate that does not diverge.

Notebook: 03_gradient_descent. The oracles are torch.optim, and the eigenvalues of the Hessian.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from helpers.exercises import exercise

Weights = Float[Tensor, "n"]
EPS = 1e-8  # in the denominator of Adam's step


def _weights(generator: Generator, many: int) -> Iterator[tuple[Weights, ...]]:
    for n in (1, 2, 5):
        yield tuple(torch.randn(n, generator=generator, dtype=torch.float64) for _ in range(many))


def _steps(generator: Generator) -> Iterator[tuple]:
    for lr, (w, g) in zip((0.1, 0.5, 2.0), _weights(generator, 2), strict=True):
        yield w, g, lr


@exercise(_steps)
def gd_step(w: Weights, g: Weights, lr: float) -> Weights:
    """One step of torch.optim.SGD."""
    w = w.clone().requires_grad_()
    w.grad = g.clone()
    torch.optim.SGD([w], lr=lr).step()
    return w.detach()


@gd_step.mistake
def uphill(w, g, lr):
    """That goes uphill: the gradient points to where the loss grows."""
    return w + lr * g


@gd_step.mistake
def whole_gradient(w, g, lr):
    """You go the whole length of the gradient. What is the learning rate for?"""
    return w - g


@gd_step.mistake
def only_the_step(w, g, lr):
    """That is the step itself. Where does it lead from w?"""
    return -lr * g


@gd_step.mistake
def shrunk(w, g, lr):
    """You shrink w along with the gradient: only one of the two is scaled by the learning rate."""
    return lr * (w - g)


@gd_step.mistake
def only_the_sign(w, g, lr):
    """You use the gradient's sign alone: where it is steeper, the step should be longer."""
    return w - lr * g.sign()


@gd_step.mistake
def unit_length(w, g, lr):
    """You bring the gradient to length 1 first: where it is steeper, the step should be longer."""
    return w - lr * g / g.norm()


def _hessians(generator: Generator) -> Iterator[tuple]:
    yield (torch.tensor([[1.0, 0.0], [0.0, 20.0]], dtype=torch.float64),)
    yield (torch.tensor([[5.0, -3.0], [-3.0, 5.0]], dtype=torch.float64),)
    for n in (1, 3, 4):
        a = torch.randn(n, n, generator=generator, dtype=torch.float64)
        yield (a @ a.T + 0.1 * torch.eye(n, dtype=torch.float64),)


@exercise(_hessians)
def largest_rate(hessian: Float[Tensor, "n n"]) -> float:
    """2 / λ_max: 1 − lr·λ then is −1 for the largest λ, and within [−1, 1] for all."""
    return 2 / float(torch.linalg.eigvalsh(hessian)[-1])


def _curvatures(hessian):
    return torch.linalg.eigvalsh(hessian)


@largest_rate.mistake
def half(hessian):
    """With that rate the steepest direction is done in one step. It may overshoot, by how much at most?"""
    return 1 / _curvatures(hessian)[-1]


@largest_rate.mistake
def of_the_flattest(hessian):
    """That is what the flattest direction could bear. Which direction diverges first?"""
    return 2 / _curvatures(hessian)[0]


@largest_rate.mistake
def diagonal(hessian):
    """You look along the axes only: the steepest direction may lie between them."""
    return 2 / hessian.diagonal().max()


@largest_rate.mistake
def trace(hessian):
    """You add up the curvatures of all directions. That is safe, and smaller than need be."""
    return 2 / hessian.trace()


@largest_rate.mistake
def fastest(hessian):
    """That rate is the fastest, as both ends shrink alike. How far can you go before one of them grows?"""
    return 2 / (_curvatures(hessian)[0] + _curvatures(hessian)[-1])


@largest_rate.mistake
def upside_down(hessian):
    """Your rate grows with the curvature. Does a steeper valley bear longer steps?"""
    return _curvatures(hessian)[-1] / 2


@largest_rate.mistake
def length(hessian):
    """You take the size of the whole table for its steepest curvature. That is safe, and smaller than need be."""
    return 2 / hessian.norm()


def _momentum_steps(generator: Generator) -> Iterator[tuple]:
    for lr, beta, (w, m, g) in zip((0.1, 0.5, 0.01), (0.9, 0.5, 0.8), _weights(generator, 3), strict=True):
        yield w, m, g, lr, beta


@exercise(_momentum_steps)
def momentum_step(w: Weights, m: Weights, g: Weights, lr: float, beta: float) -> tuple[Weights, Weights]:
    """One step of torch.optim.SGD with momentum, and its buffer."""
    w = w.clone().requires_grad_()
    w.grad = g.clone()
    sgd = torch.optim.SGD([w], lr=lr, momentum=beta)
    sgd.state[w]["momentum_buffer"] = m.clone()
    sgd.step()
    return w.detach(), sgd.state[w]["momentum_buffer"]


@momentum_step.mistake
def last_velocity(w, m, g, lr, beta):
    """You step with the velocity you came with. The new gradient should count at once."""
    return w - lr * m, beta * m + g


@momentum_step.mistake
def averaged(w, m, g, lr, beta):
    """Your velocity is an average of gradients, as Adam's is. Here the gradient enters at its full size."""
    m = beta * m + (1 - beta) * g
    return w - lr * m, m


@momentum_step.mistake
def forgetting(w, m, g, lr, beta):
    """You step with the gradient alone, so that the velocity has no effect on where you go."""
    return w - lr * g, beta * m + g


@momentum_step.mistake
def frictionless(w, m, g, lr, beta):
    """Your velocity never dies down: where does the friction come in?"""
    return w - lr * (m + g), m + g


@momentum_step.mistake
def looking_ahead(w, m, g, lr, beta):
    """Your velocity is right, but you use it twice in the step, which is Nesterov's variant."""
    m = beta * m + g
    return w - lr * (g + beta * m), m


@momentum_step.mistake
def in_steps(w, m, g, lr, beta):
    """You keep the learning rate inside the velocity. Here the velocity is made of gradients, and scaled in the step."""
    m = beta * m - lr * g
    return w + m, m


@momentum_step.mistake
def uphill_with_momentum(w, m, g, lr, beta):
    """That goes uphill: the velocity is made of gradients, which point to where the loss grows."""
    m = beta * m + g
    return w + lr * m, m


@momentum_step.mistake
def velocity_unchanged(w, m, g, lr, beta):
    """Your weights are right. The velocity you return is still the old one."""
    return w - lr * (beta * m + g), m


def _adam_steps(generator: Generator) -> Iterator[tuple]:
    rates, ages = (0.1, 0.5, 0.01, 0.1), (1, 2, 10, 1)
    some = [*_weights(generator, 4), *_weights(generator, 4)][:4]
    for lr, t, (w, m, v, g) in zip(rates, ages, some, strict=True):
        yield (w, 0 * m, 0 * v, g, t, lr, 0.9, 0.999) if t == 1 else (w, m, v.abs() + 0.1, g, t, lr, 0.8, 0.95)


@exercise(_adam_steps)
def adam_step(w: Weights, m: Weights, v: Weights, g: Weights, t: int, lr: float, beta: float, beta2: float) -> tuple:
    """The t-th step (from 1) of torch.optim.Adam, and its two averages."""
    w = w.clone().requires_grad_()
    w.grad = g.clone()
    adam = torch.optim.Adam([w], lr=lr, betas=(beta, beta2), eps=EPS)
    adam.state[w] = {"step": torch.tensor(t - 1.0), "exp_avg": m.clone(), "exp_avg_sq": v.clone()}
    adam.step()
    return w.detach(), adam.state[w]["exp_avg"], adam.state[w]["exp_avg_sq"]


def _averages(m, v, g, beta, beta2):
    return beta * m + (1 - beta) * g, beta2 * v + (1 - beta2) * g**2


@adam_step.mistake
def uncorrected(w, m, v, g, t, lr, beta, beta2):
    """Both averages began at nothing, and are too small at first: your step does not make up for it."""
    m, v = _averages(m, v, g, beta, beta2)
    return w - lr * m / (v.sqrt() + EPS), m, v


@adam_step.mistake
def mean_only(w, m, v, g, t, lr, beta, beta2):
    """You correct the mean and not the mean square: both began at nothing."""
    m, v = _averages(m, v, g, beta, beta2)
    return w - lr * m / (1 - beta**t) / (v.sqrt() + EPS), m, v


@adam_step.mistake
def square_only(w, m, v, g, t, lr, beta, beta2):
    """You correct the mean square and not the mean: both began at nothing."""
    m, v = _averages(m, v, g, beta, beta2)
    return w - lr * m / ((v / (1 - beta2**t)).sqrt() + EPS), m, v


@adam_step.mistake
def one_step_late(w, m, v, g, t, lr, beta, beta2):
    """Your correction is that of the next step: t counts from 1."""
    m, v = _averages(m, v, g, beta, beta2)
    return w - lr * m / (1 - beta ** (t + 1)) / ((v / (1 - beta2 ** (t + 1))).sqrt() + EPS), m, v


@adam_step.mistake
def without_root(w, m, v, g, t, lr, beta, beta2):
    """You divide by the mean square itself. What brings it back to the size of a gradient?"""
    m, v = _averages(m, v, g, beta, beta2)
    return w - lr * m / (1 - beta**t) / (v / (1 - beta2**t) + EPS), m, v


@adam_step.mistake
def keeps_the_corrected(w, m, v, g, t, lr, beta, beta2):
    """Your step is right, but you hand on the corrected averages: they would be corrected again and again."""
    m, v = _averages(m, v, g, beta, beta2)
    m_hat, v_hat = m / (1 - beta**t), v / (1 - beta2**t)
    return w - lr * m_hat / (v_hat.sqrt() + EPS), m_hat, v_hat


@adam_step.mistake
def without_momentum(w, m, v, g, t, lr, beta, beta2):
    """You step along the newest gradient, scaled. Adam goes along their average."""
    m, v = _averages(m, v, g, beta, beta2)
    return w - lr * g / ((v / (1 - beta2**t)).sqrt() + EPS), m, v


@adam_step.mistake
def summed(w, m, v, g, t, lr, beta, beta2):
    """Your mean takes the gradient at its full size, as momentum does. In an average the weights of old and new add up to one."""
    m, v = beta * m + g, beta2 * v + (1 - beta2) * g**2
    return w - lr * m / (1 - beta**t) / ((v / (1 - beta2**t)).sqrt() + EPS), m, v
