"""What a state may hold: known names, values of their kind, entries that the menus have; and which controls can be hidden."""

from __future__ import annotations

import difflib
import json
import numbers
from collections.abc import Iterable

import ipywidgets as widgets


def check(kind: str, defaults: dict, changes: dict) -> None:
    """Raise ValueError where a name is unknown or a value is of another kind than the default's."""
    for name, value in changes.items():
        if name not in defaults:
            near = difflib.get_close_matches(name, defaults, 1)
            hint = f"Did you mean {near[0]!r}?" if near else f"It has {', '.join(defaults)}."
            raise ValueError(f"{kind} has no {name!r}. {hint}")
        wanted = type(defaults[name])
        if defaults[name] is not None and not _is_a(value, wanted):
            was = type(value).__name__
            raise ValueError(f"{kind}: {name}={value!r} is {was}; it should be {wanted.__name__}.")
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError) as error:
            way_out = "Give finite numbers, texts, or lists of them."
            raise ValueError(f"{kind}: {name}={value!r} cannot be kept: {error}. {way_out}") from None


def _is_a(value: object, wanted: type) -> bool:
    """Whether a value is of the kind; a whole number is also a float, True is no number."""
    if isinstance(value, bool) or wanted is bool:
        return isinstance(value, bool) and wanted is bool
    return isinstance(value, numbers.Real if wanted is float else wanted)


def hidden_of(kind: str, controls: set[str], hide: Iterable[str]) -> set[str]:
    """The names of the controls to hide. Raises ValueError where one is unknown."""
    hidden = {hide} if isinstance(hide, str) else set(hide)
    if unknown := hidden - controls:
        raise ValueError(f"{kind} has no control {sorted(unknown)}; hide some of {sorted(controls)}.")
    return hidden


def not_offered(controls: dict[str, widgets.ValueWidget], state: dict) -> str | None:
    """Which menu has no such entry, and which it has; None where all have theirs."""
    for name, control in controls.items():
        if hasattr(control, "options") and state[name] not in (offered := ends(control)):
            return f"{name}={state[name]!r} is not offered; choose one of {', '.join(map(str, offered))}."
    return None


def beyond(state: dict, limits: dict[str, tuple[float, float]]) -> str | None:
    """Which number of a state lies outside its limits, and what they are; None where all lie within.

    A learning rate that comes from a slider of exponents may miss its end by rounding.

    >>> beyond({"beta": 1.2}, {"beta": (0, 0.99)})
    'beta = 1.2 cannot be; choose 0 to 0.99.'
    """
    for name, (low, high) in limits.items():
        if not low - 1e-9 * abs(low) <= state[name] <= high + 1e-9 * abs(high):
            return f"{name} = {state[name]:g} cannot be; choose {low:g} to {high:g}."
    return None


def no_such_step(state: dict) -> str | None:
    """Why the position is none of the steps from 0 to the last; None where it is."""
    if 0 <= state["position"] <= state["steps"]:
        return None
    return f"There is no step {state['position']}; the last is {state['steps']}."


def ends(control: widgets.ValueWidget) -> list:
    """The values worth trying: least, present and most of a range; every choice of a menu."""
    if hasattr(control, "options"):
        return [o[1] if isinstance(o, tuple) else o for o in control.options]
    if hasattr(control, "base"):  # of a log slider, whose ends are exponents
        return [control.base**control.min, control.value, control.base**control.max]
    if hasattr(control, "min"):
        return [control.min, control.value, control.max]
    return [not control.value, control.value] if isinstance(control.value, bool) else [control.value]
