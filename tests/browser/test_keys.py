"""The keyboard in a widget: plain keys stay there, the notebook's own commands stay the notebook's."""

import pytest

from helpers.explorers import Convolution
from tests.browser.cells import cell

ACTIVE = (
    "() => { const { content } = jupyterapp.shell.currentWidget; return [content.activeCellIndex, content.activeCell.model.type]; }"
)
CHOOSE = "() => { jupyterapp.shell.currentWidget.content.activeCellIndex = 1; }"


@pytest.fixture
def between(lab):
    """An explorer between two other cells, the notebook in command mode."""
    shown = lab.show("1", cell("Convolution()"), "2")[1]
    lab.page.evaluate(CHOOSE)
    return shown.drawn()


@pytest.mark.parametrize("key", ["m", "y", "x", "a", "b", "ArrowUp", "ArrowDown", "Shift+ArrowDown"])
@pytest.mark.parametrize("part", ["canvas", "menu", "slider", "button", "player"])
def test_no_key_cuts_converts_or_leaves_the_cell(between, lab, part, key):
    places = {
        "canvas": lambda: between.canvas, "menu": lambda: between.menu("kernel"), "slider": lambda: between.slider("stride"),
        "button": lambda: between.toggle("0"), "player": lambda: between.view.get_by_label("positions per second"),
    }  # fmt: skip
    places[part]().press(key)
    assert lab.page.evaluate(ACTIVE) == [1, "code"]
    assert lab.page.locator(".jp-Notebook-cell").count() == 3


def test_arrows_choose_in_a_menu(between):
    between.menu("kernel").press("ArrowDown")
    between.shows(Convolution(kernel="falling"))


@pytest.mark.parametrize("place", ["canvas", "menu"])
def test_shift_enter_runs_the_next_cell(between, lab, place):
    (between.canvas if place == "canvas" else between.menu("kernel")).press("Shift+Enter")
    assert lab.page.evaluate(ACTIVE) == [2, "code"]
