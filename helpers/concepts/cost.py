"""What attention costs for each length: counted by formula, and measured on this machine.

Two numbers are counted, exactly, for one head: multiply-adds in products of matrices, and the numbers in the largest table
that is made on the way, which is what memory runs out of. Both are formulas in the length; measured are seconds and the
most memory held at once. Lengths are 64, 256, 1024, …: squares of multiples of 8, which Swin needs.

Notebook: 06_transformers. Concepts: efficient.py, linear_attention.py.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from time import perf_counter

import torch
from jaxtyping import Float
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

from helpers.concepts import efficient
from helpers.concepts.linear_attention import linear, orthogonal, performer

WIDTH = 32  # numbers in a query, a key and a value of one head
NEAR = 32  # how far a local window looks, either side
SEGMENT = 64  # tokens in a segment, its memory, a chunk, a window of a picture
FEATURES = 64  # of the Performer
LENGTHS = (64, 256, 1024, 4096)
Qkv = Float[Tensor, "3 time width"]
Row = list[float]  # a length, seconds, and bytes held at once at most
os.environ.setdefault("KINETO_LOG_LEVEL", "5")  # the profiler would complain on machines that have no GPU


@dataclass(frozen=True)
class Variant:
    """A kind of attention. run: (queries, keys, values) → what comes out; the others: formulas in the length."""

    run: Callable[[Tensor, Tensor, Tensor], Tensor]
    multiply_adds: Callable[[int], int]
    table: Callable[[int], int]


def _swin(Q: Tensor, K: Tensor, V: Tensor) -> Tensor:
    side, size = math.isqrt(len(Q)), math.isqrt(SEGMENT)
    return efficient.swin(*(x.unflatten(0, (side, side)) for x in (Q, K, V)), size, size // 2).flatten(0, 1)


def _reformer(Q: Tensor, _: Tensor, V: Tensor) -> Tensor:
    return efficient.reformer(Q, V, _directions(_halves(len(Q)), Q.shape[1]), SEGMENT)


def _performer(Q: Tensor, K: Tensor, V: Tensor) -> Tensor:
    return performer(Q, K, V, _directions(FEATURES, Q.shape[1]))


@cache
def _directions(count: int, width: int) -> Tensor:
    return orthogonal(count, width).float()


def _halves(time: int) -> int:
    """Directions to hash by: two buckets each, a bucket for each chunk. (The paper hashes in two steps where these are many.)"""
    return time // SEGMENT // 2


def _pairs(time: int) -> int:
    """Pairs that a segment with its memory computes: the first has no memory."""
    return time * 2 * SEGMENT - SEGMENT**2


VARIANTS = {
    "full": Variant(efficient.full, lambda n: 2 * n * n * WIDTH, lambda n: n * n),
    "Longformer": Variant(
        lambda Q, K, V: efficient.local(Q, K, V, NEAR), lambda n: 2 * n * 3 * NEAR * WIDTH, lambda n: 3 * n * max(NEAR, WIDTH)
    ),
    "Transformer-XL": Variant(
        lambda Q, K, V: efficient.remembering(Q, K, V, SEGMENT, SEGMENT),
        lambda n: 2 * _pairs(n) * WIDTH,
        lambda n: max(2 * SEGMENT * SEGMENT if n > SEGMENT else SEGMENT**2, n * WIDTH),
    ),
    "Reformer": Variant(
        _reformer,
        lambda n: 2 * n * 2 * SEGMENT * WIDTH + n * _halves(n) * WIDTH,
        lambda n: max(2 * n * max(SEGMENT, WIDTH), 2 * _halves(n) * n),
    ),
    "Swin": Variant(_swin, lambda n: 2 * n * SEGMENT * WIDTH, lambda n: n * max(SEGMENT, WIDTH)),
    "linear": Variant(linear, lambda n: 2 * n * WIDTH * (WIDTH + 1), lambda n: n * (WIDTH + 1)),
    "Performer": Variant(
        _performer, lambda n: 2 * n * FEATURES * WIDTH + 2 * n * FEATURES * (WIDTH + 1), lambda n: n * max(FEATURES, WIDTH + 1)
    ),
}


def tokens(time: int, seed: int = 0) -> Qkv:
    """Random queries, keys and values of one head, float32."""
    return torch.randn(3, time, WIDTH, generator=torch.Generator().manual_seed(seed))


def seconds(name: str, time: int, least: float = 0.05) -> float:
    """The shortest of as many runs as fit into `least` seconds: others may use the machine meanwhile."""
    qkv, took = tokens(time), []
    with torch.inference_mode():
        VARIANTS[name].run(*qkv)  # to warm up
        while sum(took) < least and len(took) < 50:
            began = perf_counter()
            VARIANTS[name].run(*qkv)
            took.append(perf_counter() - began)
    return min(took)


def allocations(function: Callable[[], object]) -> list[int]:
    """Bytes taken (more than 0) and given back (less) from the processor's memory while a function runs, in order."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True, acc_events=True) as watched, torch.inference_mode():
        kept = function()
    events = [e for e in watched.profiler.kineto_results.events() if e.name() == "[memory]"]
    del kept
    return [e.nbytes() for e in sorted(events, key=lambda e: e.start_ns())]


def most_held(name: str, time: int) -> int:
    """Bytes held at once at most while it runs, beside queries, keys and values."""
    qkv = tokens(time)
    steps = torch.tensor(allocations(lambda: VARIANTS[name].run(*qkv)))
    return int(steps.cumsum(0).max())


def measure(names: Iterable[str] = tuple(VARIANTS), lengths: Iterable[int] = LENGTHS) -> dict[str, list[Row]]:
    """For each variant a row for each length; takes seconds. JSON, so that it can be kept."""
    lengths = list(lengths)
    return {name: [[n, seconds(name, n), most_held(name, n)] for n in lengths] for name in names}


def extrapolated(name: str, measured: list[Row], time: int) -> Row:
    """What a longer sequence should take: from the last row measured, as the formulas grow.

    Seconds grow with the multiply-adds, bytes with the largest table.
    """
    n, took, held = measured[-1]
    work, table = VARIANTS[name].multiply_adds, VARIANTS[name].table
    return [time, took * work(time) / work(int(n)), held * table(time) / table(int(n))]
