"""A progress bar with the time left, for a terminal, a log file and a notebook alike."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def progress(items: Iterable[Item], total: int, label: str) -> Iterator[Item]:
    """Yield each of `total` items and show on stdout how many are done and how long the rest will take.

    A terminal gets one line that is rewritten at most ten times a second; a log file gets a line for each tenth.
    """
    start, shown = time.monotonic(), 0.0
    for done, item in enumerate(items, 1):
        yield item
        now, terminal = time.monotonic(), sys.stdout.isatty()
        tenth = done * 10 // total > (done - 1) * 10 // total
        if done == total or (now - shown > 0.1 if terminal else tenth):
            shown = now
            print(line(done, total, now - start, label), end="\r" if terminal and done < total else "\n", flush=True)


def line(done: int, total: int, seconds: float, label: str) -> str:
    """One state of the bar.

    >>> line(1, 4, 10.0, "Notes")
    'Notes [#####...............] 1 of 4, 30 s left'
    """
    filled = 20 * done // total
    left = seconds * (total - done) / done
    when = f"{left:.0f} s left" if done < total else f"{seconds:.0f} s"
    return f"{label} [{'#' * filled}{'.' * (20 - filled)}] {done:,} of {total:,}, {when}"
