"""The n-gram: the next symbol counted, after each context of up to n − 1 symbols, in what was read. The model to beat.

A long context says more, where it was ever seen; so the predictions of all lengths are mixed, each with the next shorter
one (Jelinek and Mercer, 1980), with weights after Witten and Bell, 1991: a context that was seen c times, with d different
symbols after it, is trusted c / (c + κ d); the rest goes to the shorter one. Below the shortest, all symbols are equal.
Theirs is κ = 1; folk tunes, of which little is seen twice, are told best with a caution of about 5.
Notebook: 05_rnns.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Float


class NGram:
    """Counts of symbols after contexts, interpolated.

    order: n; a context is at most n − 1 symbols. symbols: how many there are. caution: κ above.
    Raises ValueError where order or symbols is below 1 or caution is not above 0.

    >>> model = NGram(2, 3, caution=1).fit([[0, 1, 0, 1, 2]])
    >>> model.probabilities([0]).round(3).tolist()
    [0.125, 0.792, 0.083]
    """

    def __init__(self, order: int, symbols: int, caution: float = 5.0) -> None:
        if order < 1 or symbols < 1 or not caution > 0:
            raise ValueError(f"An n-gram of order {order}, {symbols} symbols, caution {caution}: at least 1, at least 1, above 0.")
        self.order, self.symbols, self.caution = order, symbols, caution
        self.after: dict[tuple[int, ...], Counter] = defaultdict(Counter)

    def fit(self, sequences: Iterable[Sequence[int]]) -> NGram:
        """Count; a sequence's first symbols have shorter contexts. It can be called again with more."""
        for sequence in sequences:
            for i, symbol in enumerate(sequence):
                for n in range(min(i, self.order - 1) + 1):
                    self.after[tuple(sequence[i - n : i])][symbol] += 1
        return self

    def probabilities(self, context: Sequence[int]) -> Float[np.ndarray, "symbol"]:
        """Of each symbol to come next: all above 0, adding up to 1."""
        p = np.full(self.symbols, 1 / self.symbols)
        for counts, trust in self._seen(context):
            p *= 1 - trust
            for symbol, count in counts.items():
                p[symbol] += trust * count / counts.total()
        return p

    def bits(self, sequence: Sequence[int], given: int = 0) -> float:
        """Σ −log₂ p of a sequence's symbols, but for the first `given`, which are only context."""
        return -sum(
            math.log2(self._probability(sequence[max(0, i - self.order + 1) : i], sequence[i])) for i in range(given, len(sequence))
        )

    def _probability(self, context: Sequence[int], symbol: int) -> float:
        p = 1 / self.symbols
        for counts, trust in self._seen(context):
            p = (1 - trust) * p + trust * counts[symbol] / counts.total()
        return p

    def _seen(self, context: Sequence[int]) -> Iterable[tuple[Counter, float]]:
        """What came after the context's endings that were seen, from the empty one up, and how far each is trusted."""
        longest = min(self.order - 1, len(context))
        for n in range(longest + 1):
            counts = self.after.get(tuple(context[len(context) - n :]))
            if not counts:
                return
            yield counts, counts.total() / (counts.total() + self.caution * len(counts))
