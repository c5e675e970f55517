"""What the neuron explorer shows, in words.

Notebook: 01_neurons. Used by helpers/explorers/neuron/neuron.py.
"""

from __future__ import annotations

from helpers.concepts.learning import FARTHEST
from helpers.explorers.parts.numerals import number
from helpers.explorers.question import Question


def verdict(result: dict, state: dict) -> str:
    """How well it tells the classes apart at this step, and what is wrong, if anything is."""
    share = f"{round(100 * result['accuracy'])} % of {len(result['outputs'])} points right"
    said = [f"Step {result['step']}: loss {result['loss']:.3f}, {share}."]
    if result["diverged"] >= 0:
        said.append(f"It diverges: step {result['diverged']} would take a weight beyond ±{FARTHEST:,.0f}. Lower the rate.")
    if result.get("dead"):
        said.append(f"{result['dead']} dead unit{'s' * (result['dead'] > 1)}: no gradient arrives there.")
    if not state["bias"]:
        said.append("Without biases." if state["layers"] else "Without a bias: the line passes through the middle of the plane.")
    return " ".join(said)


def alt(result: dict, state: dict) -> str:
    """The whole picture."""
    learns = f"{state['optimiser']}, learning rate {state['lr']:.3g}, batches of {state['batch']}, {state['loss']} loss"
    said = [
        f"{_who(result, state)} on {_data(state)}.",
        f"{learns}, {state['steps']} steps. {verdict(result, state)}",
    ]
    if state["data"] != "yours":
        said.append(f"A new point is of class {state['brush']}.")
    if state["picked"] >= 0:
        said.append(f"Point {state['picked']}: output {number(float(result['outputs'][state['picked']]), 2)}.")
    if state["unit"] != "output":
        said.append(f"The map is that of hidden unit {state['unit']}.")
    return " ".join(said)


def asked(result: dict, state: dict) -> Question:
    """How many points it will have right, before it learns."""
    last = float(result["accuracies"][-1])
    options = ["about half", "about three quarters", "nearly all"]
    hidden = f"a network with {state['layers']} hidden layer{'s' * (state['layers'] > 1)}"
    who = (hidden if state["layers"] else "one neuron") + ("" if state["bias"] else ", its bias held at 0,")
    data = "your sounds" if state["data"] == "yours" else state["data"]
    return Question(
        f"{data[0].upper()}{data[1:]}: after {state['steps']} steps, how many points has {who} got right?",
        options,
        options[0] if last < 0.63 else options[1] if last < 0.9 else options[2],
        f"{round(100 * last)} %. Press play and watch where the line goes.",
    )


def _data(state: dict) -> str:
    """Which sounds; your own have no noise to choose."""
    if state["data"] == "yours":
        return f"your own sounds (seed {state['seed']})"
    return f"{state['data']} (noise {state['noise']:g}, seed {state['seed']})"


def _who(result: dict, state: dict) -> str:
    if not state["layers"]:
        w1, w2, b = (number(float(v), 2) for v in result["weights"])
        article = "An" if state["activation"][0] in "aeiouAEIOU" else "A"
        return f"{article} {state['activation']} neuron with weights {w1} and {w2} and bias {b}"
    layers = f"{state['layers']} hidden layer{'s' * (state['layers'] > 1)} of {state['units']} {state['activation']} units"
    return f"A network of {layers} ({result['parameters']} parameters)"
