"""Autoencoders and codecs: shapes, what they start from, what is sent, what reaches the decoder, the shipped weights' cards."""

import math

import pytest
import torch

from helpers.concepts.principal import components, project
from helpers.concepts.quantiser import from_levels
from helpers.datasets.harmonics import load_harmonics
from helpers.models.autoencoder import Autoencoder
from helpers.models.checkpoints import load
from helpers.models.codec import LEVELS, NUMBERS, REACH, UNROUNDED, Codec
from helpers.models.wave_codec import HOP, WaveCodec
from helpers.recipes import codec as recipe
from helpers.recipes import wave_codec as waves


@pytest.fixture(scope="module")
def pictures():
    return load_harmonics("valid").picture[::4]


@pytest.fixture(scope="module")
def shipped():
    return load("timbre-codec")


@pytest.mark.parametrize("linear", [False, True])
def test_an_autoencoder_knows_a_picture_by_its_code_alone(pictures, linear):
    torch.manual_seed(0)
    model = Autoencoder(5, linear=linear).centre(pictures)
    code = model.encode(pictures)
    assert code.shape == (len(pictures), 5)
    assert torch.equal(model(pictures), model.decode(code))
    assert Autoencoder(**model.settings).load_state_dict(model.state_dict())


def test_a_linear_one_begins_as_a_projection_through_the_mean(pictures):
    torch.manual_seed(0)
    model = Autoencoder(5, linear=True).centre(pictures)
    x = pictures.flatten(1)
    expected = project(x, x.mean(0), model.encoder[0].weight.detach())
    assert torch.allclose(model(pictures).flatten(1), expected, atol=1e-4)


def test_before_training_a_codec_is_its_principal_components(pictures):
    """As long as nothing is rounded or cut off: numbers as they are, within four standard deviations."""
    model = Codec(8).begin(pictures).eval()
    x = pictures.flatten(1)
    code = model.code(pictures, UNROUNDED)
    inside = (code.abs() < 1).all(1)
    expected = project(x, *components(x, 8)).clamp(0, 1)[inside]
    assert inside.float().mean() > 0.9
    assert torch.allclose(model.picture(code, UNROUNDED)[inside].flatten(1), expected, atol=1e-3)


@pytest.mark.parametrize("levels", [n for n in REACH if n])
def test_the_reach_of_levels_costs_a_gaussian_least(levels):
    """Max (1960): against a search over all reaches, on the quantiles of a Gaussian."""
    x = torch.special.ndtri((torch.arange(20_000, dtype=torch.float64) + 0.5) / 20_000)

    def cost(reach):
        there = reach * torch.linspace(-1, 1, levels, dtype=torch.float64)
        return float((x[:, None] - there).abs().amin(1).square().mean())

    best = min(torch.arange(0.5, 3.5, 0.002).tolist(), key=cost)
    assert REACH[levels] == pytest.approx(best, abs=0.015)


def test_what_is_sent_is_all_that_the_decoder_knows(shipped, pictures):
    model, _ = shipped
    for numbers, levels in ((1, 2), (8, 4), (32, 16)):
        index = model.encode(pictures, numbers, levels)
        assert index.shape == (len(pictures), numbers)
        assert 0 <= int(index.min()) <= int(index.max()) < levels
        assert len(index.unique(dim=0)) <= levels**numbers
        again = model.decode(index, levels)
        assert torch.equal(again, model.picture(from_levels(index, levels), levels))
        assert model.bits_per_second(numbers, levels) == numbers * math.log2(levels)
    assert model.decode(torch.zeros(2**3, 1, dtype=torch.long), 8).shape == (8, 24, 32)
    with torch.no_grad():
        assert torch.equal(model(pictures), model.decode(model.encode(pictures, 16, 4), 4))


def test_gradients_reach_the_encoder_through_the_rounding(pictures):
    model = Codec(8).begin(pictures).train()
    torch.manual_seed(0)
    for _ in range(4):
        model.zero_grad()
        (model(pictures) - pictures).square().mean().backward()
        assert model.plain_in.weight.grad.abs().max() > 0


def test_more_bits_are_nearer_on_new_instruments(shipped):
    test = load_harmonics("new").picture
    errors = {(n, levels): recipe.rate(shipped[0], test, n, levels)[1] for n in NUMBERS for levels in LEVELS}
    for levels in LEVELS:
        along = [errors[n, levels] for n in NUMBERS]
        assert along == sorted(along, reverse=True)
    for numbers in NUMBERS[2:]:
        along = [errors[numbers, levels] for levels in (2, 4, 8)]
        assert along == sorted(along, reverse=True)


def test_the_shipped_codec_does_what_its_card_says_and_beats_its_start(shipped):
    model, card = shipped
    test, start = load_harmonics("new").picture, Codec(**model.settings).begin(load_harmonics("train").picture).eval()
    assert card.recipe == recipe.RECIPES["timbre-codec"]
    for numbers, levels in recipe.SENT:
        which = f"{numbers} of {levels} levels"
        bits, error = recipe.rate(model, test, numbers, levels)
        assert card.measured[f"bits per second, {which}"] == pytest.approx(numbers * math.log2(levels))
        assert card.measured[f"by entropy, {which}"] == pytest.approx(bits, rel=1e-3)
        assert card.measured[f"dB off on new instruments, {which}"] == pytest.approx(error, rel=1e-3)
        assert bits <= numbers * math.log2(levels)
    for numbers, levels in ((8, 2), (8, 4), (16, 4)):
        assert recipe.rate(model, test, numbers, levels)[1] < recipe.rate(start, test, numbers, levels)[1]


def test_bad_input(shipped, pictures):
    with pytest.raises(ValueError, match="33 numbers; a code has 32"):
        shipped[0].encode(pictures, 33)
    with pytest.raises(ValueError, match="5 levels; the codec was made for 2, 3, 4, 8, 16"):
        shipped[0].encode(pictures, 8, 5)


def test_windows_of_a_wave_add_up_to_it_again():
    """With as many numbers as a window has samples, and none rounded."""
    x = torch.randn(3, 1000, generator=torch.Generator().manual_seed(0))
    model = WaveCodec(512, 16, 4)
    with torch.no_grad():
        for layer in (model.plain_in, model.plain_out, model.deep_in[-1], model.deep_out[-1]):
            layer.weight.zero_()
            layer.bias.zero_()
        model.plain_in.weight.copy_(torch.eye(512)[:, :, None])
        model.plain_out.weight.copy_(torch.eye(512)[:, :, None])
        assert torch.allclose(model._sound(model._code(x), 1000), x, atol=1e-5)


def test_what_a_wave_codec_sends():
    x = torch.randn(2, 16_000, generator=torch.Generator().manual_seed(0))
    torch.manual_seed(0)
    model = WaveCodec().begin(x).eval()
    with torch.no_grad():
        index = model.encode(x)
        assert index.shape == (2, 16, math.ceil(16_000 / HOP) + 1)
        assert index.max() < 8
        assert torch.allclose(model.decode(index, 16_000), model(x), atol=1e-5)
    assert model.bits_per_second() == 16 * 3 * 16_000 / 256 == 3000


@pytest.mark.parametrize("loss", ["samples", "spectra"])
def test_each_shipped_wave_codec_is_the_better_one_by_the_loss_it_was_trained_by(loss):
    new, both = waves.sounds("new"), {}
    for name in ("samples", "spectra"):
        model, card = load(f"wave-codec-{name}")
        assert card.recipe == waves.RECIPES[f"wave-codec-{name}"]
        with torch.no_grad():
            both[name] = float(torch.cat([waves.compare(loss, model(x), x) for x in new.split(64)]).mean())
        assert both[name] == pytest.approx(card.measured[f"{loss} loss on new instruments"], rel=1e-3)
    assert min(both, key=both.get) == loss


def test_the_first_number_says_how_full_a_picture_is(shipped):
    """What the notebook tells its speaker: not how bright a note is, nor how fast it dies away."""
    notes = load_harmonics("train").picture
    first, mean = shipped[0].code(notes, UNROUNDED)[:, 0].detach(), notes.mean((1, 2))
    fading = notes[:, :, :8].mean((1, 2)) - notes[:, :, -8:].mean((1, 2))
    alike = lambda quantity: torch.corrcoef(torch.stack([first, quantity]))[0, 1]  # noqa: E731
    assert alike(mean) > 0.95
    assert -0.5 < alike(fading) < 0  # early ends make it low
