"""Flavours in JupyterLab: families and sizes chosen by a click, the way scrubbed; against the same explorer without a browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.cells import MAKERS, cell, headless

BETWEEN = "Flavours(show='between', to='mallet', b=0, place=4)"


@pytest.fixture
def flavours(lab):
    return lab.show(cell(MAKERS["Flavours"]))[0].drawn()


def test_it_shows_what_it_shows_without_a_browser(flavours):
    here = headless(MAKERS["Flavours"])
    flavours.shows(here)
    for track in here.tracks():
        expect(flavours.player).to_contain_text(track.name)


def test_a_click_on_a_drawing_or_a_family_looks_at_it_and_plays_it(flavours, lab):
    here = headless(MAKERS["Flavours"])
    flavours.click(here.grid, "drawing 5", 12, 16)
    flavours.shows(here.set(place=5))
    expect(flavours.player.get_by_role("button", name="this drawing")).to_have_attribute("aria-pressed", "true")
    flavours.click(here.grid, "kin mallet", 12, 16)
    flavours.shows(here.set(family="mallet"))
    assert lab.ask("ex.state") == here.state


def test_a_way_is_scrubbed_on_the_judges_curves(lab):
    shown, here = lab.show(cell(BETWEEN))[0].drawn(), headless(BETWEEN)
    shown.shows(here)
    shown.click_at(here.grid, "heard", 7.0, 0.2)
    shown.shows(here.set(place=7))
    shown.menu("drawing B").select_option("4")
    shown.shows(here.set(b=3))


def test_sizes_and_enlargements_are_clicked(lab):
    shown, here = lab.show(cell(MAKERS["Flavours"]))[0].drawn(), headless(MAKERS["Flavours"])
    shown.menu("show").select_option("level by level")
    shown.shows(here.set(show="level by level"))
    shown.click(here.grid, "made 12 × 16", 3, 3)
    shown.shows(here.set(place=1))
    shown.menu("show").select_option("enlarged")
    shown.shows(here.set(show="enlarged"))
    shown.click(here.grid, "enlarged sharp", 12, 16)
    shown.shows(here.set(place=4))
