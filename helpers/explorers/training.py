"""A training run as it goes on: loss curves, progress, Pause and Stop. Pass one to `fit(watch=...)`.

Notebook: 04_cnns. The run itself is helpers/train.py; this only watches and sets its flags.
"""

from __future__ import annotations

import time

import ipywidgets as widgets
import numpy as np
from IPython.display import display

from helpers.explorers import cells
from helpers.explorers.parts.status import Status
from helpers.train import Control, History, Plan
from helpers.training.history import duration
from helpers.views import Grid, Line
from helpers.views.still import png

BUTTON = {"width": "100px", "flex": "0 0 auto"}  # however long the text beside it
POINTS = 400  # of a curve: more than the canvas can tell apart


class Training:
    """`await fit(..., watch=Training("my network"))` shows the run below the cell, with buttons that work while it runs."""

    def __init__(self, name: str = "training") -> None:
        self.name, self.control, self.grid = name, Control(), Grid()
        self.bar = widgets.FloatProgress(
            min=0, max=1, description=name, layout={"width": "360px"}, style={"description_width": "initial"}
        )
        self.said = Status()
        # No ToggleButton: ipykernel 7.4 reports no end of what comes while a cell awaits, so a second change would wait
        # for the run's.
        self.hold = widgets.Button(description="Pause", icon="pause", layout=BUTTON)
        self.halt = widgets.Button(description="Stop", icon="stop", layout=BUTTON)
        self.hold.on_click(lambda _: self._pause(not self.control.paused))
        self.halt.on_click(lambda _: self.control.stop())
        row = widgets.Box(
            [self.bar, self.hold, self.halt, self.said], layout=widgets.Layout(flex_flow="row wrap", align_items="center")
        )
        self.widget = widgets.VBox([row, self.grid])
        self._handle = None
        self.plan: Plan | None = None
        self._draw(History())
        cells.adopt(self)

    def _pause(self, hold: bool) -> None:
        (self.control.pause if hold else self.control.resume)()
        self.hold.description, self.hold.icon = ("Resume", "play") if hold else ("Pause", "pause")

    def start(self, plan: Plan) -> None:
        """Show itself, with the whole run ahead."""
        self.plan, self.began = plan, time.perf_counter()
        self._handle = display(self, display_id=True)

    def update(self, history: History) -> None:
        """Draw the curves so far."""
        self._draw(history)
        steps = self.plan.epochs * self.plan.steps_per_epoch
        done = len(history.loss) / steps
        ran = self.plan.first_epoch * self.plan.steps_per_epoch
        spent = time.perf_counter() - self.began
        left = spent * (steps - len(history.loss)) / max(len(history.loss) - ran, 1)
        self.bar.value = done
        said = f"step {len(history.loss):,} of {steps:,}, loss {history.loss[-1]:.3f}" if history.loss else ""
        self.said.say(
            said
            + (f", {history.metric} {history.valid_metric[-1]:.3f}" if history.valid_metric else "")
            + f", {duration(left)} left"
        )

    def finish(self, history: History) -> None:
        """Draw the whole run and say how it ended; the stored picture is this one."""
        self._draw(history)
        self.hold.disabled = self.halt.disabled = True
        self.bar.value = 1.0 if history.stopped in ("finished", "early") else self.bar.value
        self.said.say(history.summary())
        if self._handle:
            self._handle.update(self)

    def _draw(self, history: History) -> None:
        curves = _curves(history, self.plan.steps_per_epoch if self.plan else None)
        steps, best = len(history.loss), _most(curves["metric"], 1.0)
        looks = {"y": 32, "ticks": True, "column_axis": "step"}
        panels = [
            Line(
                "loss",
                curves["loss"],
                x=60,
                cell=(420, 180),
                title="loss",
                x_range=(0, steps),
                names=["training (smoothed)", "validation"][: len(curves["loss"])],
                **looks,
                **_axis(curves["loss"], 0.0),
            )
        ]
        if not (history.valid_loss or (self.plan and self.plan.valid)):  # the first steps may dwarf how it ends
            late = curves["loss"][:, curves["loss"].shape[1] // 2 :]
            panels.append(
                Line(
                    "late loss",
                    late,
                    x=560,
                    cell=(360, 180),
                    title="loss, second half",
                    x_range=(steps // 2, steps),
                    **looks,
                    **_axis(late),
                )
            )
        if history.valid_metric:
            panels.append(
                Line(
                    "metric",
                    curves["metric"],
                    x=560,
                    y=32,
                    cell=(360, 180),
                    hi=best,
                    ticks=True,
                    digits=1,
                    title=f"validation {history.metric}",
                    x_range=(1, max(history.epochs, 2)),
                    column_axis="epoch",
                )
            )
        self.grid.alt = f"{self.name}: {history.summary()}" if history.loss else f"{self.name}: not begun"
        self.grid.show(panels)

    def close(self) -> None:
        """Free every widget model it made."""
        cells.free(self.widget)

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        bundle = self.widget._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        return {**data, "image/png": png(self.grid), "text/plain": self.grid.alt}, {**metadata, "image/png": {"alt": self.grid.alt}}


def _most(values: np.ndarray, least: float) -> float:
    """The largest finite value, at least `least`: where a curve's axis ends."""
    return float(values[np.isfinite(values)].max(initial=least))


def _axis(values: np.ndarray, *within: float) -> dict:
    """lo and hi of an axis that holds every finite value, and these; digits: as many as tell a hundredth of it."""
    finite = [*within, *values[np.isfinite(values)].tolist()] or [0.0]
    lo, span = min(finite), max(finite) - min(finite) or 1.0
    return {"lo": lo, "hi": lo + span, "digits": int(np.clip(2 - np.floor(np.log10(span)), 0, 5))}


def _curves(history: History, steps: int | None) -> dict[str, np.ndarray]:
    """Training loss, smoothed, and validation loss from one end of an epoch (of so many steps) to the next; the metric by epoch."""
    loss = np.asarray(history.loss, dtype=float)
    if not len(loss):
        return {"loss": np.full((1, 2), np.nan), "metric": np.full((1, 2), np.nan)}
    width = max(len(loss) // 50, 1)
    smooth = np.convolve(np.pad(loss, (width - 1, 0), mode="edge"), np.ones(width) / width, "valid")
    at = np.linspace(0, len(loss) - 1, min(POINTS, len(loss))).round().astype(int)
    curves = [smooth[at]]
    if history.valid_loss:
        valid, n = np.full(len(at), np.nan), len(history.valid_loss)
        ends = (steps or len(loss) / n) * np.arange(1, n + 1) - 1
        inside = (at >= ends[0]) & (at <= ends[-1])
        valid[inside] = np.interp(at[inside], ends, history.valid_loss)
        curves.append(valid)
    return {"loss": np.stack(curves), "metric": np.array([history.valid_metric or [np.nan, np.nan]], dtype=float)}
