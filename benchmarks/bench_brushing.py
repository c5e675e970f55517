"""The brush of the gates (lecture 05): how long it takes to find a stretch again in 100,000 cached steps of 64 units.

Ours looks at all places at once; the peer looks at one place after another, as one would write it first. Both must find
the same. The values wander between 0 and 1; at the lecture's 0.18 seconds a step these are five hours of tunes.
"""

from time import perf_counter

import numpy as np

from helpers.concepts.brushing import Match, matches, selected

PIECES, TIME, UNITS = 1000, 100, 64
ROUNDS = 5
MOST = 0.3  # seconds that a search may take
BRUSHES = {
    "six steps": (5, 10, 15, 0.5),
    "one step": (5, 10, 10, 0.5),
    "eighteen steps": (5, 3, 20, 0.3),
    "all units": (5, 3, 20, 0.0),
}


def cached() -> np.ndarray:
    """(piece, time, unit): what 64 units were, each a random walk squashed by σ."""
    walk = np.random.default_rng(0).standard_normal((PIECES, TIME, UNITS)).cumsum(1)
    return 1 / (1 + np.exp(-0.5 * walk))


def one_by_one(values: np.ndarray, piece: int, first: int, last: int, threshold: float, most: int = 5) -> list[Match]:
    """The same search, place by place."""
    length, units = last - first + 1, np.flatnonzero((values[piece, first : last + 1] >= threshold).all(0))
    scored = []
    for p, seen in enumerate(values):
        on = seen[:, units] >= threshold
        counts = [int(on[start : start + length].all(0).sum()) for start in range(len(seen) - length + 1)]
        scored += [(-count, p, start) for start, count in enumerate(counts) if count]
    found, taken = [], [(piece, first)]
    for count, p, start in sorted(scored):
        if len(found) < most and all(p != q or abs(start - s) >= length for q, s in taken):
            found.append(Match(p, start, -count))
            taken.append((p, start))
    return found


def best(search: object, *arguments: object, rounds: int) -> tuple[list[Match], float]:
    """What a search finds, and its best time in seconds."""
    times = []
    for _ in range(rounds):
        began = perf_counter()
        found = search(*arguments)
        times.append(perf_counter() - began)
    return found, min(times)


def main() -> None:
    """Print a table."""
    values = cached()
    print(f"{PIECES * TIME:,} steps of {UNITS} units, best of {ROUNDS}; one by one: once")
    print(f"{'brush':16}{'units':>6}{'ours, ms':>11}{'one by one, ms':>16}{'× as fast':>11}")
    slowest = 0.0
    for name, (piece, first, last, threshold) in BRUSHES.items():
        units = len(selected(values, piece, first, last, threshold, False))
        found, ours = best(matches, values, piece, first, last, threshold, False, rounds=ROUNDS)
        wanted, theirs = best(one_by_one, values, piece, first, last, threshold, rounds=1)
        assert found == wanted, name
        slowest = max(slowest, ours)
        print(f"{name:16}{units:>6}{1000 * ours:>11.0f}{1000 * theirs:>16.0f}{theirs / ours:>11.0f}", flush=True)
    print(f"slowest {1000 * slowest:.0f} ms; at most {1000 * MOST:.0f} ms asked: {'reached' if slowest <= MOST else 'missed'}")


if __name__ == "__main__":
    main()
