"""Generative models of notes, all measured anew in one way: what each reaches, and what it costs.

Every model draws as many notes as there are new ones, of instruments that nothing learned from; as many training notes are what
they are compared with, as many others of these are the floor. What is shipped (data/checkpoints/comparison.json) is the same
table, written once; here it is measured again, the diffusion models, a minute of one core each, included.
"""

import torch

from helpers.device import describe, pick
from helpers.models import contenders
from helpers.recipes import comparison


def main() -> None:
    """Print the table, and how far it is from the one that is shipped."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    shipped, at = contenders.load()[0], comparison.bench()
    print(f"{describe(pick())}, torch {torch.__version__}; {len(at.learned):,} notes learned from, {len(at.new)} of each compared")
    print(comparison.HEAD)
    for row in comparison.references()[0].values():
        print(comparison.line(row), flush=True)
    worst = 0.0
    for contender in contenders.present():
        row, _ = comparison.measured(contender)
        print(comparison.line(row), flush=True)
        worst = max(worst, abs(row.distance / shipped.models[row.name].distance - 1))
    print(f"\nFréchet distances differ from the shipped ones by at most {worst:.1%}")
    torch.set_num_threads(threads)


if __name__ == "__main__":
    main()
