"""Exercises on telling how near generated samples are to real ones.

Notebooks: 07_generative_models; the modes: 07b_gans. The oracles: the distance as it is computed in any number of
dimensions; all distances in one table; and counting point by point.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from helpers.concepts.fidelity import frechet
from helpers.exercises import exercise


def _sets(generator: Generator) -> Iterator[tuple[Float[Tensor, "m"], Float[Tensor, "n"]]]:
    yield torch.tensor([1.0, 3.0]), torch.tensor([1.0, 3.0])  # the same set: nothing apart
    yield torch.tensor([0.0, 2.0, 4.0]), torch.tensor([10.0, 12.0, 14.0])  # only the mean differs
    yield torch.tensor([-1.0, 0.0, 1.0]), torch.tensor([-4.0, 0.0, 4.0])  # only the spread
    for m, n in ((5, 5), (4, 9), (30, 12)):
        yield torch.randn(m, generator=generator), 2.0 + 3.0 * torch.randn(n, generator=generator)


@exercise(_sets)
def line_frechet(real: Float[Tensor, "m"], fake: Float[Tensor, "n"]) -> float:
    """The squared Fréchet distance of the normal distributions fitted to two sets of numbers."""
    return frechet(real[:, None], fake[:, None])


@line_frechet.mistake
def means_alone(real, fake):
    """Yours compares the means alone. A model that always draws the average would be perfect by it."""
    return (real.mean() - fake.mean()) ** 2


@line_frechet.mistake
def variances(real, fake):
    """You compare variances. On a line, it is the standard deviations whose difference counts."""
    return (real.mean() - fake.mean()) ** 2 + (real.var() - fake.var()) ** 2


@line_frechet.mistake
def variances_without_square(real, fake):
    """Yours adds a plain difference of variances, which may be below nought and has nothing of a distance."""
    return (real.mean() - fake.mean()) ** 2 + real.var() - fake.var()


@line_frechet.mistake
def not_squared(real, fake):
    """Yours is the root of what is asked for: the distance itself, where its square is wanted."""
    return ((real.mean() - fake.mean()) ** 2 + (real.std() - fake.std()) ** 2).sqrt()


@line_frechet.mistake
def absolute(real, fake):
    """You add up how far apart both are, without squaring either."""
    return (real.mean() - fake.mean()).abs() + (real.std() - fake.std()).abs()


@line_frechet.mistake
def by_count(real, fake):
    """You divide by how many numbers there are when you take the spread. Of a sample, it is one fewer."""
    return (real.mean() - fake.mean()) ** 2 + (real.std(correction=0) - fake.std(correction=0)) ** 2


@line_frechet.mistake
def spreads_alone(real, fake):
    """Yours does not see where a set lies: moved as a whole, it would be as good as before."""
    return (real.std() - fake.std()) ** 2


def _clouds(generator: Generator) -> Iterator[tuple[Float[Tensor, "m"], Float[Tensor, "n"]]]:
    yield torch.tensor([0.0, 1.0, 3.0, 7.0]), torch.tensor([0.25])
    yield torch.tensor([0.0, 1.0, 3.0, 7.0]), torch.tensor([3.0, 3.0, 3.0, 3.0])  # one sample again and again
    yield torch.tensor([0.0, 1.0, 5.0]), torch.tensor([20.0, 30.0])  # nowhere near
    yield torch.tensor([2.0, 0.0, 10.0, 11.0, 30.0]), torch.tensor([0.5, 10.25, 44.0])
    for m, n in ((12, 5), (9, 20)):
        yield torch.randn(m, generator=generator), 0.5 + torch.randn(n, generator=generator)


def _apart(real: Float[Tensor, "m"]) -> Float[Tensor, "m"]:
    """Of each real number the distance to the nearest other."""
    table = (real[:, None] - real).abs()
    return table.fill_diagonal_(torch.inf).min(1).values


def _near(real: Float[Tensor, "m"], fake: Float[Tensor, "n"]) -> Float[Tensor, "m"]:
    return (real[:, None] - fake).abs().min(1).values


@exercise(_clouds)
def covered_share(real: Float[Tensor, "m"], fake: Float[Tensor, "n"]) -> float:
    """The share of real numbers that have a fake one no farther than their nearest other real one."""
    return float((_near(real, fake) <= _apart(real)).float().mean())


@covered_share.mistake
def precision(real, fake):
    """You counted the fakes that are near something real. Asked is the reverse: which of the real ones have a fake near."""
    inside = (real[:, None] - fake).abs() <= _apart(real)[:, None]
    return inside.any(0).float().mean()


@covered_share.mistake
def itself(real, fake):
    """The nearest real one to a real one is, in yours, itself, at no distance; so hardly anything is near enough."""
    return (_near(real, fake) <= 0).float().mean()


@covered_share.mistake
def counted(real, fake):
    """Yours is how many are covered, and not which share of them."""
    return (_near(real, fake) <= _apart(real)).float().sum()


@covered_share.mistake
def one_radius(real, fake):
    """You took one distance for all. In a crowd near is nearer than out in the wild: each has its own."""
    return (_near(real, fake) <= _apart(real).mean()).float().mean()


@covered_share.mistake
def pairs(real, fake):
    """You counted all pairs. A real one is covered once, however many fakes are near it."""
    return ((real[:, None] - fake).abs() <= _apart(real)[:, None]).float().mean()


@covered_share.mistake
def left_out(real, fake):
    """Yours is the share of those that were left out."""
    return (_near(real, fake) > _apart(real)).float().mean()


@covered_share.mistake
def signed(real, fake):
    """You forgot that a fake on the other side is as near: yours takes differences with their sign."""
    return ((real[:, None] - fake).min(1).values <= _apart(real)).float().mean()


def _crowds(generator: Generator) -> Iterator[tuple[Tensor, Tensor, float]]:
    centres = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], dtype=torch.float64)
    near = 0.05 * torch.randn(300, 2, generator=generator, dtype=torch.float64)
    yield centres[torch.arange(8) % 2] + near[:8], centres, 0.3  # two of four
    whose = torch.randint(3, (300,), generator=generator)  # three of four, but the third has two of 300 points
    whose[whose == 2] = 0
    whose[:2] = 2
    yield centres[whose] + near, centres, 0.3
    away = torch.cat([centres[:1] + near[:150], centres[3] + 0.6 + near[150:]])  # half are near none
    yield away, centres, 0.3
    spread = centres[torch.randint(4, (300,), generator=generator)] + 8 * near
    yield spread, centres, 0.25
    few = torch.cat([centres[:1] + near[:2], 5 + near[2:]])  # two points of 300 near any
    yield few, centres, 0.3
    aside = torch.tensor([[0.0, 0.0], [0.25, 0.25], [0.0, 0.45]], dtype=torch.float64)  # near, in a corner, just too far
    yield centres[:3].repeat(20, 1) + aside.repeat(20, 1) + 0.1 * near[:60], centres, 0.3


@exercise(_crowds)
def count_modes(points: Float[Tensor, "point 2"], centres: Float[Tensor, "mode 2"], within: float) -> int:
    """How many modes have at least 1 % of all points within the distance: counted point by point."""
    covered = 0
    for centre in centres.tolist():
        near = sum((x - centre[0]) ** 2 + (y - centre[1]) ** 2 <= within**2 for x, y in points.tolist())
        covered += near >= 0.01 * len(points)
    return int(covered)


def _within(points: Tensor, centres: Tensor, within: float) -> Tensor:
    return torch.cdist(points, centres) <= within


@count_modes.mistake
def a_single_point(points, centres, within):
    """You are content with a single point. A mode of which one sample in a thousand is made is lost all the same."""
    return int(_within(points, centres, within).any(0).sum())


@count_modes.mistake
def nearest_centre(points, centres, within):
    """You give every point to the centre it is nearest to, however far away that is."""
    share = torch.bincount(torch.cdist(points, centres).argmin(1), minlength=len(centres)) / len(points)
    return int((share >= 0.01).sum())


@count_modes.mistake
def points_counted(points, centres, within):
    """You count points, not modes."""
    return int(_within(points, centres, within).any(1).sum())


@count_modes.mistake
def share_of_modes(points, centres, within):
    """That is the share of the modes. How many are they?"""
    return float((_within(points, centres, within).double().mean(0) >= 0.01).double().mean())


@count_modes.mistake
def squared_distance(points, centres, within):
    """You compare the square of the distance: was a root forgotten?"""
    near = torch.cdist(points, centres) ** 2 <= within
    return int((near.double().mean(0) >= 0.01).sum())


@count_modes.mistake
def of_those_within(points, centres, within):
    """You take the share of those points that are near some mode. The percent is of all points."""
    near = _within(points, centres, within).double()
    return int((near.sum(0) / near.sum().clamp(min=1) >= 0.01).sum())


@count_modes.mistake
def every_coordinate(points, centres, within):
    """You look at each coordinate by itself, and so reach into the corners of a square."""
    near = (points[:, None] - centres).abs().amax(-1) <= within
    return int((near.double().mean(0) >= 0.01).sum())
