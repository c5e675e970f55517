"""The landscape explorer's pictures: planes with contours and the way training took, a slice, the losses on that way, guesses.

Notebook: 03_gradient_descent. What they show is computed in helpers/explorers/landscape/landscape.py.
"""

from __future__ import annotations

import io
import json

import numpy as np
import plotly.graph_objects as go
from matplotlib.figure import Figure

from helpers.datasets.notes import FAMILIES
from helpers.explorers.parts.numerals import number
from helpers.views import Dots, Panel, Path, Plane, colours, contours

SIDE = 270  # px of a plane
LEFT, RIGHT, TOP, BELOW = 64, 420, 32, 382  # where the planes begin, and the plots below them
CONTOURS = 12
GREY = "#808080"  # legible on light and on dark
PLOTLY = "application/vnd.plotly.v1+json"


def layout(result: dict, state: dict, frame: np.ndarray | None, measured: np.ndarray) -> list[Panel]:
    """All panels.

    frame: what is shown in place of the surface while an exact grid is measured; measured: points (a, b) to be marked.
    """
    lo, hi = _ends(result, state["scale"])
    looks = {"scale": state["scale"], "lo": lo, "hi": hi}
    shown = result["surface"] if frame is None else frame
    here = np.array([[state["a"], state["b"]]])
    layers = [
        Dots("measured", measured, ink="white", size=1.0),
        *_way(result, looks),
        Path("slice", _across(result, state["b"]), ink="white", dash=True, size=1.0),
        Dots("here", here, ink="match", size=8.0, shape="ring", drag=True, names=["the weights that are heard and seen"]),
    ]
    panels = [_plane("surface", state["network"], LEFT, shown, result, layers, click=True, **looks)]
    if state["against"]:
        other = against(result)
        panels.append(_plane("against", state["against"], RIGHT, other["surface"], other, _way(other, looks), **looks))
    panels += [_slice(result, state), *_losses(result)]
    panels.append(_guesses(result, RIGHT + (SIDE if state["against"] else 0) + 130))
    return panels


def _plane(name: str, model: str, x: float, values: np.ndarray, result: dict, layers: list, **looks: object) -> Plane:
    scale, lo, hi = (looks.pop(key) for key in ("scale", "lo", "hi"))
    heights = scaled(values, scale)
    ranges = {"x_range": ends(result["x"]), "y_range": ends(result["y"])}
    lines = contours(heights, **ranges, levels=np.linspace(lo, hi, CONTOURS + 2)[1:-1].tolist(), ink="faint")
    found = values[np.isfinite(values)]
    said = f"{number(float(found.min()), 2)} to {number(float(found.max()), 2)}" if found.size else "no number"
    return Plane(
        name, heights, x=x, y=TOP, cell=(SIDE, SIDE), lo=lo, hi=hi, title=f"{model}: loss {said}", ticks=True,
        column_axis="a", row_axis="b", layers=[lines, *layers], **ranges, **looks,
    )  # fmt: skip


def _way(result: dict, looks: dict) -> list:
    """The way past the snapshots' places on the plane, these in the colour of their true loss, and both ends."""
    path = result.get("path")
    if path is None:
        return []
    inks, names = 0, []
    if "true" in result:
        inks = colours(scaled(result["true"], looks["scale"]), looks["lo"], looks["hi"])
        said = zip(result["steps"], result["true"], result["near"], result["off"], strict=True)
        names = [
            f"step {step:,}: loss {number(float(true), 3)}, on the plane {number(float(near), 3)}, {number(float(off), 2)} off it"
            for step, true, near, off in said
        ]
    return [
        Path("the way of training", path, ink="white", timed=True),
        Dots("snapshots", path, ink=inks, size=4.0, names=names),
        Dots("start and end", path[[0, -1]], ink=["error", "winner"], size=5.0, names=["before training", "after training"]),
    ]


def _across(result: dict, b: float) -> np.ndarray:
    return np.stack([result["x"], np.full(len(result["x"]), b)], 1)


def _slice(result: dict, state: dict) -> Plane:
    """The loss along the dashed line."""
    both = "against_slice" in result
    curves = [result["slice"], *([result["against_slice"]] if both else [])]
    names = [state["network"], state["against"]]
    layers = [
        Path(name, np.stack([result["x"], curve], 1), ink=i, legend=len(curves) > 1)
        for i, (name, curve) in enumerate(zip(names, curves, strict=False))
    ]
    dot = Dots("loss here", [[state["a"], result["loss"]]], ink="match", size=6.0, shape="ring")
    low, high = _span(np.concatenate([*curves, [result["loss"]]]), room=0.5 if both else 0.1)
    return Plane(
        "slice", x=LEFT, y=BELOW, cell=(SIDE, 90), x_range=ends(result["x"]), y_range=(low, high), ticks=True,
        title=f"loss along b = {number(state['b'], 2)}", column_axis="a", layers=[*layers, dot],
    )  # fmt: skip


def _losses(result: dict) -> list[Plane]:
    """True losses of the snapshots beside those of the plane's nearest points."""
    if "true" not in result:
        return []
    at = np.arange(len(result["true"]))
    low, high = _span(np.concatenate([result["true"], result["near"]]), room=0.5)
    layers = [
        Path(name, np.stack([at, result[key]], 1), ink=ink, legend=True)
        for ink, (name, key) in enumerate((("true", "true"), ("on the plane", "near")))
    ]
    ticks = [(float(i), f"{result['steps'][i]:,}") for i in np.unique(np.linspace(0, len(at) - 1, 4).round().astype(int))]
    return [
        Plane(
            "way",
            x=RIGHT,
            y=BELOW,
            cell=(SIDE, 90),
            x_range=(0, len(at) - 1),
            y_range=(low, high),
            ticks=True,
            x_ticks=ticks,
            title="loss of each snapshot",
            column_axis="step",
            layers=layers,
            scrub=True,
        )
    ]


def _guesses(result: dict, x: float) -> Panel:
    """How many notes are taken for each family, rightly and wrongly."""
    counts = np.stack([result["rightly"], result["wrongly"]], 1)
    return Panel(
        "guesses", counts, x=x, y=TOP, cell=(70, 26), hi=float(max(counts.max(), 1)), numbers=True, digits=0,
        click=True, row_names=list(FAMILIES), column_names=["rightly", "wrongly"], ticks=True,
        title="notes taken for …",
    )  # fmt: skip


def against(result: dict) -> dict:
    """What a result says of the network beside."""
    return {key.removeprefix("against_"): value for key, value in result.items() if key.startswith("against_")}


def ends(values: np.ndarray) -> tuple[float, float]:
    """First and last of them."""
    return float(values[0]), float(values[-1])


def scaled(values: np.ndarray, scale: str) -> np.ndarray:
    """What the colours show: the loss, or its common logarithm, at least that of a thousandth of the largest loss."""
    if scale == "linear":
        return values
    most = float(np.nanmax(values, initial=1e-9, where=np.isfinite(values)))
    return np.log10(np.maximum(values, most / 1000))


def _ends(result: dict, scale: str) -> tuple[float, float]:
    """The colours' ends, the same for both planes."""
    both = np.concatenate([scaled(result[key], scale).ravel() for key in ("surface", "against_surface") if key in result])
    return _span(both)


def _span(values: np.ndarray, room: float = 0.0) -> tuple[float, float]:
    """Least and most of them, a little apart at least, and `room` times as much above for a legend."""
    found = values[np.isfinite(values)]
    low, high = (float(found.min()), float(found.max())) if found.size else (0.0, 1.0)
    return low, low + (1 + room) * max(high - low, 1e-6 * max(abs(low), 1.0))


class Hills(go.Figure):
    """Surfaces side by side to be turned with the mouse; a still picture and words where plotly cannot be shown."""

    _ipython_display_ = None  # plotly's own would put five megabytes of JavaScript into the notebook,
    _repr_html_ = None  # or fetch them from elsewhere

    def _repr_mimebundle_(self, **kwargs: object) -> dict:
        return {PLOTLY: json.loads(self.to_json()), "image/png": self._still(), "text/plain": self._words()}

    def _words(self) -> str:
        return "; ".join(f"{s.name}: loss {np.min(s.customdata):.3g} to {np.max(s.customdata):.3g}" for s in self.data)

    def _still(self) -> bytes:
        """JupyterLab shows it until the pointer comes near."""
        figure, drawn = Figure(figsize=(4.2 * len(self.data), 3.6)), io.BytesIO()
        for i, s in enumerate(self.data):
            axes = figure.add_subplot(1, len(self.data), i + 1, projection="3d", facecolor="none")
            axes.plot_surface(*np.meshgrid(s.x, s.y), np.asarray(s.z), cmap="magma", vmin=s.cmin, vmax=s.cmax, linewidth=0)
            axes.set_title(s.name, color=GREY)
            for axis, label in zip(
                (axes.xaxis, axes.yaxis, axes.zaxis), ("a", "b", self.layout.scene.zaxis.title.text), strict=True
            ):
                axis.set_label_text(label, color=GREY)
                axis.set_tick_params(colors=GREY)
                axis.set_pane_color((0.5, 0.5, 0.5, 0.1))
            axes.set_zlim(s.cmin, s.cmax)
        figure.savefig(drawn, format="png", dpi=60, bbox_inches="tight", transparent=True)
        return drawn.getvalue()


def hills(results: dict[str, dict], scale: str) -> Hills:
    """A 3-D surface for each name, from the same angle and to the same scale; each result has x, y and surface."""
    heights = {name: scaled(result["surface"], scale) for name, result in results.items()}
    lo, hi = _span(np.concatenate([z.ravel() for z in heights.values()]))
    figure, n, title = Hills(), len(results), "log₁₀ loss" if scale == "log" else "loss"
    for i, (name, result) in enumerate(results.items()):
        scene = f"scene{i + 1 if i else ''}"
        figure.add_surface(
            x=result["x"], y=result["y"], z=np.float32(heights[name]), customdata=np.float32(result["surface"]),
            name=name, scene=scene, colorscale="Magma", cmin=lo, cmax=hi, showscale=False,
            hovertemplate="a %{x:.2f}, b %{y:.2f}: loss %{customdata:.3f}<extra>" + name + "</extra>",
        )  # fmt: skip
        bare = {"showbackground": False, "gridcolor": GREY}
        axes = {f"{axis}axis": {"title": {"text": text}, **bare} for axis, text in zip("xyz", ("a", "b", title), strict=True)}
        axes["zaxis"]["range"] = [lo, hi]
        figure.update_layout({scene: {"domain": {"x": [i / n, (i + 1) / n], "y": [0, 1]}, "aspectmode": "cube", **axes}})
    names = [{"text": name, "x": (i + 0.5) / n, "y": 1.05, "showarrow": False} for i, name in enumerate(results)]
    return figure.update_layout(
        width=480 * n,
        height=440,
        margin={"l": 0, "r": 0, "b": 0, "t": 30},
        annotations=names,
        paper_bgcolor="rgba(0,0,0,0)",
        font={"color": GREY},
    )
