"""A phrase of four seconds made for kernels to search: what happens in it, and when, is known because we made it."""

from __future__ import annotations

from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor

from helpers import audio
from helpers.concepts.pattern import Event

# kind, first column, last column + 1, first band, last band: one column is 62.5 ms
SCORE = (
    ("held", 1, 12, 22, 22), ("rising", 13, 25, 14, 26), ("click", 27, 29, 0, 0), ("falling", 31, 43, 30, 18),
    ("held", 44, 50, 16, 16), ("rising", 51, 62, 18, 29),
)  # fmt: skip
KINDS = ("rising", "falling", "held", "click")


@cache
def phrase() -> tuple[Float[Tensor, "time"], Float[Tensor, "64 64"], tuple[Event, ...]]:
    """The sound, its log-mel picture, and its events: held tones, glissandi up and down, a click."""
    x = torch.zeros(int(audio.SECONDS * audio.RATE))
    hertz = audio.mel_frequencies().tolist()
    for kind, start, end, low, high in SCORE:
        seconds = (end - start) * audio.HOP / audio.RATE
        part = audio.click(seconds / 2, seconds, peak=0.9) if kind == "click" else _slide(hertz[low], hertz[high], seconds)
        at = start * audio.HOP
        x[at : at + len(part)] += part
    return x, audio.log_mel(x[None])[0], tuple(Event(kind, start, end) for kind, start, end, *_ in SCORE)


def _slide(start: float, end: float, seconds: float) -> Float[Tensor, "time"]:
    tone = audio.glissando(start, end, seconds, harmonics=3, peak=0.4)
    return tone * audio.fade(len(tone), 0.02)
