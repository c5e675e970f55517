"""The convolution stepper's picture: input, window ⊙ kernel = products, output, and the numbers written beside them.

Notebook: 04_cnns. What it shows is computed in helpers/explorers/convolution/convolution.py.
"""

from __future__ import annotations

import numpy as np

from helpers.explorers.parts.numerals import number
from helpers.explorers.parts.sources import Source
from helpers.views import Line, Panel

TOP = 32  # px above the panels, for their titles


def layout(result: dict, state: dict, where: Source) -> tuple[list[Panel], list[dict]]:
    """Input, window ⊙ kernel = products, output: side by side where the input is small, else in two rows."""
    inputs = _inputs(result, state, where)
    if result["input"].shape[1] == 1:
        output = Line(
            "output",
            result["output"],
            x=inputs[0].x,
            y=228,
            cell=(760, 120),
            ticks=True,
            column_axis="sample",
            title=f"output, {result['output'].size} samples",
            x_range=(0, result["output"].size - 1),
            **_output_look(result, state, where),
        )
        panels, labels = _details(result, state, where, 8, 424)
        return [*inputs, output, *panels], labels
    right = inputs[-1].x + inputs[-1].size()[0]
    small = len(inputs) == 1 and max(result["input"].shape[1:]) <= 10
    panels, labels = _details(result, state, where, *((right + 40, TOP) if small else (8, TOP + inputs[0].size()[1] + 66)))
    if small:
        right = max(p.x + p.size()[0] for p in panels) + (100 if labels else 0)
    rows, columns = result["output"].shape
    output = Panel(
        "output",
        result["output"],
        x=right + 40,
        y=TOP,
        cell=inputs[0].cell,
        title=f"output {rows}×{columns}",
        flip=where.flip,
        digits=decimals(result, where),
        numbers=inputs[0].numbers,
        **_output_look(result, state, where),
    )
    return [*inputs, output, *panels], labels


def _inputs(result: dict, state: dict, where: Source) -> list[Panel]:
    """A panel for each channel, padding included."""
    channels, rows, columns = result["input"].shape
    names = where.names(rows, columns)
    side = min(52, (360, 270, 200)[channels - 1] / max(rows, columns))
    panels, x = [], 64 if names else 8
    for c in range(channels):
        common = {
            "name": f"input{c}",
            "values": _seen(result["input"][c]),
            "x": x if rows > 1 else 48,
            "y": TOP,
            "title": where.titles[c],
        }
        if rows == 1:
            panels.append(Line(**common, cell=(760, 120), x_range=(0, columns - 1), ticks=True, **where.looks[c]))
            break
        panels.append(
            Panel(
                **common,
                cell=(side, side),
                pad=(state["padding"],) * 2,
                ticks=c == 0 and bool(names),
                flip=where.flip,
                digits=where.digits,
                numbers=side >= 30,
                **where.looks[c],
                **names,
            )
        )
        x += panels[-1].size()[0] + 28
    return panels


def _output_look(result: dict, state: dict, where: Source) -> dict:
    if state["operation"] != "convolution":
        return where.looks[0]
    reach = max(float(np.abs(result["output"]).max()), 1e-9)
    return {"palette": "diverging", "lo": -reach, "hi": reach}


def _seen(values: np.ndarray) -> np.ndarray:
    """Infinite padding is drawn as nothing at all."""
    return np.where(np.isinf(values), np.nan, values)


def _details(result: dict, state: dict, where: Source, x: float, y: float) -> tuple[list[Panel], list[dict]]:
    """Each channel's window ⊙ kernel = products, one row a channel."""
    rows = [
        _detail(result, state, where, c, x, y + c * (result["kernel"].shape[1] * _cell(state) + 34))
        for c in range(len(result["input"]))
    ]
    return [p for panels, _ in rows for p in panels], [label for _, labels in rows for label in labels]


def _cell(state: dict) -> int:
    """Side of a cell in px: a waveform's window is one row, and its numbers have signs, so there is room and need."""
    if state["size"] <= 3:
        return 44
    return 42 if state["source"] == "waveform" else 34


def _detail(result: dict, state: dict, where: Source, c: int, x: float, y: float) -> tuple[list[Panel], list[dict]]:
    """One channel's window ⊙ kernel = products and their sum, as small panels with their numbers."""
    cell = _cell(state)
    height, width = result["window"].shape[1:]
    step = width * cell + 40
    common = {"y": y, "cell": (cell, cell), "numbers": True, "flip": where.flip}
    panels = [
        Panel(
            f"window{c}",
            _seen(result["window"][c]),
            x=x,
            title="window",
            live=True,
            digits=where.digits,
            **where.looks[c],
            **common,
        )
    ]
    if state["operation"] != "convolution":
        return panels, []
    weights, products = result["kernel"][c], result["products"][c]
    digits = 0 if np.all(weights == weights.round()) else 2
    panels.append(Panel(f"kernel{c}", weights, x=x + step, title="kernel", edit=True, digits=digits, **_even(weights), **common))
    panels.append(
        Panel(
            f"products{c}",
            products,
            x=x + 2 * step,
            title="products",
            live=True,
            digits=decimals(result, where),
            **_even(products),
            **common,
        )
    )
    middle = y + height * cell / 2
    total = f"Σ = {number(float(products.sum()), decimals(result, where))}"
    labels = [
        {"x": x + step - 20, "y": middle, "text": "⊙", "size": 24},
        {"x": x + 2 * step - 20, "y": middle, "text": "=", "size": 24},
        {"x": x + 3 * step - 26, "y": middle, "text": total, "size": 20, "align": "left"},
    ]
    return panels, labels


def _even(values: np.ndarray) -> dict:
    """Colours with zero in the middle."""
    reach = max(float(np.abs(values).max()), 1e-9)
    return {"palette": "diverging", "lo": -reach, "hi": reach}


def decimals(result: dict, where: Source) -> int:
    """How many decimals say what was computed: none where it is all whole numbers."""
    parts = [result["output"], result["kernel"]] if "products" in result else [result["output"]]
    whole = all(np.array_equal(part, part.round()) for part in parts)
    return where.digits if whole else max(where.digits, 2)
