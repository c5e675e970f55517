"""Mixture in a real JupyterLab: a centre is dragged, EM is scrubbed from there, all against the same without a browser."""

import pytest
from playwright.sync_api import expect

from helpers.explorers import Mixture
from tests.browser.cells import cell


def test_em_begins_anew_from_a_dragged_centre(lab):
    shown = lab.show(cell("Mixture()"))[0].drawn()
    shown.shows(Mixture())
    shown.drag_dot(Mixture().grid, "learned", "centres", 0, (0.0, 0.0))
    expect(shown.caption).to_contain_text("Step 0 of 40")
    state = lab.ask("ex.state")
    assert state["position"] == 0
    assert state["starts"][0] == pytest.approx([0.0, 0.0], abs=0.02)
    shown.shows(Mixture(**state))
    shown.canvas.focus()
    lab.page.keyboard.press("ArrowRight")
    expect(shown.caption).to_contain_text("Step 1 of 40")
    shown.shows(Mixture(**{**state, "position": 1}))
