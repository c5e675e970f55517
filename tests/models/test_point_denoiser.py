"""The smallest denoiser: what it is told, what its loss is, and that it comes near the exact noise."""

import pytest
import torch

from helpers.concepts import diffusion
from helpers.concepts.mixture_noise import MixtureNoise
from helpers.models.point_denoiser import PointDenoiser, loss

LEFT = diffusion.schedule("cosine", 100)


def test_time_and_class_matter_and_no_class_means_any():
    torch.manual_seed(0)
    net, x = PointDenoiser(100), torch.randn(5, 2)
    t = torch.tensor([1, 20, 50, 99, 100])
    assert net(x, t).shape == (5, 2)
    assert torch.equal(net(x, t), net(x, t, torch.full((5,), 2)))
    assert not torch.allclose(net(x, t), net(x, t, torch.zeros(5, dtype=int)))
    assert not torch.allclose(net(x, t), net(x, t.flip(0)))
    again = PointDenoiser(**net.settings)
    again.load_state_dict(net.state_dict())
    assert torch.equal(again(x, t), net(x, t))


@pytest.mark.parametrize("kind", diffusion.KINDS)
def test_the_loss_of_the_best_answer_is_least(kind):
    """A network that knew x_0 would have none; one that says 0 has the mean square of what it should say."""

    class Says(PointDenoiser):
        def forward(self, x, t, given=None):
            return torch.zeros_like(x)

    x0 = torch.randn(20_000, 2, generator=torch.Generator().manual_seed(1))
    value = loss(Says(100), x0, torch.zeros(20_000, dtype=int), LEFT, kind, torch.Generator().manual_seed(2))
    assert float(value) == pytest.approx(1.0, abs=0.03)  # data of variance 1: so are ε, x₀ and v


@pytest.mark.parametrize("kind", diffusion.KINDS)
def test_it_learns_the_noise_of_one_gaussian(kind):
    """Data of spread 0.5 around (1, −1): the exact noise is a straight line in x."""
    torch.manual_seed(0)
    net, random = PointDenoiser(100), torch.Generator().manual_seed(0)
    optimizer = torch.optim.Adam(net.parameters(), 5e-3)
    for _ in range(250):
        x0 = torch.tensor([1.0, -1.0]) + 0.5 * torch.randn(256, 2, generator=random)
        optimizer.zero_grad()
        loss(net, x0, torch.zeros(256, dtype=int), LEFT, kind, random).backward()
        optimizer.step()
    exact = MixtureNoise(torch.ones(1), torch.tensor([[1.0, -1.0]]), torch.tensor([0.25]), LEFT)
    x, t = torch.tensor([[0.5, -0.5], [1.0, 0.0], [0.0, 0.0]]), torch.full((3,), 50)
    with torch.no_grad():
        torch.testing.assert_close(diffusion.predicts(net, kind, LEFT)(x, t), exact(x, t), atol=0.2, rtol=0)
