"""The loss of a network on a plane of its weights, θ + a·dx + b·dy; the network itself is never touched.

A network has thousands of weights, a picture two axes. Two random directions show the neighbourhood of a solution θ.
A network with ReLUs computes the same if one layer's weights grow tenfold and the next one's shrink tenfold, so a step
of a given length means little; filter normalisation gives each filter of a direction the length of that filter in θ.

Notebook: 03_gradient_descent. After Li, Xu, Taylor, Studer and Goldstein, "Visualizing the loss landscape of neural
nets", NeurIPS 2018.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call, vmap

Weights = Float[Tensor, "weight"]
PER = ("filter", "layer", "network")
NORMS = (nn.GroupNorm, nn.LayerNorm, nn.RMSNorm, nn.modules.batchnorm._NormBase)
RANDOM = (nn.modules.dropout._DropoutNd, nn.modules.batchnorm._NormBase)  # in training: another loss each time
ONE_BY_ONE = (nn.RNNBase,)  # vmap has no rule for these
CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)  # vmap makes grouped ones of them, twice as slow on a CPU
_fastest: dict[tuple, int] = {}


def weights(model: nn.Module) -> Weights:
    """A copy of all parameters, one after another in the order of `model.parameters()`."""
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def named(model: nn.Module, flat: Weights) -> dict[str, Tensor]:
    """All parameters' values in one vector, as the network's tensors by name."""
    own = dict(model.named_parameters())
    parts = flat.split([p.numel() for p in own.values()])
    return {name: part.view(p.shape) for (name, p), part in zip(own.items(), parts, strict=True)}


def random_directions(model: nn.Module, seed: int = 0, per: str = "filter") -> Float[Tensor, "2 weight"]:
    """Two Gaussian directions, drawn on the CPU: a seed gives the same ones on every device.

    per: what of a direction gets the length of the same part of the weights: each "filter" (the weights into one unit),
    each "layer", or the "network" as a whole. Biases and the parameters of normalisation layers do not move.
    Raises ValueError for another `per`.
    """
    if per not in PER:
        raise ValueError(f"per={per!r} is unknown; a direction is normalised per {', '.join(PER)}.")
    generator = torch.Generator().manual_seed(seed)
    still = {id(p) for module in model.modules() if isinstance(module, NORMS) for p in module.parameters(recurse=False)}
    drawn = [torch.cat([_drawn(p, p.ndim <= 1 or id(p) in still, per, generator) for p in model.parameters()]) for _ in range(2)]
    directions = torch.stack(drawn)
    if per == "network":
        directions *= weights(model).norm() / directions.norm(dim=1, keepdim=True)
    return directions


def _drawn(p: Tensor, still: bool, per: str, generator: torch.Generator) -> Weights:
    d = torch.randn(p.shape, generator=generator).to(p)
    if still:
        return torch.zeros_like(d).flatten()
    rows, own = (t.flatten(1) if per == "filter" else t.reshape(1, -1) for t in (d, p.detach()))
    if per != "network":
        rows = rows * (own.norm(dim=1, keepdim=True) / rows.norm(dim=1, keepdim=True))
    return rows.flatten()


@dataclass(frozen=True, eq=False)
class Plane:
    """θ + a·dx + b·dy. origin: θ; dx, dy: the directions, each as long a vector as θ."""

    origin: Weights
    dx: Weights
    dy: Weights

    def at(self, a: float | Tensor, b: float | Tensor) -> Weights:
        """The weights at (a, b)."""
        return self.origin + a * self.dx + b * self.dy

    def coordinates(self, points: Float[Tensor, "point weight"]) -> tuple[Float[np.ndarray, "point 2"], Float[np.ndarray, "point"]]:
        """Where on the plane each point lies nearest, by least squares, and how far off the plane it is (in weights).

        dx and dy need be neither unit vectors nor orthogonal. Raises ValueError where they span no plane.
        """
        basis, away = torch.stack([self.dx, self.dy]).double(), (points - self.origin).double()
        gram = basis @ basis.T
        if torch.linalg.det(gram) <= 1e-12 * gram[0, 0] * gram[1, 1]:
            raise ValueError("dx and dy point the same way or are zero: they span no plane. Choose another direction.")
        found = torch.linalg.solve(gram, basis @ away.T).T
        return found.cpu().numpy(), (away - found @ basis).norm(dim=1).cpu().numpy()


class Losses:
    """The loss at points of a plane, on data (x, y) that are the same for all of them.

    model: copied, never changed; it must be in evaluation mode if it holds dropout or batch normalisation (whose
    statistics then stay those of θ). loss(y_hat, y): a number. batch: how many points go through at once (vmap);
    1: one after another; None: whichever is faster here, tried once for each kind of network.
    Raises ValueError for a network whose loss would be another at each call.
    """

    def __init__(
        self,
        model: nn.Module,
        data: tuple[Tensor, Tensor],
        plane: Plane,
        loss: Callable[[Tensor, Tensor], Tensor] = F.cross_entropy,
        batch: int | None = None,
    ) -> None:
        if fickle := [type(m).__name__ for m in model.modules() if m.training and isinstance(m, RANDOM)]:
            raise ValueError(
                f"The network is in training mode and holds {fickle[0]}: its loss depends on chance or on who shares a batch. "
                "Call model.eval() first; batch normalisation then keeps the statistics it has at θ."
            )
        self.model, self.plane, self.loss = copy.deepcopy(model), plane, loss
        self.x, self.y = data
        self._flat = plane.origin.clone()  # what the copy's parameters are views of
        for p, part in zip(self.model.parameters(), named(self.model, self._flat).values(), strict=True):
            p.data = part
        self.batch = self._fastest() if batch is None else batch

    def outputs(self, a: float, b: float) -> Tensor:
        """What the network with the weights at (a, b) says of x."""
        torch.add(self.plane.origin, self.plane.dx, alpha=a, out=self._flat).add_(self.plane.dy, alpha=b)
        with torch.no_grad():
            return self.model(self.x)

    def __call__(self, points: Float[np.ndarray, "point 2"]) -> Float[np.ndarray, "point"]:
        """The loss at each point (a, b); infinite or NaN where it is."""
        if self.batch == 1:
            with torch.no_grad():
                found = [self.loss(self.outputs(a, b), self.y) for a, b in np.asarray(points).tolist()]
        else:
            at = torch.as_tensor(np.asarray(points)).to(self.plane.origin)
            with torch.no_grad():
                found = [vmap(self._point)(part) for part in at.split(self.batch)]
        return torch.hstack(found).double().cpu().numpy() if found else np.zeros(0)

    def _point(self, at: Float[Tensor, "2"]) -> Float[Tensor, ""]:
        moved = named(self.model, self.plane.at(at[0], at[1]))
        return self.loss(functional_call(self.model, moved, (self.x,)), self.y)

    def _fastest(self) -> int:
        """How many points at once take the least time each: 1, 8 or 64."""
        one_by_one = (*ONE_BY_ONE, *(CONVOLUTIONS if self.x.device.type == "cpu" else ()))
        if any(isinstance(m, one_by_one) for m in self.model.modules()):
            return 1
        kind = (str(self.model), self.x.shape, self.x.device, torch.get_num_threads())
        if kind not in _fastest:
            one, eight = self._seconds(1), self._seconds(8)
            best = 1 if one <= eight else 8
            _fastest[kind] = 64 if best == 8 and self._seconds(64) < eight else best
        return _fastest[kind]

    def _seconds(self, batch: int) -> float:
        """Seconds a point takes if so many go through at once; infinite where they can't."""
        self.batch = batch
        try:
            self(np.zeros((batch, 2)))  # in the first call, memory is found
            began = perf_counter()
            self(np.zeros((batch, 2)))
        except RuntimeError:  # one of its layers cannot be batched, or there is not enough memory
            return np.inf
        return (perf_counter() - began) / batch
