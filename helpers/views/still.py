"""A Grid as a still picture: for GitHub, static pages and slides, where no widget can be."""

from __future__ import annotations

import warnings

import numpy as np
from jaxtyping import UInt8

from helpers.views import still_film, still_plane, still_roll  # noqa: F401 (a Swarm knows how to be drawn)
from helpers.views.grid import INK, SERIES, Grid, Panel, palettes
from helpers.views.indexed import pack
from helpers.views.keyboard import Keyboard
from helpers.views.stage import Plane

DPI = 72  # one px of the layout is one point of the figure
TEXT, FAINT = "#222222", "#555555"


def png(grid: Grid, scale: float = 1.0) -> bytes:
    """The grid's panels, marks, windows and labels as a PNG on white, laid out as in the browser."""
    return pack(pixels(grid, scale))


def pixels(grid: Grid, scale: float = 1.0) -> UInt8[np.ndarray, "row column 3"]:
    """The same picture as red, green and blue."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    width, height = grid.spec["width"], grid.spec["height"]
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI * scale, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))  # one pair of axes in px: a hundred would take seconds
    axes.set_axis_off()
    for panel in grid.panels:
        if isinstance(panel, Keyboard):
            still_roll.keyboard(axes, panel)
        elif isinstance(panel, Plane):
            still_roll.behind(axes, panel)
            still_plane.draw(axes, panel, _coloured(panel.values, panel) if panel.values.size else None, grid.position)
        else:
            (_line if panel.kind == "line" else _cells)(axes, panel)
        if panel.title:
            axes.text(panel.x, panel.y - 7, panel.title, size=13, color=TEXT)
        if panel.column_axis:
            axes.text(
                panel.x + panel.size()[0] / 2,
                panel.y + panel.size()[1] + panel.axis_gap,
                panel.column_axis,
                size=12,
                color=FAINT,
                ha="center",
            )
    for mark in [*grid.marks, *grid.windows()]:
        _outline(axes, grid.panel(mark["panel"]), mark)
    for label in grid.labels:
        axes.text(
            label["x"],
            label["y"],
            label["text"],
            size=label.get("size", 16),
            ha=label.get("align", "center"),
            va="center",
            color=TEXT,
        )
    axes.set(xlim=(0, width), ylim=(height, 0))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # an emoji among words: a box stands for it
        canvas.draw()
    return np.array(canvas.buffer_rgba())[..., :3]


def _cells(axes: object, panel: Panel) -> None:
    (width, height), shown = panel.size(), np.asarray(panel.values)
    shown = shown[::-1] if panel.flip else shown
    colours = shown if panel.kind == "rgb" else _coloured(shown, panel)
    axes.imshow(colours, extent=(panel.x, panel.x + width, panel.y + height, panel.y), aspect="auto", interpolation="nearest")
    _frame(axes, panel)
    if panel.numbers and min(panel.cell) >= 26:
        for (row, column), value in np.ndenumerate(shown):
            if np.isfinite(value):
                _number(axes, panel, row, column, float(value), colours[row, column])
    if panel.ticks:
        _ticks(axes, panel)


def _coloured(shown: np.ndarray, panel: Panel) -> np.ndarray:
    """The palette's colour for each cell, (row, column, 4); what is not a number is transparent."""
    palette = np.frombuffer(palettes(), np.uint8).reshape(2, 256, 3)[int(panel.palette == "diverging")] / 255
    level = np.clip((shown - panel.lo) / ((panel.hi - panel.lo) or 1), 0, 1)
    seen = np.isfinite(shown)
    return np.concatenate([palette[np.where(seen, level * 255, 0).round().astype(int)], seen[..., None]], -1)


def _number(axes: object, panel: Panel, row: int, column: int, value: float, colour: np.ndarray) -> None:
    ink = "#111111" if colour[:3] @ (0.299, 0.587, 0.114) > 0.55 else "white"
    x, y = panel.x + (column + 0.5) * panel.cell[0], panel.y + (row + 0.5) * panel.cell[1]
    size = min(max(panel.cell[0] / 3.4, 9), 18, 0.6 * panel.cell[1])  # in a low, wide cell the height is what is scarce
    axes.text(x, y, _plain(value, panel.digits), ha="center", va="center", color=ink, size=size)


def _plain(value: float, digits: int) -> str:
    """A number as the browser writes it: a true minus, and none before a zero."""
    said = f"{value:.{digits}f}"
    return (said.lstrip("-") if float(said) == 0 else said).replace("-", "−")


def _ticks(axes: object, panel: Panel) -> None:
    (width, height), (rows, columns) = panel.size(), np.shape(panel.values)
    small = {"size": 11, "color": FAINT}
    for row in range(0, rows if panel.row_names else 0, 1 if panel.cell[1] >= 18 else _every_nth(rows, height * 1.5)):
        place = rows - 1 - row if panel.flip else row
        axes.text(panel.x - 6, panel.y + (place + 0.5) * panel.cell[1], panel.row_names[row], ha="right", va="center", **small)
    turned = panel.cell[0] >= 18
    for column in range(0, columns if panel.column_names else 0, 1 if turned else _every_nth(columns, width)):
        x = panel.x + (column + 0.5) * panel.cell[0]
        axes.text(x, panel.y + height + 5, panel.column_names[column], ha="right" if turned else "center", va="top",
                  rotation=45 if turned else 0, **small)  # fmt: skip


def _every_nth(count: int, px: float) -> int:
    """Of `count` names along so many px, the browser writes every n-th: each then has about 60 px."""
    return max(1, -(-count // max(1, int(px / 60))))


def _line(axes: object, panel: Panel) -> None:
    (width, height), values = panel.size(), np.atleast_2d(panel.values)
    level = np.clip((values - panel.lo) / ((panel.hi - panel.lo) or 1), -0.02, 1.02)
    x = np.linspace(panel.x, panel.x + width, values.shape[1])
    for i, series in enumerate(level):
        colour = SERIES[i % len(SERIES)]
        axes.plot(x, panel.y + height * (1 - series), color=colour, lw=1.1)
        gap = np.isnan(np.pad(series, 1, constant_values=np.nan))
        alone = gap[:-2] & gap[2:] & ~gap[1:-1]  # between two gaps there is no line to see
        axes.plot(x[alone], panel.y + height * (1 - series[alone]), "s", color=colour, ms=5)
        if len(panel.names) > 1:
            axes.text(panel.x + width - 8, panel.y + 18 + 18 * i, panel.names[i], color=TEXT, ha="right", size=12)
            end = panel.x + width - 16 - 6.5 * len(panel.names[i])
            axes.plot([end - 20, end], [panel.y + 14 + 18 * i] * 2, color=colour, lw=2.4)
    _frame(axes, panel)
    if panel.ticks:
        small = {"size": 11, "color": FAINT}
        for y, value in ((panel.y + 8, panel.hi), (panel.y + height - 6, panel.lo)):
            axes.text(panel.x - 6, y, _plain(value, panel.digits), ha="right", va="center", **small)
        for at, value, side in ((panel.x, panel.x_range[0], "left"), (panel.x + width, panel.x_range[1], "right")):
            axes.text(at, panel.y + height + 16, f"{value}", ha=side, **small)


def _frame(axes: object, panel: Panel) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((panel.x, panel.y), *panel.size(), fill=False, ec="#999999", lw=0.8))


def _outline(axes: object, panel: Panel, mark: dict) -> None:
    from matplotlib.patches import Rectangle

    (width, height), (rows, columns) = panel.size(), np.shape(panel.values)[:2]
    wide, high = (width / columns, height) if panel.kind == "line" else panel.cell
    top = rows - mark["row"] - mark["height"] if panel.flip else mark["row"]
    corner = panel.x + mark["column"] * wide, panel.y + top * high
    axes.add_patch(Rectangle(corner, mark["width"] * wide, mark["height"] * high, fill=False, ec=INK[mark["ink"]], lw=2.2))
