"""A recurrent language model: step by step as at once; windows, loss and bits against torch and by hand."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from helpers.concepts.ngram import NGram
from helpers.models.language import IGNORED, TuneRNN, bits_per_symbol, decay, next_symbol_loss, packed, surprisals, windows

CELLS = ["RNN", "LSTM", "GRU"]


@pytest.fixture
def tokens() -> torch.Tensor:
    return torch.randint(11, (3, 20), generator=torch.Generator().manual_seed(0))


def model(cell: str = "GRU") -> TuneRNN:
    torch.manual_seed(1)
    return TuneRNN(11, 24, cell)


@pytest.mark.parametrize("cell", CELLS)
def test_one_symbol_at_a_time_is_as_all_at_once(cell, tokens):
    net, state, steps = model(cell), None, []
    whole = net(tokens)
    for t in range(20):
        logits, state = net.step(tokens[:, t], state)
        steps.append(logits)
    assert torch.allclose(torch.stack(steps, 1), whole, atol=1e-6)


@pytest.mark.parametrize("cell", CELLS)
def test_reading_for_a_sampler_is_the_same_again(cell, tokens):
    net, sequence = model(cell), tokens[0].tolist()
    logits, state = net.read(sequence[:7])
    assert np.allclose(logits, net(tokens)[0, 6].detach(), atol=1e-6)
    assert logits.dtype == np.float64
    logits, state = net.read(sequence[7:8], state)
    assert np.allclose(logits, net(tokens)[0, 7].detach(), atol=1e-6)


def test_a_later_symbol_changes_nothing_before_it(tokens):
    changed = tokens.clone()
    changed[:, 12] = (changed[:, 12] + 1) % 11
    before, after = model()(tokens), model()(changed)
    assert torch.equal(before[:, :12], after[:, :12])
    assert not torch.equal(before[:, 12], after[:, 12])


def test_another_cell_is_named_beside_those_there_are():
    with pytest.raises(ValueError, match=r"TRANSISTOR.*RNN, LSTM, GRU"):
        TuneRNN(5, 8, "TRANSISTOR")


def test_windows_are_the_sequences_one_after_another():
    sequences = [[i] * 7 for i in range(9)]
    x, y = windows(sequences, 10, seed=3)
    assert x.shape == y.shape == (6, 10)
    stream = torch.cat([x.flatten(), y[-1, -1:]]).tolist()
    assert torch.equal(x.flatten()[1:], y.flatten()[:-1])
    runs = [stream[i] for i in range(0, 61, 7)]  # each sequence stays whole, none comes twice
    assert stream == [symbol for run in runs for symbol in [run] * 7][:61]
    assert sorted(runs) == list(range(9))
    assert runs != list(range(9))
    assert torch.equal(windows(sequences, 10, seed=3)[0], x)


def test_a_text_shorter_than_a_window_is_refused():
    with pytest.raises(ValueError, match="10 symbols hold no window of 10"):
        windows([[1] * 10], 10)


def test_packed_windows_hold_whole_sequences():
    """Each begins where one begins; nothing is lost but the end of what is too long, and nothing is told of empty places."""
    sequences = [[10 * k + i for i in range(n)] for k, n in enumerate((4, 6, 3, 8, 5, 30, 2))]
    x, y = packed(sequences, 12, seed=1)
    assert x.shape == y.shape == (len(x), 12)
    found = []
    for row, target in zip(x.tolist(), y.tolist()):
        kept = sum(value != IGNORED for value in target)
        assert target[kept:] == [IGNORED] * (12 - kept)
        assert row[kept:] == [0] * (12 - kept)
        assert target[: kept - 1] == row[1:kept]
        found.append([row[0], *target[:kept]])
    whole = [sequence[:13] for sequence in sequences]
    for row in found:
        while row:
            first = next(sequence for sequence in whole if row[: len(sequence)] == sequence)
            whole.remove(first)
            row = row[len(first) :]
    assert whole == []
    assert len(x) < len(sequences)
    assert torch.equal(packed(sequences, 12, seed=1)[0], x)


def test_what_is_ignored_does_not_count():
    logits = torch.randn(2, 3, 5)
    y = torch.tensor([[1, 4, IGNORED], [0, IGNORED, IGNORED]])
    each = [-logits[0, 0].log_softmax(-1)[1], -logits[0, 1].log_softmax(-1)[4], -logits[1, 0].log_softmax(-1)[0]]
    assert next_symbol_loss(logits, y) == pytest.approx(float(sum(each)) / 3)


def test_loss_is_torchs_cross_entropy_of_every_symbol(tokens):
    logits = torch.randn(3, 20, 11, generator=torch.Generator().manual_seed(2))
    expected = F.cross_entropy(logits.mT, tokens)
    assert torch.allclose(next_symbol_loss(logits, tokens), expected, atol=1e-6)


def test_bits_are_those_of_the_probabilities_but_for_what_is_given(tokens):
    net, sequences, given = model().eval(), tokens.tolist(), [1, 5, 19]
    p = net(tokens).softmax(-1).double().detach()
    each = [[-math.log2(p[b, t - 1, tokens[b, t]]) for t in range(1, 20)] for b in range(3)]
    assert np.allclose(surprisals(net, sequences[0]), each[0], rtol=1e-5)
    counted = [bit for b, n in enumerate(given) for bit in each[b][n - 1 :]]
    assert len(counted) == 19 + 15 + 1
    assert bits_per_symbol(net, sequences, given) == pytest.approx(np.mean(counted), rel=1e-5)
    net.train()
    bits_per_symbol(net, sequences, given)
    assert net.training


def test_a_network_that_knows_nothing_needs_as_many_bits_as_an_ngram_that_read_nothing(tokens):
    net = model()
    torch.nn.init.zeros_(net.head.weight)
    torch.nn.init.zeros_(net.head.bias)
    sequences, given = tokens.tolist(), [3, 3, 3]
    untaught = sum(NGram(2, 11).bits(s, n) for s, n in zip(sequences, given)) / (3 * 17)
    assert bits_per_symbol(net, sequences, given) == pytest.approx(math.log2(11), rel=1e-5) == pytest.approx(untaught)


def test_the_rate_goes_up_for_twenty_steps_and_then_down_to_nothing():
    rates = [decay(step, 1000) for step in range(1001)]
    assert rates[0] == pytest.approx(1 / 20)
    assert max(rates) == pytest.approx(0.981)
    assert rates[500] == 0.5
    assert rates[1000] == 0
