"""The neural codec of pictures of harmonics, from principal components on.

Notebook: 07a_autoencoders. What it is measured on are recordings that it never heard: "new" notes.
"""

from __future__ import annotations

from pathlib import Path

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from helpers.concepts import quantiser
from helpers.concepts.timbre import off_db
from helpers.datasets.harmonics import load_harmonics
from helpers.models.codec import Codec
from helpers.train import fit_sync

RECIPES = {
    "timbre-codec": {"model": {"code": 32, "width": 192}, "epochs": 60, "batch": 32, "lr": 5e-4, "mix": 0.3, "seed": 0},
}
SENT = ((1, 2), (8, 2), (8, 4), (16, 4), (32, 16))  # (numbers, levels) that the card tells of
Pictures = Float[Tensor, "picture 24 32"]


def train(name: str, log: Path | None = None) -> tuple[Codec, dict]:
    """The codec at its epoch of least validation loss, and what it takes and loses on new notes.

    log: a file for `fit`'s checkpoint, by which a run that was interrupted goes on.
    """
    recipe = RECIPES[name]
    learn, valid = (load_harmonics(split).picture for split in ("train", "valid"))
    torch.manual_seed(recipe["seed"])
    model = Codec(**recipe["model"]).begin(learn)
    history = fit_sync(
        model, (learn, learn), relative_loss, valid=(valid, valid), epochs=recipe["epochs"], batch=recipe["batch"], lr=recipe["lr"],
        augment=lambda x, y, random: mixed(x, recipe["mix"], random), metric=None, seed=recipe["seed"], checkpoint=log,
        patience=recipe["epochs"],
    )  # fmt: skip
    said = {"symbols": [], "device": history.device, "epoch": int(torch.tensor(history.valid_loss).argmin()) + 1}
    return model.eval(), said | measured(model)


def measured(model: Codec) -> dict:
    """For each of SENT the bits a second, at a fixed length and by entropy, and the error."""
    new, found = load_harmonics("new").picture, {}
    for numbers, levels in SENT:
        bits, error = rate(model, new, numbers, levels)
        found[f"bits per second, {numbers} of {levels} levels"] = model.bits_per_second(numbers, levels)
        found[f"by entropy, {numbers} of {levels} levels"] = bits
        found[f"dB off on new instruments, {numbers} of {levels} levels"] = error
    return found


def relative_loss(y_hat: Pictures, y: Pictures) -> Float[Tensor, ""]:
    """Mean logarithm of each picture's squared error: what is sent in many bits counts as much as what is sent in few."""
    return ((y_hat - y).square().mean((1, 2)) + 1e-5).log().mean()


def mixed(x: Pictures, most: float, random: Generator) -> tuple[Pictures, Pictures]:
    """Each picture moved up to `most` of the way to another one: there are few instruments, but much lies between them."""
    share = most * torch.rand(len(x), 1, 1, generator=random, device=random.device)
    other = x[torch.randperm(len(x), generator=random, device=random.device)]
    between = torch.lerp(x, other, share.to(x.device))
    return between, between


def rate(model: Codec, pictures: Pictures, numbers: int, levels: int) -> tuple[float, float]:
    """Bits a second if frequent levels are written shorter, and by how much the decoded cells are off, in dB (RMS)."""
    index = model.encode(pictures, numbers, levels)
    bits = sum(quantiser.entropy(column, levels) for column in index.T)
    return bits, off_db(model.decode(index, levels), pictures)
