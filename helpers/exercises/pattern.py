"""Exercises on patterns: draw a kernel that picks out one kind of event.

Notebook: 04_cnns. The kernel is judged by what it does: its strongest response to each of five synthetic pictures.
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from helpers.exercises import judged
from helpers.exercises.trial import numbers

SIZES = (3, 5, 7)
FAINT = 0.6  # of the response to a rising glissando: what the response to anything else has to stay under
CELLS, WIDTH = 24, 0.7  # cells: the pictures' side, and how far a partial spreads around its centre


def _pictures() -> dict[str, Float[Tensor, "row column"]]:
    """One event each, in [0, 1]; row 0 is the lowest band. A glissando moves one band a frame."""
    time = torch.arange(float(CELLS))
    band, middle = time[:, None], CELLS / 2
    away = {  # cells from the centre of what sounds
        "rising": band - time,
        "falling": band + time - (CELLS - 1),
        "held": (band - middle).expand(CELLS, CELLS),
        "click": (time - middle).expand(CELLS, CELLS),
        "loud": torch.zeros(CELLS, CELLS),
    }
    return {event: torch.exp(-((distance / WIDTH) ** 2) / 2) for event, distance in away.items()}


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
    return {event: float(F.conv2d(x[None, None], kernel[None, None]).max()) for event, x in _pictures().items()}


def _wrong(responses: dict[str, float]) -> set[str]:
    limit = FAINT * max(responses["rising"], 0)
    return {event for event, response in responses.items() if event != "rising" and response > limit}


def _is_right(kernel: Float[Tensor, "height width"]) -> bool:
    responses = _responses(kernel)
    return responses["rising"] > 0 and not _wrong(responses)


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
    if responses["rising"] <= 0:
        return "Your kernel does not fire on a rising glissando at all: none of its responses is above 0."
    wrong = _wrong(responses)
    if "loud" in wrong:
        return "Your kernel fires wherever it is loud: its numbers add up to more than 0."
    if {"held", "click"} <= wrong:
        return "Your kernel fires on held notes and on clicks as well: it looks for a dot or an edge of any direction."
    if "held" in wrong:
        return "Your kernel fires on a held note. What does it add up to along a row?"
    if "click" in wrong:
        return "Your kernel fires at an onset, when all bands sound at once. What does it add up to along a column?"
    return "Your kernel fires on a falling glissando nearly as much as on a rising one. Where do the two differ?"
