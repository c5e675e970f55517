import math

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from helpers.concepts.latent import (
    collapsed,
    kl_to_prior,
    lerp,
    level_nats,
    log_evidence,
    log_ratio,
    negative_elbo,
    reconstruction,
    reparametrise,
    slerp,
    steepness,
)


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_kl_against_torch_and_zero_at_the_prior():
    mean, log_variance = random(7, 3), random(7, 3, seed=1)
    theirs = kl_divergence(Normal(mean, (log_variance / 2).exp()), Normal(0.0, 1.0))
    assert torch.allclose(kl_to_prior(mean, log_variance), theirs, atol=1e-12)
    assert not kl_to_prior(torch.zeros(2, 2), torch.zeros(2, 2)).any()


def test_kl_by_drawing():
    mean, log_variance = torch.tensor([[0.7, -1.2]]).double(), torch.tensor([[-1.0, 0.5]]).double()
    z = reparametrise(mean.expand(400_000, 2), log_variance.expand(400_000, 2), random(400_000, 2))
    drawn = Normal(mean, (log_variance / 2).exp()).log_prob(z) - Normal(0.0, 1.0).log_prob(z)
    assert torch.allclose(drawn.mean(0), kl_to_prior(mean, log_variance)[0], atol=0.01)


def test_draws_have_mean_and_variance_and_pass_gradients():
    mean, log_variance = torch.tensor([[2.0]], requires_grad=True), torch.tensor([[math.log(9.0)]], requires_grad=True)
    noise = random(100_000, 1).float()
    z = reparametrise(mean.expand(100_000, 1), log_variance.expand(100_000, 1), noise)
    assert float(z.mean()) == pytest.approx(2, abs=0.05)
    assert float(z.std()) == pytest.approx(3, abs=0.05)
    z.sum().backward()
    assert float(mean.grad) == pytest.approx(100_000)
    assert float(log_variance.grad) == pytest.approx(float((1.5 * noise).sum()), rel=1e-4)


def test_reconstruction_is_the_density_of_a_normal():
    x, y = random(4, 3, 5), random(4, 3, 5, seed=1)
    assert torch.allclose(reconstruction(x, y, 0.3), -Normal(y, 0.3).log_prob(x).sum((1, 2)), atol=1e-10)


def test_the_bound_is_exact_where_the_posterior_is_and_above_elsewhere():
    # x = a z + noise of spread s, with a straight decoder: p(x) and p(z | x) are Gaussians that can be written down
    a, s, x = 1.7, 0.5, torch.tensor([[0.9]]).double()
    evidence = -Normal(0.0, math.sqrt(a * a + s * s)).log_prob(x)[0, 0]
    variance = 1 / (1 + a * a / s**2)
    exact_mean = variance * a * x / s**2

    def bound(mean, variance):
        code = mean.expand(400_000, 1), torch.full((400_000, 1), math.log(variance)).double()
        z = reparametrise(*code, random(400_000, 1))
        return float(negative_elbo(x.expand(400_000, 1), a * z, *code, s).mean())

    assert bound(exact_mean, variance) == pytest.approx(float(evidence), abs=0.01)
    assert bound(exact_mean + 0.3, variance) > evidence + 0.05
    assert bound(exact_mean, 3 * variance) > evidence + 0.05


def test_beta_weighs_the_kl_alone():
    x, y, mean, log_variance = random(2, 4), random(2, 4, seed=1), random(2, 3, seed=2), random(2, 3, seed=3)
    one, four = (negative_elbo(x, y, mean, log_variance, 0.2, beta) for beta in (1.0, 4.0))
    assert torch.allclose(four - one, 3 * kl_to_prior(mean, log_variance).sum(1))


def test_a_dimension_that_says_nothing_is_told():
    mean = torch.stack([random(100), 0.01 * random(100, seed=1)], 1)
    log_variance = torch.stack([torch.full((100,), -2.0), torch.full((100,), 0.001)], 1).double()
    assert collapsed(mean, log_variance).tolist() == [False, True]


@pytest.mark.parametrize("way", [lerp, slerp])
def test_ends_are_exact(way):
    a, b = random(16), random(16, seed=1)
    codes = way(a, b, 7)
    assert codes.shape == (7, 16)
    assert torch.equal(codes[0], a)
    assert torch.equal(codes[-1], b)
    with pytest.raises(ValueError, match="two ends"):
        way(a, b, 1)


def test_lerp_goes_straight_and_slerp_keeps_the_norm_in_equal_angles():
    a, b = torch.tensor([3.0, 0.0]).double(), torch.tensor([0.0, 3.0]).double()
    assert torch.allclose(lerp(a, b, 3)[1], torch.tensor([1.5, 1.5]).double())
    codes = slerp(a, b, 10)
    assert torch.allclose(codes.norm(dim=1), torch.full((10,), 3.0).double(), atol=1e-12)
    angles = torch.atan2(codes[:, 1], codes[:, 0])
    assert torch.allclose(angles.diff(), torch.full((9,), math.pi / 18).double(), atol=1e-9)


def test_slerp_where_there_is_no_arc():
    a = random(4)
    for b in (2 * a, -a, torch.zeros(4).double()):
        assert torch.allclose(slerp(a, b, 5), lerp(a, b, 5))


def test_the_ratio_of_prior_and_posterior_is_that_of_two_normals():
    mean, log_variance, z = random(5, 3), random(5, 3, seed=1), random(5, 3, seed=2)
    theirs = Normal(0.0, 1.0).log_prob(z) - Normal(mean, (log_variance / 2).exp()).log_prob(z)
    assert torch.allclose(log_ratio(z, mean, log_variance), theirs.sum(1), atol=1e-12)


def test_the_evidence_comes_nearer_with_more_draws():
    # x = a z + noise: p(x) is known; the posterior that is drawn from is a wrong one
    a, s, x = 1.7, 0.5, 0.9
    evidence = float(Normal(0.0, math.sqrt(a * a + s * s)).log_prob(torch.tensor(x).double()))
    mean, log_variance = torch.full((3000, 1), 0.7).double(), torch.full((3000, 1), -1.0).double()

    def bound(draws):
        weights = []
        for k in range(draws):
            z = reparametrise(mean, log_variance, random(3000, 1, seed=k))
            weights.append(Normal(a * z, s).log_prob(torch.tensor(x).double())[:, 0] + log_ratio(z, mean, log_variance))
        return float(log_evidence(torch.stack(weights)).mean())

    one, few, many = bound(1), bound(5), bound(200)
    assert one < few < many <= evidence + 0.005
    assert many == pytest.approx(evidence, abs=0.01)
    elbo = -negative_elbo(torch.tensor([[x]]).double().expand(3000, 1), a * reparametrise(mean, log_variance, random(3000, 1)),
                          mean, log_variance, s).mean()  # fmt: skip
    assert one == pytest.approx(float(elbo), abs=0.05)  # with one draw it is the ELBO


def test_the_probabilities_of_all_levels_add_up_to_one_and_are_shares_of_a_normal():
    decoded = torch.tensor([0.0, 0.31, 0.99]).double()[:, None].expand(3, 8)
    index = torch.arange(8).expand(3, 8)
    p = torch.stack([(-level_nats(index[:, k : k + 1], decoded[:, :1], 0.13, 8)).exp() for k in range(8)], 1)
    assert torch.allclose(p.sum(1), torch.ones(3).double(), atol=1e-12)
    share = Normal(0.31, 0.13).cdf(torch.tensor(2.5 / 7).double()) - Normal(0.31, 0.13).cdf(torch.tensor(1.5 / 7).double())
    assert float(p[1, 2]) == pytest.approx(float(share), rel=1e-6)


def test_levels_far_off_are_told_apart_without_infinities():
    far = level_nats(torch.tensor([[31], [0]]), torch.tensor([[0.0], [1.0]]).double(), 0.02, 32)
    assert torch.isfinite(far).all()
    assert float(far[0]) == pytest.approx(float(far[1]))
    assert float(far[0]) > 1000


def test_steepness_is_what_a_step_in_a_direction_of_chance_changes():
    weights = random(2, 12)

    def decode(z):
        return torch.tanh(z @ weights).reshape(-1, 3, 4)

    z, axes, h = random(5, 2, seed=1), torch.tensor([[0.8, -0.6], [0.6, 0.8]]).double(), 1e-6
    angles = torch.arange(360).double() * math.pi / 180
    ways = torch.stack([angles.cos(), angles.sin()], 1)
    slopes = torch.stack([(decode(z + h * way) - decode(z - h * way)) / (2 * h) for way in ways])
    wanted = slopes.square().mean((0, 2, 3)).sqrt()
    assert torch.allclose(steepness(decode, z, axes), wanted, rtol=1e-6)
    assert torch.allclose(steepness(lambda z: z, z, axes), torch.tensor(0.5).sqrt().double())
