"""Noise and the way back in JupyterLab: scrubbed with no kernel, dragged, trained and cancelled, against what Python says."""

import time

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.cells import IMPORTS, cell, headless
from tests.browser.planes import layer_of
from tests.browser.shown import Shown

NOISING, WAY = "Noising(position=60)", "Diffusion(sampler='DDPM', beside='DDIM, η = 0', position=10)"
NOTE = "Diffusion(strength=0.4, position=3)"
LEARNS = f"""{IMPORTS}
from IPython.display import display
ex = Diffusion(network="a net that predicts v", data="two notes", steps=10, beside="the exact noise")
display(ex)
"""
WAITS = f"""{LEARNS}ex.train()
await ex.done()
"""


def settled(lab, there) -> dict:
    """The explorer's state once what the hand did has come to the kernel."""
    until = time.monotonic() + 30
    while not there(state := lab.ask("ex.state")):
        assert time.monotonic() < until, state
    return state


@pytest.mark.parametrize("code", [NOISING, WAY, NOTE])
def test_it_shows_what_it_shows_without_a_browser(lab, code):
    lab.show(cell(code))[0].drawn().shows(headless(code))


@pytest.mark.parametrize(("code", "plane", "at", "position"), [(NOISING, "left", 150, 150), (WAY, "levels", 20, 20)])
def test_time_is_scrubbed(lab, code, plane, at, position):
    shown, here = lab.show(cell(code))[0].drawn(), headless(code)
    shown.click_at(here.grid, plane, at, 0.97)
    expect(shown.where).to_have_text(f"{position + 1} of {here.count()}")
    shown.shows(here.set(position=position))


def test_the_film_moves_while_the_kernel_is_busy(lab):
    shown, here = lab.show(cell(NOISING), "import time\ntime.sleep(0)")[0].drawn(), headless(NOISING)
    lab.start("import time\ntime.sleep(20)", 1)
    shown.click_at(here.grid, "left", 150, 0.97)
    here.grid.position = 150
    shown.paints(here.grid)
    assert lab.busy()  # the kernel has had no part in it
    lab.idle()


def test_a_dragged_handle_draws_a_schedule(lab):
    shown, here = lab.show(cell(NOISING))[0].drawn(), headless(NOISING)
    x, _ = layer_of(here.grid, "left", "handles").xy[1]
    shown.drag_dot(here.grid, "left", "handles", 1, (float(x), 0.3))
    state = settled(lab, lambda state: abs(state["handles"][1] - 0.3) < 0.02)
    assert state["schedule"] == "drawn"
    shown.shows(here.set(schedule="drawn", handles=state["handles"]))


def test_the_note_is_dragged(lab):
    shown, here = lab.show(cell(NOTE))[0].drawn(), headless(NOTE)
    shown.drag_dot(here.grid, "walk", "note", 0, (-0.9, 0.1))
    state = settled(lab, lambda state: np.allclose(state["note"], [-0.9, 0.1], atol=0.05))
    shown.shows(here.set(note=state["note"]))


def test_cancel_ends_the_training_within_a_fifth_of_a_second_and_what_was_learned_is_drawn(lab):
    lab.start(WAITS)
    shown = Shown(lab, 0)
    expect(shown.status).to_contain_text("updates, loss", timeout=30_000)
    shown.drawn().goes_on()
    assert lab.busy()
    shown.cancel()  # tests/explorers/test_diffusion.py measures the pieces themselves
    lab.idle()
    state = lab.ask("ex.state")
    assert 0 < state["trained"] < 1500
    assert f"by a net that predicts v after {state['trained']} updates" in shown.canvas.get_attribute("aria-label")


def test_train_goes_on_from_a_button(lab):
    shown = lab.show(LEARNS)[0].drawn()
    shown.button("train").click()
    expect(shown.status).to_contain_text("updates, loss", timeout=30_000)
    shown.cancel()
    assert lab.ask("ex.state")["trained"] >= 0
