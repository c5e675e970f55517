"""Oracles: guidance's ends, DDIM written out in v, what the first weights must say."""

import math

import pytest
import torch

from helpers.concepts.diffusion import ddim_step, predicts, reverse, schedule, times
from helpers.models import denoiser as d
from helpers.models.jumper import SMALLEST, Jumper
from helpers.models.pictures import KINDS_OF_NOTE

WIDTHS = [8, 16, 24]


@pytest.fixture
def network():
    """Weights that say something: at first the last layer says nothing."""
    torch.manual_seed(0)
    model = d.Denoiser(WIDTHS)
    for p in model.parameters():
        torch.nn.init.normal_(p, std=0.1)
    return model.eval()


@pytest.fixture
def batch():
    return d.start(5, 1), torch.linspace(0, 1, 5), torch.tensor([0, 3, 7, 10, 11])


def test_at_first_it_predicts_nothing_at_all(batch):
    assert torch.equal(d.Denoiser(WIDTHS)(*batch), torch.zeros(5, 24, 32))


def test_a_gradient_reaches_every_weight(network, batch):
    network(*batch).square().sum().backward()
    silent = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert silent == []


def test_time_and_family_matter_and_each_example_is_by_itself(network, batch):
    x, t, family = batch
    v = network(x, t, family)
    for i in range(5):
        torch.testing.assert_close(network(x[i : i + 1], t[i : i + 1], family[i : i + 1])[0], v[i], atol=1e-5, rtol=1e-4)
    assert not torch.allclose(network(x, t.flip(0), family)[0], v[0], atol=1e-3)
    assert not torch.allclose(network(x, t, family.roll(1))[0], v[0], atol=1e-3)
    assert torch.equal(network(x, t), network(x, t, torch.full((5,), KINDS_OF_NOTE)))


def test_signal_and_picture_are_each_others_inverse():
    p = torch.rand(3, 24, 32)
    torch.testing.assert_close(d.picture(d.signal(p)), p)
    assert d.picture(torch.full((24, 32), 9.0)).max() == 1
    torch.testing.assert_close(d.possible(torch.full((24, 32), 9.0)), d.signal(torch.ones(24, 32)))
    torch.testing.assert_close(d.possible(torch.full((24, 32), -9.0)), d.signal(torch.zeros(24, 32)))


def test_quarter_turns_are_those_of_the_schedule():
    alpha_bar = schedule("cosine")
    t = d.quarter_turns(alpha_bar)
    torch.testing.assert_close(torch.cos(t * math.pi / 2) ** 2, alpha_bar)
    assert t[0] == 0


def test_guidance_0_ignores_the_family_and_1_is_the_family(network):
    alpha_bar, x, family = schedule("cosine"), d.start(3, 0), torch.tensor([2, 2, 5])
    time = torch.tensor([900, 500, 100])
    free, given = network.guess(alpha_bar)(x, time), network.guess(alpha_bar, family)(x, time)
    torch.testing.assert_close(network.guess(alpha_bar, family, 0.0)(x, time), free)
    torch.testing.assert_close(network.guess(alpha_bar, family, 1.0 + 1e-7)(x, time), given, atol=1e-4, rtol=1e-4)
    assert not torch.allclose(free, given, atol=1e-4)


def test_a_step_of_ddim_is_a_turn_by_v_where_nothing_is_cut_off(network):
    alpha_bar, x = schedule("cosine"), 0.1 * d.start(2, 0)
    for p in network.last.parameters():
        p.data /= 50  # so that no x̂_0 is beyond a picture
    here, there, *_ = reverse(predicts(network.guess(alpha_bar), "x0", alpha_bar), x, alpha_bar, [400, 300], ddim_step)
    t, to = d.quarter_turns(alpha_bar[[400, 300]]).float()
    v = network(x, t.expand(2))
    angle = (t - to) * math.pi / 2
    torch.testing.assert_close(there.x, torch.cos(angle) * x - torch.sin(angle) * v, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(here.x0, torch.cos(t * math.pi / 2) * x - torch.sin(t * math.pi / 2) * v, atol=1e-5, rtol=1e-4)


def test_samples_are_pictures_and_the_seed_decides(network):
    a, b, c = (network.sample(3, seed, family=4, guidance=2.0, steps=3) for seed in (0, 0, 1))
    assert torch.equal(a, b)
    assert not torch.equal(a, c)
    assert a.shape == (3, 24, 32)
    assert a.min() >= 0
    assert a.max() <= 1
    torch.testing.assert_close(network.sample(2, 0, 4, 2.0, 3), a[:2], atol=1e-4, rtol=1e-4)  # the first two of three


@pytest.mark.parametrize("family", [-1, 11])
def test_a_family_there_is_none_of_is_refused(network, family):
    with pytest.raises(ValueError, match="number from 0 to 10"):
        network.sample(1, family=family)
    with pytest.raises(ValueError, match="number from 0 to 10"):
        Jumper(WIDTHS).sample(1, family=family)


def test_more_steps_than_times_are_refused(network):
    with pytest.raises(ValueError, match="choose 1 to 1000"):
        network.sample(1, steps=1001)
    assert times(1000, 2) == [1000, 500, 0]


def test_a_jump_from_the_smallest_noise_leaves_all_as_it_is():
    jumper, x = Jumper(WIDTHS), d.start(3, 0)
    for p in jumper.parameters():
        torch.nn.init.normal_(p, std=0.1)
    assert torch.equal(jumper(x, torch.full((3,), SMALLEST)), x)
    assert not torch.allclose(jumper(x, torch.full((3,), 0.5)), x)


def test_a_jumper_samples_in_one_step_or_more_from_the_same_noise():
    jumper = Jumper(WIDTHS).eval()
    one = jumper.sample(2, seed=3)
    t = torch.ones(2)
    torch.testing.assert_close(one, d.picture(jumper(d.start(2, 3), t)))
    assert torch.equal(jumper.sample(2, seed=3), one)
    assert jumper.sample(2, seed=3, steps=3).shape == (2, 24, 32)
    with pytest.raises(ValueError, match="a jump is one"):
        jumper.sample(1, steps=0)
