"""The landscape in JupyterLab: click, drag and scrub against the same explorer without a browser; long work that can be stopped."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.cells import CLASSIFIER, IMPORTS, MAKERS, cell, headless
from tests.browser.shown import Shown

BESIDE = MAKERS["Landscape"].replace("ways)", "ways, against='large')")
# Large enough that refining takes a few seconds.
SLOW = f"""{IMPORTS}{CLASSIFIER}
from IPython.display import display
from helpers.models.tower import tower
ex = Landscape(tower(6, 6, norm=True), notes[:200])
display(ex)
ex.refine()
await ex.done()
"""


@pytest.fixture
def land(lab):
    return lab.show(cell(BESIDE))[0].drawn()


def test_it_shows_what_it_shows_without_a_browser(land):
    land.shows(headless(BESIDE))


def test_a_click_on_the_plane_shows_the_weights_there(land, lab):
    here = headless(BESIDE)
    land.click_at(here.grid, "surface", 0.5, -0.4)
    expect(land.caption).to_contain_text("At a = 0.50, b = −0.4")
    state = lab.ask("ex.state")
    assert (state["a"], state["b"]) == pytest.approx((0.5, -0.4), abs=0.01)
    land.shows(here.set(a=state["a"], b=state["b"]))


def test_the_ring_can_be_dragged(land, lab):
    here = headless(BESIDE)
    land.drag_dot(here.grid, "surface", "here", 0, (-0.5, 0.6))
    expect(land.caption).to_contain_text("At a = −0.5")
    state = lab.ask("ex.state")
    assert (state["a"], state["b"]) == pytest.approx((-0.5, 0.6), abs=0.02)
    land.shows(here.set(a=state["a"], b=state["b"]))


def test_a_click_on_a_family_lets_one_hear_its_notes(land, lab):
    here = headless(BESIDE)
    guessed = int(here.result()["guess"][0])
    land.click(here.grid, "guesses", guessed, 0)
    here.set(family=lab.ask("ex.state")["family"])
    expect(land.player).to_contain_text(here.tracks()[0].name)
    land.shows(here)


def test_the_way_can_be_scrubbed(land):
    here = headless(BESIDE)
    low, high = here.grid.panel("way").y_range
    land.click_at(here.grid, "way", 2.0, (low + high) / 2)
    land.shows(here.set(snapshot=2))


def test_another_pair_of_directions_and_the_trajectory(land):
    land.menu("directions").select_option("trajectory")
    land.shows(headless(BESIDE).set(directions="trajectory"))
    land.menu("scaled per")
    land.menu("preset").select_option(label="far out")
    land.shows(headless(BESIDE).set(**headless(BESIDE).preset("far out")))


def test_refine_goes_on_while_the_cell_waits_and_cancel_ends_it(lab):
    lab.start(SLOW)
    shown = Shown(lab, 0)
    expect(shown.status).to_contain_text("losses to go")
    shown.drawn().goes_on()
    assert lab.busy()
    shown.cancel()
    lab.idle()
    assert lab.ask("ex.state")["nodes"] < 25
    assert re.search(r"\d+ losses of 200 notes", shown.caption.text_content())


def test_check_ends_with_how_far_the_surface_is_off(land, lab):
    land.button("check").click()
    expect(land.status).to_contain_text("Exact on 21 × 21: off by at most")
    here = headless(BESIDE)
    for _ in here.survey._compare():  # at once: Playwright's own loop would put `check` into the background
        pass
    said = re.search(r"([\d.]+) % of the range", land.status.inner_text())
    assert float(said[1]) == pytest.approx(100 * here.survey.checked["share"], rel=0.02)  # float32 adds up in another order there
    land.shows(headless(BESIDE))
