"""The picture of `Bottleneck`: the note before and after, its code to drag, and error against bits.

Notebook: 07a_autoencoders. What it shows is computed in helpers/explorers/bottleneck/bottleneck.py.
"""

from __future__ import annotations

import numpy as np

from helpers.datasets.harmonics import RANGE_DB
from helpers.explorers.parts.numerals import number
from helpers.explorers.parts.timbres import HARMONICS, MOMENTS
from helpers.models.codec import LEVELS, NUMBERS, UNROUNDED
from helpers.views import Dots, Panel, Path, Plane, Stems

UNROUNDED_NAME = "not rounded"
BITS = (1, 4, 16, 64, 256, 1024)


def pictures(result: dict) -> list[Panel]:
    """Before, after, and the difference in dB."""
    looks = {"y": 34, "cell": (9, 7), "flip": True, "hover": True, "row_names": HARMONICS, "column_names": MOMENTS, "live": True}
    off = RANGE_DB * (result["decoded"] - result["picture"])
    return [
        Panel("picture", result["picture"], x=30, title="24 harmonics in a second", **looks),
        Panel("decoded", result["decoded"], x=368, title="decoded from what was sent", **looks),
        Panel("off", off, x=706, lo=-30.0, hi=30.0, palette="diverging", digits=1, unit=" dB",
              title="difference, −30 to 30 dB", **looks),
    ]  # fmt: skip


def code(result: dict, state: dict) -> Plane:
    """All numbers of the code; those that are sent stand on their levels and can be dragged."""
    numbers, levels = state["numbers"], state["levels"]
    at = np.arange(len(result["code"]), dtype=float)
    layers = [
        Path(f"level {k + 1}", [[-0.7, value], [numbers - 0.3, value]], ink="faint", size=0.5)
        for k, value in enumerate(np.linspace(-1, 1, levels) if levels else [])
    ]
    layers += [
        Dots("before rounding", np.stack([at, result["code"]], 1), ink="faint", size=3.5, shape="ring", legend=bool(levels)),
        Stems("sent", np.stack([at[:numbers], result["sent"]], 1), ink=0, size=8, drag=True, legend=True),
    ]
    return Plane(
        "code", x=70, y=270, cell=(440, 150), x_range=(-0.8, at[-1] + 0.8), y_range=(-1.1, 2.2), ticks=True, live=True,
        layers=layers, x_ticks=[(float(n - 1), str(n)) for n in NUMBERS], y_ticks=[(-1.0, "−1"), (0.0, "0"), (1.0, "1")],
        title=f"the code: {numbers} of {len(at)} numbers are sent; drag them", column_axis="number",
    )  # fmt: skip


def curves(result: dict) -> Plane:
    """How far new notes are off against bits a second, a curve for each number of levels; a click chooses."""
    layers, high = [], float(result["curves"][:, :, 2].max())
    for k, levels in enumerate((*LEVELS, UNROUNDED)):
        name = f"{levels} levels" if levels else UNROUNDED_NAME
        bits, _, error = result["curves"][k].T
        xy = np.stack([np.log2(bits), error], 1)
        names = [
            f"{n} numbers, {name}: {number(b, 1)} bits, {number(e, 2)} dB" for n, b, e in zip(NUMBERS, bits, error, strict=True)
        ]
        ink = k if levels else "faint"
        layers += [
            Path(f"line {name}", xy, ink=ink, size=1.5),
            Dots(name, xy, ink=ink, size=4, names=names, click=True, legend=True),
        ]
    here = [[np.log2(result["rate"][0]), result["rate"][2]]]
    layers.append(Dots("here", here, ink="match", size=8, shape="ring"))
    return Plane(
        "rates", x=590, y=270, cell=(420, 150), x_range=(-0.3, 17.5), y_range=(0, 1.1 * high), ticks=True,
        layers=layers, x_ticks=[(float(np.log2(b)), f"{b:,}") for b in BITS],
        title="error on new notes, dB: click a dot", column_axis="bits a second",
    )  # fmt: skip
