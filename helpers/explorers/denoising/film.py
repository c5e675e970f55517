"""The pictures of `Denoising`: four large ones of the place looked at, a strip of all places, and how much noise there is.

Notebook: 07c_diffusion. What they show is computed in helpers/explorers/denoising/denoising.py.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from helpers.datasets.harmonics import ROWS
from helpers.explorers.parts.numerals import number
from helpers.explorers.parts.timbres import HARMONICS, LOOKS, MOMENTS, STRIDE, strip
from helpers.views import Panel, Path, Plane

LEFT, WIDTH = 76, 986  # px: where the strips begin, and how long they are
CELL, LARGE, APART = 6.0, 36, 252  # px: of a large picture, its top, from one to the next
WIDEST = 3.0  # px of a strip's cell at most
STRIPS = {"x": "x_t", "x0": "x̂₀", "jump": "jump"}
LARGE_TITLES = {
    "x": "x_t: {t} × noise in it",
    "x0": "x̂₀: the denoiser's guess",
    "jump": "one jump: consistency model",
}


def layout(result: dict, here: dict[str, Float[np.ndarray, "24 32"]], noise: float, last: str) -> tuple[list[Panel], list[dict]]:
    """All panels, and what is written beside them.

    here: the large pictures, by name, in [0, 1] or beyond; noise: the share of noise in x_t; last: what the fourth is.
    """
    titles = [text.format(t=number(noise, 2)) for text in LARGE_TITLES.values()] + [last]
    large = [
        Panel(
            f"large {name}", here[name], x=LEFT + i * APART, y=LARGE, cell=(CELL, CELL), title=titles[i], hover=True,
            row_names=HARMONICS, column_names=MOMENTS, live=True, **LOOKS,
        )
        for i, name in enumerate((*STRIPS, "last"))
    ]  # fmt: skip
    places = len(result["noise"])
    cell = min(WIDTH / (STRIDE * places), WIDEST)
    high = round(ROWS * min(cell, 1.75))
    panels, labels, y = list(large), [], LARGE + 24 * CELL + 42
    ribbon = Panel("noise", result["noise"][None], x=LEFT, y=y, cell=(STRIDE * cell, 16), click=True)
    labels.append(_label("noise", y + 13))
    for name, text in STRIPS.items():
        y += 26 if name == "x" else high + 8
        panels.append(
            Panel(f"strip {name}", strip(result[name]), x=LEFT, y=y, cell=(cell, high / ROWS), coarse=True, click=True, **LOOKS)
        )
        labels.append(_label(text, y + high / 2 + 5))
    return [*panels, ribbon, _shares(result, y + high + 40, places * STRIDE * cell)], labels


def slide(places: int) -> dict:
    """What outlines the picture of the transport's position in each strip."""
    inputs = [f"strip {name}" for name in STRIPS]
    return {"output": "noise", "inputs": inputs, "kernel": [ROWS, STRIDE - 1], "stride": STRIDE, "dilation": 1}


def _label(text: str, y: float) -> dict:
    return {"text": text, "x": LEFT - 10, "y": y, "align": "right", "size": 14}


def _shares(result: dict, y: float, width: float) -> Plane:
    """How much of the note and how much noise x_t is mixed from, place by place, under the strips' pictures."""
    places = len(result["noise"])
    at = np.arange(places)
    layers = [
        Path("√ᾱ: of the picture", np.stack([at, result["signal"]], 1), ink=0, legend=True),
        Path("√(1 − ᾱ): of the noise", np.stack([at, result["noise"]], 1), ink=1, legend=True),
    ]
    every, top = max(1, places // 8), 2.0  # the legend needs room above
    return Plane(
        "shares", x=LEFT, y=y, cell=(width, 70), x_range=(-0.5, places - 0.5), y_range=(0, top), layers=layers, scrub=True,
        ticks=True, x_ticks=[(float(i), f"{result['time'][i]}") for i in at[::every]], y_ticks=[(0.0, "0"), (1.0, "1")],
        title="what x_t is mixed from", column_axis="time t of 1,000",
    )  # fmt: skip
