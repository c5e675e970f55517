"""What the neuron explorer lets one hear: a point, a few of each class, the way along the line; as they are and through the neuron.

Notebook: 01_neurons. Used by helpers/explorers/neuron/neuron.py.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from jaxtyping import Float

from helpers import audio
from helpers.datasets import toys
from helpers.views import Track

SPACING, LONGEST = 0.22, 0.5  # seconds from one sound to the next, and of each of them
EACH, ALONG = 6, 12  # sounds of each class; places along the line


def tracks(state: dict, result: dict, points: list[list], sound: Callable[[int], np.ndarray], key: str) -> list[Track]:
    """The sounds of a state; `sound` makes that of a point, and the neuron's gain is its output, held between 0 and 1."""
    gain = np.clip(result["outputs"], 0, 1)
    if (picked := state["picked"]) >= 0:
        x = sound(picked)
        return [Track(f"point {picked}", x), Track("through the neuron", (gain[picked] * x).astype(np.float32))]
    labels = np.array([label for *_, label in points])
    order = [int(i) for label in (0, 1) for i in np.flatnonzero(labels == label)[:EACH]]
    made = lru_cache(lambda: [sound(i) for i in order])
    found = [
        Track("six of each class", lambda: in_a_row(made(), np.ones(len(order))), key=key),
        Track("through the neuron", lambda: in_a_row(made(), gain[order]), key=key),
    ]
    ends = result.get("boundary", ())
    if len(ends) and state["data"] != "yours":
        along, make = np.linspace(*ends, ALONG), toys.TOYS[state["data"]].sound
        found.append(Track("along the line", lambda: in_a_row([make(*place) for place in along], np.ones(ALONG)), key=key))
    return found


def in_a_row(sounds: list[np.ndarray], gains: Float[np.ndarray, "sound"]) -> np.ndarray:
    """Sounds one after the other, half a second of each at most, each beginning before the last has died away.

    Three may sound at once: where they could clip together, all are made softer by the same factor, whatever the gains.
    """
    step, most = round(SPACING * audio.RATE), round(LONGEST * audio.RATE)
    room = max(1.0, 3 * max(float(np.abs(sound[:most]).max()) for sound in sounds))
    x = np.zeros(step * len(sounds) + most, dtype=np.float32)
    for i, (sound, gain) in enumerate(zip(sounds, gains, strict=True)):
        part = gain * sound[:most] * audio.fade(min(len(sound), most), last_only=True).numpy() / room
        x[i * step : i * step + len(part)] += part
    return x
