"""Tuning and Search in JupyterLab: starts dragged, steps scrubbed, sounds played, against the same explorers without one."""

import pytest
from playwright.sync_api import expect

from helpers.explorers import Search, Tuning
from tests.browser.cells import cell


@pytest.fixture
def shown(lab):
    return lab.show(cell("Tuning()"))[0].drawn()


def settled(shown, lab, last) -> dict:
    """The state once the browser shows something else than `last`."""
    expect(shown.canvas).not_to_have_attribute("aria-label", last.alt())
    lab.page.wait_for_timeout(300)
    return lab.ask("ex.state")


@pytest.mark.parametrize("plane", ["waveform", "smoothed"])
def test_a_start_dragged_on_one_landscape_moves_on_all(shown, lab, plane):
    shown.shows(Tuning())
    assert lab.ask("ex.state") == Tuning().state  # no slider has rounded anything
    shown.drag_dot(Tuning().grid, plane, "start", 0, (0.3, 0.7))
    start = settled(shown, lab, Tuning())["start"]
    assert start == pytest.approx([0.3, 0.7], abs=0.02)
    shown.shows(Tuning(start=start))


def test_a_click_puts_the_start(shown, lab):
    shown.click_at(Tuning().grid, "spectral", 0.25, 0.25)
    start = settled(shown, lab, Tuning())["start"]
    assert start == pytest.approx([0.25, 0.25], abs=0.02)
    shown.shows(Tuning(start=start))


def test_scrubbing_a_curve_moves_all_paths(shown, lab):
    shown.click_at(Tuning().grid, "distance", 12.0, 0.1)
    position = settled(shown, lab, Tuning())["position"]
    assert position == pytest.approx(12, abs=1)
    shown.shows(Tuning(position=position))


def test_another_synthesiser_and_a_preset(shown):
    shown.menu("synth").select_option("echo")
    shown.shows(Tuning(synth="echo", start=[0.5, 0.3]))
    shown.menu("preset").select_option("shaken free")
    shaken = Tuning()
    shaken.set(**shaken.preset("shaken free"))
    shown.shows(shaken)


def test_the_searches_run_along_their_evaluations(lab):
    shown = lab.show(cell("Search()"))[0].drawn()
    shown.shows(Search())
    shown.click_at(Search().grid, "best so far", 59.0, -1.5)
    position = settled(shown, lab, Search())["position"]
    assert position == pytest.approx(59, abs=2)
    shown.shows(Search(position=position))
    shown.menu("loss").select_option("waveform")
    shown.shows(Search(loss="waveform", position=position))
