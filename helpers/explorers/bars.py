"""The picture of `Softmax`: bars for logits, probabilities and gradient, and one class's formula written out above them.

Notebook: 02_loss_functions. What it shows is computed in helpers/explorers/softmax.py.
"""

from __future__ import annotations

import numpy as np

from helpers.explorers.sources import number
from helpers.views import Dots, Plane, Stems

TOP, HIGH, WIDE, GAP = 122, 250, 290, 62  # px; the formula stands above the planes


def layout(result: dict, state: dict, names: list[str], reach: float) -> tuple[list[Plane], list[dict]]:
    """Three planes side by side, the chosen class in a colour of its own in each, and the labels."""
    count, chosen = len(result["logits"]), state["chosen"]
    slope = result["gradient"]
    most = 1.1 * max(1.0, float(np.abs(slope).max()))
    temperature = "" if state["temperature"] == 1 else f" / {state['temperature']:g}"
    target = Dots(
        "target y", _places(result["targets"]), ink="text", size=9, shape="ring", legend=True,
        names=[f"y = {number(y, 3)}" for y in result["targets"]],
    )  # fmt: skip
    return [
        _plane("logits", 0, names, count, (-reach, reach), f"logits z{temperature and ' (to be divided by T)'}: drag",
               Stems("logit", _places(result["logits"]), ink=_inks(count, chosen, 0), size=18, drag=True,
                     names=[f"z = {number(z, 2)}" for z in result["logits"]])),
        _plane("probabilities", 1, names, count, (-0.07, 1.25), "probabilities p = softmax(z / T)" if temperature else "probabilities p = softmax(z)",
               Stems("p", _places(result["probabilities"]), ink=_inks(count, chosen, 0), size=18,
                     names=[f"p = {number(p, 4)}" for p in result["probabilities"]]), target),
        _plane("gradient", 2, names, count, (-most, most), f"gradient (p − y){temperature}" if temperature else "gradient p − y",
               Stems("slope", _places(slope), ink=_inks(count, chosen, 1), size=18, names=[number(g, 4) for g in slope])),
    ], _formula(result, state, names)  # fmt: skip


def _plane(name: str, place: int, names: list[str], count: int, y_range: tuple, title: str, *layers: object) -> Plane:
    return Plane(
        name, x=46 + place * (WIDE + GAP), y=TOP, cell=(WIDE, HIGH), x_range=(-0.6, count - 0.4), y_range=y_range, ticks=True,
        x_ticks=[(float(i), names[i]) for i in range(count)], title=title,
        y_ticks=[(k / 4, f"{k / 4:g}") for k in range(5)] if name == "probabilities" else [], layers=list(layers), hover=True, click=True,
    )  # fmt: skip


def _places(heights: np.ndarray) -> np.ndarray:
    return np.stack([np.arange(len(heights)), heights], 1)


def _inks(count: int, chosen: int, ink: int) -> list:
    return [4 if i == chosen else ink for i in range(count)]


def _formula(result: dict, state: dict, names: list[str]) -> list[dict]:
    """What softmax and cross-entropy do with the chosen class, with the numbers put in."""
    i, e = state["chosen"], result["exponentials"]
    z, p, y = (float(result[key][i]) for key in ("scaled", "probabilities", "targets"))
    of = (
        f"{number(result['logits'][i], 2)} / {state['temperature']:g} = {number(z, 2)}"
        if state["temperature"] != 1
        else number(z, 2)
    )
    lines = [
        f"{names[i]}:  z = {of},   e to that = {_amount(e[i])};   all together {_amount(e.sum())},   "
        f"p = {_amount(e[i])} / {_amount(e.sum())} = {number(p, 4)}",
        f"its term of the loss:  −y ln p = −{number(y, 3)} × ({number(result['log probabilities'][i], 4)}) = {number(result['terms'][i], 4)};   "
        f"all terms: {number(result['loss'], 4)}",
        f"gradient:  (p − y){'' if state['temperature'] == 1 else ' / T'} = {number(result['gradient'][i], 4)}",
    ]
    return [{"x": 46, "y": 16 + 27 * row, "text": text, "size": 15, "align": "left"} for row, text in enumerate(lines)]


def _amount(value: float) -> str:
    """A number of any size in about four digits."""
    return f"{value:.4g}".replace("e+", "e").replace("-", "−")
