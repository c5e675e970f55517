"""The drive through an explorer that CI makes in each notebook: every control to its ends, every preset, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from helpers.explorers.values import ends

if TYPE_CHECKING:
    from helpers.explorers.base import Explorer


def drive(explorer: Explorer, flush: Callable[[], None]) -> int:
    """Show all these states; returns how many. flush: runs what the controls asked for, now.

    Raises FloatingPointError where a number on the screen is not finite, ValueError where a preset cannot be.
    """
    shown, start, kind = 0, explorer.state, type(explorer).__name__
    for name, control in explorer.controls.items():
        for value in ends(control):
            control.value = value
            flush()
            check_finite(explorer.result_, f"{kind} at {name} = {value!r}")
            shown += 1
        explorer.set(**start)
    for name in explorer.presets:
        explorer.set(**explorer.preset(name))
        if explorer.problem:
            raise ValueError(f"{kind}, preset {name!r}: {explorer.problem}")
        check_finite(explorer.result_, f"{kind}, preset {name!r}")
        shown += 1
    explorer.step(3).back().reset().set(**start)
    return shown


def check_finite(result: dict, where: str) -> None:
    """Raise FloatingPointError where a number is NaN or +∞; −∞ is silence in dB, or what max-pooling pads with."""
    for name, value in result.items():
        found = np.asarray(value)
        if found.dtype.kind == "f" and (np.isnan(found) | (found == np.inf)).any():
            raise FloatingPointError(f"{where}: {name} is not finite.")
