"""The confusion matrix and the top activations: each cell opens the notes behind it, which are heard at a click."""

import pytest
from playwright.sync_api import expect

from helpers.datasets.notes import FAMILIES
from tests.browser.cells import cell, headless

HEARD = "() => globalThis[Symbol.for('deep-learning-you-can-hear')]?.playing?.source.buffer.length === 64000"


@pytest.fixture
def matrix(lab):
    return lab.show(cell("Confusion(logits, notes)"))[0].drawn()


@pytest.fixture
def unit(lab):
    return lab.show(cell("Activations(model, notes)"))[0].drawn()


def test_a_cell_opens_its_notes(matrix, lab):
    wanted = headless("Confusion(logits, notes)")
    matrix.shows(wanted)
    matrix.click(wanted.grid, "counts", FAMILIES.index("string"), FAMILIES.index("reed"))
    wanted.set(truth="string", guess="reed")
    matrix.shows(wanted)
    matrix.leave()
    matrix.frames(wanted.grid)
    expect(matrix.menu("truth")).to_have_value("string")
    assert lab.ask("ex.state") == wanted.state


def test_keys_walk_the_matrix(matrix, lab):
    matrix.tab_to_canvas()
    for key in ("ArrowRight", "ArrowDown", "ArrowRight", "Enter"):
        lab.page.keyboard.press(key)
    matrix.shows(headless(f"Confusion(logits, notes, truth={FAMILIES[1]!r}, guess={FAMILIES[2]!r})"))


def test_percent_menus_and_the_worst_mistake(matrix):
    wanted = headless("Confusion(logits, notes)")
    matrix.toggle("percent").click()
    matrix.shows(wanted.set(show="percent"))
    matrix.menu("guess").select_option("guitar")
    matrix.shows(wanted.set(guess="guitar"))
    matrix.button("the most frequent mistake").click()
    matrix.shows(wanted.set(**wanted.worst()))


def test_a_thumbnail_is_chosen_and_heard(matrix, lab):
    wanted = headless("Confusion(logits, notes)")
    assert wanted.count() > 2
    matrix.click(wanted.grid, "note2", 30, 30)
    matrix.shows(wanted.set(note=2))
    lab.page.wait_for_function(HEARD)


def test_the_nine_notes_of_a_unit(unit, lab):
    wanted = headless("Activations(model, notes)")
    unit.shows(wanted)
    unit.frames(wanted.grid)
    unit.slider("unit").press("ArrowRight")
    unit.shows(wanted.set(unit=1))
    unit.toggle("least").click()
    unit.shows(wanted.set(order="least"))
    unit.menu("layer").select_option("convolution 2, after its ReLU")
    unit.shows(wanted.set(layer=1))
    unit.click(wanted.grid, "note4", 30, 30)
    unit.leave()
    unit.shows(wanted.set(note=4))
    unit.frames(wanted.grid)
    assert lab.ask("ex.state") == wanted.state
