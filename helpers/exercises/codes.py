"""Exercises on codes of few numbers: the nearest plane, rounding with a gradient, bits a second, one step of Griffin-Lim.

Notebook: 07a_autoencoders. The oracles are least squares, a look at every
level, halving, and cosines and sines written out.
"""

import math
from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from helpers.exercises import exercise


def _clouds(generator: Generator) -> Iterator[tuple[Tensor, Tensor]]:
    for n, d, k in ((4, 2, 1), (9, 5, 2), (7, 4, 3)):
        directions = torch.linalg.qr(torch.randn(d, k, generator=generator, dtype=torch.float64)).Q.T.contiguous()
        yield torch.randn(n, d, generator=generator, dtype=torch.float64) + 2, directions


@exercise(_clouds)
def through_plane(x: Float[Tensor, "example feature"], directions: Float[Tensor, "k feature"]) -> Float[Tensor, "example feature"]:
    """Each example's nearest point of the plane through the mean: by least squares."""
    mean = x.mean(0)
    code = torch.linalg.lstsq(directions.T, (x - mean).T).solution
    return mean + (directions.T @ code).T


@through_plane.mistake
def without_mean(x, directions):
    """Your plane goes through the origin. Where does the data's lie?"""
    return x @ directions.T @ directions


@through_plane.mistake
def mean_left_out(x, directions):
    """You took the mean away and never put it back."""
    return (x - x.mean(0)) @ directions.T @ directions


@through_plane.mistake
def mean_put_on_top(x, directions):
    """You add the mean to what still has it: it is in the result twice."""
    return x @ directions.T @ directions + x.mean(0)


@through_plane.mistake
def only_code(x, directions):
    """That is the code. Decode it: how much of each direction does it stand for?"""
    return (x - x.mean(0)) @ directions.T


@through_plane.mistake
def what_is_lost(x, directions):
    """That is what the plane cannot say. Asked for is what comes out of it."""
    y = x - x.mean(0)
    return y - y @ directions.T @ directions


@through_plane.mistake
def one_mean_for_all(x, directions):
    """You take one mean over everything. Every feature has its own."""
    y = x - x.mean()
    return y @ directions.T @ directions + x.mean()


def _roundings(generator: Generator) -> Iterator[tuple[Tensor, Tensor, int]]:
    yield torch.tensor([-1.0, -0.2, 0.9]), torch.tensor([1.0, 2.0, 3.0]), 3
    for levels in (2, 4, 9):
        x = 2 * torch.rand(7, generator=generator, dtype=torch.float64) - 1
        yield x, torch.randn(7, generator=generator, dtype=torch.float64), levels


def _nearest(x: Tensor, levels: int) -> Tensor:
    """The nearest of evenly spaced levels, found by comparing with all of them."""
    there = torch.linspace(-1, 1, levels, dtype=x.dtype)
    return there[(x[:, None] - there).abs().argmin(1)]


@exercise(_roundings)
def round_through(
    x: Float[Tensor, "number"], gradient: Float[Tensor, "number"], levels: int
) -> tuple[Float[Tensor, "number"], Float[Tensor, "number"]]:
    """Forward: each number on its nearest level. Backward: the gradient of the output as it came."""
    return _nearest(x, levels), gradient.clone()


@round_through.mistake
def true_slope(x, gradient, levels):
    """That is the staircase's true slope, and nothing before it would ever learn."""
    return _nearest(x, levels), torch.zeros_like(gradient)


@round_through.mistake
def not_rounded(x, gradient, levels):
    """Your numbers pass unrounded: nobody could send them in few bits."""
    return x, gradient


@round_through.mistake
def one_level_more(x, gradient, levels):
    """Count your levels: there is one more than was asked for."""
    return _nearest(x, levels + 1), gradient


@round_through.mistake
def downwards(x, gradient, levels):
    """You always go down. The nearest level may be the one above."""
    return ((x + 1) / 2 * (levels - 1)).floor() / (levels - 1) * 2 - 1, gradient


@round_through.mistake
def whole_numbers(x, gradient, levels):
    """Those are the numbers of the levels. Which values do they stand for?"""
    return ((x + 1) / 2 * (levels - 1)).round(), gradient


@round_through.mistake
def steep(x, gradient, levels):
    """You made the gradient steeper by the number of steps. Straight through is meant: as it came."""
    return _nearest(x, levels), gradient * (levels - 1)


@round_through.mistake
def from_nought(x, gradient, levels):
    """Your levels lie from 0 to 1; what comes in goes from the negative to the positive."""
    there = torch.linspace(0, 1, levels, dtype=x.dtype)
    return there[(x[:, None] - there).abs().argmin(1)], gradient


def _streams(generator: Generator) -> Iterator[tuple[int, int, float]]:
    yield 1, 2, 1.0
    yield 8, 4, 0.5
    yield 3, 8, 2.0
    yield 16, 16, 4.0
    yield 4, 2, 0.25


@exercise(_streams)
def rate_of(numbers: int, levels: int, seconds: float) -> float:
    """Bits a second: how often all combinations have to be halved until one is left."""
    combinations, halved = levels**numbers, 0
    while combinations > 1:
        combinations, halved = combinations // 2, halved + 1
    return halved / seconds


@rate_of.mistake
def count_levels(numbers, levels, seconds):
    """You count levels. How many questions, answered by yes or no, does it take to name one of them?"""
    return numbers * levels / seconds


@rate_of.mistake
def natural(numbers, levels, seconds):
    """Those are nats: the logarithm of another base. A bit has two values."""
    return numbers * math.log(levels) / seconds


@rate_of.mistake
def for_all_time(numbers, levels, seconds):
    """That is how much has to be sent. How much is it in one second?"""
    return numbers * math.log2(levels)


@rate_of.mistake
def times_seconds(numbers, levels, seconds):
    """The longer one has to send it, the less it is in each second."""
    return numbers * math.log2(levels) * seconds


@rate_of.mistake
def log_of_numbers(numbers, levels, seconds):
    """You took the logarithm of all numbers together. Each one adds its own."""
    return math.log2(numbers * levels) / seconds


@rate_of.mistake
def one_number(numbers, levels, seconds):
    """That is the rate of a single number of the code."""
    return math.log2(levels) / seconds


def _spectrograms(generator: Generator) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    yield tuple(torch.tensor(row, dtype=torch.float64) for row in ([2.0, 1.0], [3.0, 0.0], [4.0, -1.0]))
    for shape in ((4,), (3, 2), (5, 4)):
        real, imaginary = torch.randn(2, *shape, generator=generator, dtype=torch.float64)
        yield torch.rand(shape, generator=generator, dtype=torch.float64) + 0.1, real, imaginary


Cells = Float[Tensor, "*cell"]


@exercise(_spectrograms)
def keep_phase(magnitude: Cells, real: Cells, imaginary: Cells) -> tuple[Cells, Cells]:
    """The wanted magnitudes at the angles of the guess, by cosine and sine."""
    angle = torch.atan2(imaginary, real)
    return magnitude * angle.cos(), magnitude * angle.sin()


def _unit(real: Tensor, imaginary: Tensor) -> tuple[Tensor, Tensor]:
    length = (real**2 + imaginary**2).sqrt()
    return real / length, imaginary / length


@keep_phase.mistake
def no_phase(magnitude, real, imaginary):
    """Your result has no phases: it is the buzz one begins with."""
    return magnitude, torch.zeros_like(magnitude)


@keep_phase.mistake
def too_long(magnitude, real, imaginary):
    """The magnitudes of the guess are still in it. Bring its numbers to length 1 first."""
    return magnitude * real, magnitude * imaginary


@keep_phase.mistake
def as_it_was(magnitude, real, imaginary):
    """You return the guess itself: where do the wanted magnitudes come in?"""
    return real, imaginary


@keep_phase.mistake
def backwards(magnitude, real, imaginary):
    """Your phases turn the other way round."""
    u, v = _unit(real, imaginary)
    return magnitude * u, -magnitude * v


@keep_phase.mistake
def swapped(magnitude, real, imaginary):
    """You exchanged the two parts: real first, then imaginary."""
    u, v = _unit(real, imaginary)
    return magnitude * v, magnitude * u


@keep_phase.mistake
def signs(magnitude, real, imaginary):
    """You divide each part by its own size, so that only its sign is left. The length belongs to both together."""
    return magnitude * real.sign(), magnitude * imaginary.sign()


@keep_phase.mistake
def power(magnitude, real, imaginary):
    """You divide by the power. The length of a complex number is a root."""
    squares = real**2 + imaginary**2
    return magnitude * real / squares, magnitude * imaginary / squares
