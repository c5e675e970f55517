"""What a state of the duel explorer can be, and what follows from it: the rules, the notes, the script's end.

Notebook: 07b_gans. Used by helpers/explorers/duel/duel.py.
"""

from __future__ import annotations

import numpy as np

from helpers.concepts.duel import Rules
from helpers.datasets.clouds import CLOUDS, REACH, Cloud, cloud
from helpers.explorers.duel.course import centred, length, unreadable
from helpers.explorers.values import beyond

RULES = ("loss", "noise", "depth", "width", "optimiser", "lr_d", "lr_g", "batch", "blur", "seed")  # a change begins anew
LIMITS = {
    "depth": (1, 3), "width": (4, 64), "lr_d": (1e-4, 1), "lr_g": (1e-4, 1), "batch": (16, 256), "blur": (0, 0.3),
    "k_d": (1, 10), "k_g": (1, 10), "morph": (0, 1), "seed": (0, 99),
}  # fmt: skip
SPREAD = 0.05  # of the notes that are drawn
MOST_DRAWN = 12
MOST = 20_000  # moves


def settled(state: dict, changes: dict) -> dict:
    """The state after these changes: a duel by other rules has made no move, and the newest move is looked at."""
    redrawn = "drawn" in changes and state["data"] == "drawn"
    if ({*RULES, "data"} & changes.keys() or redrawn) and "moves" not in changes:
        state["moves"] = []
    if ({*RULES, "data"} & changes.keys() or redrawn or "moves" in changes) and "position" not in changes:
        state["position"] = -1
    if state["position"] == -1 and not unreadable(state["moves"], MOST):
        state["position"] = length(state["moves"])
    return state


def problem(state: dict) -> str | None:
    """Why a state cannot be, before any move is made; None if it can."""
    if state["data"] not in (*CLOUDS, "drawn"):
        return f"There is no cloud {state['data']!r}; choose one of {', '.join(CLOUDS)}, drawn."
    drawn = state["drawn"]
    if not all(is_place(place) for place in [*drawn, *([state["heard"]] if state["heard"] else [])]):
        return f"drawn = {drawn!r}, heard = {state['heard']!r}: each place is [x, y], from −{REACH} to {REACH}."
    if not 1 <= len(drawn) <= MOST_DRAWN:
        return f"{len(drawn)} notes are drawn; there is room for 1 to {MOST_DRAWN}."
    if out := beyond(state, LIMITS) or unreadable(state["moves"], MOST):
        return out
    if not 0 <= state["position"] <= length(state["moves"]):
        return f"There is no move {state['position']}; the last is {length(state['moves'])}."
    return None


def rules_of(state: dict) -> Rules:
    """The rules of the duel, without its notes."""
    return Rules(**{name: state[name] for name in RULES})


def cloud_of(state: dict) -> Cloud:
    """The notes to be learned: a cloud of that name, or the ones that are drawn."""
    return centred(np.array(state["drawn"]), SPREAD) if state["data"] == "drawn" else cloud(state["data"])


def is_place(place: object) -> bool:
    """Whether this is a place on the plane."""
    return isinstance(place, list) and len(place) == 2 and all(type(v) in (int, float) and abs(v) <= REACH for v in place)
