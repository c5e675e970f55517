"""Measures of a model against cases whose answers are known."""

import math

import pytest
import torch

from helpers.concepts.comparison import apportion, distances, measure, moved


def test_distances_are_root_mean_squares_to_the_nearest():
    learned = torch.tensor([[[0.0, 0.0]], [[1.0, 0.5]]])
    fake = torch.tensor([[[0.0, 0.2]], [[1.0, 0.5]], [[0.4, 0.0]]])
    expected = [60 * math.sqrt(0.02), 0, 60 * math.sqrt(0.08)]
    torch.testing.assert_close(distances(fake, learned, 60.0), torch.tensor(expected).double())


def test_a_plagiarist_has_a_perfect_distance_and_nothing_but_copies():
    real = torch.randn(200, 5, generator=torch.Generator().manual_seed(0))
    away = distances(real, real)
    found = measure(real, real.clone(), away, torch.full((40,), 4.0), near=2.0)
    assert found.distance == pytest.approx(0, abs=1e-9)
    assert (found.coverage, found.nearest, found.copying, found.copies) == (1, 0, 0, 1)


def test_new_samples_of_the_same_kind_are_no_copies_and_the_ratio_is_of_medians():
    away, new = torch.tensor([1.0, 3.0, 8.0]).repeat(100), torch.tensor([2.0, 4.0, 6.0])
    real, fake = (torch.randn(300, 2, generator=torch.Generator().manual_seed(seed)) for seed in (0, 1))
    found = measure(real, fake, away, new, near=2.0)
    assert (found.nearest, found.copying) == (3, 0.75)
    assert found.copies == pytest.approx(1 / 3)
    assert found.coverage > 0.9
    assert found.distance < 0.05


def test_a_model_that_repeats_its_best_sample_covers_next_to_nothing():
    real = torch.randn(300, 2, generator=torch.Generator().manual_seed(0))
    fake = real[:1].expand(300, 2)
    found = measure(real, fake, torch.ones(300), torch.ones(9), near=0.5)
    assert found.coverage < 0.1
    assert found.distance > 1  # both variances, about 1 each, are missing
    assert found.copies == 0


def test_new_samples_that_were_learned_from_are_refused():
    with pytest.raises(ValueError, match="they are not new"):
        measure(torch.randn(9, 2), torch.randn(9, 2), torch.ones(9), torch.zeros(9), 1.0)


@pytest.mark.parametrize(
    ("shares", "total", "expected"), [((1, 1, 4), 10, [2, 2, 6]), ((1, 1, 1), 4, [2, 1, 1]), ((0, 5), 3, [0, 3])]
)
def test_seats_are_given_by_largest_remainders(shares, total, expected):
    assert apportion(torch.tensor(shares), total).tolist() == expected


def test_whatever_the_shares_the_seats_add_up_and_are_off_by_less_than_one():
    draw = torch.Generator().manual_seed(0)
    for total in (1, 24, 420):
        shares = torch.randint(0, 200, (11,), generator=draw)
        found = apportion(shares, total)
        assert int(found.sum()) == total
        assert ((found - shares.double() * total / shares.sum()).abs() < 1).all()


def test_what_is_moved_is_the_largest_difference_of_any_group_of_kinds():
    """Total variation, by its other definition: over all sets of kinds, the most that their shares differ."""
    truth, found = torch.tensor([5, 1, 3, 1]), torch.tensor([2, 2, 2, 4])
    best = max(abs(sum((truth[k] - found[k]).item() for k in range(4) if group >> k & 1)) / 10 for group in range(16))
    assert moved(truth, found) == pytest.approx(best)
    assert moved(truth, 7 * truth) == 0
