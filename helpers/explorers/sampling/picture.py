"""The picture of `Sampling`: the text, the sorted bars with what is cut, a piano, and the tune as a piano roll.

Notebook: 06_transformers. What it shows is computed in helpers/explorers/sampling/sampling.py.
"""

from __future__ import annotations

import numpy as np

from helpers.explorers.sampling import columns
from helpers.explorers.sampling.writing import KEYS, percent, shown
from helpers.views import Dots, Keyboard, Notes, Panel, Path, Plane, Stems, Words
from helpers.views.keyboard import pitch_name

SHOWN = 12  # bars
WINDOW, BEFORE = 82, 60  # symbols of the text that are shown, and how many of them before the cursor
LEFT, WIDE = 52, 1020
HERE, KEPT, CURSOR = 1, 0, 2  # inks
COLDEST = -1.5  # where a temperature of 0 stands on an axis of log10 T


def start(at: int) -> int:
    """The first symbol of the text that is shown, with the cursor there."""
    return max(0, at - BEFORE)


def place(index: int, at: int, count: int) -> int:
    """Where the cursor goes when box number `index` is clicked: before that symbol, to see what it was drawn from."""
    here = at - start(at)  # the box of the cursor itself
    return min(start(at) + index - (index > here), count)


def nearest(temperatures: tuple[float, ...], x: float) -> float:
    """The temperature that is offered nearest to a place on the axis of entropy's plane."""
    return min((T for T in temperatures if T > 0), key=lambda T: abs(np.log10(T) - x))


def layout(
    result: dict, state: dict, written: list[str], symbols: list[str], pitches: dict[str, int], curve: np.ndarray
) -> tuple[list[Panel], list[dict]]:
    """Panels and labels; curve: the temperatures at which the result has entropies."""
    side = _entropy(result, state, curve) if state["look"] == "entropy" else _piano(result, pitches)
    if state["look"] == "each step":
        steps, labels = columns.layout(result, state, symbols)
        return [_text(result, state, written), steps, side, _roll(result, state)], labels
    bars, labels = _bars(result, symbols)
    return [_text(result, state, written), _sum(result, state), bars, side, _roll(result, state)], labels


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


def _sum(result: dict, state: dict) -> Plane:
    """How much the symbols up to each hold together: of all, or of what top-k left; and where top-p cuts."""
    shares, said = result["shares"][:SHOWN], "" if not state["top_k"] else ", as a share of what top-k left"
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
    low, high = 57, 86  # two signs reach so far
    values, kept, names = np.zeros(high - low + 1), np.zeros(high - low + 1, bool), [""] * (high - low + 1)
    for letter, p, k in zip(KEYS, result["keys"], result["keys kept"]):
        key = pitches[letter] - low
        values[key] += p  # two letters may sound the same
        kept[key] |= k
        names[key] += f"{', ' if names[key] else ''}{letter}: {percent(p)}"
    return Keyboard(
        "piano", x=LEFT + 680, y=138, cell=(340, 182), low=low, high=high, values=values, hi=max(float(values.max()), 1e-9),
        kept=kept.tolist(), names=names, click=True, title="the same, where it is a note: press one to write it",
    )  # fmt: skip


def _entropy(result: dict, state: dict, curve: np.ndarray) -> Plane:
    """Entropy against temperature, of all symbols and of those that are kept; the dot is the temperature that is set."""
    T, x, found = state["temperature"], np.log10(curve), result["entropies"]
    here, top = (np.log10(T) if T else COLDEST), max(1.0, 1.08 * float(found.max()))
    layers = [
        Path("T", [[here, 0], [here, top]], ink="text", size=1.5, dash=True),
        Path("of all", np.stack([x, found[:, 0]], 1), ink=KEPT, size=2.5),
    ]
    if state["top_k"] or state["top_p"] < 1 or state["min_p"]:
        layers.append(Path("of what is kept", np.stack([x, found[:, 1]], 1), ink=3, size=2))
    layers.append(Dots("now", [[here, result["entropy"]]], ink=CURSOR, size=7, drag=T > 0))
    return Plane(
        "entropy", layers=layers, x=LEFT + 700, y=138, cell=(320, 182), x_range=(COLDEST - 0.05, 1.05), y_range=(0, top),
        x_ticks=[(COLDEST, "0"), *((float(np.log10(t)), f"{t:g}") for t in (0.1, 0.3, 1, 3, 10))],
        column_axis="temperature T", ticks=True,
        title="entropy in bits (thin: of what is kept); drag the dot",
    )  # fmt: skip


def _roll(result: dict, state: dict) -> Plane:
    """The tune as far as it can be read: the surer a note, the fuller; ghosts: what else it thought of; a line at each bar."""
    problem = f"; it can be read up to {result['problem']}" if result["problem"] else ""
    notes, bars, ghosts = result["notes"], result["bars"], result["ghosts"]
    end = max(8.0, float((notes[:, 0] + notes[:, 1]).max()) if len(notes) else 0.0)
    pitches = np.concatenate([notes[:, 2], ghosts[:, 2]])
    low, high = (pitches.min() - 3, pitches.max() + 3) if len(pitches) else (59.0, 84.0)
    lines = np.array([row for bar in bars for row in ([bar, low], [bar, high], [np.nan, np.nan])]).reshape(-1, 2)
    layers = [Path("bars", lines, ink="faint", size=1)] if len(lines) else []
    if len(notes):
        undecided = state["look"] == "entropy"
        p = 2.0 ** -result["bits"][result["places"]]
        bits = result["undecided"][result["places"]]
        names = [f"{pitch_name(int(n[2]))}: p = {percent(a)}, chosen among {b:.2f} bits" for n, a, b in zip(notes, p, bits)]
        strength = np.clip(0.4 + 0.6 * (bits / 4 if undecided else p), 0, 1)
        inks = [HERE if undecided else KEPT] * result["notes before"] + ["faint"] * (len(notes) - result["notes before"])
        said = [f"{letter} instead: {percent(p)}" for letter, p in zip(result["letters"], ghosts[:, 3])]
        if len(ghosts):
            layers.append(Notes("instead", ghosts[:, :3], ink=4, strength=np.clip(0.15 + 0.5 * ghosts[:, 3], 0, 0.5), names=said))
        layers.append(Notes("notes", notes, ink=inks, strength=strength, names=names, click=True))
    shade = "more undecided" if state["look"] == "entropy" else "surer"
    title = f"as it sounds: the fuller a note, the {shade} the model; yellow: what else it thought of; click a note to hear its bar"
    return Plane(
        "tune", layers=layers, x=LEFT, y=382, cell=(WIDE, 92), x_range=(0, end), y_range=(low, high), ticks=True,
        x_ticks=[(float(x), f"{x:g}") for x in np.arange(0, end + 0.1, 4 if end <= 64 else max(16, round(end / 64) * 4))],
        y_ticks=[(float(p), name) for p, name in ((60, "C4"), (67, "G4"), (72, "C5"), (79, "G5"), (84, "C6")) if low <= p <= high],
        title=f"as it sounds, in quarter notes{problem[:120]}" if problem else title, column_axis="", axis_gap=20,
    )  # fmt: skip
