"""What `Flavours` says of what it shows. Notebook: 07b_gans."""

from __future__ import annotations

from helpers.explorers.flavours.board import called, percent
from helpers.explorers.flavours.making import CLIMB, DRAWINGS, ENLARGED, FREE
from helpers.explorers.parts.numerals import number


def verdict(result: dict, state: dict) -> str:
    """What is seen and heard, in a few sentences."""
    say = {"drawings": _drawings, "between": _between, "level by level": _levels, "enlarged": _enlarged}[state["show"]]
    return f"{say(result, state)} All sounds are brought to the same level."


def _drawings(result: dict, state: dict) -> str:
    taken = int((result["taken"] > 0.5).sum())
    limit = number(state["truncation"], 1)
    cut = "the noise is as it was drawn" if state["truncation"] >= FREE else f"the noise is kept within ± {limit}"
    return (
        f"The judge takes {taken} of {DRAWINGS} drawings for {called(state['family'])}. From drawing to drawing a cell varies by "
        f"{number(result['spread'], 1)} dB; {cut}."
    )


def _between(result: dict, state: dict) -> str:
    said = (
        f"A cell of A is {number(result['whole'], 1)} dB from that of B; the largest of the eight steps is "
        f"{number(result['steps'].max(), 1)} dB."
    )
    if state["to"] == state["family"]:
        return f"{said} Only the noise changes: it is told {called(state['family'])} all the way."
    return f"{said} Only the family changes: the noise is the same." if state["a"] == state["b"] else said


def _levels(result: dict, state: dict) -> str:
    sure = ", ".join(f"{percent(p)} ({size})" for size, p in zip(CLIMB, result["taken"], strict=True))
    return f"How sure the judge is of {called(state['family'])}: {sure}. Each picture is the one before, doubled, and a band."


def _enlarged(result: dict, state: dict) -> str:
    at = {k: title for k, (name, title) in enumerate(ENLARGED.items()) if name not in ("low", "real")}
    least, nearest = (at[min(at, key=lambda k: result[name][k])] for name in ("off", "apart"))
    return (
        f"Of the four enlargements, {least} has the least error in dB; in the judge's ears {nearest} is nearest to the real note."
    )


def alt(result: dict, state: dict) -> str:
    """The picture in words."""
    family, other, seed = called(state["family"]), called(state["to"]), f"seed {state['seed']}"
    a, b, place = state["a"] + 1, state["b"] + 1, state["place"]
    if state["show"] == "drawings":
        what = f"eight drawings of {family}, {seed}, and the noise of drawing {a} with every family"
    elif state["show"] == "between":
        what = f"a way from {family}, drawing {a}, to {other}, drawing {b}, {seed}; at place {place + 1}"
    elif state["show"] == "level by level":
        what = f"{family} by a LAPGAN, {seed}, bands' seed {state['detail']}, beside real note {a}; at {CLIMB[place]}"
    else:
        what = f"real {family} note {a}, shrunk to 6 × 8 and enlarged; at {list(ENLARGED.values())[place]}"
    return f"Flavours: {what}. {verdict(result, state)}"
