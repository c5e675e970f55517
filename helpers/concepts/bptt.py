"""Backpropagation through time: how large the gradient of the last step's loss still is at each earlier step.

Unrolled, a recurrent net is as deep as its sequence is long, with the same weights in every layer. On its way back the
gradient is multiplied by one Jacobian after another, J = ∂state(t) / ∂state(t − 1), and so it shrinks or grows like a
power. Here each cell says how its state depends on its gates (all of them act unit by unit), and everything else follows
from that in the same way for every cell. In float64 NumPy, so that a slider can follow the hand.
Notebook: 05_rnns. After Bengio, Simard and Frasconi, 1994; Pascanu, Mikolov and Bengio, 2013; Jozefowicz et al., 2015.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from jaxtyping import Float, Int

GATES = {"linear": 1, "RNN": 1, "GRU": 3, "LSTM": 4}  # blocks of weights, in torch's order
LOST = 1e-13  # a singular value so much smaller than the largest drowns in rounding


@dataclass(frozen=True)
class Tape:
    """What a forward pass leaves behind for the way back; `parts` is 1, or 2 for an LSTM's h and c.

    state: (time + 1, part, hidden), the first one zero; reach: ∂state(t) / ∂(U h)(t), each unit's own;
    carry: ∂state(t) / ∂state(t − 1) past all weights, (time, to part, from part, hidden); through: ∂h(t) / ∂c(t) of an
    LSTM, zero elsewhere; U: the recurrent weights.
    """

    state: Float[np.ndarray, "places part hidden"] = field(repr=False)
    reach: Float[np.ndarray, "time part gate hidden"] = field(repr=False)
    carry: Float[np.ndarray, "time part part hidden"] = field(repr=False)
    through: Float[np.ndarray, "time hidden"] = field(repr=False)
    U: Float[np.ndarray, "gate hidden hidden"] = field(repr=False)


def spectral_radius(U: Float[np.ndarray, "hidden hidden"]) -> float:
    """The size of the largest eigenvalue: by what a power of U grows a step, in the long run."""
    return float(np.abs(np.linalg.eigvals(U)).max())


@lru_cache(maxsize=64)
def _drawn(gates: int, inputs: int, hidden: int, init: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Input weights of variance 1 / inputs, and recurrent weights of spectral radius 1, one matrix for each gate."""
    random = np.random.default_rng(seed)
    U = random.standard_normal((gates, hidden, hidden))
    U = np.linalg.qr(U)[0] if init == "orthogonal" else U / np.array([spectral_radius(u) for u in U])[:, None, None]
    return random.standard_normal((gates, hidden, inputs)) / np.sqrt(inputs), U


def draw(
    cell: str, inputs: int, hidden: int, radius: float, init: str = "random", seed: int = 0
) -> tuple[Float[np.ndarray, "gate hidden input"], Float[np.ndarray, "gate hidden hidden"]]:
    """Weights W of the input and U of the state, where each gate's U has this spectral radius.

    init: "random" (normal) or "orthogonal" (all singular values equal). Raises ValueError for an unknown cell or init.
    """
    if cell not in GATES:
        raise ValueError(f"No cell is called {cell!r}; there are {', '.join(GATES)}.")
    if init not in ("random", "orthogonal"):
        raise ValueError(f"init={init!r}; choose random or orthogonal.")
    W, U = _drawn(GATES[cell], inputs, hidden, init, seed)
    return W, radius * U


def forward(
    cell: str,
    x: Float[np.ndarray, "time input"],
    W: Float[np.ndarray, "gate hidden input"],
    U: Float[np.ndarray, "gate hidden hidden"],
    forget_bias: float = 0.0,
) -> Tape:
    """Run a cell from a state of zeros. forget_bias is added to an LSTM's forget gate; there are no other biases."""
    gates, hidden = U.shape[:2]
    along = np.einsum("ti,ghi->tgh", x, W)
    if cell == "LSTM":
        along[:, 1] += forget_bias
    stacked, parts = U.reshape(-1, hidden), 2 if cell == "LSTM" else 1
    state = np.zeros((len(x) + 1, parts, hidden))
    recurrent, active = np.empty((2, len(x), gates, hidden))
    for t, given in enumerate(along):
        recurrent[t] = (stacked @ state[t, 0]).reshape(gates, hidden)
        active[t], state[t + 1] = _STEPS[cell](given, recurrent[t], state[t])
    return Tape(state, *_SLOPES[cell](active, recurrent, state), U)


def _sigmoid(a: np.ndarray) -> np.ndarray:
    return 0.5 + 0.5 * np.tanh(0.5 * a)


def _linear_step(x, u, s):
    h = x + u
    return h, h


def _rnn_step(x, u, s):
    h = np.tanh(x + u)
    return h, h


def _gru_step(x, u, s):
    r, z = _sigmoid(x[:2] + u[:2])
    n = np.tanh(x[2] + r * u[2])
    return (r, z, n), z * s + (1 - z) * n


def _lstm_step(x, u, s):
    a = x + u
    (i, f, o), g = _sigmoid(a[[0, 1, 3]]), np.tanh(a[2])
    c = f * s[1] + i * g
    return (i, f, g, o), (o * np.tanh(c), c)


def _linear_slopes(active, recurrent, state):
    nothing = np.zeros_like(active)
    return np.ones_like(active)[:, None], nothing[:, None], nothing[:, 0]


def _rnn_slopes(active, recurrent, state):
    nothing = np.zeros_like(active)
    return (1 - active**2)[:, None], nothing[:, None], nothing[:, 0]


def _gru_slopes(active, recurrent, state):
    (r, z, n), h = active.swapaxes(0, 1), state[:-1, 0]
    of_n = (1 - z) * (1 - n**2)
    reach = np.stack([of_n * recurrent[:, 2] * r * (1 - r), (h - n) * z * (1 - z), of_n * r], 1)
    return reach[:, None], z[:, None, None], np.zeros_like(z)


def _lstm_slopes(active, recurrent, state):
    (i, f, g, o), before, now = active.swapaxes(0, 1), state[:-1, 1], np.tanh(state[1:, 1])
    of_c = np.stack([g * i * (1 - i), before * f * (1 - f), i * (1 - g**2), np.zeros_like(o)], 1)
    through = o * (1 - now**2)
    of_h = through[:, None] * of_c
    of_h[:, 3] = now * o * (1 - o)
    nothing = np.zeros_like(f)
    carry = np.stack([np.stack([nothing, through * f], 1), np.stack([nothing, f], 1)], 1)
    return np.stack([of_h, of_c], 1), carry, through


_STEPS = {"linear": _linear_step, "RNN": _rnn_step, "GRU": _gru_step, "LSTM": _lstm_step}
_SLOPES = {"linear": _linear_slopes, "RNN": _rnn_slopes, "GRU": _gru_slopes, "LSTM": _lstm_slopes}


def backward(
    tape: Tape, last: Float[np.ndarray, "part hidden"], truncate: int | None = None
) -> tuple[Float[np.ndarray, "places part hidden"], Float[np.ndarray, "time gate hidden"]]:
    """From ∂L/∂state(T) back: ∂L/∂state(t) for t = 0 to T, and ∂L/∂(U h)(t) for every step.

    The parts of a state count as independent: the way from an LSTM's c(t) over h(t) is left out, see `cell_gradient`.
    truncate: after so many steps back the gradient is cut off, and exactly zero at all that came before.
    """
    T, U = len(tape.reach), tape.U.reshape(-1, tape.U.shape[-1])
    of_state, of_gates = np.zeros_like(tape.state), np.zeros((T, *tape.U.shape[:2]))
    of_state[T] = last
    first = 0 if truncate is None else max(T - truncate, 0)
    for t in range(T - 1, first - 1, -1):
        delta = of_state[t + 1]
        of_gates[t] = (tape.reach[t] * delta[:, None]).sum(0)
        of_state[t] = (tape.carry[t] * delta[:, None]).sum(0)
        of_state[t, 0] += of_gates[t].ravel() @ U
    return of_state, of_gates


def cell_gradient(tape: Tape, of_state: Float[np.ndarray, "places 2 hidden"]) -> Float[np.ndarray, "time hidden"]:
    """∂L/∂c(t) of an LSTM for t = 1 to T, with the way over h(t) that `backward` leaves out: what autograd calls it."""
    return of_state[1:, 1] + of_state[1:, 0] * tape.through


def recurrent_terms(tape: Tape, of_gates: Float[np.ndarray, "time gate hidden"]) -> Float[np.ndarray, "time"]:
    """The size of what each step adds to ∂L/∂U, which is the sum of δ(t) h(t − 1)ᵀ over all steps t."""
    return np.linalg.norm(of_gates.reshape(len(of_gates), -1), axis=1) * np.linalg.norm(tape.state[:-1, 0], axis=1)


def recurrent_gradient(tape: Tape, of_gates: Float[np.ndarray, "time gate hidden"]) -> Float[np.ndarray, "gate hidden hidden"]:
    """∂L/∂U, summed over all steps: they share it."""
    return np.einsum("tgh,tk->ghk", of_gates, tape.state[:-1, 0])


def jacobians(tape: Tape) -> Float[np.ndarray, "time state state"]:
    """J(t) = ∂state(t) / ∂state(t − 1) of every step; of an LSTM h and c below one another."""
    T, parts, _, hidden = tape.reach.shape
    J = np.zeros((T, parts, hidden, parts, hidden))
    J[:, :, :, 0] = np.einsum("tpgh,ghk->tphk", tape.reach, tape.U)
    unit = np.arange(hidden)
    for to in range(parts):
        for origin in range(parts):
            J[:, to, unit, origin, unit] += tape.carry[:, to, origin]
    return J.reshape(T, parts * hidden, parts * hidden)


def singular_values(J: Float[np.ndarray, "time state state"], lags: Int[np.ndarray, "lag"]) -> Float[np.ndarray, "lag state"]:
    """Of the products ∂state(T) / ∂state(T − lag), each lag from 1 to T, the largest first; NaN where rounding drowned one."""
    wanted, products, product = set(lags.tolist()), {}, np.eye(J.shape[1])
    for lag, step in enumerate(J[::-1], 1):
        product = product @ step
        if lag in wanted:
            products[lag] = product
    found = np.linalg.svd(np.stack([products[lag] for lag in lags.tolist()]), compute_uv=False)
    return np.where(found > LOST * found[:, :1], found, np.nan)


def half_life(keep: float) -> float:
    """After how many steps half is left of what is multiplied by `keep` at every step; ∞ if nothing is lost.

    >>> round(half_life(0.5), 3), round(half_life(0.953), 1)
    (1.0, 14.4)
    """
    if not 0 < keep <= 1:
        raise ValueError(f"keep={keep:g}; a share that is kept lies above 0, at most at 1.")
    return float(np.log(0.5) / np.log(keep)) if keep < 1 else float("inf")


def clip(gradient: Float[np.ndarray, "*shape"], limit: float) -> Float[np.ndarray, "*shape"]:
    """The same direction, no longer than `limit` (Pascanu et al., 2013)."""
    norm = float(np.linalg.norm(gradient))
    return gradient * (limit / norm) if norm > limit else gradient.copy()
