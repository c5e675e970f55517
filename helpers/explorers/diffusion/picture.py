"""The picture of the way back: points on their way with the field they follow, what they expect, how noisy, how wrong.

Notebook: 07c_diffusion. What it shows is computed in helpers/explorers/diffusion/way.py.
"""

from __future__ import annotations

import numpy as np

from helpers.explorers.diffusion.way import BINS, FEET, Way
from helpers.explorers.parts.points import PITCH
from helpers.views import Dots, Path, Plane, Swarm

SIDE = 330  # px
EDGE = 2.2  # the planes go from -EDGE to EDGE
SHOWN, FOLLOWED = 200, 8  # points of a way; those whose path is drawn
ARROW = 0.16  # length of the field's arrows for an ε of 1
INK, OTHER = 0, 2


def planes(way: Way, other: Way | None, beside: str, result: dict, state: dict) -> list[Plane]:
    """All planes of a way; `other` is the one beside it, None for the guesses of the first."""
    return [_walk(way, result, state), _beside(way, other, beside, result), _noise(result), _errors(result)]


def _plane(name: str, x: float, title: str, layers: list) -> Plane:
    ends = (-EDGE, EDGE)
    return Plane(
        name, x=x, y=30, cell=(SIDE, SIDE), x_range=ends, y_range=ends, x_ticks=PITCH, ticks=True, title=title,
        column_axis="pitch", layers=layers,
    )  # fmt: skip


def _walk(way: Way, result: dict, state: dict) -> Plane:
    tips = FEET + ARROW * np.clip(way.field, -3, 3)
    layers = [
        Dots("data", result["data"], ink="faint", size=1.5, legend=True),
        Swarm("field", tips, feet=FEET, ink="faint", size=1.2),
        Swarm("x_t", way.x[:, :SHOWN], ink=INK, size=2.5, legend=True),
        *(Path(f"path {i}", way.x[:, i], ink=1, size=1.2, timed=True) for i in range(FOLLOWED)),
    ]
    if state["strength"] < 1:
        layers.append(Dots("note", [state["note"]], ink="winner", size=9, shape="ring", drag=True, names=["begin near here"]))
    plane = _plane("walk", 60, "x_t, and the field −ε that leads back", layers)
    plane.row_axis = "brightness"
    return plane


def _beside(way: Way, other: Way | None, beside: str, result: dict) -> Plane:
    data = Dots("data", result["data"], ink="faint", size=1.5, legend=True)
    if other is None:
        swarm = Swarm("x̂₀", way.x0[:, :SHOWN], ink=OTHER, size=2.5, legend=True)
        return _plane("beside", 442, "x̂₀, the guess of x₀ at the same time", [data, swarm])
    swarm = Swarm("x_t", other.x[abreast(way, other), :SHOWN], ink=OTHER, size=2.5, legend=True)
    return _plane("beside", 442, f"from the same noise: {beside}", [data, swarm])


def abreast(way: Way, other: Way) -> np.ndarray:
    """For each frame of a way the frame of the other that has come as far, or not quite."""
    return np.array([np.flatnonzero(other.t >= min(t, other.t[0])).max() for t in way.t])


def _noise(result: dict) -> Plane:
    """How much data and noise are in x_t, frame by frame."""
    frames = np.arange(len(result["t"]))
    return Plane(
        "levels",
        x=846,
        y=30,
        cell=(230, 130),
        x_range=(0, max(len(frames) - 1, 1)),
        y_range=(0, 1.02),
        x_ticks=[(float(frames[k]), str(result["t"][k])) for k in np.linspace(0, len(frames) - 1, min(5, len(frames))).astype(int)],
        y_ticks=[(0.0, "0"), (0.5, "0.5"), (1.0, "1")],
        title="data √ᾱ and noise √(1−ᾱ) in x_t",
        column_axis="time t",
        scrub=True,
        layers=[
            Path("data", np.column_stack([frames, result["signal"]]), ink=INK),
            Path("noise", np.column_stack([frames, result["noise"]]), ink=1),
        ],
    )


def _errors(result: dict) -> Plane:
    """How wrong ε is at each time, beside what nobody can do better."""
    best, own = (np.column_stack([BINS, result[name]]) for name in ("error, exact", "error"))
    layers = [Path("nobody can do better", best, ink="faint", dash=True)]
    if not np.array_equal(best, own):
        layers.append(Path("the net", own, ink=3, size=2.5))
    return Plane(
        "errors",
        x=846,
        y=246,
        cell=(230, 114),
        x_range=(0, 1000),
        y_range=(0, max(1.05, float(own[:, 1].max()) * 1.05)),
        title="error of ε at each t (dashed: least)",
        column_axis="time t",
        ticks=True,
        layers=layers,
    )
