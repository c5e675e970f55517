"""The gradient on its way back through fifty layers, with and without a way around: seen, and heard layer by layer.

Notebook: 01_neurons. Concept: helpers/concepts/skip.py.
"""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import ipywidgets as widgets
import numpy as np

from helpers.concepts.skip import gradient_norms
from helpers.concepts.spiking import clicks
from helpers.explorers.base import Explorer
from helpers.explorers.parts.numerals import powers
from helpers.explorers.question import Question
from helpers.views import Dots, Path, Plane, Stage, Track
from helpers.views.grid import Grid

LEAST, MOST = 4, 50  # layers
EVERY = 0.08  # seconds from one layer's click to the next
FAINTEST = 1e-24  # a smaller gradient is drawn there
NAMES = ("without skips", "with skips")


class Skips(Explorer):
    """How large the gradient of each layer's weights is before training, from the last layer back to the first.

    State: depth (layers, even), width (units of each), seed, position (how many layers the gradient has come back).
    """

    view: ClassVar[type[Grid]] = Stage
    axis: ClassVar[str] = "position"
    defaults: ClassVar[dict] = {"depth": 50, "width": 32, "seed": 0, "position": 49}
    presets: ClassVar[dict[str, dict]] = {
        "50 layers": {},
        "10 layers": {"depth": 10, "position": 9},
        "50 narrow layers": {"width": 8},
    }

    def build(self) -> None:
        for name, least, most, step in (("depth", LEAST, MOST, 2), ("width", 8, 64, 8), ("seed", 0, 20, 1)):
            self.control(name, widgets.IntSlider(min=least, max=most, step=step, description=name))

    def settle(self, state: dict, changes: dict) -> dict:
        if "depth" in changes and "position" not in changes:
            state["position"] = state["depth"] - 1
        return state

    def impossible(self, state: dict) -> str | None:
        if not LEAST <= state["depth"] <= MOST or state["depth"] % 2:
            return f"A depth of {state['depth']} cannot be: a block has two layers. Choose an even number from {LEAST} to {MOST}."
        if not 8 <= state["width"] <= 64:
            return f"A width of {state['width']} cannot be shown; choose 8 to 64."
        if not 0 <= state["position"] < state["depth"]:
            return f"The gradient cannot come back {state['position']} layers; choose 0 to {state['depth'] - 1}."
        return None

    def count(self) -> int:
        return self._state["depth"]

    def compute(self) -> None:
        state = self._state
        both = [_norms(state["depth"], state["width"], skips, state["seed"]) for skips in (False, True)]
        here = state["depth"] - 1 - state["position"]
        self.result_ = {
            "layer": here + 1,
            "plain": both[0].copy(),
            "around": both[1].copy(),
            "plain_here": float(both[0][here]),
            "around_here": float(both[1][here]),
            "left_of_plain": float(both[0][here] / max(both[0][-1], 1e-300)),
            "left_of_around": float(both[1][here] / max(both[1][-1], 1e-300)),
        }

    def draw(self) -> None:
        result, depth = self.result_, self._state["depth"]
        low = int(np.floor(np.log10(max(min(result["plain"].min(), result["around"].min()), FAINTEST)))) - 1
        back = np.arange(depth)
        layers = []
        for ink, name, values in zip((1, 0), NAMES, (result["plain"], result["around"]), strict=True):
            at = np.stack([back, np.log10(np.maximum(values[::-1], FAINTEST))], 1)
            layers += [Path(name, at, ink=ink, size=2.5, timed=True, legend=True), Dots(f"{name}, here", at, ink=ink, timed=True)]
        ticks = [(float(depth - layer), str(layer)) for layer in (depth, *range(10 * ((depth - 1) // 10), 0, -10), 1)]
        step = max(1, -low // 6)
        with self.grid.hold_sync():
            self.grid.show(
                [
                    Plane(
                        "gradients",
                        x=80,
                        y=32,
                        cell=(860, 330),
                        x_range=(0, depth - 1),
                        y_range=(low, 5),
                        x_ticks=ticks,
                        y_ticks=powers(low, 2)[::-step],
                        title="|gradient| of each layer's weights, on its way back from the loss",
                        column_axis="layer: the last one left, the first one right",
                        ticks=True,
                        scrub=True,
                        layers=layers,
                    )
                ]
            )
            self.grid.count = self.count()
            self.grid.position = self._state["position"]
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, repr({**self._state, "position": 0}))

    def verdict(self) -> str:
        """What is left of the last layer's gradient."""
        result = self.result_
        return (
            f"At layer {result['layer']} of {self._state['depth']}: {short(result['plain_here'])} without skips, "
            f"{short(result['around_here'])} with; that is {short(result['left_of_plain'])} and {short(result['left_of_around'])} "
            "of the last layer's."
        )

    def alt(self) -> str:
        state = self._state
        who = f"{state['depth']} layers of {state['width']} units"
        return f"Gradients of {who} before training, seed {state['seed']}. {self.verdict()}"

    def tracks(self) -> list[Track]:
        key = repr({**self._state, "position": 0})
        return [
            Track(f"{name}: last layer first", lambda values=values: _heard(values[::-1]), key=key)
            for name, values in zip(NAMES, (self.result_["plain"], self.result_["around"]), strict=True)
        ]

    def question(self) -> Question:
        ratio = float(self.result_["plain"][0] / self.result_["plain"][-1])
        options = ["more than a hundredth", "a hundredth to a billionth", "less than a billionth"]
        truth = options[0] if ratio > 1e-2 else options[1] if ratio > 1e-9 else options[2]
        return Question(
            f"{self._state['depth']} layers, no skips: how much of the last layer's gradient is left at the first?",
            options, truth, "Each layer passes on only a part of what it is given, and the parts multiply.",
        )  # fmt: skip


def short(norm: float) -> str:
    """A gradient as one reads it: plain, unless it is tiny.

    >>> short(0.8641), short(6.2e-15)
    ('0.864', '6.2e−15')
    """
    return f"{norm:.3f}" if norm >= 1e-2 else f"{norm:.1e}".replace("-", "−")


@lru_cache(maxsize=64)
def _norms(depth: int, width: int, skips: bool, seed: int) -> np.ndarray:
    return gradient_norms(depth, width, skips, seed).numpy()


def _heard(norms: np.ndarray) -> np.ndarray:
    """A click for each layer, as loud as its gradient is compared with the largest."""
    seconds = EVERY * (len(norms) + 1)
    x = sum(share * clicks(np.array([EVERY * (i + 0.5)]), seconds) for i, share in enumerate(norms / norms.max()))
    return np.asarray(x, dtype=np.float32)
