"""A duel in words. Notebook: 07b_gans."""

from __future__ import annotations

from helpers.explorers.parts.numerals import number, plural, share, short

ALIKE = {"minimax": "ln 4", "non-saturating": "ln 4"}


def verdict(result: dict, state: dict) -> str:
    """Where the duel stands."""
    made = f"After {plural(result['position'], 'move')} ({result['of_d']} of D, {result['of_g']} of G)"
    alike = f" ({ALIKE[state['loss']]} = {number(result['even'], 2)} if it cannot tell)" if state["loss"] in ALIKE else ""
    modes = (
        f"{result['modes']} of {plural(result['of'], 'mode')}, {share(result['quality'])} of the fakes near one"
        if result["of"]
        else "a cloud without modes to count"
    )
    return (
        f"{made}: {modes}; MMD² {short(result['mmd'])} (real from real: at most {short(result['floor'])} in six draws), "
        f"sliced Wasserstein {short(result['wasserstein'])}. D's loss {number(result['loss_d'], 2)}{alike}, "
        f"G's {number(result['loss_g'], 2)}; strongest pull on a fake {short(result['strongest'])}."
    )


def alt(result: dict, state: dict) -> str:
    """What the picture shows."""
    rules = (
        f"{state['loss']} loss, {state['depth']} hidden layers of {state['width']}, noise {state['noise']}, {state['optimiser']} "
        f"with rates {short(state['lr_d'])} for D and {short(state['lr_g'])} for G, batches of {state['batch']}, "
        f"instance noise {number(state['blur'], 2)}, rounds of {state['k_d']} D and {state['k_g']} G, seed {state['seed']}"
    )
    kinds = {
        "reals": "real points", "fakes": "fakes", "heat": "D's opinion", "boundary": "its boundary",
        "manifold": "G's folded noise", "pulls": "what pulls the fakes", "trail": "the way of the fakes' middle",
    }  # fmt: skip
    shown = ", ".join(name for key, name in kinds.items() if state[key]) or "nothing"
    cloud = state["data"] if state["data"] != "drawn" else f"{plural(len(state['drawn']), 'note')} of your own"
    way = "" if state["morph"] == 1 else f" The fakes are shown {share(state['morph'])} of the way from their noise."
    pace = " Training goes in slow motion." if state["slow"] else ""
    return f"A duel about {cloud}: {rules}. {verdict(result, state)} The plane shows {shown}.{way}{pace}"
