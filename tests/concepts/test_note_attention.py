"""Attention between notes: by loops, and in cases where one knows what is looked at."""

import pytest
import torch

from helpers.concepts import note_attention as maths
from helpers.concepts.attention import causal_mask

SYMBOLS = [[1, 2], [4], [5, 6, 7], [9]]  # places 0, 3 and 8 belong to no note


def weights(seed=0):
    raw = torch.randn(2, 3, 10, 10, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return raw.masked_fill(~causal_mask(10), -torch.inf).softmax(-1)


def test_between_notes_by_loops():
    W = weights()
    found = maths.between_notes(W, SYMBOLS)
    for i, mine in enumerate(SYMBOLS):
        for j, others in enumerate(SYMBOLS):
            wanted = sum(W[..., mine[0] - 1, place] for place in others)
            torch.testing.assert_close(found[..., i, j], wanted)


def test_a_note_is_chosen_before_it_is_there():
    found = maths.between_notes(weights(), SYMBOLS)
    assert (found.triu() == 0).all()
    assert (found.sum(-1) <= 1 + 1e-12).all()


def test_what_is_no_note_is_left_over():
    W = weights()
    rest = torch.stack([W[..., mine[0] - 1, [0, 3, 8]].sum(-1) for mine in SYMBOLS]).mean(0)
    torch.testing.assert_close(maths.elsewhere(maths.between_notes(W, SYMBOLS)), rest)


def test_a_head_that_looks_one_bar_back():
    onsets = torch.tensor([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    bar = torch.zeros(7, 7)
    for i in range(3, 7):
        bar[i, i - 3] = 0.8
    previous = torch.zeros(7, 7)
    for i in range(1, 7):
        previous[i, i - 1] = 0.5
    both = torch.stack([bar, previous])
    assert maths.ago(both, onsets, 3.0).tolist() == pytest.approx([0.8, 0.0])
    assert maths.beats_back(both, onsets).tolist() == pytest.approx([3.0, 1.0])
    assert maths.ago(both, onsets, 2.5).tolist() == [0, 0]
    assert maths.beats_back(torch.zeros(7, 7), onsets) == 0


@pytest.mark.parametrize("symbols", [[[1], []], [[0, 1]]])
def test_a_note_that_nothing_chooses(symbols):
    with pytest.raises(ValueError, match="from place 1 on"):
        maths.between_notes(weights(), symbols)


def test_the_share_of_the_last_notes_by_loops():
    found = maths.between_notes(torch.rand(2, 3, 12, 12, dtype=torch.float64).tril().softmax(-1), [[k] for k in range(1, 12)])
    for layer in range(2):
        for head in range(3):
            w, shares = found[layer, head], []
            for note in range(4, 11):
                given = sum(w[note, k] for k in range(11))
                shares.append(sum(w[note, k] for k in (note - 1, note - 2, note - 3)) / given)
            torch.testing.assert_close(maths.recent(w), sum(shares) / 7)
    torch.testing.assert_close(maths.recent(found)[1, 2], maths.recent(found[1, 2]))


def test_who_looks_at_the_note_before_looks_at_nothing_else():
    before = torch.eye(8).roll(-1, -1).tril()
    before[torch.arange(1, 8), torch.arange(7)] = 1.0
    assert maths.recent(before) == 1
    far = torch.zeros(8, 8)
    far[5:, 0] = 0.5
    assert maths.recent(far) == 0
    assert maths.recent(torch.zeros(8, 8)) == 0
    even = torch.ones(8, 8).tril(-1)  # k notes before: 3 of k
    assert maths.recent(even).item() == pytest.approx(sum(3 / k for k in range(4, 8)) / 4)
