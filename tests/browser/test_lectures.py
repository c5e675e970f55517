"""The lectures as a student meets them: opened in JupyterLab, run from top to bottom, each picture looked at."""

from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser.shown import Shown

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
LECTURES = sorted(ROOT.glob("notebooks/*.ipynb"))
BROKEN = "Error displaying widget"
WIDGETS = """() => jupyterapp.shell.currentWidget.content.widgets.flatMap(({ model }, i) => {
  const shows = (output) => "application/vnd.jupyter.widget-view+json" in (output.data ?? {});
  return model.type === "code" && model.toJSON().outputs.some(shows) ? [i] : [];
})"""
INKED = (
    "(canvas) => new Set(new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size"
)


@pytest.fixture(scope="module", params=LECTURES, ids=lambda path: path.stem)
def lecture(_lab, request):
    """A lecture in its stored state, then the page as it was."""
    _lab.open(request.param.name, nbformat.read(request.param, as_version=4))
    yield request.param
    _lab.open()


def test_stored_pictures_are_shown_before_anything_runs(lab, lecture):
    stored = [
        i
        for i, cell in enumerate(nbformat.read(lecture, as_version=4).cells)
        if any("image/png" in output.get("data", {}) for output in cell.get("outputs", []))
    ]
    assert stored
    for i in stored:
        lab.scroll_to(i)
        picture = lab.cell(i).locator("img").first
        expect(picture).to_be_visible()
        assert picture.evaluate("(image) => image.naturalWidth") > 100


@pytest.mark.timeout(900)  # some train for minutes, and here beside other tests
def test_it_runs_and_every_picture_is_drawn(lab, lecture):
    lab.command("notebook:run-all-cells")
    lab.idle()
    found = [shown for i in lab.page.evaluate(WIDGETS) for shown in all_of(lab, i)]
    assert len(found) >= 5
    for shown in found:
        shown.drawn()
        assert shown.canvas.evaluate(INKED) > 20, f"cell {shown.number} of {lecture.name} is blank"
        assert shown.canvas.get_attribute("aria-label")
        folder = SCREENSHOTS / lecture.stem
        folder.mkdir(parents=True, exist_ok=True)
        shown.cell.locator(".jp-Cell-outputWrapper").screenshot(path=folder / f"cell-{shown.number:02}.png")


def all_of(lab, i: int) -> list[Shown]:
    """What a cell shows on canvases; where it asks for a prediction, one is made."""
    lab.scroll_to(i)
    cell = lab.cell(i)
    expect(cell.locator(".jupyter-widgets, .dl-player").first).to_be_attached()
    expect(cell.get_by_text(BROKEN)).to_have_count(0)
    asked = cell.locator("button.jupyter-button:visible")
    if cell.get_by_text("Predict first.").count() and cell.locator("canvas.dl-canvas").count():
        asked.first.click()
        expect(cell.locator("div[role=status]").first).to_contain_text("It is:")
    return [Shown(lab, i, which) for which in range(cell.locator("canvas.dl-canvas").count())]
