"""What takes a `Landscape` longer than a moment: more nodes, and an exact grid to compare its surface with.

Notebook: 03_gradient_descent. The work is done in small pieces, see helpers/explorers/parts/background.py.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from helpers.concepts.chart import LEVELS, exact
from helpers.explorers.landscape import words
from helpers.explorers.parts.background import Background
from helpers.explorers.parts.status import Status
from helpers.training.history import duration

if TYPE_CHECKING:
    from helpers.explorers.landscape.landscape import Landscape

DEFINE = ("network", "against", "directions", "per", "seed", "reach")  # what decides which planes are shown
TOLERANCE = 0.002  # of the surface's range, at held-out points
CHECKED = 21  # places along each side of the exact grid


class Survey:
    """Measures in the background, and says how far it is. said: where it says so; frame: what is known of an exact grid.

    show: draws the landscape with all its controls, when the work has ended.
    """

    def __init__(self, landscape: Landscape, show: Callable[[], None]) -> None:
        self.landscape, self.show, self.said = landscape, show, Status()
        self.frame: np.ndarray | None = None
        self.checked: dict | None = None
        self._work = Background(self._progress, lambda error: self.said.say(f"stopped: {error}"))
        self._working_on: tuple | None = None  # what was shown when the work began

    @property
    def busy(self) -> bool:
        """Whether something is going on that nobody has cancelled."""
        return self._work.busy

    @property
    def under_way(self) -> bool:
        """Whether a measurement has begun and not ended."""
        return self._working_on is not None

    def follow(self) -> None:
        """The landscape's state has changed: end what was begun for other planes, forget what was said of another surface."""
        if self._working_on and self._working_on != self._shown():
            self.cancel()
        if self.checked and self.checked["of"] != self._compared():
            self.checked = None
            self.said.say("")

    def refine(self) -> None:
        """Measure at more and more nodes until held-out points agree."""
        self._work.start(self._measure([n for n in LEVELS if n >= self.landscape.state["nodes"]], TOLERANCE))

    def measure(self, nodes: int) -> None:
        """Measure at so many nodes along each side."""
        self._work.start(self._measure([nodes], 0.0))

    def check(self) -> None:
        """Measure an exact grid, and say how far the surface is from it (`checked`)."""
        self._work.start(self._compare())

    def cancel(self) -> None:
        """End what is being measured; what is known already is kept."""
        if self.busy:
            self._work.cancel()
            self.said.say("cancelled")

    def end(self) -> None:
        """End it without a word."""
        self._work.cancel()

    async def done(self) -> None:
        """Wait for its end."""
        await self._work.done()

    def _shown(self) -> tuple:
        state = self.landscape.state
        return tuple(state[key] for key in DEFINE)

    def _compared(self) -> tuple:
        return *self._shown(), self.landscape.state["nodes"]

    def _measure(self, levels: list[int], tolerance: float) -> Generator[str, None, None]:
        self._working_on, began, measured = self._shown(), perf_counter(), 0
        try:
            for nodes in levels:
                for site in self.landscape.sites():
                    for left in site.chart.fill(nodes):
                        measured += 1
                        each = (perf_counter() - began) / measured
                        yield f"{nodes} × {nodes} nodes: {left} losses to go, about {duration(left * each)}"
                found = self.landscape.set(nodes=nodes).result_
                if max(found["share"], found.get("against_share", 0.0)) <= tolerance:
                    break
            self.said.say("")
        finally:
            self._working_on = None
            self.show()

    def _compare(self) -> Generator[str, None, None]:
        self._working_on, site = self._shown(), self.landscape.sites()[0]
        x, y = (np.linspace(*ends, CHECKED) for ends in site.window)
        try:
            for self.frame in exact(site.losses, x, y, site.losses.batch, interval=0.0):
                yield f"exact grid: {np.isfinite(self.frame).sum()} of {CHECKED**2} losses"
            state = self.landscape.state  # it may have changed meanwhile, and with it the surface
            nodes = state["nodes"]
            worst = float(np.abs(self.frame - site.chart.surface(nodes, CHECKED).values).max())
            self.checked = {"error": worst, "share": worst / float(np.ptp(self.frame)), "of": self._compared()}
            which = f"{state['network']}, {nodes} × {nodes} nodes"
            self.said.say(f"{which}. Exact on {CHECKED} × {CHECKED}: {words.known(self.checked, '')}.")
        finally:
            self.frame = self._working_on = None
            self.show()

    def _progress(self, said: str) -> None:
        self.said.say(said)
        self.landscape.draw()
