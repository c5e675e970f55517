"""The picture of `MusicAttention`: the piano roll with its arcs, and a thumbnail and a badge for each head.

Notebook: 06_transformers. What it shows is computed in helpers/explorers/music_attention/music_attention.py.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from helpers.explorers.attention.heads import FINEST, pooled
from helpers.explorers.music_attention.pieces import Piece
from helpers.views import HEADS, Arcs, Notes, Panel, Plane, pitch_name

WIDE, TOP, HIGH, BELOW = 1010, 30, 212, 334  # px of the roll, and where the heads begin
STEP, SIDE, ROW, BADGE = 68, 64, 86, (58, 28)
BADGES_X = 62 + 8 * STEP + 110


def layout(piece: Piece, result: dict, state: dict, badge: str) -> tuple[list[Panel], list[dict], list[dict]]:
    """The roll above; below it a row of thumbnails for each layer, and the badges."""
    layers, heads = result["weights"].shape[:2]
    small = [_thumbnail(result["weights"][layer, head], layer, head) for layer in range(layers) for head in range(heads)]
    values = result[badge]
    said = {"bar": "share on what began a bar ago", "back": "beats it looks back", "elsewhere": "share on no note"}[badge]
    badges = Panel(
        "badges", values, x=BADGES_X, y=BELOW, cell=BADGE, numbers=True, digits=1 if badge == "back" else 2, click=True, title=said,
        hi=max(float(values.max()), 1e-9), ticks=True, row_names=[f"layer {k}" for k in range(layers)],
        column_names=[f"head {k}" for k in range(heads)],
    )  # fmt: skip
    at = state["layer"], state["head"]
    side = min(len(piece.notes), FINEST)
    marks = [
        {"panel": f"head {at[0]}.{at[1]}", "row": 0, "column": 0, "height": side, "width": side, "ink": "lock"},
        {"panel": "badges", "row": at[0], "column": at[1], "height": 1, "width": 1, "ink": "lock"},
    ]
    labels = [
        {"x": _group(layer)[0], "y": _group(layer)[1] - 6, "text": f"layer {layer}: rows look at columns",
         "size": 12, "align": "left"}
        for layer in range(layers)
    ]  # fmt: skip
    return [_roll(piece, result, state), *small, badges], labels, marks


def _thumbnail(weights: Float[np.ndarray, "note note"], layer: int, head: int) -> Panel:
    shown = pooled(weights)
    x, y = _group(layer)
    return Panel(
        f"head {layer}.{head}", shown, x=x + head * STEP, y=y, cell=(SIDE / len(shown), SIDE / len(shown)),
        coarse=True, click=True, whole=True, hi=max(float(shown.max()), 1e-9),
    )  # fmt: skip


def _group(layer: int) -> tuple[float, float]:
    """Where a layer's thumbnails begin: two layers side by side."""
    return 62 + layer % 2 * (4 * STEP + 16), BELOW + layer // 2 * ROW


def named(panel: str) -> tuple[int, int] | None:
    """Layer and head of a thumbnail, by its name."""
    parts = panel.removeprefix("head ").split(".")
    return (int(parts[0]), int(parts[1])) if panel.startswith("head ") else None


def _roll(piece: Piece, result: dict, state: dict) -> Plane:
    onset, duration, pitch = piece.notes.T
    end, low, high = float((onset + duration).max()), int(pitch.min()), int(pitch.max())
    arcs = Arcs(
        "listens", of="notes", weights=result["weights"][state["layer"]], threshold=state["threshold"],
        direction=state["direction"], shown=[state["head"]] if state["show"] == "one head" else None,
        locked=state["note"], inks=_inks(result),
    )  # fmt: skip
    return Plane(
        "roll", x=62, y=TOP, cell=(WIDE, HIGH), x_range=(0.0, end), y_range=(low - 1.5, high + 1.5), scrub=True,
        layers=[Notes("notes", piece.notes, ink=piece.inks, names=piece.names, timed=True), arcs], ticks=True,
        title=f"{piece.title}: point at a note, click to lock it; an arc for each head, a colour each",
        x_ticks=piece.ticks[:: max(1, round(len(piece.ticks) / 16))], column_axis=piece.axis,
        y_ticks=[(float(p), pitch_name(p)) for p in range(low, high + 1) if p % 12 in (0, 4, 7)],
    )  # fmt: skip


def _inks(result: dict) -> list[str]:
    """A colour for each head that is none of the notes' own."""
    return [HEADS[(head + 4) % len(HEADS)] for head in range(result["weights"].shape[1])]
