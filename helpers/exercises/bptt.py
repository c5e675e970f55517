"""Exercises on the way back through time: clipping by the global norm, and truncation.

Notebook: 05_rnns. The oracles are torch's own clipping, and autograd with a state that is detached.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from helpers.exercises import exercise


def _pairs(generator: Generator) -> Iterator[tuple[Tensor, Tensor, float]]:
    yield torch.tensor([3.0]), torch.tensor([[4.0]]), 1.0
    yield torch.tensor([0.3, -0.4]), torch.tensor([[0.0]]), 2.0  # short enough already
    for limit in (0.5, 3.0, 100.0):
        yield *(torch.randn(shape, generator=generator, dtype=torch.float64) for shape in ((4, 3), (4, 4))), limit


@exercise(_pairs)
def clip_gradients(of_W: Float[Tensor, "*w"], of_U: Float[Tensor, "*u"], limit: float) -> tuple[Tensor, Tensor]:
    """Both gradients, scaled down together where together they are longer than `limit`."""
    held = [torch.nn.Parameter(torch.zeros_like(g)) for g in (of_W, of_U)]
    for parameter, g in zip(held, (of_W, of_U)):
        parameter.grad = g.clone()
    torch.nn.utils.clip_grad_norm_(held, limit)
    return held[0].grad, held[1].grad


def _length(*gradients: Tensor) -> Tensor:
    return torch.cat([g.flatten() for g in gradients]).norm()


@clip_gradients.mistake
def each_alone(of_W, of_U, limit):
    """You clip each gradient by its own length: the direction of the two together changes."""
    return tuple(g * min(1.0, float(limit / _length(g))) for g in (of_W, of_U))


@clip_gradients.mistake
def entry_by_entry(of_W, of_U, limit):
    """You cut off each entry, and so change the direction. Shorten the whole."""
    return of_W.clamp(-limit, limit), of_U.clamp(-limit, limit)


@clip_gradients.mistake
def always(of_W, of_U, limit):
    """You bring every gradient to the same length. What happens to one that is short already?"""
    return tuple(g * limit / _length(of_W, of_U) for g in (of_W, of_U))


@clip_gradients.mistake
def squared(of_W, of_U, limit):
    """You compare with the square of the length: was a root forgotten?"""
    return tuple(g * min(1.0, float(limit / _length(of_W, of_U) ** 2)) for g in (of_W, of_U))


@clip_gradients.mistake
def lengths_added(of_W, of_U, limit):
    """You add the two lengths; the two together are shorter than that."""
    return tuple(g * min(1.0, float(limit / (_length(of_W) + _length(of_U)))) for g in (of_W, of_U))


@clip_gradients.mistake
def largest_entry(of_W, of_U, limit):
    """You measure the largest entry. How long is the gradient as one vector?"""
    most = max(of_W.abs().max(), of_U.abs().max())
    return tuple(g * min(1.0, float(limit / most)) for g in (of_W, of_U))


@clip_gradients.mistake
def not_at_all(of_W, of_U, limit):
    """Nothing is clipped."""
    return of_W, of_U


def _tunes(generator: Generator) -> Iterator[tuple[float, Tensor, int]]:
    yield 0.5, torch.tensor([1.0, 0.0, 2.0, -1.0]), 2
    yield 1.0, torch.tensor([1.0, 1.0, 1.0]), 1
    for w, steps, k in ((0.9, 8, 3), (-1.2, 6, 4), (0.7, 5, 5), (1.1, 7, 20)):
        yield w, torch.randn(steps, generator=generator, dtype=torch.float64), k


@exercise(_tunes)
def truncated_gradient(w: float, x: Float[Tensor, "time"], k: int) -> float:
    """Slope of the last state of h ← w h + x (from 0) by w, where only the last k steps count."""
    weight, h = torch.tensor(w, dtype=torch.float64, requires_grad=True), torch.zeros((), dtype=torch.float64)
    for t, now in enumerate(x.double()):
        h = weight * (h.detach() if t == len(x) - k else h) + now
    h.backward()
    return weight.grad.item()


def _states(w, x):
    """Every state, beginning with the 0 before the first step."""
    states = [0.0]
    for now in x.tolist():
        states.append(w * states[-1] + now)
    return states


def _terms(w, x):
    """What each step adds to the slope, the last one first."""
    states = _states(w, x)
    return [w**back * states[len(x) - 1 - back] for back in range(len(x))]


@truncated_gradient.mistake
def the_whole_way(w, x, k):
    """You go back to the beginning; the gradient is to be cut off before that."""
    return sum(_terms(w, x))


@truncated_gradient.mistake
def one_less(w, x, k):
    """You stop one step too soon: so many steps are to count, the last one among them."""
    return float(sum(_terms(w, x)[: k - 1]))


@truncated_gradient.mistake
def one_more(w, x, k):
    """You go one step too far back."""
    return sum(_terms(w, x)[: k + 1])


@truncated_gradient.mistake
def state_after(w, x, k):
    """You use the state that a step makes; the weight was multiplied by the one it was given."""
    states = _states(w, x)
    return sum(w**back * states[len(x) - back] for back in range(min(k, len(x))))


@truncated_gradient.mistake
def without_the_way(w, x, k):
    """You add the states as they are: on its way to the end, what a step adds is multiplied again at every step that follows."""
    states = _states(w, x)
    return sum(states[len(x) - 1 - back] for back in range(min(k, len(x))))


@truncated_gradient.mistake
def the_first_steps(w, x, k):
    """You count the first steps. The loss is at the end: which ones are near to it?"""
    return sum(_terms(w, x)[::-1][:k])


@truncated_gradient.mistake
def the_last_alone(w, x, k):
    """That is what the last step alone adds."""
    return _terms(w, x)[0]
