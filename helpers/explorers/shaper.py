"""An activation function as a wave-shaper: drive a sine into it, see what bends, hear the harmonics.

Notebook: 01_neurons. Concept: helpers/concepts/activation.py.
"""

from __future__ import annotations

from typing import ClassVar

import ipywidgets as widgets
import numpy as np

from helpers import audio
from helpers.concepts.activation import ACTIVATIONS, amplitudes, as_loud_as, decibels, harmonics, play, saturated
from helpers.explorers.base import Explorer
from helpers.explorers.parts.dial import LogSlider, Slider
from helpers.explorers.parts.numerals import number
from helpers.explorers.parts.shaper_plane import DECIBELS, FLOOR
from helpers.explorers.question import Question
from helpers.explorers.values import beyond
from helpers.views import Dots, Path, Plane, Stage, Stems, Track
from helpers.views.grid import Grid

HERTZ, SECONDS, RMS = 220.0, 1.5, 0.1
REACH = 8.0  # of the pre-activations that are drawn
LEAST, MOST = 0.1, 20.0  # drive
INPUT = np.linspace(-1, 1, 401)
FAINTEST = -60.0  # dB below the fundamental: what counts as a harmonic


class Shaper(Explorer):
    """out = φ(drive · in + bias) for a sine that comes in.

    State: activation (which φ), drive 0.1–20 (a weight: how steep), bias −4 to 4.
    """

    view: ClassVar[type[Grid]] = Stage
    defaults: ClassVar[dict] = {"activation": "tanh", "drive": 3.0, "bias": 0.0}
    presets: ClassVar[dict[str, dict]] = {
        "nothing bends": {"activation": "identity"},
        "odd harmonics": {},
        "a bias adds even ones": {"bias": 1.0},
        "half a wave": {"activation": "ReLU", "drive": 2.0},
        "a dead ReLU": {"activation": "ReLU", "drive": 2.0, "bias": -3.0},
        "a sigmoid becomes a step": {"activation": "sigmoid", "drive": 20.0},
        "a step": {"activation": "step"},
        "a smooth corner": {"activation": "GELU"},
    }

    def build(self) -> None:
        self.control("activation", widgets.Dropdown(options=list(ACTIVATIONS), description="activation"))
        ends = {"min": float(np.log10(LEAST)), "max": float(np.log10(MOST))}
        self.control("drive", LogSlider(**ends, step=0.01, description="drive"))
        self.control("bias", Slider(min=-4.0, max=4.0, step=0.01, description="bias"))
        self.player.together = True
        self.grid.on("drag", self._drag)
        self.grid.on("drop", self._drag)

    def _drag(self, panel: str, layer: str, index: int, x: float, y: float) -> None:
        """The middle of the sine on the curve is the bias; its ends are the drive away."""
        if index == 1:
            self.set(bias=float(np.clip(x, -4, 4)))
        else:
            self.set(drive=float(np.clip(abs(x - self._state["bias"]), LEAST, MOST)))

    def impossible(self, state: dict) -> str | None:
        if state["activation"] not in ACTIVATIONS:
            return f"There is no activation {state['activation']!r}; choose one of {', '.join(ACTIVATIONS)}."
        return beyond(state, {"drive": (LEAST, MOST), "bias": (-4, 4)})

    def compute(self) -> None:
        state, phi = self._state, ACTIVATIONS[self._state["activation"]]
        self._parts = harmonics(phi.value, drive=state["drive"], bias=state["bias"])
        strength = amplitudes(self._parts)
        fundamental = max(float(strength[1]), 1e-12)
        z = state["drive"] * INPUT + state["bias"]
        sine = state["drive"] * np.sin(np.linspace(0, 2 * np.pi, 1000, endpoint=False)) + state["bias"]
        self.result_ = {
            "output": phi.value(z),
            "gradient": state["drive"] * phi.slope(z),
            "steepest": float((state["drive"] * phi.slope(z)).max()),
            "spectrum": decibels(strength[1:]),
            "constant": float(self._parts[0, 0]),
            "harmonics": int((strength[2:] > fundamental * 10 ** (FAINTEST / 20)).sum()) if strength[1] > 1e-4 else 0,
            "distortion": float(np.sqrt((strength[2:] ** 2).sum()) / fundamental) if strength[1] > 1e-4 else 0.0,
            "saturated": float(saturated(sine, state["activation"])),
            "silent": bool(np.sqrt((strength[1:] ** 2).sum() / 2) <= 1e-4),
        }

    def draw(self) -> None:
        with self.grid.hold_sync():
            self.grid.show([self._curve(), self._shape(), self._wave(), self._spectrum()])
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, repr(self._state))

    def _curve(self) -> Plane:
        """φ and its slope, what of it the sine goes over, and handles for bias and drive."""
        state, phi = self._state, ACTIVATIONS[self._state["activation"]]
        z = np.linspace(-REACH, REACH, 321)
        low, high = state["bias"] - state["drive"], state["bias"] + state["drive"]
        used = np.linspace(max(low, -REACH), min(high, REACH), 101)
        handles = np.clip([low, state["bias"], high], -REACH, REACH)
        sign = "+" if state["bias"] >= 0 else "−"
        said = ["drag: the drive", "drag: the bias", "drag: the drive"]
        return Plane(
            "curve",
            x=64,
            y=32,
            cell=(400, 190),
            x_range=(-REACH, REACH),
            y_range=(-1.3, 3.3),
            title=f"{state['activation']} of {state['drive']:.2f} · in {sign} {abs(state['bias']):.2f}",
            column_axis="pre-activation z",
            ticks=True,
            layers=[
                Path("slope", np.stack([z, phi.slope(z)], 1), ink=1, dash=True, legend=True),
                Path("φ", np.stack([z, phi.value(z)], 1), ink=0, legend=True),
                Path("used", np.stack([used, phi.value(used)], 1), ink="winner", size=5),
                Dots(
                    "handles",
                    np.stack([handles, np.clip(phi.value(handles), -1.3, 3.3)], 1),
                    ink="text",
                    shape="ring",
                    names=said,
                    drag=True,
                ),
            ],
        )

    def _shape(self) -> Plane:
        """The sample that goes out and the gradient, against the sample that comes in."""
        curves = {"out": self.result_["output"], "d out / d in": self.result_["gradient"]}
        low, high = min(-0.2, *(float(y.min()) for y in curves.values())), max(1.0, *(float(y.max()) for y in curves.values()))
        layers = [Path(n, np.stack([INPUT, y], 1), ink=i, dash=i == 1, legend=True) for i, (n, y) in enumerate(curves.items())]
        return Plane(
            "shape",
            x=64,
            y=284,
            cell=(400, 150),
            x_range=(-1, 1),
            y_range=(1.1 * low, high + 0.55 * (high - low)),
            title="drive is a weight: how steep, and where there is a gradient",
            column_axis="sample that comes in",
            ticks=True,
            live=True,
            layers=layers,
        )

    def _wave(self) -> Plane:
        turn = np.linspace(0, 2, 401)
        sine = np.sin(2 * np.pi * turn)
        out = ACTIVATIONS[self._state["activation"]].value(self._state["drive"] * sine + self._state["bias"])
        return Plane(
            "wave",
            x=540,
            y=32,
            cell=(430, 130),
            x_range=(0, 2),
            y_range=(min(-1.1, 1.1 * float(out.min())), max(1.1, 1.1 * float(out.max()))),
            title="two cycles, in (grey) and out",
            ticks=True,
            live=True,
            layers=[Path("in", np.stack([turn, sine], 1), ink="faint"), Path("out", np.stack([turn, out], 1), ink=0, size=2.5)],
        )

    def _spectrum(self) -> Plane:
        h = np.arange(1, len(self.result_["spectrum"]) + 1)
        levels = np.stack([h, FLOOR + np.minimum(self.result_["spectrum"], 25)], 1)
        return Plane(
            "spectrum",
            x=540,
            y=220,
            cell=(430, 214),
            x_range=(0, float(h[-1]) + 1),
            y_range=(0, FLOOR + 28),
            y_ticks=DECIBELS,
            title="harmonics of 220 Hz in dB",
            column_axis="harmonic",
            ticks=True,
            live=True,
            layers=[Stems("odd", levels[::2], ink=0, legend=True), Stems("even", levels[1::2], ink=1, legend=True)],
        )

    def verdict(self) -> str:
        """What came of the sine."""
        result = self.result_
        if result["silent"]:
            return "No sound comes out: the output does not change, and no gradient comes back."
        return (
            f"{result['harmonics']} harmonic{'s' * (result['harmonics'] != 1)} above {number(FAINTEST, 0)} dB of the fundamental; "
            f"distortion {100 * result['distortion']:.1f} %; steepest gradient {result['steepest']:.2f}; "
            f"saturated for {round(100 * result['saturated'])} % of the time."
        )

    def alt(self) -> str:
        state = self._state
        return (
            f"A sine through {state['activation']}, drive {state['drive']:.2f}, bias {number(state['bias'], 2)}. {self.verdict()} "
            f"The output's mean is {number(self.result_['constant'], 2)}."
        )

    def tracks(self) -> list[Track]:
        parts, sine, key = self._parts, np.array([[0.0, 0], [0, 1]]), repr(self._state)
        return [
            Track("the sine", lambda: _tone(sine)),
            Track("through the activation, as loud", lambda: _tone(parts), key=key),
        ]

    def question(self) -> Question:
        strength = 10 ** (self.result_["spectrum"] / 20)
        odd, even = strength[2::2].max() > 1e-3, strength[1::2].max() > 1e-3
        options = ["none", "odd ones only", "even ones only", "odd and even ones"]
        state = self._state
        return Question(
            f"A pure sine goes through {state['activation']} (drive {state['drive']:g}, bias {state['bias']:g}). "
            "Which new harmonics come out?",
            options,
            options[odd + 2 * even],
            "What bends both halves of the wave alike makes odd ones; what treats them differently makes even ones.",
        )


def _tone(parts: np.ndarray) -> np.ndarray:
    x = as_loud_as(play(parts, HERTZ, SECONDS), RMS)
    return np.clip(x * audio.fade(len(x)).numpy(), -1, 1).astype(np.float32)
