"""Numbers as short tones, one after the other: what swings or runs away is heard.

Notebook: 03_gradient_descent.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

RATE = 16_000
PEAK = 0.25  # −12 dBFS
LOW, HIGH = 110.0, 1760.0  # Hz at the ends of the range: four octaves
LONGEST, TOTAL = 0.12, 6.0  # seconds: of one blip, of all of them


def blips(level: Float[np.ndarray, "place"]) -> Float[np.ndarray, "sample"]:
    """A blip for each number, higher where it is larger: 0 is 110 Hz, 1 is 1,760 Hz, NaN is silence.

    At most six seconds in all, float32 in [−0.25, 0.25]; beyond 0 and 1 the pitch stays at that end.
    """
    length = int(RATE * min(LONGEST, TOTAL / len(level)))
    hertz = LOW * (HIGH / LOW) ** np.clip(level, 0, 1)
    t = np.arange(length) / RATE
    fade = np.minimum(1, np.minimum(t, t[::-1]) / min(0.005, t[-1] / 3))
    tones = np.sin(2 * np.pi * np.nan_to_num(hertz)[:, None] * t) * fade * PEAK * np.isfinite(level)[:, None]
    return tones.astype(np.float32).ravel()
