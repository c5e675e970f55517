"""What the browser draws: small widgets, one Python and one JavaScript module each; they compute no result."""

from helpers.views.film import Film, Swarm
from helpers.views.grid import Grid, Line, Panel, Picture
from helpers.views.keyboard import Keyboard, pitch_name
from helpers.views.player import Player, Track
from helpers.views.roll import HEADS, Arcs, Notes, Roll, Tokens
from helpers.views.stage import Arrows, Dots, Path, Plane, Stage, Stems, colours, contours
from helpers.views.words import Words

__all__ = [
    "HEADS",
    "Arcs",
    "Arrows",
    "Dots",
    "Film",
    "Grid",
    "Keyboard",
    "Line",
    "Notes",
    "Panel",
    "Path",
    "Picture",
    "Plane",
    "Player",
    "Roll",
    "Stage",
    "Stems",
    "Swarm",
    "Tokens",
    "Track",
    "Words",
    "colours",
    "contours",
    "pitch_name",
]
