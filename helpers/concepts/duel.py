"""A duel on a plane: two small networks learn against each other, one step at a time, and every step can be taken back.

A Game is a value: the numbers of both networks with what their optimisers remember, and how many moves were made. A move
returns another Game and leaves the old one as it was; its random numbers are those of (seed, number of moves). So whoever
keeps the old Game can go back, and the same moves lead to the same place, bit for bit. Notebook: 07b_gans.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from helpers.concepts.adversarial import discriminator_loss, generator_loss, gradient_penalty, kind

Draw = Callable[[np.random.Generator, int], np.ndarray]  # so many real points
NOISES: dict[str, tuple[int, bool]] = {  # how many numbers z has; whether they are normal (else uniform from -1 to 1)
    "2 normal": (2, True),
    "2 uniform": (2, False),
    "1 uniform": (1, False),
    "8 normal": (8, True),
}
OPTIMISERS = ("Adam", "SGD")
BETAS, EPS = (0.5, 0.999), 1e-8  # of Adam; less momentum than usual, after Radford et al., 2016
LEAK = 0.2  # slope of both networks' LeakyReLU below 0


@dataclass(frozen=True)
class Rules:
    """What does not change during a duel. width, depth: units and number of hidden layers, of both networks.

    blur: standard deviation of the noise on all samples that D is shown (instance noise, Sønderby et al., 2017). lr_d and
    lr_g may differ (two time scales, Heusel et al., 2017). Raises ValueError where it cannot be played.
    """

    loss: str = "non-saturating"
    noise: str = "2 normal"
    depth: int = 2
    width: int = 16
    optimiser: str = "Adam"
    lr_d: float = 1e-3
    lr_g: float = 1e-3
    batch: int = 64
    blur: float = 0.0
    penalty: float = 1.0  # of the critic's slope, where the loss has one
    seed: int = 0

    def __post_init__(self) -> None:
        kind(self.loss)
        for name, given, known in (("noise", self.noise, NOISES), ("optimiser", self.optimiser, OPTIMISERS)):
            if given not in known:
                raise ValueError(f"There is no {name} {given!r}; choose one of {', '.join(known)}.")
        if min(self.depth, self.width, self.batch) < 1 or min(self.lr_d, self.lr_g) <= 0 or min(self.blur, self.penalty) < 0:
            raise ValueError(
                f"{self} cannot be played: sizes are at least 1, learning rates above 0, blur and penalty not below 0."
            )

    @cached_property
    def of_d(self) -> list[int]:
        """How many units D's layers have, first to last."""
        return [2, *[self.width] * self.depth, 1]

    @cached_property
    def of_g(self) -> list[int]:
        """How many units G's layers have, first to last."""
        return [NOISES[self.noise][0], *[self.width] * self.depth, 2]


class Side(NamedTuple):
    """A network, its weights and biases in one row, and Adam's memory: means of the gradient and of its square, steps taken."""

    theta: Float[Tensor, "weight"]
    m: Float[Tensor, "weight"]
    v: Float[Tensor, "weight"]
    t: int = 0


class Move(NamedTuple):
    """What a move told: whose it was, the loss on its batch, and the length of its gradient."""

    who: str
    loss: float
    gradient: float


@dataclass(frozen=True)
class Game:
    """Where a duel stands: discriminator, generator, moves made."""

    rules: Rules
    d: Side = field(repr=False)
    g: Side = field(repr=False)
    moves: int = 0

    def score(self, x: Float[Tensor, "*batch 2"]) -> Float[Tensor, "*batch"]:
        """What D thinks of points, before any sigmoid."""
        return mlp(self.d.theta, self.rules.of_d, x).squeeze(-1)

    def generate(self, z: Float[Tensor, "*batch noise"]) -> Float[Tensor, "*batch 2"]:
        """The points that G makes of noise."""
        return mlp(self.g.theta, self.rules.of_g, z)


class Diverged(ArithmeticError):
    """A move that cannot be made: a loss or gradient is not finite. Its text says whose, when, and what would help."""


def begin(rules: Rules) -> Game:
    """Both networks as they are born (He et al., 2015), from the rules' seed."""
    generator = torch.Generator().manual_seed(rules.seed)
    born = [torch.cat([part.flatten() for part in _layers(sizes, generator)]) for sizes in (rules.of_d, rules.of_g)]
    return Game(rules, *(Side(theta, torch.zeros_like(theta), torch.zeros_like(theta)) for theta in born))


def step_d(game: Game, draw: Draw) -> tuple[Game, Move]:
    """D takes one step on a fresh batch; G stays what it is. Raises Diverged where the step is not finite."""
    rules, random = game.rules, np.random.default_rng([game.rules.seed, game.moves])
    real = torch.from_numpy(draw(random, rules.batch)).float()
    fake = game.generate(noise(rules, random, rules.batch))
    if rules.blur:
        real, fake = (x + rules.blur * _normal(random, x.shape) for x in (real, fake))
    theta = game.d.theta.clone().requires_grad_()

    def score(x: Tensor) -> Tensor:
        return mlp(theta, rules.of_d, x).squeeze(-1)

    of_real, of_fake = score(torch.cat([real, fake])).split(rules.batch)
    loss = discriminator_loss(rules.loss, of_real, of_fake)
    if weight := kind(rules.loss).penalty * rules.penalty:
        mix = torch.from_numpy(random.uniform(size=rules.batch)).float()
        loss = loss + weight * gradient_penalty(score, real, fake, mix)
    side, move = _moved("D", loss, theta, game.d, rules.lr_d, game)
    return replace(game, d=side, moves=game.moves + 1), move


def step_g(game: Game, draw: Draw | None = None) -> tuple[Game, Move]:
    """G takes one step against the present D, which stays what it is. Raises Diverged where the step is not finite."""
    rules, random = game.rules, np.random.default_rng([game.rules.seed, game.moves])
    theta = game.g.theta.clone().requires_grad_()
    fake = mlp(theta, rules.of_g, noise(rules, random, rules.batch))
    if rules.blur:
        fake = fake + rules.blur * _normal(random, fake.shape)
    side, move = _moved("G", generator_loss(rules.loss, game.score(fake)), theta, game.g, rules.lr_g, game)
    return replace(game, g=side, moves=game.moves + 1), move


STEPS = {"D": step_d, "G": step_g}


def noise(rules: Rules, random: np.random.Generator, count: int) -> Float[Tensor, "point noise"]:
    """What G makes its points of."""
    size, normal = NOISES[rules.noise]
    drawn = random.normal(size=(count, size)) if normal else random.uniform(-1, 1, (count, size))
    return torch.from_numpy(drawn).float()


def mlp(theta: Float[Tensor, "weight"], sizes: list[int], x: Float[Tensor, "*batch in"]) -> Float[Tensor, "*batch out"]:
    """A network of linear layers with LeakyReLU between them, whose weights and biases stand in one row, layer by layer."""
    parts = theta.split([n for a, b in pairwise(sizes) for n in (a * b, b)])
    for k, (a, b) in enumerate(pairwise(sizes)):
        x = F.linear(F.leaky_relu(x, LEAK) if k else x, parts[2 * k].view(b, a), parts[2 * k + 1])
    return x


def _layers(sizes: list[int], generator: torch.Generator) -> list[Tensor]:
    pairs = pairwise(sizes)
    drawn = [(torch.randn(b, a, generator=generator) * math.sqrt(2 / (1 + LEAK**2) / a), torch.zeros(b)) for a, b in pairs]
    return [part for layer in drawn for part in layer]


def _normal(random: np.random.Generator, shape: torch.Size) -> Tensor:
    return torch.from_numpy(random.normal(size=tuple(shape))).float()


def _moved(who: str, loss: Tensor, theta: Tensor, side: Side, lr: float, game: Game) -> tuple[Side, Move]:
    """One step of the optimiser, as torch.optim takes it, on all weights at once."""
    (slope,) = torch.autograd.grad(loss, theta)
    move = Move(who, float(loss.detach()), float(slope.norm()))
    if not math.isfinite(move.loss + move.gradient):
        what = "loss" if not math.isfinite(move.loss) else "gradient"
        raise Diverged(f"Move {game.moves + 1}: {who}'s {what} is not finite. Choose a smaller learning rate (its own is {lr:g}).")
    if game.rules.optimiser == "SGD":
        return Side(side.theta - lr * slope, side.m, side.v, side.t + 1), move
    (b1, b2), t = BETAS, side.t + 1
    m, v = torch.lerp(side.m, slope, 1 - b1), (b2 * side.v).addcmul_(slope, slope, value=1 - b2)
    step = m / (1 - b1**t) / ((v / (1 - b2**t)).sqrt_() + EPS)
    return Side(side.theta - lr * step, m, v, t), move
