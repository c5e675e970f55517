"""Mistakes in what `fit` is given, each answered in words."""

import functools

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from helpers.train import fit_sync
from helpers.training.inputs import check_data

X, Y = torch.randn(20, 4), torch.arange(20) % 3


def train(model=None, data=(X, Y), loss=F.cross_entropy, **options):
    return fit_sync(model or nn.Linear(4, 3), data, loss, **{"epochs": 1, **options})


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ((X, Y[:7]), "train has 20 inputs but 7 targets"),
        ((X[:0], Y[:0]), "train holds no examples: x is 0×4, y is 0"),
        ((X, Y.float()), r"labels of train are torch.float32; cross entropy wants class numbers .*y\.long\(\)"),
        ((X, Y.int()), r"labels of train are torch.int32; cross entropy wants int64. Use y\.long\(\)"),
        ((X, Y + 1), "labels run from 1 to 3 but the model has 3 outputs, for the classes 0 to 2. Give it 4 outputs"),
        ((X, Y - 1), "labels run from -1 to 1 but the model has 3 outputs"),
        ((X[:, :2], Y), r"cannot take a batch of shape 2×2 and type torch.float32: mat1 and mat2"),
        ((X.double(), Y), "cannot take a batch of shape 2×4 and type torch.float64"),
        (
            (X, Y[:, None]),
            r"the model's output is 2×3 and the labels 2×1; cross entropy wants outputs \(batch, classes",
        ),
    ],
)
def test_data_that_do_not_go_together(data, words):
    with pytest.raises(ValueError, match=words):
        train(data=data)


def test_labels_out_of_range_only_in_the_validation_data():
    with pytest.raises(ValueError, match="labels run from 0 to 5 but the model has 3 outputs"):
        train(valid=(X, torch.arange(20) % 6))


@pytest.mark.parametrize("loss", [F.cross_entropy, nn.CrossEntropyLoss(), functools.partial(F.cross_entropy, ignore_index=-1)])
def test_labels_that_are_left_out_on_purpose(loss):
    """torch ignores one label; -100 unless told otherwise."""
    ignored = -1 if isinstance(loss, functools.partial) else -100
    labels = Y.clone()
    labels[3] = ignored
    assert train(data=(X, labels), loss=loss).stopped == "finished"


def test_probabilities_as_labels():
    assert train(data=(X, F.one_hot(Y, 3).float())).stopped == "finished"


@pytest.mark.parametrize(
    "data",
    [X, (X,), (X.numpy(), Y.numpy()), [X.tolist(), Y.tolist()], (X, Y, Y)],
    ids=["tensor", "1", "numpy", "lists", "3"],
)
def test_data_that_are_no_pair_of_tensors(data):
    with pytest.raises(TypeError, match=r"train is a .*; it must be a pair \(x, y\) of tensors"):
        check_data("train", data, F.cross_entropy)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"batch": 0}, "batch is 0; it must be a whole number, at least 1"),
        ({"epochs": 0}, "epochs is 0"),
        ({"lr": 0.0}, "lr is 0.0; a learning rate is greater than 0"),
        ({"patience": 3}, "patience=3 needs validation data"),
        ({"patience": 0, "valid": (X, Y)}, "patience is 0"),
        ({"schedule": "linear"}, "schedule 'linear' is unknown"),
        ({"device": "tpu"}, "'tpu' is not on this machine"),
    ],
)
def test_settings_no_training_can_have(options, words):
    with pytest.raises(ValueError, match=words):
        train(**options)


@pytest.mark.parametrize("loss", [F.mse_loss, nn.L1Loss(), functools.partial(F.huber_loss, delta=2.0)])
def test_a_column_against_a_row_is_not_stretched(loss):
    with pytest.raises(ValueError, match="output is 2×1 and the target 2; for this loss they must be alike"):
        train(nn.Linear(4, 1), (X, X[:, 0]), loss)


def test_a_loss_for_each_example():
    with pytest.raises(ValueError, match="the loss returns a tensor of shape 2; it must return one number"):
        train(loss=functools.partial(F.cross_entropy, reduction="none"))


def test_a_loss_without_the_model():
    with pytest.raises(ValueError, match="the loss does not depend on the model"):
        train(loss=lambda y_hat, y: F.cross_entropy(y_hat.detach(), y))


def test_outputs_that_are_no_rows():
    with pytest.raises(ValueError, match="the model makes a tensor of shape 1×3 of 2 inputs"):
        train(nn.Sequential(nn.Linear(4, 3), nn.Flatten(0), nn.Unflatten(0, (-1, 6)), nn.Linear(6, 3)))


def test_nothing_to_train():
    with pytest.raises(ValueError, match="no parameters that can be trained"):
        train(nn.Linear(4, 3).requires_grad_(False))


def test_nothing_is_left_changed_after_a_refusal():
    model = nn.Linear(4, 3)
    before = model.weight.clone()
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    with pytest.raises(ValueError):
        train(model, (X, Y + 1))
    assert torch.equal(model.weight, before)
    assert torch.equal(torch.rand(1), expected)
