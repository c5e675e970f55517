"""The numbers that `Landscape` shows of one site: its surface, and what its network makes of the notes with other weights.

Notebook: 03_gradient_descent.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

from helpers.datasets.notes import FAMILIES
from helpers.explorers.landscape.site import Site


def surface_of(site: Site, nodes: int) -> dict:
    """The loss between so many nodes along each side, which are measured where they are not yet."""
    for _ in site.chart.fill(nodes):
        pass
    surface = site.chart.surface(nodes)
    found = {"x": surface.x, "y": surface.y, "surface": surface.values, "evaluations": surface.evaluations}
    found |= {"error": surface.error, "share": surface.share, "centre": site.centre}
    return found if site.explained is None else found | {"explained": site.explained}


def notes_at(site: Site, a: float, b: float, family: str) -> dict:
    """What the network with the weights at (a, b) makes of the notes; family: whose notes are heard, "" the one guessed most."""
    logits, truth = site.losses.outputs(a, b), site.data[1]
    each, guess = F.cross_entropy(logits, truth, reduction="none").double(), logits.argmax(1)
    right = guess == truth
    counts, rightly = (torch.bincount(taken, minlength=len(FAMILIES)) for taken in (guess, guess[right]))
    family = family or FAMILIES[int(counts.argmax())]
    return {
        "loss": float(each.mean()),
        "uncertainty": float(each.std(correction=0) / len(each) ** 0.5),
        "accuracy": float(right.double().mean()),
        "guess": guess.numpy(),
        "rightly": rightly.numpy(),
        "wrongly": (counts - rightly).numpy(),
        "family": family,
        "taken": (guess == FAMILIES.index(family)).nonzero().flatten().numpy(),
        "lost": ((site.guess == truth) & ~right).nonzero().flatten().numpy(),
    }
