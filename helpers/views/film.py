"""Film: a Stage on which clouds of dots, or fields of arrows, move with the transport: a frame for each of its positions.

Places travel as 16-bit numbers, once; where a frame is a mixture of a few clouds (data and noise, say) only these travel
and how much of each every frame has, and the browser mixes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import traitlets
from jaxtyping import Float

from helpers.views.grid import Panel
from helpers.views.stage import Layer, Plane, Stage
from helpers.views.widget import script

LEVELS = 65_535
REACH = 2.0  # places as far outside of a plane, in its own widths and heights, still travel; what is beyond stands there


@dataclass
class Swarm(Layer):
    """Dots of `size` px radius that have other places in each frame. xy: (frame, dot, 2).

    mix: (frame, part), if given: then xy holds the parts, (part, dot, 2), and a frame's places are the sum of the parts
    times its row of mix. feet: (dot, 2), if given: each dot is the tip of an arrow from there, `size` px thick.
    Raises ValueError where the shapes do not fit or a place is not finite.
    """

    kind: ClassVar[str] = "swarm"
    places: ClassVar[int] = 0  # its numbers are shares of the parts; the places are sent apart
    unsaid: ClassVar[tuple[str, ...]] = ("xy", "mix", "feet", "start")

    size: float = 3.0
    mix: np.ndarray | Sequence | None = field(default=None, repr=False)
    feet: np.ndarray | Sequence | None = field(default=None, repr=False)
    start: int = 0  # of its places among all of the Film, which sets it

    def __post_init__(self) -> None:
        self.xy = np.asarray(self.xy, dtype=float)
        if self.xy.ndim != 3 or self.xy.shape[2] != 2 or not np.isfinite(self.xy).all():
            raise ValueError(f"layer {self.name!r}: xy has shape {self.xy.shape}; it is (frame, dot, 2), all of it finite.")
        self.mix = np.empty((0, 0)) if self.mix is None else np.asarray(self.mix, dtype=float)
        self.feet = np.empty((0, 2)) if self.feet is None else np.asarray(self.feet, dtype=float)
        dots = self.xy.shape[1]
        if self.mix.size and self.mix.shape[1:] != (len(self.xy),):
            raise ValueError(
                f"layer {self.name!r}: mix has shape {self.mix.shape}; it is (frame, {len(self.xy)}), as there are parts."
            )
        if len(self.feet) not in (0, dots):
            raise ValueError(f"layer {self.name!r}: {len(self.feet)} feet for {dots} arrows; give one for each.")
        if not isinstance(self.ink, int | str) and len(self.ink) != dots:
            raise ValueError(f"layer {self.name!r}: {len(self.ink)} inks for {dots} dots; give one, or one for each.")

    def numbers(self) -> np.ndarray:
        return self.mix

    def described(self) -> dict:
        said = {"parts": len(self.xy), "dots": self.xy.shape[1], "arrows": bool(len(self.feet)), "start": self.start}
        return super().described() | {"count": len(self.mix), "columns": self.mix.shape[1]} | said

    def at(self, position: int) -> Float[np.ndarray, "dot 2"]:
        """Where the dots are at the transport's position; past the last frame they stay there."""
        if self.mix.size:
            return np.tensordot(self.mix[min(position, len(self.mix) - 1)], self.xy, 1)
        return self.xy[min(position, len(self.xy) - 1)]


class Film(Stage):
    """A Stage whose planes may hold Swarms."""

    _esm = script("late", "link", "transport", "geometry", "numbers", "paint", "hand", "plane", "film", "grid")

    places = traitlets.Bytes(b"").tag(sync=True)

    def show(self, panels: list[Panel], labels: Sequence[dict] = ()) -> None:
        sent, start = [], 0
        for plane in panels:
            for swarm in (layer for layer in getattr(plane, "layers", []) if isinstance(layer, Swarm)):
                shares = _shares(plane, np.concatenate([swarm.xy.reshape(-1, 2), swarm.feet]))
                sent.append(shares.tobytes())
                swarm.start, start = start, start + shares.size
        with self.hold_sync():
            super().show(panels, labels)
            self.places = b"".join(sent)


def _shares(plane: Plane, xy: Float[np.ndarray, "place 2"]) -> np.ndarray:
    """Places as whole 65535ths of what a plane reaches to either side."""
    low, high = np.array([plane.x_range, plane.y_range]).T
    share = ((xy - low) / (high - low) + REACH) / (1 + 2 * REACH)
    return (LEVELS * np.clip(share, 0, 1)).round().astype("<u2")
