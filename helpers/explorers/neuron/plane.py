"""The picture of the neuron explorer: the plane of features, the activation, loss and accuracy, what each hidden unit sees.

Notebook: 01_neurons. What it shows is computed in helpers/explorers/neuron/numbers.py.
"""

from __future__ import annotations

import numpy as np

from helpers.concepts.activation import ACTIVATIONS
from helpers.datasets.timbre import Ticks
from helpers.datasets.toys import Toy
from helpers.explorers.parts.numerals import number
from helpers.views import Arrows, Dots, Panel, Path, Plane, contours

NODES, COARSE = 49, 4  # places along each side of a map; of a thumbnail every fourth
INKS = (0, 4)  # of the two classes
SHAPES = ("circle", "square")
LINE = "lock"  # stands out from all colours of the map, in a light and a dark theme
BESIDE, THUMB = 546, 3  # x of the column of curves in px; px of a thumbnail's cell
WITHIN_ONE = ("step", "sigmoid")  # outputs from 0 to 1


def features(
    result: dict, state: dict, points: np.ndarray, toy: Toy | None, own: tuple[Ticks, Ticks], box: tuple[float, float]
) -> Plane:
    """The map of what the unit says, the line between the classes, the points and the handles. own: ticks without a toy."""
    lo, hi = _span(result["map"], _activation(state))
    names = toy.classes if toy else ("class 0", "class 1")
    layers = [*_lines(result, box), *_points(result, state, points, names)]
    if "arrow" in result:
        layers.append(Arrows("weights", [result["arrow"]], ink=LINE, size=3.5))
        handles = [result["arrow"][:2], result["arrow"][2:]]
        said = ["drag: moves the line (bias)", "drag: turns it (weights)"]
        layers.append(Dots("handles", handles, ink=LINE, shape="ring", size=9, names=said, drag=True))
    ticks = toy.ticks if toy else own
    return Plane(
        "features",
        result["map"],
        x=84,
        y=32,
        cell=(400, 400),
        x_range=box,
        y_range=box,
        lo=lo,
        hi=hi,
        palette="diverging",
        title=_formula(result, state),
        column_axis=toy.axes[0] if toy else "spectral centroid in Hz",
        row_axis=toy.axes[1] if toy else "attack time in ms",
        x_ticks=ticks[0],
        y_ticks=ticks[1],
        ticks=True,
        click=True,
        layers=layers,
    )


def _span(values: np.ndarray, activation: str) -> tuple[float, float]:
    """The ends of the colours, so that their middle lies between the classes."""
    if activation in WITHIN_ONE:
        return 0.0, 1.0
    reach = 1.0 if activation == "tanh" else max(float(np.abs(values).max()), 1e-6)
    return -reach, reach


def _activation(state: dict) -> str:
    """The activation of the unit that is shown."""
    return "sigmoid" if state["unit"] == "output" and state["layers"] else state["activation"]


def _lines(result: dict, box: tuple[float, float]) -> list[Path]:
    """Where z is 0, between the classes, and where it is −1 and 1: straight for a single neuron, else contours."""
    if "boundary" in result:
        margins = np.insert(result["margins"], np.arange(2, len(result["margins"]), 2), np.nan, axis=0)
        found = [Path("z = ±1", margins), Path("z = 0", result["boundary"])]
    else:
        found = [contours(result["boundary_map"], box, box, levels) for levels in ([-1.0, 1.0], [0.0])]
    return [Path("z = ±1", found[0].xy, ink=LINE, size=1, dash=True), Path("z = 0", found[1].xy, ink=LINE, size=3)]


def _points(result: dict, state: dict, points: np.ndarray, names: tuple[str, str]) -> list[Dots]:
    """The points of each class, and a ring around the one that is heard."""
    said = [f"{names[int(label)]}: ŷ = {number(float(y), 2)}" for (*_, label), y in zip(points, result["outputs"], strict=True)]
    layers = []
    for label in (0, 1):
        here = np.flatnonzero(points[:, 2] == label)
        layers.append(
            Dots(
                f"class {label}",
                points[here, :2],
                ink=INKS[label],
                shape=SHAPES[label],
                size=5,
                names=[said[i] for i in here],
                drag=state["data"] != "yours",
                click=True,
            )
        )
    if state["picked"] >= 0:
        layers.insert(0, Dots("heard", [points[state["picked"], :2]], ink="error", shape="ring", size=10))
    return layers


def activation(result: dict, state: dict, labels: np.ndarray) -> Plane:
    """The activation's curve, and every point on it at its pre-activation."""
    name = _activation(state)
    reach = 4.0
    while reach < np.abs(result["z"]).max() and reach < 64:
        reach *= 2
    grid = np.linspace(-reach, reach, 201)
    value = ACTIVATIONS[name].value
    curve = value(grid)
    low, high = (-0.1, 1.1) if name in WITHIN_ONE else (min(-1.1, curve.min() * 1.1), max(1.1, curve.max() * 1.1))
    at = np.clip(result["z"], -reach, reach)
    marks = [
        Dots(f"class {label}", np.stack([at, value(at)], 1)[labels == label], ink=INKS[label], shape=SHAPES[label], size=4)
        for label in (0, 1)
    ]
    who = (
        "the neuron"
        if state["unit"] == "output" and not state["layers"]
        else "the output"
        if state["unit"] == "output"
        else f"unit {state['unit']}"
    )
    return Plane(
        "activation",
        x=BESIDE,
        y=32,
        cell=(290, 130),
        x_range=(-reach, reach),
        y_range=(float(low), float(high)),
        title=f"{name} of {who}: where each point lies",
        column_axis="pre-activation z",
        ticks=True,
        live=True,
        layers=[Path("curve", np.stack([grid, curve], 1), ink="text"), *marks],
    )


def curves(result: dict, state: dict, frames: int) -> list[Plane]:
    """Loss and accuracy of every step; pointing at them scrubs."""
    at = np.arange(len(result["losses"]))
    ticks = [(frames * i / 4, f"{state['steps'] * i // 4:,}") for i in range(5)]
    shared = {"x": BESIDE, "x_range": (0, frames), "x_ticks": ticks, "scrub": True, "live": True, "ticks": True}
    top = max(float(result["losses"].max()) * 1.05, 1e-3)
    lost, right = (np.stack([at, result[name]], 1) for name in ("losses", "accuracies"))
    return [
        Plane(
            "loss",
            y=232,
            cell=(290, 88),
            y_range=(0, top),
            title=f"{state['loss']} loss, learning rate {state['lr']:.3g}",
            layers=[Path("loss", lost, ink=1)],
            **shared,
        ),
        Plane(
            "accuracy",
            y=372,
            cell=(290, 60),
            y_range=(0, 1.05),
            y_ticks=[(0, "0"), (0.5, "50 %"), (1, "100 %")],
            title="points on the right side",
            column_axis="step",
            layers=[Path("accuracy", right, ink=2)],
            **shared,
        ),
    ]


def thumbnails(drawn: list[np.ndarray], state: dict) -> list[Panel]:
    """What each hidden unit says all over the plane, a column a layer, and last the output."""
    if len(drawn) == 1:
        return []
    side = len(range(0, NODES, COARSE)) * THUMB
    panels = []
    for layer, maps in enumerate(drawn):
        for unit, values in enumerate(maps):
            last = layer == len(drawn) - 1
            name = "output" if last else f"{layer + 1}.{unit + 1}"
            lo, hi = _span(values, "sigmoid" if last else state["activation"])
            panels.append(
                Panel(
                    f"unit {name}",
                    values[::COARSE, ::COARSE],
                    x=BESIDE + 326 + layer * (side + 16),
                    y=32 + unit * (side + 9),
                    cell=(THUMB, THUMB),
                    title="" if unit else ("out" if last else f"{layer + 1}"),
                    palette="diverging",
                    lo=lo,
                    hi=hi,
                    flip=True,
                    coarse=True,
                    hover=True,
                    click=True,
                    whole=True,
                )
            )
    return panels


def chosen(state: dict) -> list[dict]:
    """An outline around the thumbnail whose map is shown."""
    if not state["layers"]:
        return []
    side = len(range(0, NODES, COARSE))
    return [{"panel": f"unit {state['unit']}", "row": 0, "column": 0, "height": side, "width": side, "ink": "lock"}]


def _formula(result: dict, state: dict) -> str:
    """The neuron with its numbers, or the network's sizes."""
    if state["layers"]:
        sizes = " → ".join(map(str, [2, *[state["units"]] * state["layers"], 1]))
        return f"{sizes}, {result['parameters']} parameters; shown: {state['unit']}"
    w1, w2, b = (float(v) for v in result["weights"])
    return f"ŷ = φ({number(w1, 2)} x₁ {_signed(w2)} x₂ {_signed(b)})"


def _signed(value: float) -> str:
    said = number(float(value), 2)
    return f"− {said[1:]}" if said.startswith("−") else f"+ {said}"
