"""Stage: planes in units of their own, with a heat map, curves, points to drag, arrows and bars, beside a Grid's panels.

Python sends where everything is; the browser draws it, says what is dragged and where, and runs along whatever is timed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from helpers.views.grid import Grid, Panel, palettes
from helpers.views.widget import script

Ink = int | str  # one of SERIES by number, "text", "faint" or "white", one of INK by name, or a colour, "#rrggbb"
Tick = tuple[float, str]


@dataclass
class Layer:
    """Something drawn on a plane. xy: one row for each point, in the plane's units; ink: one, or one for each row.

    timed: what it shows depends on the transport's position; legend: its name is written in the plane's corner.
    """

    kind: ClassVar[str] = ""
    columns: ClassVar[int] = 2
    places: ClassVar[int] = 1  # how many x, y the numbers of a row begin with
    unsaid: ClassVar[tuple[str, ...]] = ("xy",)  # fields that do not travel as JSON

    name: str
    xy: np.ndarray | Sequence = field(repr=False)
    ink: Ink | Sequence[Ink] = 0
    size: float = 2.0
    timed: bool = False
    legend: bool = False

    def __post_init__(self) -> None:
        self.xy = np.asarray(self.xy, dtype=float).reshape(-1, self.columns)
        if not isinstance(self.ink, int | str):
            self.ink = [ink if isinstance(ink, str) else int(ink) for ink in self.ink]
            if len(self.ink) != len(self.xy):
                raise ValueError(f"layer {self.name!r}: {len(self.ink)} inks for {len(self.xy)} points; give one, or one for each.")

    def numbers(self) -> np.ndarray:
        """What is sent of it, a row for each point: first its places."""
        return self.xy

    def described(self) -> dict:
        """What is to be known of it besides its numbers, JSON."""
        said = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in self.unsaid}
        shape = {"count": len(self.xy), "columns": self.numbers().shape[1], "places": self.places}
        return {"kind": self.kind, **shape, **{name: value for name, value in said.items() if value or name == "ink"}}


@dataclass
class Path(Layer):
    """A curve through its points, interrupted by NaN. timed: it has come as far as the transport, and a head is on it."""

    kind: ClassVar[str] = "path"
    dash: bool = False


@dataclass
class Dots(Layer):
    """Points of `size` px radius. names: what the tip says of each, and with `written` the picture beside it.

    shape: circle, square, triangle, cross or ring; drag, click: what can be done with them; timed: only the one at the
    transport's position is there.
    """

    kind: ClassVar[str] = "dots"
    size: float = 6.0
    shape: str = "circle"
    names: list[str] = field(default_factory=list)
    written: bool = False
    drag: bool = False
    click: bool = False


@dataclass
class Arrows(Layer):
    """Arrows, each row of xy from where (x, y) to where (x, y). timed: only the one at the transport's position."""

    kind: ClassVar[str] = "arrows"
    columns: ClassVar[int] = 4
    places: ClassVar[int] = 2


@dataclass
class Stems(Layer):
    """Bars of `size` px, from y = 0 (or the plane's nearest edge) to each point. drag: a bar's end moves up and down."""

    kind: ClassVar[str] = "stems"
    size: float = 6.0
    names: list[str] = field(default_factory=list)
    drag: bool = False


@dataclass
class Plane(Panel):
    """A plot in units of its own, y growing upwards. cell: px of the whole plot; x, y: its top left corner.

    values: a heat map or None; its rows lie evenly from y_range[0] to y_range[1] and its columns along x_range, ends
    included. x_ticks, y_ticks: (value, text) each; with `ticks` and none given, round numbers are found.
    hover: the pointer's place is told ("over"); click: so is a click on an empty place ("place");
    scrub: x is the transport's position, and pointing there moves it; step: how far one position is along x.
    """

    kind: str = "plane"
    values: np.ndarray | None = field(default=None, repr=False)
    cell: tuple[float, float] = (360, 300)
    x_range: tuple[float, float] = (0.0, 1.0)
    y_range: tuple[float, float] = (0.0, 1.0)
    layers: list[Layer] = field(default_factory=list)
    row_axis: str = ""
    x_ticks: list[Tick] = field(default_factory=list)
    y_ticks: list[Tick] = field(default_factory=list)
    scrub: bool = False
    step: float = 1.0

    def __post_init__(self) -> None:
        for name in ("x_range", "y_range"):
            lo, hi = (float(end) for end in getattr(self, name))
            if not (np.isfinite([lo, hi]).all() and lo < hi):
                raise ValueError(f"plane {self.name!r}: {name} is ({lo}, {hi}); the first end must be less than the second.")
            setattr(self, name, (lo, hi))
        self.values = np.empty((0, 0)) if self.values is None else np.asarray(self.values)
        if self.ticks:
            self.x_ticks = self.x_ticks or round_ticks(*self.x_range, self.cell[0] / 70)
            self.y_ticks = self.y_ticks or round_ticks(*self.y_range, self.cell[1] / 45)

    def size(self) -> tuple[float, float]:
        return self.cell

    def flat(self) -> np.ndarray:
        return np.concatenate([super().flat(), *(layer.numbers().astype(np.float32).ravel() for layer in self.layers)])

    def described(self) -> dict:
        starts = np.cumsum([np.size(self.values), *(layer.numbers().size for layer in self.layers)])
        layers = [layer.described() | {"offset": int(start)} for layer, start in zip(self.layers, starts)]
        return super().described() | {"layers": layers}

    def px(self, xy: Float[np.ndarray, "point 2"]) -> Float[np.ndarray, "point 2"]:
        """Where on the canvas these places are, in px of the layout."""
        low, high = np.array([self.x_range, self.y_range]).T
        share = (np.asarray(xy, dtype=float) - low) / (high - low)
        return np.array([self.x, self.y]) + np.stack([share[:, 0], 1 - share[:, 1]], 1) * np.array(self.cell)


class Stage(Grid):
    """A Grid on which panels may be planes; it also says "drag", "drop", "pick", "place" and "over" to `on`."""

    _esm = script("late", "link", "transport", "geometry", "numbers", "paint", "hand", "plane", "grid")


@lru_cache(maxsize=256)
def round_ticks(lo: float, hi: float, count: float) -> list[Tick]:
    """About so many round numbers from lo to hi, with what to write at each.

    >>> round_ticks(0, 1, 4)
    [(0.0, '0'), (0.3, '0.3'), (0.6, '0.6'), (0.9, '0.9')]
    """
    from matplotlib.ticker import MaxNLocator

    places = MaxNLocator(nbins=max(int(count), 1), steps=[1, 2, 3, 5, 10]).tick_values(lo, hi)
    inside = [float(round(p, 12)) + 0.0 for p in places if lo - 1e-9 * (hi - lo) <= p <= hi + 1e-9 * (hi - lo)]
    return [(place, f"{place:g}".replace("-", "−")) for place in inside]


def colours(values: np.ndarray, lo: float, hi: float, palette: str = "sequential") -> list[Ink]:
    """The inks that a heat map from lo to hi has for these values: points then show theirs on its own scale.

    >>> colours(np.array([0.0, 1.0]), 0.0, 1.0)
    ['#000004', '#fcfdbf']
    """
    table = np.frombuffer(palettes(), np.uint8).reshape(2, 256, 3)[int(palette == "diverging")]
    share = np.clip((np.asarray(values) - lo) / ((hi - lo) or 1), 0, 1)
    return ["#" + bytes(table[int(at)]).hex() for at in (255 * share).round()]


def contours(
    values: Float[np.ndarray, "row column"],
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    levels: Sequence[float],
    name: str = "contours",
    ink: Ink = "faint",
) -> Path:
    """The lines along which a plane's heat map has these values, as one path."""
    from contourpy import contour_generator

    rows, columns = np.shape(values)
    lines = contour_generator(np.linspace(*x_range, columns), np.linspace(*y_range, rows), np.ma.masked_invalid(values))
    found = [line for level in levels for line in lines.lines(level)]
    gap = np.full((1, 2), np.nan)
    return Path(name, np.concatenate([part for line in found for part in (line, gap)] or [gap]), ink=ink, size=1.0)
