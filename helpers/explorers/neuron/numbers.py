"""The numbers of a neuron's picture: its maps, its line, and how its training went.

Notebook: 01_neurons. Concepts: helpers/concepts/neuron.py, learning.py, activation.py.
"""

from __future__ import annotations

import numpy as np

from helpers.concepts.activation import dead
from helpers.concepts.learning import losses
from helpers.concepts.neuron import Maps, accuracy, arrow, boundary, maps
from helpers.datasets.timbre import REACH
from helpers.explorers.neuron import plane, setting

BOX = (-REACH, REACH)


def numbers(state: dict, points: list[list]) -> tuple[dict, list[tuple[Maps, Maps]]]:
    """Everything on the screen at the step that is shown, and of each layer its units' maps."""
    network = setting.net(state)
    *X, y = np.array(points, dtype=float).T
    X, (run, diverged) = np.stack(X, 1), setting.run(state, points)
    at = min(state["position"], len(run) - 1)
    theta = run[at]
    z_run = network.forward(run, X)[-1][0][..., 0]
    passed, drawn = network.forward(theta, X), maps(network, theta, BOX, plane.NODES)
    layer, unit = setting.place(state["unit"], len(passed))
    lost = losses(z_run, y, network.out, state["loss"]).mean(-1)
    found = {
        "weights": theta.copy(),
        "step": at * state["steps"] // setting.FRAMES,
        "losses": lost,
        "accuracies": accuracy(z_run, y),
        "loss": float(lost[at]),
        "accuracy": float(accuracy(z_run[at], y)),
        "z": passed[layer][0][:, unit].copy(),
        "outputs": passed[-1][1][:, 0].copy(),
        "pre_activation_map": drawn[layer][0][unit],
        "map": drawn[layer][1][unit],
        "boundary_map": drawn[-1][0][0],
        "parameters": network.parameters,
        "diverged": diverged,
    }
    if state["layers"]:
        return {**found, "dead": sum(dead(z, network.hidden) for z, _ in passed[:-1])}, drawn
    return {**found, **line(theta)}, drawn


def line(theta: np.ndarray) -> dict[str, np.ndarray]:
    """The line of a single neuron (w1, w2, b), the margins beside it, and the arrow of its weights; as far as it is seen."""
    ends = boundary(theta[:2], float(theta[2]), BOX)
    sides = [boundary(theta[:2], float(theta[2]) - level, BOX) for level in (-1.0, 1.0)]
    found = {
        "boundary": np.empty((0, 2)) if ends is None else ends,
        "margins": np.concatenate([np.empty((0, 2)), *(side for side in sides if side is not None)]),
    }
    if ends is not None:
        found["arrow"] = np.concatenate([ends.mean(0), ends.mean(0) + arrow(theta[:2])])
    return found
