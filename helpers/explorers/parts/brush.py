"""What a stroke on an editable panel paints: +1, 0 or −1."""

from __future__ import annotations

import ipywidgets as widgets

from helpers.explorers.base import Explorer

BRUSHES = {"+1": 1.0, "0": 0.0, "−1": -1.0}


def brush(explorer: Explorer) -> widgets.ToggleButtons:
    """Offer the brushes beside the explorer's controls.

    The choice goes from the buttons to the canvas inside the browser: through the kernel, a busy one would let a stroke
    that follows at once begin with the last brush.
    """
    buttons = widgets.ToggleButtons(options=list(BRUSHES), description="draw", style={"button_width": "44px"})
    explorer.grid.brushes = list(BRUSHES.values())
    explorer.keep(widgets.jsdlink((buttons, "index"), (explorer.grid, "brush")))
    return explorer.beside(buttons)
