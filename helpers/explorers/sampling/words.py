"""What `Sampling` shows, in words: the line below the picture, and the whole picture for who does not see it.

Notebook: 06_transformers.
"""

from __future__ import annotations

from helpers.explorers.sampling.writing import percent, shown


def verdict(found: dict, size: int) -> str:
    """How many of `size` symbols are kept, what was cut off, and how undecided the model is."""
    possible = size - found["forbidden"]
    kept = (
        "all are kept" if found["kept"] == possible else f"{found['kept']} kept, {percent(found['cut'])} of the probability cut off"
    )
    mask = f" The masks forbid {found['forbidden']}, which had {percent(found['masked'])}." if found["forbidden"] else ""
    after = f", {found['entropy kept']:.2f} after the cut" if found["cut"] > 0 else ""
    return f"What comes next, of {possible} symbols: {kept}. Entropy {found['entropy']:.2f} bits{after}.{mask}"


def picture(found: dict, state: dict, names: list[str]) -> str:
    """The place, the settings, the most probable symbols, the verdict, and the tune."""
    best = ", ".join(f"{shown(names[i])} {percent(found['softmax'][i])}" for i in found["ranking"][:5])
    stands = f" {shown(names[found['stands there']])} stands there." if found["stands there"] >= 0 else ""
    settings = ", ".join(f"{name.replace('_', '-')} {state[name]:g}" for name in ("temperature", "top_k", "top_p", "min_p"))
    return (
        f"{state['prompt']}, after {state['at']} symbols ({settings}, seed {state['seed']}): {best}.{stands} "
        f"{verdict(found, len(names))} The tune so far: {tune(found)}. {found['problem']}"
    ).strip()


def tune(found: dict) -> str:
    """How many notes it has, and how many of its bars are full."""
    if not len(found["notes"]):
        return "no notes"
    return f"{len(found['notes'])} notes, {found['full']} of {len(found['bars'])} bars are full"
