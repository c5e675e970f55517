"""The map of codes: what it shows is the model's to 1e-5, ends are exact, hands do what they should."""

import math

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from helpers.concepts import timbre
from helpers.datasets.harmonics import held_out, load_harmonics, sound
from helpers.explorers import Latent
from helpers.explorers.latent.space import REACH, SIDE, lattice, middle
from helpers.explorers.latent.way import changing, crossfade, route
from helpers.explorers.parts.timbres import PITCH, one
from helpers.models.checkpoints import load
from helpers.models.vae import VAE

NAMES = {"2 numbers": "timbre-vae", "16 numbers": "timbre-vae-16"}


@pytest.fixture(scope="module")
def vaes():
    return {name: load(checkpoint)[0] for name, checkpoint in NAMES.items()}


@pytest.fixture
def latent():
    explorer = Latent()
    yield explorer
    explorer.close()


def told(explorer, **message):
    """Let the canvas receive what a hand did on it."""
    explorer.grid._receive(explorer.grid, {**message, "id": 1}, [])


def of(latent, *path):
    found = latent.grid.panel(path[0])
    return found.values if len(path) == 1 else next(layer for layer in found.layers if layer.name == path[1]).xy


# ---- against the model


@torch.no_grad()
def test_a_click_shows_what_the_model_decodes_there(latent, vaes):
    random = np.random.default_rng(0)
    for x, y in random.uniform(-REACH, REACH, (10, 2)):
        told(latent, type="place", panel="map", x=x, y=y, shift=False)
        wanted = vaes["2 numbers"].decode(torch.tensor([[x, y]], dtype=torch.float32))[0]
        assert np.abs(of(latent, "decoded") - wanted.numpy()).max() < 1e-3  # the place is kept to four digits
        at = torch.tensor([latent.state["z"]])
        np.testing.assert_allclose(of(latent, "decoded"), vaes["2 numbers"].decode(at)[0].numpy(), atol=1e-5)
        np.testing.assert_allclose(latent.tracks()[0].samples, sound(vaes["2 numbers"].decode(at)[0], PITCH).numpy(), atol=1e-5)


@torch.no_grad()
def test_the_pointer_shows_the_nearest_of_the_places_decoded_beforehand(latent, vaes):
    assert len(latent.space.grid) == SIDE**2
    random = np.random.default_rng(1)
    for x, y in random.uniform(-REACH, REACH, (10, 2)):
        before = latent.state
        told(latent, type="over", panel="map", x=x, y=y)
        near = min(lattice(SIDE, -REACH, REACH).tolist(), key=lambda at: math.dist(at, (x, y)))
        np.testing.assert_allclose(of(latent, "pointer"), vaes["2 numbers"].decode(torch.tensor([near]))[0].numpy(), atol=1e-5)
        assert latent.state == before


@pytest.mark.parametrize(("side", "high", "wide"), [(8, 10, 12), (12, 7, 7)])
@torch.no_grad()
def test_thumbnails_are_what_is_decoded_at_their_middles(latent, vaes, side, high, wide):
    latent.set(ground=f"{side} × {side} decoded")
    whole = of(latent, "map")
    assert whole.shape == (side * (high + 1) - 1, side * (wide + 1) - 1)
    random = np.random.default_rng(2)
    for row, column in random.integers(0, side, (10, 2)):
        part = whole[row * (high + 1) :, column * (wide + 1) :][:high, :wide]
        # the place of a node: the ends of the plane are the middles of the first and the last
        x, y = (REACH * (2 * (k * (n + 1) + (n - 1) / 2) / (length - 1) - 1)
                for k, n, length in ((column, wide, whole.shape[1]), (row, high, whole.shape[0])))  # fmt: skip
        assert (x, y) == (pytest.approx(float(middle(side, wide)[column])), pytest.approx(float(middle(side, high)[row])))
        decoded = vaes["2 numbers"].decode(torch.tensor([[x, y]], dtype=torch.float32))
        small = torch.nn.functional.interpolate(decoded[None], (high, wide), mode="area")[0, 0]
        np.testing.assert_allclose(part, small.numpy(), atol=1e-5)


@torch.no_grad()
def test_steepness_is_a_difference_quotient(latent, vaes):
    vae = vaes["2 numbers"].double()
    for z in ([0.3, -1.1], [-2.0, 2.0]):
        h, at = 1e-5, torch.tensor([z], dtype=torch.float64)
        slopes = [(vae.decode(at + h * axis) - vae.decode(at - h * axis)) / (2 * h) for axis in torch.eye(2, dtype=torch.float64)]
        wanted = 60 * float((sum(slope.square().mean() for slope in slopes) / 2).sqrt())
        assert latent.set(z=z).result()["steepness"] == pytest.approx(wanted, rel=1e-3)
    vae.float()
    here = latent.space.steep(torch.tensor([[-REACH, -REACH], [REACH, 0.0]]))
    assert latent.space.slopes[0, 0] == pytest.approx(float(here[0]), rel=1e-4)
    assert latent.space.slopes[20, 40] == pytest.approx(float(here[1]), rel=1e-4)


@torch.no_grad()
def test_dots_lie_where_the_notes_are_encoded(latent, vaes):
    notes = load_harmonics("train")[slice(None, None, 2)]
    mean, log_variance = vaes["2 numbers"].encode(notes.picture)
    np.testing.assert_allclose(of(latent, "map", "organ"), mean[notes.family == 6].numpy(), atol=1e-5)
    mean, log_variance = vaes["2 numbers"].encode(load_harmonics("train").picture)
    wanted = kl_divergence(Normal(mean, (log_variance / 2).exp()), Normal(0.0, 1.0)).mean(0)
    np.testing.assert_allclose(latent.result()["kl"], wanted.numpy(), rtol=1e-4)


@pytest.mark.parametrize("model", NAMES)
@torch.no_grad()
def test_a_new_note_is_encoded_and_decoded_and_its_ellipse_is_the_posteriors(vaes, model):
    result = Latent(model=model, note="organ").result()
    note = held_out()["organ"].picture
    mean, log_variance = vaes[model].encode(note)
    np.testing.assert_allclose(result["made"], vaes[model].decode(mean)[0].numpy(), atol=1e-5)
    assert result["off"] == pytest.approx(60 * np.sqrt(np.mean((result["made"] - note[0].numpy()) ** 2)), rel=1e-5)
    wanted = kl_divergence(Normal(mean, (log_variance / 2).exp()), Normal(0.0, 1.0)).sum()
    assert result["note kl"] == pytest.approx(float(wanted), rel=1e-4)
    # the oracle: codes drawn from the posterior, put on the plane
    space = Latent(model=model).space
    drawn = mean + (log_variance / 2).exp() * torch.randn(40_000, mean.shape[1], generator=torch.Generator().manual_seed(0))
    places = space.place(drawn)
    np.testing.assert_allclose(places.mean(0), result["mean"], atol=0.02)
    np.testing.assert_allclose(np.cov(places.T), result["covariance"], rtol=0.05, atol=2e-4)


def test_sixteen_numbers_are_seen_along_their_main_directions(vaes):
    with torch.no_grad():
        mean = vaes["16 numbers"].encode(load_harmonics("train").picture)[0]
    space = Latent(model="16 numbers").space
    values, vectors = np.linalg.eigh(np.cov(mean.T.numpy().astype(float)))
    for axis, vector in zip(space.axes.numpy(), vectors[:, ::-1].T):
        assert abs(axis @ vector) == pytest.approx(1, abs=1e-4)
    assert np.var(space.dots[:, 0].numpy(), ddof=1) == pytest.approx(values[-1], rel=1e-4)
    places = torch.tensor([[0.4, -1.2], [2.0, 2.0]])
    assert torch.allclose(space.place(space.code(places)), places, atol=1e-5)  # there and back
    assert (space.kl < 0.05).any()


# ---- ways


def test_ends_of_a_way_are_exact_and_each_point_is_passed():
    codes = torch.randn(4, 16, generator=torch.Generator().manual_seed(0))
    for way in ("straight", "arc"):
        path = route(codes, way, 5)
        assert path.shape == (13, 16)
        assert torch.equal(path[::4], codes)
    assert torch.equal(route(codes[:1], "arc", 5), codes[:1])


@torch.no_grad()
def test_the_strip_is_decoded_along_the_way(latent, vaes):
    latent.set(points=[[1.0, 1.0], [-2.0, 0.5], [0.0, -1.0]], steps=4)
    result = latent.result()
    wanted = vaes["2 numbers"].decode(torch.tensor(result["path"]))
    np.testing.assert_allclose(result["walked"], wanted.numpy(), atol=1e-5)
    assert result["path"][[0, 3, 6]].tolist() == latent.state["points"]
    assert result["path"][1].tolist() == pytest.approx([0.0, 1 - 0.5 / 3])
    strip = of(latent, "walked")
    np.testing.assert_allclose(strip[:, 2 * 33 : 2 * 33 + 32], result["walked"][2])
    np.testing.assert_allclose(result["faded"][[0, 3, 6]], result["walked"][[0, 3, 6]], atol=1e-5)
    latent.set(points=[[1.2, 0.0], [0.0, 1.2]], way="arc")
    np.testing.assert_allclose(np.linalg.norm(latent.result()["path"], axis=1), 1.2, rtol=1e-6)


def test_a_crossfade_of_pictures_is_one_of_sounds():
    ends = held_out()["organ"].picture, held_out()["flute"].picture
    pictures = torch.cat(ends).clamp(min=0.05)  # above the floor, where a level is an amplitude
    a, b = (sound(picture, PITCH) for picture in pictures)
    for share, picture in zip((0.25, 0.5, 0.75), crossfade(pictures, 5)[1:-1]):
        assert float((sound(picture, PITCH) - (1 - share) * a - share * b).abs().max()) < 2e-4


def test_a_note_that_changes_begins_as_the_first_and_ends_as_the_last():
    pictures = np.stack([np.full((24, 32), 0.5, np.float32), np.full((24, 32), 0.8, np.float32)])
    x = changing(pictures)
    loud = [np.sqrt(np.mean(part**2)) for part in (x[500:3500], x[-3500:-500])]
    ends = [np.sqrt(np.mean(one(picture)[4000:12000] ** 2)) for picture in pictures]
    assert loud[0] == pytest.approx(ends[0], rel=0.25)
    assert loud[1] == pytest.approx(ends[1], rel=0.25)


# ---- what is said of the notes


def test_the_arrow_points_to_more_of_it(latent):
    result = latent.set(colour="brightness").result()
    notes = load_harmonics("train")
    bright, places = timbre.brightness(notes.picture).numpy(), latent.space.dots.numpy()
    (a, b, _), left, *_ = np.linalg.lstsq(np.c_[places, np.ones(len(places))], bright, rcond=None)
    np.testing.assert_allclose(result["slope"], [a, b], rtol=1e-3)
    assert result["explained"] == pytest.approx(1 - left[0] / ((bright - bright.mean()) ** 2).sum(), rel=1e-3)


@torch.no_grad()
def test_samples_are_decoded_draws_of_the_spread_asked_for(latent, vaes):
    result = latent.set(sigma=0.5, seed=3).result()
    z = 0.5 * torch.randn(8, 2, generator=torch.Generator().manual_seed(3))
    np.testing.assert_allclose(result["samples"], vaes["2 numbers"].decode(z).numpy(), atol=1e-5)
    np.testing.assert_allclose(of(latent, "map", "drawn"), z.numpy(), atol=1e-6)
    assert np.ptp(latent.set(sigma=0.0).result()["samples"], axis=0).max() < 1e-6


def test_the_question_is_answered_by_what_is_measured(latent):
    asked = latent.question()
    slopes = latent.space.slopes.ravel()
    away = np.linalg.norm(lattice(41, -REACH, REACH).numpy()[:, None] - latent.space.dots.numpy()[None], axis=2).min(1)
    near, far = slopes[away < 0.3].mean(), slopes[away > 1].mean()
    assert near > 1.2 * far
    assert asked.truth() == "among the notes"


# ---- the hand


def test_shift_and_click_adds_points_and_a_fifth_begins_anew(latent):
    latent.set(points=[[0.0, 0.0]])
    for k in range(1, 4):
        told(latent, type="place", panel="map", x=k / 2, y=-k / 2, shift=True)
        assert latent.state["points"][-1] == [k / 2, -k / 2]
    assert len(latent.state["points"]) == 4
    told(latent, type="place", panel="map", x=9.0, y=0.25, shift=True)
    assert latent.state["points"] == [[REACH, 0.25]]
    assert [track.name for track in latent.tracks()][1] == "the new note"  # there is no way to hear


def test_points_and_z_are_dragged_and_heard_when_let_go(latent, monkeypatch):
    played = []
    monkeypatch.setattr(latent.player, "play", played.append)
    told(latent, type="drag", panel="map", layer="points", index=1, x=0.5, y=2.0)
    assert latent.state["points"][1] == [0.5, 2.0]
    told(latent, type="drag", panel="map", layer="z", index=0, x=-1.0, y=1.0)
    assert latent.state["z"] == [-1.0, 1.0]
    assert played == []
    told(latent, type="drop", panel="map", layer="z", index=0, x=-1.0, y=1.5)
    told(latent, type="drop", panel="map", layer="points", index=0, x=-1.0, y=1.5)
    assert played == [0, 1]
    assert latent.tracks()[0].name == "z"
    assert "by codes" in latent.tracks()[1].name


def test_a_click_plays_and_another_place_is_another_sound(latent, monkeypatch):
    sent = []
    monkeypatch.setattr(latent.player, "send", lambda message, buffers=None: sent.append(message))
    for x in (0.5, 1.0, 0.5):
        told(latent, type="place", panel="map", x=x, y=0.0, shift=False)
    keys = [message["key"] for message in sent if message["type"] == "play"]
    assert keys[0] == keys[2] != keys[1]


# ---- one's own


def test_ones_own_vae_and_ones_own_sound(tmp_path):
    import soundfile

    torch.manual_seed(0)
    vae = VAE(2, channels=2, hidden=8)
    path = tmp_path / "tone.wav"
    t = np.arange(32_000) / 16_000
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * 220 * t) + 0.03 * np.sin(2 * np.pi * 440 * t), 16_000)
    explorer = Latent(vae, sound=str(path), pitch=57)
    assert explorer.state["note"] == "your sound"
    picture = explorer.result()["note"]
    assert picture[0, 5:20] == pytest.approx(np.ones(15), abs=0.02)
    assert picture[1, 5:20] == pytest.approx(np.full(15, 1 - 20 / 60), abs=0.02)  # 20 dB lower
    with torch.no_grad():
        wanted = vae.decode(vae.encode(torch.from_numpy(picture)[None])[0])[0]
    np.testing.assert_allclose(explorer.result()["made"], wanted.numpy(), atol=1e-5)
    assert explorer.set(model="2 numbers").problem
    assert explorer.reset().drive() > len(explorer.presets)
    assert "sixteen numbers" not in explorer.presets
    explorer.close()
    with pytest.raises(ValueError, match="40 to 64"):
        Latent(sound=str(path), pitch=80)
    with pytest.raises(ValueError, match="no file"):
        Latent(sound=str(tmp_path / "none.wav"))


@pytest.mark.parametrize(("state", "words"), [
    ({"z": [4.0, 0.0]}, "no place on the map"), ({"z": [1.0]}, "two numbers"), ({"points": []}, "one to 4"),
    ({"points": [[0.0, 0.0]] * 5}, "one to 4"), ({"steps": 2}, "3 to 9"), ({"sigma": -1.0}, "0 to 3"),
    ({"seed": 100}, "0 to 99"), ({"note": "tuba"}, "flute"), ({"ground": "grass"}, "8 × 8"), ({"way": "zigzag"}, "straight, arc"),
])  # fmt: skip
def test_what_cannot_be_is_explained(latent, state, words):
    with pytest.raises(ValueError, match=words):
        Latent(**state)
    before = latent.state
    assert latent.set(**state).problem
    assert latent.state == before
