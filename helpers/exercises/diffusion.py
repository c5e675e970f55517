"""Exercises on diffusion: noise in closed form, a schedule, a guess of the data, a step back, guidance.

Notebook: 07c_diffusion. The oracles are helpers/concepts/diffusion.py, which is held against closed forms.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from helpers.concepts import diffusion
from helpers.exercises import exercise

SHAPES = ((1, 1), (3, 2), (2, 3, 4))


def _pairs(generator: Generator) -> Iterator[tuple[Tensor, Tensor, float]]:
    """Two tensors of one shape, and what is left of the data."""
    for shape, left in zip((*SHAPES, (4, 2)), (0.5, 0.9, 0.04, 0.36), strict=True):
        yield torch.randn(shape, generator=generator), torch.randn(shape, generator=generator), left


@exercise(_pairs)
def add_noise(x0: Float[Tensor, "batch *shape"], eps: Float[Tensor, "batch *shape"], alpha_bar: float) -> Tensor:
    """x_t of the data and the noise, where alpha_bar of the data's power is left."""
    return diffusion.forward(x0, eps, torch.tensor(alpha_bar))


@add_noise.mistake
def power_for_amplitude(x0, eps, alpha_bar):
    """You share out the power as if it were the amplitude: the variances no longer sum to what they were. What of a
    number belongs to its power?"""
    return alpha_bar * x0 + (1 - alpha_bar) * eps


@add_noise.mistake
def roots_that_sum_to_one(x0, eps, alpha_bar):
    """Data's share is right. The noise's is what the amplitudes lack to one; it is the powers that complete each other."""
    return alpha_bar**0.5 * x0 + (1 - alpha_bar**0.5) * eps


@add_noise.mistake
def swapped(x0, eps, alpha_bar):
    """You have kept as much of the noise as should be left of the data, and the other way round."""
    return diffusion.forward(eps, x0, torch.tensor(alpha_bar))


@add_noise.mistake
def only_added(x0, eps, alpha_bar):
    """You add noise, but the data do not get less: the sum grows louder and louder."""
    return x0 + (1 - alpha_bar) ** 0.5 * eps


@add_noise.mistake
def only_faded(x0, eps, alpha_bar):
    """You let the data fade and add all the noise at once, whatever the time is."""
    return alpha_bar**0.5 * x0 + eps


@add_noise.mistake
def subtracted(x0, eps, alpha_bar):
    """You take the noise away; on the way there it is put on."""
    return diffusion.forward(x0, -eps, torch.tensor(alpha_bar))


def _betas(generator: Generator) -> Iterator[tuple[Tensor]]:
    yield (torch.tensor([0.1]),)
    yield (torch.tensor([0.1, 0.2, 0.5]),)
    for steps in (4, 10):
        yield (0.02 + 0.5 * torch.rand(steps, generator=generator),)


@exercise(_betas)
def what_is_left(beta: Float[Tensor, "step"]) -> Float[Tensor, "step"]:
    """ᾱ after each step, where the step number s replaces a share β_s of the power by noise."""
    return diffusion.from_betas(beta)[1:]


@what_is_left.mistake
def of_one_step(beta):
    """That is what a single step leaves. After ten steps, what have ten of them left?"""
    return 1 - beta


@what_is_left.mistake
def summed(beta):
    """You take the shares away one after the other from the whole, as if each step took its share of the first data. It
    takes its share of what it finds."""
    return 1 - beta.cumsum(0)


@what_is_left.mistake
def product_of_betas(beta):
    """You multiply what each step takes; multiply what each step leaves."""
    return beta.cumprod(0)


@what_is_left.mistake
def one_step_late(beta):
    """Yours lags one step behind: its first number is for the time before any step."""
    return diffusion.from_betas(beta)[:-1]


@what_is_left.mistake
def what_is_lost(beta):
    """That is how much noise there is. How much of the data is left beside it?"""
    return 1 - diffusion.from_betas(beta)[1:]


@what_is_left.mistake
def amplitude(beta):
    """That is how much of the amplitude is left; asked for is the power."""
    return diffusion.from_betas(beta)[1:].sqrt()


@exercise(_pairs)
def guess_x0(x: Float[Tensor, "batch *shape"], eps: Float[Tensor, "batch *shape"], alpha_bar: float) -> Tensor:
    """The data x₀ that x_t came from, if the noise in it is eps."""
    return diffusion.convert(eps, x, torch.tensor(alpha_bar), "eps", "x0")


@guess_x0.mistake
def all_noise_off(x, eps, alpha_bar):
    """You take off more noise than was put on: how much of it is in x at this time?"""
    return (x - eps) / alpha_bar**0.5


@guess_x0.mistake
def left_quiet(x, eps, alpha_bar):
    """The noise is off. But what is left of the data is quieter than the data were."""
    return x - (1 - alpha_bar) ** 0.5 * eps


@guess_x0.mistake
def without_roots(x, eps, alpha_bar):
    """You count with the powers where the amplitudes belong."""
    return (x - (1 - alpha_bar) * eps) / alpha_bar


@guess_x0.mistake
def divided_by_power(x, eps, alpha_bar):
    """The noise is off, but then you make the data louder than they were: their amplitude had shrunk less than their
    power."""
    return (x - (1 - alpha_bar) ** 0.5 * eps) / alpha_bar


@guess_x0.mistake
def forward_again(x, eps, alpha_bar):
    """You put noise on once more. You know x at time t, and look for the data it came from."""
    return diffusion.forward(x, eps, torch.tensor(alpha_bar))


@guess_x0.mistake
def noise_added(x, eps, alpha_bar):
    """You add the noise a second time before you undo the fading; it has to come off."""
    return (x + (1 - alpha_bar) ** 0.5 * eps) / alpha_bar**0.5


def _steps(generator: Generator) -> Iterator[tuple[Tensor, Tensor, float, float]]:
    for shape, now, then in zip((*SHAPES, (4, 2)), (0.5, 0.25, 0.04, 0.6), (0.8, 0.81, 0.09, 1.0), strict=True):
        yield torch.randn(shape, generator=generator), torch.randn(shape, generator=generator), now, then


@exercise(_steps)
def step_back(x: Float[Tensor, "batch *shape"], eps: Float[Tensor, "batch *shape"], now: float, then: float) -> Tensor:
    """DDIM's step: to the guess of the data, and out again with the same noise to where `then` of the data's power is left."""
    return diffusion.ddim_step(x, eps, torch.tensor(now), torch.tensor(then), torch.zeros_like(x))


@step_back.mistake
def to_the_guess(x, eps, now, then):
    """You go all the way to the guess of the data. From there it goes out again, to the time that is asked for."""
    return (x - (1 - now) ** 0.5 * eps) / now**0.5


@step_back.mistake
def as_noisy_as_before(x, eps, now, then):
    """Your guess of the data comes back with as much noise as it had before the step; there should be less."""
    return then**0.5 * (x - (1 - now) ** 0.5 * eps) / now**0.5 + (1 - now) ** 0.5 * eps


@step_back.mistake
def no_noise_out(x, eps, now, then):
    """You scale the guess of the data for the new time, and leave the noise of the new time out."""
    return then**0.5 * (x - (1 - now) ** 0.5 * eps) / now**0.5


@step_back.mistake
def guess_not_scaled(x, eps, now, then):
    """The noise of the new time is right. At that time the data are not yet at their full strength."""
    return (x - (1 - now) ** 0.5 * eps) / now**0.5 + (1 - then) ** 0.5 * eps


@step_back.mistake
def the_wrong_way(x, eps, now, then):
    """You step the other way: as if x stood where it should arrive."""
    return now**0.5 * (x - (1 - then) ** 0.5 * eps) / then**0.5 + (1 - now) ** 0.5 * eps


@step_back.mistake
def nowhere(x, eps, now, then):
    """Your step ends where it began. The level you go out to is another one than you came from."""
    return x


def _said(generator: Generator) -> Iterator[tuple[Tensor, Tensor, float]]:
    for shape, w in zip((*SHAPES, (2, 2), (2, 2)), (3.0, 2.5, 5.0, 1.0, 0.0), strict=True):
        yield torch.randn(shape, generator=generator), torch.randn(shape, generator=generator), w


@exercise(_said)
def guide(free: Float[Tensor, "batch *shape"], given: Float[Tensor, "batch *shape"], w: float) -> Tensor:
    """Classifier-free guidance: w = 0 is what the model says when nothing is asked for, w = 1 what it says when asked."""
    return torch.lerp(free, given, w)


@guide.mistake
def from_the_given(free, given, w):
    """You begin at what is said when asked, so that a weight of nought still asks. Begin at what is said when free."""
    return given + w * (given - free)


@guide.mistake
def away(free, given, w):
    """You go away from what is asked for: the difference has the wrong sign."""
    return free - w * (given - free)


@guide.mistake
def only_louder(free, given, w):
    """You make what is said when asked stronger, and what is said when free has no part in it."""
    return w * given


@guide.mistake
def only_the_difference(free, given, w):
    """That is the way from one to the other. From where does it start?"""
    return w * (given - free)


@guide.mistake
def both_added(free, given, w):
    """You add what is said when asked on top of what is said when free. With a weight of one, only the first should be
    left."""
    return free + w * given


@guide.mistake
def exchanged(free, given, w):
    """A weight of nought should give what is said when free, yours gives what is said when asked."""
    return torch.lerp(given, free, w)
