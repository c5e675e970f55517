"""Cells by hand against torch's modules: states, gates, stacks and both directions."""

import pytest
import torch
from torch import nn

from helpers.concepts.recurrence import CELLS, PARTS, parameters, run, unroll, weights

MODULES = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}


def module(name, **options):
    torch.manual_seed(3)
    return MODULES[name](5, 7, **options).double()


def noise(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("both", [False, True], ids=["one direction", "both directions"])
@pytest.mark.parametrize("name", CELLS)
def test_a_module_run_by_hand_is_torchs(name, both, layers):
    theirs, x = module(name, num_layers=layers, bidirectional=both), noise(11, 4, 5)
    wanted, last = theirs(x)
    mine = run(theirs, x)
    assert len(mine) == layers
    torch.testing.assert_close(mine[-1][0][0], wanted, rtol=0, atol=1e-12)
    hidden = (last[0] if name == "LSTM" else last).reshape(layers, 2 if both else 1, 4, 7)
    for (states, _), ends in zip(mine, hidden):
        torch.testing.assert_close(states[0][-1, :, :7], ends[0], rtol=0, atol=1e-12)
        if both:
            torch.testing.assert_close(states[0][0, :, 7:], ends[1], rtol=0, atol=1e-12)
    if name == "LSTM":
        torch.testing.assert_close(mine[-1][0][1][-1, :, :7], last[1].reshape(layers, -1, 4, 7)[-1, 0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", CELLS)
def test_single_precision_agrees_to_a_millionth(name):
    torch.manual_seed(0)
    theirs, x = MODULES[name](32, 64), torch.randn(50, 2, 32)
    torch.testing.assert_close(run(theirs, x)[0][0][0], theirs(x)[0], rtol=0, atol=1e-6)


@pytest.mark.parametrize(("name", "theirs"), [("RNN", nn.RNNCell), ("LSTM", nn.LSTMCell), ("GRU", nn.GRUCell)])
def test_one_step_is_that_of_torchs_cell(name, theirs):
    torch.manual_seed(5)
    cell, x = theirs(5, 7).double(), noise(3, 5)
    state = tuple(noise(PARTS[name], 3, 7))
    w = (cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh)
    mine, _ = CELLS[name](x, state, type(weights(module(name)))(*w))
    wanted = cell(x, state if name == "LSTM" else state[0])
    for part, right in zip(mine, wanted if name == "LSTM" else (wanted,)):
        torch.testing.assert_close(part, right, rtol=0, atol=1e-12)


def test_gates_explain_the_states():
    x = noise(9, 2, 5)
    ((h, c), gates) = run(module("LSTM"), x)[0]
    before = torch.cat([torch.zeros(1, 2, 7, dtype=torch.float64), c[:-1]])
    torch.testing.assert_close(c, gates["forget"] * before + gates["input"] * gates["candidate"])
    torch.testing.assert_close(h, gates["output"] * c.tanh())
    ((h,), gates) = run(module("GRU"), x)[0]
    before = torch.cat([torch.zeros(1, 2, 7, dtype=torch.float64), h[:-1]])
    torch.testing.assert_close(h, gates["update"] * before + (1 - gates["update"]) * gates["candidate"])
    assert all(((0 < gate) & (gate < 1)).all() for name, gate in gates.items() if name != "candidate")


def test_the_reset_gate_shuts_the_past_out_of_the_candidate():
    net = module("GRU")
    w = weights(net)
    shut = w._replace(b=torch.cat([torch.full((7,), -1e3, dtype=torch.float64), w.b[7:]]))
    x, h = noise(2, 5), noise(2, 7)
    _, gates = CELLS["GRU"](x, (h,), shut)
    torch.testing.assert_close(gates["candidate"], torch.tanh(x @ w.W[14:].T + w.b[14:]))


def test_an_unrolled_net_goes_on_where_it_stopped():
    net, x = module("LSTM"), noise(8, 2, 5)
    zero = (torch.zeros(2, 7, dtype=torch.float64),) * 2
    whole, _ = unroll(CELLS["LSTM"], x, zero, weights(net))
    first, _ = unroll(CELLS["LSTM"], x[:5], zero, weights(net))
    rest, _ = unroll(CELLS["LSTM"], x[5:], tuple(part[-1] for part in first), weights(net))
    torch.testing.assert_close(torch.cat([first[0], rest[0]]), whole[0], rtol=0, atol=0)


@pytest.mark.parametrize("name", CELLS)
def test_parameters_are_counted_as_torch_counts(name):
    assert parameters(name, 5, 7) == sum(p.numel() for p in module(name).parameters())


def test_a_module_without_biases_is_refused():
    with pytest.raises(ValueError, match="bias=True"):
        run(nn.GRU(2, 3, bias=False), torch.zeros(4, 1, 2))
