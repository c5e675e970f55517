"""The picture of `Audit`: a generated note and its nearest training notes, how near that is, and the families. Notebook: 07."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from helpers.datasets.notes import FAMILIES
from helpers.explorers.parts.numerals import number
from helpers.explorers.parts.timbres import HARMONICS, MOMENTS
from helpers.views import Panel, Path, Plane, Stems

LEFT, TOP, STEP, CELL = 14, 34, 268, (7.8, 6.4)
FAR = 20  # dB: what is farther is counted there
SHORT = {"synth_lead": "lead", "keyboard": "keys"}


def pictures(result: dict, state: dict) -> list[Panel]:
    """The note, and the three nearest, the nearest first."""
    looks = {"y": TOP, "cell": CELL, "lo": 0.0, "hi": 1.0, "flip": True, "hover": True, "row_names": HARMONICS,
             "column_names": MOMENTS, "live": True, "click": True, "whole": True}  # fmt: skip
    names = [f"{name.partition(': ')[2]}: {number(off, 1)} dB off" for name, off in zip(result["names"], result["off"])]
    return [
        Panel("made", result["made"], x=LEFT, title=f"{state['model']}, sample {state['sample'] + 1}", **looks),
        *[
            Panel(f"near {k}", picture, x=LEFT + (k + 1) * STEP, title=names[k], **looks)
            for k, picture in enumerate(result["near"])
        ],
    ]


def distances(result: dict, state: dict) -> Plane:
    """How far generated notes and new real ones are from the nearest training note, in shares; where this one is."""
    new, away = (histogram(result[name]) for name in ("new", "away"))
    at, high = np.arange(FAR + 1) + 0.5, 1.45 * max(new.max(), away.max())
    here = min(float(result["off"][0]), FAR + 0.5)
    layers = [
        Stems("new real notes", np.stack([at - 0.2, new], 1), ink=2, size=5, legend=True),
        Stems(f"drawn by: {state['model']}", np.stack([at + 0.2, away], 1), ink=1, size=5, legend=True),
        Path("this note", [[here, 0], [here, 0.75 * high]], ink="winner", size=2.5, legend=True),
        Path(
            "nearer: a copy", [[result["limit"], 0], [result["limit"], 0.75 * high]], ink="text", size=1.5, dash=True, legend=True
        ),
    ]
    return Plane(
        "distances", x=58, y=246, cell=(380, 168), x_range=(0, FAR + 1), y_range=(0, high), layers=layers, ticks=True,
        x_ticks=[(float(v), str(v) if v < FAR else f"{v}+") for v in range(0, FAR + 1, 5)], y_ticks=_percents(high),
        title="how far from the nearest training note", column_axis="dB a cell",
    )  # fmt: skip


def families(result: dict, state: dict) -> Plane:
    """Of each family its share of the training notes, and of what the judge hears among the generated ones."""
    at, high = np.arange(len(FAMILIES), dtype=float), 1.6 * max(result["learned"].max(), result["heard"].max())
    layers = [
        Stems("of the training notes", np.stack([at - 0.17, result["learned"]], 1), ink=0, size=12, legend=True),
        Stems(f"heard among those by: {state['model']}", np.stack([at + 0.17, result["heard"]], 1), ink=1, size=12, legend=True),
    ]
    return Plane(
        "families", x=500, y=246, cell=(570, 168), x_range=(-0.6, len(FAMILIES) - 0.4), y_range=(0, high), layers=layers,
        x_ticks=[(float(k), SHORT.get(name, name)) for k, name in enumerate(FAMILIES)], y_ticks=_percents(high),
        title="whom it draws", column_axis="family", ticks=True,
    )  # fmt: skip


def histogram(away: Float[np.ndarray, "note"]) -> Float[np.ndarray, "bin"]:
    """Shares of distances in steps of 1 dB; the last holds all that is beyond."""
    return np.bincount(np.minimum(away, FAR).astype(int), minlength=FAR + 1) / len(away)


def _percents(high: float) -> list[tuple[float, str]]:
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if high / s < 6)
    return [(float(v), f"{100 * v:.0f} %") for v in np.arange(0, 0.7 * high, step)]
