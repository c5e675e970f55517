"""Grid: pictures side by side on one canvas (heat maps, RGB thumbnails, curves), with hover, click, paint and scrub.

Python lays the panels out and ships their numbers as float32; the browser draws them, tells which cell the pointer
is on, and moves the linked windows at once. It computes no result: what is printed was sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cache

import numpy as np
import traitlets

from helpers.views.widget import View, script, style

SEQUENTIAL, DIVERGING = "magma", "PuOr_r"
INK = {"window": "#00a3e0", "winner": "#e69f00", "lock": "#009e73", "match": "#00e5c8", "error": "#d55e00"}
SERIES = ("#2a8fd0", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")


@cache
def palettes() -> bytes:
    """The two colour maps, 256 RGB bytes each: perceptually ordered, legible to colour-blind eyes."""
    from matplotlib import colormaps

    steps = {SEQUENTIAL: np.linspace(0, 1, 256), DIVERGING: np.linspace(0.1, 0.9, 256)}  # its very ends look alike
    return b"".join((colormaps[name](at)[:, :3] * 255).round().astype(np.uint8).tobytes() for name, at in steps.items())


@dataclass
class Panel:
    """One heat map. values: (row, column); x, y: place of its top left cell in px; cell: px per cell, wide and high.

    lo, hi: the values at the ends of the palette; flip: row 0 at the bottom (low frequencies below);
    live: travels with the small, often changing part; coarse: travels as one byte a cell between lo and hi (thumbnails);
    hover/click/edit: which events it sends; several: one of several to choose from: a click with Shift (or Shift and Space)
    sends "add" for "click", a double-click "only" after its clicks, and the pointer "left" when it is over none of them;
    whole: the panel is one target, not its cells; pad: rows and columns of padding on either side (drawn with a dashed border);
    row_names/column_names: what the tooltip calls each cell; ticks: write those names along the axes.
    """

    name: str
    values: np.ndarray = field(repr=False)
    x: float = 0
    y: float = 0
    cell: tuple[float, float] = (8, 8)
    title: str = ""
    palette: str = "sequential"
    lo: float = 0.0
    hi: float = 1.0
    numbers: bool = False
    digits: int = 2
    unit: str = ""
    flip: bool = False
    live: bool = False
    coarse: bool = False
    hover: bool = False
    click: bool = False
    edit: bool = False
    several: bool = False
    whole: bool = False
    pad: tuple[int, int] = (0, 0)
    row_names: list[str] = field(default_factory=list)
    column_names: list[str] = field(default_factory=list)
    ticks: bool = False
    column_axis: str = ""
    axis_gap: int = 34
    kind: str = "heat"

    def size(self) -> tuple[float, float]:
        """Width and height in px."""
        rows, columns = np.shape(self.values)[:2]
        return columns * self.cell[0], rows * self.cell[1]

    def flat(self) -> np.ndarray:
        """The numbers it sends, float32, in one row."""
        return np.ascontiguousarray(self.values, dtype=np.float32).ravel()

    def described(self) -> dict:
        """What is to be known of it besides its numbers, JSON."""
        said = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "values"}
        said = {name: value for name, value in said.items() if value or name in {"x", "y", "lo", "hi", "digits"}}
        return said | {"shape": list(np.shape(self.values)), "size": list(self.size())}


@dataclass
class Picture(Panel):
    """One RGB thumbnail. values: (row, column, 3) in [0, 1]."""

    kind: str = "rgb"


@dataclass
class Line(Panel):
    """Curves on one pair of axes. values: (series, sample), NaN where there is none; cell: size of the whole plot.

    x_range: values at the left and right ends; names: one for each series (a legend when more than one).
    """

    kind: str = "line"
    x_range: tuple[float, float] = (0.0, 1.0)
    names: list[str] = field(default_factory=list)

    def size(self) -> tuple[float, float]:
        return self.cell


class Grid(View):
    """The canvas. `show` sets the panels, `marks` outlines cells, `slide` links windows to the transport's position."""

    _esm = script("late", "link", "transport", "geometry", "numbers", "paint", "hand", "grid")
    _css = style()

    spec = traitlets.Dict().tag(sync=True)
    live_spec = traitlets.List().tag(sync=True)
    data = traitlets.Bytes(b"").tag(sync=True)
    thumbs = traitlets.Bytes(b"").tag(sync=True)
    live = traitlets.Bytes(b"").tag(sync=True)
    palette = traitlets.Bytes(b"").tag(sync=True)
    marks = traitlets.List().tag(sync=True)
    slide = traitlets.Dict().tag(sync=True)
    labels = traitlets.List().tag(sync=True)
    caption = traitlets.Unicode("").tag(sync=True)
    count = traitlets.Int(0).tag(sync=True)
    position = traitlets.Int(0).tag(sync=True)
    playing = traitlets.Bool(False).tag(sync=True)
    brushes = traitlets.List([1.0]).tag(sync=True)
    brush = traitlets.Int(0).tag(sync=True)  # which of the brushes

    def __init__(self, **traits: object) -> None:
        super().__init__(palette=palettes(), **traits)
        self.panels: list[Panel] = []
        self.attached = False
        self.on("ready", self._attach)
        self.on("playing", self._play)

    def _attach(self) -> None:
        self.attached = True

    def _play(self, playing: bool) -> None:
        self.playing = playing

    def show(self, panels: list[Panel], labels: Sequence[dict] = ()) -> None:
        """Draw these panels, and texts between them; only what changed of layout, data and live data is sent."""
        self.panels = panels
        width, height = _extent(panels, labels)
        offsets = dict.fromkeys(("data", "live", "thumbs"), 0)
        described, live = [], []
        for panel in panels:
            buffer = _buffer(panel)
            place = {"buffer": buffer, "offset": offsets[buffer]}
            (live if panel.live else described).append(panel.described() | place)
            offsets[buffer] += panel.flat().size
        spec = {"panels": described, "ink": INK, "series": SERIES, "width": width, "height": height}
        with self.hold_sync():
            self.spec, self.live_spec, self.labels = spec, live, list(labels)
            for buffer in offsets:
                setattr(self, buffer, b"".join(_packed(p) for p in panels if _buffer(p) == buffer))

    def windows(self) -> list[dict]:
        """The marks that `slide` puts around the present position's output cell and what it sees."""
        if not self.slide:
            return []
        out, slide = self.panel(self.slide["output"]), self.slide
        row, column = divmod(self.position, np.shape(out.values)[1])
        spans = [slide["dilation"] * (n - 1) + 1 for n in slide["kernel"]]
        seen = {"row": row * slide["stride"], "column": column * slide["stride"], "height": spans[0], "width": spans[1]}
        here = {"panel": out.name, "row": row, "column": column, "height": 1, "width": 1, "ink": "window"}
        return [here, *({"panel": name, "ink": "window", **seen} for name in slide["inputs"])]

    def panel(self, name: str) -> Panel:
        """The panel of that name."""
        return next(p for p in self.panels if p.name == name)


def _extent(panels: list[Panel], labels: Sequence[dict]) -> tuple[float, float]:
    """Width and height in px that hold all panels with what is written beside and below them."""
    right = max(p.x + max(p.size()[0], 7.6 * len(p.title)) for p in panels)
    right = max([right, *(label["x"] + _room(label) for label in labels)])
    below = max(p.y + p.size()[1] + _below(p) for p in panels)
    return right + 12, below + 8


def _room(label: dict) -> float:
    """Room for a label from its place on, in px; short ones get as much, or a changing number would resize the picture."""
    whole = 0.55 * label.get("size", 16) * max(len(label["text"]), 10)
    return whole if label.get("align") == "left" else label.get("size", 16)


def _below(panel: Panel) -> float:
    """Room for the ticks and the axis name under a panel, in px."""
    turned = panel.column_names and panel.cell[0] >= 18 and panel.kind == "heat"
    ticks = (64 if turned else 20) if panel.ticks else 0
    return max(ticks, panel.axis_gap + 8 if panel.column_axis else 0)


def _buffer(panel: Panel) -> str:
    return "thumbs" if panel.coarse else "live" if panel.live else "data"


def _packed(panel: Panel) -> bytes:
    values = panel.flat()
    if panel.coarse:
        return (np.clip((values - panel.lo) / (panel.hi - panel.lo), 0, 1) * 255).round().astype(np.uint8).tobytes()
    return values.tobytes()
