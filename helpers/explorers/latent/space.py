"""A VAE's codes as a plane: which place stands for which code, what is decoded there, where the training notes lie.

Notebook: 07a_autoencoders. Codes of two numbers are the plane; of longer ones it shows the two directions in which the codes of
the training notes differ most, with the other directions at their mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from helpers.concepts import timbre
from helpers.concepts.latent import kl_to_prior, steepness
from helpers.datasets.harmonics import RANGE_DB, Harmonics, load_harmonics
from helpers.models import checkpoints
from helpers.models.vae import VAE

REACH = 3.0  # the map goes from -REACH to REACH, where nearly all of the prior is
SIDE = 32  # of the grid of places that are decoded beforehand
Places = Float[Tensor, "place 2"]
Pictures = Float[Tensor, "place 24 32"]
MODELS = {"2 numbers": "timbre-vae", "16 numbers": "timbre-vae-16"}


@dataclass(frozen=True, eq=False)
class Space:
    """A model, the training notes and the plane: place p stands for the code origin + p @ axes."""

    model: VAE
    notes: Harmonics
    mean: Float[Tensor, "note latent"]
    log_variance: Float[Tensor, "note latent"]
    origin: Float[Tensor, "latent"]
    axes: Float[Tensor, "2 latent"]

    def code(self, places: Places) -> Float[Tensor, "place latent"]:
        """The code that each place stands for."""
        return self.origin + places @ self.axes

    def place(self, codes: Float[Tensor, "code latent"]) -> Float[Tensor, "code 2"]:
        """Where a code lies on the plane, or beside it: its foot."""
        return (codes - self.origin) @ self.axes.T

    @torch.no_grad()
    def decode(self, places: Places) -> Pictures:
        """What the model makes of each place, in [0, 1]."""
        return self.model.decode(self.code(places))

    def steep(self, places: Places) -> Float[Tensor, "place"]:
        """By how many dB a typical cell changes for a step of 1 on the plane, in a direction of chance (root mean square)."""
        with torch.no_grad():
            return RANGE_DB * steepness(self.model.decode, self.code(places), self.axes)

    @cached_property
    def dots(self) -> Float[Tensor, "note 2"]:
        """Where the training notes lie."""
        return self.place(self.mean)

    @cached_property
    def kl(self) -> Float[np.ndarray, "latent"]:
        """Nats that each number of the code says of a training note, on average."""
        return kl_to_prior(self.mean, self.log_variance).mean(0).numpy()

    @cached_property
    def grid(self) -> Pictures:
        """Decoded beforehand: row by row from the lowest, SIDE × SIDE places, ends of the map included."""
        return self.decode(lattice(SIDE, -REACH, REACH))

    def near(self, x: float, y: float) -> tuple[Float[np.ndarray, "2"], Float[np.ndarray, "24 32"]]:
        """The place of the grid that is nearest to this one, and its picture."""
        across, up = (round((min(max(v, -REACH), REACH) + REACH) / (2 * REACH) * (SIDE - 1)) for v in (x, y))
        return lattice(SIDE, -REACH, REACH)[up * SIDE + across].numpy(), self.grid[up * SIDE + across].numpy()

    @cached_property
    def slopes(self) -> Float[np.ndarray, "41 41"]:
        """`steep` over the map, row by row from the lowest."""
        return self.steep(lattice(41, -REACH, REACH)).reshape(41, 41).numpy()

    def steep_where(self) -> dict[str, float]:
        """Mean of `slopes` over the places with a training note nearer than 0.3, and over those with none within 1."""
        away = torch.cdist(lattice(41, -REACH, REACH), self.dots).amin(1)
        slopes = torch.from_numpy(self.slopes).flatten()
        return {"among notes": float(slopes[away < 0.3].mean()), "far from all": float(slopes[away > 1].mean())}

    @cached_property
    def values(self) -> dict[str, Tensor]:
        """What the notes can be coloured by, besides their family."""
        return {"brightness": timbre.brightness(self.notes.picture), "fading": timbre.fading(self.notes.picture)}

    @cached_property
    def uphill(self) -> dict[str, tuple[Tensor, float]]:
        """In which direction each of these grows, and how much of it a direction explains."""
        return {name: timbre.uphill(self.dots, values) for name, values in self.values.items()}

    def mosaic(self, side: int) -> Float[np.ndarray, "row column"]:
        """side × side decoded thumbnails as one picture of nodes that spread evenly over the map, a blank node between them.

        Each is decoded at the place that its own middle has on the map.
        """
        high, wide = (10, 12) if side <= 8 else (7, 7)  # as many nodes as a quick answer can hold
        x, y = (middle(side, n) for n in (wide, high))
        places = torch.stack(torch.meshgrid(y, x, indexing="ij"), -1).flip(-1).reshape(-1, 2)
        small = torch.nn.functional.adaptive_avg_pool2d(self.decode(places)[:, None], (high, wide))[:, 0]
        apart = torch.nn.functional.pad(small, (0, 1, 0, 1), value=math.nan).reshape(side, side, high + 1, wide + 1)
        return apart.permute(0, 2, 1, 3).reshape(side * (high + 1), -1)[:-1, :-1].numpy()


def middle(side: int, nodes: int) -> Float[Tensor, "thumbnail"]:
    """Where on the map the middles of `side` thumbnails lie, each of so many nodes and one blank but for the last."""
    whole = side * (nodes + 1) - 1
    at = torch.arange(side) * (nodes + 1) + (nodes - 1) / 2
    return REACH * (2 * at / (whole - 1) - 1)


def lattice(side: int, low: float, high: float) -> Places:
    """side × side places, x fastest, both ends included."""
    along = torch.linspace(low, high, side)
    return torch.stack(torch.meshgrid(along, along, indexing="xy"), -1).reshape(-1, 2)


@torch.no_grad()
def space_of(model: VAE) -> Space:
    """The plane of a model's codes."""
    notes = load_harmonics("train")
    mean, log_variance = model.eval().encode(notes.picture)
    if model.latent == 2:
        return Space(model, notes, mean, log_variance, torch.zeros(2), torch.eye(2))
    origin = mean.mean(0)
    axes = torch.linalg.svd((mean - origin).double(), full_matrices=False).Vh[:2].float()
    return Space(model, notes, mean, log_variance, origin, axes * axes.sum(1, keepdim=True).sign())


@cache
def shipped(name: str) -> Space:
    """The plane of a checkpoint's codes."""
    return space_of(checkpoints.load(MODELS[name])[0])
