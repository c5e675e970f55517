"""Pictures of curves that shape a sound: target and network, error against hinges, spectra.

Notebook: 01_neurons. What they show is computed in helpers/explorers/pieces.py, folds/folds.py and shaper.py.
"""

from __future__ import annotations

import numpy as np

from helpers.explorers.parts.numerals import plural, powers
from helpers.views import Dots, Path, Plane, Stems

TARGET, NETWORK, OTHER = 0, 1, 2  # inks
FLOOR = 80  # dB: bars stand on it
DECIBELS = [(FLOOR + level, str(level).replace("-", "−")) for level in (-80, -60, -40, -20, 0)]


def pieces(result: dict, state: dict, grid: np.ndarray, cycle: bool) -> list[Plane]:
    """Target and network with its corners, what each unit adds, the error against hinges, and the spectra."""
    reach = max(1.1, float(np.abs(result["network"]).max()) * 1.05)
    corners = np.stack([result["knots"], result["heights"]], 1)
    lines = [
        Path("target", np.stack([grid, result["target"]], 1), ink=TARGET, size=3, legend=True),
        Path("network", np.stack([grid, result["network"]], 1), ink=NETWORK, size=2, legend=True),
    ]
    curve = Plane(
        "curve",
        x=64,
        y=32,
        cell=(400, 270),
        x_range=(-1, 1),
        y_range=(-reach, 1.45 * reach),
        title=f"{plural(result['pieces'], 'piece')} from {plural(len(result['hinges']), 'unit')}; drag a corner",
        column_axis="place in the cycle" if cycle else "sample that comes in",
        row_axis="sample that goes out",
        ticks=True,
        layers=[*lines, Dots("corners", corners, ink=NETWORK, size=6, names=["drag this corner"] * len(corners), drag=True)],
    )
    return [curve, _units(result, state, grid), _errors(result, state), spectra(result, 546, 250)]


def _units(result: dict, state: dict, grid: np.ndarray) -> Plane:
    """What each unit adds: its bend times ReLU(x − hinge)."""
    each = np.maximum(grid[:, None] - result["hinges"], 0) * result["bends"]
    reach = max(float(np.abs(each).max()) * 1.05, 0.1)
    coarse = slice(None, None, 8)
    layers = [
        Path(
            f"unit {i}",
            np.stack([grid[coarse], y[coarse]], 1),
            ink="winner" if i == state["solo"] else "faint",
            size=3 if i == state["solo"] else 1,
        )
        for i, y in enumerate(each.T)
    ]
    return Plane(
        "units",
        x=64,
        y=378,
        cell=(400, 70),
        x_range=(-1, 1),
        y_range=(-reach, reach),
        title="what each unit adds",
        ticks=True,
        live=True,
        layers=layers,
    )


def _errors(result: dict, state: dict) -> Plane:
    """RMS error against the number of hinges, for even and for greedy ones; pointing there chooses the number."""
    low = -6

    def logs(rms: np.ndarray) -> np.ndarray:
        return np.stack([np.arange(len(rms)), np.log10(np.maximum(rms, 10.0**low))], 1)

    here = [[state["hinges"], float(np.log10(max(result["rms_error"], 10.0**low)))]]
    return Plane(
        "error",
        x=546,
        y=32,
        cell=(420, 140),
        x_range=(0, len(result["rms_of_even_hinges"]) - 1),
        y_range=(low, 1.5),
        y_ticks=powers(low, 0)[::2],
        title="RMS error",
        column_axis="hinges",
        ticks=True,
        scrub=True,
        live=True,
        layers=[
            Path("evenly placed", logs(result["rms_of_even_hinges"]), ink=NETWORK, legend=True),
            Path("placed greedily", logs(result["rms_of_greedy_hinges"]), ink=OTHER, legend=True),
            Dots("this network", here, ink="text", size=5, names=["this network"]),
        ],
    )


def spectra(result: dict, x: float, y: float) -> Plane:
    """Level of each harmonic of the tone through target and network."""
    h = np.arange(1, len(result["spectrum_of_target"]) + 1)
    return Plane(
        "spectrum",
        x=x,
        y=y,
        cell=(420, 198),
        x_range=(0, float(h[-1]) + 1),
        y_range=(0, FLOOR + 35),
        y_ticks=DECIBELS,
        title="harmonics of 220 Hz in dB",
        column_axis="harmonic",
        ticks=True,
        live=True,
        layers=[
            Stems("target", np.stack([h, FLOOR + result["spectrum_of_target"]], 1), ink=TARGET, size=6, legend=True),
            Dots("network", np.stack([h, FLOOR + result["spectrum_of_network"]], 1), ink=NETWORK, size=3.5, legend=True),
        ],
    )
