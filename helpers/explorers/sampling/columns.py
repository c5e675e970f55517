"""From logits to the dice in columns, a row for each of the most probable symbols: what each step makes of their numbers.

Notebook: 06_transformers.
"""

from __future__ import annotations

import numpy as np

from helpers.explorers.sampling.writing import percent, shown
from helpers.views import Panel, Plane
from helpers.views.roll import Tokens

ROWS, WIDE, HIGH = 8, 640, 182
LEFT, TOP = 52, 138


def table(result: dict, state: dict, symbols: list[str]) -> tuple[list[int], dict[str, list[str]]]:
    """The symbols shown (numbers), and for each step what it makes of them; "–": nothing is left of it."""
    ranking, T = result["ranking"].tolist(), state["temperature"]
    rows = ranking[:ROWS]
    if result["dice give"] not in rows:
        rows[-1] = result["dice give"]  # what is drawn is always there
    rank = [ranking.index(i) for i in rows]
    p, q = result["softmax"][rows], result["probabilities"][rows]
    found = {"symbol": [shown(symbols[i]) for i in rows], "logit": [f"{z:.2f}" for z in result["logits"][rows]]}
    if state["penalty"] > 1 or result["masked"]:
        found["adjusted"] = [f"{z:.2f}" if z > -1e299 else "−∞" for z in result["adjusted"][rows]]
    found["÷ T"] = [("−∞" if z < -1e299 else f"{z / T:.2f}") if T else "–" for z in result["adjusted"][rows]]
    found["softmax"] = [percent(one) for one in p]
    left = len(ranking)
    for name, by in (("top-k", result["by k"]), ("top-p", result["by p"]), ("min-p", result["by min-p"])):
        left = min(left, by)
        found[name] = [percent(one) if at < left else "–" for one, at in zip(p, rank)]
    found["sum to 1"] = [percent(one) if one else "–" for one in q]
    found["dice"] = [f"u = {result['dice']:.3f}" if i == result["dice give"] else "" for i in rows]
    return rows, {
        name: [text.replace("-", "−") if name in ("logit", "adjusted", "÷ T") else text for text in column]
        for name, column in found.items()
    }


def layout(result: dict, state: dict, symbols: list[str]) -> tuple[Panel, list[dict]]:
    """The columns, and their heads."""
    rows, found = table(result, state, symbols)
    wide, high = WIDE / len(found), (HIGH - 20) / ROWS
    middle = [(k + 0.5) * wide for k in range(len(found))]
    cells = [(x, HIGH - 20 - (r + 0.5) * high, wide - 4) for x in middle for r in range(len(rows))]
    words = [text for column in found.values() for text in column]
    strength = np.zeros((len(found), len(rows)))
    for k, name in enumerate(found):
        if name in ("softmax", "top-k", "top-p", "min-p", "sum to 1"):
            p = result["probabilities" if name == "sum to 1" else "softmax"][rows]
            strength[k] = [one if text != "–" else 0 for one, text in zip(p, found[name])]
        if name == "dice":
            strength[k] = [float(bool(text)) for text in found[name]]
    inks = [2 if name == "dice" else 0 for name in found for _ in rows]
    panel = Plane(
        "steps", x=LEFT, y=TOP, cell=(WIDE, HIGH), x_range=(0, WIDE), y_range=(0, HIGH), whole=True,
        layers=[Tokens("steps", cells, ink=inks, size=high - 2, strength=np.clip(strength, 0, 1).ravel(), names=words)],
        title="each step, from left to right",
    )  # fmt: skip
    heads = [{"x": LEFT + x, "y": TOP + 12, "text": name, "size": 12} for x, name in zip(middle, found)]
    gives = shown(symbols[result["dice give"]])
    said = f"laid end to end in the vocabulary's order, u = {result['dice']:.3f} falls on {gives}"
    return panel, [*heads, {"x": LEFT + WIDE, "y": TOP + HIGH + 16, "text": said, "size": 12, "align": "right"}]
