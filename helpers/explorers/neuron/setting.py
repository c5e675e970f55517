"""What a state of the neuron explorer can be, and what follows from it: points, network, and the run of its training.

Notebook: 01_neurons. Used by helpers/explorers/neuron/neuron.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

import numpy as np

from helpers.concepts.activation import ACTIVATIONS
from helpers.concepts.learning import LOSSES, OPTIMISERS, Recipe, train
from helpers.concepts.neuron import Net
from helpers.datasets import timbre, toys
from helpers.explorers.values import beyond

FRAMES = 100  # places of the transport after the start, whatever the number of steps
STEPS = (100, 300, 1000, 3000)
MOST_POINTS, MOST_WEIGHT = 200, 1000.0
LIMITS = {
    "layers": (0, 3),
    "units": (1, 8),
    "batch": (1, 60),
    "noise": (0, 0.5),
    "lr": (1e-3, 10),
    "brush": (0, 1),
    "position": (0, FRAMES),
    **dict.fromkeys(("w1", "w2", "b"), (-MOST_WEIGHT, MOST_WEIGHT)),
}
OFFERED = {
    "data": [*toys.TOYS, "yours"],
    "activation": list(ACTIVATIONS),
    "loss": LOSSES,
    "optimiser": OPTIMISERS,
    "steps": STEPS,
}


def problem(state: dict) -> str | None:
    """Why a state cannot be, whatever points it has; None if it can."""
    if out := beyond(state, LIMITS):
        return out
    for name, offered in OFFERED.items():
        if state[name] not in offered:
            return f"{name} = {state[name]!r} is not offered; choose one of {', '.join(map(str, offered))}."
    if (points := state["points"]) is not None and not _are_points(points):
        return f"points={points!r:.60} should be 2 to {MOST_POINTS} of [x1, x2, class] within ±{timbre.REACH}, of both classes."
    if not _are_rates(state["rates"]):
        return f"rates={state['rates']!r:.60} should be [step, lr] pairs in order, from step 0 on, with 0.001 to 10 for lr."
    if state["unit"] not in units(state):
        return f"There is no unit {state['unit']!r}; choose one of {', '.join(units(state))}."
    return None


def _are_points(points: object) -> bool:
    rows = isinstance(points, list) and 2 <= len(points) <= MOST_POINTS and all(_are_numbers(p, 3, timbre.REACH) for p in points)
    return rows and {point[2] for point in points} == {0, 1}


def _are_rates(rates: object) -> bool:
    pairs = isinstance(rates, list) and bool(rates) and all(_are_numbers(pair, 2, max(STEPS)) for pair in rates)
    ordered = pairs and rates[0][0] == 0 and all(a[0] < b[0] for a, b in pairwise(rates))
    return ordered and all(1e-3 <= lr <= 10 for _, lr in rates)


def _are_numbers(values: object, length: int, most: float) -> bool:
    return isinstance(values, list) and len(values) == length and all(isinstance(v, int | float) and abs(v) <= most for v in values)


def rate_at(state: dict) -> float:
    """The learning rate in force at the step that is shown."""
    return next(lr for start, lr in reversed(state["rates"]) if start <= step(state))


def step(state: dict) -> int:
    """Which step is shown."""
    return state["position"] * state["steps"] // FRAMES


def net(state: dict) -> Net:
    """The network of a state: without hidden layers the neuron has the activation, with them its output is a sigmoid."""
    if not state["layers"]:
        return Net((2, 1), out=state["activation"])
    return Net((2, *[state["units"]] * state["layers"], 1), hidden=state["activation"])


def units(state: dict) -> list[str]:
    """What each unit is called whose map can be shown."""
    return ["output", *(f"{layer + 1}.{unit + 1}" for layer in range(state["layers"]) for unit in range(state["units"]))]


def place(unit: str, layers: int) -> tuple[int, int]:
    """Layer and number of a unit of that name."""
    if unit == "output":
        return layers - 1, 0
    layer, number = unit.split(".")
    return int(layer) - 1, int(number) - 1


@lru_cache(maxsize=64)
def drawn(data: str, noise: float, seed: int) -> tuple[tuple[float, float, int], ...]:
    """The points of a set as (x1, x2, class)."""
    X, y = toys.load(data, noise=noise, seed=seed)
    return tuple((float(x1), float(x2), int(label)) for (x1, x2), label in zip(X, y, strict=True))


def run(state: dict, points: list[list]) -> tuple[np.ndarray, int]:
    """The weights at each place of the transport, fewer if it diverges; and at which step that is, or −1."""
    start = tuple(state[name] for name in ("w1", "w2", "b")) if not state["layers"] else None
    rates = tuple((int(start), float(lr)) for start, lr in state["rates"])
    recipe = Recipe(state["loss"], state["optimiser"], rates, state["batch"], state["seed"], state["bias"])
    return _run(net(state), start, tuple(map(tuple, points)), recipe, state["steps"])


@lru_cache(maxsize=64)
def _run(network: Net, start: tuple | None, points: tuple, recipe: Recipe, steps: int) -> tuple[np.ndarray, int]:
    """Train, and keep what the transport shows; the last ones are remembered."""
    *X, y = np.array(points, dtype=float).T
    theta = network.initial(recipe.seed) if start is None else np.array(start, dtype=float)
    if not recipe.bias:
        theta[network.biases()] = 0
    whole = train(network, theta, np.stack(X, 1), y, recipe, steps)
    return whole[:: steps // FRAMES].copy(), len(whole) if len(whole) <= steps else -1


def placed(sounds: list[np.ndarray], labels: Iterable | None) -> tuple[list[list], tuple[timbre.Ticks, timbre.Ticks]]:
    """Your sounds as points, and the plane's ticks.

    Raises ValueError where there is no label, 0 or 1, for each, or a class has none.
    """
    labels = [] if labels is None else [int(label) for label in labels]
    if len(labels) != len(sounds) or set(labels) != {0, 1} or len(sounds) > MOST_POINTS:
        raise ValueError(
            f"Neuron: {len(sounds)} sounds and labels {labels!r:.60}; give at most {MOST_POINTS} sounds and a label, 0 or 1, "
            "for each, of both classes."
        )
    found, ticks = timbre.place(sounds)
    return [[float(x1), float(x2), label] for (x1, x2), label in zip(found, labels, strict=True)], ticks
