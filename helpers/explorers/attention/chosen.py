"""Which heads are looked at: one, several side by side in colours of their own, all of a layer, or many heads as one.

Notebook: 06_transformers. `Attention` and `MusicAttention` choose alike: a click chooses a head, Shift and a click add one or
take it away, a double-click leaves it alone, and the pointer shows one before it is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets as widgets
import numpy as np
from jaxtyping import Float
from torch import Tensor

from helpers.concepts import attention as maths
from helpers.explorers.base import Explorer
from helpers.views import HEADS

Head = tuple[int, int]  # its layer, and its number there
SHOWN = [
    ("the chosen heads", "one head"), ("all heads of the layer", "all heads"), ("their mean", "mean"), ("their maximum", "max"),
    ("all up to the layer (rollout)", "rollout"),
]  # fmt: skip
TOGETHER = {"mean": "mean of layer {}'s heads", "max": "maximum of layer {}'s heads", "rollout": "rollout up to layer {}"}


class Choosing(Explorer):
    """What an explorer of heads does when one is pointed at, chosen, added or left alone. Its panels are called by `panel_of`."""

    _preview: Head | None = None

    def build(self) -> None:
        self.control("show", widgets.Dropdown(options=SHOWN, description="shown are"))
        for kind, handler in {"hover": self._hover, "left": self._left, "click": self._click, "add": self._add}.items():
            self.grid.on(kind, handler)
        self.grid.on("only", lambda panel, row, column: self._chosen(named(panel, row, column), show="one head"))

    def _hover(self, panel: str, row: int, column: int) -> None:
        head = named(panel, row, column)
        self._preview = head if head and self._known(head) else None
        self.draw()

    def _left(self) -> None:
        if self._preview:
            self._preview = None
            self.draw()

    def _click(self, panel: str, row: int, column: int) -> None:
        self._chosen(named(panel, row, column))

    def _chosen(self, head: Head | None, **more: object) -> None:
        if head:
            self._preview = None
            self.set(layer=head[0], head=head[1], others=[], **more)

    def _add(self, panel: str, row: int, column: int) -> None:
        if head := named(panel, row, column):
            self._preview = None
            self.set(**toggled(heads_of(self._state), head), show="one head")

    def _known(self, head: Head) -> bool:
        """Whether there is such a head; another model may have come meanwhile."""
        layers, heads = self.result_["entropy" if "entropy" in self.result_ else "bar"].shape
        return head[0] < layers and head[1] < heads

    def _looked_at(self) -> dict:
        """The state as it is drawn: with the head under the pointer, if there is one, before it is chosen."""
        if not self._preview:
            return self._state
        return {**self._state, "layer": self._preview[0], "head": self._preview[1], "others": []}


def name(head: Head) -> str:
    """
    >>> name((2, 8))
    '2.8'
    """
    return f"{head[0]}.{head[1]}"


def panel_of(head: Head) -> str:
    """The name of a head's thumbnail."""
    return f"head {name(head)}"


def named(panel: str, row: int, column: int) -> Head | None:
    """The head that a thumbnail, or a cell of the badges, stands for."""
    if panel == "badges":
        return row, column
    return read(panel.removeprefix("head ")) if panel.startswith("head ") else None


def read(head: str) -> Head:
    """
    >>> read("2.8")
    (2, 8)
    """
    layer, number = head.split(".")
    return int(layer), int(number)


def heads_of(state: dict) -> list[Head]:
    """The chosen ones, the one whose numbers are shown first.

    >>> heads_of({"layer": 2, "head": 8, "others": ["0.2"]})
    [(2, 8), (0, 2)]
    """
    return [(state["layer"], state["head"]), *map(read, state["others"])]


def toggled(chosen: Sequence[Head], head: Head) -> dict:
    """The state with this head added to the chosen ones or taken away; one always stays.

    >>> toggled([(2, 8)], (0, 2)), toggled([(2, 8), (0, 2)], (2, 8))
    ({'layer': 2, 'head': 8, 'others': ['0.2']}, {'layer': 0, 'head': 2, 'others': []})
    """
    left = [each for each in chosen if each != head] if head in chosen else [*chosen, head]
    first, *others = left or chosen
    return {"layer": first[0], "head": first[1], "others": [name(each) for each in others]}


def unknown(which: str, named: Sequence[str], layers: int, heads: int) -> str | None:
    """Which of the heads in a list is none."""
    try:
        found = [read(head) for head in named]
    except (AttributeError, ValueError):
        return f"{which}={named!r}; name heads as '2.8', their layer and their number."
    if beyond := [head for head in found if not (0 <= head[0] < layers and 0 <= head[1] < heads)]:
        return f"There is no head {name(beyond[0])}; layers go from 0 to {layers - 1}, heads from 0 to {heads - 1}."
    return None if len({*found}) == len(found) else f"{which}={named}: name each head once."


def wrong(state: dict, layers: int, heads: int) -> str | None:
    """Why these heads cannot be shown."""
    if state["show"] not in (known := [value for _, value in SHOWN]):
        return f"show={state['show']!r} is not offered; choose one of {', '.join(known)}."
    if problem := unknown("others", state["others"], layers, heads):
        return problem
    if len(chosen := heads_of(state)) > len(HEADS) or len({*chosen}) < len(chosen):
        return f"others={state['others']}: choose each head once, and {len(HEADS)} at most: there are no more colours."
    return None


def drawn(state: dict, heads: int) -> list[Head]:
    """The heads whose lines are drawn; none where many are shown as one."""
    if state["show"] == "all heads":
        return [(state["layer"], head) for head in range(heads)]
    return heads_of(state) if state["show"] == "one head" else []


def hues(chosen: Sequence[Head], first: int = 0) -> list[str]:
    """A colour for each, no two alike: that of its number in the layer, or the next that is free."""
    taken: list[int] = []
    for _, head in chosen:
        order = [(head + first + k) % len(HEADS) for k in range(len(HEADS))]
        taken.append(next((k for k in order if k not in taken), order[0]))
    return [HEADS[k] for k in taken]


def together(weights: Float[Tensor, "layer head place place"], show: str, layer: int) -> Float[Tensor, "place place"]:
    """Many heads as one: the mean or the maximum of a layer's, or the rollout of all up to it."""
    if show == "rollout":
        return maths.rollout(weights[: layer + 1])[-1]
    return weights[layer].mean(0) if show == "mean" else weights[layer].amax(0)


def blended(inks: Sequence[str], shares: Float[np.ndarray, "head place"]) -> list[str]:
    """For each place the mean of the heads' colours, each as heavy as it looks there.

    >>> blended(["#ff0000", "#0000ff"], np.array([[1.0, 0.5], [0.0, 0.5]]))
    ['#ff0000', '#800080']
    """
    colours = np.array([[int(ink[k : k + 2], 16) for k in (1, 3, 5)] for ink in inks])
    mixed = (shares.T @ colours) / np.maximum(shares.sum(0), 1e-12)[:, None]
    return ["#" + "".join(f"{round(part):02x}" for part in colour) for colour in mixed]
