"""Dragging starts, scrubbing and the α × β pad in JupyterLab, against the same explorers without a browser."""

import pytest
from playwright.sync_api import expect

from helpers.explorers import Batches, Descent, Slope
from tests.browser.cells import cell


def made(explorer, **changes):
    return explorer.set(**changes)


def settled(shown, lab, last) -> dict:
    """The state once the browser shows something else than `last`."""
    expect(shown.canvas).not_to_have_attribute("aria-label", last.alt())
    lab.page.wait_for_timeout(200)
    return lab.ask("ex.state")


def test_a_dragged_start_takes_every_racer_along(lab):
    shown = lab.show(cell("Descent()"))[0].drawn()
    shown.shows(Descent())
    assert lab.ask("ex.state") == Descent().state  # no slider has rounded anything
    shown.drag_dot(Descent().grid, "surface", "start", 0, (1.0, -1.5))
    start = settled(shown, lab, Descent())["start"]
    assert start == pytest.approx([1.0, -1.5], abs=0.05)
    moved = Descent(start=start)
    shown.shows(moved)
    shown.frames(moved.grid)
    assert lab.ask("ex.result()['path of Adam'].tolist()") == moved.result()["path of Adam"].tolist()


def test_a_click_drops_the_start_and_the_menu_brings_another_surface(lab):
    shown = lab.show(cell("Descent()"))[0].drawn()
    shown.click_at(Descent().grid, "surface", 1.2, 1.2)
    start = settled(shown, lab, Descent())["start"]
    shown.shows(Descent(start=start))
    shown.menu("preset").select_option("four minima")
    there = Descent()
    there.set(**there.preset("four minima"))
    shown.shows(there)
    shown.frames(there.grid)


def test_scrubbing_the_losses_moves_every_path(lab):
    shown = lab.show(cell("Descent()"))[0].drawn()
    shown.click_at(Descent().grid, "loss", 30.0, 0.0)
    there = settled(shown, lab, Descent())
    assert there["position"] == pytest.approx(30, abs=1)
    scrubbed = Descent(position=there["position"])
    shown.shows(scrubbed)
    shown.frames(scrubbed.grid)


def test_the_pad_and_the_optimum_set_momentum(lab):
    shown = lab.show(cell("Descent(follow='momentum')"))[0].drawn()
    first = Descent(follow="momentum")
    shown.drag_dot(first.grid, "pad", "chosen", 0, (-1.5, 0.5))
    state = settled(shown, lab, first)
    assert state["lr"] == pytest.approx(10**-1.5, rel=0.1)
    assert state["beta"] == pytest.approx(0.5, abs=0.05)
    shown.shows(Descent(**state))
    shown.button("snap to the optimum").click()
    best = Descent(follow="momentum").optimum()
    shown.shows(best)
    assert lab.ask("ex.state") == best.state  # between the sliders' notches, and kept


def test_switches_say_who_races(lab):
    shown = lab.show(cell("Descent()"))[0].drawn()
    shown.toggle("Nesterov").click()
    shown.shows(Descent(nesterov=True))
    shown.toggle("GD").click()
    shown.shows(made(Descent(nesterov=True), gd=False))


def test_on_the_curve_a_start_is_dragged_and_steps_are_taken(lab):
    shown = lab.show(cell("Slope()"))[0].drawn()
    shown.drag_dot(Slope().grid, "curve", "start", 0, (2.0, 2.0))
    start = settled(shown, lab, Slope())["start"]
    assert start == pytest.approx(2.0, abs=0.05)
    shown.shows(Slope(start=start))
    shown.cell.get_by_role("button", name="step", exact=True).click()
    shown.shows(Slope(start=start, position=1))
    shown.frames(Slope(start=start, position=1).grid)


def test_the_start_of_a_line_is_dragged(lab):
    shown = lab.show(cell("Batches()"))[0].drawn()
    shown.shows(Batches())
    shown.drag_dot(Batches().grid, "surface", "start", 0, (2.0, -2.0))
    start = settled(shown, lab, Batches())["start"]
    assert start == pytest.approx([2.0, -2.0], abs=0.05)
    shown.shows(Batches(start=start))
