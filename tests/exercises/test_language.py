"""Typical wrong ways to count what comes next, and to measure surprise."""

import math
import re

from helpers.check import check
from tests.exercises.wrong import tell_apart


def test_other_ways_will_do():
    def next_probability(text, context, symbol):
        came = [m[1] for m in re.finditer(f"(?={re.escape(context)}(.))", text)]
        return sum(c == symbol for c in came) / max(len(came), 1)

    def bits_per_symbol(p):
        return sum(math.log(1 / q, 2) for q in p.tolist()) / len(p)

    assert check("next_probability", next_probability).ok
    assert check("bits_per_symbol", bits_per_symbol).ok


def ways(text, context):
    n = len(context)
    return [text[i + n] for i in range(len(text) - n) if text.startswith(context, i)]


def share(part, whole):
    return part / whole if whole else 0.0


def test_wrong_counts():
    def seen_at_all(text, context):
        return sum(text.startswith(context, i) for i in range(len(text)))

    def before(text, context):
        return [text[i - 1] for i in range(1, len(text)) if text.startswith(context, i)]

    def contexts(text, context, symbol):
        n = len(context)
        return [text[i - n : i] for i in range(n, len(text)) if text[i] == symbol]

    tell_apart(
        "next_probability",
        {
            "wherever it stands": lambda text, c, s: sum(x == s for x in text) / len(text),
            "of everything": lambda text, c, s: ways(text, c).count(s) / (len(text) - len(c)),
            "very end": lambda text, c, s: share(ways(text, c).count(s), seen_at_all(text, c)),
            "before the context": lambda text, c, s: share(before(text, c).count(s), len(before(text, c))),
            "overlap": lambda text, c, s: share(text.count(c + s), len(re.findall(re.escape(c) + "(?=.)", text))),
            "not a share": lambda text, c, s: ways(text, c).count(s),
            "changed places": lambda text, c, s: share(contexts(text, c, s).count(c), len(contexts(text, c, s))),
        },
    )


def test_wrong_surprise():
    tell_apart(
        "bits_per_symbol",
        {
            "another unit": lambda p: sum(-math.log(q) for q in p.tolist()) / len(p),
            "decimal digit": lambda p: sum(-math.log10(q) for q in p.tolist()) / len(p),
            "whole text": lambda p: sum(-math.log2(q) for q in p.tolist()),
            "sign": lambda p: sum(math.log2(q) for q in p.tolist()) / len(p),
            "perplexity": lambda p: math.prod(1 / q for q in p.tolist()) ** (1 / len(p)),
            "average the probabilities": lambda p: -math.log2(sum(p.tolist()) / len(p)),
            "went elsewhere": lambda p: 1 - p.mean(),
        },
    )
