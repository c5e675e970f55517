"""Which notebook cell made which explorer: running a cell again closes what its last run left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from ipywidgets import Widget

from helpers.explorers.awaiting import acknowledge


@runtime_checkable
class Closable(Protocol):
    """Something that holds widgets until it is closed."""

    def close(self) -> None: ...


_made: dict[str, tuple[str, list[Closable]]] = {}


def running() -> tuple[str, str] | None:
    """The cell being run and this run's number, or None outside a notebook.

    JupyterLab names its cells; other front ends don't, and there the cell's text stands for it.
    """
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None:
        return None
    parent = kernel.get_parent("shell")
    cell = parent.get("metadata", {}).get("cellId") or parent.get("content", {}).get("code", "")
    return cell, parent.get("header", {}).get("msg_id", "")


def adopt(explorer: Closable) -> None:
    """Remember who made it; if this cell ran before, close what that run made."""
    if (now := running()) is None:
        return
    acknowledge()
    cell, run = now
    before, explorers = _made.get(cell, (run, []))
    if before != run:
        for old in explorers:
            old.close()
        explorers = []
    _made[cell] = (run, [*explorers, explorer])


async def turn() -> None:
    """Give the event loop a turn, so that the browser's messages arrive."""
    await asyncio.sleep(0.01)


def free(*widgets: Widget) -> None:
    """Close widgets and all they hold, layouts and styles too: closing a box alone leaves its contents in memory."""
    for widget in widgets:
        for part in _family(widget):
            part.close()


def _family(widget: Widget) -> Iterable[Widget]:
    for child in getattr(widget, "children", ()):
        yield from _family(child)
    for name in ("layout", "style"):
        if isinstance(part := getattr(widget, name, None), Widget):
            yield part
    yield widget
