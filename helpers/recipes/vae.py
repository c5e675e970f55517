"""Variational autoencoders of timbre: one with a code of two numbers, for the map, one of sixteen, and four that differ in β.

Notebook: 07a_autoencoders. Each learns for a fixed number of passes: on notes of instruments that it never saw the error soon
stays where it is, while what the prior's codes are decoded to still becomes more like notes.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from helpers.concepts.fidelity import density_coverage, frechet
from helpers.concepts.latent import collapsed, kl_to_prior
from helpers.concepts.timbre import off_db
from helpers.datasets.harmonics import load_harmonics
from helpers.models import checkpoints
from helpers.models.vae import VAE
from helpers.train import fit_sync

SMALL = {"latent": 16, "channels": 8, "hidden": 64, "spread": 0.13}
BETAS = (0.0, 1.0, 4.0, 16.0)
RECIPES = {
    "timbre-vae": {
        "model": {"latent": 2, "channels": 12, "hidden": 128, "spread": 0.13, "narrow": -3.5},
        "epochs": 40, "batch": 32, "lr": 4e-3, "seed": 0,
    },
    "timbre-vae-16": {
        "model": {"latent": 16, "channels": 12, "hidden": 128, "spread": 0.13},
        "epochs": 40, "batch": 32, "lr": 4e-3, "seed": 0,
    },
    **{
        f"timbre-vae-beta-{beta:g}": {"model": SMALL | {"beta": beta}, "epochs": 25, "batch": 32, "lr": 4e-3, "seed": 0}
        for beta in BETAS
    },
}  # fmt: skip


def train(name: str, log: Path | None = None) -> tuple[nn.Module, dict]:
    """The model of that recipe, and what it reaches. log: a file by which a run that was interrupted goes on."""
    recipe, notes = RECIPES[name], load_harmonics("train")
    torch.manual_seed(recipe["seed"])
    model = VAE(**recipe["model"])
    history = fit_sync(
        model, (notes.picture, notes.picture), model.loss, epochs=recipe["epochs"], batch=recipe["batch"], lr=recipe["lr"],
        seed=recipe["seed"], checkpoint=log, metric=None,
    )  # fmt: skip
    model.eval()
    if model.beta:  # without a prior in its loss, its codes may lie where they like
        model.standardise(notes.picture)
    return model, {"symbols": [], "device": history.device, **measured(model)}


@torch.no_grad()
def measured(model: VAE, draws: int = 100) -> dict:
    """How far reconstructions are off, what the codes say, bits a cell, and how like real notes samples of the prior are."""
    judge, _ = checkpoints.load("timbre-judge")
    notes, new = load_harmonics("train"), load_harmonics("new")
    found = {}
    for said, pictures in (("training", notes.picture), ("new", new.picture)):
        decoded, mean, log_variance = model(pictures)
        found[f"dB a cell off, {said} instruments"] = off_db(decoded, pictures)
        found[f"KL in nats, {said} instruments"] = float(kl_to_prior(mean, log_variance).sum(1).mean())
    found["numbers that say nothing"] = int(collapsed(*model.encode(notes.picture)).sum())
    found[f"bits per cell at most, {draws} draws"] = model.bits_per_cell(new.picture, draws)
    found["spread"] = "set on the test notes, so that bits of new notes are a little too good"
    real, made = judge.features(notes.picture), judge.features(model.sample(len(notes), seed=1))
    found["Fréchet distance"] = frechet(real, made)
    found["density"], found["coverage"] = density_coverage(real, made)
    return found
