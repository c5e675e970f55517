"""Schedules and optimisers against torch.optim."""

import functools

import pytest
import torch
from torch import nn

from helpers.training.pace import Pace, constant, cosine, one_cycle, optimizer_for, schedule_named


def rates_of_torch(make, steps):
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler = make(optimizer)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 10, 17, 204])
def test_one_cycle_is_that_of_torch(steps):
    expected = rates_of_torch(lambda o: torch.optim.lr_scheduler.OneCycleLR(o, 0.1, total_steps=steps, cycle_momentum=False), steps)
    assert [0.1 * one_cycle(step, steps) for step in range(steps)] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("steps", [1, 2, 9, 204])
def test_cosine_is_that_of_torch(steps):
    expected = rates_of_torch(lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, steps), steps)
    assert [0.1 * cosine(step, steps) for step in range(steps)] == pytest.approx(expected, rel=1e-6)


def test_pace_keeps_the_groups_apart_and_gives_them_back():
    groups = [{"params": [nn.Parameter(torch.zeros(1))], "lr": rate} for rate in (1.0, 0.1)]
    pace = Pace(torch.optim.SGD(groups), cosine, 4)
    assert pace.set(2) == pytest.approx(0.5)
    assert [group["lr"] for group in pace.optimizer.param_groups] == pytest.approx([0.5, 0.05])
    pace.set(3)
    pace.reset()
    assert [group["lr"] for group in pace.optimizer.param_groups] == [1.0, 0.1]


def test_schedules_by_name():
    assert schedule_named(None) is constant
    assert schedule_named("one-cycle") is one_cycle
    assert schedule_named(max) is max
    with pytest.raises(ValueError, match="'onecycle' is unknown; it can be 'one-cycle', 'cosine', None"):
        schedule_named("onecycle")


def test_optimizers():
    model = nn.Linear(2, 2)
    assert isinstance(optimizer_for(model, None, 0.1, None), torch.optim.AdamW)
    assert optimizer_for(model, None, 0.1, 0.3).defaults["weight_decay"] == 0.3
    momentum = optimizer_for(model, functools.partial(torch.optim.SGD, momentum=0.9), 0.1, None)
    assert (momentum.defaults["momentum"], momentum.defaults["lr"]) == (0.9, 0.1)
    assert optimizer_for(model, momentum, 0.5, None) is momentum


def test_optimizer_of_another_model():
    stranger = torch.optim.SGD(nn.Linear(2, 2).parameters(), lr=0.1)
    with pytest.raises(ValueError, match="was made for another model"):
        optimizer_for(nn.Linear(2, 2), stranger, 0.1, None)
