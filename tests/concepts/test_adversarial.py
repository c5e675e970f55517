"""The losses of the game against torch's own, its optimum against a search, the penalty against autograd and closed forms."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.spatial.distance import jensenshannon

from helpers.concepts.adversarial import (
    KINDS,
    discriminator_loss,
    generator_loss,
    gradient_penalty,
    jensen_shannon,
    kind,
    optimal,
    pull,
    value,
)

every = pytest.mark.parametrize("name", KINDS)


def scores(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    drawn = 2 * torch.randn(2, 40, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return drawn[0], drawn[1]


def torchs(name: str, real: torch.Tensor, fake: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Both losses, from probabilities and torch's own losses."""
    p, q = torch.sigmoid(real), torch.sigmoid(fake)
    ones, zeros = torch.ones_like(p), torch.zeros_like(p)
    bce = F.binary_cross_entropy(p, ones) + F.binary_cross_entropy(q, zeros)
    return {
        "minimax": (bce, -F.binary_cross_entropy(q, zeros)),
        "non-saturating": (bce, F.binary_cross_entropy(q, ones)),
        "least squares": (F.mse_loss(real, ones) / 2 + F.mse_loss(fake, zeros) / 2, F.mse_loss(fake, ones) / 2),
        "WGAN-GP": (fake.mean() - real.mean(), -fake.mean()),
        "hinge": (F.hinge_embedding_loss(real, -ones, margin=1) + F.hinge_embedding_loss(-fake, -ones, margin=1), -fake.mean()),
    }[name]


@every
def test_losses_are_torchs(name):
    real, fake = scores()
    d, g = torchs(name, real, fake)
    assert discriminator_loss(name, real, fake).item() == pytest.approx(d.item(), rel=1e-10)
    assert generator_loss(name, fake).item() == pytest.approx(g.item(), rel=1e-10)


@every
def test_a_score_of_a_thousand_costs_no_infinity(name):
    far = torch.tensor([-1000.0, 1000.0], requires_grad=True)
    total = discriminator_loss(name, far, far) + generator_loss(name, far)
    (slope,) = torch.autograd.grad(total, far)
    assert torch.isfinite(total)
    assert torch.isfinite(slope).all()


@every
def test_where_real_and_fake_are_alike_d_ends_at_its_even_score(name):
    alike = torch.full((5,), kind(name).even, dtype=torch.float64, requires_grad=True)
    loss = discriminator_loss(name, alike, alike)
    assert loss.item() == pytest.approx(kind(name).d, abs=1e-12)
    assert generator_loss(name, alike).item() == pytest.approx(kind(name).g, abs=1e-12)
    (slope,) = torch.autograd.grad(loss, alike)
    assert slope.abs().max() < 1e-12
    for moved in (-0.5, 0.5):  # and no other constant is better
        other = (alike + moved).detach()
        assert discriminator_loss(name, other, other) >= loss - 1e-12


def test_at_half_the_losses_are_those_of_the_paper():
    half = torch.zeros(3)
    assert discriminator_loss("minimax", half, half).item() == pytest.approx(math.log(4))
    assert generator_loss("non-saturating", half).item() == pytest.approx(math.log(2))
    assert value(half, half).item() == pytest.approx(-math.log(4))


def test_minimax_and_non_saturating_pull_the_same_way_but_not_as_hard():
    s = torch.linspace(-12, 12, 25, dtype=torch.float64, requires_grad=True)
    minimax, other = (torch.autograd.grad(generator_loss(name, s), s)[0] for name in ("minimax", "non-saturating"))
    sure = torch.sigmoid(s).detach()
    torch.testing.assert_close(minimax / other, sure / (1 - sure))
    assert minimax[0].abs() < 1e-4 * other[0].abs()  # where D is sure that a fake is fake


def test_the_value_is_what_d_climbs():
    real, fake = scores(1)
    assert value(real, fake).item() == pytest.approx(-discriminator_loss("minimax", real, fake).item(), rel=1e-12)


def test_the_optimum_is_the_best_of_all_answers():
    random = torch.Generator().manual_seed(0)
    p, q = torch.rand(2, 50, generator=random, dtype=torch.float64)
    D = torch.linspace(0.0005, 0.9995, 1000, dtype=torch.float64)
    best = D[(p[:, None] * D.log() + q[:, None] * (1 - D).log()).argmax(1)]
    assert (optimal(p, q) - best).abs().max() < 1e-3


def test_the_optimum_is_one_half_where_densities_are_the_same():
    p = torch.rand(100, generator=torch.Generator().manual_seed(1))
    assert torch.equal(optimal(p, p), torch.full_like(p, 0.5))
    assert optimal(torch.zeros(2), torch.zeros(2)).tolist() == [0.5, 0.5]
    with pytest.raises(ValueError, match="never below 0"):
        optimal(torch.tensor([-0.1]), torch.tensor([0.2]))


def test_the_value_at_the_optimum_is_the_jensen_shannon_divergence():
    random = np.random.default_rng(0)
    for p, q in [*random.dirichlet(np.ones(7), (5, 2)), (np.eye(3)[0], np.eye(3)[1])]:
        a, b = torch.from_numpy(p), torch.from_numpy(q)
        assert jensen_shannon(a, b) == pytest.approx(jensenshannon(p, q) ** 2, abs=1e-12)
        D = optimal(a, b)
        V = torch.special.xlogy(a, D).sum() + torch.special.xlogy(b, 1 - D).sum()
        assert V.item() == pytest.approx(2 * jensen_shannon(a, b) - math.log(4), abs=1e-12)
    with pytest.raises(ValueError, match=r"q sums to 1\.5"):
        jensen_shannon(a, 1.5 * b)


def test_the_divergence_of_single_precision_is_a_number_where_both_are_0():
    p, q = torch.tensor([0.25, 0.75, 0.0, 0.0]), torch.tensor([0.5, 0.0, 0.5, 0.0])
    assert jensen_shannon(p, q) == pytest.approx(jensenshannon(p.numpy(), q.numpy()) ** 2, abs=1e-7)
    assert jensen_shannon(p, p) == 0


def net(w: torch.Tensor):
    """A score with curvature: v · tanh(W x)."""
    return lambda x: torch.tanh(x @ w[:6].view(2, 3)) @ w[6:]


def test_the_penalty_of_a_plane_is_known():
    w = torch.tensor([3.0, 4.0], dtype=torch.float64, requires_grad=True)
    real, fake = torch.randn(2, 8, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    penalty = gradient_penalty(lambda x: x @ w, real, fake, torch.rand(8, dtype=torch.float64))
    assert penalty.item() == pytest.approx((5 - 1) ** 2)
    (slope,) = torch.autograd.grad(penalty, w)
    torch.testing.assert_close(slope, 2 * (5 - 1) * w.detach() / 5)


def test_the_penalty_looks_between_the_pairs():
    """Of |x|² / 2 the slope at x is x itself."""
    real, fake = torch.randn(2, 6, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    mix = torch.rand(6, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    between = mix[:, None] * real + (1 - mix[:, None]) * fake
    right = ((between.norm(dim=1) - 1) ** 2).mean()
    torch.testing.assert_close(gradient_penalty(lambda x: (x**2).sum(1) / 2, real, fake, mix), right)
    pictures = gradient_penalty(lambda x: (x**2).flatten(1).sum(1) / 2, real.view(6, 1, 3), fake.view(6, 1, 3), mix)
    torch.testing.assert_close(pictures, right)
    with pytest.raises(ValueError, match="pair by pair"):
        gradient_penalty(lambda x: x.sum(1), real, fake[:4], mix)


def test_the_penalty_can_be_trained_through():
    random = torch.Generator().manual_seed(3)
    w = torch.randn(9, generator=random, dtype=torch.float64, requires_grad=True)
    real, fake = torch.randn(2, 5, 2, generator=random, dtype=torch.float64)
    mix = torch.rand(5, generator=random, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda w: gradient_penalty(net(w), real, fake, mix), w)


@every
def test_a_fake_is_pulled_where_the_generators_loss_falls(name):
    """Against finite differences: each fake is moved a little, one coordinate at a time."""
    random = torch.Generator().manual_seed(4)
    score = net(torch.randn(9, generator=random, dtype=torch.float64))
    fake, h = torch.randn(4, 2, generator=random, dtype=torch.float64), 1e-6
    found = pull(name, score, fake)
    for i in range(4):
        for k in range(2):
            to = torch.zeros_like(fake)
            to[i, k] = h
            rise = (generator_loss(name, score(fake + to)) - generator_loss(name, score(fake - to))) / (2 * h)
            assert found[i, k].item() == pytest.approx(-rise.item(), abs=1e-8)


def test_an_unknown_loss_is_named():
    with pytest.raises(ValueError, match="no loss 'BCE'; choose one of minimax, non-saturating"):
        generator_loss("BCE", torch.zeros(2))
