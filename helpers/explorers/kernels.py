"""Learned kernels, yours and others': hover to see one, click to keep it; those for waveforms can be heard.

Notebook: 04_cnns. Concept: helpers/concepts/kernels.py; weights read by helpers/models/pretrained.py.
"""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import ipywidgets as widgets
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from helpers import audio
from helpers.concepts.kernels import peak_frequency, spectra
from helpers.datasets.assets import fetch
from helpers.explorers.base import Explorer
from helpers.explorers.parts.numerals import number
from helpers.explorers.parts.sources import envelope
from helpers.explorers.question import Question
from helpers.models import pretrained
from helpers.views import Line, Panel, Picture, Track

NETWORKS = ("crepe", "efficientnet", "alexnet", "mine")
ABOUT = {
    "crepe": "CREPE-tiny, trained to hear pitch: 128 kernels of 512 samples (32 ms)",
    "efficientnet": "EfficientNet-Lite0, trained on ImageNet: 32 kernels of 3×3 RGB pixels",
    "alexnet": "AlexNet, trained on ImageNet: 64 kernels of 11×11 RGB pixels",
    "mine": "your network: kernels on the log-mel picture",
}
ACROSS = 16  # thumbnails in a row
TOP_HERTZ = 3000  # of the picture of all spectra
LOOPED = 1.0  # seconds a kernel is played, over and over


class Kernels(Explorer):
    """The first layer of a trained network as a sheet of thumbnails, and one kernel large.

    weights: your own network's first layer, one tensor (kernel, channel, row, column) for each stage of training, the
    untrained one first. State: network (crepe, efficientnet, alexnet, mine), order (pitch, energy, number), kernel (its
    number in the network), stage (of your training; −1 is the last).
    """

    axis: ClassVar[str] = "kernel"
    defaults: ClassVar[dict] = {"network": "crepe", "order": "pitch", "kernel": 0, "stage": -1}
    presets: ClassVar[dict[str, dict]] = {
        "CREPE by pitch": {},
        "CREPE as stored": {"order": "number"},
        "an image network": {"network": "efficientnet", "order": "energy"},
    }

    def __init__(self, weights: list[Float[Tensor, "kernel channel row column"]] | None = None, **options: object) -> None:
        self.mine = [w.detach().float().cpu() for w in weights or []]
        self.given = {"weights": weights} if weights else {}
        super().__init__(**options)

    def build(self) -> None:
        offered = [n for n in NETWORKS if n != "mine" or self.mine]
        self.control("network", widgets.Dropdown(options=offered, description="network"))
        self.control("order", widgets.Dropdown(options=["pitch", "energy", "number"], description="order"))
        self.control("kernel", widgets.IntSlider(min=0, max=len(self._weights(self._state)) - 1, description="kernel"))
        if len(self.mine) > 1:
            self.control("stage", widgets.IntSlider(min=-1, max=len(self.mine) - 1, description="stage"))
        self.grid.on("hover", self._hover)
        self.grid.on("click", self._click)

    def _hover(self, panel: str, row: int, column: int) -> None:
        if (i := int(panel.removeprefix("kernel"))) < self.count():  # another network may have come meanwhile
            self._preview = i
            self.draw()

    def _click(self, panel: str, row: int, column: int) -> None:
        self.set(kernel=int(panel.removeprefix("kernel")))
        self.player.play(0)

    _preview: int | None = None

    def _weights(self, state: dict) -> Tensor:
        return self.mine[state["stage"]] if state["network"] == "mine" else _pretrained(state["network"])

    def settle(self, state: dict, changes: dict) -> dict:
        if "network" in changes and "kernel" not in changes and self.impossible({**state, "kernel": 0}) is None:
            state["kernel"] = min(state["kernel"], len(self._weights(state)) - 1)
        return state

    def impossible(self, state: dict) -> str | None:
        if state["network"] not in NETWORKS or state["order"] not in ("pitch", "energy", "number"):
            return f"network is one of {', '.join(NETWORKS)}; order is pitch, energy or number."
        if state["network"] == "mine" and not (self.mine and -1 <= state["stage"] < len(self.mine)):
            return f"You gave weights of {len(self.mine)} stages; train a network and pass Kernels(weights=[…])."
        try:
            n = len(self._weights(state))
        except (FileNotFoundError, ImportError, RuntimeError) as error:
            return str(error)
        return None if 0 <= state["kernel"] < n else f"The network has kernels 0 to {n - 1}, not {state['kernel']}."

    def count(self) -> int:
        return len(self.result_["kernels"])

    def places(self) -> list[int]:
        """The kernels' numbers in the order shown."""
        return self.result_["order"].tolist()

    def compute(self) -> None:
        weights = self._weights(self._state)
        flat = weights.flatten(1)
        energy = flat.square().sum(1)
        heard = weights.dim() == 2
        pitch = peak_frequency(weights, audio.RATE) if heard else None
        by = {"pitch": pitch if heard else energy, "energy": -energy, "number": torch.arange(len(flat))}[self._state["order"]]
        self._preview = None
        self.result_ = {"kernels": weights.numpy(), "order": by.argsort(stable=True).numpy(), "energy": energy.numpy()}
        if heard:
            self.result_ |= {
                "peak_hertz": pitch.numpy(),
                "spectra": spectra(weights).numpy(),
                "median_hertz": float(pitch.median()),
            }

    def draw(self) -> None:
        shown = self._state["kernel"] if self._preview is None else self._preview
        panels, below = self._sheet()
        with self.grid.hold_sync():
            self.grid.show([*panels, *self._large(shown, below + 40)])
            place = int(np.flatnonzero(self.result_["order"] == self._state["kernel"])[0])
            name = panels[place].name
            size = np.shape(panels[place].values)
            self.grid.marks = [{"panel": name, "row": 0, "column": 0, "height": size[0], "width": size[1], "ink": "lock"}]
            self.grid.caption = self.verdict(shown)
        self.controls["kernel"].max = self.count() - 1
        if self._preview is None:
            self.player.offer(self.tracks, (self._state["network"], self._state["kernel"]))

    def _sheet(self) -> tuple[list[Panel], float]:
        """A thumbnail for each kernel, in order, and where the sheet ends."""
        weights, panels = self.result_["kernels"], []
        for place, i in enumerate(self.result_["order"]):
            x, y = 8 + (place % ACROSS) * 66, 10 + (place // ACROSS) * (44 if weights.ndim == 2 else 66)
            common = {"name": f"kernel{i}", "x": x, "y": y, "hover": True, "click": True, "whole": True}
            panels.append(_thumbnail(weights[i], common))
        return panels, max(p.y + p.size()[1] for p in panels)

    def _large(self, i: int, y: float) -> list[Panel]:
        kernel = self.result_["kernels"][i]
        reach = float(np.abs(kernel).max())
        if kernel.ndim == 1:
            spectrum = self.result_["spectra"][i]
            return [
                Line(
                    "waveform",
                    kernel[None],
                    x=50,
                    y=y,
                    cell=(290, 150),
                    live=True,
                    lo=-reach,
                    hi=reach,
                    ticks=True,
                    digits=2,
                    x_range=(0, len(kernel)),
                    column_axis="sample",
                    title=f"kernel {i}",
                ),
                Line(
                    "spectrum",
                    spectrum[None],
                    x=390,
                    y=y,
                    cell=(290, 150),
                    live=True,
                    lo=0,
                    hi=float(spectrum.max()),
                    ticks=True,
                    digits=1,
                    x_range=(0, audio.RATE // 2),
                    column_axis="Hz",
                    title="its spectrum",
                ),
                self._all_spectra(y),
            ]
        if len(kernel) == 3:
            side = 150 / kernel.shape[1]
            return [
                Panel(
                    f"large{c}",
                    kernel[c],
                    x=8 + c * 190,
                    y=y,
                    cell=(side, side),
                    live=True,
                    palette="diverging",
                    lo=-reach,
                    hi=reach,
                    numbers=True,
                    title=f"{colour} of kernel {i}",
                )
                for c, colour in enumerate(("red", "green", "blue"))
            ]
        side = min(48, 240 / max(kernel.shape[1:]))
        return [
            Panel(
                "large0",
                kernel[0],
                x=8,
                y=y,
                cell=(side, side),
                live=True,
                palette="diverging",
                lo=-reach,
                hi=reach,
                flip=True,
                numbers=True,
                title=f"kernel {i}: rows are mel bands, columns frames",
            )
        ]

    def _all_spectra(self, y: float) -> Panel:
        """Every kernel's spectrum as a column, each scaled to its own peak, in the order of the sheet."""
        bins = TOP_HERTZ * self.result_["kernels"].shape[1] // audio.RATE
        columns = self.result_["spectra"][self.result_["order"], :bins].T
        columns = columns / columns.max(0, keepdims=True)
        names = [f"{i * audio.RATE / self.result_['kernels'].shape[1]:,.0f} Hz" for i in range(bins)]
        numbers = [f"#{i}" for i in self.result_["order"]]
        return Panel(
            "spectra",
            columns,
            x=760,
            y=y,
            cell=(2.4, 150 / bins),
            flip=True,
            row_names=names,
            column_names=numbers,
            ticks=True,
            column_axis="kernel",
            title="all spectra, in the sheet's order",
            coarse=True,
        )

    def verdict(self, i: int) -> str:
        """What one kernel is."""
        about = ABOUT[self._state["network"]]
        if "peak_hertz" not in self.result_:
            return f"{about}. Kernel {i} has energy {number(float(self.result_['energy'][i]), 2)}."
        best, median = self.result_["peak_hertz"][i], self.result_["median_hertz"]
        return f"{about}. Kernel {i} passes {best:,.0f} Hz best; the median of all is {median:,.0f} Hz."

    def alt(self) -> str:
        return self.verdict(self._state["kernel"])

    def tracks(self) -> list[Track]:
        kernel = self.result_["kernels"][self._state["kernel"]]
        if kernel.ndim > 1:
            return []
        looped = np.tile(kernel, int(np.ceil(LOOPED * audio.RATE / len(kernel))))
        return [Track("this kernel, looped", 0.5 * looped / max(float(np.abs(looped).max()), 1e-9))]

    def question(self) -> Question:
        median = self.result_.get("median_hertz", 0.0)
        options = ["below 1,000 Hz", "1,000 to 4,000 Hz", "above 4,000 Hz"]
        truth = options[int(np.searchsorted([1000, 4000], median, side="right"))]
        return Question(
            "CREPE-tiny learned 128 filters, up to 8,000 Hz. Where do most of them lie?",
            options,
            lambda: truth,
            "The pitches of music are low: most filters went where the fundamentals are.",
        )


def _thumbnail(kernel: np.ndarray, common: dict) -> Panel:
    reach = float(np.abs(kernel).max()) or 1.0
    if kernel.ndim == 1:
        return Line(**common, values=envelope(kernel, 64), cell=(60, 36), lo=-reach, hi=reach, coarse=True)
    side = 60 / max(kernel.shape[1:])
    if len(kernel) == 3:
        return Picture(**common, values=kernel.transpose(1, 2, 0) / (2 * reach) + 0.5, cell=(side, side))
    return Panel(**common, values=kernel[0], cell=(side, side), palette="diverging", lo=-reach, hi=reach, flip=True)


@lru_cache(maxsize=3)
def _pretrained(network: str) -> Tensor:
    if network == "crepe":
        return pretrained.crepe_kernels(fetch("crepe-tiny.pth"))
    return pretrained.efficientnet_stem(fetch("efficientnet-lite0.pth")) if network == "efficientnet" else pretrained.alexnet_stem()
