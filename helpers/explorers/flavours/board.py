"""The pictures of `Flavours`, one layout for each thing it shows. Notebook: 07b_gans. What they show: making.py."""

from __future__ import annotations

import numpy as np

from helpers.datasets.notes import FAMILIES
from helpers.explorers.flavours.making import DRAWINGS, ENLARGED, PLACES, SIZES
from helpers.explorers.parts.numerals import number
from helpers.explorers.parts.timbres import HARMONICS, MOMENTS
from helpers.views import Panel, Path, Plane

LEFT, TOP = 12, 30
LEVELS, BANDS = {"lo": 0.0, "hi": 1.0}, {"lo": -0.5, "hi": 0.5, "palette": "diverging"}  # half of 60 dB, up and down
Board = tuple[list[Panel], list[dict], list[dict]]  # panels, labels, marks


def percent(share: float) -> str:
    """A share in whole per cents."""
    return f"{100 * share:.0f} %"


def called(family: str) -> str:
    """A family as one says it: synth_lead is a synth lead."""
    return family.replace("_", " ")


def drawn(result: dict, state: dict) -> Board:
    """The drawing looked at, large; all of them; and its noise with every family."""
    at, family = state["a"], state["family"]
    panels = [_large(result["drawings"][at], f"{called(family)}, drawing {at + 1}")]
    for k in range(DRAWINGS):
        said = f"{called(family)}? {percent(result['taken'][k])}"
        x, y = LEFT + 292 + (k % 4) * 190, TOP + (k // 4) * 136
        panels.append(_small(f"drawing {k}", result["drawings"][k], x, y, (5, 3.9), f"drawing {k + 1}", said))
    for k, name in enumerate(FAMILIES):
        x, said = LEFT + k * 95, percent(result["kin taken"][k])
        panels.append(_small(f"kin {name}", result["kin"][k], x, 350, (2.6, 2.6), called(name), said))
    text = f"The noise of drawing {at + 1} with every family. Below each picture: how sure the judge is of its family."
    return panels, [_label(text, LEFT, 318)], [_mark(f"drawing {at}"), _mark(f"kin {family}")]


def between(result: dict, state: dict) -> Board:
    """The way's pictures in a row, one of them large, and what the judge hears along it."""
    at, across = state["place"], np.arange(PLACES)
    ends = (("family", "A", 0), ("to", "B", 1))[: 1 + (state["to"] != state["family"])]
    curves = [
        Path(called(state[name]), np.stack([across, result[f"heard as {end}"]], 1), ink=ink, legend=True) for name, end, ink in ends
    ]
    heard = Plane(
        "heard", x=380, y=TOP, cell=(660, 192), x_range=(-0.5, PLACES - 0.5), y_range=(0, 1.5), layers=curves, scrub=True,
        x_ticks=[(float(k), str(k + 1)) for k in across], y_ticks=[(0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %")],
        title="how sure the judge is of each family", column_axis="place",
    )  # fmt: skip
    panels = [_large(result["way"][at], f"place {at + 1} of {PLACES}"), heard]
    for k in range(PLACES):
        said = f"+{number(result['steps'][k - 1], 1)} dB" if k else ""
        title = {0: "1: A", PLACES - 1: f"{PLACES}: B"}.get(k, str(k + 1))
        panels.append(_small(f"place {k}", result["way"][k], LEFT + k * 117, 320, (3.3, 3.3), title, said))
    return panels, [], [_mark(f"place {at}")]


def pyramid(result: dict, state: dict) -> Board:
    """Coarse picture, band, picture, band, picture: above the LAPGAN's, below those of a real note."""
    panels, labels = [], []
    for who, said, y in (("made", "LAPGAN", TOP), ("real", "real note", TOP + 206)):
        for k, size in enumerate(SIZES):
            cell = (24 / 2**k, 24 / 2**k)
            x = LEFT + 2 * k * 214
            panels.append(_small(f"{who} {size}", result[f"{who} {size}"], x, y, cell, f"{said}, {size}"))
            if k:
                panels.append(
                    _small(f"{who} band {size}", result[f"{who} band {size}"], x - 214, y, cell, f"band, {size}", looks=BANDS)
                )
                labels += [_label("+", x - 229, y + 78), _label("=", x - 16, y + 78)]
    name = [*(f"made {size}" for size in SIZES), f"real {SIZES[-1]}"][state["place"]]
    return panels, labels, [_mark(name, *np.shape(result[name]))]


def enlarged(result: dict, state: dict) -> Board:
    """The small picture, its enlargements and the real note; below, where each is too loud or too soft."""
    panels, top = [], TOP + 190
    for k, (name, title) in enumerate(ENLARGED.items()):
        x, cell = LEFT + k * 176, 20 if name == "low" else 5
        made = result["low"] if name == "low" else result["enlarged"][k]
        off = "" if name == "real" else f"{number(result['off'][k], 1)} dB off"
        panels.append(_small(f"enlarged {name}", made, x, TOP, (cell, cell), title, off))
        if name != "real":
            error, apart = result["enlarged"][k] - result["enlarged"][-1], f"judge: {number(result['apart'][k], 1)} apart"
            panels.append(_small(f"error {name}", error, x, top, (5, 5), said=apart, looks=BANDS))
    text = "Where each has too much or too little, up to 30 dB. Below: how far apart the judge's features are."
    name = list(ENLARGED)[state["place"]]
    return panels, [_label(text, LEFT, top - 10)], [_mark(f"enlarged {name}", *((6, 8) if name == "low" else (24, 32)))]


def _large(picture: np.ndarray, title: str) -> Panel:
    return Panel(
        "large", picture, x=LEFT, y=TOP, cell=(8, 8), title=title, hover=True, row_names=HARMONICS, column_names=MOMENTS, flip=True,
        live=True, **LEVELS,
    )  # fmt: skip


def _small(
    name: str,
    picture: np.ndarray,
    x: float,
    y: float,
    cell: tuple[float, float],
    title: str = "",
    said: str = "",
    looks: dict = LEVELS,
) -> Panel:
    """A thumbnail to click; `said` stands below it."""
    return Panel(
        name, picture, x=x, y=y, cell=cell, title=title, column_axis=said, axis_gap=14, flip=True, coarse=True, click=True,
        whole=True, **looks,
    )  # fmt: skip


def _label(text: str, x: float, y: float) -> dict:
    return {"text": text, "x": x, "y": y, "align": "left", "size": 14}


def _mark(panel: str, rows: int = 24, columns: int = 32) -> dict:
    return {"panel": panel, "row": 0, "column": 0, "height": rows, "width": columns, "ink": "winner"}
