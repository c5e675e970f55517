"""The VAE of pictures: its loss is the negative ELBO, setting its axes changes no picture, its bits are a bound."""

import math

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from helpers.models.vae import VAE


def pictures(count: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(count, 24, 32, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def vae():
    torch.manual_seed(0)
    model = VAE(3, channels=2, hidden=8, spread=0.2, beta=2.0)
    with torch.no_grad():  # untrained nets hardly look at what they get
        for layer in (model.encoder[-1], model.decoder[0]):
            layer.weight.mul_(30)
            layer.bias.normal_()
    return model.eval()


def test_settings_make_it_again_and_narrow_is_kept(vae):
    again = VAE(**vae.settings)
    again.load_state_dict(vae.state_dict())
    assert torch.equal(again.sample(3, seed=1), vae.sample(3, seed=1))
    assert sum(p.numel() for p in VAE(16, 8, 64).parameters()) * 4 <= 300_000


def test_the_loss_is_reconstruction_and_beta_times_kl_as_torch_counts_them(vae):
    x = pictures(5)
    decoded, mean, log_variance = vae(x)
    log_p = Normal(decoded, 0.2).log_prob(x).sum((1, 2))
    kl = kl_divergence(Normal(mean, (log_variance / 2).exp()), Normal(0.0, 1.0)).sum(1)
    assert float(vae.loss((decoded, mean, log_variance), x)) == pytest.approx(float((2 * kl - log_p).mean()), rel=1e-5)


def test_it_decodes_a_draw_while_it_learns_and_the_mean_afterwards(vae):
    x = pictures(4)
    assert torch.equal(vae(x)[0], vae.decode(vae.encode(x)[0]))
    vae.train()
    torch.manual_seed(3)
    decoded, mean, log_variance = vae(x)
    torch.manual_seed(3)
    z = mean + (log_variance / 2).exp() * torch.randn(4, 3)
    assert torch.allclose(decoded, vae.decode(z), atol=1e-6)
    assert not torch.allclose(decoded, vae.decode(mean), atol=1e-3)


def test_no_posterior_is_narrower_than_it_may_be():
    torch.manual_seed(0)
    wide = VAE(2, channels=2, hidden=8, narrow=-1.0)
    with torch.no_grad():
        wide.encoder[-1].bias[2:] = -20.0
    assert torch.allclose(wide.encode(pictures(6))[1], torch.tensor(-1.0), atol=1e-4)


def test_setting_the_axes_changes_no_picture_and_leaves_the_least_kl(vae):
    x = pictures(40)
    mean, log_variance = vae.encode(x)
    before, codes = vae.decode(mean), mean.detach().clone()
    deviation = (log_variance / 2).exp()
    vae.standardise(x)
    mean, log_variance = vae.encode(x)
    assert torch.allclose(vae.decode(mean), before, atol=1e-5)
    assert torch.allclose(
        (log_variance / 2).exp() / deviation, ((mean[1] - mean[0]) / (codes[1] - codes[0]))[None].abs(), rtol=1e-3
    )
    assert torch.allclose(mean.mean(0), torch.zeros(3), atol=1e-5)
    assert torch.allclose(mean.square().mean(0) + log_variance.exp().mean(0), torch.ones(3), atol=1e-4)
    least = float(vae.loss(vae(x), x))
    for scale in (0.9, 1.1):  # the oracle: any other scale of the axes costs more
        stretched = kl_divergence(Normal(scale * mean, scale * (log_variance / 2).exp()), Normal(0.0, 1.0)).sum(1).mean()
        same = kl_divergence(Normal(mean, (log_variance / 2).exp()), Normal(0.0, 1.0)).sum(1).mean()
        assert stretched > same
    assert math.isfinite(least)


def test_samples_are_decoded_draws_of_the_prior(vae):
    z = torch.randn(5, 3, generator=torch.Generator().manual_seed(7))
    assert torch.allclose(vae.sample(5, seed=7), vae.decode(z))
    assert torch.allclose(vae.sample(5, seed=7, spread=0.5), vae.decode(z / 2))
    assert not torch.equal(vae.sample(5, seed=8), vae.sample(5, seed=7))


def test_bits_are_those_of_the_levels_where_the_code_says_nothing(vae):
    # a decoder that does not look at its code and a posterior that is the prior: the bound is exact, whatever is drawn
    with torch.no_grad():
        vae.decoder[0].weight.zero_()
        vae.encoder[-1].weight.zero_()
        vae.encoder[-1].bias.zero_()
    x = pictures(3)
    level = (x * 31).round()
    middle = Normal(vae.decode(torch.zeros(3, 3)).double(), 0.2)
    low = torch.where(level > 0, middle.cdf((level.double() - 0.5) / 31), 0.0)
    high = torch.where(level < 31, middle.cdf((level.double() + 0.5) / 31), 1.0)
    exact = -(high - low).log2().mean()
    assert vae.bits_per_cell(x, draws=3) == pytest.approx(float(exact), rel=1e-4)


def test_more_draws_come_nearer_to_the_truth(vae):
    few, many = (sum(vae.bits_per_cell(pictures(6), draws, seed) for seed in range(5)) for draws in (1, 30))
    assert many < few
