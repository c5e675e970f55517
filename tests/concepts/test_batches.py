"""Batches against torch.optim.SGD, least squares and counting."""

import itertools

import numpy as np
import pytest
import torch

from helpers.concepts.batches import best, draws, fit, gradients, hessian, loss, scatter, steps_per_epoch

RANDOM = np.random.default_rng(3)
X = RANDOM.normal(0.3, 1.0, 200)
Y = 0.8 * X - 0.5 + RANDOM.normal(0, 0.4, 200)


def in_torch(theta, x, y):
    """Loss and gradient by autograd."""
    w = torch.tensor(theta, dtype=torch.float64, requires_grad=True)
    value = torch.nn.functional.mse_loss(w[0] * torch.tensor(x) + w[1], torch.tensor(y)) / 2
    return value.item(), torch.autograd.grad(value, w)[0].numpy()


def test_loss_and_gradients_are_those_of_autograd():
    for theta in RANDOM.normal(size=(5, 2)):
        value, gradient = in_torch(theta, X, Y)
        assert loss(theta, X, Y) == pytest.approx(value, rel=1e-12)
        each = gradients(theta, X, Y)
        np.testing.assert_allclose(each.mean(0), gradient, rtol=1e-10)
        np.testing.assert_allclose(each[17], in_torch(theta, X[17:18], Y[17:18])[1], rtol=1e-10)
    grid = RANDOM.normal(size=(4, 3, 2))
    assert loss(grid, X, Y)[2, 1] == pytest.approx(in_torch(grid[2, 1], X, Y)[0])


def test_the_best_line_is_that_of_least_squares():
    np.testing.assert_allclose(best(X, Y), np.polyfit(X, Y, 1), rtol=1e-10)
    of = torch.func.hessian(lambda w: ((w[0] * torch.tensor(X) + w[1] - torch.tensor(Y)) ** 2).mean() / 2)
    np.testing.assert_allclose(hessian(X), of(torch.zeros(2, dtype=torch.float64)), atol=1e-12)


@pytest.mark.parametrize("batch", [1, 7, 32, 200])
@pytest.mark.parametrize("replacement", [False, True])
def test_a_run_is_that_of_torch_on_the_same_batches_partial_ones_too(batch, replacement):
    run = fit(X, Y, (-1.0, 1.0), 0.05, batch, 60, replacement, seed=5)
    w = torch.tensor([-1.0, 1.0], dtype=torch.float64, requires_grad=True)
    theirs = torch.optim.SGD([w], lr=0.05)
    cost = 0
    for k in range(60):
        np.testing.assert_allclose(run.path[k], w.detach(), rtol=1e-9)
        assert run.cost[k] == cost
        assert run.loss[k] == pytest.approx(in_torch(run.path[k], X, Y)[0])
        w.grad = torch.tensor(in_torch(w.tolist(), X[run.batches[k]], Y[run.batches[k]])[1])
        theirs.step()
        cost += len(run.batches[k])
    assert len(run.path) == len(run.loss) == len(run.cost) == 61


@pytest.mark.parametrize("lr", [0.1, 0.9])
def test_a_batch_of_all_is_the_full_batch_to_the_bit(lr):
    run, theta = fit(X, Y, (-1.0, 1.0), lr, 200, 40), np.array([-1.0, 1.0])
    for place, examples in zip(run.path, run.batches):
        np.testing.assert_array_equal(place, theta)
        assert list(examples) == list(range(200))
        theta = theta - lr * gradients(theta, X, Y).mean(0)
    assert list(run.cost[:3]) == [0, 200, 400]


@pytest.mark.parametrize("batch", [1, 7, 32, 200])
def test_without_replacement_an_epoch_sees_every_example_once(batch):
    steps = steps_per_epoch(200, batch)
    epochs = list(itertools.islice(draws(200, batch, False, 0), 2 * steps))
    for epoch in (epochs[:steps], epochs[steps:]):
        assert sorted(np.concatenate(epoch)) == list(range(200))
        assert {len(b) for b in epoch[:-1]} <= {batch}
    if batch < 200:
        assert not np.array_equal(np.concatenate(epochs[:steps]), np.concatenate(epochs[steps:]))
    assert steps == len(torch.utils.data.DataLoader(list(range(200)), batch_size=batch))


def test_with_replacement_some_come_twice_and_some_not():
    seen = np.concatenate(list(itertools.islice(draws(200, 20, True, 0), 10)))
    assert len(seen) == 200
    assert len(set(seen)) == pytest.approx(200 * (1 - np.exp(-1)), abs=15)


def test_the_seed_decides():
    one, again, other = (list(itertools.islice(draws(50, 5, False, seed), 10)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("replacement", [False, True])
def test_the_noise_of_a_batch_is_one_over_its_size(replacement):
    theta = np.array([-0.5, 0.5])
    each = gradients(theta, X, Y)
    measured = {}
    for batch in (1, 4, 16, 64):
        one_each = (next(draws(200, batch, replacement, seed)) for seed in range(400))
        guesses = np.array([each[b].mean(0) for b in one_each])
        np.testing.assert_allclose(guesses.mean(0), each.mean(0), atol=4 * np.sqrt(np.trace(scatter(each, 1)) / batch / 400))
        measured[batch] = np.trace(np.cov(guesses.T))
        assert measured[batch] == pytest.approx(np.trace(scatter(each, batch, replacement)), rel=0.2)
    for batch in (4, 16):  # 1 / B, as far as the others left over do not matter
        assert measured[batch] * batch == pytest.approx(measured[1], rel=0.2)


def test_a_batch_of_all_has_no_noise():
    np.testing.assert_allclose(scatter(gradients(np.zeros(2), X, Y), 200), 0, atol=1e-15)


def test_too_large_a_rate_diverges_and_says_when():
    most = np.linalg.eigvalsh(hessian(X))[-1]
    run = fit(X, Y, (-1.0, 1.0), 2.5 / most, 200, 200)
    assert 0 < run.diverged < 200
    assert len(run.path) == len(run.loss) == len(run.cost) == run.diverged + 1
    assert np.isfinite(run.loss).all()
    assert fit(X, Y, (-1.0, 1.0), 1.9 / most, 200, 200).diverged is None


def test_a_batch_that_cannot_be_is_refused():
    for batch in (0, 201):
        with pytest.raises(ValueError, match=f"batch of {batch} out of 200.*1 to 200"):
            next(draws(200, batch, False, 0))
