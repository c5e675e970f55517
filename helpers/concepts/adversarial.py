"""The game of two networks: a generator G makes fakes from noise z, a discriminator D tells them from real samples.

D gives a score s to a sample. Where D is a classifier, its probability of "real" is sigmoid(s), and the game is about
V(G, D) = E log D(x) + E log(1 - D(G(z))): D climbs it, G goes down. Each kind below is a pair of losses, both to be made
small: the discriminator's and the generator's. Notebook: 07b_gans. Trained by helpers/concepts/duel.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

Scores = Float[Tensor, "*batch"]
LN2 = log(2)


@dataclass(frozen=True)
class Kind:
    """A pair of losses. real, fake: what a score costs D on a real and on a fake sample; fool: what a fake's costs G.

    even: a score that D may end with where real and fake are alike, and d, g the two losses there. middle: the score
    where D is undecided; None where a score has no such place. penalty: of the critic's slope.
    """

    real: Callable[[Tensor], Tensor]
    fake: Callable[[Tensor], Tensor]
    fool: Callable[[Tensor], Tensor]
    even: float
    d: float
    g: float
    middle: float | None
    penalty: float = 0.0
    source: str = ""


KINDS: dict[str, Kind] = {
    # -log D(x), -log(1 - D(G(z))) and log(1 - D(G(z))), with log sigmoid(s) = -softplus(-s)
    "minimax": Kind(
        lambda s: F.softplus(-s), F.softplus, lambda s: -F.softplus(s), 0.0, 2 * LN2, -LN2, 0.0, source="Goodfellow et al., 2014"
    ),
    # the same D; G lowers -log D(G(z)) instead, whose slope is steep where D is sure that a fake is fake
    "non-saturating": Kind(
        lambda s: F.softplus(-s),
        F.softplus,
        lambda s: F.softplus(-s),
        0.0,
        2 * LN2,
        LN2,
        0.0,
        source="Goodfellow et al., 2014",
    ),
    # half the squared distance from 1 (real) and from 0 (fake)
    "least squares": Kind(
        lambda s: (s - 1) ** 2 / 2, lambda s: s**2 / 2, lambda s: (s - 1) ** 2 / 2, 0.5, 0.25, 0.125, 0.5, source="Mao et al., 2017"
    ),
    # the critic's mean score apart; a slope of length 1 is asked for between real and fake
    "WGAN-GP": Kind(lambda s: -s, lambda s: s, lambda s: -s, 0.0, 0.0, 0.0, None, 1.0, source="Gulrajani et al., 2017"),
    "hinge": Kind(lambda s: F.relu(1 - s), lambda s: F.relu(1 + s), lambda s: -s, 0.0, 2.0, 0.0, 0.0, source="Lim and Ye, 2017"),
}


def kind(name: str) -> Kind:
    """The losses of that name. Raises ValueError for an unknown one."""
    if name not in KINDS:
        raise ValueError(f"There is no loss {name!r}; choose one of {', '.join(KINDS)}.")
    return KINDS[name]


def discriminator_loss(name: str, real: Scores, fake: Scores) -> Float[Tensor, ""]:
    """What D lowers: the mean cost of its scores of real samples plus that of its scores of fakes (without the penalty)."""
    return kind(name).real(real).mean() + kind(name).fake(fake).mean()


def generator_loss(name: str, fake: Scores) -> Float[Tensor, ""]:
    """What G lowers: the mean cost of D's scores of its fakes."""
    return kind(name).fool(fake).mean()


def value(real: Scores, fake: Scores) -> Float[Tensor, ""]:
    """V(G, D) = E log D(x) + E log(1 - D(G(z))), of scores; never above 0, and -ln 4 where D says 1/2 to all."""
    return F.logsigmoid(real).mean() + F.logsigmoid(-fake).mean()


def optimal(p: Float[Tensor, "*place"], q: Float[Tensor, "*place"]) -> Float[Tensor, "*place"]:
    """D*(x) = p(x) / (p(x) + q(x)): the best answer to densities p of real and q of fake samples; 1/2 where both are 0.

    >>> optimal(torch.tensor([1.0, 3.0, 0.0]), torch.tensor([1.0, 1.0, 0.0]))
    tensor([0.5000, 0.7500, 0.5000])
    """
    if bool((p < 0).any() or (q < 0).any()):
        raise ValueError("a density is never below 0.")
    both = p + q
    return torch.where(both > 0, p / both.where(both > 0, 1.0), 0.5)


def jensen_shannon(p: Float[Tensor, "place"], q: Float[Tensor, "place"]) -> float:
    """JSD of two distributions over the same places, each summing to 1, in nats: 0 where they agree, at most ln 2.

    The value of the game at D* is V = 2 JSD - ln 4. Raises ValueError where one does not sum to 1.
    """
    for name, given in (("p", p), ("q", q)):
        if not bool((given >= 0).all()) or abs(float(given.sum()) - 1) > 1e-6:
            raise ValueError(f"{name} sums to {float(given.sum()):g}; the probabilities of a distribution sum to 1.")
    p, q = p.double(), q.double()  # of float32, 1e-300 would be 0
    middle = (p + q) / 2
    return float(
        (torch.special.xlogy(p, p / middle.clamp_min(1e-300)) + torch.special.xlogy(q, q / middle.clamp_min(1e-300))).sum() / 2
    )


def gradient_penalty(
    score: Callable[[Tensor], Tensor],
    real: Float[Tensor, "batch *feature"],
    fake: Float[Tensor, "fakes *feature"],
    mix: Float[Tensor, "batch"],
) -> Float[Tensor, ""]:
    """E (|∇s(x)| - 1)² at x = mix · real + (1 - mix) · fake, one mix in [0, 1] for each pair; it can be trained through.

    Raises ValueError where there are not as many fakes as real samples. After Gulrajani et al., 2017.
    """
    if real.shape != fake.shape:
        raise ValueError(f"{tuple(real.shape)} real and {tuple(fake.shape)} fake; they are mixed pair by pair.")
    share = mix.reshape(-1, *[1] * (real.ndim - 1))
    x = (share * real + (1 - share) * fake).detach().requires_grad_()
    (slope,) = torch.autograd.grad(score(x).sum(), x, create_graph=True)
    return ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()


def pull(name: str, score: Callable[[Tensor], Tensor], fake: Float[Tensor, "batch *feature"]) -> Float[Tensor, "batch *feature"]:
    """-∂L_G / ∂G(z): where each fake is pulled to, were it free to go. Of the mean over the fakes, so each is 1/batch of it."""
    x = fake.detach().requires_grad_()
    (slope,) = torch.autograd.grad(generator_loss(name, score(x)), x)
    return -slope
