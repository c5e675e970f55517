"""The picture of `MusicAttention`: the piano roll with its arcs, and a thumbnail and a badge for each head.

Notebook: 06_transformers. What it shows is computed in helpers/explorers/music_attention/music_attention.py.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from helpers.explorers.attention.chosen import TOGETHER, Head, drawn, hues, panel_of, read
from helpers.explorers.attention.heads import FINEST, legend, pooled
from helpers.explorers.music_attention.pieces import Piece
from helpers.views import HEADS, Arcs, Notes, Panel, Plane, pitch_name

WIDE, TOP, HIGH, BELOW = 1010, 30, 212, 334  # px of the roll, and where the heads begin
NOTES = 4  # so many hues are the notes' own: those of the heads are counted from here on
STEP, SIDE, ROW, BADGE = 68, 64, 86, (58, 28)
BADGES_X = 62 + 8 * STEP + 110


def layout(piece: Piece, result: dict, state: dict, badge: str, lock: Head) -> tuple[list[Panel], list[dict], list[dict]]:
    """The roll above; below it a row of thumbnails for each layer, and the badges."""
    layers, heads = result["weights"].shape[:2]
    small = [_thumbnail(result["weights"][layer, head], layer, head) for layer in range(layers) for head in range(heads)]
    values = result[badge]
    said = {
        "bar": "share on what began a bar ago", "back": "quarter notes it looks back", "elsewhere": "share on no note",
        "missed": "bits a note, with this head off",
    }[badge]  # fmt: skip
    reach = max(float(np.abs(values).max()), 1e-9)
    colours = {"lo": -reach, "hi": reach, "palette": "diverging"} if badge == "missed" else {"hi": reach}
    badges = Panel(
        "badges", values, x=BADGES_X, y=BELOW, cell=BADGE, numbers=True, digits=1 if badge == "back" else 2, title=said,
        hover=True, click=True, several=True, ticks=True, **colours, row_names=[f"layer {k}" for k in range(layers)],
        column_names=[f"head {k}" for k in range(heads)],
    )  # fmt: skip
    side = min(len(piece.notes), FINEST)
    inks = [(lock, "lock"), *((read(head), "match") for head in state["others"])]
    marks = [
        mark
        for at, ink in inks
        for mark in (
            {"panel": panel_of(at), "row": 0, "column": 0, "height": side, "width": side, "ink": ink},
            {"panel": "badges", "row": at[0], "column": at[1], "height": 1, "width": 1, "ink": ink},
        )
    ]
    inside = {"row": 3, "column": 3, "height": side - 6, "width": side - 6, "ink": "error"}  # within the mark of a chosen one
    marks += [{"panel": panel_of(read(head)), **inside} for head in state["off"]]
    labels = [
        {"x": _group(layer)[0], "y": _group(layer)[1] - 6, "text": f"layer {layer}: rows look at columns",
         "size": 12, "align": "left"}
        for layer in range(layers)
    ]  # fmt: skip
    shown = drawn(state, heads)
    more = [legend(shown, hues(shown, NOTES), x=BADGES_X, y=BELOW - 54, cell=(356, 28))] if shown else []
    more += [_likely(result, state, below=BELOW + (layers + 1) // 2 * ROW)] if state["off"] else []
    return [_roll(piece, result, state, shown), *small, badges, *more], labels, marks


def _likely(result: dict, state: dict, below: float) -> Panel:
    """What begins the note, by the whole model and without what is off."""
    names = ["all heads", "without " + ", ".join(state["off"])]
    return Panel(
        "likely", result["likely"], x=190, y=below + 22, cell=(54, 26), numbers=True, ticks=True,
        title="the symbol that begins this note: probabilities", row_names=names,
        column_names=[symbol.replace("\n", "⏎").replace(" ", "␣") for symbol in result["symbols"]],
    )  # fmt: skip


def _thumbnail(weights: Float[np.ndarray, "note note"], layer: int, head: int) -> Panel:
    shown = pooled(weights)
    x, y = _group(layer)
    return Panel(
        panel_of((layer, head)), shown, x=x + head * STEP, y=y, cell=(SIDE / len(shown), SIDE / len(shown)),
        coarse=True, hover=True, click=True, several=True, whole=True, hi=max(float(shown.max()), 1e-9),
    )  # fmt: skip


def _group(layer: int) -> tuple[float, float]:
    """Where a layer's thumbnails begin: two layers side by side."""
    return 62 + layer % 2 * (4 * STEP + 16), BELOW + layer // 2 * ROW


def _roll(piece: Piece, result: dict, state: dict, shown: list[Head]) -> Plane:
    onset, duration, pitch = piece.notes.T
    end, low, high = float((onset + duration).max()), int(pitch.min()), int(pitch.max())
    arcs = Arcs(
        "listens", of="notes", weights=result["weights"][tuple(np.transpose(shown))] if shown else result["together"][None],
        threshold=state["threshold"], most=state["most"], direction=state["direction"], locked=state["note"],
        inks=hues(shown, NOTES) if shown else [HEADS[NOTES]],
    )  # fmt: skip
    return Plane(
        "roll", x=62, y=TOP, cell=(WIDE, HIGH), x_range=(0.0, end), y_range=(low - 1.5, high + 1.5), scrub=True,
        layers=[Notes("notes", piece.notes, ink=piece.inks, names=piece.names, timed=True), arcs], ticks=True,
        title=f"{piece.title}: point at a note, click to lock it; {_arcs(state)}",
        x_ticks=piece.ticks[:: max(1, round(len(piece.ticks) / 16))], column_axis=piece.axis,
        y_ticks=[(float(p), pitch_name(p)) for p in range(low, high + 1) if p % 12 in (0, 4, 7)],
    )  # fmt: skip


def _arcs(state: dict) -> str:
    return TOGETHER[state["show"]].format(state["layer"]) if state["show"] in TOGETHER else "an arc for each head, a colour each"
