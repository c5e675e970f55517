"""The picture of two trainings: losses above gradients, step by step; a tune that is asked, both answers, a card of numbers.

Notebook: 05_rnns. What it shows is computed in helpers/explorers/clipping/clipping.py.
"""

from __future__ import annotations

import numpy as np

from helpers.concepts.clipping import BATCH, NOTES
from helpers.explorers.parts.numerals import powers, share, short
from helpers.views import Dots, Path, Plane, Stems, pitch_name

LEFT, WIDE, RIGHT, NARROW = 70, 610, 770, 280  # px
INKS = {"not clipped": 1, "clipped": 0}
PITCHES = (62, 66, 69, 74)  # D F♯ A d
NAMES = [pitch_name(pitch) for pitch in PITCHES]
ROOM = 1.26  # as far as the axes go: room for a name
FAINTEST = 1e-6  # what is less is drawn there


def planes(state: dict, result: dict) -> list[Plane]:
    """All planes of the present state."""
    return [_curves("loss", state, result), _curves("norm", state, result), _asked(result), _answers(result)]


def _curves(what: str, state: dict, result: dict) -> Plane:
    """Both runs' loss or gradient, a value a step, on an axis of powers of ten."""
    curves = {name: np.log10(np.maximum(result[f"{what}, {name}"], FAINTEST)) for name in INKS}
    steps = np.arange(1, len(result["loss, clipped"]) + 1) - 1
    level, name = (
        (np.log10(np.log(NOTES)), "guessing") if what == "loss" else (np.log10(state["clip"]), f"limit {short(state['clip'])}")
    )
    every = np.concatenate([*curves.values(), [level]])
    low, high = float(np.floor(every.min())), float(np.ceil(every.max() + 0.05))
    layers = [
        Path(run, np.column_stack([steps, curve]), ink=INKS[run], size=1.8, legend=what == "loss") for run, curve in curves.items()
    ]
    layers += [
        Path(name, [(0, level), (ROOM * steps[-1], level)], ink="text", size=1.2, dash=True),
        Dots(f"name of {name}", [(1.04 * steps[-1], level)], ink="text", size=1, names=[name], written=True),
    ]
    layers += [
        Dots(f"{run}, here", np.column_stack([steps, curve]), ink=INKS[run], size=6, timed=True) for run, curve in curves.items()
    ]
    loss, norm = f"loss on each batch of {BATCH} tunes; rate η = {state['lr']:.3g}", "length of the gradient, before clipping"
    return Plane(
        what,
        x=LEFT,
        y=30 if what == "loss" else 256,
        cell=(WIDE, 180),
        x_range=(0.0, ROOM * steps[-1]),
        y_range=(low, max(high, low + 2) + (what == "loss")),  # with room for the legend
        x_ticks=[(k - 1.0, str(k)) for k in (1, 50, 100, 150, 200)],
        y_ticks=powers(low, high),
        title=loss if what == "loss" else norm,
        column_axis="step of training" if what == "norm" else "",
        ticks=True,
        scrub=True,
        layers=layers,
    )


def _asked(result: dict) -> Plane:
    tune = result["tune"]
    at = np.column_stack([np.arange(len(tune)), tune])
    return Plane(
        "tune",
        x=RIGHT,
        y=30,
        cell=(NARROW, 84),
        x_range=(-0.8, len(tune) - 0.2),
        y_range=(-0.7, NOTES - 0.3),
        x_ticks=[(0.0, "")],
        y_ticks=[(float(i), name) for i, name in enumerate(NAMES)],
        title="a new tune: which note came first?",
        layers=[
            Path("tune", at, ink="faint", size=1.2),
            Dots("notes", at, ink="text", size=4, shape="square"),
            Dots("first", at[:1], ink="winner", size=9, shape="ring", names=["the first note"]),
        ],
    )


def _answers(result: dict) -> Plane:
    """How probable either net makes each note to have been the first."""
    notes = np.arange(NOTES)
    layers = [
        Stems(name, np.column_stack([notes + shift, result[f"answer, {name}"]]), ink=INKS[name], size=16)
        for (name, shift) in zip(INKS, (-0.16, 0.16), strict=True)
    ]
    layers.append(Dots("right", [(result["first"], -0.09)], ink="winner", size=5, shape="triangle", names=["it was this one"]))
    return Plane(
        "answers",
        x=RIGHT,
        y=156,
        cell=(NARROW, 100),
        x_range=(-0.6, NOTES - 0.4),
        y_range=(-0.18, 1.0),
        x_ticks=[(float(i), name) for i, name in enumerate(NAMES)],
        y_ticks=[(0.0, "0"), (0.5, "0.5"), (1.0, "1")],
        title="what the two nets answer at this step",
        ticks=True,
        layers=layers,
    )


def card(result: dict) -> list[dict]:
    """Numbers of this step: not clipped, clipped."""
    k = result["step"] - 1
    rows = [(f"step {result['step']}", list(INKS))]
    rows.append(("loss of this batch", [short(result[f"loss, {name}"][k]) for name in INKS]))
    rows.append(("|gradient|", [short(result[f"norm, {name}"][k]) for name in INKS]))
    rows.append(("is shortened to", [share(result[f"scale, {name}"][k]) for name in INKS]))
    rows.append(("right of 256", [str(result[f"right, {name}"]) for name in INKS]))
    rows.append(("spectral radius now", [short(result[f"radius, {name}"]) for name in INKS]))
    said = []
    for i, (name, values) in enumerate(rows):
        y = 306 + 26 * i
        said.append({"x": RIGHT - 50, "y": y, "text": name, "size": 13, "align": "left"})
        said += [{"x": x, "y": y, "text": value, "size": 13} for x, value in zip((RIGHT + 140, RIGHT + 246), values, strict=True)]
    return said
