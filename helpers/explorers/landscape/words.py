"""What the landscape explorer says: what is shown, how well it is known, what the chosen weights do.

Notebook: 03_gradient_descent. Used by helpers/explorers/landscape/landscape.py.
"""

from __future__ import annotations

import numpy as np

from helpers.explorers.landscape.terrain import against
from helpers.explorers.parts.numerals import number


def verdict(result: dict, state: dict, notes: int) -> str:
    """What is shown, how well it is known, and what the chosen weights do; notes: how many a loss is the mean of."""
    said = f"{result['evaluations']} losses of {notes} notes, {known(result)}."
    if state["against"]:
        said += f" {state['against']}: {known(against(result))}."
    said += (
        f" At a = {number(state['a'], 2)}, b = {number(state['b'], 2)}: loss {number(result['loss'], 3)} ± "
        f"{number(result['uncertainty'], 3)}, {100 * result['accuracy']:.0f} % of the notes named right."
    )
    if "true" in result:
        i = state["snapshot"]
        said += (
            f" After {result['steps'][i]} steps: loss {number(float(result['true'][i]), 3)}, "
            f"on the plane {number(float(result['near'][i]), 3)}, {number(float(result['off'][i]), 2)} off it."
        )
    if "explained" in result:
        said += f" The plane holds {100 * float(result['explained'].sum()):.0f} % of the way."
    return said


def alt(result: dict, state: dict, notes: int) -> str:
    """The same for somebody who does not see the picture."""
    way = "in random directions" if state["directions"] == "random" else "along its trajectory"
    both = f" and {state['against']}" if state["against"] else ""
    low, high = (number(float(end), 2) for end in (np.min(result["surface"]), np.max(result["surface"])))
    said = verdict(result, state, notes)
    return f"Loss landscape of {state['network']}{both} {way}, {state['scale']} scale: {low} to {high}. {said}"


def known(result: dict, which: str = "held-out ones ") -> str:
    """How well a surface is known, in words; which: of its losses."""
    if not np.isfinite(result["share"]):
        return "some of them not finite: choose a smaller reach"
    return f"{which}off by at most {error(result['error'])} ({number(100 * result['share'], 2)} % of the range)"


def error(value: float) -> str:
    """An error with three decimals, or as many as show two digits that matter.

    >>> error(0.19812), error(0.00034912), error(0.0)
    ('0.198', '0.00035', '0.000')
    """
    return number(value, max(3, 1 - int(np.floor(np.log10(value)))) if value else 3)
