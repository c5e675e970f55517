"""Exercises on jumping and on turning back half-way. Notebook: 07c_diffusion.

The oracles: complex multiplication (a jump turns a vector), and evenly spaced numbers.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from helpers.exercises import exercise

QUARTER = torch.pi / 2


def _noisy(generator: Generator) -> Iterator[tuple[Float[Tensor, "cell"], Float[Tensor, "cell"], float, float]]:
    yield torch.tensor([1.0, 2.0]), torch.tensor([3.0, -1.0]), 0.02, 0.02  # the smallest noise: nothing is to change
    yield torch.tensor([1.0, 2.0]), torch.tensor([0.0, 0.0]), 0.52, 0.02
    for cells, t, smallest in ((1, 1.0, 0.0), (3, 0.7, 0.1), (8, 0.35, 0.05)):
        yield torch.randn(cells, generator=generator), torch.randn(cells, generator=generator), t, smallest


@exercise(_noisy)
def consistency_function(
    x: Float[Tensor, "cell"], network: Float[Tensor, "cell"], t: float, smallest: float
) -> Float[Tensor, "cell"]:
    """c_skip x + c_out F: x turned by the angle from t down to the smallest noise, in quarter turns. network: what F says."""
    return _turn(x, network, t - smallest)


def _turn(x: Tensor, v: Tensor, turns: float) -> Tensor:
    return (torch.complex(x, v) * torch.exp(torch.tensor(1j * QUARTER * turns))).real


@consistency_function.mistake
def from_nought(x, network, t, smallest):
    """At the smallest noise yours still listens to the network. There, nothing but x is to come out: from where is the
    angle counted?"""
    return _turn(x, network, t)


@consistency_function.mistake
def in_radians(x, network, t, smallest):
    """You took t for an angle in radians. It counts quarter turns."""
    return _turn(x, network, (t - smallest) / QUARTER)


@consistency_function.mistake
def half_turns(x, network, t, smallest):
    """Yours turns twice as far as it should. From picture to pure noise it is a quarter of a turn."""
    return _turn(x, network, 2 * (t - smallest))


@consistency_function.mistake
def the_other_way(x, network, t, smallest):
    """Yours turns towards more noise. What does the network's answer point to, and which way do you want to go?"""
    return _turn(x, -network, t - smallest)


@consistency_function.mistake
def swapped(x, network, t, smallest):
    """Sine and cosine have changed places in yours: at the smallest noise all of x is to be left."""
    angle = torch.tensor(QUARTER * (t - smallest))
    return angle.sin() * x - angle.cos() * network


@consistency_function.mistake
def all_of_x(x, network, t, smallest):
    """You keep all of x, however noisy it is, and let the network correct it. At pure noise nothing of x should be left."""
    return x - torch.tensor(QUARTER * (t - smallest)).sin() * network


@consistency_function.mistake
def network_alone(x, network, t, smallest):
    """You return what the network says. Where there is hardly any noise, x should speak."""
    return network.clone()


@consistency_function.mistake
def mixed(x, network, t, smallest):
    """Your two shares add up to one, as in a cross-fade. Those of a turn have squares that do."""
    share = (t - smallest) / (1 - smallest)
    return (1 - share) * x - share * network


def _edits(_generator: Generator) -> Iterator[tuple[float, int]]:
    # Times that come out whole, so that any way of rounding will do.
    yield from ((1.0, 1), (0.5, 1), (0.6, 3), (0.25, 5), (1.0, 4))


@exercise(_edits)
def edit_times(strength: float, steps: int) -> Float[Tensor, "time"]:
    """The times, of 1,000, of a way back that begins where a note is drowned to `strength`: even, its end at 0 included."""
    return torch.linspace(1000 * strength, 0, steps + 1)


@edit_times.mistake
def from_pure_noise(strength, steps):
    """Yours begins at pure noise, whatever the strength. Then nothing of the note is left."""
    return torch.linspace(1000, 0, steps + 1)


@edit_times.mistake
def what_is_left(strength, steps):
    """Yours begins the earlier the stronger the edit is. A strong edit drowns the note deeply."""
    return torch.linspace(1000 * (1 - strength), 0, steps + 1)


@edit_times.mistake
def into_noise(strength, steps):
    """Your times rise: that is the way into the noise."""
    return torch.linspace(0, 1000 * strength, steps + 1)


@edit_times.mistake
def never_arrives(strength, steps):
    """Your last time is not nought, so some noise stays in the note."""
    return torch.linspace(1000 * strength, 0, steps + 1)[:-1]


@edit_times.mistake
def one_too_few(strength, steps):
    """Count the fence posts: so many steps join one more time than that."""
    return torch.linspace(1000 * strength, 0, steps)


@edit_times.mistake
def without_the_start(strength, steps):
    """The time that the way begins at is missing from yours."""
    return torch.linspace(1000 * strength, 0, steps + 1)[1:]


@edit_times.mistake
def full_strides(strength, steps):
    """Your steps are as long as those of a whole way, so the way from a drowned note is over too soon or ends too late.
    Divide only what is left to go."""
    return 1000 * strength - 1000 / steps * torch.arange(steps + 1)
