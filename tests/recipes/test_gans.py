"""How the GANs of timbre are trained: who moves, who does not, and each match against what it must be about."""

import copy

import pytest
import torch
import torch.nn.functional as F

from helpers.concepts.adversarial import discriminator_loss, generator_loss
from helpers.concepts.pyramid import expand, reduce
from helpers.datasets.harmonics import load_harmonics
from helpers.models.gan import Discriminator, Generator, LapGAN, SuperResolution, shares, shrink
from helpers.recipes import gans

RECIPE = {"loss": "hinge", "rounds": 3, "batch": 8, "lr": [1e-3, 1e-3], "average": 0.9, "seed": 0, "rival": 8}


@pytest.fixture
def players():
    torch.manual_seed(0)
    generator, rival = Generator(8, 4), Discriminator(8)
    return generator, rival, *(torch.optim.SGD(m.parameters(), lr=0.1) for m in (generator, rival))


def bits(model: torch.nn.Module) -> list[bytes]:
    return [p.detach().numpy().tobytes() for p in model.parameters()]


def test_a_move_of_d_leaves_g_as_it_is_to_the_bit_and_lowers_its_loss(players):
    generator, rival, _, of_d = players
    rival.eval()  # or the power iteration of its spectral norm would go on
    told = shares(None, 16)
    real, fake = torch.rand(16, 24, 32), generator(generator.noise(16, torch.Generator().manual_seed(1)), told)
    before, d = bits(generator), bits(rival)
    losses = [gans.move_d(rival, of_d, real, fake, (told,), "hinge") for _ in range(6)]
    assert bits(generator) == before
    assert all(p.grad is None for p in generator.parameters())
    assert bits(rival) != d
    assert losses[-1] < losses[0]


def test_a_move_of_g_leaves_d_as_it_is_to_the_bit_and_lowers_its_loss(players):
    generator, rival, of_g, _ = players
    rival.eval()
    told, draw = shares(None, 16), torch.Generator()
    before, g = bits(rival), bits(generator)
    losses = []
    for _ in range(6):
        fake = generator(generator.noise(16, draw.manual_seed(1)), told)
        losses.append(gans.move_g(rival, of_g, fake, (told,), "hinge"))
    assert bits(rival) == before
    assert all(p.requires_grad for p in rival.parameters())
    assert bits(generator) != g
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("loss", ["hinge", "non-saturating"])
def test_what_a_move_costs_is_the_loss_of_the_scores(players, loss):
    generator, rival, of_g, of_d = players
    rival.eval()
    told = shares(3, 4)
    real, fake = torch.rand(4, 24, 32), generator(torch.randn(4, 4), told)
    expected = float(generator_loss(loss, rival(fake, told)))
    assert gans.move_g(rival, of_g, fake, (told,), loss, torch.tensor(0.5)) == pytest.approx(expected + 0.5, rel=1e-5)
    fake = fake.detach()
    expected = float(discriminator_loss(loss, rival(real, told), rival(fake, told)))
    assert gans.move_d(rival, of_d, real, fake, (told,), loss) == pytest.approx(expected, rel=1e-5)


def test_the_average_follows_weights_and_running_means():
    slow, fast = (torch.nn.Sequential(torch.nn.Conv2d(1, 2, 1), torch.nn.BatchNorm2d(2)) for _ in range(2))
    fast(torch.randn(5, 1, 3, 3))
    expected = {name: 0.9 * t + 0.1 * fast.state_dict()[name] for name, t in copy.deepcopy(slow.state_dict()).items()}
    gans.follow(slow, fast, 0.9)
    for name, t in slow.state_dict().items():
        if t.is_floating_point():
            torch.testing.assert_close(t, expected[name])
    assert slow[1].num_batches_tracked == 1


def test_refiners_learn_from_the_real_pyramid():
    torch.manual_seed(0)
    model = LapGAN(8, 8, 4)
    found = [match for match, _ in gans.matches(model, 8)]
    pictures = load_harmonics("train").picture
    sizes = [reduce(reduce(pictures)), reduce(pictures), pictures]
    for match, real in zip(found, sizes, strict=True):
        torch.testing.assert_close(match.real, real, atol=1e-6, rtol=0)
    for match, below in zip(found[1:], sizes):
        torch.testing.assert_close(match.given[0], expand(below), atol=1e-6, rtol=0)
        fake = match.make(match.generator, [t[:3] for t in match.given], torch.Generator().manual_seed(0))
        z = torch.randn(match.given[0][:3].shape, generator=torch.Generator().manual_seed(0))
        torch.testing.assert_close(fake, match.given[0][:3] + match.generator(z, *(t[:3] for t in match.given)))
    assert [match.generator for match in found] == [model.base, *model.refiners]
    scores = [match.rival(match.real[:2], *(t[:2] for t in match.told)) for match in found]
    assert all(s.shape == (2,) for s in scores)


def test_a_whole_training_in_small_changes_every_part():
    torch.manual_seed(0)
    for model in (Generator(8, 4), LapGAN(8, 8, 4)):
        before = bits(model)
        for match, place in gans.matches(model, 8):
            place(gans.compete(match, RECIPE, 3))
        same = [name for (name, _), a, b in zip(model.named_parameters(), before, bits(model), strict=True) if a == b]
        assert same == []


def test_super_resolution_learns_the_squared_error_first_and_both_parts_are_trained():
    torch.manual_seed(0)
    recipe = RECIPE | {"plain rounds": 30, "jitter": 0.0, "content": 100.0, "batch": 16}
    model = SuperResolution(8, 1)
    low, real = shrink(load_harmonics("valid").picture), load_harmonics("valid").picture
    before = float(F.mse_loss(model.plain(low), real).detach())
    gans.enlarge(model, recipe)
    assert float(F.mse_loss(model.plain(low), real).detach()) < before
    assert bits(model.plain) != bits(model.sharp)


def test_quality_is_nought_for_who_hands_out_the_training_notes():
    notes = load_harmonics("train")

    class Thief(torch.nn.Module):
        def sample(self, count: int, seed: int, family: int) -> torch.Tensor:
            mine = notes.picture[notes.family == family]
            return mine[torch.randperm(len(mine), generator=torch.Generator().manual_seed(seed))[:count]]

    found = gans.quality(Thief())
    assert found["Fréchet distance"] < 0.5
    assert found["coverage"] > 0.8
    assert found["taken for the family"] > 0.95
