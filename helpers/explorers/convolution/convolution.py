"""Convolution and pooling, stop by stop: the window, the kernel, their products, and the number they add up to.

Notebook: 04_cnns. Concept: helpers/concepts/convolution.py.
"""

from __future__ import annotations

from typing import ClassVar

import ipywidgets as widgets
import numpy as np
import torch

from helpers.concepts import convolution as maths
from helpers.explorers.base import Explorer
from helpers.explorers.convolution.sound import filtered, fired, slide_of, window_of
from helpers.explorers.convolution.stepper import decimals, layout
from helpers.explorers.parts.brush import brush
from helpers.explorers.parts.numerals import number
from helpers.explorers.parts.sources import SOURCES, Source, fit, kernel_menu, shape_of, source
from helpers.explorers.question import Question
from helpers.views import Track

ONE_D = ("blur", "onset", "identity")
MAX_TERMS = 27  # products spelled out under the picture
MAX_SIZE = 15


class Convolution(Explorer):
    """Slide a kernel over a picture (or a waveform) and watch each product; or pool it.

    State: source (diagonal, note, waveform, noise), family (whose note), operation (convolution, max-pool,
    average-pool), kernel (rising, falling, onset, held, blur, identity, or drawn), size 1–7, weights (of a drawn kernel,
    channels × rows × columns), channels 1–3, stride, padding, dilation, bias, position (which output cell), seed.
    """

    axis: ClassVar[str] = "position"
    defaults: ClassVar[dict] = {
        "source": "diagonal",
        "family": "brass",
        "operation": "convolution",
        "kernel": "rising",
        "size": 3,
        "weights": None,
        "channels": 1,
        "stride": 1,
        "padding": 0,
        "dilation": 1,
        "bias": 0.0,
        "position": 0,
        "seed": 0,
    }
    presets: ClassVar[dict[str, dict]] = {
        "the 4×4 diagonal": {},
        "padding keeps the size": {"padding": 1},
        "stride 2 halves it": {"source": "note", "stride": 2, "padding": 1},
        "dilation 3 sees further": {"source": "note", "kernel": "held", "dilation": 3},
        "onsets of a note": {"source": "note", "family": "mallet", "kernel": "onset", "size": 5},
        "held partials": {"source": "note", "family": "string", "kernel": "held"},
        "three channels": {"source": "note", "channels": 3},
        "max-pool 2×2": {"source": "note", "operation": "max-pool", "size": 2, "stride": 2},
        "a waveform, smoothed": {"source": "waveform", "kernel": "blur", "size": 7},
    }

    def build(self) -> None:
        for name, options in (
            ("source", list(SOURCES)),
            ("family", source_families()),
            ("operation", ["convolution", "max-pool", "average-pool"]),
            ("kernel", kernel_menu()),
        ):
            self.control(name, widgets.Dropdown(options=options, description=name))
        for name, least, most in (("size", 1, 7), ("channels", 1, 3), ("stride", 1, 4), ("padding", 0, 3), ("dilation", 1, 4)):
            self.control(name, widgets.IntSlider(min=least, max=most, description=name))
        self.brush = brush(self)
        self.grid.on("paint", self._paint)

    def _paint(self, panel: str, row: int, column: int, value: float) -> None:
        weights = self.result_["kernel"].copy()
        weights[int(panel.removeprefix("kernel")), row, column] = value
        self.set(kernel="drawn", weights=weights.tolist())

    def settle(self, state: dict, changes: dict) -> dict:
        flat = state["source"] == "waveform"
        if changes.get("weights") is not None and "kernel" not in changes:
            state["kernel"] = "drawn"
        if flat and state["kernel"] not in (*ONE_D, "drawn"):
            state["kernel"] = "blur"
        if state["kernel"] != "drawn":
            state["weights"] = None
        elif _limits(state) is None:
            drawn = self.result_.get("kernel", np.zeros((1, 1, 1))) if state["weights"] is None else state["weights"]
            if len(shape_of(drawn) or ()) == 3:
                state["weights"] = fit(np.asarray(drawn, dtype=float), window_of(state)).tolist()
        if "position" not in changes:
            state["position"] = 0
        return state

    def impossible(self, state: dict) -> str | None:
        if problem := _limits(state):
            return problem
        rows, columns = source(state["source"], state["family"], state["seed"]).x.shape[1:]
        slide = slide_of(state)
        if problem := slide.problem(rows, columns):
            return problem
        if state["operation"] != "convolution" and (2 * state["padding"] > state["size"] or slide.blind(rows, columns)):
            return (
                f"Padding {state['padding']} is too much for a window of {state['size']}: some windows would hold "
                f"nothing but padding. Choose padding ≤ {state['size'] // 2}, dilation 1 or a larger window."
            )
        last = int(np.prod(slide.output(rows, columns))) - 1
        if not 0 <= state["position"] <= last:
            return f"There is no output cell {state['position']}; the last is {last}."
        return None

    def count(self) -> int:
        return self.result_["output"].size

    @property
    def source(self) -> Source:
        """Where the input comes from."""
        return source(self._state["source"], self._state["family"], self._state["seed"])

    def compute(self) -> None:
        state, slide = self._state, slide_of(self._state)
        pooling = state["operation"] != "convolution"
        x = self.source.x[: 1 if pooling else state["channels"]]
        kernel = torch.as_tensor(state["weights"], dtype=torch.float64) if state["weights"] else preset_kernel(state)
        winners = None
        if state["operation"] == "convolution":
            output = maths.convolve(x, kernel, slide, state["bias"])
        elif state["operation"] == "max-pool":
            output, winners = (part[0] for part in maths.max_pool(x, slide))
        else:
            output = maths.average_pool(x, slide)[0]
        row, column = divmod(state["position"], output.shape[1])
        edge = -torch.inf if state["operation"] == "max-pool" else 0.0
        window = maths.windows(x, slide, edge)[:, row, column]
        self.result_ = {
            "input": maths.pad(x, slide, edge).numpy(),
            "kernel": kernel.numpy(),
            "output": output.numpy(),
            "row": row,
            "column": column,
            "window": window.numpy(),
            "value": float(output[row, column]),
            "parameters": 0 if pooling else kernel.numel() + 1,
            "multiply_adds": 0 if pooling else maths.multiply_adds(kernel, tuple(output.shape)),
        }
        if not pooling:
            self.result_["products"] = (window * kernel).numpy()
        if winners is not None:
            self.result_["winners"] = winners.numpy()
            self.result_["winner"] = int(winners[row, column])

    def draw(self) -> None:
        self._only_what_matters()
        result, state, slide = self.result_, self._state, slide_of(self._state)
        panels, labels = layout(result, state, self.source)
        with self.grid.hold_sync():
            self.grid.show(panels, labels)
            self.grid.slide = {
                "output": "output",
                "inputs": [p.name for p in panels if p.name.startswith("input")],
                "kernel": [slide.height, slide.width],
                "stride": slide.stride,
                "dilation": slide.dilation,
            }
            self.grid.marks = self._winner_marks()
            self.grid.caption = self.arithmetic()
            self.grid.count = self.count()
            self.grid.position = state["position"]
        if not self.source.sound:
            self.player.load([])
        else:
            self.player.offer(self.tracks, self._heard())

    def _only_what_matters(self) -> None:
        """Hide the controls that change nothing in this state."""
        convolving, real = self._state["operation"] == "convolution", self._state["source"] in ("note", "waveform")
        for name, matters in (("family", real), ("kernel", convolving), ("channels", convolving)):
            self.controls[name].layout.display = "" if matters else "none"
        self.brush.layout.display = "" if convolving else "none"

    def _winner_marks(self) -> list[dict]:
        if "winner" not in self.result_:
            return []
        slide, (u, v) = slide_of(self._state), divmod(self.result_["winner"], self.result_["window"].shape[2])
        top, left = slide.origin(self.result_["row"], self.result_["column"])
        cell = {"height": 1, "width": 1, "ink": "winner"}
        return [
            {"panel": "window0", "row": u, "column": v, **cell},
            {"panel": "input0", "row": top + u * slide.dilation, "column": left + v * slide.dilation, **cell},
        ]

    def arithmetic(self) -> str:
        """The sum under the window, spelled out as far as one can read it."""
        result, where = self.result_, self.source
        digits = decimals(result, where)
        value = number(result["value"], digits)
        if self._state["operation"] == "max-pool":
            return f"largest of {result['window'].size} cells = {value}"
        if self._state["operation"] == "average-pool":
            return f"({number(float(result['window'].sum()), digits)} in all) / {result['window'].size} cells = {value}"
        bias = f" + bias {number(self._state['bias'], 2)}" if self._state["bias"] else ""
        if result["products"].size > MAX_TERMS:
            sums = [number(float(p.sum()), digits) for p in result["products"]]
            return " + ".join(f"channel {i + 1}: ({s})" for i, s in enumerate(sums)) + f"{bias} = {value}"
        pairs = zip(result["window"].ravel(), result["kernel"].ravel(), strict=True)
        terms = (f"{_signed(x, where.digits)}·{_signed(k, 0 if float(k).is_integer() else 2)}" for x, k in pairs)
        return " + ".join(terms) + f"{bias} = {value}"

    def alt(self) -> str:
        result, state = self.result_, self._state
        rows, columns = result["output"].shape
        given, padded = ("×".join(map(str, x.shape[1:])) for x in (self.source.x, result["input"]))
        grown = f" padded to {padded}" if padded != given else ""
        return (
            f"{state['operation']} of a {given} input{grown} ({state['source']}) by a window of {state['size']}, "
            f"stride {state['stride']}, padding {state['padding']}, dilation {state['dilation']}: {rows}×{columns} outputs. "
            f"At row {result['row']}, column {result['column']}: {self.arithmetic()}."
        )

    def tracks(self) -> list[Track]:
        sound = self.source.sound
        if sound is None:
            return []
        whole, state, result = sound(), self.state, self.result_
        if state["source"] == "waveform":
            name, heard = "after the kernel, slid over the whole note", lambda: filtered(whole, state, result["kernel"])
        else:
            name, heard = "only where it fired", lambda: fired(whole, state, result["output"])
        return [Track("input", whole.numpy()), Track(name, heard, key=self._heard())]

    def _heard(self) -> str:
        """What the sound depends on: all of the state but the window's place."""
        return repr({**self._state, "position": 0})

    def question(self) -> Question:
        best = number(float(self.result_["output"].max()), decimals(self.result_, self.source))
        size = self._state["size"]
        options = dict.fromkeys([number(float(size), 0), best, number(2.0 * size, 0), "0"])
        return Question(
            "The kernel meets the very pattern it was made for. What number does it write?",
            list(options),
            lambda: best,
            "Each product is +1 where input and kernel agree, and they agree in every cell.",
        )


def source_families() -> list[str]:
    """The instrument families a note can come from."""
    from helpers.datasets.notes import FAMILIES

    return list(FAMILIES)


def preset_kernel(state: dict) -> torch.Tensor:
    """Channel 1 gets the preset, channel 2 its mirror in time, channel 3 its mean: one slice for each input channel."""
    square = maths.kernel(state["kernel"], state["size"])
    rows = square.sum(0, keepdim=True) if state["source"] == "waveform" else square
    if state["source"] == "waveform" and state["kernel"] == "onset":
        rows = rows / state["size"]
    return torch.stack([rows, rows.flip(1), torch.full_like(rows, float(rows.mean()))])[: state["channels"]]


def _limits(state: dict) -> str | None:
    """What is beyond the sizes that can be shown, if anything is."""
    if not 1 <= state["channels"] <= 3:
        return f"The inputs have 3 channels, not {state['channels']}; choose 1, 2 or 3."
    if not 1 <= state["size"] <= MAX_SIZE:
        return f"A window of {state['size']} cells cannot be shown; choose 1 to {MAX_SIZE}."
    weights = state["weights"] if state["kernel"] == "drawn" else None
    if weights is not None and len(shape_of(weights) or ()) != 3:
        return (
            f"Weights of shape {shape_of(weights)} make no kernel; give numbers as channels × rows × columns, {window_of(state)}."
        )
    return None


def _signed(value: float, digits: int) -> str:
    said = number(float(value), digits)
    return f"({said})" if said.startswith("−") else said
