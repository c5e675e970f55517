"""The picture of the way back through time: states, gradient norms, what each step adds, singular values, a card of numbers.

Notebook: 05_rnns. What it shows is computed in helpers/explorers/recurrence/recurrence.py.
"""

from __future__ import annotations

import numpy as np

from helpers.explorers.parts.numerals import powers, share, short
from helpers.explorers.recurrence.tune import DEGREES, SCALE, repeated
from helpers.views import Dots, Path, Plane, colours, pitch_name

LEFT, WIDE, RIGHT, NARROW = 70, 640, 800, 270  # px
FAINTEST, STRONGEST = -20.0, 20.0  # powers of ten: what is beyond is drawn at the edge
INKS = {"linear": "text", "RNN": 1, "GRU": 2, "LSTM": 0, "ρ 0.6": 3, "ρ 0.9": 5, "ρ 1.2": 4, "ρ 1.5": "error"}


def planes(state: dict, result: dict) -> list[Plane]:
    """All planes of the present state."""
    return [_graph(state, result), _states(state, result), _norms(state, result), _terms(state, result), _singular(result)]


def _graph(state: dict, result: dict) -> Plane:
    """A circle a step, as high as its note, the brighter the more of the gradient arrives there."""
    T, raised = state["steps"], _log(result["norm"])
    notes = repeated(T, state["tune"])
    at = np.column_stack([raised[:, 0], [notes[0], *notes]])
    strength = np.nan_to_num(raised[1:, 1], nan=FAINTEST)
    names = [f"{pitch_name(SCALE[note])}: drag" for note in notes]
    size = min(8.0, max(2.0, WIDE / T / 2.6))
    layers = [
        Path("the same weights at each step", at, ink="faint", size=1.5),
        Dots(
            "steps",
            at[1:],
            ink=colours(strength, min(strength.max() - 8, -8), max(strength.max(), 0)),
            size=size,
            names=names,
            drag=True,
        ),
        Dots("here", at, ink="window", shape="ring", size=size + 3, timed=True),
        Dots("loss", at[-1:], ink="error", shape="ring", size=size + 3, names=["the loss"]),
    ]
    return Plane(
        "graph",
        x=LEFT,
        y=30,
        cell=(WIDE, 44),
        x_range=(0.0, T),
        y_range=(-1.0, DEGREES),
        title="unrolled: one net, used once for each note (drag one); bright where much of the gradient arrives",
        scrub=True,
        layers=layers,
    )


def _states(state: dict, result: dict) -> Plane:
    values = np.concatenate([np.zeros((len(result["states"]), 1)), result["states"]], 1)
    large = max(1.0, float(np.abs(values).max()))
    return Plane(
        "states",
        values[::-1],
        x=LEFT,
        y=78,
        cell=(WIDE, 44),
        x_range=(0.0, state["steps"]),
        y_range=(1.0, len(values)),
        lo=-large,
        hi=large,
        palette="diverging",
        row_axis="16 units",
        scrub=True,
    )


def _norms(state: dict, result: dict) -> Plane:
    curves = {name.removeprefix("norm of "): values for name, values in result.items() if name.startswith("norm of ")}
    curves[state["cell"]] = result["norm"]
    layers = [Path(name, _log(values), ink=INKS[name], size=3 if name == state["cell"] else 1.5) for name, values in curves.items()]
    if "cell_norm" in result:
        at = _log(np.concatenate([[0.0], result["cell_norm"]]))
        layers.append(Path("of the LSTM's c", at, ink=INKS["LSTM"], size=1.5, dash=True))
    layers += [_named(layer, i) for i, layer in enumerate(layers) if len(layers) > 1]
    layers.append(Dots("here", _log(result["norm"]), ink=INKS[state["cell"]], size=7, timed=True))
    low, high = _ends([layer.xy[:, 1] for layer in layers])
    return Plane(
        "norms",
        x=LEFT,
        y=152,
        cell=(WIDE, 150),
        x_range=(0.0, state["steps"]),
        y_range=(low, high),
        y_ticks=_raised(low, high),
        title="|∂L/∂h| at each step, on its way back from the last",
        ticks=True,
        scrub=True,
        layers=layers,
    )


def _terms(state: dict, result: dict) -> Plane:
    at = np.arange(1, state["steps"] + 1)
    before, after = (_log(values, at) for values in (result["terms"], result["terms"] * result["scale"]))
    layers = [Path("as it comes", before, ink="faint", size=2, dash=True), Path("clipped", after, ink=4, size=2.5)]
    low, high = _ends([layer.xy[:, 1] for layer in layers])
    return Plane(
        "terms",
        x=LEFT,
        y=350,
        cell=(WIDE, 84),
        x_range=(0.0, state["steps"]),
        y_range=(low, high),
        y_ticks=_raised(low, high, 3),
        title="what each step adds to the gradient of the recurrent weights" + " (dashed: before clipping)" * (result["scale"] < 1),
        column_axis="step: the first note left, the last note right",
        ticks=True,
        scrub=True,
        layers=layers,
    )


def _singular(result: dict) -> Plane:
    names = ("largest", "middle")
    layers = [
        Path(name, _log(values, result["lags"]), ink=ink, size=2.5, legend=True)
        for name, values, ink in zip(names, result["singular"].T, (3, 5), strict=True)
    ]
    low, high = _ends([layer.xy[:, 1] for layer in layers])
    return Plane(
        "singular",
        x=RIGHT,
        y=30,
        cell=(NARROW, 180),
        x_range=(0.0, float(max(result["lags"][-1], 1))),
        y_range=(low, high),
        y_ticks=_raised(low, high),
        title="singular values of ∂state(T)/∂state(T − k)",
        column_axis="k steps back",
        ticks=True,
        layers=layers,
    )


def card(state: dict, result: dict) -> list[dict]:
    """Numbers of the whole way."""
    cut = "nothing" if state["truncate"] >= state["steps"] else f"after {state['truncate']}"
    rows = [
        ("spectral radius", f"{state['radius']:.3g}"),
        ("factor a step, on average", short(result["factor"])),
        ("|∂L/∂U| arrives as", short(result["gradient"])),
        (f"clipped at {short(state['clip'])}: × ", short(result["scale"])),
        ("cut off", cut),
        ("length left after the cut", f"{100 * result['kept']:.3g} %" if result["kept"] > 1 else share(result["kept"])),
        ("cosine with the whole", f"{result['cosine']:.3f}".replace("-", "−")),
    ]
    if "half_life" in result:
        rows.append(("half-life of c at the bias alone", f"{result['half_life']:.1f} steps"))
    said = []
    for i, (name, value) in enumerate(rows):
        y = 280 + 24 * i
        said += [
            {"x": RIGHT - 40, "y": y, "text": name, "size": 13, "align": "left"},
            {"x": RIGHT + NARROW - 30, "y": y, "text": value, "size": 13},
        ]
    return said


def _log(values: np.ndarray, at: np.ndarray | None = None) -> np.ndarray:
    """Rows of (step, log₁₀ of the value); nothing where it is zero or unknown."""
    at = np.arange(len(values)) if at is None else at
    with np.errstate(divide="ignore", invalid="ignore"):
        raised = np.log10(values)
    return np.column_stack([at, np.where(np.isfinite(raised), np.clip(raised, FAINTEST, STRONGEST), np.nan)])


def _named(layer: Path, i: int) -> Dots:
    """A curve's name, written beside it, at another place for each curve."""
    known = layer.xy[np.isfinite(layer.xy[:, 1])]
    at = known[int((0.05 + 0.16 * i) * (len(known) - 1))] if len(known) else np.full(2, np.nan)
    return Dots(f"name of {layer.name}", [at], ink=layer.ink, size=2, names=[layer.name], written=True)


def _ends(columns: list[np.ndarray]) -> tuple[float, float]:
    """Whole powers of ten that hold everything, at least two of them."""
    every = np.concatenate(columns)
    every = every[np.isfinite(every)] if np.isfinite(every).any() else np.zeros(1)
    low, high = np.floor(every.min() - 0.05), np.ceil(every.max() + 0.35)
    return float(min(low, high - 2)), float(high)


def _raised(low: float, high: float, most: int = 6) -> list[tuple[float, str]]:
    every = powers(low, high, every=2)
    return every[:: max(1, -(-len(every) // most))]
