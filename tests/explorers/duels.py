"""Train every preset of Duel and print what it ends in, as JSON: `python -m tests.explorers.duels`."""

import json

import torch

from helpers.explorers import Duel

COLLAPSE = Duel.presets["mode collapse"]
RUNS = {  # state, and rounds
    "healthy": (Duel.presets["healthy"], 700),
    "mode collapse": (COLLAPSE, 400),
    "five steps of D": (COLLAPSE | {"k_d": 5}, 400),
    "a faster D": (COLLAPSE | {"lr_d": 1e-2}, 400),
    "oscillation": (Duel.presets["oscillation"], 300),
    "D too strong": (Duel.presets["D too strong"], 60),
    "vanishing G": (Duel.presets["vanishing G"], 40),
    "not vanishing": (Duel.presets["vanishing G"] | {"loss": "non-saturating"}, 40),
}


def main() -> None:
    torch.set_num_threads(1)
    found = {}
    for name, (state, rounds) in RUNS.items():
        explorer = Duel(**state).train(rounds)
        result, marks = explorer.result(), explorer._course(explorer.state).marks
        found[name] = {key: result[key] for key in ("modes", "quality", "loss_d", "strongest")}
        found[name] |= {"covered": [mark.modes for mark in marks], "middles": [mark.middle for mark in marks]}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
