import pytest
import torch
from torch import nn

from helpers.training.early import EarlyStop


@pytest.mark.parametrize(
    ("losses", "stop", "best"),
    [
        ([3, 2, 1, 2, 2], 5, 3),
        ([1, 1, 1], 3, 1),  # as good is no better
        ([float("nan"), 2, float("nan"), float("nan")], 4, 2),
        ([4, 3, 2, 1], None, 4),
    ],
)
def test_two_epochs_without_a_better_one(losses, stop, best):
    model, early = nn.Linear(1, 1, bias=False), EarlyStop(patience=2)
    for epochs, loss in enumerate(losses, start=1):
        nn.init.constant_(model.weight, epochs)
        if early(model, float(loss), epochs):
            assert epochs == stop
            break
    else:
        assert stop is None
    early.restore(model)
    assert torch.equal(model.weight, torch.full((1, 1), float(best)))
