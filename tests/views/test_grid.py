"""What travels to the canvas: every panel's numbers where its description says, and the windows it outlines."""

import json

import numpy as np
import pytest

from helpers.views import Grid, Line, Panel, Picture
from helpers.views.grid import SERIES, palettes
from helpers.views.still import _plain, _ticks, pixels


def values(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-3, 5, shape)


def unpacked(grid: Grid, name: str) -> np.ndarray:
    """A panel's numbers as the browser finds them: by buffer, offset and shape, from bytes."""
    panel = next(p for p in [*grid.spec["panels"], *grid.live_spec] if p["name"] == name)
    kind = np.uint8 if panel["buffer"] == "thumbs" else np.float32
    cells = np.frombuffer(getattr(grid, panel["buffer"]), kind)
    found = cells[panel["offset"] : panel["offset"] + int(np.prod(panel["shape"]))].reshape(panel["shape"])
    if panel.get("coarse"):
        lo, hi = panel["lo"], panel["hi"]
        return lo + (hi - lo) * (found / 255)
    return found


@pytest.fixture
def panels() -> list[Panel]:
    return [
        Panel("heat", values(3, 5)),
        Panel("quick", values(2, 2, seed=1), live=True),
        Panel("thumb", values(4, 4, seed=2), coarse=True, lo=-3, hi=5),
        Line("curve", values(2, 7, seed=3)),
        Panel("thumb2", values(6, 2, seed=4), coarse=True, lo=-3, hi=5),
        Picture("colour", values(3, 3, 3, seed=5), live=True),
        Panel("last", values(1, 9, seed=6)),
    ]


def test_every_panel_finds_its_numbers(panels):
    grid = Grid()
    grid.show(panels)
    for panel in panels:
        found = unpacked(grid, panel.name)
        assert found.shape == np.shape(panel.values)
        error = (panel.hi - panel.lo) / 255 / 2 if panel.coarse else 1e-6
        np.testing.assert_allclose(found, panel.values, atol=error + 1e-6)
    sizes = {name: len(getattr(grid, name)) for name in ("data", "live", "thumbs")}
    assert sizes == {"data": 4 * (15 + 14 + 9), "live": 4 * (4 + 27), "thumbs": 16 + 12}


def test_coarse_numbers_beyond_the_ends_stay_at_the_ends():
    grid = Grid()
    grid.show([Panel("thumb", np.array([[-9.0, 0, 1, 9]]), coarse=True, lo=0, hi=1)])
    assert unpacked(grid, "thumb").tolist() == [[0, 0, 1, 1]]


def test_the_description_is_json_without_numbers_of_the_panel(panels):
    grid = Grid()
    grid.show(panels)
    described = json.loads(json.dumps([*grid.spec["panels"], *grid.live_spec], allow_nan=False))
    assert [panel["name"] for panel in described] == [panel.name for panel in sorted(panels, key=lambda panel: panel.live)]
    assert not any("values" in panel for panel in described)


def test_a_missing_number_travels_as_one():
    grid = Grid()
    grid.show([Panel("holes", np.array([[1.0, np.nan]]))])
    assert np.isnan(unpacked(grid, "holes")[0, 1])


def test_the_canvas_holds_every_panel_and_what_is_written_beside_it(panels):
    grid = Grid()
    for i, panel in enumerate(panels):
        panel.x, panel.y, panel.title = 100 * i, 50 * i, "a title that is longer than its panel"
    grid.show(panels)
    for panel in panels:
        width, height = panel.size()
        assert panel.x + max(width, 7 * len(panel.title)) <= grid.spec["width"]
        assert panel.y + height <= grid.spec["height"]


def test_only_what_changed_is_sent(panels, monkeypatch):
    grid = Grid()
    grid.show(panels)
    sent = []
    monkeypatch.setattr(type(grid), "_send", lambda self, message, buffers=None: sent.append(message))
    grid.show(panels)
    assert sent == []
    panels[1].values = panels[1].values + 1
    grid.show(panels)
    keys = {key for message in sent for key in message.get("state", {})}
    paths = {path[0] for message in sent for path in message.get("buffer_paths", [])}
    assert keys | paths == {"live"}


@pytest.mark.parametrize(("position", "row", "column"), [(0, 0, 0), (3, 0, 3), (5, 1, 1)])
def test_windows_lie_where_the_slide_says(position, row, column):
    grid = Grid()
    grid.show([Panel("in", np.zeros((9, 12))), Panel("out", np.zeros((3, 4)))])
    assert grid.windows() == []
    grid.slide = {"output": "out", "inputs": ["in"], "kernel": [3, 2], "stride": 2, "dilation": 3}
    grid.position = position
    here, seen = grid.windows()
    assert (here["panel"], here["row"], here["column"]) == ("out", row, column)
    assert (seen["row"], seen["column"], seen["height"], seen["width"]) == (2 * row, 2 * column, 7, 4)


def test_colours_differ_in_lightness_for_every_eye():
    """Luminance rises along one map, and from the middle of the other falls to both sides."""
    colours = np.frombuffer(palettes(), np.uint8).reshape(2, 256, 3) / 255
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    sequential, diverging = linear @ (0.2126, 0.7152, 0.0722)
    assert (np.diff(sequential) > -1e-3).all()
    assert sequential[-1] > 0.8
    assert sequential[0] < 0.01
    assert (np.diff(diverging[:120]) > -2e-3).all()
    assert (np.diff(diverging[136:]) < 2e-3).all()


def test_the_still_picture_shows_each_cell_in_its_colour():
    shown = np.array([[0.0, 0.25], [0.5, 1.0], [np.nan, 0.75]])
    for flip in (False, True):
        grid = Grid()
        grid.show([Panel("heat", shown, x=10, y=20, cell=(30, 20), flip=flip)])
        picture = pixels(grid)
        palette = np.frombuffer(palettes(), np.uint8).reshape(2, 256, 3)[0]
        for (row, column), value in np.ndenumerate(shown):
            place = 2 - row if flip else row
            middle = picture[20 + 20 * place + 10, 10 + 30 * column + 15].astype(int)
            expected = [255, 255, 255] if np.isnan(value) else palette[round(255 * value)]
            assert np.abs(middle - expected).max() <= 2


def test_the_still_picture_outlines_marks_and_windows():
    grid = Grid()
    grid.show(
        [
            Panel("in", np.ones((4, 4)), x=10, y=10, cell=(20, 20)),
            Panel("out", np.ones((2, 2)), x=120, y=10, cell=(20, 20)),
        ]
    )
    without = pixels(grid)
    grid.slide = {"output": "out", "inputs": ["in"], "kernel": [3, 3], "stride": 1, "dilation": 1}
    grid.position = 3
    changed = (pixels(grid) != without).any(-1)
    rows, columns = np.nonzero(changed[:, :110])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == pytest.approx((30, 90, 30, 90), abs=2)
    rows, columns = np.nonzero(changed[:, 110:])
    assert (rows.min(), columns.min() + 110) == pytest.approx((30, 140), abs=2)


class Pen:
    """Axes that only remember what was written where."""

    def __init__(self):
        self.written = []

    def text(self, x, y, said, **look):
        self.written.append((x, y, said))


@pytest.mark.parametrize("cell", [(1.5, 3.0), (3.125, 3.125), (6.0, 6.0), (2.4, 1.6)])
def test_ticks_of_the_still_picture_are_the_browsers_and_leave_room(cell):
    rows, columns = 96, 128
    names = [f"{i} Hz" for i in range(rows)], [f"{i} s" for i in range(columns)]
    panel = Panel("heat", np.zeros((rows, columns)), cell=cell, row_names=names[0], column_names=names[1], ticks=True)
    pen = Pen()
    _ticks(pen, panel)
    across = [x for x, _, said in pen.written if said.endswith(" s")]
    down = [-y for _, y, said in pen.written if said.endswith(" Hz")]
    assert across[0] == cell[0] / 2
    for places, room in ((across, 60), (down, 40)):  # px, as everyNth in geometry.js has it
        assert len(places) > 1
        assert min(abs(np.diff(places))) > room - 1e-6
        assert min(abs(np.diff(places))) <= 2.5 * room


@pytest.mark.parametrize(("value", "digits", "said"), [(-1, 0, "−1"), (-0.001, 2, "0.00"), (2.345, 1, "2.3"), (-0.5, 1, "−0.5")])
def test_numbers_are_written_as_the_browser_writes_them(value, digits, said):
    assert _plain(value, digits) == said


def test_a_number_between_two_gaps_is_a_point():
    grid = Grid()
    grid.show([Line("curve", np.array([[np.nan, np.nan, 0.5, np.nan, np.nan]]), x=10, y=10, cell=(100, 60))])
    image = pixels(grid).astype(int)
    blue = [int(SERIES[0][k : k + 2], 16) for k in (1, 3, 5)]
    rows, columns = np.nonzero(np.abs(image - blue).sum(2) < 30)
    assert rows.mean() == pytest.approx(40, abs=1)
    assert columns.mean() == pytest.approx(60, abs=1)
