"""The VAEs that ship, measured again; and that the recipe makes such models."""

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from helpers.concepts.fidelity import frechet, nearest
from helpers.datasets.harmonics import load_harmonics
from helpers.models import checkpoints
from helpers.recipes import vae as recipes

NAMES = list(recipes.RECIPES)


@pytest.mark.parametrize("name", NAMES)
def test_each_is_small_and_made_by_its_recipe(name):
    model, card = checkpoints.load(name)
    assert card.recipe == recipes.RECIPES[name]
    assert model.settings.items() >= card.recipe["model"].items()
    most = 300_000 if "beta" in name else 3_000_000
    assert (checkpoints.FOLDER / f"{name}.safetensors").stat().st_size <= most


@pytest.mark.parametrize("name", NAMES)
@torch.no_grad()
def test_the_card_says_what_is_measured(name):
    model, card = checkpoints.load(name)
    new = load_harmonics("new").picture
    decoded, mean, log_variance = model(new)
    off = 60 * float((decoded - new).square().mean().sqrt())
    kl = kl_divergence(Normal(mean, (log_variance / 2).exp()), Normal(0.0, 1.0)).sum(1).mean()
    assert card.measured["dB a cell off, new instruments"] == pytest.approx(off, rel=1e-3)
    assert card.measured["KL in nats, new instruments"] == pytest.approx(float(kl), rel=1e-3)
    few = model.bits_per_cell(new[::7], draws=10)  # fewer draws, a bound that is less tight
    assert few > card.measured["bits per cell at most, 100 draws"] - 0.15
    assert card.measured["bits per cell at most, 100 draws"] < 5  # what a level in 32 costs whoever knows nothing


@pytest.mark.parametrize("name", ["timbre-vae", "timbre-vae-16"])
@torch.no_grad()
def test_draws_of_the_prior_are_like_notes_and_no_copies(name):
    model, card = checkpoints.load(name)
    judge, _ = checkpoints.load("timbre-judge")
    training = load_harmonics("train").picture
    made = model.sample(len(training), seed=2)
    assert frechet(judge.features(training), judge.features(made)) == pytest.approx(card.measured["Fréchet distance"], rel=0.25)
    assert card.measured["Fréchet distance"] < 10
    _, away = nearest(made[:200].flatten(1), training.flatten(1))
    assert float(away.min()) > 0.1
    assert float(away.median()) > 1


@torch.no_grad()
def test_the_map_is_smooth_and_its_codes_fill_the_prior():
    model, _ = checkpoints.load("timbre-vae")
    mean, log_variance = model.encode(load_harmonics("train").picture)
    assert torch.allclose(mean.mean(0), torch.zeros(2), atol=1e-3)
    assert torch.allclose(mean.square().mean(0) + log_variance.exp().mean(0), torch.ones(2), atol=1e-3)
    assert float((log_variance / 2).exp().min()) > 0.03  # no needles


def test_training_lowers_the_loss_and_sets_the_axes(monkeypatch):
    small = {"model": {"latent": 2, "channels": 2, "hidden": 8, "spread": 0.13}, "epochs": 2, "batch": 64, "lr": 4e-3, "seed": 0}
    monkeypatch.setitem(recipes.RECIPES, "small", small)
    monkeypatch.setattr(recipes, "measured", lambda model: {})
    model, said = recipes.train("small")
    assert said["symbols"] == []
    pictures = load_harmonics("train").picture
    torch.manual_seed(0)
    untrained = recipes.VAE(**small["model"]).eval()
    with torch.no_grad():
        assert model.loss(model(pictures), pictures) < untrained.loss(untrained(pictures), pictures)
        mean, log_variance = model.encode(pictures)
    assert torch.allclose(mean.mean(0), torch.zeros(2), atol=1e-3)
    assert torch.allclose(mean.square().mean(0) + log_variance.exp().mean(0), torch.ones(2), atol=1e-3)
