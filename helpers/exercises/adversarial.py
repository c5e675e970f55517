"""Exercises on adversarial training: the discriminator's best answer, the non-saturating loss, the penalty, the modes.

Notebook: 07b_gans. The oracles are torch's own loss, a search for the best answer, a slope in
closed form, and counting point by point.
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


def _crowds(generator: Generator) -> Iterator[tuple[Tensor, Tensor, float]]:
    centres = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], dtype=torch.float64)
    near = 0.05 * torch.randn(300, 2, generator=generator, dtype=torch.float64)
    yield centres[torch.arange(8) % 2] + near[:8], centres, 0.3  # two of four
    whose = torch.randint(3, (300,), generator=generator)  # three of four, but the third has two of 300 points
    whose[whose == 2] = 0
    whose[:2] = 2
    yield centres[whose] + near, centres, 0.3
    away = torch.cat([centres[:1] + near[:150], centres[3] + 0.6 + near[150:]])  # half are near none
    yield away, centres, 0.3
    spread = centres[torch.randint(4, (300,), generator=generator)] + 8 * near
    yield spread, centres, 0.25
    few = torch.cat([centres[:1] + near[:2], 5 + near[2:]])  # two points of 300 near any
    yield few, centres, 0.3
    aside = torch.tensor([[0.0, 0.0], [0.25, 0.25], [0.0, 0.45]], dtype=torch.float64)  # near, in a corner, just too far
    yield centres[:3].repeat(20, 1) + aside.repeat(20, 1) + 0.1 * near[:60], centres, 0.3


@exercise(_crowds)
def count_modes(points: Float[Tensor, "point 2"], centres: Float[Tensor, "mode 2"], within: float) -> int:
    """How many modes have at least 1 % of all points within the distance: counted point by point."""
    covered = 0
    for centre in centres.tolist():
        near = sum((x - centre[0]) ** 2 + (y - centre[1]) ** 2 <= within**2 for x, y in points.tolist())
        covered += near >= 0.01 * len(points)
    return int(covered)


def _near(points: Tensor, centres: Tensor, within: float) -> Tensor:
    return torch.cdist(points, centres) <= within


@count_modes.mistake
def a_single_point(points, centres, within):
    """You are content with a single point. A mode of which one sample in a thousand is made is lost all the same."""
    return int(_near(points, centres, within).any(0).sum())


@count_modes.mistake
def nearest_centre(points, centres, within):
    """You give every point to the centre it is nearest to, however far away that is."""
    share = torch.bincount(torch.cdist(points, centres).argmin(1), minlength=len(centres)) / len(points)
    return int((share >= 0.01).sum())


@count_modes.mistake
def points_counted(points, centres, within):
    """You count points, not modes."""
    return int(_near(points, centres, within).any(1).sum())


@count_modes.mistake
def share_of_modes(points, centres, within):
    """That is the share of the modes. How many are they?"""
    return float((_near(points, centres, within).double().mean(0) >= 0.01).double().mean())


@count_modes.mistake
def squared_distance(points, centres, within):
    """You compare the square of the distance: was a root forgotten?"""
    near = torch.cdist(points, centres) ** 2 <= within
    return int((near.double().mean(0) >= 0.01).sum())


@count_modes.mistake
def of_those_near(points, centres, within):
    """You take the share of those points that are near some mode. The percent is of all points."""
    near = _near(points, centres, within).double()
    return int((near.sum(0) / near.sum().clamp(min=1) >= 0.01).sum())


@count_modes.mistake
def every_coordinate(points, centres, within):
    """You look at each coordinate by itself, and so reach into the corners of a square."""
    near = (points[:, None] - centres).abs().amax(-1) <= within
    return int((near.double().mean(0) >= 0.01).sum())
