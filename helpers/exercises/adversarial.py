"""Exercises on adversarial training: the discriminator's best answer, the non-saturating loss, the penalty.

Notebook: 07b_gans. The oracles are torch's own loss, a search for the best answer, and a slope in closed form.
"""

from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Generator, Tensor

from helpers.exercises import exercise


def _densities(generator: Generator) -> Iterator[tuple[Tensor, Tensor]]:
    yield torch.tensor([1.0, 3.0]), torch.tensor([1.0, 1.0])
    yield torch.tensor([0.2, 0.0, 0.7]), torch.tensor([0.6, 0.5, 0.0])
    for _ in range(3):
        yield tuple(torch.rand(6, generator=generator, dtype=torch.float64) + 0.01 for _ in range(2))


@exercise(_densities)
def best_discriminator(p: Float[Tensor, "place"], q: Float[Tensor, "place"]) -> Float[Tensor, "place"]:
    """Where the slope of p log D + q log (1 - D) changes its sign: found by halving the interval that holds it."""
    low, high = torch.zeros_like(p, dtype=torch.float64), torch.ones_like(p, dtype=torch.float64)
    for _ in range(60):
        D = (low + high) / 2
        rises = p * (1 - D) > q * D  # the sign of p / D - q / (1 - D)
        low, high = torch.where(rises, D, low), torch.where(rises, high, D)
    return (low + high) / 2


@best_discriminator.mistake
def fakes_share(p, q):
    """That is how probable it is that a sample is fake."""
    return q / (p + q)


@best_discriminator.mistake
def ratio(p, q):
    """That is how many times as dense the real samples are; a probability stays between 0 and 1."""
    return p / q


@best_discriminator.mistake
def real_density(p, q):
    """You look at the real samples alone. Does the answer not depend on how many fakes lie there?"""
    return p


@best_discriminator.mistake
def hard(p, q):
    """You decide for the likelier one. Log loss punishes whoever is surer than the data allow."""
    return (p > q).double()


@best_discriminator.mistake
def sigmoid_of_difference(p, q):
    """A sigmoid is the right idea for a score, but the score is not the difference of the densities."""
    return torch.sigmoid(p - q)


@best_discriminator.mistake
def log_ratio(p, q):
    """That is the score, the log odds. Which probability belongs to it?"""
    return (p / q).log()


@best_discriminator.mistake
def always_half(p, q):
    """One half everywhere is the end of the game, when both densities agree."""
    return torch.full_like(p, 0.5)


def _scores(generator: Generator) -> Iterator[tuple[Tensor]]:
    yield (torch.tensor([0.0, 2.0]),)
    for n in (1, 5, 12):
        yield (2 * torch.randn(n, generator=generator, dtype=torch.float64) - 1,)


@exercise(_scores)
def non_saturating(scores: Float[Tensor, "fake"]) -> float:
    """The generator's loss: what D would pay if the fakes were real."""
    return F.binary_cross_entropy_with_logits(scores, torch.ones_like(scores)).item()


@non_saturating.mistake
def saturating(scores):
    """That is the minimax loss, which is flat just where D is sure."""
    return torch.log(1 - torch.sigmoid(scores)).mean()


@non_saturating.mistake
def upside_down(scores):
    """You let G fall where it should rise: look at the sign."""
    return torch.log(torch.sigmoid(scores)).mean()


@non_saturating.mistake
def as_discriminator(scores):
    """That is what D pays for the fakes. G wants the opposite."""
    return -torch.log(1 - torch.sigmoid(scores)).mean()


@non_saturating.mistake
def added_up(scores):
    """You add the samples up; the loss is to be the same for a batch twice as large."""
    return -torch.log(torch.sigmoid(scores)).sum()


@non_saturating.mistake
def log_of_mean(scores):
    """You average the probabilities first, and take the logarithm of that."""
    return -torch.log(torch.sigmoid(scores).mean())


@non_saturating.mistake
def without_log(scores):
    """You average probabilities. Where is the logarithm?"""
    return 1 - torch.sigmoid(scores).mean()


@non_saturating.mistake
def critics(scores):
    """That is the loss of a critic, as in a Wasserstein GAN: the scores are no probabilities yet."""
    return -scores.mean()


class _Critic:
    """A score v · tanh(W x) + 2 x₁ whose slope is known: W' (v (1 - tanh²)) + (2, 0)."""

    def __init__(self, w: Tensor):
        self.W, self.v, self.tilt = w[:6].view(3, 2), w[6:], torch.tensor([2.0, 0.0], dtype=w.dtype)

    def __call__(self, x: Tensor) -> Tensor:
        return torch.tanh(x @ self.W.T) @ self.v + x @ self.tilt

    def __repr__(self) -> str:
        return "a critic: points (pair, 2) to scores (pair,)"

    def __deepcopy__(self, memo: dict) -> "_Critic":
        return self  # it holds nothing that a caller could change by mistake

    def slopes(self, x: Tensor) -> Tensor:
        return (self.v * (1 - torch.tanh(x @ self.W.T) ** 2)) @ self.W + self.tilt


def _pairs(generator: Generator) -> Iterator[tuple[_Critic, Tensor, Tensor, Tensor]]:
    for n in (2, 4, 7):
        w = 2 * torch.randn(9, generator=generator, dtype=torch.float64)
        real, fake = torch.randn(2, n, 2, generator=generator, dtype=torch.float64)
        yield _Critic(w), real, 0.5 * fake + 1, torch.rand(n, generator=generator, dtype=torch.float64)


def _lengths(critic: _Critic, x: Tensor) -> Tensor:
    """How steep the critic is at each point."""
    return critic.slopes(x).norm(dim=1)


def _between(real: Tensor, fake: Tensor, mix: Tensor) -> Tensor:
    return mix[:, None] * real + (1 - mix[:, None]) * fake


@exercise(_pairs)
def slope_penalty(
    critic: Callable, real: Float[Tensor, "pair 2"], fake: Float[Tensor, "pair 2"], mix: Float[Tensor, "pair"]
) -> float:
    """The mean square of how far the critic's slope is from length 1, between real and fake."""
    return ((_lengths(critic, _between(real, fake, mix)) - 1) ** 2).mean().item()


@slope_penalty.mistake
def at_real(critic, real, fake, mix):
    """You measure the slope at the real samples. It is wanted on the way between real and fake."""
    return ((_lengths(critic, real) - 1) ** 2).mean()


@slope_penalty.mistake
def at_fakes(critic, real, fake, mix):
    """You measure the slope at the fakes alone."""
    return ((_lengths(critic, fake) - 1) ** 2).mean()


@slope_penalty.mistake
def swapped(critic, real, fake, mix):
    """Your mixture has the shares of real and fake the other way round."""
    return ((_lengths(critic, _between(fake, real, mix)) - 1) ** 2).mean()


@slope_penalty.mistake
def no_goal(critic, real, fake, mix):
    """You pull the slope towards 0; a critic that flat would tell nothing apart."""
    return (_lengths(critic, _between(real, fake, mix)) ** 2).mean()


@slope_penalty.mistake
def length_squared(critic, real, fake, mix):
    """You forgot a root: the length of the gradient is compared, not its square."""
    return ((_lengths(critic, _between(real, fake, mix)) ** 2 - 1) ** 2).mean()


@slope_penalty.mistake
def each_coordinate(critic, real, fake, mix):
    """You compare each coordinate of the gradient; it is the length of the whole that counts."""
    return ((critic.slopes(_between(real, fake, mix)) - 1) ** 2).mean()


@slope_penalty.mistake
def mean_length(critic, real, fake, mix):
    """You average the lengths before you compare: one that is too long then makes up for one that is too short."""
    return (_lengths(critic, _between(real, fake, mix)).mean() - 1) ** 2


@slope_penalty.mistake
def not_squared(critic, real, fake, mix):
    """You take the distance itself. Square it, so that large ones weigh more."""
    return (_lengths(critic, _between(real, fake, mix)) - 1).abs().mean()


@slope_penalty.mistake
def one_sided(critic, real, fake, mix):
    """You let slopes that are too flat off. Here both sides are punished."""
    return ((_lengths(critic, _between(real, fake, mix)) - 1).clamp(min=0) ** 2).mean()
