"""The confusion matrix against counting one by one."""

import pytest
import torch
from scipy import stats

from helpers.concepts.confusion import accuracy, by_luck, confusion, precision, recall


@pytest.mark.parametrize("seed", range(10))
def test_counts_and_shares_are_those_counted_by_hand(seed):
    random = torch.Generator().manual_seed(seed)
    classes = 2 + seed
    truth = torch.randint(classes - 1, (300,), generator=random)  # the last class never occurs
    guess = torch.randint(1, classes, (300,), generator=random)  # the first is never named
    slow = [[0] * classes for _ in range(classes)]
    for t, g in zip(truth.tolist(), guess.tolist()):
        slow[t][g] += 1
    counts = confusion(truth, guess, classes)
    assert counts.tolist() == slow
    for k in range(classes):
        of_class, called = truth == k, guess == k
        right = (of_class & called).sum() / max(1, int(of_class.sum()))
        assert float(recall(counts)[k]) == pytest.approx(float(right))
        assert float(precision(counts)[k]) == pytest.approx(float((of_class & called).sum() / max(1, int(called.sum()))))
    assert accuracy(counts) == pytest.approx(float((truth == guess).double().mean()))


def test_rows_are_the_truth():
    counts = confusion(torch.tensor([2, 2, 0]), torch.tensor([1, 1, 0]), 3)
    assert counts.tolist() == [[1, 0, 0], [0, 0, 0], [0, 2, 0]]
    assert recall(counts).tolist() == [1, 0, 0]
    assert precision(counts).tolist() == [1, 0, 0]


def test_luck_is_the_binomial_test():
    for right in range(9):
        assert by_luck(right, 8) == pytest.approx(stats.binomtest(right, 8, alternative="greater").pvalue)
