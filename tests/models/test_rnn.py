"""Small recurrent models: what each of them may see, and attention against Bahdanau's formula written out."""

import pytest
import torch

from helpers.models.rnn import Reader, Seq2Seq, Teller, dictation


def symbols(*shape, high=9, seed=0):
    return torch.randint(1, high, shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("cell", ["RNN", "LSTM", "GRU"])
def test_a_reader_says_something_after_each_symbol_or_at_the_end(cell):
    x = symbols(3, 7)
    assert Reader(9, 4, 8, cell)(x).shape == (3, 7, 4)
    assert Reader(9, 4, 8, cell, at_end=True)(x).shape == (3, 4)


def test_what_a_reader_says_depends_on_the_past_only_unless_it_reads_both_ways():
    x, later = symbols(1, 8), symbols(1, 8)
    later[0, 5:] = 9 - later[0, 5:]
    torch.manual_seed(0)
    forward, both = Reader(9, 4, 8), Reader(9, 4, 8, both=True, layers=2)
    torch.testing.assert_close(forward(x)[:, :5], forward(later)[:, :5])
    assert not torch.allclose(forward(x)[:, 5:], forward(later)[:, 5:])
    assert not torch.allclose(both(x)[:, :5], both(later)[:, :5])


def test_a_teller_is_asked_once_and_then_reads_what_it_said():
    torch.manual_seed(0)
    model = Teller(3, 6, 16)
    said = model.tell(torch.tensor([0, 1, 2, 0]), 12, torch.Generator().manual_seed(4))
    assert said.shape == (4, 12)
    assert said.max() < 6
    again = model.tell(torch.tensor([0, 1, 2, 0]), 12, torch.Generator().manual_seed(4))
    assert torch.equal(said, again)
    x = torch.cat([torch.tensor([[0], [1]]), symbols(2, 5, high=6)], 1)
    assert model(x).shape == (2, 6, 6)
    other = torch.cat([torch.tensor([[2], [1]]), x[:, 1:]], 1)
    assert not torch.allclose(model(x)[0], model(other)[0])
    torch.testing.assert_close(model(x)[1], model(other)[1])


def test_a_tellers_words_follow_its_probabilities():
    torch.manual_seed(1)
    model = Teller(1, 3, 8)
    first = model.tell(torch.zeros(4000, dtype=torch.long), 1, torch.Generator().manual_seed(0))[:, 0]
    wanted = model(torch.zeros(1, 1, dtype=torch.long))[0, 0].softmax(-1)
    torch.testing.assert_close(torch.bincount(first, minlength=3) / 4000, wanted.detach(), atol=0.03, rtol=0)


def padded(*rows):
    return torch.stack([torch.cat([torch.zeros(6 - len(row), dtype=torch.long), torch.tensor(row)]) for row in rows])


@pytest.mark.parametrize("attention", [False, True])
def test_what_is_written_at_once_and_step_by_step_is_the_same(attention):
    torch.manual_seed(2)
    model, x = Seq2Seq(9, 6, 8, attention), padded([3, 1, 4, 1, 5], [2, 7])
    written, looks = model.reply(x, 5)
    before = torch.cat([torch.zeros(2, 1, dtype=torch.long), written[:, :-1]], 1)
    logits, seen = model.write(x, before)
    assert torch.equal(logits.argmax(-1), written)
    torch.testing.assert_close(seen, looks)
    torch.testing.assert_close(model(torch.cat([x, before], 1)), logits)


def test_attention_is_bahdanaus():
    torch.manual_seed(3)
    model, x = Seq2Seq(9, 6, 8, attention=True), padded([3, 1, 4, 1, 5], [2, 7])
    states, padding, s = model.encode(x)
    _, look = model.reply(x, 1)
    v, W, U = model.score.weight[0], model.query, model.key
    for row in range(2):
        scores = torch.stack([v @ torch.tanh(W(s[row]) + U(states[row, j])) for j in range(6)])
        torch.testing.assert_close(look[row, 0], scores.masked_fill(padding[row], float("-inf")).softmax(0).detach())
    assert not look[:, 0][padding].any()
    torch.testing.assert_close(look.sum(-1), torch.ones(2, 1))


def test_without_attention_it_looks_at_the_last_state_only():
    torch.manual_seed(3)
    _, look = Seq2Seq(9, 6, 8).reply(padded([3, 1, 4], [2, 7]), 4)
    assert (look[:, :, -1] == 1).all()
    assert not look[:, :, :-1].any()


def test_in_a_dictation_each_symbol_comes_after_those_before_it():
    call, reply = torch.tensor([[0, 3, 4], [5, 6, 7]]), torch.tensor([[4, 3, 9, 0], [7, 6, 5, 9]])
    x, y = dictation(call, reply)
    assert x.tolist() == [[0, 3, 4, 0, 4, 3, 0], [5, 6, 7, 0, 7, 6, 5]]
    assert y.tolist() == [[4, 3, 9, -100], [7, 6, 5, 9]]
