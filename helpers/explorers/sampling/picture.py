"""The picture of `Sampling`: the text, the sorted bars with what is cut, a piano, and the tune as a piano roll.

Notebook: 06_transformers. What it shows is computed in helpers/explorers/sampling/sampling.py.
"""

from __future__ import annotations

import numpy as np

from helpers.explorers.sampling.writing import KEYS
from helpers.views import Dots, Keyboard, Notes, Panel, Path, Plane, Stems, Words

SHOWN = 12  # bars
WINDOW, BEFORE = 82, 60  # symbols of the text that are shown, and how many of them before the cursor
LEFT, WIDE = 52, 1020
NAMES = {" ": "␣", "\n": "⏎", "<end>": "end", "<start>": "start"}
HERE, KEPT, CURSOR = 1, 0, 2  # inks


def shown(symbol: str) -> str:
    """A symbol as it is written in the picture: a space can be seen."""
    return NAMES.get(symbol, symbol)


def percent(p: float) -> str:
    """A probability as the screen shows it.

    >>> percent(0.004), percent(0.1234), percent(1.0), percent(0.0), percent(0.000001)
    ('0.40 %', '12.3 %', '100 %', '0 %', '0.0001 %')
    """
    if p == 0:
        return "0 %"
    if p >= 0.1:
        return f"{100 * p:.1f} %" if p < 0.9995 else "100 %"
    digits = max(2, 1 - int(np.floor(np.log10(100 * p)))) if p >= 1e-8 else 0
    return f"{100 * p:.{digits}f} %" if digits and 100 * p >= 0.005 else f"{100 * p:.1g} %".replace("e-0", "e−").replace("-", "−")


def start(at: int) -> int:
    """The first symbol of the text that is shown, with the cursor there."""
    return max(0, at - BEFORE)


def place(index: int, at: int, count: int) -> int:
    """Where the cursor goes when box number `index` is clicked: before that symbol, to see what it was drawn from."""
    here = at - start(at)  # the box of the cursor itself
    return min(start(at) + index - (index > here), count)


def layout(
    result: dict, state: dict, written: list[str], symbols: list[str], pitches: dict[str, int]
) -> tuple[list[Panel], list[dict]]:
    """Panels and labels."""
    bars, labels = _bars(result, symbols)
    return [_text(result, state, written), _sum(result, state, len(symbols)), bars, _piano(result, pitches), _roll(result)], labels


def _text(result: dict, state: dict, written: list[str]) -> Words:
    """The symbols around the cursor, coloured by how surprising each was; a question mark where the next one comes."""
    at, first = state["at"], start(state["at"])
    last = min(first + WINDOW, len(written))
    words = [shown(s) for s in written[first:at]] + ["?"] + [shown(s) for s in written[at:last]]
    strength = np.clip(result["bits"][first:last] / 8, 0, 1)
    strength = np.concatenate([strength[: at - first], [1.0], strength[at - first :]])
    inks = [HERE] * (at - first) + [CURSOR] + [HERE] * (last - at)
    return Words(
        "text", words=words, strength=strength, inks=inks, x=12, y=42, cell=(WIDE + 60, 58), click=True,
        title="the text so far: the fuller a box, the more bits its symbol cost; click one to see what it was drawn from",
    )  # fmt: skip


def _sum(result: dict, state: dict, size: int) -> Plane:
    """How much the symbols up to each hold together: of all, or of what top-k left; and where top-p cuts."""
    shares, said = result["shares"][:SHOWN], "" if result["by k"] == size else ", as a share of what top-k left"
    dashed = f"; dashed: p = {state['top_p']:g}" if state["top_p"] < 1 else ""
    layers = [Path("sum", np.stack([np.arange(len(shares)), shares], 1), ink=4, size=2)]
    if state["top_p"] < 1:
        layers.append(Path("p", [[-0.6, state["top_p"]], [SHOWN - 0.4, state["top_p"]]], ink=3, size=1.5, dash=True))
    return Plane(
        "sum", layers=[*layers, *_cut(result, 1.1)], x=LEFT, y=138, cell=(640, 46), x_range=(-0.6, SHOWN - 0.4), y_range=(0, 1.1),
        y_ticks=[(0.0, "0"), (0.5, "0.5"), (1.0, "1")], x_ticks=[(-0.6, "")], ticks=True,
        title=f"their sum from the left{said}{dashed}",
    )  # fmt: skip


def _cut(result: dict, top: float) -> list[Path]:
    kept = result["kept"]
    return [Path("cut", [[kept - 0.5, 0], [kept - 0.5, top]], ink="text", size=1.5, dash=True)] if kept < SHOWN else []


def _bars(result: dict, symbols: list[str]) -> tuple[Plane, list[dict]]:
    """The most probable symbols, what is kept of them, and with what probability it is drawn."""
    order, kept = result["ranking"][:SHOWN], result["kept"]
    p, q = result["softmax"][order], result["probabilities"][order]
    rank, top = np.arange(len(order)), 1.25 * float(max(p.max(), q.max()))
    places, inks = np.stack([rank, p], 1), [HERE if i == result["stands there"] else KEPT for i in order[:kept]]
    names = [f"{shown(symbols[i])}: {percent(a)}, drawn with {percent(b)}" for i, a, b in zip(order, p, q)]
    layers = [
        Stems("kept", places[:kept], ink=inks, size=24, names=names[:kept]),
        Stems("cut off", places[kept:], ink="faint", size=24, names=names[kept:]),
        Dots("drawn with", np.stack([rank[:kept], q[:kept]], 1), ink="text", size=5, shape="ring", legend=True),
        *_cut(result, top),
    ]
    plane = Plane(
        "next", layers=layers, x=LEFT, y=208, cell=(640, 112), x_range=(-0.6, SHOWN - 0.4), y_range=(0, top), ticks=True,
        x_ticks=[(float(i), shown(symbols[s])) for i, s in enumerate(order)], title="the most probable symbols", axis_gap=30,
    )  # fmt: skip
    tops = plane.px(np.stack([rank, np.maximum(p, q * (rank < kept))], 1))
    labels = [{"x": float(x), "y": float(y) - 11, "text": percent(one), "size": 11} for (x, y), one in zip(tops, p) if one >= 5e-5]
    rest = float(result["softmax"][result["ranking"][SHOWN:]].sum())
    said = f"{len(symbols) - len(order)} more symbols have {percent(rest)} together"
    return plane, [*labels, {"x": LEFT + 640, "y": 352, "text": said, "size": 12, "align": "right"}]


def _piano(result: dict, pitches: dict[str, int]) -> Keyboard:
    """The letters among the symbols as keys: a piano that shows what it would like to play."""
    low, high = 59, 84
    values, kept, names = np.zeros(high - low + 1), np.zeros(high - low + 1, bool), [""] * (high - low + 1)
    for letter, p, k in zip(KEYS, result["keys"], result["keys kept"]):
        key = pitches[letter] - low
        values[key], kept[key], names[key] = p, k, f"{letter}: {percent(p)}"
    return Keyboard(
        "piano", x=LEFT + 680, y=138, cell=(340, 182), low=low, high=high, values=values, hi=max(float(values.max()), 1e-9),
        kept=kept.tolist(), names=names, click=True, title="the same, where it is a note: press one to write it",
    )  # fmt: skip


def _roll(result: dict) -> Plane:
    """The tune as far as it can be read, what stands after the cursor faint; a line at each bar."""
    problem = f"; it can be read up to {result['problem']}" if result["problem"] else ""
    notes, bars = result["notes"], result["bars"]
    end = max(8.0, float((notes[:, 0] + notes[:, 1]).max()) if len(notes) else 0.0)
    low, high = (notes[:, 2].min() - 3, notes[:, 2].max() + 3) if len(notes) else (59.0, 84.0)
    lines = np.array([row for bar in bars for row in ([bar, low], [bar, high], [np.nan, np.nan])]).reshape(-1, 2)
    layers = [Path("bars", lines, ink="faint", size=1)] if len(lines) else []
    for name, part, ink in (("read", notes[: result["notes before"]], KEPT), ("after", notes[result["notes before"] :], "faint")):
        layers += [Notes(name, part, ink=ink)] if len(part) else []
    return Plane(
        "tune", layers=layers, x=LEFT, y=382, cell=(WIDE, 76), x_range=(0, end), y_range=(low, high), ticks=True,
        x_ticks=[(float(x), f"{x:g}") for x in np.arange(0, end + 0.1, 4 if end <= 64 else 16)],
        y_ticks=[(float(p), name) for p, name in ((60, "C4"), (67, "G4"), (72, "C5"), (79, "G5"), (84, "C6")) if low <= p <= high],
        title=f"as it sounds, in quarter notes{problem[:120]}", column_axis="", axis_gap=20,
    )  # fmt: skip
