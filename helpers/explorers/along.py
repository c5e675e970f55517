"""Going along an explorer's axis, the state that play and step move: places, steps, and the transport of its picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from helpers.explorers.base import Explorer


class Along:
    """What of an explorer moves along `axis`, the name of a state; without one there is nowhere to go."""

    axis: ClassVar[str] = ""

    def places(self: Explorer) -> list:
        """The values the axis can take, in order."""
        return list(range(self.count()))

    def count(self) -> int:
        """How many places the axis has."""
        return 1

    def step(self: Explorer, n: int = 1) -> Explorer:
        """Go n places on along the axis, no further than its end."""
        places = self.places() if self.axis else []
        if not places:
            return self
        return self.set(**{self.axis: places[min(max(places.index(self._state[self.axis]) + n, 0), len(places) - 1)]})

    def back(self) -> Explorer:
        """Go one place back."""
        return self.step(-1)

    def play(self: Explorer) -> Explorer:
        """Run along the axis: in the browser where one shows it, else at once to the end."""
        if self.grid.attached and self.grid.count > 1:  # only then the browser has something to run along
            self.grid.playing = True
        elif self.axis:
            self.step(self.count())
        return self

    def pause(self: Explorer) -> Explorer:
        """Stop where it is."""
        self.grid.playing = False
        return self
