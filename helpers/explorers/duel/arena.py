"""The picture of a duel: the plane with real points, fakes, D's opinion, G's folded noise and its pulls; and four courses.

Notebook: 07b_gans. What it shows is computed in helpers/explorers/duel/numbers.py.
"""

from __future__ import annotations

import numpy as np

from helpers.concepts.adversarial import Kind
from helpers.datasets.clouds import REACH
from helpers.explorers.parts.numerals import powers
from helpers.views import Arrows, Dots, Path, Plane, contours

NODES = 41  # of D's heat map, along each side
LINES, ALONG = 13, 33  # of the manifold: lines in each direction, points along each
CLASSIFIERS = ("minimax", "non-saturating")  # whose D says a probability
REAL, FAKE = 0, 1  # inks
LONGEST, PER_PULL = 0.5, 0.15  # an arrow's length: units of the plane for each unit of the pull, and its most
RANGE = (-REACH, REACH)
HALVES = [(0.0, "0"), (0.5, "0.5"), (1.0, "1")]


def plane(result: dict, state: dict, kind: Kind) -> Plane:
    """The plane of notes."""
    scores, layers = result["opinion"], []
    if state["boundary"] and kind.middle is not None and scores.min() < result["middle"] < scores.max():
        layers.append(contours(scores, RANGE, RANGE, [result["middle"]], name="boundary", ink="white"))
        layers[-1].size = 2.5
    if state["manifold"] and len(result["manifold"]):
        net = np.pad(result["manifold"], ((0, 0), (0, 1), (0, 0)), constant_values=np.nan)  # a gap after each line
        layers.append(Path("manifold", net, ink=5, size=1.0))
    if state["reals"]:
        layers.append(Dots("real", result["real"], ink=REAL, size=3.0, shape="square", click=True))
    if state["fakes"]:
        layers.append(Dots("fake", result["fake"], ink=FAKE, size=4.0, click=True))
    if state["data"] == "drawn":
        names = ["a note to be learned: drag it, or Shift-click to remove it"] * len(state["drawn"])
        layers.append(Dots("drawn", state["drawn"], ink=REAL, size=9, shape="ring", drag=True, click=True, names=names))
    if state["trail"]:
        layers.append(Path("trail", result["trail"], ink="lock", size=2.0))
        layers.append(Dots("middle", result["trail"][-1:], ink="lock", size=7, shape="ring", names=["the middle of all fakes"]))
    if state["pulls"] and state["morph"] == 1:
        layers.append(Arrows("pulls", arrows(result["pulled"], result["pull"]), ink="match", size=1.5))
    return Plane(
        "plane",
        scores if state["heat"] else None,
        x=66,
        y=34,
        cell=(430, 430),
        x_range=RANGE,
        y_range=RANGE,
        lo=result["low"],
        hi=result["high"],
        digits=2,
        unit=f" = {opinion(state['loss'])}",
        title=f"real (blue squares), fake (red); colours: {opinion(state['loss'])}",
        column_axis="pitch (octaves from middle C)",
        row_axis="brightness",
        ticks=True,
        click=True,
        layers=layers,
    )


def opinion(loss: str) -> str:
    """What D's heat map shows."""
    return "D, probability of real" if loss in CLASSIFIERS else "D's score"


def arrows(at: np.ndarray, pull: np.ndarray) -> np.ndarray:
    """From each fake along its pull; very strong pulls are drawn shorter than they are."""
    strength = np.hypot(*pull.T)
    length = np.minimum(PER_PULL * strength, LONGEST) / np.where(strength > 0, strength, 1)
    return np.hstack([at, at + length[:, None] * pull])


def courses(result: dict, kind: Kind) -> list[Plane]:
    """Losses, gradients, modes and distance, move by move."""
    end = max(result["moves"], 2)
    marks, below = result["marks"], np.array([0, end])

    def level(name: str, at: float, ink: int | str) -> Path:
        return Path(name, np.column_stack([below, [at, at]]), ink=ink, dash=True, size=1.5)

    def both(what: str) -> list[Path]:
        return [Path(who, result[f"{who} {what}"], ink=ink, size=1.5, legend=True) for who, ink in (("D", REAL), ("G", FAKE))]

    lowest, highest = spread([result["D loss"], result["G loss"]], [kind.d, kind.g])
    g_low, g_high = spread([result["D gradient"], result["G gradient"]], [-1.0, 1.0])
    m_low, m_high = spread([marks[:, [0, 3]]], [np.log10(result["floor"]), -1.0])
    shares = [Path("modes", marks[:, [0, 1]], ink=2, legend=True), Path("near one", marks[:, [0, 2]], ink=3, legend=True)]
    alike = [level("even D", kind.d, REAL), level("even G", kind.g, FAKE)]
    distance = [Path("MMD²", marks[:, [0, 3]], ink=4), level("floor", np.log10(result["floor"]), "faint")]
    charts = [
        ("losses", "losses (dashed: if alike)", (lowest, highest), [*both("loss"), *alike], []),
        ("gradients", "length of the gradients", (g_low, g_high), both("gradient"), powers(g_low, g_high)),
        ("modes", "share of modes; of fakes near one", (-0.04, 1.5), shares if result["of"] else [], HALVES),
        ("distance", "MMD² (dashed: real from real)", (m_low, m_high), distance, powers(m_low, m_high)),
    ]
    return [
        Plane(
            name,
            x=560 + 282 * (k % 2),
            y=34 + 236 * (k // 2),
            cell=(206, 150),
            x_range=(0, end),
            y_range=ends,
            x_ticks=[(0, "0"), (end, f"{end:,}")],
            y_ticks=ticks,
            ticks=True,
            title=title,
            column_axis="move",
            scrub=True,
            live=True,
            layers=layers,
        )
        for k, (name, title, ends, layers, ticks) in enumerate(charts)
    ]


def spread(curves: list[np.ndarray], also: list[float]) -> tuple[float, float]:
    """From below the least to above the most of all of them."""
    every = np.concatenate([*(curve[:, 1] for curve in curves), also])
    low, high = every.min(), every.max()
    margin = 0.06 * (high - low) or 0.5
    return float(low - margin), float(high + 6 * margin)  # above them is room for the legend
