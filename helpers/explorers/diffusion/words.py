"""What a way back has come to, in words.

Notebook: 07c_diffusion.
"""

from __future__ import annotations

from helpers.explorers.diffusion.way import FRAMES, MANY
from helpers.explorers.parts.numerals import number, plural, share

MODES = {"eight Gaussians": 8, "grid": 25, "two notes": 2}


def apart(near: float) -> str:
    """A squared MMD: how far two sets of points are from each other."""
    return number(near, 4)


def verdict(state: dict, result: dict) -> str:
    """The time, how near the points come in the end, and the same of what is beside."""
    t = result["t"][state["position"]]
    ends = f"{_method(state, result['steps'])} ends {_ends(state, result, '')}"
    beside = f"; beside it, {state['beside']}: {_ends(state, result, ' beside')}" if "near beside" in result else ""
    brief = f" While the net learns, ways of more than {MANY} steps are walked in at most {FRAMES}." if result["brief"] else ""
    return f"t = {t}. {ends}{beside}.{brief}"


def _method(state: dict, steps: int) -> str:
    eta = f" with η = {state['eta']:g}" if state["sampler"] == "DDIM" and state["eta"] else ""
    return f"{state['sampler']}{eta} in {plural(steps, 'step')}"


def _ends(state: dict, result: dict, which: str) -> str:
    near = f"{apart(result[f'near{which}'])} from the data (squared MMD)"
    updates = result.get(f"trained{which}")
    learned = "" if updates is None else f" after {plural(updates, 'update')}"
    if state["data"] not in MODES or state["strength"] < 1:
        return f"{near}{learned}"
    modes, quality = result[f"modes{which}"], result[f"quality{which}"]
    return f"{near}, with {share(quality)} of its points at {modes} of {MODES[state['data']]} modes{learned}"


def alt(state: dict, result: dict) -> str:
    """The whole picture."""
    asked = "" if state["given"] == "any" else f", {state['given']} notes asked for with guidance {state['w']:g}"
    begins = "pure noise"
    if state["strength"] < 1:
        begins = f"the note at {state['note'][0]:g}, {state['note'][1]:g} under noise of strength {state['strength']:g}"
    learned = f" after {plural(state['trained'], 'update')}" if state["network"] != "the exact noise" else ""
    return (
        f"500 points, 200 of them shown, on their way from {begins} to the cloud {state['data']!r}, "
        f"by {state['network']}{learned}, "
        f"{state['schedule']} schedule{asked}, seed {state['seed']}. Beside: {state['beside']}. {verdict(state, result)}"
    ).replace("-", "−")
