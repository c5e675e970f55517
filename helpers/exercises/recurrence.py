"""Exercises on recurrent cells: one step of the vanilla RNN, of the LSTM and of the GRU.

Notebook: 05_rnns. The oracles are torch's own cells, which multiply all gates' weights at once.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from helpers.exercises import exercise


def _draw(generator: Generator, gates: int, inputs: int, hidden: int) -> tuple[Tensor, ...]:
    """x, h, W, U and a bias, of a cell with so many gates."""
    shapes = (inputs,), (hidden,), (gates * hidden, inputs), (gates * hidden, hidden), (gates * hidden,)
    return tuple(torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes)


def _one_gate(generator: Generator) -> Iterator[tuple]:
    yield torch.tensor([1.0, 0.0]), torch.tensor([0.5]), torch.tensor([[1.0, -1.0]]), torch.tensor([[2.0]]), torch.tensor([-0.3])
    for inputs, hidden in ((3, 2), (2, 4), (5, 5), (4, 6)):
        yield _draw(generator, 1, inputs, hidden)


@exercise(_one_gate)
def rnn_step(
    x: Float[Tensor, "input"],
    h: Float[Tensor, "hidden"],
    W: Float[Tensor, "hidden input"],
    U: Float[Tensor, "hidden hidden"],
    b: Float[Tensor, "hidden"],
) -> Float[Tensor, "hidden"]:
    """The next state of a vanilla RNN."""
    return torch.rnn_tanh_cell(x[None], h[None], W, U, b, torch.zeros_like(b))[0]


@rnn_step.mistake
def linear(x, h, W, U, b):
    """Your sum is right, but it is not squashed: after a hundred steps it could be anywhere."""
    return W @ x + U @ h + b


@rnn_step.mistake
def without_a_past(x, h, W, U, b):
    """Your state does not depend on the one before. What makes the net recurrent?"""
    return torch.tanh(W @ x + b)


@rnn_step.mistake
def deaf(x, h, W, U, b):
    """Your state does not depend on the input: nothing new is heard."""
    return torch.tanh(U @ h + b)


@rnn_step.mistake
def without_bias(x, h, W, U, b):
    """You left out the bias."""
    return torch.tanh(W @ x + U @ h)


@rnn_step.mistake
def between_0_and_1(x, h, W, U, b):
    """You squash with a sigmoid; this cell's state may be negative too."""
    return torch.sigmoid(W @ x + U @ h + b)


@rnn_step.mistake
def squashed_apart(x, h, W, U, b):
    """You squash input and past one by one and add them up then. Add first."""
    return torch.tanh(W @ x + b) + torch.tanh(U @ h)


@rnn_step.mistake
def on_top(x, h, W, U, b):
    """You add the new state to the old one; here it takes its place."""
    return h + torch.tanh(W @ x + U @ h + b)


@rnn_step.mistake
def transposed(x, h, W, U, b):
    """Your recurrent weights are the wrong way round: each row belongs to a unit of the new state."""
    return torch.tanh(W @ x + U.T @ h + b)


def _four_gates(generator: Generator) -> Iterator[tuple]:
    for inputs, hidden in ((1, 1), (2, 3), (4, 2), (3, 5)):
        x, h, W, U, b = _draw(generator, 4, inputs, hidden)
        yield x, h, torch.randn(hidden, generator=generator, dtype=torch.float64), W, U, b


@exercise(_four_gates)
def lstm_step(
    x: Float[Tensor, "input"],
    h: Float[Tensor, "hidden"],
    c: Float[Tensor, "hidden"],
    W: Float[Tensor, "4*hidden input"],
    U: Float[Tensor, "4*hidden hidden"],
    b: Float[Tensor, "4*hidden"],
) -> tuple[Float[Tensor, "hidden"], Float[Tensor, "hidden"]]:
    """The next (h, c) of an LSTM, whose gates come in the order input, forget, candidate, output."""
    new_h, new_c = torch.lstm_cell(x[None], (h[None], c[None]), W, U, b, torch.zeros_like(b))
    return new_h[0], new_c[0]


def _gates(x, h, W, U, b, count):
    return (W @ x + U @ h + b).chunk(count)


def _lstm(x, h, c, W, U, b, *, keep=lambda i, f: f, candidate=torch.tanh, out=torch.tanh, order=(0, 1, 2, 3)):
    i, f, g, o = (_gates(x, h, W, U, b, 4)[k] for k in order)
    i, f, g, o = i.sigmoid(), f.sigmoid(), candidate(g), o.sigmoid()
    new = keep(i, f) * c + i * g
    return o * out(new), new


@lstm_step.mistake
def swapped_states(x, h, c, W, U, b):
    """Right, but in the other order: first h, then c."""
    return lstm_step(x, h, c, W, U, b)[::-1]


@lstm_step.mistake
def swapped_gates(x, h, c, W, U, b):
    """You take the forget gate for the input gate. Which rows of W come first?"""
    return _lstm(x, h, c, W, U, b, order=(1, 0, 2, 3))


@lstm_step.mistake
def candidate_last(x, h, c, W, U, b):
    """You take the output gate for the candidate: the candidate's rows are the third quarter."""
    return _lstm(x, h, c, W, U, b, order=(0, 1, 3, 2))


@lstm_step.mistake
def never_forgets(x, h, c, W, U, b):
    """Your cell keeps all of its old content: the forget gate has nothing to say."""
    return _lstm(x, h, c, W, U, b, keep=lambda i, f: torch.ones_like(f))


@lstm_step.mistake
def forgets_instead(x, h, c, W, U, b):
    """Your forget gate works backwards: where it is near 1, the old content is to stay."""
    return _lstm(x, h, c, W, U, b, keep=lambda i, f: 1 - f)


@lstm_step.mistake
def candidate_of_one_sign(x, h, c, W, U, b):
    """Your candidate is squashed like a gate; it is content, and may be negative."""
    return _lstm(x, h, c, W, U, b, candidate=torch.sigmoid)


@lstm_step.mistake
def shown_raw(x, h, c, W, U, b):
    """Your new c is right, but h shows it as it is; it is squashed before the output gate lets it through."""
    return _lstm(x, h, c, W, U, b, out=lambda new: new)


@lstm_step.mistake
def shows_the_old(x, h, c, W, U, b):
    """Your h shows the old content. Is the new one not known by then?"""
    _, new = lstm_step(x, h, c, W, U, b)
    return _gates(x, h, W, U, b, 4)[3].sigmoid() * torch.tanh(c), new


def _three_gates(generator: Generator) -> Iterator[tuple]:
    for inputs, hidden in ((1, 1), (2, 3), (4, 2), (3, 5)):
        x, h, W, U, b = _draw(generator, 3, inputs, hidden)
        yield x, h, W, U, b, torch.randn(3 * hidden, generator=generator, dtype=torch.float64)


@exercise(_three_gates)
def gru_step(
    x: Float[Tensor, "input"],
    h: Float[Tensor, "hidden"],
    W: Float[Tensor, "3*hidden input"],
    U: Float[Tensor, "3*hidden hidden"],
    b: Float[Tensor, "3*hidden"],
    c: Float[Tensor, "3*hidden"],
) -> Float[Tensor, "hidden"]:
    """The next state of a GRU, whose gates come in the order reset, update, candidate; b goes with W, c with U."""
    return torch.gru_cell(x[None], h[None], W, U, b, c)[0]


def _gru(x, h, W, U, b, c, *, mix=lambda z, h, n: z * h + (1 - z) * n, order=(0, 1), reset=lambda r: r, squash=torch.tanh):
    given, past = (W @ x + b).chunk(3), (U @ h + c).chunk(3)
    r, z = ((given[k] + past[k]).sigmoid() for k in order)
    return mix(z, h, squash(given[2] + reset(r) * past[2]))


@gru_step.mistake
def updates_backwards(x, h, W, U, b, c):
    """Your update gate works backwards: where it is near 1, the old state is to stay."""
    return _gru(x, h, W, U, b, c, mix=lambda z, h, n: (1 - z) * h + z * n)


@gru_step.mistake
def gates_swapped(x, h, W, U, b, c):
    """You take the update gate for the reset gate. Which rows of W come first?"""
    return _gru(x, h, W, U, b, c, order=(1, 0))


@gru_step.mistake
def never_resets(x, h, W, U, b, c):
    """Your candidate always sees the whole past: the reset gate has nothing to say."""
    return _gru(x, h, W, U, b, c, reset=lambda r: 1)


@gru_step.mistake
def reset_too_early(x, h, W, U, b, c):
    """You reset the state before its weights see it, as in the first paper. In torch, the reset gate acts on what the weights
    have made of the past."""
    given, past = (W @ x + b).chunk(3), (U @ h + c).chunk(3)
    r, z = ((given[k] + past[k]).sigmoid() for k in (0, 1))
    n = len(h)
    return z * h + (1 - z) * torch.tanh(given[2] + U[2 * n :] @ (r * h) + c[2 * n :])


@gru_step.mistake
def resets_all(x, h, W, U, b, c):
    """Your reset gate closes on the input too; it is only the past that it hides from the candidate."""
    given, past = (W @ x + b).chunk(3), (U @ h + c).chunk(3)
    r, z = ((given[k] + past[k]).sigmoid() for k in (0, 1))
    return z * h + (1 - z) * torch.tanh(r * (given[2] + past[2]))


@gru_step.mistake
def a_gate_for_a_candidate(x, h, W, U, b, c):
    """Your candidate is squashed like a gate; it is content, and may be negative."""
    return _gru(x, h, W, U, b, c, squash=torch.sigmoid)


@gru_step.mistake
def candidate_alone(x, h, W, U, b, c):
    """You return the candidate. The update gate is to decide how much of the old state stays."""
    return _gru(x, h, W, U, b, c, mix=lambda z, h, n: n)
