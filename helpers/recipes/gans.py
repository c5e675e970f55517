"""Networks that play against each other over notes' timbre: a conditional GAN, a pyramid of three, and super-resolution.

Each round the discriminator moves, then the generator. What is shipped is a mean of the generator's weights over some hundred
rounds (an exponential moving average; Yazıcı et al., 2019), as the game does not settle but goes round.
Notebook: 07b_gans. Losses: helpers/concepts/adversarial.py.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from helpers.concepts.adversarial import discriminator_loss, generator_loss
from helpers.concepts.fidelity import density_coverage, frechet
from helpers.concepts.pyramid import build, expand
from helpers.concepts.timbre import off_db
from helpers.datasets.harmonics import load_harmonics
from helpers.models import checkpoints
from helpers.models.gan import Discriminator, Generator, LapGAN, Refiner, SuperResolution, enlargements, shrink
from helpers.models.pictures import KINDS_OF_NOTE
from helpers.recipes.likeness import by_family, from_training

RECIPES = {
    "timbre-gan": {
        "model": {"width": 32, "latent": 16}, "rival": 24, "loss": "hinge", "rounds": [4000], "batch": 32,
        "lr": [5e-4, 1e-3], "average": 0.995, "seed": 0,
    },
    "timbre-lapgan": {
        "model": {"base": 48, "width": 24, "latent": 16}, "rival": 24, "loss": "hinge", "rounds": [1000, 2000, 2400],
        "batch": 32, "lr": [5e-4, 1e-3], "average": 0.995, "seed": 0,
    },
    "timbre-srgan": {
        "model": {"width": 16, "blocks": 2}, "rival": 24, "loss": "hinge", "plain rounds": 300, "jitter": 0.1, "rounds": 1500,
        "batch": 32, "lr": [3e-4, 1e-3], "average": 0.99, "content": 100.0, "seed": 0,
    },
}  # fmt: skip
logger = logging.getLogger(__name__)
Pictures = Float[Tensor, "batch row column"]


class Match(NamedTuple):
    """Who plays for what. real: pictures of one size; given, told: what the generator and the discriminator know of each;
    make(generator, given, draw): fakes; content(fake, real): what else the generator is to keep small.
    """

    generator: nn.Module
    rival: Discriminator
    real: Pictures
    given: tuple[Tensor, ...]
    told: tuple[Tensor, ...]
    make: Callable[[nn.Module, Sequence[Tensor], torch.Generator], Pictures]
    content: Callable[[Pictures, Pictures], Tensor] | None = None


def train(name: str, log: Path | None = None) -> tuple[nn.Module, dict]:
    """The model, and what it reaches. log is not needed: a run is over in minutes, and begins anew."""
    recipe = RECIPES[name]
    torch.manual_seed(recipe["seed"])
    if name == "timbre-srgan":
        model = enlarge(SuperResolution(**recipe["model"]), recipe).eval()
        return model, {**measured(model), "symbols": []}
    model = Generator(**recipe["model"]) if name == "timbre-gan" else LapGAN(**recipe["model"])
    for (match, place), rounds in zip(matches(model, recipe["rival"]), recipe["rounds"], strict=True):
        place(compete(match, recipe, rounds))
    return model.eval(), {**measured(model), "symbols": []}


def measured(model: nn.Module) -> dict:
    """How well new notes are enlarged, or how like training notes the samples are."""
    return enlarged(model) if isinstance(model, SuperResolution) else quality(model)


def matches(model: nn.Module, width: int) -> Iterator[tuple[Match, Callable[[nn.Module], object]]]:
    """Who is to play, one match after the other, and where the winner's weights belong.

    A refiner learns from real coarse pictures, doubled, not from those of the network before it: so no match needs another.
    """
    notes = load_harmonics("train")
    family = F.one_hot(notes.family, KINDS_OF_NOTE).float()
    if isinstance(model, Generator):
        yield _from_nothing(model, Discriminator(width, 3), notes.picture, family), lambda g: model.load_state_dict(g.state_dict())
        return
    *bands, small = build(notes.picture, 2)
    yield (
        _from_nothing(model.base, Discriminator(2 * width, 1), small, family),
        lambda g: model.base.load_state_dict(g.state_dict()),
    )
    for halvings, band, refiner in zip((2, 3), reversed(bands), model.refiners):
        coarse = expand(small)
        small = coarse + band  # the real picture of this size
        rival = Discriminator(width, halvings, coarse=True)
        match = Match(refiner, rival, small, (coarse, family), (family, coarse), _refined)
        yield match, lambda g, refiner=refiner: refiner.load_state_dict(g.state_dict())


def compete(match: Match, recipe: dict, rounds: int, every: int = 200) -> nn.Module:
    """So many rounds of one move each; returns the averaged generator."""
    generator, rival, real, given, told, make, content = match
    draw, count = torch.Generator().manual_seed(recipe["seed"]), recipe["batch"]
    of_g, of_d = (
        torch.optim.Adam(model.parameters(), lr=lr, betas=(0.0, 0.99)) for model, lr in zip((generator, rival), recipe["lr"])
    )
    average = copy.deepcopy(generator).eval()
    for k in range(rounds):
        chosen = torch.randint(len(real), (count,), generator=draw)
        x, known, said = real[chosen], [t[chosen] for t in given], [t[chosen] for t in told]
        fake = make(generator, known, draw)
        d = move_d(rival, of_d, x, fake, said, recipe["loss"])
        g = move_g(rival, of_g, fake, said, recipe["loss"], content and content(fake, x))
        follow(average, generator, min(recipe["average"], (1 + k) / (10 + k)))
        if (k + 1) % every == 0:
            logger.info("round %d: D %.3f, G %.3f", k + 1, d, g)
    return average


def move_d(
    rival: Discriminator,
    optimizer: torch.optim.Optimizer,
    real: Pictures,
    fake: Pictures,
    told: Sequence[Tensor],
    loss: str,
) -> float:
    """The discriminator's move: both kinds in one pass. Returns its loss before."""
    s = rival(torch.cat([real, fake.detach()]), *(torch.cat([t, t]) for t in told))
    cost = discriminator_loss(loss, s[: len(real)], s[len(real) :])
    optimizer.zero_grad()
    cost.backward()
    optimizer.step()
    return cost.item()


def move_g(
    rival: Discriminator,
    optimizer: torch.optim.Optimizer,
    fake: Pictures,
    told: Sequence[Tensor],
    loss: str,
    content: Tensor | None = None,
) -> float:
    """The generator's move: through the discriminator, whose weights stay as they are. Returns its loss before."""
    rival.requires_grad_(False)
    cost = generator_loss(loss, rival(fake, *told)) + (0 if content is None else content)
    optimizer.zero_grad()
    cost.backward()
    optimizer.step()
    rival.requires_grad_(True)
    return cost.item()


@torch.no_grad()
def follow(average: nn.Module, model: nn.Module, keep: float) -> None:
    """average ← keep · average + (1 − keep) · model: weights, and the means and variances of batch normalisation."""
    for mean, weight in zip(average.state_dict().values(), model.state_dict().values()):
        if mean.is_floating_point():
            mean.lerp_(weight, 1 - keep)
        else:
            mean.copy_(weight)


def enlarge(model: SuperResolution, recipe: dict) -> SuperResolution:
    """First the mean squared error alone, as SRResNet; from there on also to pass as real, as SRGAN.

    In the first part each harmonic is made louder or softer at random, so that instruments are not learned by heart.
    """
    notes, count = load_harmonics("train").picture, recipe["batch"]
    low, draw = shrink(notes), torch.Generator().manual_seed(recipe["seed"])
    optimizer = torch.optim.Adam(model.plain.parameters(), lr=1e-3)
    rate = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, recipe["plain rounds"])
    for _ in range(recipe["plain rounds"]):
        chosen = torch.randint(len(notes), (count,), generator=draw)
        real = (notes[chosen] + recipe["jitter"] * torch.randn(count, 24, 1, generator=draw)).clamp(0, 1)
        error = F.mse_loss(model.plain(shrink(real)), real)
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        rate.step()
    model.sharp.load_state_dict(model.plain.state_dict())
    rival = Discriminator(recipe["rival"], 3, families=False)
    content = lambda fake, real: recipe["content"] * F.mse_loss(fake, real)  # noqa: E731
    match = Match(model.sharp, rival, notes, (low,), (), lambda g, given, _: g(*given), content)
    model.sharp.load_state_dict(compete(match, recipe, recipe["rounds"]).state_dict())
    return model


@torch.no_grad()
def quality(model: nn.Module, seed: int = 0) -> dict:
    """Fréchet distance in the judge's features, density and coverage, and the families it hears: of a third as many fakes."""
    judge, _ = checkpoints.load("timbre-judge")
    made, family = by_family(model.sample, seed)
    real, fake = judge.features(load_harmonics("train").picture), judge.features(made)
    some = torch.randperm(len(real), generator=torch.Generator().manual_seed(seed))[: len(fake)]
    density, coverage = density_coverage(real[some], fake)
    taken = (judge(made).argmax(1) == family).float().mean()
    return {"Fréchet distance": from_training(made), "density": density, "coverage": coverage, "taken for the family": float(taken)}


@torch.no_grad()
def enlarged(model: SuperResolution) -> dict:
    """Of new notes, 6 × 8 to 24 × 32: how many dB a cell is off, and how far the judge's features are from the real ones'."""
    judge, _ = checkpoints.load("timbre-judge")
    real = load_harmonics("new").picture
    found = {}
    for name, made in enlargements(model, shrink(real)).items():
        found[f"{name}, dB off"] = off_db(made, real)
        found[f"{name}, Fréchet distance"] = frechet(judge.features(real), judge.features(made))
    return found


def _from_nothing(generator: Generator, rival: Discriminator, real: Pictures, family: Tensor) -> Match:
    make = lambda g, given, draw: g(g.noise(len(given[0]), draw), *given)  # noqa: E731
    return Match(generator, rival, real, (family,), (family,), make)


def _refined(refiner: Refiner, given: Sequence[Tensor], draw: torch.Generator) -> Pictures:
    coarse, family = given
    return coarse + refiner(torch.randn(coarse.shape, generator=draw), coarse, family)
