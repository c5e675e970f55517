"""What `Latent` says of its map. Notebook: 07a_autoencoders."""

from __future__ import annotations

from helpers.explorers.latent.space import Space
from helpers.explorers.parts.numerals import number


def place(at: list[float]) -> list[str]:
    """The numbers of a place as they are written."""
    return [number(float(v), 2) for v in at]


def caption(state: dict, result: dict, space: Space) -> str:
    """What is seen, in a few sentences."""
    kl = sorted(map(float, result["kl"]), reverse=True)
    z = ", ".join(place(state["z"]))
    said = [f"Round z = ({z}) a step of 1 changes a typical cell by {number(result['steepness'], 1)} dB."]
    if "off" in result:
        off, nats = number(result["off"], 1), number(result["note kl"], 1)
        said.append(f"The new {_called(state)} comes back {off} dB off; its code says {nats} nats.")
    spoken = " and ".join(number(v, 1) for v in kl[:2]) if len(kl) == 2 else f"from {number(kl[-1], 2)} to {number(kl[0], 1)}"
    said.append(f"A training note's numbers say {spoken} nats each, on average.")
    if "explained" in result:
        said.append(f"The arrow points to more {state['colour']}: a direction explains {100 * result['explained']:.0f} % of it.")
    return " ".join(said)


def alt(state: dict, result: dict, space: Space) -> str:
    """The picture in words."""
    points = "; ".join(f"{name} at ({', '.join(place(at))})" for name, at in zip("ABCD", state["points"]))
    shown = f"half of the {len(space.notes):,} training notes as dots by {state['colour']}, ground: {state['ground']}"
    drawn = f"Codes drawn with σ = {number(state['sigma'], 1)} and seed {state['seed']}"
    where = f"A {state['way']} way in steps of {state['steps']}: {points}. {drawn}. Encoded: {state['note']}."
    return f"A map of codes of {state['model']}, {shown}. {where} {caption(state, result, space)}"


def _called(state: dict) -> str:
    return "sound" if state["note"] == "your sound" else f"{state['note']} note"
