"""Exercises on language models: what comes next, counted; and how surprised a model was.

Notebook: 05_rnns. The oracles count with a window that slides one symbol at a time, and use torch's cross-entropy.
"""

import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Generator, Tensor

from helpers.exercises import exercise


def _texts(generator: Generator) -> Iterator[tuple[str, str, str]]:
    yield "GABAGAG", "A", "G"
    yield "GABAGAG", "G", "A"  # the last G is followed by nothing
    yield "aaab", "aa", "a"  # what overlaps counts
    yield "CDCEC", "B", "C"  # never seen
    yield "CDCE", "E", "C"  # seen, but followed by nothing
    for context in ("D", "EF", "DE"):
        letters = torch.randint(4, (60,), generator=generator).tolist()
        yield "".join("DEFG"[k] for k in letters), context, "F"


@exercise(_texts)
def next_probability(text: str, context: str, symbol: str) -> float:
    """How often the symbol came next where the context was, as a share; 0 where nothing ever came next."""
    n = len(context)
    after = [text[i + n] for i in range(len(text) - n) if text[i : i + n] == context]
    return sum(s == symbol for s in after) / len(after) if after else 0.0


def _followers(text, context):
    return [text[i + len(context)] for i in range(len(text) - len(context)) if text[i : i + len(context)] == context]


@next_probability.mistake
def whatever_came_before(text, context, symbol):
    """You count the symbol wherever it stands. What was before it matters here."""
    return text.count(symbol) / len(text)


@next_probability.mistake
def of_all_pairs(text, context, symbol):
    """That is how often both come together, of everything. You know already that the context is there."""
    return sum(s == symbol for s in _followers(text, context)) / (len(text) - len(context))


@next_probability.mistake
def end_counted(text, context, symbol):
    """You count a context at the very end of the text too, after which nothing comes."""
    n = len(context)
    seen = sum(text[i : i + n] == context for i in range(len(text)))
    return sum(s == symbol for s in _followers(text, context)) / seen if seen else 0.0


@next_probability.mistake
def backwards(text, context, symbol):
    """You look at what came before the context: a language model reads forward."""
    n = len(context)
    before = [text[i - 1] for i in range(1, len(text) - n + 1) if text[i : i + n] == context]
    return sum(s == symbol for s in before) / len(before) if before else 0.0


@next_probability.mistake
def without_overlap(text, context, symbol):
    """You miss places that overlap, as a search with count or replace does."""
    after, at = [], 0
    while at < len(text) - len(context):
        if text[at : at + len(context)] == context:
            after.append(text[at + len(context)])
            at += len(context)
        else:
            at += 1
    return sum(s == symbol for s in after) / len(after) if after else 0.0


@next_probability.mistake
def a_number(text, context, symbol):
    """That is a number of times, not a share."""
    return float(sum(s == symbol for s in _followers(text, context)))


@next_probability.mistake
def how_sure_of_the_past(text, context, symbol):
    """You ask how often the context stood before that symbol: condition and outcome have changed places."""
    n = len(context)
    before = [text[i - n : i] for i in range(n, len(text)) if text[i] == symbol]
    return sum(s == context for s in before) / len(before) if before else 0.0


def _given(generator: Generator) -> Iterator[tuple[Tensor]]:
    yield (torch.tensor([0.5, 0.25]),)
    yield (torch.tensor([1.0, 0.125, 0.5]),)
    for n in (4, 9, 30):
        yield (torch.rand(n, generator=generator, dtype=torch.float64).clamp(min=0.01),)


@exercise(_given)
def bits_per_symbol(p: Float[Tensor, "symbol"]) -> float:
    """Mean surprise in bits, from the probability that each symbol that came had been given."""
    logits = torch.stack([p, 1 - p], -1).clamp(min=1e-300).log()  # what came, and anything else
    return F.cross_entropy(logits.double(), torch.zeros(len(p), dtype=torch.long)).item() / math.log(2)


@bits_per_symbol.mistake
def in_nats(p):
    """Your surprise is right, but in another unit: bits count halvings."""
    return -p.log().mean()


@bits_per_symbol.mistake
def in_digits(p):
    """Your unit is the decimal digit; bits count halvings."""
    return -p.log10().mean()


@bits_per_symbol.mistake
def in_all(p):
    """That is the surprise of the whole text. How much is it for each symbol?"""
    return -p.log2().sum()


@bits_per_symbol.mistake
def below_zero(p):
    """Your sign is wrong: whoever is surprised has positive bits."""
    return p.log2().mean()


@bits_per_symbol.mistake
def perplexity(p):
    """That is the perplexity: among how many equal choices one would be as unsure. How many bits is such a choice?"""
    return 2 ** -p.log2().mean()


@bits_per_symbol.mistake
def mean_first(p):
    """You average the probabilities before you take the surprise. One impossible symbol must not be made up for by sure ones."""
    return -p.mean().log2()


@bits_per_symbol.mistake
def misses(p):
    """That is how much probability went elsewhere. Is a symbol of one in a thousand not far more surprising than one in ten?"""
    return (1 - p).mean()
