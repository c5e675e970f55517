"""Comparison and Audit in JupyterLab, against the same explorers without a browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.cells import MAKERS, cell, headless


@pytest.fixture
def compared(lab):
    return lab.show(cell(MAKERS["Comparison"]))[0].drawn()


@pytest.fixture
def audited(lab):
    return lab.show(cell(MAKERS["Audit"]))[0].drawn()


def test_models_on_two_axes_and_what_they_draw(compared):
    here = headless(MAKERS["Comparison"])
    compared.shows(here)
    for track in here.tracks():
        expect(compared.player).to_contain_text(track.name)
    compared.menu("across").select_option("copying")
    compared.shows(here.set(x="copying"))
    compared.menu("up").select_option("bits")
    compared.shows(here.set(y="bits"))


def test_a_click_on_a_dot_hears_that_model_and_on_a_thumbnail_looks_at_it(compared):
    here = headless(MAKERS["Comparison"])
    dots = here.grid.panels[0].layers[1]
    compared.click_at(here.grid, "plane", *dots.xy[dots.names.index("mixture")])
    compared.shows(here.set(model="mixture"))
    compared.click(here.grid, "made 3", 10, 10)
    compared.shows(here.set(sample=3))


def test_a_generated_note_and_the_nearest_it_learned_from(audited):
    here = headless(MAKERS["Audit"])
    audited.shows(here)
    audited.menu("drawn by").select_option("new notes")
    audited.shows(here.set(model="new notes"))
    audited.button("step").click()
    audited.shows(here.set(sample=1))
