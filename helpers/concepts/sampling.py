"""From a language model's logits to its next symbol: temperature, top-k, top-p, min-p, and one random number.

The order is that of the names: logits (with those of repeated symbols lowered, and those of forbidden ones −inf) / T →
softmax over the whole vocabulary → the k most probable → of these, their probabilities made to add up to 1 again, the fewest
that hold a share of p → of these, none less probable than min-p times the most probable → what is kept, made to add up to 1.
Each cut keeps the head of one and the same ranking, so all can be combined, and the longest tail cut wins. Notebook:
06_transformers. Top-k: Fan et al., 2018; top-p ("nucleus"): Holtzman et al., 2020; min-p: Nguyen et al., 2024; the repetition
penalty: Keskar et al., 2019.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

Numbers = Float[np.ndarray, "symbol"]
ROUNDING = 1e-12  # a share of p counts as reached when it is short of p by less than float64's rounding
# Reads symbols after what it has read before (its state, None at the start): logits of the next symbol, and the new state.
Reader = Callable[[Sequence[int], object], tuple[Numbers, object]]
Adjust = Callable[[Numbers, Sequence[int]], Numbers]  # logits and all symbols so far → the logits that are drawn from


@dataclass(frozen=True, eq=False)
class Sieve:
    """Each stage from logits to the probabilities that are drawn from; all in the vocabulary's own order.

    softmax: of logits / T, over the whole vocabulary. ranking: symbols from the most to the least probable; among equals
    the lower number comes first. by_k, by_p, by_min_p: how many of the ranking each of them leaves, counted from its head.
    """

    softmax: Numbers
    ranking: Int[np.ndarray, "symbol"]
    by_k: int
    by_p: int
    by_min_p: int

    @property
    def count(self) -> int:
        """How many symbols are kept."""
        return min(self.by_k, self.by_p, self.by_min_p)

    @property
    def kept(self) -> Bool[np.ndarray, "symbol"]:
        """Which ones."""
        kept = np.zeros(len(self.ranking), bool)
        kept[self.ranking[: self.count]] = True
        return kept

    @property
    def cut(self) -> float:
        """The share of the probability that was cut off."""
        return float(self.softmax[~self.kept].sum())

    @property
    def probabilities(self) -> Numbers:
        """What is drawn from: the kept ones in their old proportions, adding up to 1; exactly 0 for all others."""
        kept = np.where(self.kept, self.softmax, 0.0)
        return kept / kept.sum()


def softmax(logits: Numbers, temperature: float = 1.0) -> Numbers:
    """e^(z_i / T) over their sum, over the whole vocabulary; T = 0 gives all to the largest logit (the first among equals).

    A logit of -inf says that a symbol must not come: probability 0. Raises ValueError where T is negative or not finite,
    where no logit is finite, and where one is NaN or +inf.
    """
    if not 0 <= temperature < np.inf:
        raise ValueError(f"The temperature is {temperature}; it is 0 (always the most probable) or above.")
    if np.isnan(logits).any() or np.isposinf(logits).any() or not np.isfinite(logits).any():
        raise ValueError("The logits hold NaN or +inf, or nothing but -inf; each is a number, or -inf for what must not come.")
    logits = logits.astype(np.float64)
    if temperature == 0:
        return (np.arange(len(logits)) == np.argmax(logits)).astype(np.float64)
    with np.errstate(over="ignore"):  # a difference over a tiny T may be -inf, whose exponential is 0, as it should be
        e = np.exp((logits - logits.max()) / temperature)
    return e / e.sum()


def sieve(logits: Numbers, temperature: float = 1.0, top_k: int | None = None, top_p: float = 1.0, min_p: float = 0.0) -> Sieve:
    """What temperature, top-k, top-p and min-p make of logits, stage by stage.

    top_k: how many symbols at most; None, or as many as there are, cuts nothing. top_p: the share of what top-k left that is
    to be held by as few symbols as possible; 1 cuts nothing. min_p: the least probability, as a part of the largest; 0 cuts
    nothing. Symbols of probability 0 are never kept. Raises ValueError for settings that cannot be.
    """
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k is {top_k}; keep at least 1 symbol, or give None to keep all.")
    if not 0 < top_p <= 1:
        raise ValueError(f"top_p is {top_p}; it is a share of the probability: above 0, at most 1.")
    if not 0 <= min_p <= 1:
        raise ValueError(f"min_p is {min_p}; it is a part of the largest probability: from 0 to 1.")
    p = softmax(logits, temperature)
    ranking = np.argsort(-p, kind="stable")
    ranked = p[ranking]
    possible = int((ranked > 0).sum())
    by_k = min(top_k or possible, possible)
    shares = np.cumsum(ranked[:by_k]) / ranked[:by_k].sum()
    by_p = possible if top_p == 1 else int(np.searchsorted(shares, top_p - ROUNDING)) + 1
    by_min_p = min(int((ranked >= min_p * ranked[0]).sum()), possible)
    return Sieve(p, ranking, by_k, by_p, by_min_p)


def probabilities(
    logits: Numbers, temperature: float = 1.0, top_k: int | None = None, top_p: float = 1.0, min_p: float = 0.0
) -> Numbers:
    """The probability of each symbol to be drawn next, in float64.

    >>> probabilities(np.log([0.5, 0.3, 0.2]), top_p=0.6).round(3).tolist()
    [0.625, 0.375, 0.0]
    """
    return sieve(logits, temperature, top_k, top_p, min_p).probabilities


def penalised(logits: Numbers, seen: Iterable[int], penalty: float = 1.0) -> Numbers:
    """Logits with those of symbols that were `seen` made smaller: a positive one divided by the penalty, a negative one times it.

    Once each, however often it was seen; 1 changes nothing. Keskar et al. (2019) divide all; but what divides a negative
    logit makes it more probable, so it is multiplied here, as the transformers library does. Where 0 lies matters, which no
    softmax knows of: adding a constant to all logits changes what a penalty does. Raises ValueError below 1.

    >>> penalised(np.array([2.0, -1.0, 3.0]), [0, 1, 0], 2.0).tolist()
    [1.0, -2.0, 3.0]
    """
    if not 1 <= penalty < np.inf:
        raise ValueError(f"The penalty is {penalty}; it is 1 (none) or above.")
    z, where = logits.astype(np.float64), sorted(set(seen))
    z[where] = np.where(z[where] > 0, z[where] / penalty, z[where] * penalty)
    return z


def masked(logits: Numbers, legal: Bool[np.ndarray, "symbol"]) -> Numbers:
    """Logits with −inf for every symbol that is not legal: probability exactly 0, at any temperature.

    Raises ValueError where nothing is legal.
    """
    if not legal.any():
        raise ValueError("No symbol is legal here; a mask leaves at least one.")
    return np.where(legal, logits, -np.inf)


def draw(p: Numbers, u: float) -> int:
    """The symbol at u, a random number in [0, 1), when the probabilities are laid end to end in the vocabulary's order.

    >>> [draw(np.array([0.25, 0.0, 0.75]), u) for u in (0.0, 0.25, 0.99)]
    [0, 2, 2]
    """
    ends = np.cumsum(p)
    return int(np.searchsorted(ends, u * ends[-1], side="right"))


def entropy(p: Numbers) -> float:
    """Σ −p log₂ p, in bits: as undecided as between 2 to the power of it equally probable symbols."""
    positive = p[p > 0]
    return float(-(positive * np.log2(positive)).sum()) + 0.0  # no minus before a zero


def entropies(logits: Numbers, temperatures: Iterable[float], **cuts: float | int | None) -> Float[np.ndarray, "temperature 2"]:
    """At each temperature the entropy of the softmax, and of what cuts (top_k, top_p, min_p) leave of it, in bits.

    The first rises with T, from 0 (but for ties) to log2 of how many symbols there are. With two symbols whose logits are d
    apart, it is that of a coin that falls on one side with probability 1 / (1 + e^(−d / T)).
    """
    sieves = [sieve(logits, temperature, **cuts) for temperature in temperatures]
    return np.array([(entropy(one.softmax), entropy(one.probabilities)) for one in sieves]).reshape(-1, 2)


def generate(
    read: Reader,
    prompt: Sequence[int],
    most: int,
    end: int | None = None,
    seed: int = 0,
    spent: int = 0,
    adjust: Adjust | None = None,
    **settings: float | int | None,
) -> Iterator[int]:
    """Symbols that follow the prompt, one by one, until `end` came (it is given too) or there are `most`.

    read: a model; it is given the prompt, then each new symbol alone, and remembers what came before in its state. adjust:
    what is done to logits before the temperature (penalised, masked), knowing the prompt and all that was drawn.
    settings: temperature, top_k, top_p, min_p. One number of the seeded generator is spent on each symbol, so a beginning
    is the same however long it goes on; to go on after some symbols, say how many numbers were `spent` on them.

        text = "".join(vocabulary.symbols[i] for i in generate(model.read, vocabulary.encode(header), 400, temperature=0.8))
    """
    random = np.random.default_rng(seed)
    random.random(spent)
    new, state, before = list(prompt), None, []
    for _ in range(most):
        logits, state = read(new, state)
        before += new
        new = [draw(probabilities(adjust(logits, before) if adjust else logits, **settings), random.random())]
        yield new[0]
        if new[0] == end:
            return
