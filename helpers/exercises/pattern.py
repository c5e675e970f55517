"""Exercises on patterns: draw a kernel that picks out one kind of event.

Notebook: 04_cnns. The kernel is judged by what it does: its strongest response to the log-mel picture of each of four
sounds, and to a picture that is loud everywhere. In log-mel a line is five cells broad, and begins and ends; that is
what tells a kernel that works on a phrase from one that works on paper.
"""

from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from helpers import audio
from helpers.exercises import judged
from helpers.exercises.trial import numbers

SIZES = (3, 5, 7)
FAINT = 0.6  # of the response to a rising glissando: what the response to anything else has to stay under
NOISE = 0.3  # level of the noise in which a rising glissando is still to be found
LOW, HIGH = 16, 32  # mel bands
FRAMES, SILENCE = HIGH - LOW, 4  # how long an event lasts, and the silence on either side of it


@cache
def _pictures() -> dict[str, Float[Tensor, "band frame"]]:
    """One event each, in [0, 1]; row 0 is the lowest band. A glissando moves one band a frame."""
    seconds = FRAMES * audio.HOP / audio.RATE
    sounds = {
        "rising": _slide(LOW, HIGH, seconds),
        "falling": _slide(HIGH, LOW, seconds),
        "held": _slide(LOW, LOW, seconds),
        "click": audio.click(seconds / 2, seconds),
    }
    silence = torch.zeros(SILENCE * audio.HOP)
    pictures = {event: audio.log_mel(torch.cat([silence, x, silence])[None])[0] for event, x in sounds.items()}
    return pictures | {"loud": torch.ones_like(pictures["click"])}


def _slide(start: int, end: int, seconds: float) -> Float[Tensor, "time"]:
    hertz = audio.mel_frequencies().tolist()
    tone = audio.glissando(hertz[start], hertz[end], seconds, harmonics=3)
    return tone * audio.fade(len(tone), 0.02)


@judged
def glissando_kernel(kernel: object) -> str | None:
    """What is wrong with a kernel that is to fire on a rising glissando, and on no steady, sudden or falling sound."""
    try:
        kernel = torch.as_tensor(numbers(kernel), dtype=torch.float32)
    except Exception:
        return f"A kernel is a table of numbers: a list of rows, an array or a tensor, not a {type(kernel).__name__}."
    if kernel.ndim != 2:
        return f"A kernel has two axes, bands and frames. Yours has shape {tuple(kernel.shape)}."
    if not all(side in SIZES for side in kernel.shape):
        return f"Each side of the kernel should be 3, 5 or 7 cells. Yours is {' × '.join(map(str, kernel.shape))}."
    if not kernel.isfinite().all():
        return "Your kernel holds NaN or infinity."
    return _complaint(kernel)


def _responses(kernel: Float[Tensor, "height width"]) -> dict[str, float]:
    """The strongest response to each event; to "rising" and "steady" (held) where the tone neither begins nor ends."""
    maps = {event: F.conv2d(x[None, None], kernel[None, None])[0, 0] for event, x in _pictures().items()}
    third = maps["rising"].shape[1] // 3
    inner = {"rising": maps["rising"], "steady": maps["held"]}
    return {event: float(y.max()) for event, y in maps.items()} | {
        event: float(y[:, third:-third].max()) for event, y in inner.items()
    }


def _wrong(responses: dict[str, float]) -> set[str]:
    limit = FAINT * max(responses["rising"], 0)
    return {event for event, response in responses.items() if event != "rising" and response > limit}


def _fires(responses: dict[str, float]) -> bool:
    """Tell whether a rising glissando is found, in silence and in noise, which mixes in a picture loud everywhere."""
    return min(responses["rising"], (1 - NOISE) * responses["rising"] + NOISE * responses["loud"]) > 0


def _is_right(kernel: Float[Tensor, "height width"]) -> bool:
    responses = _responses(kernel)
    return _fires(responses) and not _wrong(responses)


def _complaint(kernel: Float[Tensor, "height width"]) -> str | None:
    if not kernel.any():
        return "Your kernel is 0 everywhere, so it responds to nothing."
    if _is_right(kernel):
        return None
    if _is_right(-kernel):
        return "Your kernel avoids what it is to find: each of its signs is the wrong way round."
    if _is_right(kernel.flip(1)):
        return "Your kernel fires on a falling glissando. Row 0 is the lowest band: which way does a rising one run?"
    responses = _responses(kernel)
    if _fires(responses):
        return _confused(_wrong(responses))
    if responses["loud"] < 0:
        return (
            "Your kernel does not fire on a rising glissando in a little noise: its numbers add up to less than 0. A line "
            "is several cells broad, so it lies on your negative numbers as well."
        )
    return "Your kernel does not fire on a rising glissando at all: none of its responses along it is above 0."


def _confused(wrong: set[str]) -> str:
    if "loud" in wrong:
        return "Your kernel fires wherever it is loud: its numbers add up to more than 0."
    if {"steady", "click"} <= wrong:
        return "Your kernel fires on held notes and on clicks as well: it looks for a dot or an edge of any direction."
    if "steady" in wrong:
        return "Your kernel fires on a held note. What does it add up to along a row?"
    if "click" in wrong:
        return "Your kernel fires at an onset, when all bands sound at once. What does it add up to along a column?"
    if "falling" in wrong:
        return (
            "Your kernel fires on a falling glissando nearly as much as on a rising one. Their lines are several cells "
            "broad, and cross: where do they differ still?"
        )
    return (
        "Your kernel is quiet while a note is held, and fires where it begins or ends. How much of a rising line does it "
        "see, and how much of an end?"
    )
