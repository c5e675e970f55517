"""Loss landscapes: a 51 × 51 surface charted at Chebyshev points, against the exact grid and against loss_landscapes.

The same network, notes, loss and size of plane for all, in one process, taking turns, so that whatever else the machine
does hits all alike; each time is that of the whole call, directions and copies included. loss_landscapes draws its own
random directions, so its plane is another one of the same size. One thread each.
"""

import contextlib
import copy
import importlib.util
import io
from collections.abc import Callable
from time import perf_counter, process_time

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from helpers.concepts.chart import Chart, Surface, exact
from helpers.concepts.landscape import Losses, Plane, random_directions, weights
from helpers.datasets.notes import load_notes
from helpers.device import describe
from helpers.models.tower import tower
from helpers.train import fit_sync

SIDE, REACH, ROUNDS = 51, 0.5, 3
SETTINGS = {"epochs": 6, "batch": 16, "lr": 4e-3, "device": "cpu"}
TOLERANCE = 0.002  # of the range, at held-out points
FASTER, ERROR = 10, 0.005  # what is asked for: times as fast, at a largest error of so much of the range
Data = tuple[Tensor, Tensor]


class Silent:
    """A watch that shows nothing."""


def networks() -> tuple[dict[str, nn.Module], Data]:
    """The network of lecture 03 with skips, trained for a few seconds, and the notes its loss is measured on."""
    notes = load_notes("train").where(velocity=100)
    order = torch.randperm(len(notes), generator=torch.Generator().manual_seed(0))
    learn, look = notes[order[:480]], notes[order[:48]]
    trained = {}
    for name, norm in (("six blocks with skips", False), ("six blocks with skips and normalisation", True)):
        trained[name] = tower(6, 6, norm=norm)
        with contextlib.redirect_stdout(io.StringIO()):
            fit_sync(trained[name], (learn.mel[:, None], learn.family), F.cross_entropy, watch=Silent(), **SETTINGS)
    return trained, (look.mel[:, None], look.family)


def around(model: nn.Module, data: Data) -> Losses:
    """The loss on a filter-normalised random plane; of a convolutional network on a CPU, one point after another."""
    return Losses(model, data, Plane(weights(model), *random_directions(model)))


def charted(model: nn.Module, data: Data) -> Surface:
    """As the explorer does it: more and more nodes until held-out points agree."""
    losses = around(model, data)
    *_, surface = Chart(losses, (-REACH, REACH), (-REACH, REACH), losses.batch).refine(TOLERANCE, resolution=SIDE)
    return surface


def grid(model: nn.Module, data: Data) -> np.ndarray:
    """Every place of the grid, measured by the same loop."""
    losses, even = around(model, data), np.linspace(-REACH, REACH, SIDE)
    *_, values = exact(losses, even, even, losses.batch)
    return values


def peer(model: nn.Module, data: Data) -> np.ndarray:
    """loss_landscapes.random_plane; half its plane is distance / 2 = 0.5 lengths of the weights, as ours is."""
    import loss_landscapes
    from loss_landscapes.metrics import Loss

    return loss_landscapes.random_plane(model, Loss(F.cross_entropy, *data), distance=1, steps=SIDE, deepcopy_model=True)


def measure(contenders: dict[str, Callable], model: nn.Module, data: Data, rounds: int) -> tuple[dict, dict]:
    """(best seconds and processor seconds, what was returned) of each contender; who goes first changes each round."""
    times, found, names = {name: [] for name in contenders}, {}, list(contenders)
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            fresh = copy.deepcopy(model)
            began, worked = perf_counter(), process_time()
            found[name] = contenders[name](fresh, data)
            times[name].append((perf_counter() - began, process_time() - worked))
    return {name: [min(column) for column in zip(*own)] for name, own in times.items()}, found


def table(best: dict, found: dict) -> list[str]:
    """A line for each contender, and whether what is asked for was reached."""
    surface, right = found["charted"], found["exact grid"]
    error = float(np.abs(surface.values - right).max() / np.ptp(right))
    lines = [f"{'':34}{'seconds':>10}{'CPU s':>10}{'losses':>10}{'× as fast':>12}{'by CPU time':>14}"]
    for name, (wall, cpu) in best.items():
        losses = surface.evaluations if name == "charted" else SIDE**2
        faster = [best[name][i] / best["charted"][i] for i in (0, 1)]
        lines.append(f"{name:34}{wall:>10.2f}{cpu:>10.2f}{losses:>10,}{faster[0]:>12.1f}{faster[1]:>14.1f}")
    lines.append(
        f"charted with {surface.nodes} × {surface.nodes} nodes; largest error {error:.2%} of the range "
        f"{right.min():.2f} to {right.max():.2f}; it says {surface.share:.2%}"
    )
    rivals = [name for name in best if name in ("exact grid", "loss_landscapes.random_plane")]
    reached = error <= ERROR and all(best[name][0] >= FASTER * best["charted"][0] for name in rivals)
    target = f"target: × {FASTER} against {' and '.join(rivals)} at ≤ {ERROR:.1%}"
    return [*lines, f"{target}: {'reached' if reached else 'missed'}"]


def main() -> None:
    """Print a table for each network."""
    contenders = {"charted": charted, "exact grid": grid}
    if importlib.util.find_spec("loss_landscapes"):
        contenders["loss_landscapes.random_plane"] = peer
    else:
        print("loss_landscapes is not installed; pip install -r benchmarks/requirements.txt adds it to the tables.")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    trained, data = networks()
    print(
        f"{describe(torch.device('cpu'))}, torch {torch.__version__}, {SIDE} × {SIDE} places, {len(data[0])} notes, {ROUNDS} rounds"
    )
    for name, model in trained.items():
        best, found = measure(contenders, model, data, ROUNDS)
        print(f"\n{name}: {len(weights(model)):,} weights", flush=True)
        print("\n".join(table(best, found)), flush=True)
    torch.set_num_threads(threads)


if __name__ == "__main__":
    main()
