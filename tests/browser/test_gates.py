"""Brushing gates and turning the spectral radius in JupyterLab, against the same explorers without a browser."""

import pytest
from playwright.sync_api import expect

from helpers.explorers import Recurrence
from tests.browser.cells import cell, headless

GATES = "Gates(readers, tunes, threshold=0.55)"


def test_an_end_of_the_brush_is_dragged_and_a_unit_is_clicked(lab):
    shown, here = lab.show(cell(GATES))[0].drawn(), headless(GATES)
    shown.shows(here)
    shown.drag_dot(here.grid, "curves", "ends", 1, (20.0, 0.5))
    expect(shown.caption).not_to_have_text(here.grid.caption)
    state = lab.ask("ex.state")
    assert (state["first"], state["last"]) == (12, 20)
    assert state["threshold"] == pytest.approx(0.5, abs=0.03)
    here.set(last=20, threshold=state["threshold"])
    shown.shows(here)
    shown.click_at(here.grid, "units", 30.0, 5.0)
    expect(shown.caption).not_to_have_text(here.grid.caption)
    assert lab.ask("ex.state")["unit"] == 10
    shown.shows(here.set(unit=10))


def test_another_network_and_its_gate(lab):
    shown, here = lab.show(cell(GATES))[0].drawn(), headless(GATES)
    shown.menu("network").select_option("GRU")
    shown.shows(here.set(network="GRU"))
    assert lab.ask("ex.state")["gate"] == "update"


def test_the_radius_and_the_presets_of_a_gradient_through_time(lab):
    shown = lab.show(cell("Recurrence()"))[0].drawn()
    shown.shows(Recurrence())
    shown.drag("radius ρ", 1.0)
    shown.shows(Recurrence(radius=2.0))
    shown.menu("preset").select_option("clipped")
    shown.shows(Recurrence(**Recurrence.presets["clipped"]))
    shown.toggle("LSTM").click()
    shown.shows(Recurrence(**{**Recurrence.presets["clipped"], "cell": "LSTM"}))


def test_a_tune_is_typed_and_a_note_of_it_dragged(lab):
    shown, here = lab.show(cell("Recurrence(steps=12)"))[0].drawn(), Recurrence(steps=12)
    typed = shown.cell.get_by_label("tune (ABC)")
    typed.fill("D2 F|A c d B")
    typed.press("Enter")
    expect(shown.caption).not_to_have_text(here.grid.caption)
    shown.shows(here.set(tune="D2 F|A c d B"))
    before = here.grid.caption
    shown.drag_dot(here.grid, "graph", "steps", 2, (3.0, 7.0))
    expect(shown.caption).not_to_have_text(before)
    assert lab.ask("ex.state")["tune"] == "DFdcdB"
    shown.shows(here.set(tune="DFdcdB"))
