"""Cross-entropies against torch.nn.functional and autograd in float64, against limits, and where they break."""

import math

import pytest
import torch
import torch.nn.functional as F

from helpers.concepts import cross_entropy as ce

CLOSE = {"rtol": 0, "atol": 1e-9}


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return 3 * torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def slope_of(value: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    return torch.autograd.grad(value.sum(), x)[0]


def test_sigmoid_is_torchs_and_overflows_nowhere():
    z = torch.cat([normal(100), torch.tensor([-1e4, -800.0, 0.0, 800.0, 1e4], dtype=torch.float64)])
    assert torch.allclose(ce.sigmoid(z), torch.sigmoid(z), rtol=1e-12, atol=0)


def test_bce_of_probabilities_is_torchs_in_both_forms():
    p, y = torch.sigmoid(normal(50)).requires_grad_(), torch.rand(50, generator=torch.Generator().manual_seed(1)).double()
    expected = F.binary_cross_entropy(p, y, reduction="none")
    assert torch.allclose(ce.bce(p, y), expected, **CLOSE)
    assert torch.allclose(ce.bce_slope(p, y), slope_of(expected, p), rtol=1e-9)
    hard = (y > 0.5).double()
    assert torch.allclose(ce.log_loss(p, hard), ce.bce(p, hard), **CLOSE)


def test_bce_with_logits_is_torchs():
    z, y = normal(50).requires_grad_(), torch.rand(50, generator=torch.Generator().manual_seed(1)).double()
    expected = F.binary_cross_entropy_with_logits(z, y, reduction="none")
    assert torch.allclose(ce.bce_with_logits(z, y), expected, **CLOSE)
    assert torch.allclose(ce.bce_with_logits_slope(z, y), slope_of(expected, z), **CLOSE)
    assert torch.allclose(ce.bce_with_logits(z, y), ce.bce(ce.sigmoid(z), y), **CLOSE)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("z", "y"), [(1e4, 0.0), (1e4, 1.0), (-1e4, 0.0), (-1e4, 1.0)])
def test_from_logits_it_is_finite_where_the_written_form_is_not(z, y, dtype):
    z, y = torch.tensor(z, dtype=dtype), torch.tensor(y, dtype=dtype)
    wrong = float((z > 0) != (y > 0))
    assert float(ce.bce_with_logits(z, y)) == 1e4 * wrong
    assert abs(float(ce.bce_with_logits_slope(z, y))) == wrong
    naive = ce.bce(torch.sigmoid(z), y)
    assert torch.isinf(naive) if wrong else torch.isnan(naive)
    assert torch.isnan(ce.naive_slope(z, y))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_saturation_is_where_torchs_sigmoid_rounds(dtype):
    zero, one = ce.saturation(dtype)
    for z, end in ((zero, 0), (one, 1)):
        beyond, before = torch.tensor([z * (1 + 1e-6), z * (1 - 1e-4)], dtype=dtype)
        assert torch.sigmoid(beyond) == 1 / (1 + torch.exp(-beyond)) == end
        assert torch.sigmoid(before) != end
        assert 1 / (1 + torch.exp(-before)) != end


@pytest.mark.parametrize("y", [0.0, 0.3, 1.0])
def test_the_naive_slope_is_what_autograd_computes_and_dies_at_saturation(y):
    zero, one = ce.saturation(torch.float32)
    z = torch.linspace(-95, 25, 3001).requires_grad_()
    p = torch.sigmoid(z)
    theirs = slope_of(ce.bce(p, torch.tensor(y)), z)
    ours = ce.naive_slope(z, torch.tensor(y))
    dead = (z > one * (1 + 1e-6)) | (z < zero * (1 + 1e-6))
    assert torch.isnan(ours[dead]).all()
    assert torch.isnan(theirs[dead]).all()
    assert torch.isfinite(ours[~dead]).all()
    assert torch.allclose(ours[~dead], theirs[~dead], rtol=1e-4, atol=1e-5)
    right = ce.bce_with_logits_slope(z.detach().double(), torch.tensor(y).double())
    exact = (z.abs() < 5).detach()
    assert torch.allclose(ours[exact].double(), right[exact], atol=1e-4)


def test_torchs_own_bce_holds_the_logarithm_at_100_and_its_gradient_dies():
    z = torch.tensor(20.0, requires_grad=True)  # wrong, and very sure: float32's sigmoid is 1
    loss = F.binary_cross_entropy(torch.sigmoid(z), torch.tensor(0.0))
    assert loss.item() == 100
    assert float(slope_of(loss, z)) == 0
    assert float(ce.bce_with_logits_slope(z, torch.tensor(0.0))) == 1


@pytest.mark.parametrize("temperature", [0.1, 1.0, 7.0])
def test_softmax_is_torchs(temperature):
    z = torch.cat([normal(20, 5), torch.tensor([[1e4, 0, -1e4, 1e4, 3]], dtype=torch.float64)])
    assert torch.allclose(ce.softmax(z, temperature), F.softmax(z / temperature, -1), rtol=1e-9)
    assert torch.allclose(ce.log_softmax(z, temperature), F.log_softmax(z / temperature, -1), rtol=1e-9)


def test_softmax_adds_up_to_1_and_hears_only_differences():
    z = normal(20, 6)
    assert torch.allclose(ce.softmax(z).sum(-1), torch.ones(20).double(), **CLOSE)
    assert torch.allclose(ce.softmax(z + 123.4), ce.softmax(z), **CLOSE)
    assert (ce.softmax(z).argsort() == z.argsort()).all()


def test_softmax_of_two_is_the_sigmoid_of_the_difference():
    z = normal(30, 2)
    assert torch.allclose(ce.softmax(z)[:, 0], ce.sigmoid(z[:, 0] - z[:, 1]), **CLOSE)


def test_temperature_limits():
    z = normal(8)
    assert torch.allclose(ce.softmax(z, 1e-3), F.one_hot(z.argmax(), 8).double(), atol=1e-9)
    assert torch.allclose(ce.softmax(z, 1e9), torch.full((8,), 1 / 8).double(), atol=1e-7)
    tied = torch.tensor([2.0, 2.0, 0.0])
    assert torch.allclose(ce.softmax(tied, 1e-3), torch.tensor([0.5, 0.5, 0.0]))


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.6])
def test_cross_entropy_and_its_slope_are_torchs(smoothing):
    z, target = normal(30, 7).requires_grad_(), torch.arange(30) % 7
    expected = F.cross_entropy(z, target, reduction="none", label_smoothing=smoothing)
    y = ce.smoothed(target, 7, smoothing)
    assert torch.allclose(ce.cross_entropy(z, y), expected, **CLOSE)
    assert torch.allclose(ce.cross_entropy_slope(z, y), slope_of(expected, z), **CLOSE)


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_class_weights_are_torchs(smoothing):
    z, target = normal(30, 7).requires_grad_(), torch.arange(30) % 7
    weights = torch.linspace(0.2, 4, 7, dtype=torch.float64)
    expected = F.cross_entropy(z, target, weights, reduction="none", label_smoothing=smoothing)
    y = weights * ce.smoothed(target, 7, smoothing)
    assert torch.allclose(ce.cross_entropy(z, y), expected, **CLOSE)
    assert torch.allclose(ce.cross_entropy_slope(z, y), slope_of(expected, z), **CLOSE)


@pytest.mark.parametrize("temperature", [0.2, 3.0])
def test_the_slope_at_a_temperature_is_autograds(temperature):
    z, y = normal(4, 5).requires_grad_(), F.softmax(normal(4, 5, seed=1), -1)
    expected = F.cross_entropy(z / temperature, y, reduction="none")
    assert torch.allclose(ce.cross_entropy(z, y, temperature), expected, **CLOSE)
    assert torch.allclose(ce.cross_entropy_slope(z, y, temperature), slope_of(expected, z), **CLOSE)


def test_negative_log_likelihood_is_torchs_and_the_one_hot_cross_entropy():
    z, target = normal(30, 7), torch.arange(30) % 7
    p = F.softmax(z, -1)
    ours = ce.negative_log_likelihood(p, target)
    assert torch.allclose(ours, F.nll_loss(p.log(), target, reduction="none"), **CLOSE)
    assert torch.allclose(ours, ce.cross_entropy(z, ce.smoothed(target, 7)), **CLOSE)


@pytest.mark.parametrize("classes", [2, 3, 11, 88])
def test_knowing_nothing_costs_the_log_of_the_number_of_classes(classes):
    z, y = torch.zeros(classes, dtype=torch.float64), ce.smoothed(torch.tensor(1), classes)
    assert float(ce.cross_entropy(z, y)) == pytest.approx(math.log(classes), abs=1e-12)


def test_two_classes_are_the_binary_case():
    z = normal(30)
    both, y = torch.stack([torch.zeros_like(z), z], -1), (torch.arange(30) % 2)
    assert torch.allclose(ce.cross_entropy(both, ce.smoothed(y, 2)), ce.bce_with_logits(z, y.double()), **CLOSE)


def test_bad_input_is_explained():
    for temperature in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match=rf"temperature is {temperature}.*above 0"):
            ce.softmax(torch.ones(3), temperature)
    for smoothing in (-0.1, 1.0):
        with pytest.raises(ValueError, match=rf"smoothing is {smoothing}"):
            ce.smoothed(torch.tensor(1), 3, smoothing)
