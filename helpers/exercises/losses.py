"""Exercises on losses for numbers: their names, two means of errors, Huber's loss, the best constant guess, a loss on spectra.

Notebook: 02_loss_functions. The oracles are torch's own losses and its median.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Generator, Tensor
from torch.nn import functional as F

from helpers.exercises import exercise, judged

SMALL = {"loss", "cost", "error"}
LARGE = {"objective", "reward", "fitness", "utility", "profit"}
Points = Float[Tensor, "point"]


@judged
def loss_names(answer: object) -> str | None:
    """Say what is wrong with a list of the names, among the eight, of what training makes small."""
    if not isinstance(answer, list | tuple | set) or not all(isinstance(name, str) for name in answer):
        return "Give a list of names, each in quotes."
    names = {name.strip().lower() for name in answer}
    if unknown := sorted(names - SMALL - LARGE):
        return f"{unknown[0]!r} is none of the eight names."
    if names == SMALL:
        return None
    if names == LARGE:
        return "The right two groups, the wrong way round: which of them would you rather have less of?"
    if names == SMALL | LARGE:
        return "You name all eight; some of them are good to have much of."
    if names & LARGE:
        return "Something in your list is good to have. Take each in turn: would you want less of it?"
    return "What you name should indeed be small, but there is more of that kind among the eight."


def _pairs(generator: Generator) -> Iterator[tuple[Points, Points]]:
    yield torch.tensor([1.0, 5.0]), torch.tensor([3.0, 4.0])
    for n in (1, 4, 9):
        yield 3 * torch.randn(n, generator=generator), torch.randn(n, generator=generator)


@exercise(_pairs)
def mae_mse(y_hat: Points, y: Points) -> tuple[Tensor, Tensor]:
    """The mean absolute error and the mean squared error."""
    return F.l1_loss(y_hat, y), F.mse_loss(y_hat, y)


@mae_mse.mistake
def signed(y_hat, y):
    """Your first value can be negative: errors of opposite sign cancel each other."""
    return (y_hat - y).mean(), F.mse_loss(y_hat, y)


@mae_mse.mistake
def swapped(y_hat, y):
    """The right two values in the wrong order: the absolute error comes first."""
    return F.mse_loss(y_hat, y), F.l1_loss(y_hat, y)


@mae_mse.mistake
def summed(y_hat, y):
    """You add the errors up. With twice as many points that would be twice as large; what is wanted does not grow."""
    return (y_hat - y).abs().sum(), ((y_hat - y) ** 2).sum()


@mae_mse.mistake
def rooted(y_hat, y):
    """Your second value is the root of the mean square. A useful number, in the unit of y, yet not what was asked for."""
    return F.l1_loss(y_hat, y), F.mse_loss(y_hat, y).sqrt()


@mae_mse.mistake
def square_of_mean(y_hat, y):
    """Your second value squares the mean error. Each error is squared first, on its own."""
    return F.l1_loss(y_hat, y), (y_hat - y).mean() ** 2


@mae_mse.mistake
def square_of_mae(y_hat, y):
    """Your second value is the square of your first. The mean of squares is more than the square of the mean."""
    return F.l1_loss(y_hat, y), F.l1_loss(y_hat, y) ** 2


@mae_mse.mistake
def halved(y_hat, y):
    """Your second value is half of what is wanted. Some books halve it to make the derivative neat; torch does not."""
    return F.l1_loss(y_hat, y), F.mse_loss(y_hat, y) / 2


def _with_delta(generator: Generator) -> Iterator[tuple[Points, Points, float]]:
    yield torch.tensor([0.5, 4.0, -4.0]), torch.zeros(3), 2.0
    for n, delta in ((4, 0.5), (7, 1.0), (7, 3.0)):
        yield 3 * torch.randn(n, generator=generator), torch.randn(n, generator=generator), delta


@exercise(_with_delta)
def huber_loss(y_hat: Points, y: Points, delta: float) -> Points:
    """Huber's loss of each point: a parabola up to an error of delta, a straight line beyond."""
    return F.huber_loss(y_hat, y, reduction="none", delta=delta)


@huber_loss.mistake
def not_halved(y_hat, y, delta):
    """Your parabola is twice too steep: it should meet the line with a slope of delta."""
    e = (y_hat - y).abs()
    return torch.where(e <= delta, e**2, delta * (e - delta / 2))


@huber_loss.mistake
def jump(y_hat, y, delta):
    """Your loss jumps at delta: the line has the right slope and starts too high. Make the two pieces meet."""
    e = (y_hat - y).abs()
    return torch.where(e <= delta, e**2 / 2, delta * e)


@huber_loss.mistake
def unit_slope(y_hat, y, delta):
    """Beyond delta your line rises by 1 for each step. How steep is the parabola where it ends?"""
    e = (y_hat - y).abs()
    return torch.where(e <= delta, e**2 / 2, e - delta / 2)


@huber_loss.mistake
def one_sided(y_hat, y, delta):
    """Errors that are far below zero still cost a square in yours. Compare the size of the error, without its sign."""
    e = y_hat - y
    return torch.where(e <= delta, e**2 / 2, delta * (e - delta / 2))


@huber_loss.mistake
def pieces_swapped(y_hat, y, delta):
    """You have both pieces, each in the other's place: the parabola is for small errors."""
    e = (y_hat - y).abs()
    return torch.where(e > delta, e**2 / 2, delta * (e - delta / 2))


@huber_loss.mistake
def smooth_l1(y_hat, y, delta):
    """Yours is right up to a factor of delta: that is the loss torch calls smooth L1. The line's slope should be delta."""
    return F.smooth_l1_loss(y_hat, y, reduction="none", beta=delta)


@huber_loss.mistake
def averaged(y_hat, y, delta):
    """You return one number, the mean. A number for each point was asked for."""
    return F.huber_loss(y_hat, y, delta=delta)


@huber_loss.mistake
def capped(y_hat, y, delta):
    """Your loss stops growing at delta, so that a point far away does not pull at all. It should go on in a line."""
    return (y_hat - y).abs().clamp(max=delta) ** 2 / 2


def _singers(generator: Generator) -> Iterator[tuple[Points]]:
    yield (torch.tensor([12.0, 0.5, -1.0]),)
    for n in (1, 5, 9, 15):
        yield (4 * torch.randn(n, generator=generator),)


@exercise(_singers)
def best_guess(y: Points) -> Tensor:
    """The one number whose mean absolute error to an odd number of points is the least."""
    return y.median()


@best_guess.mistake
def mean(y):
    """That number is best under the squared error. Under the absolute one, one point far away has no more weight than any."""
    return y.mean()


@best_guess.mistake
def midrange(y):
    """You take the middle between the lowest and the highest: that is best for the largest single error."""
    return (y.min() + y.max()) / 2


@best_guess.mistake
def unsorted(y):
    """You take the point that happens to stand in the middle of the list. Put them in order first."""
    return y[len(y) // 2]


@best_guess.mistake
def next_to_the_middle(y):
    """You put the points in order and miss the middle by one. How many lie on either side of your guess?"""
    return y.sort().values[len(y) // 2 - 1]


@best_guess.mistake
def nothing(y):
    """You guess zero whatever the points are."""
    return torch.zeros(())


@best_guess.mistake
def the_loss(y):
    """That is how large the least loss is. Which guess gives it?"""
    return (y - y.median()).abs().mean()


@best_guess.mistake
def its_place(y):
    """That is where in the list the best guess stands. Return the guess itself."""
    return y.argsort()[len(y) // 2].float()


def _spectra(generator: Generator) -> Iterator[tuple[Tensor, Tensor, float]]:
    yield torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0, 0.0]]), 0.1
    yield torch.tensor([[2.0], [0.0]]), torch.tensor([[2.0], [4.0]]), 0.01
    for bins, frames in ((3, 4), (9, 2)):
        yield 5 * torch.rand(bins, frames, generator=generator), torch.rand(bins, frames, generator=generator), 0.1


@exercise(_spectra)
def spectral_loss(S_hat: Float[Tensor, "bin frame"], S: Float[Tensor, "bin frame"], floor: float) -> Tensor:
    """Mean absolute difference of magnitudes, plus that of the natural logarithms of magnitude plus floor."""
    return F.l1_loss(S_hat, S) + F.l1_loss((S_hat + floor).log(), (S + floor).log())


@spectral_loss.mistake
def linear_only(S_hat, S, floor):
    """Yours has the linear term alone, which is deaf to quiet partials. What about the logarithms?"""
    return F.l1_loss(S_hat, S)


@spectral_loss.mistake
def logarithm_only(S_hat, S, floor):
    """Yours has the logarithmic term alone. Where is the linear one?"""
    return F.l1_loss((S_hat + floor).log(), (S + floor).log())


@spectral_loss.mistake
def without_floor(S_hat, S, floor):
    """Where there is silence, you take the logarithm of zero. What is floor for?"""
    return F.l1_loss(S_hat, S) + F.l1_loss(S_hat.log(), S.log())


@spectral_loss.mistake
def summed_cells(S_hat, S, floor):
    """You add the cells up. A longer sound would cost more: take the mean of each term."""
    return (S_hat - S).abs().sum() + ((S_hat + floor) / (S + floor)).log().abs().sum()


@spectral_loss.mistake
def squared(S_hat, S, floor):
    """Your differences are squared; absolute differences were asked for, in both terms."""
    return F.mse_loss(S_hat, S) + F.mse_loss((S_hat + floor).log(), (S + floor).log())


@spectral_loss.mistake
def logarithm_of_difference(S_hat, S, floor):
    """You take the logarithm of the difference. Take the logarithm of each spectrum, then the difference."""
    return F.l1_loss(S_hat, S) + ((S_hat - S).abs() + floor).log().mean()


@spectral_loss.mistake
def cancelling(S_hat, S, floor):
    """In one term or both, cells that are too loud make up for cells too quiet: differences without sign are wanted."""
    return (S_hat - S).mean().abs() + ((S_hat + floor) / (S + floor)).log().mean().abs()


@spectral_loss.mistake
def decibels_of_ten(S_hat, S, floor):
    """Your logarithm is the one to base ten; the natural one was asked for."""
    return F.l1_loss(S_hat, S) + F.l1_loss((S_hat + floor).log10(), (S + floor).log10())
