"""A picture scrolled out of sight and back is the same picture, whichever way JupyterLab saves its work meanwhile."""

import numpy as np
import pytest
from playwright.sync_api import expect

from helpers.explorers import Convolution
from tests.browser.cells import cell

TRACKER = "@jupyterlab/notebook-extension:tracker"
MODE = "() => jupyterapp.shell.currentWidget.content.notebookConfig.windowingMode"
FILLER = "for line in range(60):\n    print(line)"
SEEN = "(canvas) => new Promise((done) => new IntersectionObserver(([entry]) => done(entry.isIntersecting)).observe(canvas))"


@pytest.fixture(scope="module", params=["full", "defer", "contentVisibility"], autouse=True)
def windowing(_lab, request):
    """JupyterLab's ways to treat cells that are out of sight; afterwards it is as it was."""
    _lab.setting(TRACKER, windowingMode=request.param)
    _lab.open()
    assert _lab.page.evaluate(MODE) == request.param
    yield
    _lab.setting(TRACKER)


@pytest.fixture(scope="module", autouse=True)
def _as_it_was(_lab):
    yield
    _lab.open()


def test_away_and_back_keeps_picture_and_position(lab):
    maker = "Convolution(source='note', stride=2)"
    shown, *_, last = lab.show(cell(maker), *[FILLER] * 6)
    shown.drawn()
    for _ in range(5):
        shown.canvas.press("ArrowRight")
    wanted = Convolution(source="note", stride=2, position=5)
    shown.shows(wanted)
    before, place = shown.pixels(), shown.where.text_content()
    for _ in range(2):
        lab.scroll_to(6)
        expect(last.cell.get_by_text("59")).to_be_visible()
        assert shown.canvas.count() == 0 or not shown.canvas.evaluate(SEEN)
        lab.page.wait_for_timeout(300)
        lab.scroll_to(0)
        shown.drawn().shows(wanted)
        assert np.array_equal(shown.pixels(), before)
        assert shown.where.text_content() == place
    shown.canvas.press("ArrowRight")
    shown.shows(Convolution(source="note", stride=2, position=6))


def test_what_happens_out_of_sight_is_there_on_return(lab):
    shown, *_ = lab.show(cell("Convolution()"), *[FILLER] * 6)
    shown.drawn()
    lab.scroll_to(6)
    lab.ask("ex.set(stride=1, padding=1, position=7).state")
    lab.scroll_to(0)
    shown.drawn().shows(Convolution(padding=1, position=7))


def test_folded_output_comes_back(lab):
    [shown] = lab.show(cell("Convolution()"))
    before = shown.drawn().pixels()
    lab.command("notebook:hide-all-cell-outputs")
    expect(shown.canvas).to_be_hidden()
    lab.command("notebook:show-all-cell-outputs")
    shown.drawn().shows(Convolution())
    assert np.array_equal(shown.pixels(), before)
