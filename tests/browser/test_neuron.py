"""Lecture 01's explorers in JupyterLab: the line, the points and the corners dragged, sounds picked, against headless ones."""

import pytest
from playwright.sync_api import expect

from helpers.explorers import Folds, Neuron, Pieces, Shaper, Spiking
from tests.browser.cells import cell

# Notes how many samples what plays has: a point sounds for a third of a second only.
LISTEN = """() => {
  setInterval(() => {
    const now = globalThis[Symbol.for('deep-learning-you-can-hear')]?.playing?.source.buffer;
    if (now) globalThis.heard = now.length;
  }, 10);
}"""


def settled(shown, lab, last) -> dict:
    """The state once the browser shows something else than `last`."""
    expect(shown.canvas).not_to_have_attribute("aria-label", last.alt())
    lab.page.wait_for_timeout(300)
    return lab.ask("ex.state")


@pytest.fixture
def neuron(lab):
    shown = lab.show(cell("Neuron()"))[0].drawn()
    shown.shows(Neuron())
    assert lab.ask("ex.state") == Neuron().state  # no control has rounded anything
    return shown


def test_the_line_is_dragged_by_its_middle_and_turned_by_its_arrow(neuron, lab):
    neuron.drag_dot(Neuron().grid, "features", "handles", 0, (0.0, 0.1))
    state = settled(neuron, lab, Neuron())
    moved = Neuron(**state)
    assert (state["w1"], state["w2"]) == pytest.approx((0.3874, -0.6511))
    assert abs(state["w2"] * 0.1 + state["b"]) < 0.05
    neuron.shows(moved)
    neuron.drag_dot(moved.grid, "features", "handles", 1, (0.1, 0.6))
    state = settled(neuron, lab, moved)
    assert state["w2"] > 0.5
    neuron.shows(Neuron(**state))
    assert lab.ask("ex.result()['loss']") == Neuron(**state).result()["loss"]


def test_a_point_is_dragged_added_and_taken_away(neuron, lab):
    neuron.drag_dot(Neuron().grid, "features", "class 1", 0, (0.9, -0.9))
    state = settled(neuron, lab, Neuron())
    moved = Neuron(**state)
    first = moved._indices("class 1")[0]
    assert state["points"][first] == pytest.approx([0.9, -0.9, 1], abs=0.02)
    neuron.shows(moved)
    neuron.toggle("class 1").click()
    moved.set(brush=1)
    neuron.shows(moved)
    neuron.click_at(moved.grid, "features", -0.9, 0.0)
    state = settled(neuron, lab, moved)
    assert len(state["points"]) == 61
    added = Neuron(**state)
    neuron.shows(added)
    neuron.click_at(added.grid, "features", *state["points"][-1][:2], shift=True)
    assert len(settled(neuron, lab, added)["points"]) == 60


def test_a_picked_point_sounds(neuron, lab):
    x1, x2, _ = Neuron().points()[0]
    lab.page.evaluate(LISTEN)
    neuron.click_at(Neuron().grid, "features", x1, x2)
    neuron.shows(Neuron(picked=0))
    lab.page.wait_for_function("() => globalThis.heard === 5120")
    expect(neuron.player.get_by_role("button", name="through the neuron")).to_be_visible()


def test_the_loss_scrubs_and_a_rate_holds_from_there(neuron, lab):
    neuron.click_at(Neuron().grid, "loss", 40.0, 0.5)
    state = settled(neuron, lab, Neuron())
    assert state["position"] == pytest.approx(40, abs=1)
    there = Neuron(**state)
    neuron.shows(there)
    neuron.drag("rate", 0.9)
    rates = settled(neuron, lab, there)["rates"]
    assert rates[0] == [0, 0.3]
    assert rates[1][0] == state["position"]
    assert rates[1][1] > 1


def test_a_hidden_unit_comes_to_the_large_plane(lab):
    shown = lab.show(cell("Neuron(data='thirds', layers=1, units=4, activation='tanh')"))[0].drawn()
    made = Neuron(data="thirds", layers=1, units=4, activation="tanh")
    shown.shows(made)
    shown.hover(made.grid, "unit 1.2", 5, 5)
    shown.shows(made.set(unit="1.2"))


def test_a_corner_is_dragged_and_hinges_are_scrubbed(lab):
    shown = lab.show(cell("Pieces()"))[0].drawn()
    shown.shows(Pieces())
    shown.drag_dot(Pieces().grid, "curve", "corners", 2, (-0.05, 0.5))
    state = settled(shown, lab, Pieces())
    moved = Pieces(**state)
    assert state["knots"][1] == pytest.approx(-0.05, abs=0.02)
    shown.shows(moved)
    shown.click_at(moved.grid, "error", 12.0, -3.0)
    assert settled(shown, lab, moved)["hinges"] == 12
    shown.shows(Pieces(hinges=12))


def test_folds_are_scrubbed(lab):
    shown = lab.show(cell("Folds()"))[0].drawn()
    shown.shows(Folds())
    shown.click_at(Folds().grid, "rms", 5.0, -4.0)
    shown.shows(Folds(layers=5))


def test_bias_and_drive_are_dragged_on_the_curve(lab):
    shown = lab.show(cell("Shaper()"))[0].drawn()
    shown.shows(Shaper())
    shown.drag_dot(Shaper().grid, "curve", "handles", 1, (1.0, 0.5))
    state = settled(shown, lab, Shaper())
    assert state["bias"] == pytest.approx(1.0, abs=0.1)
    shown.shows(Shaper(**state))


def test_the_current_is_dragged(lab):
    shown = lab.show(cell("Spiking()"))[0].drawn()
    shown.shows(Spiking())
    shown.drag_dot(Spiking().grid, "membrane", "current", 0, (290.0, 3.0))
    state = settled(shown, lab, Spiking())
    assert state["current"] == pytest.approx(3.0, abs=0.1)
    shown.shows(Spiking(**state))
