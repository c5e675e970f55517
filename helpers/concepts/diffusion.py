"""Diffusion: data dissolve into noise in T known steps, and a model that names the noise walks the way back.

Time runs from t = 0, the data, to t = T, noise: x_t = √ᾱ_t x₀ + √(1 − ᾱ_t) ε with ε from a standard Gaussian. `alpha_bar`
is a schedule, (T + 1,), with alpha_bar[0] = 1. A model is any function model(x, t) that answers with ε, for x of any shape
whose first dimension is the batch. Notebook: 07c_diffusion.
After Ho et al., 2020 (DDPM); Song et al., 2021 (DDIM); Nichol and Dhariwal, 2021; Ho and Salimans, 2022 (guidance).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

MOST_BETA = 0.999  # of the variance that one step may replace: beyond it the way back would divide by 0
KINDS = ("eps", "x0", "v")
Batch = Float[Tensor, "batch *shape"]
Model = Callable[[Tensor, Tensor], Tensor]  # x (batch, ...), t (batch,) -> ε like x
Step = Callable[[Tensor, Tensor, Tensor, Tensor, Tensor], Tensor]  # x, ε, ᾱ now, ᾱ next, fresh noise -> x next
FRESH = 2**31  # added to the seed of fresh noise: x may be drawn from the seed itself. (2**32 is nothing to torch on a CPU.)


# schedules: how much of the data is left


def schedule(name: str, steps: int = 1000) -> Float[Tensor, "time"]:
    """ᾱ of each time 0 … steps, float64: 1 at first, then falling within (0, 1).

    linear: β rises from 10⁻⁴ to 0.02 over a thousand steps (Ho et al.), more steeply over fewer; cosine: Nichol and Dhariwal;
    sigmoid: Jabri et al., 2023. Raises ValueError for another name or fewer than two steps.
    """
    if name not in SCHEDULES:
        raise ValueError(f"There is no schedule {name!r}; choose one of {', '.join(SCHEDULES)}.")
    if steps < 2:
        raise ValueError(f"{steps} steps; a schedule needs at least 2.")
    return from_betas(SCHEDULES[name](torch.linspace(0, 1, steps + 1, dtype=torch.float64)))


def from_betas(beta: Float[Tensor, "step"]) -> Float[Tensor, "time"]:
    """ᾱ_t = Π (1 − β_s) over the steps s ≤ t, with ᾱ_0 = 1."""
    left = torch.cumprod(1 - beta.clamp(1e-8, MOST_BETA), 0)
    return torch.cat([torch.ones_like(left[:1]), left])


def from_curve(alpha_bar: Float[Tensor, "time"]) -> Float[Tensor, "step"]:
    """β_t = 1 − ᾱ_t / ᾱ_(t−1) of a curve that falls."""
    return 1 - alpha_bar[1:] / alpha_bar[:-1]


def _linear(u: Float[Tensor, "time"]) -> Float[Tensor, "step"]:
    steps = len(u) - 1
    return torch.linspace(1e-4, 0.02, steps, dtype=u.dtype) * 1000 / steps


def _cosine(u: Float[Tensor, "time"]) -> Float[Tensor, "step"]:
    left = torch.cos((u + 0.008) / 1.008 * torch.pi / 2) ** 2
    return from_curve(left / left[0])


def _sigmoid(u: Float[Tensor, "time"]) -> Float[Tensor, "step"]:
    left = torch.sigmoid(3 - 6 * u) - torch.sigmoid(torch.tensor(-3.0, dtype=u.dtype))
    return from_curve(left / left[0])


SCHEDULES = {"linear": _linear, "cosine": _cosine, "sigmoid": _sigmoid}


def snr(alpha_bar: Float[Tensor, "*time"]) -> Float[Tensor, "*time"]:
    """Signal to noise, ᾱ / (1 − ᾱ): a ratio of powers; ∞ at t = 0."""
    return alpha_bar / (1 - alpha_bar)


# forward, and what a network may predict


def forward(x0: Batch, eps: Batch, alpha_bar: Float[Tensor, "*each"]) -> Batch:
    """x_t = √ᾱ x₀ + √(1 − ᾱ) ε. alpha_bar: one number, or one for each of the batch."""
    left = _beside(alpha_bar, x0)
    return left.sqrt() * x0 + (1 - left).sqrt() * eps


def convert(prediction: Batch, x: Batch, alpha_bar: Float[Tensor, "*each"], source: str, target: str) -> Batch:
    """The same prediction said in other words: as the noise ε, as the data x₀, or as v = √ᾱ ε − √(1 − ᾱ) x₀.

    x: the x_t that it was made for; source, target: "eps", "x0" or "v" (Salimans and Ho, 2022), else ValueError.
    """
    if unknown := {source, target} - set(KINDS):
        raise ValueError(f"A network predicts {' or '.join(KINDS)}, not {' or '.join(sorted(unknown))}.")
    if source == target:
        return prediction
    left = _beside(alpha_bar, x)
    a, s = left.sqrt(), (1 - left).sqrt()  # x = a x₀ + s ε
    if source == "eps":
        x0, eps = (x - s * prediction) / a, prediction
    elif source == "x0":
        x0, eps = prediction, (x - a * prediction) / s
    else:
        x0, eps = a * x - s * prediction, s * x + a * prediction
    return {"x0": x0, "eps": eps, "v": a * eps - s * x0}[target]


def _beside(alpha_bar: Tensor, x: Tensor) -> Tensor:
    """ᾱ in x's precision, with as many dimensions as x where there is one for each of the batch."""
    return alpha_bar.to(x).reshape(-1, *[1] * (x.ndim - 1)) if alpha_bar.ndim else alpha_bar.to(x)


# reverse


def ddpm_step(x: Batch, eps: Batch, now: Float[Tensor, ""], then: Float[Tensor, ""], z: Batch) -> Batch:
    """One step back from ᾱ `now` to ᾱ `then`: the mean of what x came from, and fresh noise z of the posterior's variance.

    x ← (x − β / √(1 − ᾱ) ε) / √(1 − β) + √(β (1 − ᾱ') / (1 − ᾱ)) z, with 1 − β = ᾱ / ᾱ' (Ho et al., eq. 11 and 7).
    """
    beta = 1 - now / then
    mean = (x - (beta / (1 - now).sqrt()).to(x) * eps) / (1 - beta).sqrt().to(x)
    return mean + (beta * (1 - then) / (1 - now)).sqrt().to(x) * z


def ddim_step(x: Batch, eps: Batch, now: Float[Tensor, ""], then: Float[Tensor, ""], z: Batch, eta: float = 0.0) -> Batch:
    """One step back: to x̂₀, and out again to the next level with the same noise (eta = 0) or partly fresh noise z.

    x ← √ᾱ' x̂₀ + √(1 − ᾱ' − σ²) ε + σ z, with σ = η √((1 − ᾱ') / (1 − ᾱ)) √(1 − ᾱ / ᾱ') (Song et al., eq. 12 and 16).
    """
    x0 = convert(eps, x, now, "eps", "x0")
    sigma = eta * ((1 - then) / (1 - now) * (1 - now / then)).sqrt()
    keep = (1 - then - sigma**2).clamp(min=0).sqrt()
    return then.sqrt().to(x) * x0 + keep.to(x) * eps + sigma.to(x) * z


def times(start: int, steps: int) -> list[int]:
    """A way back from time `start` to 0 in so many steps, as even as whole numbers allow: steps + 1 times.

    >>> times(1000, 4)
    [1000, 750, 500, 250, 0]

    Raises ValueError for more steps than there are times.
    """
    if not 1 <= steps <= start:
        raise ValueError(f"{steps} steps from time {start}; choose 1 to {start}.")
    return [round(start * (steps - k) / steps) for k in range(steps + 1)]


class Place(NamedTuple):
    """Where the way back has come: the time, x there, and the guess x̂₀ that the model made on the way there (x itself at 0)."""

    t: int
    x: Tensor
    x0: Tensor


def reverse(
    model: Model, x: Batch, alpha_bar: Float[Tensor, "time"], way: Sequence[int], step: Step = ddpm_step, seed: int = 0
) -> Iterator[Place]:
    """Walk the way back from x at time way[0], and say of each time where it is; at way[-1] (0: the data) it ends.

    step: `ddpm_step`, or `ddim_step`, with functools.partial for its eta; the noise of step number k depends on seed and
    k alone, so two ways of as many steps get the same, and is none of that of torch.Generator().manual_seed(seed), which x may
    be. No gradients. Raises ValueError where the times do not fall.
    """
    if any(a <= b for a, b in pairwise(way)) or not 0 <= way[-1] <= way[0] < len(alpha_bar):
        raise ValueError(f"The way back {list(way)} does not fall from at most {len(alpha_bar) - 1} to at least 0.")
    fresh = torch.Generator(x.device).manual_seed(seed + FRESH)
    for t, to in pairwise(way):
        with torch.no_grad():  # not around the yield: between two steps the caller may want gradients
            eps = model(x, torch.full((len(x),), t, device=x.device))
        yield Place(t, x, convert(eps, x, alpha_bar[t], "eps", "x0"))
        z = torch.randn(x.shape, generator=fresh, dtype=x.dtype, device=x.device)
        x = step(x, eps, alpha_bar[t], alpha_bar[to], z)
    yield Place(way[-1], x, x)


def sample(
    model: Model, x: Batch, alpha_bar: Float[Tensor, "time"], way: Sequence[int], step: Step = ddpm_step, seed: int = 0
) -> Batch:
    """The end of the way back."""
    *_, last = reverse(model, x, alpha_bar, way, step, seed)
    return last.x


# models made of others


def guided(free: Model, given: Model, w: float) -> Model:
    """Guidance without a classifier: ε = ε_free + w (ε_given − ε_free).

    w = 0 ignores what is given, w = 1 samples it, more overdoes it.
    """

    def model(x: Tensor, t: Tensor) -> Tensor:
        return torch.lerp(free(x, t), given(x, t), w)  # exact at both ends

    return model


def predicts(network: Model, kind: str, alpha_bar: Float[Tensor, "time"], limit: float | None = None) -> Model:
    """A network that predicts `kind` (eps, x0 or v) as a model that says ε. limit: x̂₀ is clamped to ± limit."""

    def model(x: Tensor, t: Tensor) -> Tensor:
        left = alpha_bar.to(x.device)[t]
        if limit is None:
            return convert(network(x, t), x, left, kind, "eps")
        return convert(convert(network(x, t), x, left, kind, "x0").clamp(-limit, limit), x, left, "x0", "eps")

    return model
