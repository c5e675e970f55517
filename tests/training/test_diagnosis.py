"""Numbers that stop being numbers: the run ends in time, and the cause it names is the one that was planted."""

import asyncio

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from helpers.train import fit, fit_sync


def data(n=64):
    generator = torch.Generator().manual_seed(3)
    return torch.randn(n, 4, generator=generator), torch.randint(0, 3, (n,), generator=generator)


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))


def stopped_at(history):
    """The step in the note, from 1."""
    assert history.stopped == "not finite"
    (note,) = history.notes
    return int(note.split()[1]), note


def test_input_that_is_not_finite_is_named_by_its_place():
    x, y = data()
    x[37, 2] = float("nan")
    order = torch.randperm(64, generator=torch.Generator().manual_seed(0)).tolist()
    model = network()
    history = fit_sync(model, (x, y), F.cross_entropy, batch=8)
    step, note = stopped_at(history)
    assert step == order.index(37) // 8 + 1
    assert len(history.loss) == step - 1
    assert "the input of training example 37 is not finite" in note
    assert all(parameter.isfinite().all() for parameter in model.parameters())


def test_target_that_is_not_finite():
    x, _ = data()
    y = x.clone()
    y[5] = float("inf")
    _, note = stopped_at(fit_sync(nn.Linear(4, 4), (x, y), F.mse_loss, batch=64))
    assert "the target of training example 5 is not finite" in note


@pytest.mark.parametrize("rate", [1e3, 1e6, 1e30])
@pytest.mark.parametrize("run", [fit_sync, lambda *a, **k: asyncio.run(fit(*a, **k))])
def test_learning_rate_too_large(rate, run, capsys):
    model = network()
    loss = F.mse_loss
    x, _ = data()
    history = run(model, (x, x[:, :3]), loss, epochs=200, lr=rate, optimizer=torch.optim.SGD, schedule=None)
    _, note = stopped_at(history)
    assert f"the learning rate, {rate:g} at its highest, is too large" in note
    assert "try a tenth" in note
    assert note in capsys.readouterr().out
    assert all(parameter.isfinite().all() for parameter in model.parameters())


def test_log_of_zero_in_the_loss():
    def loss(y_hat, y):
        return -torch.log(torch.relu(y_hat).gather(1, y[:, None])).mean()

    _, note = stopped_at(fit_sync(network(), data(), loss))
    assert "the loss itself" in note
    assert "log of 0" in note


def test_root_at_zero_has_a_finite_loss_but_no_gradient():
    def loss(y_hat, y):
        return (y_hat * 0).norm(dim=1).mean() + torch.sqrt(y_hat * 0).mean() + F.cross_entropy(y_hat, y)

    model = network()
    before = model[0].weight.clone()
    step, note = stopped_at(fit_sync(model, data(), loss))
    assert step == 1
    assert "a finite loss" in note
    assert "no finite gradient" in note
    assert "sqrt" in note
    assert torch.equal(model[0].weight, before)


def test_overflow_inside_the_model():
    class Steep(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(4, 3)

        def forward(self, x):
            return torch.exp(self.layer(x) * 1e3)

    _, note = stopped_at(fit_sync(Steep(), data(), F.cross_entropy))
    assert "inside the model overflow" in note


def test_weights_spoiled_before():
    model = network()
    with torch.no_grad():
        model[0].weight[0, 0] = float("nan")
    _, note = stopped_at(fit_sync(model, data(), F.cross_entropy))
    assert "the weights were not finite to begin with" in note
