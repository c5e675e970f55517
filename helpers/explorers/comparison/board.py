"""The picture of `Comparison`: models on two axes, the table, and samples beside real notes. Notebook: 07_generative_models."""

from __future__ import annotations

import numpy as np

from helpers.explorers.comparison.measures import MEASURES, best, said, ticks
from helpers.explorers.parts.timbres import thumbnail
from helpers.models.contenders import TOLD, Compared, Row
from helpers.views import Dots, Plane

SHOWN = 8  # samples, and real notes below them
LEFT, TOP, CELL = 62, 32, (400, 208)
TABLE, FIRST, EACH = 488, 104, 68  # px: where the table begins, the width of its names and of each column
STEP, PX = 133, 3.4  # of thumbnails
LETTER = 7.6  # px: how wide one is in the names beside dots
DAGGER = "† told families in the shares of the training notes"


def marked(name: str) -> str:
    """A model's name, with a dagger if it is told families: compare like with like."""
    return f"{name} †" if name in TOLD else name


def place(rows: dict[str, Row], state: dict) -> tuple[list[str], np.ndarray]:
    """(names, xy) of those rows that have both numbers: where they are on the plane, logarithms where an axis is logarithmic."""
    axes = [MEASURES[state["x"]], MEASURES[state["y"]]]
    there = [name for name, row in rows.items() if all(axis.of(row) is not None for axis in axes)]
    xy = np.array([[axis.of(rows[name]) for axis in axes] for name in there], dtype=float).reshape(-1, 2)
    return there, np.stack([np.log10(xy[:, k]) if axis.log else xy[:, k] for k, axis in enumerate(axes)], 1)


def plane(result: dict, state: dict) -> Plane:
    """A dot for each model that has both numbers; rings for real notes."""
    models, real = result["xy"], result["real xy"]
    names = {kind: result[kind] for kind in ("models", "real")}
    ranges = [_range(np.concatenate([models, real])[:, k]) for k in (0, 1)]
    inks = ["winner" if name == state["model"] else 0 for name in names["models"]]
    layers = [
        Dots("real notes", real, ink="faint", size=6, shape="ring", names=names["real"]),
        Dots("models", models, ink=inks, size=7, names=names["models"], click=True),
    ]
    axes = {f"{axis}_{kind}": value for axis, span in zip("xy", ranges)
            for kind, value in (("range", span), ("ticks", ticks(state[axis], *span)))}  # fmt: skip
    return Plane(
        "plane", x=LEFT, y=TOP, cell=CELL, layers=layers, ticks=True, title=MEASURES[state["y"]].axis,
        column_axis=MEASURES[state["x"]].axis, **axes,
    )  # fmt: skip


def names(plane: Plane, chosen: str) -> list[dict]:
    """What each dot is, written beside it where no other name or dot is in the way; the chosen one always."""
    dots = [(name, *at) for layer in plane.layers for name, at in zip(layer.names, plane.px(layer.xy))]
    taken = [(x - 7, y - 7, x + 7, y + 7) for _, x, y in dots]
    labels = []
    for name, x, y in sorted(dots, key=lambda dot: dot[0] != chosen):
        wide = LETTER * len(name)
        tries = [
            (x + 10, y + 4),
            (x - 10 - wide, y + 4),
            (x - wide / 2, y - 11),
            (x - wide / 2, y + 20),
            (x + 8, y - 9),
            (x + 8, y + 17),
        ]
        boxes = [(left, base - 10, left + wide, base + 3) for left, base in tries]
        clear = [box for box in boxes if box[0] > plane.x and box[2] < TABLE - 4 and not any(_meet(box, other) for other in taken)]
        for box in (clear or boxes[: name == chosen])[:1]:
            taken.append(box)
            labels.append(_text(name, box[0], box[3] - 3, "left"))
    return labels


def _meet(a: tuple, b: tuple) -> bool:
    return bool(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3])


def table(found: Compared, state: dict) -> list[dict]:
    """All numbers of all models; a dot before the best of each column."""
    rows = [*found.models.values(), *found.real.values()]
    step = min(22.0, 222 / len(rows))
    labels = [_text(m.head, TABLE + FIRST + (k + 1) * EACH - 4, TOP - 8, "right") for k, m in enumerate(MEASURES.values())]
    winners = {name: best(found.models, name) for name in MEASURES}
    for i, row in enumerate(rows):
        y = TOP + 14 + i * step
        labels.append(_text(f"{'▸ ' if row.name == state['model'] else ''}{marked(row.name)}", TABLE + FIRST + 8, y, "right"))
        for k, name in enumerate(MEASURES):
            mark = "• " if winners[name] == row.name else ""
            labels.append(_text(mark + said(row, name), TABLE + FIRST + (k + 1) * EACH - 4, y, "right"))
    notes = "• the best model; – there is none; ≤ no more than that", DAGGER
    right = TABLE + FIRST + len(MEASURES) * EACH - 4
    return [*labels, *(_text(note, right, TOP + 238 + 17 * k, "right") for k, note in enumerate(notes))]


def thumbnails(result: dict, state: dict) -> tuple[list, list[dict]]:
    """The model's samples, and new notes below them."""
    y = TOP + CELL[1] + 68
    labels = [_text(f"drawn by: {state['model']}", LEFT - 50, y - 8, "left"), _text("new real notes", LEFT - 50, y + 102, "left")]
    panels = [
        thumbnail(f"{kind} {k}", picture, LEFT - 50 + k * STEP, y + below, PX)
        for kind, below in (("made", 0), ("note", 110))
        for k, picture in enumerate(result[kind])
    ]
    return panels, labels


def _range(values: np.ndarray) -> tuple[float, float]:
    low, high = (float(v) for v in (values.min(), values.max())) if len(values) else (0.0, 1.0)
    room = 0.1 * (high - low) or 0.5
    return low - room, high + room


def _text(text: str, x: float, y: float, align: str) -> dict:
    return {"text": text, "x": x, "y": y, "align": align, "size": 13}
