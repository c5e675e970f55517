"""Numbers as they are said and written on axes."""

from __future__ import annotations

import numpy as np


def number(value: float, digits: int) -> str:
    """A number as the screen shows it, with a true minus.

    >>> number(-1.0, 0), number(-0.001, 2)
    ('−1', '0.00')
    """
    said = f"{value:.{digits}f}"
    return (said.lstrip("-") if float(said) == 0 else said).replace("-", "−")


def short(value: float) -> str:
    """Three digits that matter, in few characters.

    >>> short(-1.234), short(0.04567), short(0.000012), short(123456.0)
    ('−1.23', '0.0457', '1e−5', '1e5')
    """
    if value and not 1e-3 <= abs(value) < 1e4:
        return f"{value:.0e}".replace("-", "−").replace("e+0", "e").replace("e+", "e").replace("e−0", "e−")
    before = int(np.floor(np.log10(abs(value)))) if value else 0
    return number(value, max(0, 2 - before) if value else 0)


def plural(count: int, noun: str) -> str:
    """So many of them.

    >>> plural(1, "step"), plural(2000, "step")
    ('1 step', '2,000 steps')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def share(part: float) -> str:
    """A part of a whole as one says it.

    >>> share(0.34), share(0.0012), share(0.996), share(1.0)
    ('34 %', '0.12 %', '99.6 %', 'all')
    """
    if part >= 1:
        return "all"
    if part < 1e-4:
        return f"{short(100 * part)} %"
    return f"{100 * min(part, 0.9999):.{2 if part < 0.995 else 4}g} %"


def powers(low: float, high: float, every: int = 1) -> list[tuple[float, str]]:
    """Ticks for an axis of logarithms: the powers of ten from low to high whose exponent is a multiple of `every`.

    >>> powers(-1.5, 2.2)
    [(-1.0, '10⁻¹'), (0.0, '10⁰'), (1.0, '10¹'), (2.0, '10²')]
    """
    raised = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    return [
        (float(k), f"10{str(k).translate(raised)}") for k in range(int(np.ceil(low)), int(np.floor(high)) + 1) if k % every == 0
    ]
