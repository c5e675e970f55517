"""Every number of Denoising against an independent computation, with networks that nobody has trained."""

import asyncio
import math
import time

import numpy as np
import pytest
import torch

from helpers.concepts.diffusion import schedule
from helpers.datasets.harmonics import load_harmonics, sound
from helpers.datasets.notes import FAMILIES
from helpers.explorers.denoising import Denoising, denoising, journey
from helpers.explorers.parts.timbres import LEVEL, played
from helpers.models.denoiser import CENTRE, SPREAD, Denoiser, picture, quarter_turns, start
from helpers.models.jumper import SMALLEST, Jumper

GUITAR, ORGAN = FAMILIES.index("guitar"), FAMILIES.index("organ")


@pytest.fixture(autouse=True)
def nets(monkeypatch):
    """Small, with weights that say something; nothing that others computed is known."""
    torch.manual_seed(0)
    found = Denoiser([8, 16, 24]).eval(), Jumper([8, 16, 24]).eval()
    for model in found:
        for p in model.parameters():
            torch.nn.init.normal_(p, std=0.08)
    monkeypatch.setattr(journey, "networks", lambda: found)
    monkeypatch.setattr(denoising, "_known", type(denoising._known)())
    return found


def turned(model, x, t, to, family=None):
    """A step of DDIM in v, x̂_0 cut off at what a picture can be: written out."""
    with torch.no_grad():
        v = model(x, t.expand(len(x)).float(), None if family is None else torch.full((len(x),), family))
    a, s = torch.cos(t * math.pi / 2).float(), torch.sin(t * math.pi / 2).float()
    x0 = (a * x - s * v).clamp(-CENTRE / SPREAD, (1 - CENTRE) / SPREAD)
    eps = (x - a * x0) / s
    b, r = torch.cos(to * math.pi / 2).float(), torch.sin(to * math.pi / 2).float()
    return b * x0 + r * eps, x0


def test_into_noise_each_place_is_the_mixture_of_one_note_and_one_noise():
    result = Denoising(way="into noise", note="guitar", seed=5, schedule="linear").result()
    alpha_bar = schedule("linear").numpy()[result["time"]]
    noise = start(1, 5)[0].numpy()
    for i, left in enumerate(alpha_bar):
        x = np.sqrt(left) * (result["real"] - CENTRE) / SPREAD + np.sqrt(1 - left) * noise
        np.testing.assert_allclose(result["x"][i], x * SPREAD + CENTRE, atol=1e-5)
    np.testing.assert_allclose(result["x"][0], result["real"], atol=1e-6)
    np.testing.assert_allclose(result["signal"] ** 2 + result["noise"] ** 2, 1)
    np.testing.assert_allclose(np.cos(result["turns"] * np.pi / 2), result["signal"], atol=1e-9)


def test_the_real_note_is_one_that_was_held_out_from_training_and_of_that_family():
    notes = load_harmonics("valid")
    for family in journey.real():
        found = [i for i in range(len(notes)) if torch.equal(notes.picture[i], journey.note(family))]
        assert {FAMILIES[int(notes.family[i])] for i in found} == {family}


def test_out_of_noise_is_ddim_written_out_and_what_the_model_samples(nets):
    result = Denoising(way="out of noise", family="organ", steps=5, seed=3, place=2).result()
    t = quarter_turns(schedule("cosine")[[1000, 800, 600, 400, 200, 0]])
    x = start(1, 3)
    for i in range(5):
        np.testing.assert_allclose(result["x"][i], x[0].numpy() * SPREAD + CENTRE, atol=1e-4)
        x, x0 = turned(nets[0], x, t[i], t[i + 1], ORGAN)
        np.testing.assert_allclose(result["x0"][i], x0[0].numpy() * SPREAD + CENTRE, atol=1e-4)
    np.testing.assert_allclose(result["goal"], nets[0].sample(1, 3, ORGAN, steps=5)[0].numpy(), atol=1e-5)
    assert result["passes"] == 5


def test_jumps_are_the_consistency_models(nets):
    explorer = Denoising(way="out of noise", family="organ", steps=5, seed=3, place=0)
    result = explorer.result()
    np.testing.assert_allclose(result["jump"][0], nets[1].sample(1, 3, ORGAN)[0].numpy(), atol=1e-3)  # ᾱ of T is not quite 0
    for i in range(5):
        x = torch.from_numpy((result["x"][i : i + 1] - CENTRE) / SPREAD)
        t = torch.tensor([max(result["turns"][i], SMALLEST)]).float()
        np.testing.assert_allclose(result["jump"][i], picture(nets[1](x, t, torch.tensor([ORGAN])))[0].detach().numpy(), atol=1e-4)
    off = 60 * np.sqrt(np.mean((result["jump"][0] - result["goal"]) ** 2))
    assert result["jump off"] == pytest.approx(off, rel=1e-5)


def test_an_edit_begins_with_the_note_drowned_so_far():
    explorer = Denoising(way="from a note", note="guitar", family="flute", strength=0.4, steps=4, place=0, seed=2)
    result = explorer.result()
    assert result["time"].tolist() == [400, 300, 200, 100, 0]
    left = float(schedule("cosine")[400])
    x = math.sqrt(left) * (result["real"] - CENTRE) / SPREAD + math.sqrt(1 - left) * start(1, 2)[0].numpy()
    np.testing.assert_allclose(result["x"][0], x * SPREAD + CENTRE, atol=1e-5)
    assert result["passes"] == 4
    assert Denoising(way="from a note", guidance=2.0, steps=4, place=0).result()["passes"] == 8


def test_guidance_of_0_is_being_told_nothing():
    ways = [
        Denoising(way="out of noise", steps=2, place=1, **told).result()["goal"]
        for told in (
            {"family": "organ", "guidance": 0.0},
            {"family": "any"},
            {"family": "organ"},
            {"family": "organ", "guidance": 4.0},
        )
    ]
    np.testing.assert_allclose(ways[0], ways[1], atol=1e-6)
    assert np.abs(ways[2] - ways[1]).max() > 1e-4
    assert np.abs(ways[3] - ways[1]).max() > np.abs(ways[2] - ways[1]).max()


def test_the_seed_decides_and_fresh_noise_leads_elsewhere():
    def end(**state):
        denoising._known.clear()
        return Denoising(way="out of noise", steps=5, place=0, **state).result()["goal"]

    assert np.array_equal(end(seed=1), end(seed=1))
    assert np.array_equal(end(seed=1, eta=1.0), end(seed=1, eta=1.0))
    assert not np.allclose(end(seed=1), end(seed=2), atol=0.05)
    assert not np.allclose(end(seed=1), end(seed=1, eta=1.0), atol=0.05)


def test_scrubbing_there_and_back_shows_what_was_and_asks_no_network(nets, monkeypatch):
    explorer = Denoising(way="out of noise", place=4)
    before = explorer.result()
    monkeypatch.setattr(journey, "travel", lambda *_: pytest.fail("computed again"))
    for place in (5, 16, 0, 4):
        explorer.set(place=place)
    after = explorer.result()
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_of_a_long_way_seventeen_pictures_are_shown_first_and_last_among_them():
    explorer = Denoising(way="out of noise", steps=50, place=0)
    time = explorer.result()["time"]
    assert len(time) == journey.PLACES == explorer.count()
    assert (time[0], time[-1]) == (1000, 0)
    assert (np.diff(time) < 0).all()
    few = explorer.set(steps=2)
    assert few.result()["time"].tolist() == [1000, 500, 0]
    assert few.state["place"] <= 2


def test_all_sounds_have_one_level_and_a_sound_is_its_picture():
    explorer = Denoising(way="from a note", steps=4, place=1)
    for track in explorer.tracks():
        rms = np.sqrt(np.mean(track.samples.astype(float) ** 2))
        assert rms == pytest.approx(LEVEL, rel=1e-3) or np.abs(track.samples).max() == pytest.approx(0.9, abs=1e-3)
    x = sound(torch.from_numpy(np.clip(explorer.result()["x"][1], 0, 1)), denoising.PITCH).numpy()
    heard = explorer.audio()[0]
    assert np.corrcoef(x, heard)[0, 1] == pytest.approx(1, abs=1e-5)
    assert np.array_equal(played(np.zeros((24, 32), np.float32), denoising.PITCH), np.zeros(16_000, np.float32))


def test_the_whole_way_is_its_places_one_after_the_other():
    explorer = Denoising(way="from a note", steps=4, place=1)
    whole = next(t for t in explorer.tracks() if t.name == "x̂₀, all the way")
    parts = whole.samples.reshape(5, -1)
    assert whole.beats == denoising.MOMENT == parts.shape[1] / 16_000
    np.testing.assert_allclose(
        parts[2], played(np.clip(explorer.result()["x0"][2], 0, 1), denoising.PITCH, denoising.MOMENT), atol=1e-6
    )


@pytest.mark.parametrize(("state", "words"), [
    ({"steps": 0}, "choose 1 to 1000"), ({"guidance": 9.0}, "choose 0 to 6"), ({"strength": 0.0}, "choose 0.05 to 1"),
    ({"note": "tuba"}, "no held-out note"), ({"family": "tuba"}, "choose one of any"), ({"way": "up"}, "into noise"),
    ({"place": 17}, "no place 17; this way has 17"), ({"schedule": "bent"}, "choose one of linear"),
])  # fmt: skip
def test_what_cannot_be_is_explained(state, words):
    with pytest.raises(ValueError, match=words):
        Denoising(**state)


def test_a_long_way_is_walked_in_the_background_and_can_be_cancelled(nets, monkeypatch):
    slow = nets[0].forward

    def forward(*args):
        time.sleep(0.02)
        return slow(*args)

    monkeypatch.setattr(nets[0], "forward", forward)
    explorer = Denoising(way="out of noise", steps=5, place=3)
    before, result = explorer.state, explorer.result()

    async def watch():
        explorer.controls["steps"].value = 250
        while not explorer.said.value:
            await asyncio.sleep(0.01)
        assert explorer.state == before  # the last way stays until the new one is known
        assert "on the way back" in explorer.said.value
        began = time.perf_counter()
        explorer.cancel()
        await explorer.done()
        assert time.perf_counter() - began < 0.6  # three times the budget, whoever else wants the processor
        assert explorer.said.value.count("cancelled") == 1
        assert explorer.state == before
        assert explorer.controls["steps"].value == 5
        assert all(np.array_equal(result[name], value) for name, value in explorer.result().items())
        explorer.controls["steps"].value = 50
        await asyncio.sleep(0.1)
        explorer.controls["seed"].value = 7  # meanwhile: both are meant
        await explorer.done()

    asyncio.run(watch())
    assert (explorer.state["steps"], explorer.state["seed"]) == (50, 7)
    assert explorer.result()["passes"] == 50
    assert explorer.said.value == ""


def slowly(monkeypatch, net) -> None:
    quick = net.forward

    def forward(*args):
        time.sleep(0.01)
        return quick(*args)

    monkeypatch.setattr(net, "forward", forward)


async def walking(explorer, **changes) -> None:
    """Ask for a long way by its controls, and wait until it is on it."""
    for name, value in changes.items():
        explorer.controls[name].value = value
    while "on the way back" not in explorer.said.value or "On the way back" not in explorer.grid.caption:
        await asyncio.sleep(0.01)


def choose_preset(explorer):
    explorer._menu.value = "two steps"


@pytest.mark.parametrize(("give_up", "state"), [
    (choose_preset, {"steps": 2, "family": "organ", "place": 1}),
    (lambda explorer: explorer.reset(), {"steps": 5, "place": 3}),
    (lambda explorer: explorer.set(family="flute"), {"steps": 5, "family": "flute"}),
    (lambda explorer: setattr(explorer.controls["steps"], "value", 8), {"steps": 8}),
])  # fmt: skip
def test_what_is_chosen_during_a_long_way_stays_and_nothing_is_left_of_the_way(nets, monkeypatch, give_up, state):
    slowly(monkeypatch, nets[0])
    explorer = Denoising(way="out of noise", steps=5, place=3)

    async def choose():
        await walking(explorer, steps=250)
        give_up(explorer)
        await asyncio.sleep(0.1)
        assert not explorer._work.busy
        assert explorer.said.value == ""
        await explorer.done()

    asyncio.run(choose())
    assert explorer.state.items() >= state.items()
    fresh = Denoising(**explorer.state)
    assert explorer.grid.caption == fresh.grid.caption
    assert explorer.said.value == ""
    for panel in fresh.grid.panels:
        assert explorer.grid.panel(panel.name).title == panel.title
        if panel.values is not None:
            np.testing.assert_array_equal(explorer.grid.panel(panel.name).values, panel.values)


def test_while_a_way_is_walked_its_own_noise_is_named_and_no_end_is_shown(nets, monkeypatch):
    slowly(monkeypatch, nets[0])
    explorer = Denoising(way="out of noise", steps=4, place=1)

    async def watch():
        await walking(explorer, schedule="linear", steps=250)
        trip, place = explorer._reached
        explorer.draw()
        explorer.set(place=2)  # whoever scrubs the last way meanwhile does not end it
        assert explorer._work.busy
        noise = math.sqrt(1 - schedule("linear")[place.t])
        large = {name: explorer.grid.panel(f"large {name}") for name in ("x", "x0", "jump", "last")}
        assert large["x"].title == f"x_t: {noise:.2f} × noise in it"
        assert large["last"].title == "not there yet"
        assert np.isnan(large["jump"].values).all()
        assert np.isnan(large["last"].values).all()
        np.testing.assert_allclose(large["x"].values, place.x[0] * SPREAD + CENTRE, atol=1e-6)
        assert f"t = {place.t:,}, {noise:.2f} × noise" in explorer.grid.caption
        assert "dB" not in explorer.grid.caption + explorer.grid.alt
        with pytest.raises(ValueError, match="stepps"):
            explorer.set(stepps=3)
        assert "5,000" in explorer.set(steps=5000).problem or explorer.problem
        assert explorer._work.busy  # what cannot be ends nothing
        explorer.set(place=2)
        assert trip.schedule == "linear"
        explorer.static()
        explorer.cancel()
        await explorer.done()

    asyncio.run(watch())
    assert "dB" in explorer.grid.caption


def test_an_error_on_a_long_way_is_told_where_it_was_said_how_far_it_is(nets, monkeypatch):
    slowly(monkeypatch, nets[0])
    explorer = Denoising(way="out of noise", steps=4, place=1)
    before = explorer.grid.caption

    def broken(*args):
        raise RuntimeError("mat1 and mat2 <shapes> cannot be multiplied")

    async def watch():
        await walking(explorer, steps=250)
        monkeypatch.setattr(nets[0], "forward", broken)
        with pytest.raises(RuntimeError, match="mat1"):
            await explorer.done()

    asyncio.run(watch())
    assert "stopped: mat1 and mat2 &lt;shapes&gt; cannot be multiplied" in explorer.said.value
    assert explorer.grid.caption == before


def test_a_way_that_is_given_up_leaves_gradients_on(nets):
    way = journey.travel(journey.trip_of(Denoising(way="out of noise", steps=5, place=0).state))
    next(way)
    assert torch.is_grad_enabled()  # between two steps, others may train
    way.close()
    assert torch.is_grad_enabled()


def test_a_denoiser_of_ones_own_takes_the_place_of_the_one_shipped():
    torch.manual_seed(3)
    mine = Denoiser([8, 8, 16])
    torch.nn.init.normal_(mine.last[2].weight, std=0.1)
    theirs, ours = Denoising(way="out of noise", steps=2, place=0), Denoising(mine, way="out of noise", steps=2, place=0)
    assert not mine.training
    np.testing.assert_allclose(ours.result()["goal"], mine.sample(1, 0, GUITAR, steps=2)[0].numpy(), atol=1e-5)
    assert np.abs(ours.result()["goal"] - theirs.result()["goal"]).max() > 0.01
    assert ours.to_code().startswith("Denoising(denoiser=denoiser, ")


@pytest.mark.parametrize(("panel", "column", "place"), [("noise", 2, 2), ("strip x", 33 * 11 + 16, 11), ("strip jump", 0, 0)])
def test_a_click_goes_to_the_place_that_is_clicked(panel, column, place):
    explorer = Denoising()
    explorer.grid._receive(explorer.grid, {"type": "click", "id": 1, "panel": panel, "row": 0, "column": column}, [])
    assert explorer.state["place"] == place
