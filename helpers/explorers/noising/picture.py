"""The picture of data that dissolve: the cloud now and at six times, what is left of it by each schedule, signal to noise.

Notebook: 07c_diffusion. What it shows is computed in helpers/explorers/noising/noising.py.
"""

from __future__ import annotations

import numpy as np

from helpers.explorers.parts.points import PITCH
from helpers.views import Dots, Path, Plane, Swarm

SIDE, SMALL = 290, 96  # px
EDGE = 2.4  # the planes go from -EDGE to EDGE
FLOOR, TOP = -40.0, 40.0  # dB
STRIP = 6
INKS = {"linear": 1, "cosine": 2, "sigmoid": 3, "drawn": 4}


def planes(state: dict, result: dict) -> list[Plane]:
    """All planes of the present state; whatever moves with time does so in the browser."""
    last = state["steps"]
    strip = [_then(result, i, int(t)) for i, t in enumerate(np.linspace(0, last, STRIP).round())]
    return [_now(state, result), _left(state, result), _ratio(state, result), *strip]


def _now(state: dict, result: dict) -> Plane:
    mix = np.stack([result["signal"], result["noise"]], 1)
    return Plane(
        "now",
        x=60,
        y=30,
        cell=(SIDE, SIDE),
        x_range=(-EDGE, EDGE),
        y_range=(-EDGE, EDGE),
        x_ticks=PITCH,
        title="x_t: each point is a note",
        column_axis="pitch",
        row_axis="brightness",
        ticks=True,
        layers=[
            Dots("data", result["x0"], ink="faint", size=1.5, legend=True),
            Swarm("x_t", np.stack([result["x0"], result["eps"]]), mix=mix, ink=0, size=2.5, legend=True),
        ],
    )


def _left(state: dict, result: dict) -> Plane:
    """ᾱ of all schedules; the chosen one has handles."""
    t = np.arange(state["steps"] + 1.0)
    layers = [
        Path(name, np.column_stack([t, result[f"alpha bar, {name}"]])[:: _thin(t)], ink=INKS[name], legend=True,
             size=3.0 if name == state["schedule"] else 1.4, dash=name != state["schedule"])
        for name in INKS
        if f"alpha bar, {name}" in result
    ]  # fmt: skip
    layers.append(Dots("handles", result["handles"], ink=INKS[state["schedule"]], size=7, drag=True))
    return Plane(
        "left",
        x=430,
        y=30,
        cell=(SIDE, SIDE),
        x_range=(0, state["steps"]),
        y_range=(0, 1.02),
        title="ᾱ_t, what is left of the data's power",
        column_axis="time t (drag the dots: your own schedule)",
        scrub=True,
        ticks=True,
        layers=layers,
    )


def _ratio(state: dict, result: dict) -> Plane:
    t = np.arange(1.0, state["steps"] + 1)
    curve = np.column_stack([t, np.clip(result["snr"][1:], FLOOR, TOP)])[:: _thin(t)]
    return Plane(
        "ratio",
        x=800,
        y=30,
        cell=(SIDE - 20, SIDE),
        x_range=(0, state["steps"]),
        y_range=(FLOOR, TOP),
        y_ticks=[(level, f"{level:g}".replace("-", "−")) for level in (-40.0, -20.0, 0.0, 20.0, 40.0)],
        title="signal to noise ᾱ / (1 − ᾱ), dB",
        column_axis="time t",
        scrub=True,
        ticks=True,
        layers=[Path("SNR", curve, ink=INKS[state["schedule"]], size=3.0)],
    )


def _then(result: dict, i: int, t: int) -> Plane:
    x = result["signal"][t] * result["x0"] + result["noise"][t] * result["eps"]
    return Plane(
        f"then {i}",
        x=60 + i * (SMALL + 88),
        y=408,
        cell=(SMALL, SMALL),
        x_range=(-EDGE, EDGE),
        y_range=(-EDGE, EDGE),
        ticks=False,
        title=f"t = {t}",
        layers=[Dots("x_t", x[::2], ink=0, size=1.5)],
    )


def _thin(t: np.ndarray) -> int:
    """Every so-manieth point of a curve is enough."""
    return max(1, len(t) // 200)
