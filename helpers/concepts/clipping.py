"""Training with and without clipping: a vanilla RNN hears a short tune and has to say, at its end, which note came first.

A net whose weights stretch makes the loss steep as a cliff in places: one step from there is so long that it throws away
what was learned. All weights are one long vector here; where its gradient is longer than a limit it is shortened, and
keeps its direction. In float64 NumPy, small enough for 200 steps to follow a slider. Where gradients explode, training is
chaotic: after some ten steps the rounding of a processor is seen, and another one draws another curve.
Notebook: 05_rnns. After Pascanu, Mikolov and Bengio, 2013; the task after Hochreiter and Schmidhuber, 1997.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from helpers.concepts import bptt

NOTES, HIDDEN, BATCH = 4, 16, 16  # notes to choose from; units; tunes in a batch
SHAPES = ((HIDDEN, NOTES), (HIDDEN, HIDDEN), (HIDDEN,), (NOTES, HIDDEN), (NOTES,))
ENDS = np.cumsum([np.prod(shape) for shape in SHAPES]).tolist()
SIZE = ENDS[-1]
EACH = np.eye(NOTES)

Vector = Float[np.ndarray, "parameter"]
Tunes = Int[np.ndarray, "time tune"]


class Net(NamedTuple):
    """h ← tanh(W x + U h + b), and at the end the logits V h + c of the four notes."""

    W: Float[np.ndarray, "hidden note"]
    U: Float[np.ndarray, "hidden hidden"]
    b: Float[np.ndarray, "hidden"]
    V: Float[np.ndarray, "note hidden"]
    c: Float[np.ndarray, "note"]


@dataclass(frozen=True)
class Run:
    """What happened at each step: the loss, the gradient's norm before clipping, and the weights both were measured at."""

    loss: Float[np.ndarray, "step"] = field(repr=False)
    norm: Float[np.ndarray, "step"] = field(repr=False)
    theta: Float[np.ndarray, "step parameter"] = field(repr=False)


def unpack(theta: Vector) -> Net:
    """The parts of a net as views of the vector of all its weights."""
    return Net(*(theta[a:b].reshape(shape) for a, b, shape in zip([0, *ENDS], ENDS, SHAPES)))


def start(radius: float, seed: int) -> Vector:
    """Random weights, the recurrent ones of this spectral radius; no biases yet."""
    theta = np.zeros(SIZE)
    net, random = unpack(theta), np.random.default_rng(1000 + seed)
    (net.W[:],), (net.U[:],) = bptt.draw("RNN", NOTES, HIDDEN, radius, seed=seed)
    net.V[:] = random.standard_normal(net.V.shape) / np.sqrt(HIDDEN)
    return theta


def tunes(length: int, count: int, random: np.random.Generator) -> Tunes:
    """Tunes of so many notes, 0 to 3, every note drawn by itself. What is asked for is the first, tunes[0]."""
    return random.integers(0, NOTES, (length, count))


def states(net: Net, heard: Tunes) -> Float[np.ndarray, "places tune hidden"]:
    """h before the first note (zeros) and after each."""
    given = net.W.T[heard] + net.b
    h = np.zeros((len(heard) + 1, heard.shape[1], HIDDEN))
    for t, now in enumerate(given):
        h[t + 1] = np.tanh(now + h[t] @ net.U.T)
    return h


def answers(net: Net, heard: Tunes) -> Float[np.ndarray, "tune note"]:
    """How probable each note is made to have been the first."""
    return _softmax(states(net, heard)[-1] @ net.V.T + net.c)


def _softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def gradient(theta: Vector, heard: Tunes, truncate: int | None = None) -> tuple[float, Vector]:
    """Mean cross-entropy of the answers, and its slope by every weight; truncate: through the last so many steps only."""
    net, slopes = unpack(theta), np.zeros(SIZE)
    of, h, each = unpack(slopes), states(net, heard), np.arange(heard.shape[1])
    z = h[-1] @ net.V.T + net.c
    delta = _softmax(z)
    loss = np.mean(np.logaddexp.reduce(z, axis=1) - z[each, heard[0]])
    delta[each, heard[0]] -= 1
    delta /= len(each)
    of.V[:], of.c[:] = delta.T @ h[-1], delta.sum(0)
    back, reach = delta @ net.V, 1 - h[1:] ** 2  # ∂L/∂h, and the slope of tanh at every step
    of_sum = np.zeros_like(reach)
    for t in range(len(heard) - 1, (0 if truncate is None else max(len(heard) - truncate, 0)) - 1, -1):
        of_sum[t] = back * reach[t]
        back = of_sum[t] @ net.U
    flat = of_sum.reshape(-1, HIDDEN)
    of.W[:] = flat.T @ EACH[heard.ravel()]
    of.U[:], of.b[:] = flat.T @ h[:-1].reshape(-1, HIDDEN), flat.sum(0)
    return float(loss), slopes


def train(radius: float, length: int, lr: float, limit: float, steps: int, truncate: int | None = None, seed: int = 0) -> Run:
    """Plain descent on a new batch of tunes at each step; a gradient longer than `limit` is clipped (∞: none is).

    The seed decides weights and tunes: runs with other limits begin alike and hear the same.
    """
    theta, random = start(radius, seed), np.random.default_rng(2000 + seed)
    loss, norm, kept = np.empty(steps), np.empty(steps), np.empty((steps, SIZE))
    for k in range(steps):
        kept[k] = theta
        loss[k], slopes = gradient(theta, tunes(length, BATCH, random), truncate)
        norm[k] = np.linalg.norm(slopes)
        theta = theta - lr * bptt.clip(slopes, limit)
    return Run(loss, norm, kept)
