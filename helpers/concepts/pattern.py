"""How well a kernel picks out one kind of event: its strongest response to each, and what a threshold lets through.

Notebook: 04_cnns.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor


@dataclass(frozen=True)
class Event:
    """Something that happens in a sound: its kind, and the columns of the picture from `start` up to `end`."""

    kind: str
    start: int
    end: int


def strongest(response: Float[Tensor, "row column"], event: Event) -> float:
    """The largest response while the event lasts; never below 0, as a ReLU would have it."""
    return float(response[:, event.start : event.end].amax().clamp(min=0))


def matches(response: Float[Tensor, "row column"], threshold: float) -> Bool[Tensor, "row column"]:
    """Cells whose response is positive and at least `threshold` (0–1) of the largest."""
    most = response.max()
    return (response > 0) & (response >= threshold * most) if most > 0 else torch.zeros_like(response, dtype=torch.bool)


def precision_recall(
    response: Float[Tensor, "row column"], events: list[Event], kind: str, threshold: float
) -> tuple[float, float]:
    """Precision: the share of matching cells that lie in events of the kind; recall: the share of these events that have one.

    Precision is 0 where nothing matches. Raises ValueError where no event is of the kind.
    """
    wanted = [e for e in events if e.kind == kind]
    if not wanted:
        raise ValueError(f"No event is a {kind!r}; there are {sorted({e.kind for e in events})}.")
    fired = matches(response, threshold).any(0), matches(response, threshold).sum(0)
    inside = sum(int(fired[1][e.start : e.end].sum()) for e in wanted)
    found = sum(bool(fired[0][e.start : e.end].any()) for e in wanted)
    return inside / max(int(fired[1].sum()), 1), found / len(wanted)
