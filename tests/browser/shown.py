"""What one notebook cell shows: its canvas, controls and sounds, found as a reader finds them, and read pixel by pixel.

The geometry and the colours expected are worked out here from the explorer's panels, apart from the JavaScript.
"""

from __future__ import annotations

import base64
import io
import re
import time

import numpy as np
from matplotlib.image import imread
from playwright.sync_api import Locator, expect

from helpers.views import Keyboard, Plane
from helpers.views.grid import INK, SERIES, Panel, palettes
from tests.browser import planes
from tests.browser.planes import layer_of

NEXT_FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
PALETTE = np.frombuffer(palettes(), np.uint8).reshape(2, 256, 3).astype(int)


class Shown:
    """What the notebook's cell of that number shows: an explorer, or another view."""

    def __init__(self, lab, number: int, which: int = 0):
        self.lab, self.page, self.number, self.cell = lab, lab.page, number, lab.cell(number)
        cell = self.cell
        self.canvas = cell.locator("canvas.dl-canvas").nth(which)
        self.view = cell.locator(".dl-view:has(canvas.dl-canvas)").nth(which)
        self.caption = self.view.locator(".dl-caption")
        self.tip = self.view.locator(".dl-tip")
        self.where = self.view.locator(".dl-where")
        self.scrub = self.view.get_by_label("position", exact=True)
        self.player = cell.locator(".dl-player").nth(which)

    @property
    def status(self) -> Locator:
        """Where it says how far its work is."""
        return self.cell.locator("[role=status]")

    def goes_on(self) -> None:
        """Assert that its work goes on, in words and in the picture."""
        before, frame = self.status.text_content(), self.canvas.get_attribute("data-frame")
        expect(self.status).not_to_have_text(before)
        expect(self.canvas).not_to_have_attribute("data-frame", frame)

    def cancel(self) -> None:
        """End its work, and assert that it does end: within two seconds, the test's own way there and back among them."""
        began = time.perf_counter()
        self.button("cancel").click()
        expect(self.status).to_have_text("cancelled")
        took = time.perf_counter() - began
        print(f"cancelled after {1000 * took:.0f} ms, with the test's own way there and back")
        assert took < 2

    # controls

    def button(self, name: str) -> Locator:
        """A button by its name."""
        return self.cell.get_by_role("button", name=name)

    def _control(self, kind: str, description: str) -> Locator:
        label = self.page.locator(".widget-label", has_text=re.compile(f"^{re.escape(description)}$"))
        return self.cell.locator(f".{kind}", has=label)

    def slider(self, description: str) -> Locator:
        """A slider's handle, by the words beside it."""
        return self._control("widget-hslider", description).locator(".noUi-handle")

    def reading(self, description: str) -> Locator:
        """The number beside a slider."""
        return self._control("widget-hslider", description).locator(".widget-readout")

    def drag(self, description: str, share: float) -> None:
        """Drag a slider's handle to a share of its way, with the mouse."""
        rail = self._control("widget-hslider", description).locator(".noUi-base").bounding_box()
        knob = self.slider(description).bounding_box()
        self.page.mouse.move(knob["x"] + knob["width"] / 2, knob["y"] + knob["height"] / 2)
        self.page.mouse.down()
        self.page.mouse.move(rail["x"] + share * rail["width"], rail["y"] + rail["height"] / 2, steps=5)
        self.page.mouse.up()

    def menu(self, description: str) -> Locator:
        """A drop-down menu."""
        return self._control("widget-dropdown", description).locator("select")

    def toggle(self, name: str) -> Locator:
        """One of a row of toggle buttons."""
        return self.cell.locator(".widget-toggle-button", has_text=re.compile(f"^{re.escape(name)}$"))

    # the picture

    def drawn(self) -> Shown:
        """Scroll to it and wait until it has been drawn."""
        if not self.canvas.is_visible():  # JupyterLab may take cells that are out of sight off the page
            self.lab.scroll_to(self.number)
        expect(self.canvas).to_be_visible()
        self.canvas.scroll_into_view_if_needed()
        expect(self.canvas).to_have_attribute("data-frame", re.compile(r"\d"))
        self.page.evaluate(NEXT_FRAME)
        return self

    def pixels(self) -> np.ndarray:
        """The canvas as it is, (row, column, red green blue alpha) in 0 … 255."""
        url = self.canvas.evaluate("(canvas) => canvas.toDataURL('image/png')")
        return (imread(io.BytesIO(base64.b64decode(url.split(",")[1]))) * 255).round().astype(int)

    def zoom(self, grid) -> float:
        """px on the screen for one px of the layout."""
        return float(self.canvas.evaluate("(canvas) => parseFloat(canvas.style.width)")) / grid.spec["width"]

    def point(self, grid, panel: str, row: float = 0, column: float = 0) -> tuple[float, float]:
        """Where on the page the middle of a panel's cell is."""
        box, zoom = self.canvas.bounding_box(), self.zoom(grid)
        x, y = _middle(grid.panel(panel), row, column)
        return box["x"] + x * zoom, box["y"] + y * zoom

    def hover(self, grid, panel: str, row: float = 0, column: float = 0) -> None:
        """Move the pointer there."""
        self.page.mouse.move(*self.point(grid, panel, row, column))

    def click(self, grid, panel: str, row: float = 0, column: float = 0) -> None:
        """Click there."""
        self.page.mouse.click(*self.point(grid, panel, row, column))

    def at(self, grid, plane: str, x: float, y: float) -> tuple[float, float]:
        """Where on the page a place of a plane is, in the plane's units."""
        box, zoom = self.canvas.bounding_box(), self.zoom(grid)
        ((px, py),) = grid.panel(plane).px(np.array([[x, y]], dtype=float))
        return box["x"] + px * zoom, box["y"] + py * zoom

    def drag_dot(self, grid, plane: str, layer: str, index: int, to: tuple[float, float], steps: int = 5) -> None:
        """Take a dot, or a bar's end, where the grid has it, and let it go at another place of the plane."""
        here = layer_of(grid, plane, layer).xy[index]
        self.page.mouse.move(*self.at(grid, plane, *here))
        self.page.mouse.down()
        self.page.mouse.move(*self.at(grid, plane, *to), steps=steps)
        self.page.mouse.up()
        self.at_rest()

    def at_rest(self, ms: int = 400) -> None:
        """Wait until nothing has been drawn for so long: the last place of a drag is answered after those before it."""
        before = None
        while (frame := self.canvas.get_attribute("data-frame")) != before:
            before = frame
            self.page.wait_for_timeout(ms)

    def click_at(self, grid, plane: str, x: float, y: float, shift: bool = False) -> None:
        """Click on a place of a plane."""
        if shift:
            self.page.keyboard.down("Shift")
        self.page.mouse.click(*self.at(grid, plane, x, y))
        if shift:
            self.page.keyboard.up("Shift")

    def draw(self, grid, panel: str, places: list[tuple[int, int]], steps: int = 8) -> None:
        """Press the button on the first of these cells and move over the others, reported at so many places on the way."""
        self.hover(grid, panel, *places[0])
        self.page.mouse.down()
        for place in places[1:]:
            self.page.mouse.move(*self.point(grid, panel, *place), steps=steps)
        self.page.mouse.up()

    def tab_to_canvas(self) -> None:
        """Reach the canvas with the Tab key alone, from the first control on."""
        self.cell.locator(".widget-box :is(select, input, button, .noUi-handle)").first.focus()
        for _ in range(40):
            self.page.keyboard.press("Tab")
            if self.canvas.evaluate("(canvas) => canvas === document.activeElement"):
                return
        raise AssertionError("The Tab key does not lead to the canvas.")

    def leave(self) -> None:
        """Move the pointer off the picture."""
        self.page.mouse.move(2, 2)

    def shows(self, explorer) -> None:
        """Assert that words and picture are those of an explorer made without a browser."""
        expect(self.canvas).to_have_attribute("aria-label", explorer.alt())
        expect(self.caption).to_have_text(explorer.grid.caption)
        self.paints(explorer.grid)

    def paints(self, grid, patience: int = 20) -> None:
        """Assert that every panel has the colours of its numbers; a frame may still be on its way."""
        for _ in range(patience):
            self.page.evaluate(NEXT_FRAME)
            image, zoom = self.pixels(), self.zoom(grid)
            covered = [_outline(grid.panel(mark["panel"]), mark) for mark in [*grid.marks, *grid.windows()]]
            shares = {p.name: _wrong(image, zoom, p, covered, grid.position) for p in grid.panels}
            wrong = {name: share for name, share in shares.items() if share > 0.03}
            if not wrong:
                return
        raise AssertionError(f"Share of each panel's cells that have another colour than their number's: {wrong}")

    def frames(self, grid) -> None:
        """Assert that marks and windows outline what they should, in their colours."""
        image, zoom = self.pixels(), self.zoom(grid)
        for mark in [*grid.marks, *grid.windows()]:
            panel = grid.panel(mark["panel"])
            if panel.kind != "line" and mark.get("weight", 3) >= 2:  # thin ones overlap
                assert _outlined(image, zoom, panel, mark), f"Nothing outlines {mark}."


def _middle(panel: Panel, row: float, column: float, down: float = 0.5, along: float = 0.5) -> tuple[float, float]:
    """A place inside a cell, in px of the layout."""
    rows, columns = np.shape(panel.values)[:2]
    if panel.kind == "line":
        return panel.x + (column + along) * panel.size()[0] / columns, panel.y + panel.size()[1] / 2
    top = rows - 1 - row if panel.flip else row
    return panel.x + (column + along) * panel.cell[0], panel.y + (top + down) * panel.cell[1]


def _outline(panel: Panel, mark: dict) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a mark, in px of the layout."""
    if panel.kind == "line":
        return panel.x, panel.y, panel.x + panel.size()[0], panel.y + panel.size()[1]
    row, column, height, width = (mark[name] for name in ("row", "column", "height", "width"))
    top = np.shape(panel.values)[0] - row - height if panel.flip else row
    x, y = panel.x + column * panel.cell[0], panel.y + top * panel.cell[1]
    return x, y, x + width * panel.cell[0], y + height * panel.cell[1]


def _under(x: np.ndarray, y: np.ndarray, outlines: list[tuple]) -> np.ndarray:
    """Which places an outline covers."""
    covered = np.zeros(x.shape, dtype=bool)
    for left, top, right, bottom in outlines:
        around = (x > left - 4) & (x < right + 4) & (y > top - 4) & (y < bottom + 4)
        inside = (x > left + 4) & (x < right - 4) & (y > top + 4) & (y < bottom - 4)
        covered |= around & ~inside
    return covered


def _wrong(image: np.ndarray, zoom: float, panel: Panel, covered: list[tuple], position: int) -> float:
    """The share of a panel's cells whose pixel is not the colour of its number, but for those that a mark covers."""
    if isinstance(panel, Plane):
        return planes.wrong(image, zoom, panel, position)
    if isinstance(panel, Keyboard):
        return _bars_wrong(image, zoom, panel)
    return _line_wrong(image, zoom, panel) if panel.kind == "line" else _heat_wrong(image, zoom, panel, covered)


def _heat_wrong(image: np.ndarray, zoom: float, panel: Panel, covered: list[tuple]) -> float:
    values = np.asarray(panel.values, dtype=float)
    rows, columns = np.mgrid[: values.shape[0], : values.shape[1]].reshape(2, -1)[:, :: max(values[..., :1].size // 1000, 1)]
    inside = 0.2 if panel.numbers else 0.5  # beside the number, if there is one
    x, y = _middle(panel, rows, columns, inside, inside)
    free = ~_under(x, y, covered)
    rows, columns, x, y = (part[free] for part in (rows, columns, x, y))
    if not free.any():
        return 0.0
    seen = image[(y * zoom).astype(int), (x * zoom).astype(int)]
    numbers = values[rows, columns]
    if panel.kind == "rgb":
        wanted = np.clip(numbers, 0, 1) * 255
    else:
        level = np.clip((np.nan_to_num(numbers, nan=panel.lo) - panel.lo) / ((panel.hi - panel.lo) or 1), 0, 1)
        wanted = PALETTE[int(panel.palette == "diverging"), (255 * level).round().astype(int)]
    right = np.abs(seen[:, :3] - wanted).max(1) <= 8
    empty = ~np.isfinite(numbers.reshape(len(rows), -1)).all(1)
    return 1 - float(np.where(empty, seen[:, 3] < 128, right).mean())


def _outlined(image: np.ndarray, zoom: float, panel: Panel, mark: dict) -> bool:
    """Whether the mark's ink lies on the middles of its sides; another mark may lie over two of them."""
    left, top, right, bottom = _outline(panel, mark)
    x, y = (left + right) / 2, (top + bottom) / 2
    ink = [int(INK[mark["ink"]][k : k + 2], 16) for k in (1, 3, 5)]
    found = 0
    for px, py in ((x, top), (x, bottom), (left, y), (right, y)):
        r, c = int(py * zoom), int(px * zoom)
        near = image[max(r - 1, 0) : r + 2, max(c - 1, 0) : c + 2, :3].reshape(-1, 3)
        found += bool(np.abs(near - ink).sum(1).min() < 30)
    return found >= 2


def _bars_wrong(image: np.ndarray, zoom: float, panel: Keyboard) -> float:
    """The share of a piano's bars whose top is not where their value says: ink just below it, none just above."""
    ink = [int(SERIES[panel.ink][k : k + 2], 16) for k in (1, 3, 5)]
    wrong = []
    for k, pitch in enumerate(range(panel.low, panel.high + 1)):
        x, top, wide, _ = panel.key(pitch)
        room = top - panel.y
        high = np.clip((panel.values[k] - panel.lo) / ((panel.hi - panel.lo) or 1), 0, 1) * (room - 4)
        below, above = (image[int((top - y) * zoom), int((x + wide / 2) * zoom)] for y in (high - 4, min(high + 4, room - 2)))
        if high > 8 and panel.kept[k]:
            wrong.append(bool(np.abs(below[:3] - ink).max() > 8))
        if high < room - 10:
            wrong.append(bool(above[3] > 8))
    return float(np.mean(wrong)) if wrong else 0.0


def _line_wrong(image: np.ndarray, zoom: float, panel: Panel) -> float:
    """Of each series' first, middle and other samples: is there its colour within two px of where the curve should be?"""
    values = np.atleast_2d(np.asarray(panel.values, dtype=float))
    n, (width, height) = values.shape[1], panel.size()
    missed = []
    for series, numbers in enumerate(values):
        colour = [int(SERIES[series % len(SERIES)][k : k + 2], 16) for k in (1, 3, 5)]
        for i in np.linspace(1, n - 2, min(40, n)).astype(int) if n > 2 else range(n):
            if np.isnan(numbers[i]):
                continue
            level = np.clip((numbers[i] - panel.lo) / ((panel.hi - panel.lo) or 1), -0.02, 1.02)
            x, y = (panel.x + i / max(n - 1, 1) * width) * zoom, (panel.y + (1 - level) * height) * zoom
            near = image[max(int(y) - 2, 0) : int(y) + 4, max(int(x) - 2, 0) : int(x) + 4, :3].reshape(-1, 3)
            missed.append(np.abs(near - colour).sum(1).min() > 150)
    return float(np.mean(missed)) if missed else 0.0
