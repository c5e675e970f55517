"""A surface charted from few measurements: losses at Chebyshev points, more of them until held-out points agree.

A grid of 51 × 51 asks for 2,601 losses. The loss of a small network is so smooth that the polynomial through 13 × 13
Chebyshev points draws the same picture. How far off it is, is measured, at points that it does not go through.

Notebook: 03_gradient_descent. Concept: helpers/concepts/chebyshev.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from jaxtyping import Bool, Float, Int

from helpers.concepts import chebyshev

FINEST = 48  # intervals of the finest grid, which holds the points of all others
LEVELS = (7, 13, 25)  # nodes along each side: the points of each are among those of the next
HELD_OUT = 24  # points that measure the error
Range = tuple[float, float]
Loss = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Surface:
    """Losses on an even grid: rows along y from its low end up, columns along x. NaN where nothing is known yet.

    error: the largest at held-out points (NaN before these are known). evaluations: how many losses it took.
    """

    x: Float[np.ndarray, "x"]
    y: Float[np.ndarray, "y"]
    values: Float[np.ndarray, "y x"]
    nodes: int
    error: float
    evaluations: int

    @property
    def share(self) -> float:
        """The error as a share of the surface's range."""
        return self.error / max(float(np.ptp(self.values)), 1e-9 * float(np.abs(self.values).max()))


class Chart:
    """What has been measured of `loss` on a rectangle, and the surface through it.

    loss: takes points (a, b), (point, 2), and returns their losses; batch: how many to ask for at once.
    """

    def __init__(self, loss: Loss, x_range: Range, y_range: Range, batch: int = 1) -> None:
        for name, (low, high) in (("x_range", x_range), ("y_range", y_range)):
            if not low < high:
                raise ValueError(f"{name}=({low}, {high}) is empty; give its low end first, then its high end.")
        self.loss, self.x_range, self.y_range, self.batch = loss, x_range, y_range, batch
        self.values = np.full((FINEST + 1, FINEST + 1), np.nan)
        self.known: Bool[np.ndarray, "49 49"] = np.zeros_like(self.values, dtype=bool)

    def points(self, cells: Int[np.ndarray, "point 2"]) -> Float[np.ndarray, "point 2"]:
        """The (a, b) of cells (row, column) of the finest grid."""
        at = (chebyshev.nodes(FINEST + 1) + 1) / 2
        ends = ((*self.x_range, cells[:, 1]), (*self.y_range, cells[:, 0]))
        return np.stack([low * (1 - at[i]) + high * at[i] for low, high, i in ends], axis=1)

    def places(self, nodes: int | None = None) -> Float[np.ndarray, "point 2"]:
        """The (a, b) that a surface of so many nodes is measured at, or all that were measured."""
        return self.points(np.argwhere(self.known) if nodes is None else _needed(nodes))

    def missing(self, nodes: int) -> Int[np.ndarray, "point 2"]:
        """Cells that a surface of so many nodes and its error still need, from the middle outwards."""
        cells = _needed(nodes)
        cells = cells[~self.known[cells[:, 0], cells[:, 1]]]
        return cells[np.argsort(np.abs(cells - FINEST // 2).max(1), kind="stable")]

    def fill(self, nodes: int) -> Iterator[int]:
        """Measure what is missing, a batch at a time; yields how many points are left. Stop whenever you like."""
        cells = self.missing(nodes)
        for start in range(0, len(cells), self.batch):
            part = cells[start : start + self.batch]
            rows, columns = part.T
            self.values[rows, columns], self.known[rows, columns] = self.loss(self.points(part)), True
            yield len(cells) - start - len(part)

    def surface(self, nodes: int, resolution: int = 51) -> Surface:
        """The surface through the nodes, at `resolution` places along each side.

        Where a node is missing, or its loss is no number, only what was measured is there, each in the nearest cell.
        """
        x, y = (np.linspace(*ends, resolution) for ends in (self.x_range, self.y_range))
        grid, held = tuple(_grid(nodes).T), tuple(_held_out(nodes).T)
        evaluations = int(self.known[grid].sum() + self.known[held].sum())
        if not np.isfinite(self.values[grid]).all():
            return Surface(x, y, self._sparse(resolution), nodes, np.nan, evaluations)
        even = np.linspace(-1, 1, resolution)
        values = chebyshev.interpolate(self._level(nodes), even, even)
        return Surface(x, y, values, nodes, self._error(nodes, held), evaluations)

    def row(self, nodes: int, b: float, resolution: int = 51) -> Float[np.ndarray, "x"]:
        """The surface's values along x at y = b; NaN where its nodes are not all known."""
        low, high = self.y_range
        at = np.array([2 * (b - low) / (high - low) - 1])
        values = self._level(nodes)
        if not np.isfinite(values).all():
            return np.full(resolution, np.nan)
        return chebyshev.interpolate(values, at, np.linspace(-1, 1, resolution))[0]

    def refine(
        self, tolerance: float = 0.005, levels: tuple[int, ...] = LEVELS, resolution: int = 51, interval: float = 0.2
    ) -> Iterator[Surface]:
        """Surfaces, better and better, until held-out points agree to `tolerance` times the range.

        Yields one every `interval` seconds, and each level's when it is complete.
        """
        before = None
        for nodes in levels:
            due = perf_counter() + interval
            for left in self.fill(nodes):
                if left and perf_counter() >= due:
                    yield before or self.surface(nodes, resolution)
                    due = perf_counter() + interval
            before = self.surface(nodes, resolution)
            yield before
            if before.share <= tolerance or not np.isfinite(before.error):
                return

    def _error(self, nodes: int, held: tuple[np.ndarray, np.ndarray]) -> float:
        """The largest difference at the held-out points."""
        rows, columns = (chebyshev.matrix(nodes, chebyshev.nodes(FINEST + 1)[cells]) for cells in held)
        foretold = np.einsum("pr,rc,pc->p", rows, self._level(nodes), columns)
        return float(np.abs(foretold - self.values[held]).max())

    def _level(self, nodes: int) -> Float[np.ndarray, "row column"]:
        step = FINEST // (nodes - 1)
        return self.values[::step, ::step]

    def _sparse(self, resolution: int) -> Float[np.ndarray, "y x"]:
        values = np.full((resolution, resolution), np.nan)
        nearest = np.rint((chebyshev.nodes(FINEST + 1) + 1) / 2 * (resolution - 1)).astype(int)
        rows, columns = self.known.nonzero()
        values[nearest[rows], nearest[columns]] = self.values[rows, columns]
        return values


def exact(
    loss: Loss, x: Float[np.ndarray, "x"], y: Float[np.ndarray, "y"], batch: int = 1, interval: float = 0.2
) -> Iterator[Float[np.ndarray, "y x"]]:
    """The loss at every pair of x and y, measured one by one from the middle outwards: rows along y, columns along x.

    Yields the grid, NaN where it is not known yet, every `interval` seconds and when it is complete.
    """
    values = np.full((len(y), len(x)), np.nan)
    rows, columns = np.indices(values.shape).reshape(2, -1)
    off = np.maximum(np.abs(rows - (len(y) - 1) / 2), np.abs(columns - (len(x) - 1) / 2))
    order = np.argsort(off, kind="stable")
    due = perf_counter() + interval
    for start in range(0, len(order), batch):
        r, c = rows[order[start : start + batch]], columns[order[start : start + batch]]
        values[r, c] = loss(np.stack([x[c], y[r]], axis=1))
        if perf_counter() >= due:
            yield values.copy()
            due = perf_counter() + interval
    yield values


def _needed(nodes: int) -> Int[np.ndarray, "point 2"]:
    """The cells of a grid of so many nodes, and those that measure its error."""
    return np.concatenate([_grid(nodes), _held_out(nodes)])


def _grid(nodes: int) -> Int[np.ndarray, "point 2"]:
    """The cells (row, column) of the finest grid that hold a grid of so many nodes."""
    if nodes not in LEVELS:
        raise ValueError(f"A grid of {nodes} × {nodes} nodes does not nest; choose one of {', '.join(map(str, LEVELS))}.")
    along = np.arange(0, FINEST + 1, FINEST // (nodes - 1))
    return np.stack(np.meshgrid(along, along, indexing="ij"), axis=-1).reshape(-1, 2)


def _held_out(nodes: int) -> Int[np.ndarray, "point 2"]:
    """Some of the cells midway between nodes, where the polynomial is least bound."""
    intervals = nodes - 1
    along = (2 * np.arange(intervals) + 1) * (FINEST // intervals // 2)
    chosen = np.random.default_rng(nodes).choice(intervals**2, HELD_OUT, replace=False)
    return np.stack([along[chosen // intervals], along[chosen % intervals]], axis=1)
