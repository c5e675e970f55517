"""Training with and without clipping in JupyterLab, against the same explorer without a browser."""

from playwright.sync_api import expect

from helpers.explorers import Clipping
from tests.browser.cells import cell

CALM = "Clipping(radius=0.9, length=4, lr=0.1, clip=0.3, seed=3)"  # where rounding does not decide, on any processor


def test_the_limit_the_transport_and_a_preset(lab):
    shown, here = lab.show(cell(CALM))[0].drawn(), Clipping(radius=0.9, length=4, lr=0.1, clip=0.3, seed=3)
    shown.shows(here)
    shown.menu("preset").select_option("it vanishes")
    shown.shows(here.set(**here.preset("it vanishes")))
    before = here.grid.caption
    shown.drag("notes", 0.0)
    expect(shown.caption).not_to_have_text(before)
    shown.shows(here.set(length=2))
    shown.drag("seed", 1.0)
    shown.shows(here.set(seed=9))
