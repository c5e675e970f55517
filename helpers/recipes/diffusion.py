"""A diffusion model of notes' timbre, and a consistency model that learns to jump its whole way. Notebook: 07c_diffusion.

Both learn from the 1,184 notes to train on, each pass with other noise; one family in seven is withheld from them, so that
they also learn what is common to all. What is shipped is a mean of the weights' last few hundred steps (an exponential moving
average), as noisy targets keep the weights themselves moving to the end. After Ho et al., 2020; Ho and Salimans, 2022; Song
et al., 2023; Geng et al., "Consistency models made easy", 2025 (begin with the diffusion model's weights).
"""

from __future__ import annotations

import copy
import logging
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from helpers.concepts.consistency import loss, neighbours, noised
from helpers.concepts.description import bits_per_cell
from helpers.datasets.harmonics import load_harmonics
from helpers.models import checkpoints
from helpers.models.denoiser import Denoiser, signal
from helpers.models.jumper import SMALLEST, Jumper
from helpers.models.pictures import KINDS_OF_NOTE, LEVELS, to_levels
from helpers.recipes.likeness import by_family, from_training

RECIPES = {
    "timbre-diffusion": {
        "model": {"widths": [16, 48, 96], "dropout": 0.1},
        "steps": 1800, "batch": 32, "lr": 1.5e-3, "warm": 100, "withheld": 0.15, "average": 0.997, "seed": 0,
    },
    "timbre-consistency": {
        "model": {"widths": [16, 48, 96]}, "from": "timbre-diffusion", "gaps": 20,
        "steps": 600, "batch": 32, "lr": 5e-4, "warm": 50, "withheld": 0.15, "average": 0.99, "seed": 0,
    },
}  # fmt: skip
logger = logging.getLogger(__name__)
Picture = Float[Tensor, "batch 24 32"]
Family = Int[Tensor, "batch"]


def train(name: str, log: Path | None = None) -> tuple[nn.Module, dict]:
    """The model, and what it reaches on new notes. log: a file by which an interrupted run goes on."""
    recipe = RECIPES[name]
    torch.manual_seed(recipe["seed"])
    if name == "timbre-diffusion":
        model = descend(Denoiser(**recipe["model"]), v_loss, recipe, log)
        return model, {**measured(model), "symbols": []}
    teacher, _ = checkpoints.load(recipe["from"])
    model = Jumper(**recipe["model"])
    model.network.load_state_dict(teacher.state_dict())
    model = descend(model, partial(jump_loss, teacher=teacher, gaps=recipe["gaps"]), recipe, log)
    return model, {**measured(model), "symbols": []}


def measured(model: Denoiser | Jumper) -> dict:
    """What the diffusion model makes of new notes, or how far the consistency model is from its teacher."""
    if isinstance(model, Denoiser):
        return held_out(model)
    teacher, _ = checkpoints.load(RECIPES["timbre-consistency"]["from"])
    return agreement(model, teacher)


def descend(model: nn.Module, loss_of: Callable[..., Tensor], recipe: dict, log: Path | None = None, every: int = 100) -> nn.Module:
    """Train with a learning rate that rises for `warm` steps and falls to 0 along a cosine; returns the averaged model.

    loss_of(model, average, x_0, family, draw). Raises ValueError where `log` was begun by another recipe.
    """
    notes, draw = load_harmonics("train"), torch.Generator().manual_seed(recipe["seed"])
    x_0 = signal(notes.picture)
    optimizer = torch.optim.AdamW(model.parameters(), lr=recipe["lr"], weight_decay=0.01, betas=(0.9, 0.99))
    rate = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: pace(k, recipe["steps"], recipe["warm"]))
    average, begun, heard = copy.deepcopy(model).eval(), 0, 0.0
    parts = (model, average, optimizer, rate)
    if log and log.exists():
        kept = torch.load(log)
        if kept.get("recipe") != recipe:
            raise ValueError(
                f"{log} was begun by another recipe: {kept.get('recipe')} there, {recipe} here. Delete it to start anew."
            )
        for part, state in zip(parts, kept["states"]):
            part.load_state_dict(state)
        draw.set_state(kept["draw"])
        begun = kept["step"]
    model.train()
    for step in range(begun, recipe["steps"]):
        chosen = torch.randint(len(x_0), (recipe["batch"],), generator=draw)
        family = withhold(notes.family[chosen], recipe["withheld"], draw)
        error = loss_of(model, average, x_0[chosen], family, draw)
        optimizer.zero_grad()
        error.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        rate.step()
        follow(average, model, min(recipe["average"], (1 + step) / (10 + step)))
        heard += error.item() / every
        if (step + 1) % every == 0:
            logger.info("step %d: loss %.4f", step + 1, heard)
            heard = 0.0
            if log:
                states = [part.state_dict() for part in parts]
                torch.save({"recipe": recipe, "states": states, "draw": draw.get_state(), "step": step + 1}, log)
    return average


def v_loss(model: nn.Module, _average: nn.Module, x_0: Picture, family: Family, draw: torch.Generator) -> Float[Tensor, ""]:
    """Mean squared error of v at a t for each example: evenly spread, which is less noisy than drawn one by one.

    In bfloat16 where that can be: half as long again as fast.
    """
    n = len(x_0)
    t = (torch.arange(n) + torch.rand(1, generator=draw)) / n
    noise = torch.randn(x_0.shape, generator=draw)
    with torch.autocast("cpu", torch.bfloat16):
        v = model(noised(x_0, noise, t), t, family)
    return (v.float() - noised(noise, -x_0, t)).square().mean()


def jump_loss(
    model: Jumper, average: Jumper, x_0: Picture, family: Family, draw: torch.Generator, teacher: Denoiser, gaps: int
) -> Float[Tensor, ""]:
    """Consistency distillation: the jumps from both ends of one of the teacher's steps are to agree.

    The way has so many gaps between the smallest noise and pure noise; at the end with less noise the averaged model jumps.
    """
    at = torch.linspace(SMALLEST, 1, gaps + 1)
    k = torch.randint(gaps, (len(x_0),), generator=draw)
    noise = torch.randn(x_0.shape, generator=draw)
    with torch.autocast("cpu", torch.bfloat16):
        here, there = neighbours(x_0, noise, at[k + 1], at[k], lambda x, t: teacher(x, t, family))
        with torch.no_grad():
            target = average(there, at[k], family)
        return loss(model(here, at[k + 1], family).float(), target.float())


def withhold(family: Family, share: float, draw: torch.Generator) -> Family:
    """The families, but for a share of them, which become "any"."""
    return torch.where(torch.rand(len(family), generator=draw) < share, KINDS_OF_NOTE, family)


def follow(average: nn.Module, model: nn.Module, keep: float) -> None:
    """average ← keep · average + (1 − keep) · model, weight by weight."""
    with torch.no_grad():
        for mean, weight in zip(average.parameters(), model.parameters()):
            mean.lerp_(weight, 1 - keep)


def pace(step: int, steps: int, warm: int) -> float:
    """The learning rate's share of its most: up to 1 in a line, down to 0 along a cosine."""
    return min(1.0, (step + 1) / warm) * (1 + math.cos(math.pi * step / steps)) / 2


def held_out(model: Denoiser, draws: int = 16) -> dict:
    """The loss of v on new notes, with and without being told the family, and bits a cell of their 32 levels."""
    notes = load_harmonics("new")
    index = to_levels(notes.picture)
    values = signal(torch.arange(LEVELS) / (LEVELS - 1))
    bits, error = bits_per_cell(model, index, values, SMALLEST, draws)
    return {
        "held-out loss": loss_of_v(model, notes.picture, None),
        "held-out loss, family told": loss_of_v(model, notes.picture, notes.family),
        "bits per cell at most": bits,
        "bits per cell, standard error": error,
        "Fréchet distance, 50 steps": fidelity(model.sample),
    }


@torch.no_grad()
def loss_of_v(model: Denoiser, pictures: Picture, family: Family | None, draws: int = 4) -> float:
    """Mean squared error of v over all t, with the same noise at each call."""
    x_0, draw = signal(pictures), torch.Generator().manual_seed(0)
    n, found = len(x_0), 0.0
    for k in range(draws):
        t = ((torch.randperm(n, generator=draw) + (k + 0.5) / draws) / n).float()
        noise = torch.randn(x_0.shape, generator=draw)
        found += float((model(noised(x_0, noise, t), t, family) - noised(noise, -x_0, t)).square().mean()) / draws
    return found


@torch.no_grad()
def agreement(model: Jumper, teacher: Denoiser, count: int = 64) -> dict:
    """How far one jump is from where the teacher comes in 50 DDIM steps, from the same noise; beside two unlike noises."""
    jumps, ends = model.sample(count, seed=1), teacher.sample(count, seed=1)
    distance = lambda a, b: float((a - b).square().mean((1, 2)).sqrt().mean())  # noqa: E731
    return {
        "distance to 50 steps": distance(jumps, ends),
        "distance of other samples": distance(ends.roll(1, 0), ends),
        "Fréchet distance, 1 step": fidelity(model.sample),
        "Fréchet distance, 4 steps": fidelity(model.sample, steps=4),
    }


def fidelity(sample: Callable[..., Picture], seed: int = 0, **options: object) -> float:
    """How far from the training notes a third as many samples are, family by family: helpers/recipes/likeness.py."""
    return from_training(by_family(sample, seed, **options)[0])
