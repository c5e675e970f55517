"""What one sees of positions: the table, the scores around a place, and the hands that turn (or what stands for them)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from helpers.explorers.positions.kinds import AHEAD, REACH, Encoded
from helpers.views import Arrows, Dots, Path, Plane

FROM = (0, 24, 48, 72, 95)  # places whose curves are drawn faintly, for comparison
HANDS = 6


def table_plane(found: Encoded, kind: str, shown: int) -> Plane:
    """The vectors as a heat map, a column for each place."""
    by_offset = found.table.shape[0] == 2 * REACH + 1
    values = found.table.numpy() if by_offset else found.table.numpy()[:shown]
    top, width = float(np.abs(values).max()), values.shape[1]
    ends = (-REACH, REACH) if by_offset else (0, shown - 1)
    title = {"sinusoidal": "added to the token at each place", "rotary": "one vector, turned to each place"}
    return Plane(
        "table", x=70, y=32, cell=(390, 330), values=values.T, palette="diverging", lo=-top, hi=top,
        x_range=ends, y_range=(0, width - 1), ticks=True, scrub=not by_offset, row_axis="dimension",
        column_axis="offset j − t" if by_offset else "place t: click or drag",
        title=title.get(kind, "a row for each offset" if by_offset else "added to the token at each place"),
    )  # fmt: skip


def score_plane(scores: Float[np.ndarray, "place place"], place: int, offset: int) -> Plane:
    """Scores with the tokens around a place, by how far they are; faintly, the same of other places."""
    to = np.arange(len(scores))
    shown = scores[np.abs(to - to[:, None]) <= AHEAD]
    low, high = float(shown.min()), float(shown.max())
    room = 0.08 * (high - low)
    layers = [Path(f"from place {t}", around(scores, t), ink="faint", size=1.5) for t in FROM]
    layers += [
        Path(f"from place {place}", around(scores, place), ink=0, size=2.5, legend=True),
        Dots("the other token", [[offset, scores[place, place + offset]]], ink=1, size=7, drag=True,
             names=[f"{offset} further on"]),
    ]  # fmt: skip
    return Plane(
        "scores", x=540, y=32, cell=(300, 330), x_range=(-AHEAD, AHEAD), y_range=(low - room, high + room), live=True,
        ticks=True, column_axis="how far on the other token is", row_axis="score", layers=layers,
        title="score with its neighbours; faint: at other places",
    )  # fmt: skip


def around(scores: Float[np.ndarray, "place place"], place: int) -> Float[np.ndarray, "point 2"]:
    """(offset, score) of all places at most AHEAD away."""
    to = np.arange(max(place - AHEAD, 0), min(place + AHEAD, len(scores) - 1) + 1)
    return np.stack([to - place, scores[place, to]], 1)


def dial_plane(found: Encoded, shown: int) -> Plane:
    """Some hands, fast to slow; or, without hands, the way through the two main directions, or the table of scores."""
    if found.hands is not None:
        turn = np.linspace(0, 2 * np.pi, 121)
        layers = [Path("circle", np.stack([np.cos(turn), np.sin(turn)], 1), ink="faint", size=1.0)]
        for rank, pair in enumerate(shown_pairs(found)):
            tips = found.hands[:shown, pair].numpy() * (1 - 0.13 * rank)
            name = f"dimensions {2 * pair} and {2 * pair + 1}"
            layers.append(Arrows(name, np.concatenate([np.zeros_like(tips), tips], 1), ink=rank, size=3.0, timed=True))
        return _beside("hands: the longest turns fastest", layers=layers, x_range=(-1.1, 1.1), y_range=(-1.1, 1.1))
    if len(found.table) == 2 * REACH + 1:
        scores = found.scores.numpy()[:64, :64]
        top = float(np.abs(scores).max())
        return _beside(
            "added to the score of each pair", values=scores[::-1], palette="diverging", lo=-top, hi=top, x_range=(0, 63),
            y_range=(-63, 0), column_axis="to", row_axis="from",
            x_ticks=[(t, str(t)) for t in (0, 20, 40, 60)], y_ticks=[(-t, str(t)) for t in (0, 20, 40, 60)],
        )  # fmt: skip
    way = found.table[:shown, :2].numpy()
    top = 1.1 * float(np.abs(way).max())
    layers = [Path("way", way, ink="faint", size=1.5), Dots("place", way, ink=0, size=7, timed=True)]
    return _beside("its first two dimensions, place by place", layers=layers, x_range=(-top, top), y_range=(-top, top))


def shown_pairs(found: Encoded) -> list[int]:
    """Which hands are drawn: the fastest, the slowest, and some between."""
    count = found.hands.shape[1]
    return sorted({round(pair) for pair in np.linspace(0, count - 1, min(HANDS, count))})


def _beside(title: str, **looks: object) -> Plane:
    return Plane("dial", x=880 if "row_axis" not in looks else 910, y=62, cell=(200, 200), title=title, **looks)
