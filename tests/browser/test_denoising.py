"""Denoising in JupyterLab: scrubbed, played, asked for long ways in the background; against the same explorer without a browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.cells import IMPORTS, MAKERS, cell, headless
from tests.browser.shown import Shown

OUT = "Denoising(way='out of noise', family='organ', steps=8, place=4)"
# A network that takes its time, so that a way goes on for some seconds on any machine.
SLOW = f"""{IMPORTS}
import time
from helpers.models.denoiser import Denoiser
torch.manual_seed(0)
slow = Denoiser([8, 8, 8])
slow.register_forward_hook(lambda *_: time.sleep(0.04))
ex = Denoising(slow, way="out of noise", steps=4, place=0)
ex
"""


@pytest.fixture
def drowned(lab):
    return lab.show(cell(MAKERS["Denoising"]))[0].drawn()


def test_it_shows_what_it_shows_without_a_browser(drowned):
    here = headless(MAKERS["Denoising"])
    drowned.shows(here)
    drowned.frames(here.grid)


def test_a_click_on_a_picture_of_the_strip_goes_there(drowned, lab):
    here = headless(MAKERS["Denoising"])
    drowned.click(here.grid, "strip x", 12, 33 * 11 + 16)
    drowned.shows(here.set(place=11))
    drowned.frames(here.grid)
    drowned.click(here.grid, "noise", 0, 2)
    drowned.shows(here.set(place=2))


def test_the_shares_can_be_scrubbed(drowned):
    here = headless(MAKERS["Denoising"])
    drowned.click_at(here.grid, "shares", 9.0, 0.5)
    drowned.shows(here.set(place=9))


def test_a_way_out_of_noise_and_its_sounds(lab):
    shown = lab.show(cell(OUT))[0].drawn()
    here = headless(OUT)
    shown.shows(here)
    for track in here.tracks():
        expect(shown.player).to_contain_text(track.name)
    shown.menu("told family").select_option("flute")
    shown.shows(here.set(family="flute"))
    shown.menu("way").select_option("from a note")
    shown.shows(here.set(way="from a note"))


def test_a_long_way_goes_on_in_the_background_and_cancel_ends_it(lab):
    shown = Shown(lab, lab.show(SLOW)[0].number).drawn()
    shown.menu("steps").select_option("250")
    expect(shown.status).to_contain_text("on the way back")
    shown.goes_on()
    shown.cancel()
    assert lab.ask("ex.state")["steps"] == 4
    assert re.search("4 passes", shown.caption.text_content())
    shown.menu("steps").select_option("50")
    expect(shown.caption).to_contain_text("50 passes", timeout=60_000)
    assert lab.ask("ex.state")["steps"] == 50
