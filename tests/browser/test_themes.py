"""Both themes: text stands out from what lies behind it, and a screenshot of each explorer is kept to be looked at."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.cells import IMPORTS, MAKERS, TRAINING, cell, headless

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
CONTRAST = 4.5  # WCAG AA for text of ordinary size
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
CELLS = {
    **{name: cell(maker) for name, maker in MAKERS.items()},
    "Convolution-note": cell("Convolution(source='note', stride=2, padding=1)"),
    "Convolution-channels": cell("Convolution(source='note', channels=3)"),
    "Convolution-waveform": cell("Convolution(source='waveform', kernel='blur', size=7)"),
    "Convolution-pooling": cell("Convolution(source='note', operation='max-pool', size=2, stride=2)"),
    "Kernels-images": cell("Kernels(network='efficientnet')"),
    "Question": cell("Convolution(predict=True)"),
    "Training": IMPORTS
    + TRAINING.replace("watch=watch", "watch=watch, valid=(x[:512], (x[:512].sum(1) > 0).long())").format(epochs=5),
}
# Each text's colour and what lies behind it, as red, green and blue.
TEXTS = """(root) => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const [r, g, b, a = 1] = numbers(getComputedStyle(e).backgroundColor);
      if (a > 0.5) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const own = (element) => [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  return [...root.querySelectorAll("*")].filter((e) => own(e) && e.offsetParent && !e.closest("option")).map(
    (e) => [e.textContent.trim().slice(0, 40), numbers(getComputedStyle(e).color).slice(0, 3), behind(e)]);
}"""
INKS = """(canvas) => ["--jp-content-font-color1", "--jp-content-font-color2", "--jp-layout-color0"].map((name) => {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  canvas.parentElement.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
})"""


def contrast(one, other):
    """The contrast ratio of two colours, from 1 to 21, by WCAG 2's formula."""

    def luminance(colour):
        c = np.asarray(colour, float) / 255
        linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
        return float(linear @ (0.2126, 0.7152, 0.0722))

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_formula():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


@pytest.fixture(scope="module")
def everything(_lab):
    """Every explorer, on a page so high that each can be seen as a whole."""
    size = _lab.page.viewport_size
    _lab.page.set_viewport_size({"width": 1500, "height": 1250})
    yield dict(zip(CELLS, _lab.show(*CELLS.values()), strict=True))
    _lab.page.set_viewport_size(size)


@pytest.fixture(scope="module", params=THEMES)
def theme(_lab, request):
    _lab.command("apputils:change-theme", theme=THEMES[request.param])
    light = str(request.param == "light").lower()
    _lab.page.wait_for_selector(f"body[data-jp-theme-light={light}]", state="attached")
    yield request.param
    _lab.command("apputils:change-theme", theme=THEMES["light"])
    _lab.page.wait_for_selector("body[data-jp-theme-light=true]", state="attached")


@pytest.mark.parametrize("name", CELLS)
def test_legible(lab, everything, theme, name):
    shown = everything[name]
    lab.scroll_to(shown.number)
    output = shown.cell.locator(".jp-Cell-outputWrapper")
    if name != "Question":
        shown.drawn()
    expect(output).to_be_visible()
    (SCREENSHOTS / theme).mkdir(parents=True, exist_ok=True)
    output.screenshot(path=SCREENSHOTS / theme / f"{name}.png")
    faint = [(text, round(ratio, 2)) for text, ink, paper in output.evaluate(TEXTS) if (ratio := contrast(ink, paper)) < CONTRAST]
    assert faint == []


def title_ink(shown, grid, panel):
    """The colour of most of a title's ink, (red, green, blue), as it is on the canvas."""
    place, zoom = grid.panel(panel), shown.zoom(grid)
    top, bottom, left, right = (int(zoom * px) for px in (place.y - 20, place.y - 8, place.x, place.x + 60))
    there = shown.pixels()[top:bottom, left:right].reshape(-1, 4)
    return np.median(there[there[:, 3] > 200], axis=0)[:3]


@pytest.mark.parametrize(("name", "panel"), [("Spectrogram", "waveform"), ("Pattern", "phrase"), ("Activations", "map")])
def test_what_is_drawn_once_takes_the_colours_of_a_new_theme(lab, everything, theme, name, panel):
    shown, paper = everything[name].drawn(), {"light": (255, 255, 255), "dark": (17, 17, 17)}[theme]
    for _ in range(30):  # the new theme's colours are fetched after its name is known
        if contrast(ink := title_ink(shown, headless(MAKERS[name]).grid, panel), paper) >= CONTRAST:
            return
        lab.page.wait_for_timeout(100)
    raise AssertionError(f"{name} writes in {ink} on {paper}")


def test_what_is_written_on_the_canvas_is_legible(lab, everything, theme):
    everything["Pattern"].drawn()
    colours = everything["Pattern"].canvas.evaluate(INKS)
    title, ticks, paper = ([float(n) for n in colour[colour.index("(") + 1 : -1].split(",")] for colour in colours)

    def over(ink):
        alpha = ink[3] if len(ink) > 3 else 1
        return alpha * np.array(ink[:3]) + (1 - alpha) * np.array(paper[:3])

    assert contrast(over(title), paper[:3]) >= CONTRAST
    assert contrast(over(ticks), paper[:3]) >= CONTRAST
