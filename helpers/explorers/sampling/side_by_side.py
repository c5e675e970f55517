"""The picture of `Continuations`: the beam's candidates and those drawn, two columns of piano rolls, and log2 p of each.

Notebook: 06_transformers.
"""

from __future__ import annotations

from itertools import combinations, zip_longest

import numpy as np

from helpers.explorers.sampling.writing import shown
from helpers.views import Notes, Panel, Path, Plane

LEFT, WIDE, BETWEEN, TOP = 16, 500, 40, 46
HEIGHTS = {1: 120, 2: 120, 3: 96, 4: 72, 5: 60, 6: 50}
LETTERS = 46  # of a continuation that are written above it


def layout(result: dict, state: dict) -> tuple[list[Panel], list[dict]]:
    """Panels and labels."""
    everything = np.concatenate([result["beam, notes"], result["drawn, notes"]])[:, 1:]
    end = max(4.0, float((everything[:, 0] + everything[:, 1]).max(initial=0.0)))
    low, high = (everything[:, 2].min() - 2, everything[:, 2].max() + 2) if len(everything) else (59.0, 84.0)
    heads = {
        "beam": "the beam's most probable: click a tune to hear it",
        "drawn": f"drawn by the dice at T = {state['temperature']:g}",
    }
    tall, panels = HEIGHTS[state["width"]], []
    places = {kind: LEFT + column * (WIDE + BETWEEN) for column, kind in enumerate(heads)}
    for ink, (kind, x) in enumerate(places.items()):
        for row, (text, log2) in enumerate(zip(result[kind], result[f"{kind}, log2 p"])):
            notes = tune(result[f"{kind}, notes"], row)
            lines = [[result["begins"], low], [result["begins"], high]]
            inks = [ink if onset >= result["begins"] - 1e-6 else "faint" for onset in notes[:, 0]]
            layers = [Path("cursor", lines, ink="text", size=1, dash=True)]
            layers += [Notes("notes", notes, ink=inks, click=True)] if len(notes) else []
            title = f"{row + 1}:  log₂ p = {log2:.1f}   {written(text)}".replace("-", "−", 1)
            place = {"x": x, "y": TOP + 10 + row * (tall + 32), "cell": (WIDE, tall)}
            panels.append(
                Plane(f"{kind} {row + 1}", layers=layers, x_range=(0, end), y_range=(low, high), title=title, **place),
            )
    return panels, [{"x": places[kind], "y": 16, "text": said, "size": 15, "align": "left"} for kind, said in heads.items()]


def tune(notes: np.ndarray, number: int) -> np.ndarray:
    """The notes of one candidate."""
    return notes[notes[:, 0] == number, 1:]


def written(text: str) -> str:
    """A continuation as it is written above its notes."""
    said = "".join(shown(one) if one == "\n" else one for one in text.replace("<end>", " ■"))
    return said if len(said) <= LETTERS else said[: LETTERS - 1] + "…"


def alike(texts: list[str]) -> float:
    """The share of places at which two of these texts agree, mean over all pairs; 1 for a single text.

    >>> alike(["ab", "ac"]), alike(["abc"])
    (0.5, 1.0)
    """
    pairs = [[a == b for a, b in zip_longest(*pair)] for pair in combinations(texts, 2)]
    return float(np.mean([np.mean(pair) for pair in pairs])) if pairs else 1.0
