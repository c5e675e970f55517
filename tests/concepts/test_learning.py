"""Losses, gradients and whole runs of training against torch, in float64."""

from itertools import islice

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from helpers.concepts.learning import LOSSES, Recipe, batches, gradient, losses, train
from helpers.concepts.neuron import Net, accuracy
from tests.concepts.test_neuron import NETS, as_torch

RANDOM = np.random.default_rng(5)
X = RANDOM.normal(size=(37, 2))  # 37 is no multiple of a batch: the last one is partial
Y = (X[:, 0] * X[:, 1] > 0).astype(float)
XOR = np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]])
XOR_Y = np.array([0.0, 1, 1, 0])


def torch_loss(model, x, y, out, loss):
    z = model[:-1](torch.as_tensor(x))[:, 0]
    y = torch.as_tensor(y)
    if loss == "cross-entropy":
        return F.binary_cross_entropy_with_logits(z, y)
    if loss == "hinge":
        return F.hinge_embedding_loss((2 * y - 1) * z, -torch.ones_like(z))  # max(0, 1 - x) of its negative examples
    return F.mse_loss(model[-1](z), 2 * y - 1 if out in ("tanh", "identity") else y)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("net", NETS, ids=str)
def test_losses_and_gradients_are_autograds(net, loss):
    theta = 2 * net.initial(1)
    model = as_torch(net, theta)
    wanted = torch_loss(model, X, Y, net.out, loss)
    g = torch.cat([p.flatten() for p in torch.autograd.grad(wanted, list(model.parameters()))])
    z = net.forward(theta, X)[-1][0][:, 0]
    assert losses(z, Y, net.out, loss).mean() == pytest.approx(float(wanted), rel=1e-12)
    np.testing.assert_allclose(gradient(net, theta, X, Y, loss), g.numpy(), rtol=1e-9, atol=1e-13)


def test_a_step_has_no_gradient_for_the_squared_error_to_go_by():
    net = Net((2, 1), out="step")
    assert not gradient(net, net.initial(0), X, Y, "squared").any()


def test_a_cross_entropy_of_huge_numbers_is_finite():
    z = np.array([-1e4, 1e4])
    assert losses(z, np.array([1.0, 1.0]), "sigmoid", "cross-entropy").tolist() == [1e4, 0]


@pytest.mark.parametrize("size", [1, 8, 16, 37, 100])
def test_every_epoch_sees_each_point_once_the_last_batch_too(size):
    per_epoch = -(-37 // size)
    drawn = list(islice(batches(37, size, seed=3), 3 * per_epoch))
    epochs = [drawn[i * per_epoch : (i + 1) * per_epoch] for i in range(3)]
    for epoch in epochs:
        assert sorted(np.concatenate(epoch).tolist()) == list(range(37))
        assert [len(b) for b in epoch] == [size] * (37 // size) + ([37 % size] if 37 % size else [])
    assert not np.array_equal(np.concatenate(epochs[0]), np.concatenate(epochs[1]))


@pytest.mark.parametrize("batch", [8, 37])
@pytest.mark.parametrize("optimiser", ["SGD", "Adam"])
@pytest.mark.parametrize(("net", "loss"), [(Net((2, 1)), "cross-entropy"), (Net((2, 4, 3, 1)), "squared")], ids=str)
def test_a_run_is_torch_optims_to_1e5_with_its_partial_batches_and_a_change_of_rate(net, loss, optimiser, batch):
    recipe = Recipe(loss, optimiser, ((0, 0.05), (60, 0.2)), batch, seed=2)
    run = train(net, net.initial(0), X, Y, recipe, 200)
    model = as_torch(net, net.initial(0))
    optim = getattr(torch.optim, optimiser)(model.parameters(), lr=0.05)
    for t, now in enumerate(islice(batches(37, batch, 2), 200)):
        if t == 60:
            optim.param_groups[0]["lr"] = 0.2  # applied live, without a reset
        optim.zero_grad()
        torch_loss(model, X[now], Y[now], net.out, loss).backward()
        optim.step()
        theta = torch.nn.utils.parameters_to_vector(model.parameters()).detach().numpy()
        np.testing.assert_allclose(run[t + 1], theta, rtol=1e-5, atol=1e-7)
    assert np.abs(run[-1] - run[0]).max() > 0.1


def test_without_bias_no_bias_moves():
    net = Net((2, 3, 1))
    theta = net.initial(0)
    run = train(net, theta, X, Y, Recipe(bias=False, optimiser="Adam"), 30)
    assert np.array_equal(run[:, net.biases()], np.broadcast_to(theta[net.biases()], (31, 4)))
    assert np.abs(run[-1] - run[0])[~net.biases()].min() > 0


def test_no_single_neuron_solves_xor():
    net, random = Net((2, 1)), np.random.default_rng(0)
    thetas = random.normal(size=(500, 3)) * 3
    assert accuracy(net.forward(thetas, XOR)[-1][0][..., 0], XOR_Y).max() <= 0.75
    run = train(net, net.initial(0), XOR, XOR_Y, Recipe(batch=4, rates=((0, 0.5),)), 500)
    assert accuracy(net.forward(run, XOR)[-1][0][..., 0], XOR_Y).max() <= 0.75


def test_four_tanh_units_do():
    net = Net((2, 4, 1))
    points = XOR[RANDOM.integers(0, 4, 80)] * 0.6 + RANDOM.normal(size=(80, 2)) * 0.12
    labels = (points[:, 0] * points[:, 1] < 0).astype(float)
    run = train(net, net.initial(0), points, labels, Recipe(optimiser="Adam", rates=((0, 0.05),)), 300)
    assert accuracy(net.forward(run[-1], points)[-1][0][:, 0], labels) >= 0.95


@pytest.mark.parametrize(("recipe", "way_out"), [
    ({"loss": "absolute"}, "cross-entropy"), ({"optimiser": "RMSProp"}, "Adam"), ({"batch": 0}, "1 or more"),
    ({"rates": ()}, "begin at step 0"), ({"rates": ((3, 0.1),)}, "begin at step 0"), ({"rates": ((0, -0.1),)}, "above 0"),
])  # fmt: skip
def test_what_cannot_train_is_refused(recipe, way_out):
    with pytest.raises(ValueError, match=way_out):
        Recipe(**recipe)


def test_an_unknown_loss_is_refused():
    with pytest.raises(ValueError, match="choose one of cross-entropy"):
        losses(np.zeros(1), np.zeros(1), "sigmoid", "absolute")


def test_a_run_that_diverges_ends_before_it_is_out_of_reach():
    net, far = Net((2, 1), out="identity"), 100 * X
    run = train(net, net.initial(0), far, Y, Recipe("squared", rates=((0, 10.0),)), 100)
    assert 1 <= len(run) < 20
    assert np.abs(run).max() <= 1000
    g = gradient(net, run[-1], far[(last := next(islice(batches(37, 16, 0), len(run) - 1, None)))], Y[last], "squared")
    assert np.abs(run[-1] - 10 * g).max() > 1000
