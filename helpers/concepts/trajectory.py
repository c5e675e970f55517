"""The way a network's weights took in training, seen in the plane in which most of that way lies.

Notebook: 03_gradient_descent. After Li et al., 2018, and Lorch, "Visualizing deep network training trajectories with
PCA", 2016. A large share explained is no wonder: so it is for a random walk (Antognini and Sohl-Dickstein, 2018).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call

from helpers.concepts.landscape import Plane, Weights


class Snapshots:
    """A network's state every few steps of its training, copied to the CPU.

        snapshots = Snapshots(model)
        optimizer.register_step_post_hook(snapshots)

    every: steps from one snapshot to the next; where there would be more than `most`, every second one is dropped and
    twice as many steps go by. The first is the state it was made with.
    """

    def __init__(self, model: nn.Module, every: int = 1, most: int = 100) -> None:
        if every < 1 or most < 4:
            raise ValueError(f"every={every}, most={most}: take a snapshot every 1 step or more, and keep 4 or more.")
        self.model, self.every, self.most, self.steps = model, every, most, 0
        self.states: list[dict[str, Tensor]] = []
        self.taken: list[int] = []
        self._take()

    def __call__(self, *_: object) -> None:
        self.steps += 1
        if self.steps % self.every == 0:
            self._take()
        if len(self.states) > self.most:
            self.states, self.taken, self.every = self.states[::2], self.taken[::2], 2 * self.every

    def _take(self) -> None:
        self.states.append({name: value.detach().cpu().clone() for name, value in self.model.state_dict().items()})
        self.taken.append(self.steps)

    def weights(self) -> Float[Tensor, "snapshot weight"]:
        """The parameters of each snapshot, in the order of `landscape.weights`."""
        names = [name for name, _ in self.model.named_parameters()]
        return torch.stack([torch.cat([state[name].flatten() for name in names]) for state in self.states])

    def losses(
        self, data: tuple[Tensor, Tensor], loss: Callable[[Tensor, Tensor], Tensor] = F.cross_entropy
    ) -> Float[np.ndarray, "snapshot"]:
        """The true loss of each snapshot, with all of its state, as it was, in the mode the network is in."""
        x, y = data
        with torch.no_grad():
            found = [loss(functional_call(self.model, state, (x,)), y) for state in self.states]
        return torch.stack(found).double().cpu().numpy()


def principal(points: Float[Tensor, "point weight"], end: Weights) -> tuple[Float[Tensor, "2 weight"], Float[np.ndarray, "point"]]:
    """The two unit directions in which `points` lie furthest from `end`, and the share of all directions' distance² each explains.

    From the eigenvectors of the Gram matrix D Dᵀ of D = points − end, as small as there are points: D's own covariance
    would be as large as the network has weights, squared. The first point has coordinates that are not negative.
    Raises ValueError where the points lie on one line.
    """
    away = (points - end).double()
    values, vectors = torch.linalg.eigh(away @ away.T)
    values, vectors = values.flip(0).clamp(min=0), vectors.flip(1)  # the largest first
    if len(values) < 2 or values[1] <= 1e-12 * values[0]:
        raise ValueError(f"{len(points)} snapshots on one line span no plane; take more of them, or use random directions.")
    directions = (vectors[:, :2].T @ away) / values[:2, None].sqrt()
    signs = torch.where(directions @ away[0] < 0, -1.0, 1.0)
    return (signs[:, None] * directions).to(end), (values / values.sum()).cpu().numpy()


def principal_plane(points: Float[Tensor, "point weight"], end: Weights) -> tuple[Plane, Float[np.ndarray, "point"]]:
    """The plane through `end` in which the points lie furthest apart, and the shares explained."""
    (dx, dy), explained = principal(points, end)
    return Plane(end, dx, dy), explained
