"""Is a plane drawn as its numbers say? Worked out from the plane's layers, apart from the JavaScript."""

from __future__ import annotations

import numpy as np

from helpers.views import Arcs, Arrows, Dots, Notes, Path, Plane, Stems, Swarm, Tokens, still_roll
from helpers.views.grid import INK, SERIES, palettes
from helpers.views.stage import Layer

PALETTE = np.frombuffer(palettes(), np.uint8).reshape(2, 256, 3).astype(int)
NEAR = 3  # px of the canvas within which a point's ink must be


def layer_of(grid, plane: str, name: str) -> Layer:
    """A plane's layer by its name."""
    return next(layer for layer in grid.panel(plane).layers if layer.name == name)


def wrong(image: np.ndarray, zoom: float, plane: Plane, position: int) -> float:
    """The share of layers that are not where they should be, or of the heat map's nodes that have another colour."""
    drawn = sorted(plane.layers, key=_stirs)
    places = [_inside(plane, _shown(layer, position)) for layer in drawn]
    traces = [_trace(plane, layer, position) for layer in drawn]
    missing = [
        _missing(image, zoom, plane, layer, at, np.concatenate([np.empty((0, 2)), *traces[i + 1 :]]))
        for i, (layer, at) in enumerate(zip(drawn, places))
        # the theme's own ink; arrows and arcs are thin; words lie on theirs
        if layer.ink not in ("text", "faint") and not isinstance(layer, Arrows | Arcs | Tokens) and not len(_feet(layer))
    ]
    missing += [arcs_missing(image, zoom, plane, layer, still_roll.lookers(plane, layer, position)) for layer in _arcs(plane)]
    share = max(0.0, _heat_wrong(image, zoom, plane, np.concatenate([np.empty((0, 2)), *traces])) - 0.05)
    return max(share, float(np.mean(np.array(missing) > 0.5)) if missing else 0.0)


def _stirs(layer: Layer) -> int:
    """Its place in the order of drawing: what stands still, swarms, what is timed or can be dragged."""
    return 2 if layer.timed or getattr(layer, "drag", False) else int(isinstance(layer, Swarm))


def _feet(layer: Layer) -> np.ndarray:
    """Where a swarm's arrows begin; none for other layers."""
    return layer.feet if isinstance(layer, Swarm) else np.empty((0, 2))


def _shown(layer: Layer, position: int) -> np.ndarray:
    """The layer's points that are to be seen now, with NaN for the others."""
    if isinstance(layer, Arcs):
        return np.empty((0, 2))
    if isinstance(layer, Swarm):
        return layer.at(position)
    if isinstance(layer, Notes):  # their middles; faint ones are hardly to be seen, and an outline may cover a whole note
        middles = layer.xy[:, [0, 2]] + layer.xy[:, 1:2] * [0.5, 0]
        return np.where(layer.strength[:, None] >= 0.5, middles, np.nan)
    xy = layer.xy[:, :2].copy()
    if layer.timed and isinstance(layer, Path):
        xy[position + 1 :] = np.nan
    elif layer.timed:
        xy[np.arange(len(xy)) != min(position, len(xy) - 1)] = np.nan
    return xy


def _inside(plane: Plane, xy: np.ndarray) -> np.ndarray:
    low, high = np.array([plane.x_range, plane.y_range]).T
    xy = xy.copy()
    xy[~((xy > low) & (xy < high)).all(1)] = np.nan
    return plane.px(xy)


def _trace(plane: Plane, layer: Layer, position: int) -> np.ndarray:
    """What a layer covers, as px close together: its points, the lines between them, its bars."""
    if isinstance(layer, Arcs):
        arcs = still_roll.bows(plane, layer, still_roll.lookers(plane, layer, position))
        locked = box_of(plane, layer.of, layer.locked) if layer.locked >= 0 else np.empty((0, 2))
        return np.concatenate([np.empty((0, 2)), *(points.T for _, points in arcs), locked])
    if isinstance(layer, Tokens | Notes):
        return np.concatenate([np.empty((0, 2)), *(box_of(plane, layer.name, i) for i in range(len(layer.xy)))])
    px = plane.px(_shown(layer, position))
    if isinstance(layer, Path):
        way = np.linspace(0, 1, 40)[:, None, None]
        px = ((1 - way) * px[:-1] + way * px[1:]).reshape(-1, 2) if len(px) > 1 else px
    elif len(_feet(layer)):
        feet = plane.px(layer.feet)
        px = np.concatenate([feet + share * (px - feet) for share in np.linspace(0, 1, 40)])
    elif isinstance(layer, Arrows):
        ends = plane.px(layer.xy[:, 2:])
        px = np.concatenate([px + share * (ends - px) for share in np.linspace(0, 1, 40)])
    elif isinstance(layer, Stems):
        ground = plane.px(np.array([[plane.x_range[0], np.clip(0, *plane.y_range)]]))[0, 1]
        ways = np.linspace(0, 1, 40)
        px = np.concatenate([np.stack([px[:, 0] + dx, way * px[:, 1] + (1 - way) * ground], 1) for way in ways
                             for dx in np.linspace(-layer.size / 2, layer.size / 2, 7)])  # fmt: skip
    elif isinstance(layer, Dots | Swarm):
        around = np.linspace(0, 2 * np.pi, 12, endpoint=False)
        px = np.concatenate([px, *(px + (layer.size + 2) * np.array([np.cos(a), np.sin(a)]) for a in around)])
        if isinstance(layer, Dots) and layer.written:
            px = np.concatenate([px, *(px + [dx, dy] for dx in range(0, 160, 8) for dy in (-16, -10, -4))])
    return px[np.isfinite(px).all(1)]


def _arcs(plane: Plane) -> list[Arcs]:
    return [layer for layer in plane.layers if isinstance(layer, Arcs)]


def box_of(plane: Plane, layer: str, i: int) -> np.ndarray:
    """Points all over a note's or a word's box, in px."""
    x, y, wide, high = still_roll.boxes(plane, next(known for known in plane.layers if known.name == layer))[i]
    return np.array([(x + right, y + down) for right in np.arange(0, wide + 4, 4) for down in np.arange(0, high + 4, 4)])


def arcs_missing(image: np.ndarray, zoom: float, plane: Plane, layer: Arcs, notes: list[int]) -> float:
    """Of the three heaviest arcs of these notes, the share whose ink is not found on their way; others may cross it."""
    heaviest = still_roll.bows(plane, layer, notes)[:3]
    return float(np.mean([not _on_way(image, zoom, points, _rgb(layer.inks[head])) for (head, *_), points in heaviest] or [0]))


def _on_way(image: np.ndarray, zoom: float, points: np.ndarray, rgb: np.ndarray) -> bool:
    found = [_inked(image, at * zoom, rgb, 0) for at in points.T[[10, 15, 20, 25, 30]]] if points.shape[1] > 2 else []
    return np.mean(found or [_inked(image, points.mean(1) * zoom, rgb, 0)]) >= 0.6


def _free(at: np.ndarray, over: np.ndarray, distance: float) -> np.ndarray:
    """Which of these px nothing else lies on."""
    if not len(over):
        return np.ones(len(at), dtype=bool)
    return np.array([np.hypot(*(over - place).T).min() > distance for place in at], dtype=bool)


def _missing(image: np.ndarray, zoom: float, plane: Plane, layer: Layer, at: np.ndarray, over: np.ndarray) -> float:
    """The share of a layer's points where its ink is not found; points under what is drawn later do not count."""
    inks = [layer.ink] * len(at) if isinstance(layer.ink, int | str) else layer.ink
    of_the_theme = np.array([ink in ("text", "faint") for ink in inks], bool)  # in the theme's colours, which differ
    seen = np.flatnonzero(np.isfinite(at).all(1) & ~of_the_theme)
    seen = seen[np.linspace(0, len(seen) - 1, min(len(seen), 25)).astype(int)] if len(seen) else seen
    corner = np.array([plane.x + plane.cell[0], plane.y])  # where the legend may be
    named = 18 * sum(other.legend for other in plane.layers)
    legend = (at[seen] > corner + [-200, 0]).all(1) & (at[seen, 1] < corner[1] + named + 8) if named else np.zeros(len(seen), bool)
    seen = seen[_free(at[seen], over, 5) & ~legend]
    return float(np.mean([not _inked(image, at[i] * zoom, _rgb(inks[i]), layer.size) for i in seen])) if len(seen) else 0.0


def _inked(image: np.ndarray, at: np.ndarray, rgb: np.ndarray, size: float) -> bool:
    column, row = at.astype(int)
    reach = NEAR + int(size)
    near = image[max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1, :3].reshape(-1, 3)
    return bool(len(near)) and np.abs(near - rgb).sum(1).min() < 110  # a thin line is mixed with what is under it


def _rgb(ink: int | str) -> np.ndarray:
    name = SERIES[ink % len(SERIES)] if isinstance(ink, int) else {"white": "#ffffff", **INK}.get(ink, ink)
    return np.array([int(name[k : k + 2], 16) for k in (1, 3, 5)])


def _heat_wrong(image: np.ndarray, zoom: float, plane: Plane, over: np.ndarray) -> float:
    values = np.asarray(plane.values, dtype=float)
    if not values.size:
        return 0.0
    rows, columns = (np.linspace(1, n - 2, min(n - 2, 9)).astype(int) for n in values.shape)
    row, column = (part.ravel() for part in np.meshgrid(rows, columns, indexing="ij"))
    share = np.stack([column / (values.shape[1] - 1), row / (values.shape[0] - 1)], 1)
    low, high = np.array([plane.x_range, plane.y_range]).T
    at = plane.px(low + share * (high - low))
    legend = (at[:, 0] > plane.x + plane.cell[0] - 200) & (
        at[:, 1] < plane.y + 8 + 18 * sum(layer.legend for layer in plane.layers)
    )
    free = _free(at, over, 10) & ~legend & np.isfinite(values[row, column])
    if not free.any():
        return 0.0
    level = np.clip((values[row, column] - plane.lo) / ((plane.hi - plane.lo) or 1), 0, 1)[free]
    wanted = PALETTE[int(plane.palette == "diverging"), (255 * level).round().astype(int)]
    x, y = (at[free] * zoom).astype(int).T
    return float((np.abs(image[y, x, :3] - wanted).max(1) > 40).mean())
