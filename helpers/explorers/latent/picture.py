"""The picture of `Latent`: the map on the left, a note and its reconstruction on the right, three strips of pictures below them.

Notebook: 07a_autoencoders. What it shows is computed in helpers/explorers/latent/latent.py.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float

from helpers.concepts.mixture import ellipse
from helpers.datasets.harmonics import ROWS
from helpers.datasets.notes import FAMILIES
from helpers.explorers.latent.space import REACH, Space
from helpers.explorers.parts.numerals import number
from helpers.explorers.parts.timbres import LOOKS, STRIDE, strip
from helpers.views import Arrows, Dots, Panel, Path, Plane
from helpers.views.stage import Layer, colours

MAP, LEFT, TOP = 440, 56, 34  # px
EVERY = 2  # of the training notes every so-manieth is a dot
RIGHT, LARGE, APART = 560, 4, 146  # px: where the pictures begin, of a cell, from one picture to the next
STRIP, STRIP_TOP, HIGH = 500, 206, 44  # px: how long a strip is, where the first begins, how high each is
GROUNDS = {"8 × 8 decoded": 8, "12 × 12 decoded": 12, "how fast it changes": 0, "nothing": 0}
COLOURS = ("family", "brightness", "fading", "nothing")
NEW = "error"
SHAPES = ("circle", "triangle")  # six colours and two shapes tell eleven families apart
NO = (math.nan, math.nan)
STROKES = (
    [(0, 0), (0.5, 1), (1, 0), NO, (0.2, 0.35), (0.8, 0.35)],
    [(0, 0), (0, 1), (0.7, 0.9), (0.7, 0.6), (0, 0.5), (0.9, 0.4), (0.9, 0.1), (0, 0)],
    [(1, 0.85), (0.5, 1), (0, 0.6), (0, 0.4), (0.5, 0), (1, 0.15)],
    [(0, 0), (0, 1), (0.6, 0.9), (1, 0.5), (0.6, 0.1), (0, 0)],
)
UNITS = {"brightness": "harmonic number", "fading": "dB"}


def panels(state: dict, result: dict, space: Space, over: Float[np.ndarray, "2"]) -> list[Panel]:
    """All panels. over: where the pointer is on the map."""
    found = [
        _map(state, result, space),
        _picture("decoded", result["decoded"], 0, "decoded at z", live=True),
        pointer(space, over),
    ]
    if state["colour"] == "family":
        found.append(_families())
    if "note" in result:
        found += [
            _picture("note", result["note"], 2, f"new: {state['note']}"),
            _picture("made", result["made"], 3, "decoded again"),
        ]
    ends = " → ".join("ABCD"[: len(state["points"])])
    rows = {
        "walked": (f"{ends}, by codes", result["walked"]),
        "faded": (f"{ends}, cross-faded", result["faded"]),
        "samples": (f"codes drawn, σ = {number(state['sigma'], 1)}", result["samples"]),
    }
    return found + [_strip(name, row, STRIP_TOP + 26 + 90 * i, title) for i, (name, (title, row)) in enumerate(rows.items())]


def pointer(space: Space, over: Float[np.ndarray, "2"]) -> Panel:
    """What is decoded at the place of the grid that the pointer is nearest to; it was decoded beforehand."""
    place, seen = space.near(*over)
    return _picture("pointer", seen, 1, f"pointer ({', '.join(number(float(v), 1) for v in place)})")


def _picture(name: str, values: Float[np.ndarray, "24 32"], place: int, title: str, live: bool = False) -> Panel:
    return Panel(name, values, x=RIGHT + place * APART, y=TOP + 20, cell=(LARGE, LARGE), title=title, live=live, **LOOKS)


def _strip(name: str, pictures: Float[np.ndarray, "step 24 32"], y: float, title: str) -> Panel:
    """Pictures side by side, a blank column between them."""
    cell = min(STRIP / (STRIDE * len(pictures)), 1.9)
    return Panel(name, strip(pictures)[:, :-1], x=RIGHT, y=y, cell=(cell, HIGH / ROWS), coarse=True, title=title, **LOOKS)


def _map(state: dict, result: dict, space: Space) -> Plane:
    values, looks = None, {"hi": 1.5}  # darker than the pictures: dots are to stand out
    if side := GROUNDS[state["ground"]]:
        values = _thumbnails(space, side)
    elif state["ground"] == "how fast it changes":
        values, looks = space.slopes, {"hi": float(np.quantile(space.slopes, 0.98)), "digits": 1, "unit": " dB a step"}
    axis = ("first number of the code", "second") if space.model.latent == 2 else ("first main direction", "second")
    return Plane(
        "map", values, x=LEFT, y=TOP, cell=(MAP, MAP), x_range=(-REACH, REACH), y_range=(-REACH, REACH), ticks=True, live=True,
        click=True, hover=True, column_axis=axis[0], row_axis=axis[1], title="the map of codes",
        layers=[*_notes(state["colour"], space), *_moving(state, result)], **looks,
    )  # fmt: skip


def _families() -> Plane:
    """Which family has which colour and shape."""
    column, row = np.divmod(np.arange(len(FAMILIES)), 2)
    layers = [
        Dots(name, [[1.0 + column[k], 2.0 - row[k]]], names=[name], written=True, **_mark(k)) for k, name in enumerate(FAMILIES)
    ]
    return Plane(
        "families", x=RIGHT, y=TOP + 128, cell=(STRIP + 60, 42), x_range=(0.8, 6.9), y_range=(0.5, 3.0), layers=layers,
    )  # fmt: skip


def _mark(family: int) -> dict:
    return {"ink": family % 6, "shape": SHAPES[family // 6], "size": 3}


@lru_cache(maxsize=12)
def _thumbnails(space: Space, side: int) -> Float[np.ndarray, "row column"]:
    return space.mosaic(side)


@lru_cache(maxsize=12)
def _notes(colour: str, space: Space) -> list[Layer]:
    """The training notes as dots, and in which direction what colours them grows."""
    if colour == "nothing":
        return []
    xy, notes = space.dots[::EVERY].numpy(), space.notes[slice(None, None, EVERY)]
    names = [notes.label(i).split(": ")[1] for i in range(len(notes))]
    if colour == "family":
        layers = []
        for k, family in enumerate(FAMILIES):
            mine = np.flatnonzero(notes.family.numpy() == k)
            if len(mine):
                layers.append(Dots(family, xy[mine], **_mark(k), names=[f"{family}: {names[i]}" for i in mine]))
        return layers
    values = space.values[colour][::EVERY].numpy()
    inks = colours(values, *np.quantile(values, [0.02, 0.98]).tolist())
    slope, _ = space.uphill[colour]
    tip = slope.numpy() / max(float(slope.norm()), 1e-9) * 1.5
    said = [f"{name}: {number(float(v), 1)} ({UNITS[colour]})" for name, v in zip(names, values)]
    return [Dots("notes", xy, ink=inks, size=3, names=said), Arrows("grows", [[0, 0, *tip]], ink="text", size=4)]


def _moving(state: dict, result: dict) -> list[Layer]:
    """The way, the new note's Gaussian, what was drawn, and the places that a hand can move."""
    layers: list[Layer] = [
        Dots("drawn", result["drawn"], ink="lock", size=6, shape="cross", names=["drawn"] * len(result["drawn"]))
    ]
    if "mean" in result:
        layers += [
            Path("its Gaussian, 2 σ", _ellipse(result), ink=NEW, size=3),
            Dots("new note", [result["mean"]], ink=NEW, size=4, shape="square", names=[f"the new {state['note']}"]),
        ]
    if len(state["points"]) > 1:
        layers.append(Path("way", result["path"], ink="match", size=3))
    layers += [Path(f"letter {k}", _letter(k, at), ink="match", size=2) for k, at in enumerate(state["points"])]
    names = list("ABCD"[: len(state["points"])])
    layers.append(Dots("points", state["points"], ink="match", size=8, shape="ring", names=names, drag=True))
    layers.append(Dots("z", [state["z"]], ink="winner", size=9, shape="circle", names=["z"], drag=True))
    return layers


def _ellipse(result: dict) -> Float[np.ndarray, "corner 2"]:
    return ellipse(torch.from_numpy(result["mean"]), torch.from_numpy(result["covariance"]), corners=65).numpy()


def _letter(k: int, at: list[float]) -> Float[np.ndarray, "stroke 2"]:
    """A, B, C or D as strokes beside a place: a text would have the theme's colour, which the ground may swallow."""
    x, y = (min(v, REACH - room) for v, room in zip(at, (0.4, 0.4)))
    return np.array([x + 0.16, y + 0.12]) + np.array(STROKES[k], dtype=float) * [0.14, 0.2]
