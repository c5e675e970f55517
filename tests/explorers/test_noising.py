"""Noise over a cloud: mixed in the browser as the formula says, by schedules of one's own, and heard."""

import numpy as np
import pytest
import torch

from helpers.concepts import diffusion as maths
from helpers.datasets.clouds import sample
from helpers.explorers import Noising
from helpers.explorers.noising.noising import HANDLES, HEARD, POINTS
from helpers.explorers.parts.points import one_by_one


def layer(explorer, plane, name):
    return next(each for each in explorer.grid.panel(plane).layers if each.name == name)


@pytest.mark.parametrize("schedule", ["linear", "cosine", "sigmoid"])
def test_every_frame_of_the_film_is_the_formula(schedule):
    explorer = Noising(schedule=schedule, steps=50, position=20, seed=3, data="ring")
    left = maths.schedule(schedule, 50)
    x0 = torch.tensor(sample("ring", POINTS, 3))
    eps = torch.randn(POINTS, 2, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    swarm = layer(explorer, "now", "x_t")
    for t in (0, 1, 20, 49, 50):
        np.testing.assert_allclose(swarm.at(t), left[t] ** 0.5 * x0 + (1 - left[t]) ** 0.5 * eps, rtol=1e-6)
    np.testing.assert_allclose(explorer.result()["x"], swarm.at(20), rtol=1e-6)


def test_at_first_it_is_data_and_at_last_noise():
    result = Noising(steps=1000, position=1000).result()
    np.testing.assert_allclose(result["x"], result["eps"], atol=1e-3)
    assert result["variance"] == pytest.approx(1, abs=0.15)  # of 240 points
    np.testing.assert_array_equal(Noising(position=0).result()["x"], result["x0"])


def test_numbers_that_are_said():
    explorer = Noising(schedule="linear", steps=1000, position=259)
    left = float(maths.schedule("linear", 1000)[259])
    assert explorer.result()["snr"][259] == pytest.approx(10 * np.log10(left / (1 - left)))
    assert "Half is left at t = 259" in explorer.verdict()
    assert "50 % of the power is left" in explorer.verdict()
    assert "no noise yet" in explorer.set(position=0).verdict()


def test_a_drawn_schedule_goes_through_its_handles():
    handles = [0.9, 0.5, 0.4, 0.3, 0.2]
    explorer = Noising(schedule="drawn", handles=handles, steps=200)
    curve = explorer.result()["alpha bar, drawn"]
    np.testing.assert_allclose(curve[[round(at * 200) for at in HANDLES]], handles, rtol=1e-6)
    assert (np.diff(curve) < 0).all()
    assert 0 < curve[-1] < 1e-3


@pytest.mark.parametrize(("index", "y"), [(0, 0.02), (2, 0.999), (4, 0.97), (3, -1.0), (1, 2.0)])
def test_a_dragged_handle_pushes_the_others_out_of_its_way(index, y):
    explorer = Noising()
    message = {"type": "drag", "panel": "left", "layer": "handles", "index": index, "x": 0, "y": y, "id": 1}
    explorer.grid._receive(explorer.grid, message, [])
    explorer._newest.flush()
    state = explorer.state
    assert explorer.problem is None
    assert state["schedule"] == "drawn"
    assert state["handles"][index] == pytest.approx(min(max(y, 0.01 * (5 - index)), 1 - 0.01 * (index + 1)))
    assert (np.diff([1, *state["handles"], 0]) < 0).all()


def drag(explorer, index, y):
    message = {"type": "drag", "panel": "left", "layer": "handles", "index": index, "x": 0, "y": y, "id": 1}
    explorer.grid._receive(explorer.grid, message, [])
    explorer._newest.flush()


@pytest.mark.parametrize("steps", [10, 50, 200])
@pytest.mark.parametrize("schedule", ["cosine", "drawn"])
def test_a_handle_that_is_held_still_moves_no_other(steps, schedule):
    """A hand sends the same place many times: also where a handle lies between two times."""
    explorer, left = Noising(steps=steps, schedule=schedule, position=0), maths.schedule("cosine", steps)
    before = explorer.result()["handles"]
    np.testing.assert_allclose(before[:, 0], np.array(HANDLES) * steps)
    if schedule == "cosine":  # on the line that is drawn
        np.testing.assert_allclose(before[:, 1], np.interp(before[:, 0], np.arange(steps + 1), left))
    drag(explorer, 1, 0.6)
    once = explorer.state["handles"]
    np.testing.assert_allclose(np.delete(once, 1), np.delete(before[:, 1], 1), atol=5e-5)
    for _ in range(11):
        drag(explorer, 1, 0.6)
    assert explorer.state["handles"] == once
    np.testing.assert_allclose(layer(explorer, "left", "handles").xy[:, 1], once)  # the dot is where the hand is


def test_another_number_of_steps_keeps_the_moment():
    assert Noising(position=50).set(steps=1000).state["position"] == 250


def test_what_is_heard_is_what_is_seen():
    explorer = Noising(position=120)
    tracks = explorer.tracks()
    np.testing.assert_array_equal(tracks[0].samples, one_by_one(explorer.result()["x"][:HEARD]))
    np.testing.assert_array_equal(tracks[1].samples, one_by_one(explorer.result()["x0"][:HEARD]))
    other = next(track for track in tracks if "linear" in track.name)
    left = maths.schedule("linear", 200)[120].numpy()
    result = explorer.result()
    np.testing.assert_allclose(other.samples, one_by_one((left**0.5 * result["x0"] + (1 - left) ** 0.5 * result["eps"])[:HEARD]))
    led = next(track for track in tracks if track.beats)
    assert led.beats * explorer.count() == pytest.approx(len(led.samples) / led.rate, abs=0.5)


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ({"data": "a cube"}, "Choose one of eight Gaussians"),
        ({"steps": 33}, "choose one of 10, 50"),
        ({"handles": [0.5, 0.6, 0.4, 0.2, 0.1]}, "do not fall"),
        ({"handles": [0.5]}, "give 5 numbers"),
        ({"position": 201}, "the last is 200"),
    ],
)
def test_what_cannot_be_is_explained(state, says):
    with pytest.raises(ValueError, match=says):
        Noising(**state)


def test_the_question_has_one_right_answer():
    asked = Noising(predict=True).asked
    half = int((maths.schedule("linear", 1000) - 0.5).abs().argmin())
    assert asked.truth() == "about t = 250"
    assert abs(half - 250) < 20
