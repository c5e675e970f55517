"""The picture of `Minimiser`: a curve for each loss, who pulls how hard at the guess, and the singers below.

Notebook: 02_loss_functions. What it shows is computed in helpers/explorers/minimiser/minimiser.py.
"""

from __future__ import annotations

import numpy as np

from helpers.explorers.parts.numerals import number
from helpers.views import Dots, Path, Plane, Stems
from helpers.views.stage import round_ticks

INKS = {"L1": 0, "Huber": 2, "L2": 1}
MEANS = {"L1": "|c − y|", "Huber": "Huber(c − y)", "L2": "(c − y)²"}
LEFT, WIDE, HIGH = 64, 560, 72
RIGHT, NARROW = 706, 330


def planes(result: dict, reach: tuple[float, float], reduction: str, metric: str) -> list[Plane]:
    """Left: loss over the one pitch c, for each loss, and the singers; right: each singer's part of the slope."""
    shown = []
    for row, name in enumerate(INKS):
        top = 28 + row * (HIGH + 30)
        shown += [_loss(result, name, reach, f"{reduction} of {MEANS[name]}", metric, top), _pulls(result, name, top)]
    return [*shown, _singers(result, reach, 28 + 3 * (HIGH + 30))]


def interval(ends: np.ndarray) -> str:
    """One number, or all from the first to the last."""
    low, high = (number(float(end), 2) for end in ends)
    return low if low == high else f"everything from {low} to {high}"


def _loss(result: dict, name: str, reach: tuple[float, float], what: str, metric: str, top: float) -> Plane:
    curve, guess, slope, rise = result[f"{name} curve"], result["guess"], result[f"{name} slope"], result[f"{name} rise"]
    unit, each = (", errors in Hz", " a Hz") if metric == "hertz" else ("", "")
    here, best, least = result[f"{name} at guess"], result[f"{name} best"], result[f"{name} least"]
    high = 1.08 * float(curve.max())
    tangent = [[guess - 2, here - 2 * rise], [guess + 2, here + 2 * rise]]
    return Plane(
        f"loss {name}",
        x=LEFT,
        y=top,
        cell=(WIDE, HIGH),
        x_range=reach,
        y_range=(0, high),
        y_ticks=round_ticks(0, high, 3),
        title=f"{name}: {what}{unit}; at the guess {number(here, 2)}, slope {number(slope, 2)}{each}",
        layers=[
            Path("loss", np.stack([result["c"], curve], 1), ink=INKS[name], size=2.5),
            Path("best", [[best[0], least], [best[1], least]], ink=INKS[name], size=6.0),
            Path("slope", tangent, ink="text", size=1.5, dash=True),
            Dots("least", [[best.mean(), least]], ink=INKS[name], size=7, shape="triangle", names=[f"least {number(least, 2)}"]),
            Dots("guess", [[guess, here]], ink="text", size=6, shape="square", names=["your guess"], drag=True),
        ],
    )


def _pulls(result: dict, name: str, top: float) -> Plane:
    pulls = -result[f"{name} pulls"]  # towards the singer
    high = 1.15 * max(float(np.abs(pulls).max()), 1e-3)
    places = np.arange(1, len(pulls) + 1)
    return Plane(
        f"pulls {name}",
        x=RIGHT,
        y=top,
        cell=(NARROW, HIGH),
        x_range=(0.4, len(pulls) + 0.6),
        y_range=(-high, high),
        y_ticks=round_ticks(-high, high, 3),
        x_ticks=[(float(i), str(i)) for i in places] if name == "L2" else [],
        column_axis="singer" if name == "L2" else "",
        title=f"each singer's pull on the guess, together {number(float(pulls.sum()), 2)}",
        layers=[Stems("pull", np.stack([places, pulls], 1), ink=INKS[name], size=14, names=[number(float(p), 2) for p in pulls])],
    )


def _singers(result: dict, reach: tuple[float, float], top: float) -> Plane:
    points, guess = result["points"], result["guess"]
    rows = np.arange(len(points), 0, -1.0)
    low = -0.6
    best = {name: float(result[f"{name} best"].mean()) for name in INKS}
    return Plane(
        "singers",
        x=LEFT,
        y=top,
        cell=(WIDE, 92),
        x_range=reach,
        y_range=(low, len(points) + 0.7),
        ticks=True,
        y_ticks=[(0.0, "guess"), (float(rows[0]), "1"), *([(1.0, str(len(points)))] if len(points) > 1 else [])],
        column_axis="semitones from the note that was asked for",
        title="the singers: drag them, click to add one",
        click=True,
        layers=[
            *(Path(f"{name} best", [[c, low], [c, len(points) + 1]], ink=INKS[name]) for name, c in best.items()),
            Dots(
                "singer", np.stack([points, rows], 1), ink="text", size=6, drag=True,
                names=[f"singer {i + 1}: {number(float(p), 1)}" for i, p in enumerate(points)],
            ),
            Dots("guess here", [[guess, 0]], ink="text", size=7, shape="square", names=["your guess"], drag=True),
        ],
    )  # fmt: skip
