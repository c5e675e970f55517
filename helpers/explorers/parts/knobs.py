"""The picture of a synthesiser's two knobs: a loss over all their settings, in the knobs' own units; and how it sounds.

Notebook: 03_gradient_descent. Shared by the explorers Tuning and Search.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from jaxtyping import Float

from helpers import audio
from helpers.concepts.synth import RATE, SAMPLES, SYNTHS, Knob
from helpers.concepts.tuning import landscape
from helpers.views import Dots, Path, Plane, contours
from helpers.views.stage import round_ticks

ROWS, COLUMNS = 21, {"waveform": 161, "spectral": 161, "smoothed": 67}  # of a heat map: a ripple is 2.5 columns wide
LEVELS = (0.1, 0.25, 0.5, 0.75)  # shares of the settings that a contour leaves below it
INKS = {"waveform": 1, "spectral": 0, "smoothed": 2}
BLIP = SAMPLES * audio.RATE // RATE  # samples of what a loss compares, as they are played
HOLD = 0.8  # seconds of a sound that is held


@cache
def relief(synth: str, loss: str) -> tuple[np.ndarray, Path]:
    """The loss over the knobs, and its contours."""
    surface = landscape(synth, loss)
    values = surface.grid(ROWS, COLUMNS[loss])
    coarse = values if loss == "smoothed" else values[:, ::5]  # or ripples would be all one sees
    return values, contours(coarse, surface.x_range, surface.y_range, np.quantile(coarse, LEVELS).tolist(), ink="white")


def knob_plane(name: str, synth: str, loss: str, x: float, layers: list) -> Plane:
    """The settings of both knobs from above, the target marked; further layers on top."""
    values, lines = relief(synth, loss)
    across, up = SYNTHS[synth].knobs
    goal = Dots("target", [SYNTHS[synth].target], ink="white", shape="cross", size=6, names=["the target"])
    return Plane(
        name,
        values,
        x=x,
        y=34,
        cell=(284, 200),
        lo=float(values.min()),
        hi=float(values.max()),
        digits=3,
        x_ticks=ticks(across, 5),
        y_ticks=ticks(up, 5),
        column_axis=f"{across.name} ({across.unit})" if across.unit else across.name,
        row_axis=up.name,
        ticks=True,
        layers=[lines, goal, *layers],
    )


def ticks(knob: Knob, count: int) -> list[tuple[float, str]]:
    """Round settings of a knob, and where it then stands."""
    return [((value - knob.low) / (knob.high - knob.low), text) for value, text in round_ticks(knob.low, knob.high, count)]


def said(synth: str, place: Float[np.ndarray, "2"]) -> str:
    """The settings in words: 412 Hz, amplitude 0.30."""
    first, second = SYNTHS[synth].settings(place.tolist())
    a, b = SYNTHS[synth].knobs
    lead = {"Hz": f"{first:.0f} Hz", "s": f"{a.name} {1000 * first:.0f} ms"}.get(a.unit, f"{a.name} {first:.2f}")
    return f"{lead}, {b.name} {second:.2f}"


def held(synth: str, place: tuple[float, float]) -> Float[np.ndarray, "sample"]:
    """The sound of one setting, held for a while, at its own level."""
    n = int(HOLD * audio.RATE)
    x = SYNTHS[synth].sound(torch.tensor(place, dtype=torch.float64), n, audio.RATE)
    return (x.float() * audio.fade(n)).numpy()


def sequence(synth: str, path: Float[np.ndarray, "place 2"]) -> Float[np.ndarray, "sample"]:
    """What the loss hears at each place, one after the other."""
    x = SYNTHS[synth].sound(torch.from_numpy(np.asarray(path, float)), BLIP, audio.RATE)
    return (x.float() * audio.fade(BLIP, 0.004)).numpy().ravel()
