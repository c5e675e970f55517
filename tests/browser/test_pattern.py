"""Drawing a kernel on the phrase: cells, brush, size and threshold, against the same explorer without a browser."""

import numpy as np
import pytest
from playwright.sync_api import expect

from helpers.explorers import Pattern
from tests.browser.cells import cell


@pytest.fixture
def shown(lab):
    return lab.show(cell("Pattern()"))[0].drawn()


def drawn(weights, **state):
    return Pattern(kernel="drawn", weights=np.asarray(weights, dtype=float).tolist(), **state)


def test_five_cells_on_the_diagonal_find_the_rising_glissandi(shown, lab):
    shown.shows(Pattern())
    for i in range(5):
        shown.click(Pattern().grid, "kernel", i, i)
        shown.shows(drawn(np.diag([1] * (i + 1) + [0] * (4 - i))))
    rising = drawn(np.eye(5))
    shown.frames(rising.grid)
    assert lab.ask("ex.state") == rising.state
    assert lab.ask("ex.result()['precision']") == rising.result()["precision"]


def test_one_stroke_and_three_brushes(shown):
    shown.draw(Pattern().grid, "kernel", [(2, 0), (2, 2), (2, 4)])
    weights = np.zeros((5, 5))
    weights[2] = 1
    shown.shows(drawn(weights))
    shown.toggle("−1").click()
    shown.draw(Pattern().grid, "kernel", [(0, 0), (0, 4)])
    weights[0] = -1
    shown.shows(drawn(weights))
    shown.toggle("0").click()
    shown.click(Pattern().grid, "kernel", 2, 4)
    weights[2, 4] = 0
    shown.shows(drawn(weights))


def test_a_quick_stroke_leaves_no_cell_out(shown):
    """A busy browser reports few places of a stroke: here only where it begins and ends."""
    shown.draw(Pattern().grid, "kernel", [(0, 0), (4, 4), (4, 1)], steps=1)
    weights = np.eye(5)
    weights[4, 1:] = 1
    shown.shows(drawn(weights))


def test_a_brush_chosen_while_the_kernel_is_busy_paints_from_the_first_cell_on(shown, lab):
    shown.drag("threshold", 0.4)
    for _ in range(40):  # more than the kernel answers before the stroke below
        shown.slider("threshold").press("ArrowRight")
        shown.slider("threshold").press("ArrowLeft")
    threshold = float(shown.reading("threshold").inner_text())
    shown.toggle("−1").click()
    shown.draw(Pattern().grid, "kernel", [(0, 0), (0, 4)], steps=1)
    weights = np.zeros((5, 5))
    weights[0] = -1
    shown.shows(drawn(weights, threshold=threshold))


def test_keys_draw(shown, lab):
    shown.tab_to_canvas()
    for key in ("ArrowUp", "+", "ArrowRight", "-", "ArrowRight", "+", "ArrowLeft", "0"):
        lab.page.keyboard.press(key)
    weights = np.zeros((5, 5))
    weights[1, 0], weights[1, 2] = 1, 1  # row 0 is the lowest frequency; up is higher
    shown.shows(drawn(weights))


def test_presets_size_and_threshold(shown):
    shown.menu("preset").select_option("held")
    shown.shows(Pattern(kernel="held"))
    shown.toggle("7").click()
    shown.shows(Pattern(kernel="held", size=7))
    shown.slider("threshold").press("ArrowRight")
    expect(shown.reading("threshold")).to_have_text("0.75")
    shown.shows(Pattern(kernel="held", size=7, threshold=0.75))
    shown.drag("threshold", 1.0)
    shown.shows(Pattern(kernel="held", size=7, threshold=1.0))


def test_the_tooltip_tells_band_time_and_value(shown):
    grid = Pattern().grid
    shown.hover(grid, "phrase", 22, 6)
    panel = grid.panel("phrase")
    expect(shown.tip).to_have_text(f"{panel.row_names[22]} · {panel.column_names[6]} · {panel.values[22, 6]:.2f}")
    shown.leave()
    expect(shown.tip).to_be_hidden()
