"""A plane as part of a still picture, drawn as plane.js draws it in the browser."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.views.grid import INK, SERIES
from helpers.views.stage import Arrows, Dots, Ink, Layer, Path, Plane, Stems

TEXT, FAINT, EDGE = "#222222", "#555555", "#999999"
EDGED_FROM = 4  # px of radius; a smaller dot would be all edge
MARKER = {"circle": "o", "square": "s", "triangle": "^", "cross": "x", "ring": "o"}


def draw(axes: object, plane: Plane, coloured: np.ndarray | None, position: int) -> None:
    """Draw a plane on axes in px. coloured: its heat map in RGBA, row 0 below; position: the transport's."""
    from matplotlib.patches import Rectangle

    box = Rectangle((plane.x, plane.y), *plane.cell, fill=False, ec=EDGE, lw=0.8)
    axes.add_patch(box)
    if coloured is not None:
        _surface(axes, plane, coloured, box)
    else:
        _zero(axes, plane)
    _ticks(axes, plane)
    still, timed = [layer for layer in plane.layers if not _stirs(layer)], [layer for layer in plane.layers if _stirs(layer)]
    if plane.scrub:
        x = plane.px(np.array([[position * plane.step, plane.y_range[0]]]))[0, 0]
        axes.plot([x, x], [plane.y, plane.y + plane.cell[1]], color=INK["window"], lw=1.6)
    for layer in still + timed:
        LAYERS[type(layer)](axes, plane, layer, position, box)
    _legend(axes, plane)


def _stirs(layer: Layer) -> bool:
    return layer.timed or getattr(layer, "drag", False)


def ink_of(ink: Ink) -> str:
    """An ink as a colour."""
    if isinstance(ink, int):
        return SERIES[ink % len(SERIES)]
    if ink.startswith("#"):
        return ink
    return {"text": TEXT, "faint": FAINT, "white": "#ffffff"}.get(ink) or INK[ink]


def inks_of(layer: Layer) -> list[str]:
    """A layer's colours, one for each of its points."""
    inks = [layer.ink] * len(layer.xy) if isinstance(layer.ink, int | str) else layer.ink
    return [ink_of(ink) for ink in inks]


def _surface(axes: object, plane: Plane, coloured: np.ndarray, box: object) -> None:
    (width, height), (rows, columns) = plane.cell, coloured.shape[:2]
    side, up = width / max(columns - 1, 1) / 2, height / max(rows - 1, 1) / 2  # the ends' cells stand on the edges
    extent = (plane.x - side, plane.x + width + side, plane.y + height + up, plane.y - up)
    image = axes.imshow(coloured[::-1], extent=extent, aspect="auto", interpolation="bilinear")
    image.set_clip_path(box)


def _zero(axes: object, plane: Plane) -> None:
    x, y = plane.px(np.zeros((1, 2)))[0]
    bars = any(isinstance(layer, Stems) for layer in plane.layers)  # whose places are only numbered
    if plane.x < x < plane.x + plane.cell[0] and not bars:
        axes.plot([x, x], [plane.y, plane.y + plane.cell[1]], color=EDGE, lw=0.8)
    if plane.y < y < plane.y + plane.cell[1]:
        axes.plot([plane.x, plane.x + plane.cell[0]], [y, y], color=EDGE, lw=0.8)


def _ticks(axes: object, plane: Plane) -> None:
    small, bottom = {"size": 11, "color": FAINT}, plane.y + plane.cell[1]
    for value, text in plane.x_ticks:
        x = plane.px(np.array([[value, plane.y_range[0]]]))[0, 0]
        axes.plot([x, x], [bottom, bottom + 5], color=EDGE, lw=0.8)
        axes.text(x, bottom + 18, text, ha="center", **small)
    for value, text in plane.y_ticks:
        y = plane.px(np.array([[plane.x_range[0], value]]))[0, 1]
        axes.plot([plane.x - 5, plane.x], [y, y], color=EDGE, lw=0.8)
        axes.text(plane.x - 8, y, text, ha="right", va="center", **small)
    if plane.row_axis:
        axes.text(
            plane.x - 46, plane.y + plane.cell[1] / 2, plane.row_axis, rotation=90, ha="right", va="center", size=12, color=FAINT
        )


def _path(axes: object, plane: Plane, layer: Path, position: int, box: object) -> None:
    come = layer.xy[: position + 1] if layer.timed else layer.xy
    if not len(come):
        return
    places, style = plane.px(come), "--" if layer.dash else "-"
    line = axes.plot(*places.T, color=inks_of(layer)[0], lw=0.8 * layer.size, ls=style)[0]
    line.set_clip_path(box)
    seen = places[np.isfinite(places).all(1)]
    if layer.timed and len(seen):
        axes.plot(*seen[-1:].T, "o", color=inks_of(layer)[0], ms=2 * (layer.size + 3), mec="white")


def _only(layer: Layer, position: int) -> range:
    if not layer.timed:
        return range(len(layer.xy))
    return range(min(position, len(layer.xy) - 1), min(position + 1, len(layer.xy)))


def _dots(axes: object, plane: Plane, layer: Dots, position: int, box: object) -> None:
    places, inks = plane.px(layer.xy), inks_of(layer)
    hollow = {"mfc": "none"} if layer.shape == "ring" else {}
    for i in _only(layer, position):
        thin = layer.shape in ("cross", "ring")
        edge = {"mec": inks[i] if thin else "white", "mew": 2.4 if thin else float(layer.size >= EDGED_FROM)}
        dot = axes.plot(*places[i], MARKER[layer.shape], color=inks[i], ms=2 * layer.size, **edge, **hollow)[0]
        inside = (places[i] >= [plane.x - 1, plane.y - 1]) & (
            places[i] <= [plane.x + plane.cell[0] + 1, plane.y + plane.cell[1] + 1]
        )
        dot.set_visible(bool(inside.all()))
        if layer.written and i < len(layer.names):
            axes.text(places[i, 0] + layer.size + 4, places[i, 1] - 4, layer.names[i], size=12, color=TEXT)


def _arrows(axes: object, plane: Plane, layer: Arrows, position: int, box: object) -> None:
    begin, end, inks = plane.px(layer.xy[:, :2]), plane.px(layer.xy[:, 2:]), inks_of(layer)
    for i in _only(layer, position):
        if np.isfinite(layer.xy[i]).all() and np.hypot(*(end[i] - begin[i])) >= 0.5:
            looks = {"arrowstyle": "-|>", "color": inks[i], "lw": 0.8 * layer.size, "shrinkA": 0, "shrinkB": 0}
            axes.annotate("", end[i], begin[i], arrowprops=looks, annotation_clip=False).arrow_patch.set_clip_path(box)


def _stems(axes: object, plane: Plane, layer: Stems, position: int, box: object) -> None:
    from matplotlib.patches import Rectangle

    places = plane.px(layer.xy)
    ground = plane.px(np.array([[plane.x_range[0], np.clip(0.0, *plane.y_range)]]))[0, 1]
    for (x, y), ink in zip(places, inks_of(layer), strict=True):
        if np.isfinite(y):
            bar = axes.add_patch(Rectangle((x - layer.size / 2, min(y, ground)), layer.size, max(abs(ground - y), 1), fc=ink))
            bar.set_clip_path(box)
            if layer.drag:
                axes.plot(x, y, "o", color=ink, ms=10, mec="white")


LAYERS: dict[type[Layer], Callable] = {Path: _path, Dots: _dots, Arrows: _arrows, Stems: _stems}


def _legend(axes: object, plane: Plane) -> None:
    named = [layer for layer in plane.layers if layer.legend and len(layer.xy)]
    for i, layer in enumerate(named):
        x, y = plane.x + plane.cell[0] - 8, plane.y + 16 + 18 * i
        axes.text(
            x,
            y,
            layer.name,
            ha="right",
            va="center",
            size=12,
            color=TEXT,
            bbox={"fc": "white", "ec": "none", "alpha": 0.7, "pad": 1},
        )
        start, ink = x - 12 - 7.4 * len(layer.name), inks_of(layer)[0]
        if isinstance(layer, Dots):
            axes.plot(start - 8, y, MARKER[layer.shape], color=ink, ms=9)
        else:
            axes.plot([start - 20, start], [y, y], color=ink, lw=2.4, ls="--" if getattr(layer, "dash", False) else "-")
