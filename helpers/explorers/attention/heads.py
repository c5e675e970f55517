"""The picture of `Attention`: a thumbnail and a badge for each head, one head as lines between words and as a matrix.

Notebook: 06_transformers. What it shows is computed in helpers/explorers/attention/attention.py.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from helpers.explorers.attention.chosen import TOGETHER, Head, blended, drawn, heads_of, hues, name, panel_of
from helpers.explorers.parts.numerals import number, short
from helpers.views import Arcs, Panel, Words
from helpers.views.grid import SERIES
from helpers.views.roll import quantised

STEP, SIDE, TOP = 31, 27, 82  # px from one thumbnail to the next, of a thumbnail, above all
FINEST = 32  # cells of a thumbnail; longer texts are shown by the maximum of neighbouring cells
COLUMNS, WRITTEN = 20, 128  # so many tokens fit in columns, and are written at all
LINES_X, LINES_WIDE, MATRIX_X, MATRIX_WIDE, HIGH = 430, 262, 784, 360, 390
TITLES = {
    "products": "q · k, every word's query with every word's key",
    "scaled": "divided by √32 and T",
    "masked": "after the mask",
    "weights": "softmax: each row adds up to 1",
}


def layout(result: dict, state: dict, lock: Head) -> tuple[list[Panel], list[dict], list[dict]]:
    """Panels, labels, and the marks on the locked head, those beside it and the pair."""
    tokens, badge = result["tokens"], state["badge"]
    small = [
        Panel(panel_of((layer, head)), weights, x=34 + head * STEP, y=TOP + layer * STEP, cell=(SIDE / side, SIDE / side),
              coarse=True, hover=True, click=True, several=True, whole=True, hi=1.0)
        for layer, row in enumerate(result["small"]) for head, weights in enumerate(row) if (side := len(weights))
    ]  # fmt: skip
    said = {"entropy": "entropy of each head, bits", "distance": "how far each head looks, tokens"}[badge]
    names = {"row_names": [f"layer {k}" for k in range(6)], "column_names": [f"head {k}" for k in range(12)]}
    badges = Panel("badges", result[badge], x=34, y=TOP + 6 * STEP + 34, cell=(STEP, 27), numbers=True, digits=1,
                   hover=True, click=True, several=True,
                   hi=max(float(result[badge].max()), 1e-9), title=said, **names)  # fmt: skip
    side, shown = min(len(tokens), FINEST), drawn(state, len(result["entropy"][0]))
    inks = ["lock", *["match"] * len(state["others"])]
    marks = [
        mark
        for at, ink in zip([lock, *heads_of(state)[1:]], inks)
        for mark in (
            {"panel": "badges", "row": at[0], "column": at[1], "height": 1, "width": 1, "ink": ink},
            {"panel": panel_of(at), "row": 0, "column": 0, "height": side, "width": side, "ink": ink},
        )
    ]
    labels = [{"x": 16, "y": TOP + k * STEP + 18, "text": str(k), "size": 13} for k in range(6)]
    labels += [{"x": 34, "y": TOP - 26, "text": "all heads: a row for each layer", "size": 14, "align": "left"}]
    labels += [{"x": 34 + k * STEP + 13, "y": TOP - 6, "text": str(k), "size": 13} for k in range(12)]
    words = [_words(result, state, shown)] if len(tokens) <= WRITTEN else []
    words += (
        [legend(shown, hues(shown), x=LINES_X, y=TOP + HIGH + 8, cell=(LINES_WIDE, 28 if len(shown) < 7 else 52))]
        if len(shown) > 1
        else []
    )
    said = _together(result, state) if "together" in result else _formula(result, state)
    return [*small, badges, *words, _matrix(result, state)], [*labels, *said], marks + _cross(result)


def pooled(weights: Float[np.ndarray, "*heads query key"]) -> Float[np.ndarray, "*heads row column"]:
    """At most FINEST rows and columns, each cell the maximum of those it stands for."""
    n = weights.shape[-1]
    if n <= FINEST:
        return weights
    starts = (np.arange(FINEST) * n) // FINEST
    return np.maximum.reduceat(np.maximum.reduceat(weights, starts, -2), starts, -1)


def _words(result: dict, state: dict, shown: list[Head]) -> Words:
    """The words with the lines of the heads that are shown; what the one who looks sees is coloured as these are, blended."""
    tokens, coarse, (row, _) = result["tokens"], result["coarse"], (int(k) for k in result["pair"])
    inks = hues(shown) if shown else [SERIES[0]]
    if shown:
        weights = coarse.reshape(*result["entropy"].shape, *coarse.shape[1:])[tuple(np.transpose(shown))]
    else:
        weights = quantised("looks", result["together"][None])
    columns = len(tokens) <= COLUMNS
    arcs = Arcs(
        "looks", of="words", at="words seen" if columns else "", weights=weights, threshold=state["threshold"],
        inks=inks, most=state["most"], locked=state["token"],
    )  # fmt: skip
    title = "who looks (left) at whom (right)" if columns else "point at a word"
    words = Words("words", x=LINES_X, y=TOP, cell=(LINES_WIDE, HIGH), words=tokens, columns=columns, layers=[arcs], title=title)
    shares = weights[:, row] / 255
    seen = words.layers[int(columns)]
    seen.ink, seen.strength = blended(inks, shares), shares.max(0)
    return words


def _matrix(result: dict, state: dict) -> Panel:
    stage, tokens = tuple(TITLES)[state["stage"]], result["tokens"]
    title, values = TITLES[stage], result[stage]
    if "together" in result:
        stage, title, values = "weights", TOGETHER[state["show"]].format(state["layer"]), result["together"]
    side = min(30.0, MATRIX_WIDE / len(tokens))
    seen = np.abs(values[np.isfinite(values)]).max(initial=1e-9)
    range_ = {"lo": 0.0, "hi": 1.0} if stage == "weights" else {"lo": -float(seen), "hi": float(seen), "palette": "diverging"}
    return Panel(
        "matrix", values, x=MATRIX_X, y=TOP, cell=(side, side), title=title, numbers=True,
        digits=2 if stage == "weights" else 1, click=True,
        row_names=tokens, column_names=tokens, ticks=True, coarse=len(tokens) > COLUMNS, **range_,
    )  # fmt: skip


def _cross(result: dict) -> list[dict]:
    """Who looks as a row, what is compared with it as a column."""
    n, (row, column) = len(result["tokens"]), (int(k) for k in result["pair"])
    common = {"panel": "matrix", "weight": 1.5}
    return [
        {**common, "row": row, "column": 0, "height": 1, "width": n, "ink": "window"},
        {**common, "row": 0, "column": column, "height": n, "width": 1, "ink": "window"},
    ]


def _formula(result: dict, state: dict) -> list[dict]:
    """The way of one number of the matrix, as far as the stage has come."""
    row, column = (int(k) for k in result["pair"])
    product, scaled, masked, weight = (float(result[name][row, column]) for name in TITLES)
    e = result["exponentials"]
    warm = "" if state["temperature"] == 1 else f" / {state['temperature']:.3g}"
    hidden = not np.isfinite(masked)
    steps = [
        f"“{result['tokens'][row]}” asks, “{result['tokens'][column]}” answers:  q·k = {number(product, 2)}",
        f"/ √32{warm} = {number(scaled, 2)}",
        "mask: −∞" if hidden else "mask: may look",
        f"softmax: e to that / the row's sum (both divided by e to the largest) = {short(float(e[column]))} / "
        f"{short(float(e.sum()))} = {number(weight, 3)}",
    ]
    lines = steps[: state["stage"] + 1][:2], steps[2 : state["stage"] + 1]  # two: one would be wider than the picture
    texts = ["   →   ".join(lines[0]), *(["→   " + "   →   ".join(lines[1])] if lines[1] else [])]
    return [{"x": 34, "y": 12 + 21 * k, "text": text, "size": 15, "align": "left"} for k, text in enumerate(texts)]


def _together(result: dict, state: dict) -> list[dict]:
    """The chosen number where many heads are shown as one."""
    row, column = (int(k) for k in result["pair"])
    said = f"“{result['tokens'][row]}” looks at “{result['tokens'][column]}”: "
    weight = number(float(result["together"][row, column]), 3)
    text = f"{said}{TOGETHER[state['show']].format(state['layer'])} = {weight}"
    return [{"x": 34, "y": 12, "text": text, "size": 15, "align": "left"}]


def legend(shown: list[Head], inks: list[str], **place: object) -> Words:
    """Which heads' lines are drawn, each in its colour."""
    return Words("legend", words=[name(head) for head in shown], inks=inks, strength=[1.0] * len(shown), **place)
