"""What the race downhill says: how it ended for each optimiser, and where the one that is followed has come.

Notebook: 03_gradient_descent. Used by helpers/explorers/descent/descent.py.
"""

from __future__ import annotations

from helpers.concepts.descent import OPTIMISERS, USES
from helpers.explorers.parts.numerals import number, plural, share, short

RAVINES = ("ravine", "rotated ravine")  # surfaces that have a condition


def verdict(result: dict, state: dict, least: float) -> str:
    """How it ended for each of them; least: the surface's lowest loss."""
    return "; ".join(f"{name} {_ended(name, result, least)}" for name in OPTIMISERS if state[name.lower()]) + "."


def _ended(name: str, result: dict, least: float) -> str:
    diverged, after = result[f"diverged of {name}"], result[f"settled of {name}"]
    if diverged >= 0:
        return f"diverges, out of reach at step {diverged}"
    if after >= 0:
        return f"needs {plural(after, 'step')}"
    losses = result[f"loss of {name}"] - least
    if losses[-1] > losses[0]:
        return f"climbs: {short(losses[0])} to {short(losses[-1])}"
    return f"has {share(losses[-1] / losses[0])} of its loss left"


def alt(result: dict, state: dict, verdict: str) -> str:
    """The race in words, with how it ended."""
    x, y = (number(float(v), 3) for v in result["place"])
    from_x, from_y = (number(v, 2) for v in state["start"])
    told = f" (condition {state['condition']:.0f})" if state["surface"] in RAVINES else ""
    noise = f", noise {state['noise']:g}, seed {state['seed']}" if state["noise"] else ""
    betas = "".join(f", {symbol} {state[b]:g}" for b, symbol in (("beta", "β"), ("beta2", "β₂")) if b in USES[state["follow"]])
    return (
        f"Race on the surface {state['surface']}{told} from ({from_x}, {from_y}){noise}, "
        f"{plural(state['steps'], 'step')}. {verdict} "
        f"{state['follow']} (rate {state['lr']:.4g}{betas}) is at ({x}, {y}) "
        f"after step {result['step']}, loss {short(result['loss'])}."
    )
