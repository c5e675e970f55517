"""A small network that learns to denoise a cloud while one watches; what it knew after each few updates is kept.

The same data, schedule and kind of prediction give the same network after as many updates, whenever it is asked for.
Notebook: 07c_diffusion. The network: helpers/models/point_denoiser.py.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from helpers.concepts.diffusion import Model, guided, predicts
from helpers.explorers.diffusion.target import GIVEN, STEPS, alpha_bar, target
from helpers.models.point_denoiser import BATCH, LR, PointDenoiser, loss

GOAL, EVERY = 1500, 25  # updates of a whole training; between two states that are kept
POOL = 20_000  # points it learns from
LIMIT = 2.0  # x̂₀ is kept within: early on the way back a small error of ε is a huge one of x₀
AVERAGED = 0.99  # of the mean of its weights over the updates, which is what is used


class Pupil:
    """One training, that goes on where it has stopped."""

    def __init__(self, data: str, schedule: str, kind: str) -> None:
        self.kind, self.left = kind, alpha_bar(schedule)
        self.points, self.classes = target(data).draw(POOL, seed=1)
        self.random = torch.Generator().manual_seed(0)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.network = PointDenoiser(STEPS)
        self.mean = copy.deepcopy(self.network).requires_grad_(False)
        self.optimizer = torch.optim.Adam(self.network.parameters(), LR)
        self.done, self.kept = 0, {0: copy.deepcopy(self.mean.state_dict())}
        self.losses: list[float] = []  # of each update

    @property
    def latest(self) -> int:
        """The most updates after which the network is kept."""
        return max(self.kept)

    def lessons(self, until: int) -> Iterator[int]:
        """Learn on, update by update, and say after each how many there have been."""
        while self.done < until:
            self._update()
            yield self.done

    def _update(self) -> None:
        taken = torch.randint(POOL, (BATCH,), generator=self.random)
        error = loss(self.network, self.points[taken], self.classes[taken], self.left, self.kind, self.random)
        self.optimizer.zero_grad()
        error.backward()
        self.optimizer.step()
        self.done += 1
        self.losses.append(error.item())
        keep = min(AVERAGED, self.done / (10 + self.done))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.mean.parameters()), list(self.network.parameters()), 1 - keep)
        if self.done % EVERY == 0:
            self.kept[self.done] = copy.deepcopy(self.mean.state_dict())

    def model(self, updates: int, given: str, w: float) -> Model:
        """The network after so many updates as a model that says ε, guided by w where a class is given."""
        for _ in self.lessons(updates):
            pass
        network = copy.deepcopy(self.mean)
        network.load_state_dict(self.kept[updates])
        free, *classes = (predicts(_told(network, number), self.kind, self.left, LIMIT) for number in (network.any, 0, 1))
        return free if given == "any" else guided(free, classes[GIVEN.index(given) - 1], w)


def _told(network: PointDenoiser, number: int) -> Model:
    def told(x: Float[Tensor, "batch 2"], t: Tensor) -> Float[Tensor, "batch 2"]:
        return network(x, t, torch.full_like(t, number))

    return told


@lru_cache(maxsize=8)
def pupil(data: str, schedule: str, kind: str) -> Pupil:
    """The one training of that kind."""
    return Pupil(data, schedule, kind)
