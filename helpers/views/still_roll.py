"""Notes, words, arcs and a piano as part of a still picture, drawn as roll.js draws them in the browser."""

from __future__ import annotations

import numpy as np

from helpers.views import still_plane
from helpers.views.keyboard import KEY_SHARE, Keyboard, is_black
from helpers.views.roll import Arcs, Marks, Notes, Tokens
from helpers.views.stage import Plane
from helpers.views.still_plane import EDGE, FAINT, TEXT

Box = tuple[float, float, float, float]


def boxes(plane: Plane, layer: Marks) -> list[Box]:
    """Left, top, width and height of each note or word, in px of the layout."""
    numbers = layer.numbers()
    if isinstance(layer, Tokens):
        return [
            (x - wide / 2, y - layer.size / 2, wide, layer.size) for (x, y), wide in zip(plane.px(numbers[:, :2]), layer.xy[:, 2])
        ]
    begin, end = plane.px(numbers[:, :2]), plane.px(numbers[:, 2:4])
    floor = plane.y + plane.cell[1]
    return [
        (x, floor - 9, max(to - x, 6), 9) if np.isnan(bottom) else (x, top, max(to - x - 1, 3), max(bottom - top, 3))
        for (x, bottom), (to, top) in zip(begin, end)
    ]


def _lit(plane: Plane, layer: Marks, position: int) -> list[int]:
    if not layer.timed:
        return []
    return layer.sounding(position * plane.step if isinstance(layer, Notes) else position)


def _rectangles(axes: object, boxes: list[Box], colours: list, box: object = None, **edges: object) -> None:
    """All these boxes as one artist: hundreds of their own would take seconds."""
    from matplotlib.collections import PolyCollection

    corners = [[(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)] for x, y, wide, high in boxes]
    drawn = axes.add_collection(PolyCollection(corners, facecolors=colours or "none", **{"linewidths": 0, **edges}), autolim=False)
    if box is not None:
        drawn.set_clip_path(box)


def _marks(axes: object, plane: Plane, layer: Marks, position: int, box: object) -> None:
    from matplotlib.colors import to_rgba

    lit, words, found = _lit(plane, layer, position), isinstance(layer, Tokens), boxes(plane, layer)
    faded = [0.6 if words or (layer.timed and i not in lit) else 1.0 for i in range(len(found))]
    colours = [to_rgba(ink, a * s) for ink, a, s in zip(still_plane.inks_of(layer), faded, layer.strength)]
    if words:
        _rectangles(axes, found, ["white"] * len(found), box)
        _rectangles(axes, found, colours, box, edgecolors=EDGE, linewidths=0.8)
    else:
        _rectangles(axes, [(x, y + 0.5, wide, high - 1) for x, y, wide, high in found], colours, box)
    _rectangles(axes, [found[i] for i in lit], [], box, edgecolors=TEXT, linewidths=1.6)
    for (x, y, wide, high), word in zip(found if words else [], layer.names):
        said = {"ha": "center", "va": "center", "size": min(11, 0.5 * high), "color": TEXT, "parse_math": False}  # $ is $
        axes.text(x + wide / 2, y + high / 2, word, **said)


def _anchor(arcs: Arcs, layer: Marks, box: Box, looks: bool) -> tuple[float, float]:
    x, y, wide, high = box
    if arcs.at:
        return (x + wide if looks else x), y + high / 2
    return (x + wide / 2, y) if isinstance(layer, Tokens) else (x + min(5, wide / 2), y + high / 2)


def lookers(plane: Plane, arcs: Arcs, position: int) -> list[int]:
    """The notes whose arcs are drawn where no pointer is: the locked one, else those at the playhead."""
    who = next(layer for layer in plane.layers if layer.name == arcs.of)
    return [arcs.locked] if arcs.locked >= 0 else _lit(plane, who, position)


def bows(plane: Plane, arcs: Arcs, notes: list[int]) -> list[tuple[tuple, np.ndarray]]:
    """The arcs of these notes, the heaviest first: (head, who looks, at what, weight), and its points in px, (2, n)."""
    layers = {layer.name: layer for layer in plane.layers}
    who, what = layers[arcs.of], layers[arcs.at or arcs.of]
    looking, seen = boxes(plane, who), boxes(plane, what)
    found = []
    for arc in arcs.seen(notes):
        begin, end = _anchor(arcs, who, looking[arc[1]], True), _anchor(arcs, what, seen[arc[2]], False)
        rank = arcs.shown.index(arc[0]) - (len(arcs.shown) - 1) / 2 * bool(arcs.at)
        found.append((arc, _bow(plane, begin, end, rank, bool(arcs.at))))
    return found


def _arcs(axes: object, plane: Plane, arcs: Arcs, position: int, box: object) -> None:
    for (head, _, _, weight), points in reversed(bows(plane, arcs, lookers(plane, arcs, position))):
        ink, share = still_plane.ink_of(arcs.inks[head]), weight / 255
        looks = {"color": ink, "alpha": 0.25 + 0.75 * share**0.5}
        axes.plot(*points, lw=0.8 * (1 + 4 * share), **looks)[0].set_clip_path(box)
        if not arcs.at:
            axes.plot(*points[:, -1], "o", ms=4 + 4 * share, mew=0, **looks)
    if arcs.locked >= 0:
        who = next(layer for layer in plane.layers if layer.name == arcs.of)
        _outline(axes, boxes(plane, who)[arcs.locked])


def _bow(plane: Plane, begin: tuple, end: tuple, rank: float, straight: bool) -> np.ndarray:
    """The points of one arc, (2, n): a circle from a note to itself, a line between columns, else a curve over both."""
    t = np.linspace(0, 1, 40)
    if begin == end:
        around, radius = 2 * np.pi * t, 5 + 1.2 * rank
        return np.array([begin[0] + radius * np.sin(around), begin[1] - radius + radius * np.cos(around)])
    (x, y), (to_x, to_y) = begin, end
    if straight:
        return np.array([[x, to_x], [y + 2 * rank, to_y + 2 * rank]])
    over = _bend(plane, begin, end, rank)
    return np.array([(1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c for a, b, c in zip(begin, over, end)])


def _bend(plane: Plane, begin: tuple, end: tuple, rank: float) -> tuple[float, float]:
    """Where a curve from one note to another bends: over both, or beside a chord, inside the plane."""
    (x, y), (to_x, to_y) = begin, end
    if abs(to_x - x) < 8:
        aside = np.clip(0.5 * abs(to_y - y), 20, 70) + 7 * rank
        return x + (1 if x < plane.x + 60 else -1) * aside, (y + to_y) / 2
    lift = np.clip(0.3 * abs(to_x - x), 20, 0.8 * plane.cell[1]) + 7 * rank
    return (x + to_x) / 2, max(min(y, to_y) - lift, 2 * plane.y - (y + to_y) / 2 + 6)


def _outline(axes: object, box: Box) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle(box[:2], *box[2:], fill=False, ec=still_plane.ink_of("lock"), lw=2))


def behind(axes: object, plane: Plane) -> None:
    """Under notes: the rows of the black keys, and a line at each tick of time."""
    if not any(isinstance(layer, Notes) for layer in plane.layers):
        return
    low, high = plane.y_range
    edges = [(plane.x_range[0], pitch + 0.5) for pitch in range(int(np.ceil(low + 0.5)), int(high - 0.5) + 1) if is_black(pitch)]
    row = plane.cell[1] / (high - low)
    tops = plane.px(np.array(edges).reshape(-1, 2))[:, 1]
    _rectangles(axes, [(plane.x, top, plane.cell[0], row) for top in tops], [EDGE], alpha=0.2)
    for value, _ in plane.x_ticks:
        x = plane.px(np.array([[value, low]]))[0, 0]
        axes.plot([x, x], [plane.y, plane.y + plane.cell[1]], color=EDGE, lw=0.8, alpha=0.6)


def keyboard(axes: object, panel: Keyboard) -> None:
    """A piano, with a bar for each key."""
    from matplotlib.patches import Rectangle

    room = (1 - KEY_SHARE) * panel.cell[1]
    axes.add_patch(Rectangle((panel.x, panel.y), *panel.cell, fill=False, ec=EDGE, lw=0.8))
    pitches = range(panel.low, panel.high + 1)
    for pitch in sorted(pitches, key=is_black):
        x, y, wide, high = panel.key(pitch)
        black = is_black(pitch)
        axes.add_patch(Rectangle((x, y), wide, high, fc="#222222" if black else "white", ec=FAINT if black else EDGE, lw=0.8))
        if pitch % 12 == 0 and wide >= 10:
            axes.text(x + wide / 2, y + high - 5, f"C{pitch // 12 - 1}", size=9, ha="center", color=TEXT)
    for pitch, value, kept in zip(pitches, panel.values, panel.kept):
        x, _, wide, _ = panel.key(pitch)
        high = np.clip((value - panel.lo) / ((panel.hi - panel.lo) or 1), 0, 1) * (room - 4)
        thick = wide * (0.8 if is_black(pitch) else 0.5)
        looks = {"fc": still_plane.ink_of(panel.ink) if kept else FAINT, "alpha": 1 if kept else 0.45, "lw": 0}
        axes.add_patch(Rectangle((x + (wide - thick) / 2, panel.y + room - high), thick, high, **looks))


still_plane.LAYERS.update({Notes: _marks, Tokens: _marks, Arcs: _arcs})
