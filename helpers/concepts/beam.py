"""Beam search: the beginnings that are the most probable as a whole, a few of them kept at each step.

Drawing decides symbol by symbol and never goes back. A beam keeps the `width` most probable beginnings, tries every symbol
after each, and keeps the `width` most probable of all these. A width of 1 is greedy search; one that loses no beginning is
exhaustive, and finds the most probable text there is. A text's log likelihood is the sum of its symbols' log
probabilities, of the model itself: no temperature, no cut. Notebook: 06_transformers. Lowerre, *The Harpy speech recognition
system*, 1976; that the most probable text is a dull one: Holtzman et al., 2020.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

# Texts of equal length → the log2 probability of each symbol after each of them, (text, symbol); −inf: it cannot come.
Score = Callable[[Sequence[Sequence[int]]], Float[np.ndarray, "text symbol"]]


@dataclass(frozen=True)
class Candidate:
    """What follows the prompt, its symbols' log2 probabilities added up, and whether it came to its end."""

    symbols: tuple[int, ...]
    log2: float
    ended: bool = False


def beam(score: Score, prompt: Sequence[int], width: int, most: int, end: int | None = None) -> list[Candidate]:
    """At most `width` candidates of `most` symbols, or fewer where `end` came, from the most to the least probable.

    One that has ended keeps its place as long as it is among the best: longer texts are never favoured nor made up for.
    Among equals, the earlier one and the lower symbol come first. Raises ValueError for a width or a length below 1.
    """
    if width < 1 or most < 1:
        raise ValueError(f"width is {width} and most {most}; a beam keeps at least 1 text, and adds at least 1 symbol.")
    kept = [Candidate((), 0.0)]
    for _ in range(most):
        growing = [one for one in kept if not one.ended]
        if not growing:
            break
        found = [one for one in kept if one.ended]
        for one, scores in zip(growing, score([[*prompt, *one.symbols] for one in growing]), strict=True):
            best = np.argsort(-scores, kind="stable")[:width].tolist()  # what is not among the best of its own is not of all
            found += [Candidate((*one.symbols, s), one.log2 + float(scores[s]), s == end) for s in best if scores[s] > -np.inf]
        kept = sorted(found, key=lambda one: -one.log2)[:width]
    return kept


def log2_softmax(logits: Float[np.ndarray, "*texts symbol"]) -> Float[np.ndarray, "*texts symbol"]:
    """log2 of the softmax, without ever taking the logarithm of 0.

    >>> log2_softmax(np.array([0.0, 0.0, -np.inf])).tolist()
    [-1.0, -1.0, -inf]
    """
    z = logits.astype(np.float64)
    z = z - z.max(-1, keepdims=True)
    return (z - np.log(np.exp(z).sum(-1, keepdims=True))) / np.log(2)
