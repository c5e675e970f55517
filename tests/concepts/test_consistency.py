"""Oracles: the ways of Gaussian data are known in closed form, and so is where each ends."""

import math

import pytest
import torch

from helpers.concepts import consistency as c
from helpers.concepts.diffusion import ddim_step, forward

SMALLEST = 0.02
MEAN, SPREAD = 0.8, 0.5  # of the data
double = {"dtype": torch.float64}


def gaussian_v(x, t):
    """The exact v̂ for data from N(MEAN, SPREAD²): x_0 and ε are jointly Gaussian with x."""
    a, s = (f(c._beside(t, x) * math.pi / 2) for f in (torch.cos, torch.sin))
    x0 = MEAN + a * SPREAD**2 / (a**2 * SPREAD**2 + s**2) * (x - a * MEAN)
    return (a * x - x0) / s


def width(t):
    return torch.sqrt((torch.cos(t * math.pi / 2) * SPREAD) ** 2 + torch.sin(t * math.pi / 2) ** 2)


def gaussian_end(x, t):
    """Where the way through x at t ends: it stays at the same quantile of N(a MEAN, a² SPREAD² + s²)."""
    t, end = c._beside(t, x), torch.tensor(SMALLEST, **double)
    quantile = (x - torch.cos(t * math.pi / 2) * MEAN) / width(t)
    return torch.cos(end * math.pi / 2) * MEAN + quantile * width(end)


def gaussian_network(x, t):
    """The F that makes f exact."""
    skip, out = c.coefficients(c._beside(t, x), SMALLEST)
    return (gaussian_end(x, t) - skip * x) / out


def test_at_the_smallest_noise_f_is_x_to_the_last_bit():
    x = torch.randn(5, 3, 4)
    f = c.consistency(lambda x, t: 1e6 * torch.ones_like(x), x, torch.full((5,), SMALLEST), SMALLEST)
    assert torch.equal(f, x)
    skip, out = c.coefficients(torch.tensor(SMALLEST), SMALLEST)
    assert (float(skip), float(out)) == (1.0, 0.0)


def test_noised_is_the_diffusion_concepts_forward():
    x0, eps, t = torch.randn(6, 4, **double), torch.randn(6, 4, **double), torch.rand(6, **double)
    torch.testing.assert_close(c.noised(x0, eps, t), forward(x0, eps, torch.cos(t * math.pi / 2) ** 2))


def test_ddim_is_the_diffusion_concepts_step():
    x, t, to = torch.randn(4, 7, **double), torch.tensor(0.7, **double), torch.tensor(0.4, **double)
    v = torch.randn(4, 7, **double)
    now, then = (torch.cos(time * math.pi / 2) ** 2 for time in (t, to))
    eps = torch.sin(t * math.pi / 2) * x + torch.cos(t * math.pi / 2) * v
    step = ddim_step(x, eps, now, then, torch.zeros_like(x))
    torch.testing.assert_close(c.ddim(v, x, t.expand(4), to.expand(4)), step)


def test_a_network_that_predicts_v_makes_f_in_one_ddim_step():
    x, t = torch.randn(9, 2, **double), torch.linspace(0.1, 1, 9, **double)
    torch.testing.assert_close(
        c.consistency(gaussian_v, x, t, SMALLEST), c.ddim(gaussian_v(x, t), x, t, torch.full_like(t, SMALLEST))
    )


def test_many_small_ddim_steps_end_where_the_gaussians_closed_form_does():
    x, t = torch.randn(20, 1, **double), torch.full((20,), 0.9, **double)
    wanted = gaussian_end(x, t)
    for to in torch.linspace(0.9, SMALLEST, 4001, **double)[1:]:
        x, t = c.ddim(gaussian_v(x, t), x, t, to.expand(20)), to.expand(20)
    torch.testing.assert_close(x, wanted, atol=1e-3, rtol=0)


@pytest.mark.parametrize("gap", [0.1, 0.01, 0.001])
def test_the_exact_f_agrees_with_itself_the_better_the_nearer_the_neighbours(gap):
    """A DDIM step is off by about gap², so the answers at its ends are."""
    random = torch.Generator().manual_seed(0)
    t = torch.linspace(0.3, 1, 500, **double)
    x0 = MEAN + SPREAD * torch.randn(500, 1, generator=random, **double)
    here, there = c.neighbours(x0, torch.randn(500, 1, generator=random, **double), t, t - gap, gaussian_v)
    answers = [c.consistency(gaussian_network, x, time, SMALLEST) for x, time in ((here, t), (there, t - gap))]
    assert float((answers[0] - answers[1]).abs().max()) < 8 * gap**2


def test_of_scaled_networks_the_exact_one_has_the_least_loss():
    random = torch.Generator().manual_seed(0)
    t = torch.linspace(0.3, 1, 500, **double)
    x0 = MEAN + SPREAD * torch.randn(500, 1, generator=random, **double)
    eps = torch.randn(500, 1, generator=random, **double)
    here, there = c.neighbours(x0, eps, t, t - 0.01, gaussian_v)

    def loss(scale):
        f = [
            c.consistency(lambda x, t: scale * gaussian_network(x, t), x, time, SMALLEST)
            for x, time in ((here, t), (there, t - 0.01))
        ]
        return float(c.loss(*f))

    assert loss(1.0) < min(loss(0.9), loss(1.1)) / 10


def test_without_a_teacher_both_points_share_data_and_noise():
    x0, eps, t = torch.randn(4, 3), torch.randn(4, 3), torch.rand(4)
    here, there = c.neighbours(x0, eps, t, t / 2)
    torch.testing.assert_close(here, c.noised(x0, eps, t))
    torch.testing.assert_close(there, c.noised(x0, eps, t / 2))


def test_loss_against_torchs_huber_shape_and_its_target_has_no_gradient():
    a, b = torch.randn(6, 8, requires_grad=True), torch.randn(6, 8, requires_grad=True)
    value = c.loss(a, b, c=0.5)
    d = (a - b).norm(dim=1)
    torch.testing.assert_close(value, (torch.sqrt(d**2 + 0.25 * 8) - 0.5 * 8**0.5).mean())
    value.backward()
    assert b.grad is None
    assert a.grad.abs().sum() > 0
    assert c.loss(a, a).item() == pytest.approx(0, abs=1e-6)


def test_walk_jumps_and_renoises():
    calls = []

    def f(x, t):
        calls.append(float(t[0]))
        return torch.full_like(x, 2.0)

    eps = torch.ones(3, 2)
    seen = c.walk(lambda x, t: (f(x, t), x)[1], torch.zeros(3, 2), [1.0], [])
    assert torch.equal(seen, torch.zeros(3, 2))
    out = c.walk(lambda x, t: x if t[0] < 1 else f(x, t), torch.zeros(3, 2), [1.0, 0.5], [eps])
    torch.testing.assert_close(out, torch.full((3, 2), (2 + 1) * math.sqrt(0.5)))
    for times, noises in (([1.0, 0.5], []), ([0.5, 1.0], [eps])):
        with pytest.raises(ValueError, match="must fall"):
            c.walk(f, torch.zeros(3, 2), times, noises)
