"""What the browser draws: small widgets, one Python and one JavaScript module each; they compute no result."""

from helpers.views.grid import Grid, Line, Panel, Picture
from helpers.views.player import Player, Track

__all__ = ["Grid", "Line", "Panel", "Picture", "Player", "Track"]
