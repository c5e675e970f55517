"""The landscape explorer: its numbers against torch and the concepts, its work in the background, its pictures."""

import asyncio
import copy
import re
import time

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from plotly import graph_objects as go
from torch import nn

from helpers.concepts.chart import HELD_OUT, LEVELS, exact
from helpers.concepts.landscape import Losses, Plane, named, random_directions, weights
from helpers.datasets.notes import FAMILIES
from helpers.explorers import Landscape
from helpers.explorers.landscape.landscape import EDGE
from helpers.explorers.landscape.terrain import PLOTLY
from helpers.explorers.landscape.words import known
from tests.explorers.making import landscapes


def make(**options):
    return Landscape(**landscapes(), **options)


def data():
    notes = landscapes()["notes"]
    return notes.mel[:, None], notes.family


def moved(name, a, b, seed=0, per="filter"):
    """The network with its weights moved by hand."""
    model = copy.deepcopy(landscapes()["models"][name])
    x, y = (named(model, d) for d in random_directions(model, seed, per))
    with torch.no_grad():
        for key, p in model.named_parameters():
            p += a * x[key] + b * y[key]
    return model.eval()


# ---- numbers


@pytest.mark.parametrize(("network", "per", "a", "b"), [("small", "filter", 0.0, 0.0), ("large", "network", -0.6, 0.75)])
def test_what_is_said_of_a_point_is_what_the_network_moved_there_says(network, per, a, b):
    result = make(network=network, per=per, seed=4, a=a, b=b).result()
    x, truth = data()
    with torch.no_grad():
        logits = moved(network, a, b, 4, per)(x)
    guess, before = logits.argmax(1), landscapes()["models"][network](x).argmax(1)
    assert result["loss"] == pytest.approx(float(F.cross_entropy(logits, truth)), rel=1e-5)
    each = F.cross_entropy(logits, truth, reduction="none").numpy()
    assert result["uncertainty"] == pytest.approx(each.std() / np.sqrt(len(each)), rel=1e-4)
    assert result["accuracy"] == pytest.approx(float((guess == truth).float().mean()))
    np.testing.assert_array_equal(result["guess"], guess)
    for i in range(len(FAMILIES)):
        taken = (guess == i).numpy()
        assert result["rightly"][i] == (taken & (truth == i).numpy()).sum()
        assert result["wrongly"][i] == (taken & (truth != i).numpy()).sum()
    assert set(result["lost"]) == {i for i in range(len(x)) if before[i] == truth[i] != guess[i]}
    assert result["family"] == FAMILIES[int(guess.bincount(minlength=11).argmax())]


@pytest.mark.parametrize("directions", ["random", "trajectory"])
@pytest.mark.parametrize("nodes", LEVELS)
def test_the_surface_is_near_the_exact_grid(directions, nodes):
    explorer = make(directions=directions, nodes=nodes)
    result = explorer.result()
    [site] = explorer.sites()
    at = slice(None, None, 5)
    *_, right = exact(site.losses, result["x"][at], result["y"][at], 64)
    error = np.abs(result["surface"][at, at] - right).max()
    assert error <= 4 * result["error"] + 1e-6
    assert result["share"] == pytest.approx(result["error"] / np.ptp(result["surface"]))
    assert result["evaluations"] == nodes**2 + HELD_OUT
    x, truth = data()
    with torch.no_grad():
        assert result["centre"] == pytest.approx(float(F.cross_entropy(landscapes()["models"]["small"](x), truth)), abs=1e-6)


def test_the_one_beside_is_that_networks_own_landscape():
    both, alone = make(against="large", seed=2).result(), make(network="large", seed=2).result()
    for key in ("surface", "error", "centre", "slice", "path", "x"):
        np.testing.assert_array_equal(both[f"against_{key}"], alone[key])


def test_the_slice_is_a_row_of_the_surface():
    explorer = make()
    result = explorer.result()
    explorer.set(b=float(result["y"][30]))
    np.testing.assert_allclose(explorer.result()["slice"], result["surface"][30], rtol=1e-9)


@pytest.mark.parametrize("directions", ["random", "trajectory"])
def test_the_way_has_the_snapshots_own_losses_and_those_of_the_nearest_places(directions):
    explorer, snapshots = make(directions=directions), landscapes()["snapshots"]["small"]
    result, model = explorer.result(), landscapes()["models"]["small"]
    [site] = explorer.sites()
    basis = torch.stack([site.plane.dx, site.plane.dy], 1).double()
    for i, state in enumerate(snapshots.states):
        other = copy.deepcopy(model)
        other.load_state_dict(state)
        with torch.no_grad():
            assert result["true"][i] == pytest.approx(float(F.cross_entropy(other(data()[0]), data()[1])), rel=1e-5)
            away = (weights(other) - weights(model)).double()
            right = torch.linalg.lstsq(basis, away[:, None]).solution[:, 0]
            np.testing.assert_allclose(result["path"][i], right, atol=1e-6)
            assert result["off"][i] == pytest.approx(float((away - basis @ right).norm()), abs=1e-5)
            torch.nn.utils.vector_to_parameters((weights(model).double() + basis @ right).float(), other.parameters())
            assert result["near"][i] == pytest.approx(float(F.cross_entropy(other(data()[0]), data()[1])), rel=1e-4)
    np.testing.assert_allclose(result["path"][-1], 0, atol=1e-5)
    assert list(result["steps"]) == snapshots.taken
    if directions == "trajectory":
        assert 0 < result["explained"].sum() <= 1 + 1e-9
        assert "loss" in explorer.alt()
        low, high = np.array([site.window[0], site.window[1]]).T
        assert (result["path"] > low).all()
        assert (result["path"] < high).all()


def test_the_words_say_the_numbers():
    explorer = make(against="large", a=0.25, b=-0.5, snapshot=2)
    result, said = explorer.result(), explorer.grid.caption
    found = [float(n.replace("−", "-")) for n in re.findall(r"−?\d+(?:\.\d+)?", said)]
    shown = {
        0: [result["evaluations"]],
        2: [100 * result["share"], 0.25, -0.5, result["off"][2]],
        3: [result[key] for key in ("error", "against_error", "loss", "uncertainty")] + [result["true"][2], result["near"][2]],
    }
    for digits, number in ((digits, number) for digits, numbers in shown.items() for number in numbers):
        assert any(abs(n - number) <= 0.5001 * 10**-digits for n in found), (number, said)


def test_the_networks_are_not_touched():
    given = landscapes()
    before = {name: copy.deepcopy(model.state_dict()) for name, model in given["models"].items()}
    random, training = torch.get_rng_state(), [m.training for m in given["models"].values()]
    explorer = make(against="large")
    explorer.refine().check().set(a=0.5, network="large", against="")
    explorer.surface()
    for name, model in given["models"].items():
        assert all(torch.equal(before[name][key], value) for key, value in model.state_dict().items())
        assert all(p.requires_grad for p in model.parameters())
    assert [m.training for m in given["models"].values()] == training
    assert torch.equal(torch.get_rng_state(), random)


# ---- sound


def test_the_notes_heard_are_those_taken_for_a_family():
    explorer = make(a=0.5)
    result, notes = explorer.result(), landscapes()["notes"]
    family = FAMILIES[int(result["guess"][0])]
    explorer.set(family=family)
    taken = [i for i, guess in enumerate(result["guess"]) if FAMILIES[guess] == family][:9]
    first = explorer.tracks()[0]
    assert first.name == f"taken for {family} ({len(taken)})"
    assert len(first.samples) == 16_000 * len(taken)
    for place, i in enumerate(taken):
        middle = slice(4000, 8000)
        np.testing.assert_allclose(first.samples[16_000 * place :][middle], notes.audio(i).numpy()[middle], atol=1e-6)


def test_what_was_right_and_is_wrong_can_be_heard_too():
    explorer = make(a=1.0, b=1.0)
    lost = explorer.result()["lost"]
    names = [track.name for track in explorer.tracks()]
    assert (f"right at the centre, wrong here ({min(len(lost), 9)})" in names) == bool(len(lost))


def test_a_click_on_a_family_plays_its_notes(monkeypatch):
    explorer, played = make(), []
    monkeypatch.setattr(explorer.player, "play", played.append)
    explorer.grid._receive(explorer.grid, {"type": "click", "panel": "guesses", "row": 3, "column": 0, "id": 1}, [])
    assert explorer.state["family"] == explorer.result()["family"] == FAMILIES[3]
    assert played == [0]


# ---- what the controls do


def receive(explorer, **message):
    explorer.grid._receive(explorer.grid, {**message, "id": 1}, [])


@pytest.mark.parametrize("message", [
    {"type": "place", "panel": "surface", "x": 0.4, "y": -0.3, "shift": False},
    {"type": "drag", "panel": "surface", "layer": "here", "index": 0, "x": 0.4, "y": -0.3},
    {"type": "drop", "panel": "surface", "layer": "here", "index": 0, "x": 0.4, "y": -0.3},
])  # fmt: skip
def test_a_click_or_drag_on_the_plane_moves_the_weights(message):
    explorer = make()
    receive(explorer, **message)
    assert (explorer.state["a"], explorer.state["b"]) == (0.4, -0.3)
    assert explorer.result()["loss"] == make(a=0.4, b=-0.3).result()["loss"]


def test_another_plane_begins_at_its_centre_with_few_nodes():
    explorer = make(nodes=13, a=0.5, b=0.5, snapshot=1)
    explorer.set(seed=3)
    assert {key: explorer.state[key] for key in ("nodes", "a", "b", "snapshot")} == {"nodes": 7, "a": 0.0, "b": 0.0, "snapshot": 1}
    explorer.set(network="large")
    assert explorer.state["snapshot"] == len(landscapes()["snapshots"]["large"].states) - 1


@pytest.mark.parametrize(("state", "way_out"), [
    ({"network": "huge"}, "small, large"), ({"against": "huge"}, "small, large"), ({"per": "none"}, "filter, layer, network"),
    ({"directions": "up"}, "random, trajectory"), ({"nodes": 9}, "7, 13, 25"), ({"scale": "cubic"}, "log, linear"),
    ({"family": "tuba"}, "brass"), ({"reach": 9.0}, "0.05 to 4"), ({"reach": 0.0}, "0.05 to 4"), ({"seed": -1}, "at least 0"),
    ({"snapshot": 99}, "the last is 6"), ({"a": 1.5}, "from −1.00 to 1.00"), ({"b": -2.0}, "from −1.00 to 1.00"),
])  # fmt: skip
def test_what_cannot_be_is_explained(state, way_out):
    with pytest.raises(ValueError, match=way_out):
        make(**state)
    explorer = make()
    before = explorer.state
    explorer.set(**state)
    assert re.search(way_out, explorer.problem)
    assert explorer.state == before


def test_without_snapshots_there_is_no_trajectory():
    given = landscapes()
    explorer = Landscape(given["models"], given["notes"], {"small": given["snapshots"]["small"]}, network="large")
    assert explorer.count() == 1
    assert "the way it took" not in explorer.presets
    assert "true" not in explorer.result()
    with pytest.raises(ValueError, match="No snapshots of large were given"):
        Landscape(given["models"], given["notes"], {"small": given["snapshots"]["small"]}, network="large", directions="trajectory")
    explorer.set(network="small", directions="trajectory")
    assert explorer.problem is None


def test_one_network_needs_no_name():
    given = landscapes()
    explorer = Landscape(given["models"]["small"], given["notes"], given["snapshots"]["small"])
    assert explorer.state["network"] == "the network"
    assert explorer.result()["loss"] == make().result()["loss"]
    assert "against" not in explorer.controls


def test_what_is_given_is_checked():
    given = landscapes()
    with pytest.raises(ValueError, match="0 networks"):
        Landscape({}, given["notes"])
    with pytest.raises(ValueError, match=r"snapshots of \['huge'\], but the networks are small, large"):
        Landscape(given["models"], given["notes"], {"huge": given["snapshots"]["small"]})
    fickle = nn.Sequential(given["models"]["small"], nn.Dropout()).train()
    with pytest.raises(ValueError, match=r"Call model.eval\(\) first"):
        Landscape(fickle, given["notes"])


# ---- work in the background


def slowed(monkeypatch, seconds=0.004, batch=1):
    """Every point takes a while, as on a larger network."""
    real = Losses.__call__

    def slow(self, points):
        time.sleep(seconds * len(points))
        return real(self, points)

    monkeypatch.setattr(Losses, "__call__", slow)
    monkeypatch.setattr(Losses, "_fastest", lambda self: batch)


def test_refining_goes_on_until_held_out_points_agree():
    explorer = make().refine()
    result = explorer.result()
    assert explorer.state["nodes"] == 25 or result["share"] <= 0.002
    assert make(nodes=explorer.state["nodes"]).result()["surface"] == pytest.approx(result["surface"])


def test_refining_leaves_the_loop_free_and_shows_frames(monkeypatch):
    slowed(monkeypatch)
    explorer, said, turns = make(against="large"), [], []
    explorer.survey.said.observe(lambda change: said.append((time.perf_counter(), change["new"])), "value")

    async def watch():
        explorer.controls["nodes"].value = 13
        await asyncio.sleep(0.02)
        task = asyncio.create_task(explorer.done())
        while not task.done():
            before = time.perf_counter()
            await asyncio.sleep(0)
            turns.append(time.perf_counter() - before)
        await task

    asyncio.run(watch())
    assert explorer.state["nodes"] == explorer.controls["nodes"].value == 13
    assert np.quantile(turns, 0.9) < 0.1
    gaps = np.diff([at for at, _ in said])
    assert len(said) > 3
    assert gaps.max() < 0.35
    assert "losses to go" in said[1][1]
    np.testing.assert_array_equal(explorer.result()["surface"], make(against="large", nodes=13).result()["surface"])


def test_cancel_ends_it_at_once_and_leaves_a_whole_state(monkeypatch):
    slowed(monkeypatch)
    explorer = make()
    before, picture = explorer.result(), explorer.grid.spec

    async def begin_and_cancel():
        explorer.controls["nodes"].value = 25
        await asyncio.sleep(0.05)
        waiting = asyncio.create_task(explorer.done())  # as a cell does, whose buttons have to work meanwhile
        await asyncio.sleep(0.3)
        assert explorer.survey.busy
        known = explorer.sites()[0].chart.known.sum()
        assert 73 < known < 73 + 300
        began = time.perf_counter()
        explorer.cancel()
        await waiting
        assert time.perf_counter() - began < 0.2

    asyncio.run(begin_and_cancel())
    assert explorer.state["nodes"] == explorer.controls["nodes"].value == 7
    assert "cancelled" in explorer.survey.said.value
    np.testing.assert_array_equal(explorer.result()["surface"], before["surface"])
    assert explorer.grid.spec == picture
    explorer.set(nodes=13)  # and it can go on
    assert explorer.result()["evaluations"] == 13**2 + HELD_OUT


def test_another_plane_ends_what_was_measured_on_the_last(monkeypatch):
    slowed(monkeypatch)
    explorer = make()

    async def change_meanwhile():
        explorer.refine()
        await asyncio.sleep(0.1)
        explorer.set(seed=5)
        await explorer.done()

    asyncio.run(change_meanwhile())
    assert (explorer.state["seed"], explorer.state["nodes"]) == (5, 7)


def test_an_error_in_the_background_is_raised_by_done(monkeypatch):
    explorer = make()

    async def fail():
        monkeypatch.setattr(Losses, "__call__", lambda self, points: 1 / 0)
        explorer.refine()
        await explorer.done()

    with pytest.raises(ZeroDivisionError):
        asyncio.run(fail())
    assert not explorer.survey.busy


def test_check_says_how_far_the_surface_is_from_an_exact_grid():
    explorer = make(nodes=7).check()
    [site] = explorer.sites()
    even = np.linspace(-1, 1, 21)
    *_, right = exact(site.losses, even, even, 64)
    error = np.abs(site.chart.surface(7, 21).values - right).max()
    assert explorer.checked["error"] == pytest.approx(error, rel=1e-4)
    assert explorer.checked["share"] == pytest.approx(error / np.ptp(right), rel=1e-4)
    assert f"{100 * explorer.checked['share']:.2f} % of the range" in explorer.survey.said.value
    assert explorer.survey.said.value.count("small, 7 × 7 nodes") == 1
    assert explorer.grid.panel("surface").values.shape == (51, 51)


@pytest.mark.parametrize("change", [
    {"seed": 1}, {"network": "large"}, {"per": "layer"}, {"reach": 0.5}, {"nodes": 13}, {"directions": "trajectory"},
])  # fmt: skip
def test_what_was_checked_is_said_of_no_other_surface(change):
    explorer = make(against="large").check()
    explorer.set(a=0.3, scale="linear", snapshot=2)  # all this leaves the surface what it was
    assert explorer.checked
    assert "Exact on" in explorer.survey.said.value
    explorer.set(**change)
    assert explorer.checked is None
    assert explorer.survey.said.value == ""


def test_more_nodes_while_it_checks_are_what_is_checked(monkeypatch):
    slowed(monkeypatch, 0.002)
    explorer = make()

    async def change_meanwhile():
        explorer.check()
        await asyncio.sleep(0.05)
        explorer.set(nodes=13)
        await explorer.done()

    asyncio.run(change_meanwhile())
    right = make(nodes=13).check()
    assert "13 × 13 nodes" in explorer.survey.said.value
    assert explorer.checked == right.checked


def test_a_small_error_is_not_called_nothing():
    said = known({"error": 0.000349, "share": 0.0094})
    assert said == "held-out ones off by at most 0.00035 (0.94 % of the range)"
    assert "not finite" in known({"error": float("nan"), "share": float("nan")})
    assert re.search(r"off by at most 0\.0*[1-9]", make(nodes=25, reach=0.25).grid.caption)


def test_while_it_checks_the_exact_grid_is_seen_growing(monkeypatch):
    slowed(monkeypatch, 0.002)
    explorer, seen = make(), []
    real = explorer.draw

    def draw():
        real()
        seen.append(explorer.grid.panel("surface").values)

    monkeypatch.setattr(explorer, "draw", draw)

    async def watch():
        explorer.check()
        await explorer.done()

    asyncio.run(watch())
    growing = [int(np.isfinite(values).sum()) for values in seen if values.shape == (21, 21)]
    assert len(growing) > 2
    assert growing == sorted(growing)
    assert 0 < growing[0] < 441
    assert seen[-1].shape == (51, 51)


def test_closing_ends_the_work(monkeypatch):
    slowed(monkeypatch)
    explorer = make()

    async def close():
        explorer.refine()
        await asyncio.sleep(0.05)
        explorer.close()
        await asyncio.sleep(0.1)
        return explorer.survey.busy

    assert not asyncio.run(close())


# ---- pictures


def test_both_planes_have_one_scale_of_colours():
    grid = make(against="large").grid
    left, right = grid.panel("surface"), grid.panel("against")
    assert (left.lo, left.hi) == (right.lo, right.hi)
    both = np.concatenate([left.values.ravel(), right.values.ravel()])
    assert (both.min(), both.max()) == pytest.approx((left.lo, left.hi), rel=1e-6)
    result = make(against="large").result()
    np.testing.assert_allclose(left.values, np.log10(result["surface"]))
    np.testing.assert_allclose(make(scale="linear").grid.panel("surface").values, result["surface"])


def test_the_3d_surface_is_the_surface():
    explorer = make(against="large", directions="trajectory", scale="linear")
    figure, result = explorer.surface(), explorer.result()
    assert isinstance(figure, go.Figure)
    for trace, prefix in zip(figure.data, ("", "against_"), strict=True):
        np.testing.assert_allclose(trace.z, result[f"{prefix}surface"], rtol=1e-6)
        np.testing.assert_array_equal(trace.z, trace.customdata)
        np.testing.assert_array_equal(trace.x, result[f"{prefix}x"])
        np.testing.assert_array_equal(trace.y, result[f"{prefix}y"])
    assert [trace.name for trace in figure.data] == ["small", "large"]
    bundle = figure._repr_mimebundle_()
    assert set(bundle) == {PLOTLY, "image/png", "text/plain"}
    assert sum(len(str(part)) for part in bundle.values()) < 400_000
    np.testing.assert_allclose(explorer.set(scale="log").surface().data[0].z, np.log10(result["surface"]), rtol=1e-5, atol=1e-6)


def test_the_question_is_about_notes_named_right():
    explorer = make(predict=True)
    x, truth = data()
    here, there = (int((moved("small", a, 0.0)(x).argmax(1) == truth).sum()) for a in (0.0, 1.0))
    assert f"names {here} of {len(x)} notes right" in explorer.asked.text
    share = there / here
    assert explorer.asked.truth() == next(said for said, least in EDGE.items() if share >= least)
    assert f"{there} are named right there" in explorer.asked.why


@pytest.mark.parametrize(("reach", "here", "there", "right"), [
    (1.0, 16, 6, "half or fewer"), (0.5, 16, 4, "half or fewer"), (1.0, 16, 8, "half or fewer"),  # as in the lecture, and about it
    (1.0, 16, 11, "around two thirds"), (1.0, 16, 15, "nearly all of them"), (1.0, 16, 20, "nearly all of them"),
    (1.0, 0, 0, "half or fewer"),
])  # fmt: skip
def test_the_answer_hangs_on_no_single_note(monkeypatch, reach, here, there, right):
    explorer = make(reach=reach)
    [site] = explorer.sites()
    truth = data()[1]

    def named_right(many):
        return torch.where(torch.arange(len(truth)) < many, truth, (truth + 1) % len(FAMILIES))

    site.guess = named_right(here)
    for more in (-1, 0, 1) if there and there < here else (0,):
        logits = F.one_hot(named_right(there + more), len(FAMILIES)).float()
        monkeypatch.setattr(site.losses, "outputs", lambda a, b, logits=logits: logits)
        asked = explorer.question()
        assert asked.truth() == right
        assert f"names {here} of {len(truth)}" in asked.text


def test_a_plane_may_be_moved_but_losses_stay_those_of_its_networks():
    """Two networks of one explorer do not share a plane by mistake."""
    given, explorer = landscapes(), make(against="large")
    for name, site in zip(("small", "large"), explorer.sites(), strict=True):
        model = given["models"][name]
        right = Losses(model, data(), Plane(weights(model), *random_directions(model, 0)))(np.array([[0.3, 0.7]]))
        assert site.losses(np.array([[0.3, 0.7]])) == pytest.approx(right, rel=1e-6)
