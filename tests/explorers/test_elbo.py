"""What β costs: every number against torch's own, collapse flagged where it is, pictures those of the models."""

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from helpers.datasets.harmonics import held_out, load_harmonics
from helpers.explorers import Elbo
from helpers.explorers.elbo import DRAWS, EVERY, SHIPPED
from helpers.models.checkpoints import load
from helpers.models.vae import VAE


@pytest.fixture(scope="module")
def vaes():
    return {beta: load(f"timbre-vae-beta-{beta:g}")[0] for beta in SHIPPED}


@pytest.fixture
def elbo():
    explorer = Elbo()
    yield explorer
    explorer.close()


@torch.no_grad()
def test_nats_are_torchs_for_every_beta(elbo, vaes):
    pictures = load_harmonics("new").picture[::EVERY]
    for which, (beta, vae) in enumerate(vaes.items()):
        mean, log_variance = vae.encode(pictures)
        deviation = (log_variance / 2).exp()
        kl = kl_divergence(Normal(mean, deviation), Normal(0.0, 1.0)).mean(0)
        result = elbo.set(beta=beta).result()
        np.testing.assert_allclose(result["kl"], kl.numpy(), rtol=1e-3, atol=1e-5)
        assert result["rate"][which] == pytest.approx(float(kl.sum()), rel=1e-3)
        assert result["asleep"].tolist() == (kl < 0.01).tolist()
        random, costs = torch.Generator().manual_seed(0), []
        for _ in range(DRAWS):
            decoded = vae.decode(mean + deviation * torch.randn(mean.shape, generator=random))
            costs.append(-Normal(decoded, vae.spread).log_prob(pictures).sum((1, 2)).mean())
        perfect = -Normal(pictures, vae.spread).log_prob(pictures).sum((1, 2)).mean()
        error = float(torch.stack(costs).mean() - perfect)
        assert result["reconstruction"][which] == pytest.approx(error, rel=1e-4)
        assert result["loss"] == pytest.approx(error + beta * float(kl.sum()), rel=1e-3)


def test_without_a_price_the_code_says_hundreds_of_nats_and_a_dear_one_falls_silent(elbo):
    free, dear = (elbo.set(beta=beta).result() for beta in (0.0, 16.0))
    assert free["rate"][0] > 20 * free["rate"][1]
    assert not free["asleep"].any()
    assert dear["asleep"].sum() >= 1
    assert "collapsed" in elbo.verdict()
    flagged = next(layer for layer in elbo.grid.panel("bars").layers if layer.name == "asleep")
    assert len(flagged.xy) == dear["asleep"].sum()
    assert (flagged.xy[:, 1] < 0.01).all()
    assert (np.diff(dear["rate"]) < 0).all()  # the dearer, the less is said


@torch.no_grad()
def test_pictures_are_the_models(elbo, vaes):
    result = elbo.set(note="organ", seed=4).result()
    note = held_out()["organ"].picture
    for column, vae in enumerate(vaes.values()):
        np.testing.assert_allclose(elbo.grid.panel(f"0 {column}").values, vae.decode(vae.encode(note)[0])[0].numpy(), atol=1e-5)
        np.testing.assert_allclose(elbo.grid.panel(f"2 {column}").values, vae.sample(3, 4)[1].numpy(), atol=1e-5)
    made = result["made"][list(vaes).index(1.0)]
    assert result["off"] == pytest.approx(60 * np.sqrt(np.mean((made - note[0].numpy()) ** 2)), rel=1e-5)


def test_a_dot_and_a_picture_choose_their_beta(elbo, monkeypatch):
    played = []
    monkeypatch.setattr(elbo.player, "play", played.append)
    elbo.grid._receive(elbo.grid, {"type": "pick", "panel": "trade", "layer": "models", "index": 3, "shift": False, "id": 1}, [])
    assert elbo.state["beta"] == 16.0
    elbo.grid._receive(elbo.grid, {"type": "click", "panel": "2 0", "row": 0, "column": 0, "id": 2}, [])
    assert elbo.state["beta"] == 0.0
    elbo.grid._receive(elbo.grid, {"type": "click", "panel": "0 2", "row": 0, "column": 0, "id": 3}, [])
    assert elbo.state["beta"] == 4.0
    assert played == [2, 1]


def test_the_dashed_curve_is_of_one_loss(elbo):
    result = elbo.set(beta=4.0).result()
    curve = next(layer for layer in elbo.grid.panel("trade").layers if layer.name == "same loss").xy
    np.testing.assert_allclose(curve[:, 1] + 4 * 10 ** curve[:, 0], result["loss"], rtol=1e-6)


def test_the_question_is_answered_by_the_dearest_model(elbo):
    asleep = elbo.set(beta=16.0).result()["asleep"]
    assert 0.25 <= asleep.mean() < 1
    assert elbo.question().truth() == "at least a quarter"


def test_ones_own_and_what_cannot_be():
    torch.manual_seed(0)
    mine = {beta: VAE(4, channels=2, hidden=8, beta=beta) for beta in (2.0, 0.5)}
    explorer = Elbo(mine)
    assert explorer.state["beta"] == 0.5
    assert explorer.result()["made"].shape == (2, 24, 32)
    explorer.close()
    with pytest.raises(ValueError, match="no model of β = 1"):
        Elbo(mine, beta=1.0)
    with pytest.raises(ValueError, match="at least two"):
        Elbo({1.0: mine[2.0]})
    with pytest.raises(ValueError, match="tuba"):
        Elbo(note="tuba")
    with pytest.raises(ValueError, match="seed"):
        Elbo(seed=100)  # the slider ends at 99
