"""The best possible denoiser where the data are a Gaussian mixture: what every trained one can be held against.

Noise turns a mixture into a mixture, so its density, score and expected noise are known in closed form at every time.
Notebook: 07c_diffusion. The score and the noise are the same by Tweedie's formula (Efron, 2011).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor


@dataclass(frozen=True)
class MixtureNoise:
    """The best possible model of data from a mixture of round Gaussians: model(x, t) is E[ε | x_t = x], exactly.

    weights: of the components, sum 1; means; variances: of each along every axis; alpha_bar: the schedule.
    A mixture diffused to t is a mixture again, of means √ᾱ μ and variances ᾱ σ² + 1 − ᾱ, whose score is in closed form.
    """

    weights: Float[Tensor, "component"]
    means: Float[Tensor, "component d"]
    variances: Float[Tensor, "component"]
    alpha_bar: Float[Tensor, "time"]

    def score(self, x: Float[Tensor, "batch d"], t: int) -> Float[Tensor, "batch d"]:
        """∇ log p_t(x), the way to where data are denser."""
        mean, variance = self._at(t, x)
        share = self._logs(x, mean, variance).softmax(1)  # (batch, component): whose point x is
        return (share / variance) @ mean - (share / variance).sum(1, keepdim=True) * x

    def log_density(self, x: Float[Tensor, "batch d"], t: int) -> Float[Tensor, "batch"]:
        """log p_t(x), natural logarithm."""
        mean, variance = self._at(t, x)
        return self._logs(x, mean, variance).logsumexp(1) - x.shape[1] / 2 * torch.log(torch.tensor(2 * torch.pi))

    def __call__(self, x: Float[Tensor, "batch d"], t: Int[Tensor, "batch"]) -> Float[Tensor, "batch d"]:
        """ε = −√(1 − ᾱ) ∇ log p_t(x). All of t are the same time."""
        at = int(t[0])
        return -(1 - self.alpha_bar[at]).sqrt().to(x) * self.score(x, at)

    def _at(self, t: int, x: Tensor) -> tuple[Tensor, Tensor]:
        left = self.alpha_bar[t]
        return (left.sqrt() * self.means).to(x), (left * self.variances + 1 - left).to(x)

    def _logs(self, x: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
        """log of weight times density of each component, without the (2π)^(d/2) that all of them have; (batch, component)."""
        far = (x * x).sum(1, keepdim=True) - 2 * x @ mean.T + (mean * mean).sum(1)
        return self.weights.log().to(x) - far / (2 * variance) - x.shape[1] / 2 * variance.log()
