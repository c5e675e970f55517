"""The way back as shown, against the steps written out here; networks learned live; what is compared, asked and heard."""

import asyncio
from functools import partial
from time import perf_counter, process_time

import numpy as np
import pytest
import torch

from helpers.concepts import diffusion as maths
from helpers.concepts.fidelity import mmd, modes_covered
from helpers.concepts.mixture_noise import MixtureNoise
from helpers.datasets.clouds import cloud
from helpers.explorers import Diffusion
from helpers.explorers.diffusion import picture
from helpers.explorers.diffusion import way as module
from helpers.explorers.diffusion.diffusion import BESIDE, EXACT
from helpers.explorers.diffusion.pupil import EVERY, GOAL, Pupil, pupil
from helpers.explorers.diffusion.target import target
from helpers.explorers.diffusion.way import BINS, COUNT, FEET, Setting, way
from helpers.explorers.parts.background import SLICE
from helpers.explorers.parts.points import one_by_one
from tests.explorers.making import same

NET = "a net that predicts v"


def layer(explorer, plane, name):
    return next(each for each in explorer.grid.panel(plane).layers if each.name == name)


def exact(schedule="cosine", mine=None):
    means = torch.tensor(cloud("eight Gaussians").centres, dtype=torch.float32)
    means = means if mine is None else means[mine]
    n = len(means)
    return MixtureNoise(torch.full((n,), 1 / n), means, torch.full((n,), 0.05**2), maths.schedule(schedule, 1000))


def test_ddim_is_its_formula_from_the_exact_noise():
    explorer = Diffusion(steps=20, position=7, seed=4)
    model, x = exact(), torch.randn(COUNT, 2, generator=torch.Generator().manual_seed(4))
    left = model.alpha_bar.float()
    for k in range(20):
        t, to = 1000 - 50 * k, 950 - 50 * k
        eps = model(x, torch.full((COUNT,), t))
        x0 = (x - (1 - left[t]).sqrt() * eps) / left[t].sqrt()
        if k == 7:
            result = explorer.result()
            assert result["t"][7] == t
            np.testing.assert_allclose(result["x"], x, atol=1e-3)
            np.testing.assert_allclose(result["x0"], x0, atol=1e-3)
            feet = torch.tensor(FEET, dtype=torch.float32)
            np.testing.assert_allclose(result["field"], -model(feet, torch.full((len(feet),), t)), atol=1e-4)
        x = left[to].sqrt() * x0 + (1 - left[to]).sqrt() * eps
    explorer.set(position=20)
    np.testing.assert_allclose(explorer.result()["x"], x, atol=2e-3)
    modes, quality = modes_covered(x, torch.tensor(cloud("eight Gaussians").centres), 0.05)
    assert (explorer.result()["modes"], explorer.result()["quality"]) == (modes, pytest.approx(quality, abs=0.01))


def test_the_film_shows_each_step_and_scrubbing_back_shows_the_same():
    explorer = Diffusion(steps=50, position=10)
    there = explorer.result()
    swarm = layer(explorer, "walk", "x_t")
    np.testing.assert_array_equal(swarm.at(10), there["x"][: picture.SHOWN])
    explorer.step(5).set(position=10)
    np.testing.assert_array_equal(explorer.result()["x"], there["x"])
    assert layer(explorer, "walk", "path 3").xy.shape == (explorer.count(), 2)


@pytest.mark.parametrize("steps", [5, 10, 20, 50, 100, 250, 1000])
def test_frames_are_few_even_and_end_at_the_data(steps):
    explorer = Diffusion(steps=steps, position=0)
    t = explorer.result()["t"]
    assert t[0] == 1000
    assert t[-1] == 0
    assert len(t) <= 34
    assert np.ptp(np.diff(t)[:-1]) <= 2
    assert explorer.result()["steps"] == steps


def test_one_seed_one_way_and_ddpm_throws_its_own_dice():
    ends = [Diffusion(sampler=sampler, eta=eta, steps=10, position=10).result()["x"] for sampler, eta in
            (("DDIM", 0.0), ("DDIM", 0.0), ("DDPM", 0.0), ("DDIM", 1.0))]  # fmt: skip
    assert np.array_equal(ends[0], ends[1])
    assert not np.allclose(ends[0], ends[2], atol=0.1)
    np.testing.assert_allclose(ends[2], ends[3], atol=1e-3)  # η = 1 is DDPM
    x = Diffusion(sampler="DDPM", schedule="linear", steps=20, position=0).step().result()["x"]
    assert x.std() == pytest.approx(1, abs=0.05)  # dice that were the noise it began with would add to it


def test_guidance_asks_for_low_notes():
    result = {w: Diffusion(given="low", w=w, position=26 - 1).result() for w in (0.0, 1.0, 5.0)}
    shares = [(found["x"][:, 0] < -0.3).mean() for found in result.values()]
    assert shares[0] < 0.5 < 0.98 < shares[1]
    assert result[5.0]["x"][:, 0].mean() < result[1.0]["x"][:, 0].mean() - 0.1
    assert (result[1.0]["data"][:, 0] < 0.2).all()
    low = torch.tensor(cloud("eight Gaussians").centres)[:, 0] < -1e-6
    by_hand = maths.sample(
        maths.guided(exact(), exact(mine=low), 5.0), torch.randn(COUNT, 2, generator=torch.Generator().manual_seed(0)),
        exact().alpha_bar, maths.times(1000, 50), partial(maths.ddim_step, eta=0.0),
    )  # fmt: skip
    np.testing.assert_allclose(result[5.0]["x"], by_hand, atol=1e-3)


def test_how_near_is_the_mmd_and_a_dragged_note_is_a_way_walked_afresh():
    """What a drag finds again of the last place of the note is to the bit what another process would compute."""
    state = {"strength": 0.4, "given": "low", "w": 3.0, "steps": 20}
    dragged = Diffusion(**state, note=[0.9, 0.3]).set(note=[-0.5, 1.0]).step(99)
    real, _ = target("eight Gaussians").draw(COUNT, seed=2, given="low")
    found = torch.from_numpy(dragged.result()["x"])
    assert dragged.result()["near"] == mmd(real, found, [0.1, 0.3, 1.0])
    for part in (way, module._field, module._real):
        part.cache_clear()
    assert same(Diffusion(**dragged.state).result(), dragged.result())


def test_it_begins_at_a_note_under_some_noise():
    explorer = Diffusion(strength=0.4, note=[0.5, -1.0], position=0, steps=50)
    result, left = explorer.result(), maths.schedule("cosine", 1000)[400]
    assert result["t"][0] == 400
    assert result["steps"] == 20
    noise = torch.randn(COUNT, 2, generator=torch.Generator().manual_seed(0))
    np.testing.assert_allclose(result["x"], left**0.5 * torch.tensor([0.5, -1.0]) + (1 - left) ** 0.5 * noise, atol=1e-5)
    assert layer(explorer, "walk", "note").drag
    message = {"type": "drop", "panel": "walk", "layer": "note", "index": 0, "x": -0.6, "y": 0.6, "id": 1}
    explorer.grid._receive(explorer.grid, message, [])
    explorer._newest.flush()
    assert explorer.state["note"] == [-0.6, 0.6]
    near = [np.hypot(*(Diffusion(strength=s, note=[-0.6, 0.6]).step(99).result()["x"] - [-0.6, 0.6]).T).mean() for s in (0.2, 0.9)]
    assert near[0] < 0.35 < 0.7 < near[1]  # little noise: it stays


@pytest.mark.parametrize("beside", [name for name, change in BESIDE.items() if change])
def test_what_is_beside_is_the_same_noise_in_another_setting(beside):
    mine = {"sampler": "DDPM", "given": "low", "w": 3.0, "steps": 20, "schedule": "sigmoid"}
    explorer = Diffusion(**mine, beside=beside, position=0)
    other = Diffusion(**{**mine, **BESIDE[beside]}, position=0)
    np.testing.assert_array_equal(explorer.result()["x beside"], other.result()["x"])
    explorer.step(1000)
    other.step(1000)
    np.testing.assert_array_equal(explorer.result()["x beside"], other.result()["x"])
    assert explorer.result()["near beside"] == other.result()["near"]


@pytest.mark.parametrize("beside", ["DDPM", "5 steps", "linear schedule", "w = 1, not guided", EXACT])
def test_beside_a_net_is_the_same_net_or_the_one_of_that_schedule(beside):
    mine = {"network": NET, "trained": EVERY, "data": "two notes", "given": "high", "w": 3.0, "steps": 10}
    theirs = {**mine, **BESIDE[beside]}
    if beside == EXACT:
        theirs["trained"] = 0
    if beside == "linear schedule":
        theirs["trained"] = pupil("two notes", "linear", "v").latest
    explorer, other = Diffusion(**mine, beside=beside, position=10), Diffusion(**theirs, position=0).step(99)
    np.testing.assert_array_equal(explorer.result()["x beside"], other.result()["x"])
    assert explorer.result()["near beside"] == other.result()["near"]
    assert explorer.result().get("trained beside") == other.result().get("trained")
    assert ("update" in explorer.verdict().split("beside it")[1]) == (beside != EXACT)


def test_abreast_means_as_far_or_not_quite():
    few, many = (way(Setting("ring", EXACT, 0, "cosine", "DDIM", 0.0, steps, "any", 1.0, 1.0, (0.0, 0.0), 0)) for steps in (5, 50))
    frames = picture.abreast(many, few)
    assert (few.t[frames] >= many.t).all()
    assert few.t[frames[-1]] == 0
    later = np.minimum(frames + 1, len(few.t) - 1)
    assert ((few.t[later] < many.t) | (frames == len(few.t) - 1)).all()


def test_a_cloud_without_modes_is_stood_for_by_its_points():
    aim = target("spiral")
    assert not aim.modes
    assert "modes" not in Diffusion(data="spiral").verdict()
    points, _ = aim.draw(2000, seed=0)
    assert torch.cdist(points, aim.means).min(1).values.max() < 6 * aim.spread
    low, classes = aim.draw(500, seed=0, given="low")
    assert classes.max() == 0
    assert low[:, 0].max() < 4 * aim.spread


def test_the_least_error_is_that_of_the_exact_noise_and_a_net_is_never_below_it():
    result = Diffusion(network=NET, trained=100, position=0).result()
    assert (result["error"] > result["error, exact"] - 0.02).all()
    model, (x0, _) = exact(), target("eight Gaussians").draw(40_000, seed=9)
    eps = torch.randn(x0.shape, generator=torch.Generator().manual_seed(9))
    for k in (0, 4, 9):
        t = int(BINS[k])
        said = model(maths.forward(x0, eps, model.alpha_bar[t]), torch.full((len(x0),), t))
        assert result["error, exact"][k] == pytest.approx(float((said - eps).square().mean()), abs=0.06)


# ---- learning


def test_a_net_is_the_same_after_as_many_updates():
    mine = Pupil("ring", "linear", "eps")
    mine.model(2 * EVERY, "any", 1.0)
    again = Pupil("ring", "linear", "eps")
    for _ in again.lessons(EVERY):
        pass
    x, t = torch.randn(9, 2), torch.full((9,), 500)
    assert torch.equal(again.model(EVERY, "any", 1.0)(x, t), mine.model(EVERY, "any", 1.0)(x, t))
    assert not torch.equal(again.model(0, "any", 1.0)(x, t), mine.model(EVERY, "any", 1.0)(x, t))


def test_it_learns_without_a_loop_and_nears_the_data(monkeypatch):
    monkeypatch.setattr("helpers.explorers.diffusion.diffusion.GOAL", 300)
    explorer = Diffusion(data="two notes", network=NET, steps=20)
    before = explorer.result()["near"]
    assert explorer.state["trained"] == 0
    explorer.train()
    assert explorer.state["trained"] == 300
    assert explorer.result()["near"] < before / 5
    assert explorer.result()["modes"] == 2
    assert "300 updates" in explorer.said.value
    other = Diffusion(**explorer.state)
    np.testing.assert_array_equal(other.result()["x"], explorer.result()["x"])
    assert explorer.set(network=EXACT).state["trained"] == 0
    assert explorer.set(network=NET).state["trained"] == 300  # it is found again


def test_a_net_that_has_learned_nothing_has_learned_nothing_wherever_another_learned():
    net = pupil("eight Gaussians", "cosine", "v")
    for _ in net.lessons(max(EVERY, net.done)):
        pass
    preset = Diffusion.presets["a net that has learned nothing"]
    chosen = Diffusion().set(**Diffusion().preset("a net that has learned nothing"))
    assert chosen.state["trained"] == Diffusion(**preset).state["trained"] == Diffusion(network=NET).state["trained"] == 0
    assert same(chosen.result(), Diffusion(**preset).result())
    assert Diffusion().set(network=NET).state["trained"] == net.latest  # who comes back to it by the menu finds what was learned


def test_of_each_net_it_says_after_how_many_updates_it_is_shown():
    net = pupil("two notes", "cosine", "v")
    for _ in net.lessons(2 * EVERY):
        pass
    explorer = Diffusion(data="two notes", network=NET, schedule="linear", trained=EVERY, beside="cosine schedule", steps=5)
    own, beside = explorer.verdict().split("beside it")
    assert own.count("after 25 updates") == 1
    assert beside.count(f"after {net.latest} updates") == 1
    assert (explorer.result()["trained"], explorer.result()["trained beside"]) == (25, net.latest)
    own, beside = explorer.set(beside=EXACT).verdict().split("beside it")
    assert "after 25 updates" in own
    assert "update" not in beside
    assert "update" not in Diffusion().verdict()


def test_the_line_of_status_is_about_the_net_that_is_shown(monkeypatch):
    monkeypatch.setattr("helpers.explorers.diffusion.diffusion.GOAL", EVERY)
    for change in ({"data": "ring"}, {"schedule": "linear"}, {"network": EXACT}):
        explorer = Diffusion(data="two notes", network=NET, steps=5).train()
        assert "updates" in explorer.set(seed=3).said.value
        assert explorer.set(**change).said.value == ""


def test_cancel_ends_the_training_at_once_and_keeps_what_was_learned():
    async def meanwhile():
        explorer = Diffusion(network="a net that predicts x₀", data="grid", steps=5)
        explorer.train()
        net = pupil("grid", "cosine", "x0")
        while net.done < 2 * EVERY:
            await asyncio.sleep(0.01)
        began = perf_counter()
        explorer.cancel()
        await explorer.done()
        return explorer, net, perf_counter() - began

    explorer, net, took = asyncio.run(meanwhile())
    assert took < 1.0  # by the clock, whoever else wants the processor; the next test says what it takes by itself
    assert net.done < GOAL
    assert explorer.state["trained"] == net.latest >= 2 * EVERY
    assert "cancelled" in explorer.said.value


@pytest.mark.parametrize("state", [{"steps": 50, "beside": EXACT}, {"steps": 1000, "given": "low", "w": 3.0, "beside": "DDPM"}])
def test_cancel_waits_for_no_more_than_a_fifth_of_a_second(state, monkeypatch):
    """The longest that the kernel is away while it learns: one update, or one picture on the way."""
    explorer, longest = Diffusion(network=NET, data="ring", steps=5), {"update": 0.0, "picture": 0.0}
    monkeypatch.setattr(explorer._work, "start", lambda lessons: explorer.__setattr__("lessons", lessons))
    lessons = explorer.train().set(**state).lessons
    for updates in range(1, 2 * EVERY + 5):
        began = process_time()
        said = next(lessons)
        longest["update"] = max(longest["update"], process_time() - began) if updates > 1 else 0.0
        if updates % EVERY == 3:
            began = process_time()
            explorer._progress(said)
            longest["picture"] = max(longest["picture"], process_time() - began)
    explorer.set(**Diffusion.defaults | {"network": NET, "data": "ring", "steps": 5, "position": 0}).lessons.close()
    print(f"away for at most {1000 * (SLICE + sum(longest.values())):.0f} ms")
    assert SLICE + longest["update"] + longest["picture"] < 3 * 0.2, longest


def test_while_a_net_learns_a_long_way_is_walked_in_few_steps_and_that_is_said():
    async def meanwhile():
        explorer = Diffusion(network="a net that predicts ε", data="two notes", steps=250, position=30)
        explorer.train()
        while not explorer.state["trained"]:
            await asyncio.sleep(0.01)
        going = explorer.result(), explorer.verdict(), explorer.state["position"]
        explorer.train()  # once more: it goes on, and is shown
        assert explorer._work.busy
        assert explorer._teaching
        before = explorer.state["trained"]
        while explorer.state["trained"] == before:
            await asyncio.sleep(0.01)
        explorer.cancel()
        await explorer.done()
        return explorer, going

    explorer, (result, said, position) = asyncio.run(asyncio.wait_for(meanwhile(), 60))
    assert result["steps"] == 32
    assert "DDIM in 32 steps" in said
    assert "ways of more than 50 steps are walked in at most 32" in said
    assert position == explorer.state["position"] == 30
    assert explorer.result()["steps"] == 250
    assert "at most 32" not in explorer.verdict()
    assert same(Diffusion(**explorer.state).result(), explorer.result())


def test_of_a_shortened_way_beside_one_is_told_and_it_is_walked_whole_when_another_net_is_chosen():
    async def meanwhile():
        explorer = Diffusion(network="a net that predicts ε", data="ring", steps=5, beside="250 steps")
        explorer.train()
        while not explorer.state["trained"]:
            await asyncio.sleep(0.01)
        said, steps = explorer.verdict(), explorer.ways()[1].steps
        explorer.set(schedule="linear", steps=250, beside="cosine schedule")
        await explorer.done()
        return explorer, said, steps

    explorer, said, steps = asyncio.run(asyncio.wait_for(meanwhile(), 60))
    assert steps == 32
    assert "walked in at most 32" in said
    assert explorer.ways()[1].steps == 250
    assert explorer.result()["steps beside"] == 250
    assert "at most 32" not in explorer.verdict()


def test_a_training_that_is_ended_does_not_end_the_next_ones_pictures():
    async def meanwhile():
        explorer = Diffusion(network="a net that predicts x₀", data="two moons", steps=5)
        explorer.train()
        await asyncio.sleep(0.05)
        explorer.cancel()
        explorer.train()  # before the first has put things in order
        await asyncio.sleep(0.3)
        assert explorer._teaching
        explorer.set(data="ring")
        assert not explorer._work.busy  # nothing learns that is not shown
        await explorer.done()

    asyncio.run(meanwhile())


def test_another_choice_ends_the_training():
    async def meanwhile():
        explorer = Diffusion(network="a net that predicts ε", data="two moons", steps=5)
        explorer.train()
        await asyncio.sleep(0.1)
        explorer.set(data="two notes")
        await explorer.done()
        return explorer

    explorer = asyncio.run(meanwhile())
    assert explorer.state["data"] == "two notes"
    assert pupil("two moons", "cosine", "eps").done < GOAL


# ---- words and sounds


def test_what_is_heard_is_what_is_seen():
    explorer = Diffusion(steps=10, position=6)
    film, now, guesses, data = explorer.tracks()
    np.testing.assert_array_equal(now.samples, one_by_one(explorer.result()["x"][:12]))
    np.testing.assert_array_equal(guesses.samples, one_by_one(explorer.result()["x0"][:12]))
    np.testing.assert_array_equal(data.samples, one_by_one(explorer.result()["data"][:12]))
    assert film.beats * explorer.count() == pytest.approx(len(film.samples) / film.rate, abs=0.5)


def test_the_question_is_answered_by_the_measure():
    explorer = Diffusion(predict=True)
    few, many = (Diffusion(steps=steps).result()["near"] for steps in (5, 50))
    assert explorer.asked.truth() == "3 to 30 times as far"
    assert 3 < few / many <= 30


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ({"network": "a GAN"}, "network is 'a GAN'; choose one of the exact noise"),
        ({"trained": 25}, "the exact noise has none"),
        ({"network": NET, "trained": 30}, "after every 25 updates"),
        ({"note": [5.0, 0.0]}, "give its x and y"),
        ({"eta": 2.0}, "choose 0 to 1"),
        ({"strength": 0.0}, "choose 0.05 to 1"),
        ({"position": 99}, "no frame 99; the last is 25"),
        ({"steps": 7}, "choose one of 5, 10"),
    ],
)
def test_what_cannot_be_is_explained(state, says):
    with pytest.raises(ValueError, match=says):
        Diffusion(**state)


def test_fifty_steps_of_five_hundred_points_are_quick():
    way.cache_clear()
    setting = Diffusion()._setting(Diffusion.defaults)
    times = []
    for seed in range(5):
        began = process_time()  # others may want the processor too
        way(setting._replace(seed=100 + seed))
        times.append(process_time() - began)
    print(f"{1000 * min(times):.0f} ms")
    assert min(times) < 3 * 0.3
