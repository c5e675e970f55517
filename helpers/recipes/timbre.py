"""Models of pictures of harmonics that are trained as `fit` trains anything: the judge, and the autoregressive one.

Notebook: 07_generative_models. What they are measured on are recordings that they never heard: "new" notes.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from helpers.datasets.harmonics import load_harmonics
from helpers.models.frames import FrameRNN, picture_loss, to_levels
from helpers.models.judge import Judge
from helpers.train import accuracy, fit_sync

RECIPES = {
    "timbre-judge": {"model": {"width": 16}, "epochs": 12, "batch": 32, "lr": 3e-3, "seed": 0},
    "timbre-frames": {"model": {"width": 192}, "epochs": 24, "batch": 16, "lr": 3e-3, "seed": 0},
}


def train(name: str, log: Path | None = None) -> tuple[nn.Module, dict]:
    """The model of that recipe at its epoch of least validation loss, and what it reaches on new notes.

    log: a file for `fit`'s checkpoint, by which a run that was interrupted goes on.
    """
    recipe = RECIPES[name]
    learn, valid = map(load_harmonics, ("train", "valid"))
    torch.manual_seed(recipe["seed"])
    if name == "timbre-judge":
        model, loss, metric = Judge(**recipe["model"]), F.cross_entropy, accuracy
        data, held = (learn.picture, learn.family), (valid.picture, valid.family)
    else:
        model, loss, metric = FrameRNN(**recipe["model"]), picture_loss, None
        data, held = ((to_levels(h.picture),) * 2 for h in (learn, valid))
    history = fit_sync(
        model, data, loss, valid=held, epochs=recipe["epochs"], batch=recipe["batch"], lr=recipe["lr"],
        patience=recipe["epochs"], metric=metric, seed=recipe["seed"], checkpoint=log,
    )  # fmt: skip
    said = {"symbols": [], "device": history.device, "epoch": int(torch.tensor(history.valid_loss).argmin()) + 1}
    return model.eval(), said | measured(model)


@torch.no_grad()
def measured(model: Judge | FrameRNN) -> dict:
    """How many families the judge names rightly, or the bits a cell of the autoregressive model."""
    found = {}
    for said, h in (("training", load_harmonics("train")), ("new", load_harmonics("new"))):
        if isinstance(model, Judge):
            found[f"accuracy on {said} instruments"] = accuracy(model(h.picture), h.family)
        else:
            found[f"bits per cell of {said} instruments"] = model.bits_per_cell(h.picture)
    return found
