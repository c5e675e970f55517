"""Swarms as part of a still picture, drawn as film.js draws them in the browser."""

from __future__ import annotations

import numpy as np

from helpers.views import still_plane
from helpers.views.film import Swarm
from helpers.views.stage import Plane

SHORT = 1.5  # px; an arrow that is no longer is left out


def _swarm(axes: object, plane: Plane, layer: Swarm, position: int, box: object) -> None:
    """All dots as one artist: hundreds of their own would take seconds."""
    tips = plane.px(layer.at(position))
    inks = [layer.ink] * len(tips) if isinstance(layer.ink, int | str) else layer.ink
    colours = [still_plane.ink_of(ink) for ink in inks]
    if not len(layer.feet):
        dots = axes.scatter(*tips.T, s=(2 * layer.size) ** 2, c=colours, linewidths=0, zorder=2)
        dots.set_clip_path(box)
        return
    feet = plane.px(layer.feet)
    far = np.hypot(*(tips - feet).T) >= SHORT
    if far.any():
        field = axes.quiver(
            *feet[far].T, *(tips - feet)[far].T, color=[c for c, seen in zip(colours, far) if seen], angles="xy",
            scale_units="xy", scale=1, units="dots", width=layer.size, zorder=2,
        )  # fmt: skip
        field.set_clip_path(box)


still_plane.LAYERS[Swarm] = _swarm
