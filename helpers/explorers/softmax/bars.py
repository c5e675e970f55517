"""The picture of `Softmax`: bars for logits, probabilities and gradient, and one class's formula written out above them.

Notebook: 02_loss_functions. What it shows is computed in helpers/explorers/softmax/softmax.py.
"""

from __future__ import annotations

import numpy as np

from helpers.explorers.parts.numerals import number
from helpers.views import Dots, Plane, Stems

TOP, HIGH, WIDE, GAP = 122, 250, 290, 62  # px; the formula stands above the planes


def layout(result: dict, state: dict, names: list[str], reach: float) -> tuple[list[Plane], list[dict]]:
    """Three planes side by side, the chosen class in a colour of its own in each, and the labels."""
    count, chosen = len(result["logits"]), state["chosen"]
    slope = result["gradient"]
    most = 1.1 * max(1.0, float(np.abs(slope).max()))
    temperature = "" if state["temperature"] == 1 else f" / {state['temperature']:g}"
    weighted = state["weight"] != 1
    slope_title = f"gradient (p − y){temperature}" if temperature else "gradient p − y"
    slope_title = f"gradient, weight {state['weight']:g} on {names[state['target']]}" if weighted else slope_title
    logit_title = f"logits z{' (to be divided by T)' if temperature else ''}: drag"
    target = Dots(
        "target y", _places(result["targets"]), ink="text", size=9, shape="ring", legend=True,
        names=[f"y = {number(y, 3)}" for y in result["targets"]],
    )  # fmt: skip
    return [
        _plane("logits", 0, names, count, (-reach, reach), logit_title,
               Stems("logit", _places(result["logits"]), ink=_inks(count, chosen, 0), size=18, drag=True,
                     names=[f"z = {number(z, 2)}" for z in result["logits"]])),
        _plane("probabilities", 1, names, count, (-0.07, 1.25), f"probabilities p = softmax(z{temperature})",
               Stems("p", _places(result["probabilities"]), ink=_inks(count, chosen, 0), size=18,
                     names=[f"p = {number(p, 4)}" for p in result["probabilities"]]), target),
        _plane("gradient", 2, names, count, (-most, most), slope_title,
               Stems("slope", _places(slope), ink=_inks(count, chosen, 1), size=18, names=[number(g, 4) for g in slope])),
    ], _formula(result, state, names)  # fmt: skip


def _plane(name: str, place: int, names: list[str], count: int, y_range: tuple, title: str, *layers: object) -> Plane:
    return Plane(
        name, layers=list(layers), hover=True, click=True, x=46 + place * (WIDE + GAP), y=TOP, cell=(WIDE, HIGH),
        x_range=(-0.6, count - 0.4), y_range=y_range, ticks=True, x_ticks=[(float(i), names[i]) for i in range(count)], title=title,
        y_ticks=[(k / 4, f"{k / 4:g}") for k in range(5)] if name == "probabilities" else [],
    )  # fmt: skip


def _places(heights: np.ndarray) -> np.ndarray:
    return np.stack([np.arange(len(heights)), heights], 1)


def _inks(count: int, chosen: int, ink: int) -> list:
    return [4 if i == chosen else ink for i in range(count)]


def _formula(result: dict, state: dict, names: list[str]) -> list[dict]:
    """What softmax and cross-entropy do with the chosen class, with the numbers put in."""
    i, e = state["chosen"], result["exponentials"]
    z, p, y = (float(result[key][i]) for key in ("scaled", "probabilities", "counted"))
    total = float(result["counted"].sum())
    warm = state["temperature"] != 1
    of = f"{number(result['logits'][i], 2)} / {state['temperature']:g} = {number(z, 2)}" if warm else number(z, 2)
    log_p, term = number(float(result["log probabilities"][i]), 4), number(float(result["terms"][i]), 4)
    slope = f"{number(p, 4)} × {number(total, 3)} − {number(y, 3)}" if state["weight"] != 1 else "p − y"
    y_said = "w y" if state["weight"] != 1 else "y"
    lines = [
        f"{names[i]}:  z = {of},   e to that = {_amount(e[i])};   all together {_amount(e.sum())},   "
        f"p = {_amount(e[i])} / {_amount(e.sum())} = {number(p, 4)}",
        f"its term of the loss:  −{y_said} ln p = −{number(y, 3)} × ({log_p}) = {term};   all terms: {number(result['loss'], 4)}",
        f"gradient:  ({slope}){' / T' if warm else ''} = {number(result['gradient'][i], 4)}",
    ]
    return [{"x": 46, "y": 16 + 27 * row, "text": text, "size": 15, "align": "left"} for row, text in enumerate(lines)]


def _amount(value: float) -> str:
    """A number of any size in about four digits."""
    return f"{value:.4g}".replace("e+", "e").replace("-", "−")
