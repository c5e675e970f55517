"""The picture of a race downhill: the surface with the paths, the losses, the α × β pad, the two modes, the state card.

Notebook: 03_gradient_descent. What it shows is computed in helpers/explorers/descent/descent.py.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from helpers.concepts.descent import OPTIMISERS, USES, Run, modes
from helpers.concepts.surfaces import Surface
from helpers.explorers.parts.numerals import powers, short
from helpers.views import Arrows, Dots, Path, Plane, contours

NODES = 61  # of the surface's picture, along each side
LEVELS = 12
DECADES = 8  # of the loss, below the highest place of the picture
RATES, BETAS = np.linspace(-4, 1, 26), np.linspace(0, 0.98, 15)  # of the pad: log₁₀ of the learning rate, and β
INKS = {name: i for i, name in enumerate(OPTIMISERS)} | {"Adam": "match"}  # six series are one blue short
TINY = 1e-30


@lru_cache(maxsize=16)
def relief(surface: Surface) -> tuple[np.ndarray, Path, float]:
    """log₁₀ of the loss above its least, what lies below a hundred-thousandth cut off; contours; its highest place."""
    values = surface.grid(NODES, NODES) - surface.least
    values = np.log10(np.maximum(values, values.max() * 1e-5))
    levels = np.quantile(values, np.linspace(0.02, 0.97, LEVELS))
    return values, contours(values, surface.x_range, surface.y_range, np.unique(levels).tolist(), ink="white"), float(values.max())


def left(loss: np.ndarray, surface: Surface) -> np.ndarray:
    """log₁₀ of the loss above its least."""
    return np.log10(np.maximum(loss - surface.least, TINY))


def floor_of(surface: Surface, title: str) -> Plane:
    """The surface from above, without paths."""
    values, lines, top = relief(surface)
    return Plane(
        "surface",
        values,
        x=56,
        y=32,
        cell=(400, 400),
        x_range=surface.x_range,
        y_range=surface.y_range,
        lo=float(values.min()),
        hi=top,
        digits=1,
        unit=" = log₁₀ of the loss above its least",
        title=title,
        ticks=True,
        click=True,
        layers=[lines],
    )


def surface_plane(surface: Surface, runs: dict[str, Run], follow: str, start: list[float], title: str) -> Plane:
    """Paths as far as the transport, the next step of the one that is followed, the minima and the start."""
    plane = floor_of(surface, title)
    plane.layers.append(
        Dots("minima", surface.minima, shape="cross", ink="white", size=5, names=["a minimum"] * len(surface.minima))
    )
    plane.layers += [Path(name, run.path, ink=INKS[name], size=2.5, timed=True) for name, run in runs.items()]
    path = runs[follow].path
    steps = np.concatenate([np.hstack([path[:-1], path[1:]]), np.full((1, 4), np.nan)])
    plane.layers.append(Arrows("next step", steps, ink="white", size=2.5, timed=True))
    plane.layers.append(Dots("start", [start], ink="text", shape="ring", size=8, names=["the start: drag it"], drag=True))
    return plane


def loss_plane(surface: Surface, runs: dict[str, Run], steps: int) -> Plane:
    """The loss above its least against steps, on an axis of logarithms that stays where it is."""
    top = np.ceil(relief(surface)[2])
    return Plane(
        "loss",
        x=540,
        y=32,
        cell=(300, 172),
        title="loss above its least",
        x_range=(0, steps),
        y_range=(top - DECADES, top + 0.5),
        y_ticks=powers(top - DECADES, top, every=2),
        x_ticks=[(0, "0"), (steps / 2, f"{steps / 2:g}"), (steps, f"{steps}")],
        column_axis="step",
        scrub=True,
        live=True,
        layers=[
            Path(name, np.column_stack([np.arange(len(run.loss)), left(run.loss, surface)]), ink=INKS[name], legend=True)
            for name, run in runs.items()
        ],
    )


def pad_plane(found: np.ndarray, steps: int, here: tuple[float, float], best: tuple[float, float] | None) -> Plane:
    """Steps that momentum needs for each learning rate and β (−1: more than there are), and which one is chosen."""
    layers = (
        []
        if best is None
        else [Dots("best", [[np.log10(best[0]), best[1]]], ink="lock", shape="cross", names=["the best in the long run"])]
    )
    chosen = [[np.log10(here[0]), here[1]]]
    point = Dots("chosen", chosen, ink=INKS["momentum"], size=7, drag=True, names=["momentum: drag it"])
    return Plane(
        "pad",
        np.where(found < 0, np.nan, found),
        x=540,
        y=268,
        cell=(300, 164),
        x_range=(RATES[0], RATES[-1]),
        y_range=(BETAS[0], BETAS[-1]),
        lo=0,
        hi=1.35 * steps,  # the palest colours are lost on white paper
        digits=0,
        unit=" steps",
        title="momentum: steps until 1/10,000 is left",
        x_ticks=powers(RATES[0], RATES[-1], every=2),
        y_ticks=[(0.0, "0"), (0.5, "0.5"), (0.9, "0.9")],
        column_axis="learning rate",
        row_axis="β",
        click=True,
        live=True,
        layers=[*layers, point],
    )


def modes_plane(surface: Surface, name: str, run: Run, steps: int) -> Plane:
    """The error of one run along each of the quadratic's own axes."""
    flat, steep = np.log10(np.maximum(np.abs(modes(surface.hessian, run.path)), TINY)).T
    at = np.arange(len(run.path))
    return Plane(
        "modes",
        x=920,
        y=32,
        cell=(160, 172),
        title=f"{name}: error by axis",
        x_range=(0, steps),
        y_range=(-4.0, 1.0),
        y_ticks=powers(-4, 1, every=2),
        x_ticks=[(0, "0"), (steps, f"{steps}")],
        column_axis="step",
        scrub=True,
        live=True,
        layers=[
            Path("flat", np.column_stack([at, flat]), ink="text", legend=True),
            Path("steep", np.column_stack([at, steep]), ink="text", dash=True, legend=True),
        ],
    )


def card(state: dict, result: dict) -> list[dict]:
    """The settings of the followed optimiser, and what it keeps at the present step, by axis."""
    name = state["follow"]
    rows = [
        (f"{name} at {result['step']}", "x", "y"),
        ("place", *(short(v) for v in result["place"])),
        ("gradient", *(short(v) for v in result["gradient"])),
        ("velocity m", *(short(v) for v in result["velocity"])),
        ("mean square v", *(short(v) for v in result["square"])),
        ("rate by axis", *(short(v) for v in result["effective"])),
    ]
    said = []
    for i, (first, *numbers) in enumerate(rows):
        y = 264 + 24 * i
        said.append({"x": 866, "y": y, "text": first, "size": 13, "align": "left"})
        said += [{"x": x, "y": y, "text": text, "size": 13} for x, text in zip((993, 1057), numbers, strict=True)]
    betas = "".join(f", {symbol} {state[b]:.3g}" for b, symbol in (("beta", "β"), ("beta2", "β₂")) if b in USES[name])
    lines = [f"its rate {state['lr']:.4g}{betas}"]
    if "rate" in result:
        lines.append(f"error × {result['rate']:.3f} a step, far on")
    return said + [{"x": 866, "y": 412 + 24 * i, "text": text, "size": 13, "align": "left"} for i, text in enumerate(lines)]
