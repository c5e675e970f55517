"""The curve explorer against the rule written out, and its presets against their names."""

import numpy as np
import pytest

from helpers.explorers import Slope
from tests.explorers.test_contract import refused_in_words


def by_hand(state):
    """Gradient descent with momentum, w ← w − η m with m ← βm + f′(w), its slope by central differences."""
    f = (lambda w: w * w / 2) if state["curve"] == "valley" else (lambda w: w * w / 10 + state["height"] * np.sin(2 * w))
    w, m, path = state["start"], 0.0, []
    for _ in range(state["steps"] + 1):
        path.append(w)
        m = state["beta"] * m + (f(w + 1e-5) - f(w - 1e-5)) / 2e-5
        w = w - state["lr"] * m
    return np.array(path), f


@pytest.mark.parametrize("state", [
    {}, {"lr": 1.9, "start": 1.0, "position": 7}, {"curve": "hills", "start": 4.4, "beta": 0.8, "height": 0.3, "steps": 40},
    {"curve": "hills", "lr": 0.01, "position": 12},
], ids=str)  # fmt: skip
def test_every_number_is_that_of_the_rule_by_hand(state):
    explorer = Slope(**state)
    result = explorer.result()
    path, f = by_hand(explorer.state)
    np.testing.assert_allclose(result["path"], path, atol=1e-6)
    np.testing.assert_allclose(result["loss"], f(path), atol=1e-6)
    k = explorer.state["position"]
    assert result["w"] == pytest.approx(path[k], abs=1e-6)
    assert result["slope_here"] == pytest.approx((f(path[k] + 1e-5) - f(path[k] - 1e-5)) / 2e-5, abs=1e-6)
    assert result["diverged"] == -1


def test_the_step_is_spelled_out():
    explorer = Slope(lr=0.3, start=-3.0)
    assert "w − η·slope = −3.000 − 0.3·(−3.000) = −2.100" in explorer.grid.caption
    assert "After 30 steps: w = 0.000" in explorer.set(position=30).grid.caption


def test_arrows_lead_along_the_tangent():
    explorer = Slope(curve="hills", lr=0.2)
    arrows = next(layer for layer in explorer.grid.panel("curve").layers if layer.name == "along the slope").xy[:-1]
    path, f = by_hand(explorer.state)
    slopes = (f(path + 1e-5) - f(path - 1e-5)) / 2e-5
    np.testing.assert_allclose(arrows[:, :2], np.column_stack([path, f(path)])[:-1], atol=1e-6)
    np.testing.assert_allclose((arrows[:, 3] - arrows[:, 1]) / (arrows[:, 2] - arrows[:, 0]), slopes[:-1], atol=1e-4)


def test_presets_end_as_they_are_called():
    found = {}
    for name in Slope.presets:
        explorer = Slope()
        found[name] = explorer.set(**explorer.preset(name)).verdict()
    assert found["in one step"] == found["momentum rolls on"] == found["lower hills"] == "It lies in the deepest hollow."
    assert found["too small"] == found["too large"] == "It is still on its way."
    assert found["it diverges"] == "It climbs away."
    assert found["stuck in a hollow"] == "It lies in a hollow 1.36 above the deepest."
    assert found["noise shakes it out"] == "It is shaken about in the deepest hollow."
    assert Slope(lr=1.0, steps=10).result()["path"][1] == 0


def test_a_hilltop_is_no_hollow_and_a_swing_no_way():
    assert Slope(curve="hills", start=-2.58, lr=0.001, steps=10).verdict() == "It is still on its way."  # level, on top
    assert Slope(lr=2.0).verdict() == "It swings for ever."
    assert Slope(lr=2.0, steps=1).verdict() == "It is still on its way."  # no more is known of it
    assert Slope(lr=1.999).verdict() == "It is still on its way."


def test_the_question_offers_what_can_be_and_knows_the_answer():
    truths = {lr: Slope(lr=lr).question().truth() for lr in (1.0, 1.9, 2.0, 2.1, 3.0)}
    assert list(truths.values()) == [
        "in the deepest hollow", "still on its way", "it swings for ever", "it climbs away", "it climbs away",
    ]  # fmt: skip
    assert "in a higher hollow" not in Slope().question().options
    hills = Slope(curve="hills", lr=0.05, steps=100).question()
    assert hills.truth() == "in a higher hollow"
    assert set(hills.options) == {*truths.values(), "in a higher hollow"}


@pytest.mark.parametrize("state", [{}, {"position": 30}, {"lr": 3.0, "position": 30}, {"steps": 1, "position": 1}], ids=str)
def test_the_end_is_told_once(state):
    explorer = Slope(**state)
    assert explorer.alt().count(explorer.verdict().split(",")[0].rstrip(".")) <= 1
    assert explorer.alt().lower().count("out of reach") == (explorer.result()["diverged"] >= 0)


def test_the_hollow_is_found_by_walking_down_slowly():
    for start in np.linspace(-5.9, 5.9, 25).tolist():
        explorer = Slope(curve="hills", start=start, lr=0.005, steps=1)
        w, f = explorer.result()["w_last"], explorer.curve
        for _ in range(4000):
            w -= 0.01 * f.slope(w)
        if abs(f.slope(start)) > 0.02:  # not on a top
            assert explorer.hollows()[0] == pytest.approx(w, abs=0.01)
        grid = np.linspace(-6, 6, 10_001)
        assert explorer.hollows()[1] == pytest.approx(grid[f.value(grid).argmin()], abs=0.01)


def test_a_long_run_out_of_reach_says_so():
    explorer = Slope(lr=2.5, start=1.0, steps=100)
    k = explorer.result()["diverged"]
    assert abs(1.5**k) > 8e4 >= 1.5 ** (k - 1)
    assert f"out of reach at step {k}" in explorer.alt()


def test_the_start_is_dragged_along_the_curve():
    explorer = Slope()
    explorer.grid._receive(
        explorer.grid, {"type": "drag", "panel": "curve", "layer": "start", "index": 0, "x": 2.0, "y": 7.0, "id": 1}, []
    )
    assert explorer.state["start"] == 2.0
    dot = next(layer for layer in explorer.grid.panel("curve").layers if layer.name == "start")
    np.testing.assert_allclose(dot.xy, [[2.0, 2.0]])  # on the curve again


@pytest.mark.parametrize(("state", "way_out"), [
    ({"curve": "cliff"}, "valley, hills"), ({"lr": 0.0}, "0.001 to 3"), ({"start": 7.0}, "-6 to 6"), ({"beta": 1.0}, "0 to 0.99"),
    ({"steps": 0}, "1 to 100"), ({"position": 31}, "the last is 30"), ({"height": 2.0}, "0 to 1"),
])  # fmt: skip
def test_what_cannot_be_is_explained(state, way_out):
    refused_in_words(Slope(), Slope, state, way_out)
