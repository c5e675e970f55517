import itertools
import math

import pytest
import torch

from helpers.concepts.naive_bayes import bits, count, log_joint, log_likelihood, posterior, sample

X = torch.tensor([[0, 1], [0, 2], [1, 1], [2, 0], [2, 0]])
Y = torch.tensor([0, 0, 0, 1, 1])


def test_tables_are_counted_with_one_more_of_each():
    model = count(X, Y, 2, 3)
    assert model.prior.tolist() == pytest.approx([4 / 7, 3 / 7])
    assert model.table[0, 0].tolist() == pytest.approx([3 / 6, 2 / 6, 1 / 6])
    assert model.table[1, 1].tolist() == pytest.approx([3 / 5, 1 / 5, 1 / 5])


def test_joint_is_the_product_of_prior_and_tables():
    model = count(X, Y, 2, 3)
    for x, c in itertools.product(itertools.product(range(3), repeat=2), range(2)):
        p = float(model.prior[c]) * math.prod(float(model.table[c, i, level]) for i, level in enumerate(x))
        assert float(log_joint(torch.tensor([x]), model)[0, c]) == pytest.approx(math.log(p))


def test_all_that_can_be_adds_up_to_one():
    everything = torch.tensor(list(itertools.product(range(3), repeat=2)))
    assert float(log_likelihood(everything, count(X, Y, 2, 3)).exp().sum()) == pytest.approx(1)
    assert torch.allclose(posterior(everything, count(X, Y, 2, 3)).sum(1), torch.ones(9).double())


def test_eight_examples_that_are_equally_likely_need_three_bits():
    model = count(torch.zeros(0, 3, dtype=torch.long), torch.zeros(0, dtype=torch.long), 1, 2)
    assert bits(torch.tensor([[0, 1, 0], [1, 1, 1]]), model).tolist() == pytest.approx([3, 3])


def test_features_of_a_class_are_drawn_independently_though_they_were_not():
    together = torch.randint(0, 2, (500, 1)).repeat(1, 2)  # two features that always agree
    model = count(together, torch.zeros(500, dtype=torch.long), 1, 2)
    x, _ = sample(model, 20_000)
    assert float((x[:, 0] == x[:, 1]).double().mean()) == pytest.approx(0.5, abs=0.02)


def test_samples_follow_the_tables():
    model = count(X, Y, 2, 3)
    x, y = sample(model, 50_000)
    assert torch.allclose(y.bincount() / 50_000, model.prior.float(), atol=0.01)
    assert torch.allclose(x[y == 0, 0].bincount(minlength=3) / (y == 0).sum(), model.table[0, 0].float(), atol=0.01)


def test_a_class_that_was_never_seen_is_possible():
    model = count(X, Y, 3, 3)
    assert float(model.prior[2]) == pytest.approx(1 / 8)
    assert model.table[2, 0].tolist() == pytest.approx([1 / 3] * 3)


def test_what_is_out_of_range_is_said():
    with pytest.raises(ValueError, match="level of 0 to 2; they are 0 to 1"):
        count(X, Y, 2, 2)
    with pytest.raises(ValueError, match="above 0"):
        count(X, Y, 2, 3, smoothing=0)
