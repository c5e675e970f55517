"""A tune of one's own for the gates to read, and how a net goes on with one.

Notebook: 05_rnns.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Int
from torch import nn

from helpers.datasets import melodies
from helpers.datasets.abc import AbcError, parse
from helpers.datasets.melodies import HIGH, LOW, SYMBOLS, Melody
from helpers.views import pitch_name

HEADER = "M:6/8\nL:1/8\nK:G\n"  # what a typed tune is read with
PHRASE = "GBd gdB|cde dBG|GBd gdB|AFD G3|"  # what stands there until one types
LONGEST = 400  # characters


@lru_cache(maxsize=16)
def typed(text: str, steps: int) -> Melody:
    """A tune typed as ABC, in 6/8 and G, on the grid of eighths; again and again until it fills the steps.

    As in all tunes of the grid, a rest is not heard: the note before it sounds on.

    Raises ValueError, with line, column or note and reason, where it cannot be read.
    """
    if len(text) > LONGEST:
        raise ValueError(f"The tune has {len(text)} characters; at most {LONGEST} are read.")
    try:
        score = parse(HEADER + text)
    except AbcError as error:
        raise ValueError(f"The tune, line {error.line - 3}, column {error.column}: {error.reason}.") from None
    if not score.notes:
        raise ValueError("The tune has no note; write letters from A to g, such as GAB d2B.")
    for i, note in enumerate(score.notes, 1):
        if not LOW <= note.pitch <= HIGH:
            lowest, highest = pitch_name(LOW), pitch_name(HIGH)
            raise ValueError(
                f"The tune's note {i}, {pitch_name(note.pitch)}, lies beyond what the net reads: {lowest} to {highest}."
            )
    step, bar = melodies.on_grid(score, melodies.BAR["6/8"])
    often = -(-steps // len(step))
    return Melody("your tune", "6/8", np.tile(step, often)[:steps], np.tile(bar, often)[:steps])


def goes_on(net: nn.Module) -> bool:
    """Whether a net says, after each step, how probable each symbol of the next one is."""
    head = getattr(net, "head", None)
    return not getattr(net, "at_end", True) and isinstance(head, nn.Linear) and head.out_features == SYMBOLS


@torch.no_grad()
def continuation(net: nn.Module, before: Int[np.ndarray, "time"], length: int, seed: int = 0) -> Int[np.ndarray, "length"]:
    """What the net writes after these steps: each drawn as probable as it says, and read before the next is drawn."""
    generator, written = torch.Generator().manual_seed(seed), torch.tensor(before)[None]
    for _ in range(length):
        p = net(written)[:, -1].softmax(-1)
        written = torch.cat([written, torch.multinomial(p, 1, generator=generator)], 1)
    return written[0, len(before) :].numpy()
