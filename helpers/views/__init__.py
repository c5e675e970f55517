"""What the browser draws: small widgets, one Python and one JavaScript module each; they compute no result."""

from helpers.views.grid import Grid, Line, Panel, Picture
from helpers.views.player import Player, Track
from helpers.views.stage import Arrows, Dots, Path, Plane, Stage, Stems, colours, contours

__all__ = [
    "Arrows",
    "Dots",
    "Grid",
    "Line",
    "Panel",
    "Path",
    "Picture",
    "Plane",
    "Player",
    "Stage",
    "Stems",
    "Track",
    "colours",
    "contours",
]
