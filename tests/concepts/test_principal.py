"""The plane of the principal components, against the covariance's eigenvectors and all other planes."""

import pytest
import torch

from helpers.concepts.principal import components, overlap, project
from helpers.models.autoencoder import Autoencoder


@pytest.fixture(scope="module")
def x():
    random = torch.Generator().manual_seed(0)
    return torch.randn(200, 12, generator=random, dtype=torch.float64) * torch.arange(12, 0, -1) + 3


def test_components_are_the_covariances_first_eigenvectors(x):
    mean, found = components(x, 4)
    values, vectors = torch.linalg.eigh(torch.cov(x.T))
    assert torch.allclose(mean, x.mean(0))
    assert torch.allclose((found @ vectors.flip(1)[:, :4]).abs(), torch.eye(4, dtype=torch.float64), atol=1e-9)
    lost = (x - project(x, mean, found)).square().sum() / (len(x) - 1)
    assert float(lost) == pytest.approx(float(values[:-4].sum()))


def test_no_other_plane_lies_nearer(x):
    mean, found = components(x, 4)
    best = (x - project(x, mean, found)).square().sum()
    for seed in range(20):
        turned = found + 0.05 * torch.randn(found.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        assert (x - project(x, mean, torch.linalg.qr(turned.T).Q.T)).square().sum() > best


def test_overlap_of_planes():
    e = torch.eye(4, dtype=torch.float64)
    assert torch.allclose(overlap(e[:2], torch.stack([e[0] + e[1], e[0] - 2 * e[1]])), torch.ones(2, dtype=torch.float64))
    tilted = torch.stack([e[0], 0.6 * e[1] + 0.8 * e[2]])
    assert torch.allclose(overlap(e[:2], tilted), torch.tensor([1, 0.6], dtype=torch.float64))


def test_a_linear_autoencoder_finds_the_plane_of_the_principal_components():
    """Trained to the end, on pictures that spread along three directions and a little along all."""
    random = torch.Generator().manual_seed(0)
    axes = torch.linalg.qr(torch.randn(768, 3, generator=random, dtype=torch.float64)).Q.T
    codes = torch.randn(60, 3, generator=random, dtype=torch.float64) * torch.tensor([3.0, 2.5, 2.0])
    pictures = codes @ axes + 0.02 * torch.randn(60, 768, generator=random, dtype=torch.float64) + 0.5
    pictures = pictures.unflatten(1, (24, 32))
    torch.manual_seed(0)
    model = Autoencoder(3, linear=True).double().centre(pictures)
    optimizer = torch.optim.SGD(model.parameters(), lr=3e-4)
    for _ in range(250):
        loss = (model(pictures) - pictures).square().sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    flat = pictures.flatten(1)
    mean, directions = components(flat, 3)
    best = (project(flat, mean, directions) - flat).square().sum()
    assert best.item() <= loss.item() < 1.01 * best.item()
    assert overlap(model.decoder[0].weight.T.detach(), directions).min() > 0.9999


def test_bad_input(x):
    with pytest.raises(ValueError, match="13 components of 200 examples with 12"):
        components(x, 13)
