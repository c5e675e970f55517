"""The picture of depth against width: graphs or errors, pieces and errors against parameters, harmonics.

Notebook: 01_neurons. What it shows is computed in helpers/explorers/folds/folds.py.
"""

from __future__ import annotations

import numpy as np

from helpers.explorers.parts.numerals import powers
from helpers.explorers.parts.shaper_plane import DECIBELS, FLOOR
from helpers.views import Dots, Path, Plane, Stems

INKS = {"deep": 0, "wide": 1}
EXACT = 1e-9  # an error below this is rounding


def short(error: float) -> str:
    """An error as one reads it."""
    if error < EXACT:
        return "0"
    return f"{error:.4f}" if error >= 1e-3 else f"{error:.1e}".replace("e-0", "e-").replace("-", "−")


def layout(result: dict, state: dict, grid: np.ndarray, hertz: float) -> list[Plane]:
    """The graphs on the left, what they cost and what they sound like on the right."""
    return [_graphs(result, state, grid), *_against(result, state), _spectrum(result, hertz)]


def _graphs(result: dict, state: dict, grid: np.ndarray) -> Plane:
    few = slice(None, None, 4)
    shown = {name: result[name] - (result["target"] if state["show"] == "errors" else 0) for name in ("wide", "deep")}
    reach = max(1.1 * float(max(np.abs(y).max() for y in shown.values())), 1e-6) if state["show"] == "errors" else 1.1
    layers = [] if state["show"] == "errors" else [Path("target", np.stack([grid, result["target"]], 1)[few], ink="faint", size=5)]
    layers += [Path(name, np.stack([grid, y], 1)[few], ink=INKS[name], legend=True) for name, y in shown.items()]
    return Plane(
        "graphs",
        x=72,
        y=32,
        cell=(420, 400),
        x_range=(-1, 1),
        y_range=(-reach, 1.4 * reach),
        title="network minus target" if state["show"] == "errors" else "target (grey) and both networks",
        column_axis="x",
        ticks=True,
        layers=layers,
    )


def _against(result: dict, state: dict) -> list[Plane]:
    """Pieces and error for each number of layers, which stands for a number of parameters; pointing there chooses it."""
    k = np.arange(len(result["parameters"]))
    ticks = [(float(i), str(n)) for i, n in enumerate(result["parameters"])]
    shared = {"x": 572, "x_range": (0, float(k[-1])), "x_ticks": ticks, "scrub": True, "live": True, "ticks": True}
    here = state["layers"]
    planes = []
    for what, low, high, y in (("pieces", 0, 3, 32), ("rms", -9, 1, 180)):
        layers = []
        for name, ink in INKS.items():
            at = np.stack([k, np.log10(np.maximum(result[f"{what}_of_{name}"], 10.0**low))], 1)
            layers += [Path(name, at, ink=ink), Dots(f"{name} now", at[here : here + 1], ink=ink, size=5)]
        title = "straight pieces" if what == "pieces" else "RMS error"
        planes.append(
            Plane(
                what,
                y=y,
                cell=(400, 96),
                y_range=(low, high),
                y_ticks=powers(low, high)[:: 1 if what == "pieces" else 3],
                title=title,
                column_axis="" if what == "pieces" else "parameters of either network",
                layers=layers,
                **shared,
            )
        )
    return planes


def _spectrum(result: dict, hertz: float) -> Plane:
    h = hertz * np.arange(1, len(result["spectrum_of_deep"]) + 1) / 1000
    there = result["spectrum_of_wide"] > -FLOOR
    return Plane(
        "spectrum",
        x=572,
        y=350,
        cell=(400, 82),
        x_range=(0, 8),
        y_range=(0, FLOOR + 20),
        y_ticks=DECIBELS[::2],
        title="its harmonics in dB",
        column_axis="kHz",
        ticks=True,
        live=True,
        layers=[
            Stems("deep", np.stack([h, FLOOR + result["spectrum_of_deep"]], 1), ink=INKS["deep"], size=3),
            Dots("wide", np.stack([h, FLOOR + result["spectrum_of_wide"]], 1)[there], ink=INKS["wide"], size=2),
        ],
    )
