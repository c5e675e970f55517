"""The GANs of lecture 07b: how many moves a second on one core, against the same networks as nn.Module with torch.optim.

The peer makes the same moves on the same batches, as one would write them first. Both must end with the same weights.
"""

import itertools
from time import process_time

import numpy as np
import torch
from torch import nn

from helpers.concepts.adversarial import discriminator_loss, generator_loss
from helpers.concepts.duel import LEAK, Rules, begin, noise, step_d, step_g
from helpers.datasets.clouds import cloud

ROUNDS, TRIES = 300, 3
LEAST = 200  # moves a second that are asked for, at 2 × 16 units
DRAW = cloud("eight Gaussians").draw


def module(theta: torch.Tensor, sizes: list[int]) -> nn.Sequential:
    """The same network of torch's layers."""
    layers = [layer for a, b in itertools.pairwise(sizes) for layer in (nn.Linear(a, b), nn.LeakyReLU(LEAK))]
    made = nn.Sequential(*layers[:-1])
    nn.utils.vector_to_parameters(theta.clone(), made.parameters())
    return made


def ours(rules: Rules) -> torch.Tensor:
    """The generator's weights after so many rounds."""
    game = begin(rules)
    for _ in range(ROUNDS):
        game, _ = step_d(game, DRAW)
        game, _ = step_g(game)
    return game.g.theta


def modules(rules: Rules) -> torch.Tensor:
    """The same with modules and torch.optim.Adam."""
    game = begin(rules)
    D, G = module(game.d.theta, rules.of_d), module(game.g.theta, rules.of_g)
    of_d, of_g = (torch.optim.Adam(m.parameters(), lr, (0.5, 0.999)) for m, lr in ((D, rules.lr_d), (G, rules.lr_g)))
    for k in range(ROUNDS):
        random = np.random.default_rng([rules.seed, 2 * k])
        real = torch.from_numpy(DRAW(random, rules.batch)).float()
        fake = G(noise(rules, random, rules.batch)).detach()
        loss = discriminator_loss(rules.loss, D(real), D(fake))
        of_d.zero_grad()
        loss.backward()
        of_d.step()
        loss = generator_loss(rules.loss, D(G(noise(rules, np.random.default_rng([rules.seed, 2 * k + 1]), rules.batch))))
        of_g.zero_grad()
        loss.backward()
        of_g.step()
    return nn.utils.parameters_to_vector(G.parameters()).detach()


def best(run: object, rules: Rules) -> tuple[torch.Tensor, float]:
    """What a run ends with, and its most moves in a second of the processor's time."""
    times = []
    for _ in range(TRIES):
        began = process_time()
        found = run(rules)
        times.append(process_time() - began)
    return found, 2 * ROUNDS / min(times)


def main() -> None:
    """Print a table."""
    torch.set_num_threads(1)
    print(f"moves a second on one core (target: {LEAST} at 2 × 16 units), best of {TRIES}")
    print(f"{'hidden units':16}{'ours':>8}{'nn.Module':>12}{'off by':>12}")
    for width in (16, 64):
        rules = Rules(width=width)
        (here, fast), (there, slow) = best(ours, rules), best(modules, rules)
        print(f"{f'2 × {width}':16}{fast:8.0f}{slow:12.0f}{(here - there).abs().max().item():12.1e}", flush=True)
