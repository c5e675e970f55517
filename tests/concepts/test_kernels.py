"""What excites a unit, and what it sees: against brute force, and against changing each cell of the input."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from helpers.concepts.kernels import feature_map, peak_frequency, receptive_fields, responses, spectra, top

RATE = 16_000


class Residual(nn.Module):
    """A block with a way around it, as in a ResNet, between a strided convolution and another one."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 4, 3, stride=2, padding=1)
        self.norm, self.relu = nn.BatchNorm2d(4), nn.ReLU(inplace=True)
        self.second = nn.Conv2d(4, 4, 3, padding=1)
        self.around = nn.Conv2d(4, 4, 1)
        self.last = nn.Conv2d(4, 6, 3, stride=2)
        self.head = nn.Linear(6, 11)

    def forward(self, x):
        y = self.relu(self.norm(self.first(x)))
        y = self.relu(self.second(y) + self.around(y))
        return self.head(self.last(y).amax((2, 3)))


def plain_net() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.Dropout(0.5),
        nn.Conv2d(4, 6, (5, 3), stride=2, padding=2, dilation=(1, 2)), nn.ReLU6(), nn.MaxPool2d(3, 2, padding=1),
        nn.Conv2d(6, 5, 2), nn.Tanh(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, 11),
    )  # fmt: skip


def made(build) -> nn.Module:
    torch.manual_seed(0)
    return build().double().eval()


def convolutions(model: nn.Module) -> list[nn.Conv2d]:
    return [module for module in model.modules() if isinstance(module, nn.Conv2d)]


def heard(model: nn.Module, layer: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """The layer's output, caught without the code under test."""
    caught = []
    handle = layer.register_forward_hook(lambda module, given, y: caught.append(y.detach().clone()))
    with torch.no_grad():
        model(x)
    handle.remove()
    return caught[0]


@pytest.mark.parametrize("build", [plain_net, Residual])
def test_strongest_responses_and_their_places(build):
    model, x = made(build), torch.randn(200, 1, 16, 16, generator=torch.Generator().manual_seed(1)).double()
    for layer in convolutions(model):
        y = heard(model, layer, x)
        most, where = responses(model, layer, x, batch=64)
        assert torch.equal(most, y.amax((2, 3)))
        assert torch.equal(y[torch.arange(200)[:, None], torch.arange(y.shape[1]), where[..., 0], where[..., 1]], most)


def test_top_is_a_sort_by_hand_and_order_of_the_notes_does_not_matter():
    most = torch.randn(200, 8, generator=torch.Generator().manual_seed(2))
    shuffled = torch.randperm(200, generator=torch.Generator().manual_seed(3))
    for unit, strongest in itertools.product(range(8), (True, False)):
        values = most[:, unit].tolist()
        by_hand = sorted(range(200), key=lambda i: -values[i] if strongest else values[i])[:9]
        assert top(most, unit, 9, most=strongest).tolist() == by_hand
        again = top(most[shuffled], unit, 9, most=strongest)
        assert shuffled[again].tolist() == by_hand


def test_of_equals_the_earlier_comes_first():
    most = torch.tensor([1.0, 3.0, 3.0, 2.0, 3.0])[:, None]
    assert top(most, 0, 4).tolist() == [1, 2, 4, 3]
    assert top(-most, 0, 4, most=False).tolist() == [1, 2, 4, 3]


def test_a_planted_kernel_is_found_first():
    pattern = (2 * torch.eye(5) - 1)[None, None]
    x = 0.1 * torch.randn(50, 1, 20, 20, generator=torch.Generator().manual_seed(4))
    x[37, 0, 8:13, 3:8] += pattern[0, 0]
    model = nn.Sequential(nn.Conv2d(1, 3, 5, bias=False))
    with torch.no_grad():
        model[0].weight[1] = pattern[0]
    most, where = responses(model, model[0], x)
    assert top(most, 1, 9)[0] == 37
    assert where[37, 1].tolist() == [8, 3]
    assert receptive_fields(model, model[0], (1, 20, 20), [(8, 3)]) == [(8, 3, 5, 5)]


@pytest.mark.parametrize(("build", "size"), [(plain_net, (18, 21)), (Residual, (17, 20))])
def test_a_cell_changes_an_activation_where_its_box_says_so(build, size):
    """The impulse test, forwards: each cell of the input is changed, and every activation looked at."""
    model = made(build)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter.abs() + 0.01)  # nothing cancels, nothing is cut off below 0
    x = torch.rand(1, 1, *size, generator=torch.Generator().manual_seed(5)).double() * 1e-3
    bumped = x.repeat(size[0] * size[1], 1, 1, 1)
    for i, (row, column) in enumerate(itertools.product(*map(range, size))):
        bumped[i, 0, row, column] += 1e-2  # more than any other cell: max-pooling lets it through
    for layer in convolutions(model):
        changed = (heard(model, layer, bumped) - heard(model, layer, x)).abs().amax(1) > 1e-12
        places = list(itertools.product(*map(range, changed.shape[1:])))
        for (row, column), box in zip(places, receptive_fields(model, layer, (1, *size), places)):
            felt = changed[:, row, column].reshape(size).nonzero()
            top_left, end = felt.min(0).values, felt.max(0).values + 1
            assert box == (*top_left.tolist(), *(end - top_left).tolist())


def test_feature_map_is_the_layers_output_before_anything_changes_it_in_place():
    model, x = made(Residual), torch.randn(1, 16, 16, generator=torch.Generator().manual_seed(6)).double()
    y = heard(model, model.second, x[None])
    assert (y < 0).any()
    for unit in range(4):
        assert torch.equal(feature_map(model, model.second, x, unit), y[0, unit])


@pytest.mark.parametrize("build", [plain_net, Residual])
def test_the_model_is_left_as_it_was(build):
    model = made(build).train()
    convolutions(model)[0].weight.requires_grad_(False)
    frozen = next(module for module in model.modules() if isinstance(module, nn.BatchNorm2d)).eval()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    modes = [module.training for module in model.modules()]
    wants = [parameter.requires_grad for parameter in model.parameters()]
    hooks = [len(module._forward_hooks) for module in model.modules()]
    random = torch.get_rng_state()
    x, layer = (
        torch.randn(20, 1, 16, 16, dtype=torch.float64, generator=torch.Generator().manual_seed(7)),
        convolutions(model)[1],
    )
    responses(model, layer, x)
    feature_map(model, layer, x[0], 0)
    receptive_fields(model, layer, (1, 16, 16), [(0, 0)])
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert [module.training for module in model.modules()] == modes
    assert not frozen.training
    assert [parameter.requires_grad for parameter in model.parameters()] == wants
    assert [len(module._forward_hooks) for module in model.modules()] == hooks
    assert all(parameter.grad is None for parameter in model.parameters())
    assert torch.equal(torch.get_rng_state(), random)


def test_a_model_that_fails_is_left_as_it_was():
    model = made(plain_net).train()
    with pytest.raises(RuntimeError):
        responses(model, model[0], torch.zeros(2, 3, 16, 16, dtype=torch.float64))
    assert all(module.training for module in model.modules())
    assert not model[0]._forward_hooks


@pytest.mark.parametrize("taps", [8, 33, 512])
def test_spectra_are_the_fourier_transforms_magnitudes(taps):
    kernels = torch.randn(16, taps, generator=torch.Generator().manual_seed(8))
    expected = np.abs(np.fft.rfft(kernels.double().numpy(), axis=1))
    np.testing.assert_allclose(spectra(kernels).numpy(), expected, rtol=1e-4, atol=1e-4)
    found = peak_frequency(kernels, RATE)
    np.testing.assert_allclose(found.numpy(), np.fft.rfftfreq(taps, 1 / RATE)[expected.argmax(1)], rtol=1e-6)


def test_a_sine_peaks_at_its_own_frequency():
    hertz = torch.tensor([125.0, 1000.0, 3000.0])
    kernels = torch.sin(2 * torch.pi * hertz[:, None] * torch.arange(512) / RATE)
    assert peak_frequency(kernels, RATE).tolist() == hertz.tolist()
