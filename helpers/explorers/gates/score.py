"""The picture of the gates: the tune, all units of one gate below it, one unit's curves with the brush, and what was found.

Notebook: 05_rnns. What it shows is computed in helpers/explorers/gates/gates.py.
"""

from __future__ import annotations

import numpy as np

from helpers.datasets.melodies import Melody, notes_of
from helpers.views import Dots, Notes, Path, Plane

LEFT, WIDE, RIGHT, NARROW = 64, 690, 830, 230  # px
SHOWN = 3  # matches that are drawn
WORDS = {"forget": "forget gate", "input": "input gate", "output": "output gate", "update": "update gate", "reset": "reset gate"}
WORDS |= {name: name for name in ("candidate", "cell", "state")}


def planes(state: dict, result: dict, melodies: list[Melody], names: tuple[str, ...]) -> list[Plane]:
    """All planes of the present state; names: the gates whose curves are in result["others"]."""
    steps = len(result["values"])
    melody = melodies[state["melody"]]
    return [
        _roll(state, result, melody, steps),
        _units(state, result),
        _curves(state, result, names),
        *(
            _found(i, melodies[piece], start, state["last"] - state["first"] + 1)
            for i, (piece, start, _) in enumerate(result["matches"][:SHOWN].tolist())
        ),
    ]


def _notes(step: np.ndarray) -> np.ndarray:
    """Rows of onset, duration (in steps; a step's middle is its number) and pitch."""
    return np.array([(2 * note.onset - 0.5, 2 * note.duration, note.pitch) for note in notes_of(step)]).reshape(-1, 3)


def _share(values: np.ndarray, gate: str) -> np.ndarray:
    """From 0 to 1."""
    return np.clip((values + 1) / 2 if gate in ("candidate", "cell", "state") else values, 0, 1)


def _roll(state: dict, result: dict, melody: Melody, steps: int) -> Plane:
    notes = _notes(melody.step[:steps])
    open_ = _share(result["curve"], state["gate"])
    strength = [0.15 + 0.85 * open_[int(onset + 0.5)] for onset in notes[:, 0]]
    bars = np.flatnonzero(melody.bar[:steps]) - 0.5
    low, high = notes[:, 2].min() - 2, notes[:, 2].max() + 2
    lines = np.concatenate([[(x, low), (x, high), (np.nan, np.nan)] for x in bars]) if len(bars) else np.full((1, 2), np.nan)
    return Plane(
        "roll",
        x=LEFT,
        y=30,
        cell=(WIDE, 120),
        x_range=(-0.5, steps - 0.5),
        y_range=(low, high),
        x_ticks=[(0.0, "")],
        title=f"{melody.title}, in {melody.kind}: notes as strong as the chosen unit's {WORDS[state['gate']]}",
        row_axis="pitch",
        ticks=True,
        scrub=True,
        layers=[Path("bars", lines, ink="faint", size=1), Notes("notes", notes, strength=strength, timed=True)],
    )


def _units(state: dict, result: dict) -> Plane:
    values = result["values"].T[::-1]  # unit 0 on top
    units, steps = values.shape
    signed = state["gate"] in ("candidate", "cell", "state")
    large = max(1.0, float(np.abs(values).max()))
    inset = 0.5 * WIDE / steps
    on = [[steps - 1, units - 1 - unit] for unit in result["units"].tolist()]
    chosen = units - 1 - state["unit"]
    return Plane(
        "units",
        values,
        x=LEFT + inset,
        y=180,
        cell=(WIDE - 2 * inset, 150),
        x_range=(0.0, steps - 1),
        y_range=(0.0, units - 1),
        lo=-large if signed else 0.0,
        hi=large if signed else 1.0,
        palette="diverging" if signed else "sequential",
        title=f"{WORDS[state['gate']]} of all {units} units (click one); dots: on throughout the brush",
        x_ticks=[(0.0, "")],
        y_ticks=[(float(units - 1), "0"), (0.0, str(units - 1))],
        row_axis="unit",
        click=True,
        layers=[
            Path("chosen", [(0, chosen), (steps - 1, chosen)], ink="window", size=1.5, dash=True),
            Dots("on", on, ink="winner", size=4),
        ],
    )


def _curves(state: dict, result: dict, names: tuple[str, ...]) -> Plane:
    steps = len(result["curve"])
    at, large = np.arange(steps), max(1.0, float(np.abs(result["curve"]).max()))
    signed = state["gate"] in ("candidate", "cell", "state")
    ends = [(state["first"], state["threshold"]), (state["last"], state["threshold"])]
    return Plane(
        "curves",
        x=LEFT,
        y=362,
        cell=(WIDE, 84),
        x_range=(-0.5, steps - 0.5),
        y_range=(-1.05 * large if signed or state["threshold"] < 0 else -0.05, 1.05 * large),
        title=f"unit {state['unit']}'s {WORDS[state['gate']]}; drag the two ends of the brush, its height is the threshold",
        column_axis="step: eighth notes",
        ticks=True,
        scrub=True,
        layers=[
            Path("curve", np.column_stack([at, result["curve"]]), ink=0, size=2.5),
            Path("brush", ends, ink="winner", size=3),
            Dots("ends", ends, ink="winner", size=7, names=["the brush begins: drag", "the brush ends: drag"], drag=True),
            Dots("here", np.column_stack([at, result["curve"]]), ink=0, size=6, timed=True),
        ],
    )


def _found(i: int, melody: Melody, start: int, length: int) -> Plane:
    notes = _notes(melody.step[start : start + length])
    pitches = notes[:, 2] if len(notes) else np.array([60.0, 72.0])
    title = melody.title if len(melody.title) < 22 else melody.title[:20] + "…"
    return Plane(
        f"found {i}",
        x=RIGHT,
        y=70 + 130 * i,
        cell=(NARROW, 60),
        x_range=(-0.5, length - 0.5),
        y_range=(pitches.min() - 2, pitches.max() + 2),
        x_ticks=[(-0.5, "")],
        title=f"{title}, from {start}",
        layers=[Notes("notes", notes, ink=2)],
    )


def _few(units: np.ndarray) -> str:
    """The first units of the list.

    >>> _few(np.array([1, 4])), _few(np.arange(9))
    ('1, 4', '0, 1, 2, 3, …')
    """
    return ", ".join(map(str, units[:4])) + ", …" * (len(units) > 4)


def labels(state: dict, result: dict) -> list[dict]:
    """What was found, in words."""
    count = len(result["units"])
    head = f"elsewhere, of these {count}: {_few(result['units'])}" if count else "no unit is on throughout"
    said = [{"x": RIGHT, "y": 34, "text": head, "size": 14, "align": "left"}]
    for i, (_, _, units) in enumerate(result["matches"][:SHOWN].tolist()):
        said.append({"x": RIGHT + NARROW - 20, "y": 148 + 130 * i, "text": f"{units} on", "size": 13})
    return said
