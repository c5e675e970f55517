"""Writing a tune in JupyterLab: a symbol at a time, by piano, and by looking back; against the explorer without a browser."""

import pytest
from playwright.sync_api import expect

from helpers.explorers import Continuations, Sampling
from tests.browser.cells import cell
from tests.browser.planes import layer_of


@pytest.fixture
def shown(lab):
    return lab.show(cell("Sampling()"))[0].drawn()


def click(shown, lab, x: float, y: float) -> None:
    """Click a place of the layout, in px."""
    box, zoom = shown.canvas.bounding_box(), shown.zoom(Sampling().grid)
    lab.page.mouse.click(box["x"] + x * zoom, box["y"] + y * zoom)


def test_a_slider_cuts_and_writes_nothing_and_a_button_draws(shown, lab):
    shown.shows(Sampling())
    shown.drag("top-p", 0.5)
    shown.at_rest()
    expect(shown.caption).not_to_have_text(Sampling().grid.caption)
    state = lab.ask("ex.state")
    assert state["written"] == Sampling.defaults["written"]
    assert 0.4 < state["top_p"] < 0.7
    shown.shows(Sampling(**state))
    shown.button("one symbol").click()
    expected = Sampling(**state).one()
    expect(shown.canvas).to_have_attribute("aria-label", expected.alt())
    shown.shows(expected)


def test_a_symbol_is_clicked_to_see_what_it_was_drawn_from(shown, lab):
    grid = Sampling().grid
    box = next(panel for panel in grid.panels if panel.name == "text")
    place = box.px(layer_of(grid, "text", "text").xy[3:4, :2])[0]
    click(shown, lab, *place)
    expected = Sampling(at=3)
    expect(shown.canvas).to_have_attribute("aria-label", expected.alt())
    shown.shows(expected)


def test_a_key_of_the_piano_writes_its_letter(shown, lab):
    piano = next(panel for panel in Sampling().grid.panels if panel.name == "piano")
    left, top, width, height = piano.key(79)
    click(shown, lab, left + width / 2, top + 0.9 * height)
    expect(shown.canvas).to_have_attribute("aria-label", Sampling(written="G2B d2B|g", at=9).alt())


def test_entropys_dot_is_dragged_to_another_temperature_and_nothing_is_drawn(lab):
    shown = lab.show(cell("Sampling(look='entropy', top_p=0.9)"))[0].drawn()
    headless = Sampling(look="entropy", top_p=0.9)
    shown.shows(headless)
    shown.drag_dot(headless.grid, "entropy", "now", 0, (-0.5, 2.0))  # 10^−0.5 is 0.32
    expected = Sampling(look="entropy", top_p=0.9, temperature=0.3)
    expect(shown.canvas).to_have_attribute("aria-label", expected.alt())
    state = lab.ask("ex.state")
    assert {**state, "top_p": round(state["top_p"], 6)} == expected.state  # the slider's 0.9 is 0.9000000000000001
    shown.shows(expected)


def test_a_note_is_clicked_to_hear_its_bar(shown, lab):
    grid = Sampling().grid
    onset, duration, pitch = layer_of(grid, "tune", "notes").xy[2]
    shown.click_at(grid, "tune", onset + duration / 2, pitch)
    lab.page.wait_for_function("() => globalThis[Symbol.for('deep-learning-you-can-hear')]?.playing != null")
    expected = Sampling(at=4)  # before the d
    expect(shown.canvas).to_have_attribute("aria-label", expected.alt())
    shown.shows(expected)


def test_a_beam_and_dice_stand_side_by_side(lab):
    shown = lab.show(cell("Continuations(width=2, length=8)"))[0].drawn()
    expected = Continuations(width=2, length=8)
    expect(shown.canvas).to_have_attribute("aria-label", expected.alt())
    shown.shows(expected)
