"""Recorded weights and their principal plane, against numpy's singular value decomposition and torch's optimiser."""

import copy

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from helpers.concepts.landscape import weights
from helpers.concepts.trajectory import Snapshots, principal, principal_plane


def trained(every=1, most=100, steps=30, norm=True):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8) if norm else nn.Identity(), nn.ReLU(), nn.Linear(8, 3))
    x, y = torch.randn(40, 5), torch.randint(0, 3, (40,))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.05)
    snapshots = Snapshots(model, every, most)
    optimizer.register_step_post_hook(snapshots)
    by_hand = [copy.deepcopy(model)]
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        by_hand.append(copy.deepcopy(model))
    return model.eval(), snapshots, by_hand, (x, y)


@pytest.mark.parametrize("every", [1, 4])
def test_snapshots_are_the_weights_after_each_so_many_steps(every):
    model, snapshots, by_hand, _ = trained(every)
    assert snapshots.taken == list(range(0, 31, every))
    found = snapshots.weights()
    assert found.shape == (len(snapshots.taken), len(weights(model)))
    for row, step in zip(found, snapshots.taken, strict=True):
        assert torch.equal(row, weights(by_hand[step]))


def test_there_are_never_more_than_asked_for_and_they_stay_evenly_spaced():
    _, snapshots, by_hand, _ = trained(most=8)
    assert len(snapshots.states) <= 8
    assert snapshots.taken == [0, 4, 8, 12, 16, 20, 24, 28]
    assert torch.equal(snapshots.weights()[3], weights(by_hand[12]))


def test_true_losses_are_those_of_the_network_as_it_was_with_its_own_statistics():
    _, snapshots, by_hand, (x, y) = trained(every=5)
    with torch.no_grad():
        right = [float(F.cross_entropy(by_hand[step].eval()(x), y)) for step in snapshots.taken]
    np.testing.assert_allclose(snapshots.losses((x, y)), right, rtol=1e-6)


def test_recording_does_not_touch_the_network():
    model, snapshots, *_ = trained()
    before = copy.deepcopy(model.state_dict())
    snapshots.losses((torch.randn(4, 5), torch.zeros(4, dtype=torch.long)))
    snapshots.states[-1]["0.weight"] += 1
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


@pytest.mark.parametrize(("every", "most"), [(0, 100), (1, 3)])
def test_no_snapshot_at_all_is_refused(every, most):
    with pytest.raises(ValueError, match=f"every={every}, most={most}"):
        Snapshots(nn.Linear(1, 1), every, most)


def test_the_principal_directions_are_those_of_the_singular_value_decomposition():
    points = torch.randn(12, 50, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    end = points[-1].clone()
    directions, explained = principal(points, end)
    _, sizes, rows = np.linalg.svd((points - end).numpy(), full_matrices=False)
    for found, right in zip(directions.numpy(), rows[:2], strict=True):
        assert abs(found @ right) == pytest.approx(1, abs=1e-10)
    np.testing.assert_allclose(explained[:11], (sizes**2 / (sizes**2).sum())[:11], atol=1e-12)
    assert explained.sum() == pytest.approx(1)
    assert (np.diff(explained) <= 1e-12).all()
    gram = directions @ directions.T
    np.testing.assert_allclose(gram, np.eye(2), atol=1e-10)
    assert (directions @ (points[0] - end) >= 0).all()


def test_the_way_of_a_real_training_ends_at_the_centre_of_its_plane():
    model, snapshots, *_ = trained(norm=False)
    plane, explained = principal_plane(snapshots.weights(), weights(model))
    path, off = plane.coordinates(snapshots.weights())
    np.testing.assert_allclose(path[-1], 0, atol=1e-5)
    away = (snapshots.weights() - weights(model)).double().norm(dim=1).numpy()
    np.testing.assert_allclose(np.hypot(*path.T) ** 2 + off**2, away**2, rtol=1e-4, atol=1e-8)  # Pythagoras
    np.testing.assert_allclose((path**2).sum(0) / (away**2).sum(), explained[:2], rtol=1e-4)
    assert off.max() > 1e-3  # a real way does not lie in a plane


def test_a_way_along_a_line_spans_no_plane():
    end = torch.zeros(6)
    with pytest.raises(ValueError, match="3 snapshots on one line span no plane; take more"):
        principal(torch.tensor([[2.0], [1.0], [0.0]]) * torch.ones(6), end)
    with pytest.raises(ValueError, match="1 snapshots"):
        principal(torch.ones(1, 6), end)
