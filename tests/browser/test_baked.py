"""A baked page in JupyterLab and alone: scrubbed by key and by pointer, it shows the baked frames and asks for nothing."""

import base64
import io

import matplotlib.image
import numpy as np
import pytest
from playwright.sync_api import expect

from helpers.explorers import Convolution
from tests.browser.cells import cell

MADE = {"stride": [1, 2], "padding": [0, 1, 2]}
DRAWN = """async (figure) => {
  const sheet = document.createElement("canvas"), [still, over] = figure.querySelectorAll("img");
  await Promise.all([still, over].map((image) => image.hidden || image.decode()));
  [sheet.width, sheet.height] = [still.naturalWidth, still.naturalHeight];
  for (const image of [still, over]) if (!image.hidden) sheet.getContext("2d").drawImage(image, 0, 0);
  return btoa(String.fromCharCode(...new Uint8Array(await (await new Promise((r) => sheet.toBlob(r))).arrayBuffer())));
}"""


@pytest.fixture(scope="module")
def baked():
    return Convolution().bake(**MADE)


def at(figure, baked, stride: int, padding: int):
    """The page shows this frame: in words, and in every pixel of its picture."""
    frame = baked.frames[3 * stride + padding]
    expect(figure.locator("figcaption")).to_have_text(frame.alt)
    expect(figure.locator("img").first).to_have_attribute("alt", frame.alt)
    expect(figure.locator("output").nth(1)).to_have_text(str(MADE["padding"][padding]))
    shown = matplotlib.image.imread(io.BytesIO(base64.b64decode(figure.evaluate(DRAWN))), format="png")[..., :3] * 255
    assert np.abs(shown - frame.picture).mean() < 0.5


def scrubbed(figure, baked):
    strides, paddings = figure.locator("input").all()
    at(figure, baked, 0, 0)
    paddings.press("ArrowRight")
    at(figure, baked, 0, 1)
    paddings.press("End")
    strides.press("ArrowRight")
    at(figure, baked, 1, 2)
    expect(strides).to_have_attribute("aria-valuetext", "2")
    box = paddings.bounding_box()
    paddings.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    at(figure, baked, 1, 1)
    paddings.press("Home")
    strides.press("Home")
    at(figure, baked, 0, 0)


def test_it_is_scrubbed_in_jupyterlab(lab, baked):
    lab.show(cell(f"Convolution().bake(**{MADE})"))
    scrubbed(lab.cell(0).locator("figure"), baked)


def test_two_on_one_page_do_not_disturb_each_other(lab, baked):
    lab.show(cell(f"Convolution().bake(**{MADE})"), "ex")
    lab.cell(0).locator("input").nth(1).press("End")
    at(lab.cell(0).locator("figure"), baked, 0, 2)
    at(lab.cell(1).locator("figure"), baked, 0, 0)


def test_it_is_scrubbed_on_a_page_with_no_kernel(browser, baked, tmp_path):
    (tmp_path / "page.html").write_text(f"<!doctype html><meta charset=utf-8>{baked._repr_html_()}", encoding="utf-8")
    page, asked = browser.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "page.html").as_uri())
    scrubbed(page.locator("figure"), baked)
    assert all(url.startswith(("file:", "data:")) for url in asked)
    page.close()
