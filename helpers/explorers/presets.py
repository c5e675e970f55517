"""Presets: states with a name, and the menu that offers them and says which one is shown."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING

import ipywidgets as widgets

from helpers.explorers.values import not_offered

if TYPE_CHECKING:
    from helpers.explorers.base import Explorer


class Presets:
    """The presets of an explorer. meant: what each stands for, as a whole state, once it was asked for."""

    def __init__(self, explorer: Explorer) -> None:
        self.explorer = explorer
        self.meant: dict[str, dict] = {}

    def whole(self, name: str) -> dict:
        """The whole state that a preset stands for."""
        chosen, explorer = copy.deepcopy(self.explorer.presets[name]), self.explorer
        self.meant[name] = explorer.settle({**copy.deepcopy(explorer.defaults), **chosen}, chosen)
        return copy.deepcopy(self.meant[name])

    def shown(self, state: dict) -> str:
        """The preset that is shown, whichever place of the axis one looks at, or ""."""
        explorer = self.explorer
        ours = {**state, explorer.axis: None}
        known = {name: self.meant.get(name, {**explorer.defaults, **preset}) for name, preset in explorer.presets.items()}
        return next((name for name, meant in known.items() if {**meant, explorer.axis: None} == ours), "")

    def possible(self) -> dict[str, dict]:
        """Those that can be shown: a network or notes of one's own may not have what some of them look at."""
        explorer, found = self.explorer, {}
        for name, preset in explorer.presets.items():
            whole = explorer.preset(name)
            if not (not_offered(explorer.controls, whole) or explorer.impossible(whole)):
                found[name] = preset
        return found

    def menu(self, choose: Callable[[dict], None]) -> widgets.Dropdown | None:
        """All of them to choose from; None where there is none. choose: is told of a change of the menu's value."""
        if self.explorer.given:
            self.explorer.presets = self.possible()
        if not self.explorer.presets:
            return None
        # an entry whose value is None would show nothing
        options = [("choose…", ""), *((name, name) for name in self.explorer.presets)]
        menu = widgets.Dropdown(options=options, description="preset")
        menu.observe(choose, "value")
        return menu
