"""The moves of a duel as they were made. A game is kept now and then; what lies between is played again, to the same bit.

Notebook: 07b_gans. Concept: helpers/concepts/duel.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float

from helpers.concepts.duel import STEPS, Game, Move, Rules, begin, noise
from helpers.concepts.fidelity import mmd, modes_covered, sliced_wasserstein
from helpers.datasets.clouds import Cloud

KEEP, MOST_KEPT = 10, 200  # moves from one kept game to the next, twice as many whenever more games than these would be kept
NEARBY = 64  # games that are kept besides, where one was last
MARK = 40  # moves from one measuring to the next
COUNT = 256  # points that are compared
Points = Float[torch.Tensor, "point 2"]
Script = list[list]  # [moves, how often they were made]: [["DG", 200], ["D", 1]]


class Mark(NamedTuple):
    """How near the fakes were after so many moves. modes and quality: of a cloud that has modes, else 0."""

    move: int
    modes: int
    quality: float
    mmd: float
    wasserstein: float
    middle: tuple[float, float]  # of the fakes


class Yard:
    """What all fakes of one duel are compared with: real points, and noise that stays the same."""

    def __init__(self, cloud: Cloud, rules: Rules) -> None:
        random = np.random.default_rng([rules.seed, 7])
        self.cloud, self.z = cloud, noise(rules, random, COUNT)
        self.real = torch.from_numpy(cloud.draw(random, COUNT))
        middle = float(torch.pdist(self.real).median())
        self.widths = [middle / 2, middle, 2 * middle]  # of the kernels: found once, for all fakes
        others = [torch.from_numpy(cloud.draw(random, COUNT)) for _ in range(6)]
        self.floor = max(mmd(self.real, other, self.widths) for other in others)  # as far as two sets of real points are apart

    def mark(self, fake: Points, move: int = 0) -> Mark:
        """Measure fakes, made after so many moves."""
        fake = fake.double()
        centres = torch.from_numpy(self.cloud.centres)
        modes, quality = modes_covered(fake, centres, self.cloud.spread) if len(centres) else (0, 0.0)
        far = mmd(self.real, fake, self.widths), sliced_wasserstein(self.real, fake, 24)
        return Mark(move, modes, quality, *far, tuple(fake.mean(0).tolist()))


class Course:
    """A duel of these rules on a cloud, as far as it was followed."""

    def __init__(self, rules: Rules, cloud: Cloud) -> None:
        self.rules, self.draw, self.yard = rules, cloud.draw, Yard(cloud, rules)
        self.last = begin(rules)
        self.kept, self.every = [self.last], KEEP  # the games after 0, every, 2 every … moves
        self.moves, self.marks = [], [self._look(self.last)]
        self._measured: dict[int, Mark] = {}
        self._nearby: dict[int, Game] = {}

    def move(self, who: str) -> Move:
        """Make one more move. Raises Diverged where it cannot be made; the course then ends before it."""
        self.last, move = STEPS[who](self.last, self.draw)
        self.moves.append(move)
        if self.last.moves % self.every == 0:
            self.kept.append(self.last)
            if len(self.kept) > MOST_KEPT:
                self.kept, self.every = self.kept[::2], 2 * self.every
        if self.last.moves % MARK == 0:
            self.marks.append(self._look(self.last))
        return move

    def follow(self, script: Script) -> Course:
        """Make the moves of a script, as far as they are not made already; what was made otherwise is forgotten."""
        for k, who in enumerate(spelt(script)):
            if k < len(self.moves) and self.moves[k].who != who:
                self.forget(k)
            if k >= len(self.moves):
                self.move(who)
        return self

    def forget(self, count: int) -> None:
        """Go back to where so many moves were made."""
        self.last = self.at(count)
        del self.moves[count:]
        self.kept = self.kept[: count // self.every + 1]
        self.marks = [mark for mark in self.marks if mark.move <= count]
        self._measured.clear()
        self._nearby.clear()

    def at(self, count: int) -> Game:
        """The game after so many moves."""
        if count == len(self.moves):
            return self.last
        if count not in self._nearby:
            game = self._nearby[count - count % self.every] = self.kept[count // self.every]
            for move in self.moves[game.moves : count]:
                game, _ = STEPS[move.who](game, self.draw)
                self._nearby[game.moves] = game
            self._nearby = dict(list(self._nearby.items())[-NEARBY:])
        return self._nearby[count]

    def _look(self, game: Game) -> Mark:
        return self.yard.mark(game.generate(self.yard.z), game.moves)

    def mark(self, count: int) -> Mark:
        """How near the fakes are after so many moves."""
        if count not in self._measured:
            self._measured[count] = self._look(self.at(count))
        return self._measured[count]


def spelt(script: Script) -> Iterator[str]:
    """Move by move, "D" or "G"."""
    for moves, times in script:
        for _ in range(times):
            yield from moves


def length(script: Script) -> int:
    """How many moves a script has."""
    return sum(len(moves) * times for moves, times in script)


def cut(script: Script, count: int) -> Script:
    """The first so many moves of a script.

    >>> cut([["DG", 3], ["D", 2]], 3), cut([["DG", 3], ["D", 2]], 7)
    ([['DG', 1], ['D', 1]], [['DG', 3], ['D', 1]])
    """
    found: Script = []
    for moves, times in script:
        whole = min(times, count // len(moves))
        found = more(found, moves, whole)
        count -= whole * len(moves)
        if whole < times:
            return more(found, moves[:count], 1) if count else found
    return found


def more(script: Script, moves: str, times: int = 1) -> Script:
    """A script that goes on with these moves.

    >>> more([["DG", 3]], "DG"), more([], "D", 0)
    ([['DG', 4]], [])
    """
    if not times:
        return script
    if script and script[-1][0] == moves:
        return [*script[:-1], [moves, script[-1][1] + times]]
    return [*script, [moves, times]]


def unreadable(script: Script, most: int) -> str | None:
    """Why this is no script of at most so many moves; None if it is."""
    for part in script:
        whole = isinstance(part, list) and len(part) == 2 and isinstance(part[0], str) and type(part[1]) is int
        if not (whole and re.fullmatch("[DG]{1,40}", part[0]) and part[1] > 0):
            return f'{part!r} are no moves; give them as [["DG", 200], ["D", 1]]: which, and how often.'
    if (count := length(script)) > most:
        return f"{count:,} moves are too many; at most {most:,} can be made."
    return None


def centred(points: Float[np.ndarray, "point 2"], spread: float) -> Cloud:
    """A cloud of equally likely round Gaussians."""
    centres = np.asarray(points, dtype=float).reshape(-1, 2)

    def draw(random: np.random.Generator, count: int) -> np.ndarray:
        return centres[random.integers(len(centres), size=count)] + spread * random.normal(size=(count, 2))

    return Cloud(draw, centres, spread)
