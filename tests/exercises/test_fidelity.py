"""Typical wrong ways to say how near a set is to another."""

import statistics

import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def frechet(real, fake, mean=lambda d: d * d, spread=lambda a, b: (a - b) ** 2, of=statistics.stdev):
    a, b = real.tolist(), fake.tolist()
    return mean(statistics.fmean(a) - statistics.fmean(b)) + spread(of(a), of(b))


def covered(real, fake, radius=None):
    """How many real ones have a fake near."""
    real, fake = real.tolist(), fake.tolist()
    radii = [min(abs(a - b) for j, b in enumerate(real) if j != i) for i, a in enumerate(real)]
    return sum(min(abs(a - b) for b in fake) <= (radius(radii) if radius else r) for a, r in zip(real, radii))


def test_plain_loops_will_do():
    assert check("line_frechet", frechet).ok
    assert check("covered_share", lambda real, fake: covered(real, fake) / len(real)).ok


def test_another_way_to_count_modes_will_do():
    def count_modes(points, centres, within):
        d = ((points[:, None] - centres[None]) ** 2).sum(-1).sqrt()
        return sum(float((d[:, k] <= within).float().mean()) >= 0.01 for k in range(len(centres)))

    assert check("count_modes", count_modes).ok


def test_wrong_distances():
    tell_apart(
        "line_frechet",
        {
            "the means alone": lambda real, fake: frechet(real, fake, spread=lambda a, b: 0),
            "compare variances": lambda real, fake: frechet(real, fake, spread=lambda a, b: (a * a - b * b) ** 2),
            "plain difference": lambda real, fake: frechet(real, fake, spread=lambda a, b: a * a - b * b),
            "the root": lambda real, fake: frechet(real, fake) ** 0.5,
            "without squaring": lambda real, fake: frechet(real, fake, abs, lambda a, b: abs(a - b)),
            "one fewer": lambda real, fake: frechet(real, fake, of=statistics.pstdev),
            "moved as a whole": lambda real, fake: frechet(real, fake, mean=lambda d: 0),
        },
    )


def test_wrong_shares():
    def near(real, fake):
        """Pairs of a real one and a fake that is near it."""
        radii = [min(abs(a - b) for j, b in enumerate(real) if j != i) for i, a in enumerate(real)]
        return [[abs(a - b) <= r for b in fake] for a, r in zip(real, radii)]

    tell_apart(
        "covered_share",
        {
            "the reverse": lambda real, fake: sum(map(any, zip(*near(real, fake)))) / len(fake),
            "at no distance": lambda real, fake: covered(real, fake, lambda radii: 0.0) / len(real),
            "not which share": covered,
            "one distance for all": lambda real, fake: covered(real, fake, statistics.fmean) / len(real),
            "all pairs": lambda real, fake: sum(map(sum, near(real, fake))) / len(real) / len(fake),
            "left out": lambda real, fake: 1 - covered(real, fake) / len(real),
            "with their sign": lambda real, fake: (
                sum(
                    min(float(a - b) for b in fake) <= min(abs(float(a - b)) for j, b in enumerate(real) if j != i)
                    for i, a in enumerate(real)
                )
                / len(real)
            ),
        },
    )


def test_wrong_counts():
    def distance(points, centres):
        return ((points[:, None] - centres[None]) ** 2).sum(-1).sqrt()

    def counted(near):
        return int((near.double().mean(0) >= 0.01).sum())

    tell_apart(
        "count_modes",
        {
            "single point": lambda p, c, w: len({int(k) for k in (distance(p, c) <= w).nonzero()[:, 1]}),
            "however far away": lambda p, c, w: counted(torch.nn.functional.one_hot(distance(p, c).argmin(1), len(c))),
            "count points": lambda p, c, w: int((distance(p, c).min(1).values <= w).sum()),
            "the share of the modes": lambda p, c, w: counted(distance(p, c) <= w) / len(c),
            "was a root": lambda p, c, w: counted(distance(p, c) ** 2 <= w),
            "near some mode": lambda p, c, w: counted((near := distance(p, c) <= w)[near.any(1)]),
            "corners of a square": lambda p, c, w: counted(((p[:, None] - c).abs() <= w).all(-1)),
        },
    )
