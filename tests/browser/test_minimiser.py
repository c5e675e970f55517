"""Dragging singers and the guess in JupyterLab, against the same explorer without a browser."""

import pytest
from playwright.sync_api import expect

from helpers.explorers import Minimiser
from tests.browser.cells import cell


@pytest.fixture
def shown(lab):
    return lab.show(cell("Minimiser()"))[0].drawn()


def test_a_dragged_outlier_takes_the_mean_along(shown, lab):
    shown.shows(Minimiser())
    shown.drag_dot(Minimiser().grid, "singers", "singer", 5, (6.0, 3.0))
    expect(shown.caption).not_to_have_text(Minimiser().grid.caption)
    points = lab.ask("ex.state")["points"]
    assert points[:5] == Minimiser.defaults["points"][:5]
    assert points[5] == pytest.approx(6.0, abs=0.1)
    shown.shows(Minimiser(points=points))
    before, after = Minimiser().result(), Minimiser(points=points).result()
    assert (after["L1 best"] == before["L1 best"]).all()
    assert lab.ask("ex.result()['L2 best'].tolist()") == after["L2 best"].tolist()
    assert after["L2 best"][0] == pytest.approx(before["L2 best"][0] - 1, abs=0.02)


@pytest.mark.parametrize(("plane", "layer"), [("loss Huber", "guess"), ("singers", "guess here")])
def test_the_guess_is_dragged_on_a_curve_or_among_the_singers(shown, lab, plane, layer):
    shown.drag_dot(Minimiser().grid, plane, layer, 0, (-2.0, 1.0))
    expect(shown.canvas).not_to_have_attribute("aria-label", Minimiser().alt())
    guess = lab.ask("ex.state")["guess"]
    assert guess == pytest.approx(-2.0, abs=0.1)
    shown.shows(Minimiser(guess=guess))


def test_a_click_adds_a_singer_and_a_button_takes_it_away(shown, lab):
    shown.click_at(Minimiser().grid, "singers", 8.0, 4.0)
    expect(shown.canvas).not_to_have_attribute("aria-label", Minimiser().alt())
    points = lab.ask("ex.state")["points"]
    assert points[:6] == Minimiser.defaults["points"]
    assert points[6] == pytest.approx(8.0, abs=0.1)
    shown.shows(Minimiser(points=points))
    shown.button("remove the last").click()
    shown.shows(Minimiser())


def test_controls_and_presets(shown):
    shown.menu("preset").select_option("two camps")
    shown.shows(Minimiser(**Minimiser.presets["two camps"]))
    shown.toggle("sum").click()
    shown.shows(Minimiser(**Minimiser.presets["two camps"], reduction="sum"))
    shown.drag("Huber's δ", 1.0)
    shown.shows(Minimiser(**Minimiser.presets["two camps"], reduction="sum", delta=6.0))
