"""Attention without a table of weights: (φ(Q) φ(K)') V is φ(Q) (φ(K)' V), whose cost grows with the length, not its square.

Any φ that gives positive weights will do (linear attention); random features make φ(q) · φ(k) come out as exp(q · k) on
average, so that softmax attention is met as closely as one pays for (Performer). Looking back only, it is an RNN.

Notebook: 06_transformers. After Katharopoulos et al., "Transformers are RNNs", 2020; Choromanski et al., 2021.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import elu, pad

Queries = Float[Tensor, "*batch query width"]
Keys = Float[Tensor, "*batch key width"]
Values = Float[Tensor, "*batch key value"]
Out = Float[Tensor, "*batch query value"]


def by_features(phi_q: Float[Tensor, "*batch query feature"], phi_k: Float[Tensor, "*batch key feature"], V: Values) -> Out:
    """Weights φ(q) · φ(k), each row divided by its sum, times V.

    A column of ones beside V adds the weights up on the way.
    """
    summed = phi_q @ (phi_k.mT @ pad(V, (0, 1), value=1.0))  # (..., query, value + 1)
    return summed[..., :-1] / summed[..., -1:]


def positive(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """φ(x) = elu(x) + 1, which is more than 0."""
    return elu(x) + 1


def linear(Q: Queries, K: Keys, V: Values) -> Out:
    """Weights in proportion to φ(q) · φ(k) instead of exp(q · k / √width). After Katharopoulos et al., 2020."""
    return by_features(positive(Q), positive(K), V)


def step(
    q: Float[Tensor, "width"], k: Float[Tensor, "width"], v: Float[Tensor, "value"], state: Float[Tensor, "width value_1"]
) -> tuple[Float[Tensor, "value"], Float[Tensor, "width value_1"]]:
    """One token of linear attention that looks back: an RNN, whose state S ← S + φ(k) v' is all it keeps of the past.

    Returns what the token gets, and the new state; the first state is 0, of one column more than v (for the sum).
    """
    state = state + positive(k)[:, None] * pad(v, (0, 1), value=1.0)
    summed = positive(q) @ state
    return summed[:-1] / summed[-1], state


def orthogonal(features: int, width: int, seed: int = 0) -> Float[Tensor, "feature width"]:
    """Random directions, at right angles to each other within each block of `width`, as long as normal vectors are."""
    random = torch.Generator().manual_seed(seed)
    blocks = torch.randn(-(-features // width), width, width, generator=random, dtype=torch.float64)
    Q, R = torch.linalg.qr(blocks)
    Q = Q * R.diagonal(dim1=-2, dim2=-1).sign()[:, None]  # without it the first entries would all have one sign
    lengths = torch.randn(features, width, generator=random, dtype=torch.float64).norm(dim=-1, keepdim=True)
    return Q.mT.flatten(0, 1)[:features] * lengths


def performer(Q: Queries, K: Keys, V: Values, directions: Float[Tensor, "feature width"]) -> Out:
    """Softmax attention, met on average, by positive random features (FAVOR+). After Choromanski et al., 2021.

    For normal w the mean of exp(w · q − |q|²/2) exp(w · k − |k|²/2) is exp(q · k); q and k are divided by ⁴√width each.
    """

    def phi(x: Tensor, over: tuple[int, ...]) -> Tensor:
        x = x / x.shape[-1] ** 0.25
        power = x @ directions.to(x.dtype).mT - x.square().sum(-1, keepdim=True) / 2
        return (power - power.amax(over, keepdim=True)).exp()  # against overflow: a factor that the division takes out

    return by_features(phi(Q, (-1,)), phi(K, (-2, -1)), V)
