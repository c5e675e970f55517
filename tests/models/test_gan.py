"""The networks of the GANs of timbre: oracles are torch's own layers, the closed form of a cut normal, and what must not matter."""

import math

import pytest
import torch
import torch.nn.functional as F

from helpers.concepts.pyramid import expand
from helpers.models import gan
from helpers.models.gan import Discriminator, Enlarger, Generator, LapGAN, Refiner, SuperResolution, shares, truncate


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def woken(model):
    """In evaluation mode, with running means that are not the first ones."""
    for layer in model.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.running_mean.normal_(std=0.3)
    return model.eval()


@pytest.mark.parametrize("make", [lambda: Generator(8, 4), lambda: LapGAN(8, 8, 4)])
def test_samples_are_pictures_the_seed_decides_and_the_family_is_heeded(make):
    model = woken(make())
    a, b, c = model.sample(5, 0, family=3), model.sample(5, 0, family=3), model.sample(5, 1, family=3)
    assert a.shape == (5, 24, 32)
    assert a.min() >= 0
    assert a.max() <= 1
    assert torch.equal(a, b)
    assert not torch.allclose(a, c, atol=1e-3)
    assert not torch.allclose(a, model.sample(5, 0, family=4), atol=1e-3)  # the same noise, another family
    by_turns = model.sample(13, 0)
    one_by_one = [model.sample(13, 0, family=k % 11)[k] for k in range(13)]
    torch.testing.assert_close(by_turns, torch.stack(one_by_one), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("family", [-1, 11])
def test_a_family_there_is_none_of_is_refused(family):
    with pytest.raises(ValueError, match="number from 0 to 10"):
        Generator(8, 4).sample(1, family=family)


def test_a_generator_is_torchs_layers_in_order():
    model = woken(Generator(8, 4))
    z, told = torch.randn(2, 4), shares(7, 2)
    x = F.linear(z, model.enter.weight[:, :4]) + model.enter.weight[:, 4 + 7]  # a family is a vector that is added
    x = x.reshape(2, 32, 3, 4)
    ways = [(model.first[0], model.grow[0][0]), (model.grow[0][1], model.grow[1][0]), (model.grow[1][1], model.last)]
    for norm, up in ways:
        shift, scale = (t.view(1, -1, 1, 1) for t in (norm.running_mean, (norm.running_var + norm.eps).sqrt()))
        x = F.relu((x - shift) / scale)
        x = F.conv_transpose2d(x, up.weight, up.bias, stride=2, padding=1)
    torch.testing.assert_close(model(z, told), torch.sigmoid(x[:, 0]), atol=1e-6, rtol=1e-4)
    assert [tuple(Generator(8, 4, k)(z, told).shape) for k in (1, 2, 3)] == [(2, 6, 8), (2, 12, 16), (2, 24, 32)]


def test_the_label_adds_how_well_the_features_go_with_it():
    rival = Discriminator(8, 2).eval()
    x, told = torch.rand(11, 12, 16), torch.eye(11)
    h = x[:, None]
    for conv in rival.halve:
        h = F.leaky_relu(conv(h), 0.2)
    h = h.flatten(1)
    expected = torch.cat([rival.score(h[k]) + rival.fits.weight[:, k] @ h[k] for k in range(11)])
    torch.testing.assert_close(rival(x, told), expected, atol=1e-5, rtol=1e-4)
    assert not torch.allclose(rival(x, told), rival(x, told.roll(1, 0)), atol=1e-4)


def test_the_coarse_picture_is_seen_beside_the_one_that_is_judged():
    rival = Discriminator(8, 3, coarse=True).eval()
    x, told = torch.rand(2, 24, 32), shares(0, 2)
    assert not torch.allclose(rival(x, told, x), rival(x, told, 1 - x), atol=1e-4)


def test_spectral_norms_are_one():
    rival = Discriminator(8, 3)
    x, told = torch.rand(4, 24, 32), shares(None, 4)
    for _ in range(60):  # a power iteration in each pass of training
        rival(x, told)
    for layer in (*rival.halve, rival.score, rival.fits):
        assert float(torch.linalg.matrix_norm(layer.weight.flatten(1), 2)) == pytest.approx(1, abs=0.02)


def test_each_size_of_a_lapgan_is_the_one_before_doubled_and_a_band():
    model = woken(LapGAN(8, 8, 4))
    noise, told = model.noise(3, torch.Generator().manual_seed(2)), shares(2, 3)
    small, middle, fine = model.pyramid(noise, told)
    assert torch.equal(small, model.base(noise[0], told))
    for below, x, z, refiner in ((small, middle, noise[1], model.refiners[0]), (middle, fine, noise[2], model.refiners[1])):
        coarse = expand(below)
        torch.testing.assert_close(x, (coarse + refiner(z, coarse, told)).clamp(0, 1))
    assert torch.equal(model(noise, told), fine)
    other = model.pyramid([noise[0], *(z + 1 for z in noise[1:])], told)
    assert torch.equal(other[0], small)  # the bands' noise leaves the small picture alone
    assert not torch.allclose(other[1], middle, atol=1e-3)


def test_a_refiner_heeds_noise_picture_and_family():
    refiner = woken(Refiner(8))
    z, coarse, told = torch.randn(1, 12, 16), torch.rand(1, 12, 16), shares(1, 1)
    band = refiner(z, coarse, told)
    for given in ((z + 1, coarse, told), (z, coarse / 2, told), (z, coarse, shares(5, 1))):
        assert not torch.allclose(refiner(*given), band, atol=1e-3)


def test_an_enlarger_begins_as_the_bilinear_enlargement():
    low = torch.rand(2, 6, 8)
    torch.testing.assert_close(Enlarger(8, 1)(low), expand(expand(low)))
    model = SuperResolution(8, 1)
    made = gan.enlargements(model, low)
    assert list(made) == ["bilinear", "bicubic", "plain", "sharp"]
    torch.testing.assert_close(made["plain"], expand(expand(low)))
    expected = F.interpolate(low[:, None], size=(24, 32), mode="bicubic", align_corners=False)[:, 0].clamp(0, 1)
    torch.testing.assert_close(made["bicubic"], expected)
    assert torch.equal(model(low), made["sharp"])


def test_shrinking_takes_the_mean_of_sixteen_cells():
    x = torch.rand(2, 24, 32)
    torch.testing.assert_close(gan.shrink(x), x.reshape(2, 6, 4, 8, 4).mean((2, 4)))


def test_truncated_noise_is_distributed_as_if_it_had_been_drawn_again():
    z = torch.randn(200_000, generator=torch.Generator().manual_seed(0)).double()
    cut = truncate(z, 1.0)
    again = z[z.abs() <= 1]
    assert float(cut.abs().max()) <= 1
    torch.testing.assert_close(cut.std(), again.std(), atol=0.005, rtol=0)
    quantiles = torch.linspace(0.05, 0.95, 19, dtype=torch.float64)
    torch.testing.assert_close(cut.quantile(quantiles), again.quantile(quantiles), atol=0.01, rtol=0)
    density = math.exp(-0.5) / math.sqrt(2 * math.pi)
    variance = 1 - 2 * density / math.erf(1 / math.sqrt(2))  # of a normal cut off at ± 1
    assert float(cut.var()) == pytest.approx(variance, abs=0.005)
    assert torch.equal(truncate(z, 1.0).argsort(), z.argsort())  # who was larger stays larger
    with pytest.raises(ValueError, match="above 0"):
        truncate(z, 0.0)


def test_truncation_makes_drawings_alike():
    model = woken(Generator(8, 4))
    spread = [float(model.sample(64, 0, family=2, truncation=t).std(0).mean()) for t in (None, 1.0, 0.1)]
    assert spread[0] > spread[1] > spread[2]


@pytest.mark.parametrize("model", [Generator(8, 4, 2), Discriminator(8, 2, coarse=True), LapGAN(8, 8, 4), SuperResolution(8, 1)])
def test_a_card_can_make_it_again(model):
    again = type(model)(**model.settings)
    again.load_state_dict(model.state_dict())
    assert sum(p.numel() for p in again.parameters()) == sum(p.numel() for p in model.parameters())
