"""Dragging logits, pointing at classes and warming up in JupyterLab, against the same explorer without a browser."""

import numpy as np
import pytest
from playwright.sync_api import expect

from helpers.explorers import Softmax
from tests.browser.cells import cell
from tests.browser.planes import layer_of


@pytest.fixture
def shown(lab):
    return lab.show(cell("Softmax()"))[0].drawn()


def test_a_dragged_bar_moves_every_probability(shown, lab):
    shown.shows(Softmax())
    shown.drag_dot(Softmax().grid, "logits", "logit", 2, (2.0, 5.0))
    expect(shown.caption).not_to_have_text(Softmax().grid.caption)
    state = lab.ask("ex.state")
    assert (state["logits"][:2], state["logits"][3], state["chosen"]) == ([2.0, 1.0], -1.0, 2)
    assert state["logits"][2] == pytest.approx(5.0, abs=0.1)
    here = Softmax(**state)
    shown.shows(here)
    theirs = np.exp(state["logits"]) / np.exp(state["logits"]).sum()
    np.testing.assert_allclose(layer_of(here.grid, "probabilities", "p").xy[:, 1], theirs, rtol=1e-12)
    np.testing.assert_allclose(lab.ask("ex.result()['probabilities'].tolist()"), theirs, rtol=1e-12)


def test_pointing_at_a_probability_writes_out_its_class(shown, lab):
    shown.page.mouse.move(*shown.at(Softmax().grid, "probabilities", 3.0, 0.8))
    shown.page.wait_for_timeout(300)
    assert lab.ask("ex.state")["chosen"] == 3
    shown.paints(Softmax(chosen=3).grid)


def test_temperature_smoothing_and_presets(shown):
    shown.menu("preset").select_option("eight classes")
    state = Softmax.presets["eight classes"]
    shown.shows(Softmax(**state))
    shown.drag("smoothing", 1.0)
    shown.shows(Softmax(**state, smoothing=0.5))
    shown.menu("preset").select_option("cold")
    shown.shows(Softmax(temperature=0.1))
