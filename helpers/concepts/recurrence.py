"""Recurrent cells by hand, one step at a time: the vanilla RNN, the LSTM and the GRU; unrolled, stacked, in both directions.

A cell reads one input and what it remembers, and says what to remember next. The weights are those of torch.nn, gate by
gate below one another, so that each of its modules can be run here and its gates be seen.
Notebook: 05_rnns. After Elman, 1990; Hochreiter and Schmidhuber, 1997, with the forget gate of Gers et al., 2000; Cho et
al., 2014; Schuster and Paliwal, 1997 (both directions).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

State = tuple[Float[Tensor, "batch hidden"], ...]  # h; of an LSTM h and c
States = tuple[Float[Tensor, "time batch width"], ...]  # the same after every step
Gates = dict[str, Tensor]
Cell = Callable[[Tensor, State, "Weights"], tuple[State, Gates]]


class Weights(NamedTuple):
    """One cell's weights: of the input, of what it remembers, and a bias with each, as torch names them *_ih and *_hh."""

    W: Float[Tensor, "gates_hidden input"]
    U: Float[Tensor, "gates_hidden hidden"]
    b: Float[Tensor, "gates_hidden"]
    c: Float[Tensor, "gates_hidden"]


def rnn_cell(x: Float[Tensor, "batch input"], state: State, w: Weights) -> tuple[State, Gates]:
    """h ← tanh(W x + b + U h + c). It has no gate."""
    (h,) = state
    return (torch.tanh(x @ w.W.T + w.b + h @ w.U.T + w.c),), {}


def lstm_cell(x: Float[Tensor, "batch input"], state: State, w: Weights) -> tuple[State, Gates]:
    """c ← f c + i g;  h ← o tanh(c). Each gate is σ(W x + b + U h + c) of its own weights; g has tanh for σ."""
    h, c = state
    i, f, g, o = (x @ w.W.T + w.b + h @ w.U.T + w.c).chunk(4, dim=-1)
    i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
    c = f * c + i * g
    return (o * torch.tanh(c), c), {"forget": f, "input": i, "candidate": g, "output": o}


def gru_cell(x: Float[Tensor, "batch input"], state: State, w: Weights) -> tuple[State, Gates]:
    """h ← z h + (1 − z) n. The reset gate r decides how much of h the candidate n gets to see."""
    (h,) = state
    (xr, xz, xn), (hr, hz, hn) = (x @ w.W.T + w.b).chunk(3, dim=-1), (h @ w.U.T + w.c).chunk(3, dim=-1)
    r, z = torch.sigmoid(xr + hr), torch.sigmoid(xz + hz)
    n = torch.tanh(xn + r * hn)
    return (z * h + (1 - z) * n,), {"reset": r, "update": z, "candidate": n}


CELLS: dict[str, Cell] = {"RNN": rnn_cell, "LSTM": lstm_cell, "GRU": gru_cell}
PARTS = {"RNN": 1, "LSTM": 2, "GRU": 1}  # of the state


def unroll(cell: Cell, x: Float[Tensor, "time batch input"], state: State, w: Weights) -> tuple[States, Gates]:
    """Use the same cell at every step. Returns the state after each, every part (time, batch, hidden), and so each gate."""
    states, gates = [], []
    for now in x:
        state, seen = cell(now, state, w)
        states.append(state)
        gates.append(seen)
    return tuple(torch.stack(part) for part in zip(*states)), {
        name: torch.stack([seen[name] for seen in gates]) for name in gates[0]
    }


def weights(module: nn.RNNBase, layer: int = 0, backwards: bool = False) -> Weights:
    """The weights of one layer of torch's nn.RNN, nn.LSTM or nn.GRU, in one direction. Raises ValueError without biases."""
    if not module.bias:
        raise ValueError("This module has no biases; make it with bias=True.")
    names = (f"{kind}_l{layer}{'_reverse' * backwards}" for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    return Weights(*(getattr(module, name) for name in names))


def run(module: nn.RNNBase, x: Float[Tensor, "time batch input"]) -> list[tuple[States, Gates]]:
    """What torch's module does, step by step, from a state of zeros: states and gates of each layer.

    A layer reads what the one below has remembered at each step. In a module of both directions a second cell reads from
    the end; the layer's states and gates then hold both side by side, (time, batch, 2 hidden).
    """
    name = type(module).__name__
    zero = (x.new_zeros(x.shape[1], module.hidden_size),) * PARTS[name]
    layers = []
    for layer in range(module.num_layers):
        ways = [unroll(CELLS[name], x, zero, weights(module, layer))]
        if module.bidirectional:
            back, seen = unroll(CELLS[name], x.flip(0), zero, weights(module, layer, backwards=True))
            ways.append((tuple(part.flip(0) for part in back), {gate: values.flip(0) for gate, values in seen.items()}))
        states = tuple(torch.cat(parts, dim=-1) for parts in zip(*(way[0] for way in ways)))
        layers.append((states, {gate: torch.cat([way[1][gate] for way in ways], dim=-1) for gate in ways[0][1]}))
        x = states[0]
    return layers


def parameters(name: str, inputs: int, hidden: int) -> int:
    """How many numbers a cell learns: one RNN's for each gate.

    >>> parameters("RNN", 10, 20), parameters("LSTM", 10, 20), parameters("GRU", 10, 20)
    (640, 2560, 1920)
    """
    return {"RNN": 1, "GRU": 3, "LSTM": 4}[name] * hidden * (inputs + hidden + 2)
