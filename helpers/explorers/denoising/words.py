"""What `Denoising` says of the place that is looked at. Notebook: 07c_diffusion."""

from __future__ import annotations

from helpers.explorers.parts.numerals import number


def goal(way: str) -> str:
    """What the pictures of a place are compared with."""
    return "the real note" if way == "into noise" else "where it ends"


def verdict(result: dict, state: dict) -> str:
    """What is seen and heard, in a few sentences."""
    noise, signal = (float(result[name][state["place"]]) for name in ("noise", "signal"))
    said = ["There is no noise in x_t."]
    if noise >= 0.02:
        said = [
            f"x_t = {number(signal, 2)} × picture + {number(noise, 2)} × noise: harmonics that jump to another level 32 times a "
            "second, which buzzes."
        ]
    off = [number(result[name], 1) for name in ("guess off", "jump off")]
    said.append(f"In a typical cell the guess is {off[0]} dB off {goal(state['way'])}, one jump {off[1]} dB.")
    if state["way"] != "into noise":
        passes = "1 pass" if result["passes"] == 1 else f"{result['passes']:,} passes"
        said.append(f"The way took {passes} through the denoiser, the jump takes 1 through a network of the same size.")
    return " ".join([*said, "All sounds are brought to the same level."])


def on_the_way(t: int, noise: float) -> str:
    """Where a way is that is still being walked."""
    return (
        f"On the way back: t = {t:,}, {number(noise, 2)} × noise is in x_t. Jumps and the end are there when it has arrived; until "
        "then the strips below and all sounds are those of the last way."
    )


def alt(result: dict, state: dict) -> str:
    """The picture in words."""
    to_be = "as any note" if state["family"] == "any" else f"as {state['family']}"
    what = {
        "into noise": f"a real {state['note']} note goes into noise, and is guessed {to_be}",
        "out of noise": f"a note is made out of noise, {to_be}",
        "from a note": f"a real {state['note']} note, drowned to {number(state['strength'], 2)}, is brought back {to_be}",
    }[state["way"]]
    way = "" if state["way"] == "into noise" else f", {state['steps']} steps, η = {number(state['eta'], 2)}"
    where = f"place {state['place'] + 1} of {len(result['time'])}, t = {int(result['time'][state['place']]):,} of 1,000"
    return (
        f"Denoising: {what}; {state['schedule']} schedule{way}, w = {number(state['guidance'], 1)}, seed {state['seed']}; {where}. "
        f"{verdict(result, state)}"
    )
