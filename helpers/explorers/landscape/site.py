"""One network on one plane of its weights: the plane, its window, what has been measured there, and the way training took.

Notebook: 03_gradient_descent. The mathematics is in helpers/concepts/landscape.py, chart.py and trajectory.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from torch import Tensor, nn

from helpers.concepts.chart import Chart
from helpers.concepts.landscape import Losses, Plane, random_directions, weights
from helpers.concepts.trajectory import Snapshots, principal_plane

Range = tuple[float, float]


@dataclass(eq=False)
class Site:
    """Where a landscape is looked at. reach: how far random directions go; of a trajectory, how wide its margin is."""

    model: nn.Module
    data: tuple[Tensor, Tensor]
    snapshots: Snapshots | None
    directions: str
    per: str
    seed: int
    reach: float

    @cached_property
    def _found(self) -> tuple[Plane, Range, Range, np.ndarray | None]:
        theta = weights(self.model)
        if self.directions == "random":
            ends = (-self.reach, self.reach)
            return Plane(theta, *random_directions(self.model, self.seed, self.per)), ends, ends, None
        plane, explained = principal_plane(self.snapshots.weights(), theta)
        path, _ = plane.coordinates(self.snapshots.weights())
        low, high = np.minimum(path.min(0), 0), np.maximum(path.max(0), 0)
        margin = 0.25 * self.reach * max(high - low)
        return plane, *((float(a - margin), float(b + margin)) for a, b in zip(low, high, strict=True)), explained[:2]

    @property
    def plane(self) -> Plane:
        """θ + a·dx + b·dy. Raises ValueError where the snapshots span none."""
        return self._found[0]

    @property
    def window(self) -> tuple[Range, Range]:
        """a and b, each from its low end to its high end."""
        return self._found[1:3]

    @property
    def explained(self) -> np.ndarray | None:
        """The share of the snapshots' squared distances that lies along each direction; None for random ones."""
        return self._found[3]

    @cached_property
    def losses(self) -> Losses:
        """The loss anywhere on the plane."""
        return Losses(self.model, self.data, self.plane)

    @cached_property
    def chart(self) -> Chart:
        """What has been measured so far."""
        return Chart(self.losses, *self.window, self.losses.batch)

    @cached_property
    def centre(self) -> float:
        """The loss at θ."""
        return float(self.losses(np.zeros((1, 2)))[0])

    @cached_property
    def guess(self) -> Tensor:
        """The class each note is taken for at θ."""
        return self.losses.outputs(0.0, 0.0).argmax(1)

    @cached_property
    def path(self) -> np.ndarray:
        """Where on the plane each snapshot is nearest, (snapshot, 2)."""
        return self.plane.coordinates(self.snapshots.weights())[0]

    @cached_property
    def way(self) -> dict[str, np.ndarray]:
        """That, how far off the plane each snapshot is, its own loss and that of the nearest place; none without snapshots."""
        if self.snapshots is None:
            return {}
        path, off = self.plane.coordinates(self.snapshots.weights())
        near, true = self.losses(path), self.snapshots.losses(self.data)
        return {"path": path, "off": off, "near": near, "true": true, "steps": np.array(self.snapshots.taken)}
