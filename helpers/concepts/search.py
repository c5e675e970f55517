"""Searching without a slope: random search and a genetic algorithm, counted in evaluations beside gradient descent.

All three look for the least value of a surface whose two parameters go from 0 to 1. Random search asks anywhere. A genetic
algorithm keeps a population: the better ones become parents, a child takes each parameter from one of two parents and is
changed a little, and the best survive as they are. Gradient descent asks for the slope as well, which is not free: a loss
with its gradient costs about three losses, seldom more than five, however many parameters there are (the cheap gradient
principle: Griewank and Walther, Evaluating derivatives, 2008).
Notebook: 03_gradient_descent. After Bergstra and Bengio, 2012 (random search); Holland, 1975 (genetic algorithms).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from helpers.concepts.surfaces import Surface
from helpers.concepts.tuning import tune

Places = Float[np.ndarray, "place 2"]
Losses = Float[np.ndarray, "place"]


@dataclass(frozen=True)
class Found:
    """Where a search has looked, in order, and the loss there.

    spent: evaluations until it was known, gradients counted in; gradients: how many of these there were.
    """

    places: Places
    loss: Losses
    spent: Int[np.ndarray, "place"]
    gradients: Int[np.ndarray, "place"]

    def best(self) -> Int[np.ndarray, "place"]:
        """The number of the best place among those up to each; of equals the first."""
        lowest = np.minimum.accumulate(self.loss)
        better = np.append(True, self.loss[1:] < lowest[:-1])
        return np.maximum.accumulate(np.where(better, np.arange(len(lowest)), 0))

    def finds(self, target: Float[np.ndarray, "2"], within: float = 0.05) -> bool:
        """Whether the best of all places is near the target in both parameters."""
        return bool(np.abs(self.places[self.loss.argmin()] - target).max() <= within)

    def known(self, budget: int) -> Int[np.ndarray, "evaluation"]:
        """The number of the latest place known after 1, 2 … `budget` evaluations."""
        return np.searchsorted(self.spent, np.arange(1, budget + 1), side="right") - 1


def random_search(surface: Surface, budget: int, seed: int) -> Found:
    """So many places drawn evenly from the square."""
    places = np.random.default_rng(seed).random((budget, 2))
    return Found(places, surface.value(*places.T), np.arange(1, budget + 1), np.zeros(budget, int))


def select(loss: Losses, count: int, random: np.random.Generator) -> Int[np.ndarray, "parent"]:
    """So many parents, by number: for each, two of the population are drawn, and the better one is taken (a tournament)."""
    drawn = random.integers(len(loss), size=(count, 2))
    return np.where(loss[drawn[:, 0]] <= loss[drawn[:, 1]], drawn[:, 0], drawn[:, 1])


def cross(mothers: Places, fathers: Places, random: np.random.Generator) -> Places:
    """Children that have each parameter from their mother or their father, by the toss of a coin."""
    return np.where(random.random(mothers.shape) < 0.5, mothers, fathers)


def mutate(places: Places, size: float, random: np.random.Generator) -> Places:
    """Each parameter pushed at random (standard deviation `size`), no further than the square's edge."""
    return np.clip(places + size * random.standard_normal(places.shape), 0, 1)


def genetic(
    surface: Surface,
    budget: int,
    seed: int,
    population: int = 20,
    elite: int = 2,
    mutation: float = 0.05,
    first: Places | None = None,
) -> Found:
    """Generation after generation until the budget is spent; the best `elite` survive, and need no second evaluation.

    first: the first generation; drawn evenly where none is given. Raises ValueError if all of a population are elite.
    """
    if not 0 <= elite < population:
        raise ValueError(f"{elite} of {population} survive as they are; leave room for a child: 0 to {population - 1}.")
    random = np.random.default_rng(seed)
    people = random.random((population, 2)) if first is None else first
    people = people[:budget]
    loss = surface.value(*people.T)
    seen, losses = [people], [loss]
    while (left := budget - sum(map(len, seen))) > 0:
        mothers, fathers = (people[select(loss, population - elite, random)] for _ in range(2))
        children = mutate(cross(mothers, fathers, random), mutation, random)[:left]
        fit = surface.value(*children.T)
        seen.append(children)
        losses.append(fit)
        kept = np.argsort(loss, kind="stable")[:elite]
        people, loss = np.concatenate([people[kept], children]), np.concatenate([loss[kept], fit])
    return Found(np.concatenate(seen), np.concatenate(losses), np.arange(1, budget + 1), np.zeros(budget, int))


def descents(
    surface: Surface, budget: int, seed: int, lr: float = 0.03, steps: int = 40, price: int = 2, optimiser: str = "Adam"
) -> Found:
    """Gradient descent from a random start; after so many steps it begins again elsewhere, until the budget is spent.

    price: how many evaluations a gradient counts as. A start costs one evaluation, a step 1 + price: the gradient where
    one stands, and the loss where it leads.
    """
    random = np.random.default_rng(seed)
    places, spent, gradients, total = [], [], [], 0
    while total < budget:
        taken = min(steps, (budget - total - 1) // (1 + price))
        places.append(tune(surface, optimiser, tuple(random.random(2)), taken, lr)[0])
        spent.append(total + 1 + (1 + price) * np.arange(taken + 1))
        gradients.append((gradients[-1][-1] if gradients else 0) + np.arange(taken + 1))
        total = int(spent[-1][-1])
        if taken < steps:  # what is left would not pay for another step
            break
    together = np.concatenate(places)
    return Found(together, surface.value(*together.T), np.concatenate(spent), np.concatenate(gradients))


METHODS = {"random search": random_search, "genetic algorithm": genetic, "gradient descent": descents}
