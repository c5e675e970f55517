"""Exercises on searching without a slope.

Notebook: 03_gradient_descent. All that chance decides is handed in, so that there is one right answer.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from helpers.exercises import exercise

People = Float[Tensor, "person knob"]
Losses = Float[Tensor, "person"]
Drawn = Int[Tensor, "child 2 2"]
Coins = Int[Tensor, "child knob"]
Pushes = Float[Tensor, "child knob"]


def _generations(generator: Generator) -> Iterator[tuple[People, Losses, Drawn, Coins, Pushes]]:
    yield (
        torch.tensor([[0.1, 0.2], [0.9, 0.5], [0.4, 0.8]]),
        torch.tensor([0.7, 0.3, 0.5]),
        torch.tensor([[[0, 1], [2, 0]], [[2, 1], [0, 2]]]),
        torch.tensor([[0, 1], [1, 0]]),
        torch.tensor([[0.2, 0.1], [-0.1, 0.05]]),
    )
    yield (  # two of them are equally good
        torch.tensor([[0.3, 0.7], [0.6, 0.4], [0.8, 0.5], [0.45, 0.55]]),
        torch.tensor([0.5, 0.2, 0.2, 0.8]),
        torch.tensor([[[1, 2], [2, 0]], [[3, 0], [2, 1]], [[2, 1], [1, 2]]]),
        torch.tensor([[0, 1], [1, 0], [0, 1]]),
        torch.tensor([[0.05, -0.02], [0.1, 0.03], [-0.04, 0.06]]),
    )
    for people, knobs, children in ((4, 2, 3), (5, 3, 6), (6, 2, 5), (8, 4, 9)):
        yield (
            torch.rand(people, knobs, generator=generator),
            torch.randperm(people, generator=generator).float() / people,
            torch.randint(people, (children, 2, 2), generator=generator),
            torch.randint(2, (children, knobs), generator=generator),
            0.4 * torch.randn(children, knobs, generator=generator),
        )


def _children(people, loss, drawn, coins, pushes, better=torch.le, swap=False, clip=True):
    first, second = drawn.unbind(-1)
    won = torch.where(better(loss[first], loss[second]), first, second)  # (child, mother or father)
    mothers, fathers = people[won].unbind(1)
    children = torch.where((coins == 1) != swap, fathers, mothers) + pushes
    return children.clamp(0, 1) if clip else children


def _with_best(people, loss, children):
    return torch.cat([people[loss.argmin()][None], children])


@exercise(_generations)
def next_generation(people: People, loss: Losses, drawn: Drawn, coins: Coins, pushes: Pushes) -> Float[Tensor, "next_person knob"]:
    """The best as it is, then the children: each knob from one of two winners of a tournament, pushed, held in 0 … 1."""
    return _with_best(people, loss, _children(people, loss, drawn, coins, pushes))


@next_generation.mistake
def worse_parents(people, loss, drawn, coins, pushes):
    """In your tournaments the one with the higher loss wins, yet a low loss is what is wanted."""
    return _with_best(people, loss, _children(people, loss, drawn, coins, pushes, torch.ge))


@next_generation.mistake
def worse_or_second(people, loss, drawn, coins, pushes):
    """You take the worse of each pair for a parent, and the second where both are equally good."""
    return _with_best(people, loss, _children(people, loss, drawn, coins, pushes, torch.gt))


@next_generation.mistake
def second_of_equals(people, loss, drawn, coins, pushes):
    """Where both of a pair are equally good, the second of them wins in yours. Who is to win then?"""
    return _with_best(people, loss, _children(people, loss, drawn, coins, pushes, torch.lt))


@next_generation.mistake
def no_tournament(people, loss, drawn, coins, pushes):
    """You take the first of each pair as a parent without comparing the two."""
    return _with_best(people, loss, _children(people, torch.zeros_like(loss), drawn, coins, pushes))


@next_generation.mistake
def worst_survives(people, loss, drawn, coins, pushes):
    """The one that survives in yours is the worst of all, not the best."""
    return torch.cat([people[loss.argmax()][None], _children(people, loss, drawn, coins, pushes)])


@next_generation.mistake
def last_of_equals_survives(people, loss, drawn, coins, pushes):
    """Several are equally good, and your survivor is the last of them. Which one is asked for?"""
    last = len(loss) - 1 - loss.flip(0).argmin()
    return torch.cat([people[last][None], _children(people, loss, drawn, coins, pushes)])


@next_generation.mistake
def nobody_survives(people, loss, drawn, coins, pushes):
    """Only children in yours. The best of the old generation is to survive, or what was found may be lost again."""
    return _children(people, loss, drawn, coins, pushes)


@next_generation.mistake
def best_last(people, loss, drawn, coins, pushes):
    """The right ones are there, but not in the order asked for: who comes first?"""
    return _with_best(people, loss, _children(people, loss, drawn, coins, pushes)).roll(-1, 0)


@next_generation.mistake
def coins_swapped(people, loss, drawn, coins, pushes):
    """Each knob comes from the other parent than its coin says."""
    return _with_best(people, loss, _children(people, loss, drawn, coins, pushes, swap=True))


@next_generation.mistake
def mothers_only(people, loss, drawn, coins, pushes):
    """Your children are like their mothers in every knob: the fathers and the coins have no say."""
    return _with_best(people, loss, _children(people, loss, drawn, torch.zeros_like(coins), pushes))


@next_generation.mistake
def average_parents(people, loss, drawn, coins, pushes):
    """Your children lie midway between their parents. Here each knob is inherited whole from one of the two."""
    ones = torch.ones_like(coins)
    both = [_children(people, loss, drawn, which, 0 * pushes) for which in (0 * ones, ones)]
    return _with_best(people, loss, (sum(both) / 2 + pushes).clamp(0, 1))


@next_generation.mistake
def no_mutation(people, loss, drawn, coins, pushes):
    """Nobody is pushed: your children only mix what their parents had, and nothing new comes in."""
    return _with_best(people, loss, _children(people, loss, drawn, coins, 0 * pushes))


@next_generation.mistake
def beyond_the_ends(people, loss, drawn, coins, pushes):
    """Some of your knobs are turned beyond their ends: a push may not lead out of the range."""
    return _with_best(people, loss, _children(people, loss, drawn, coins, pushes, clip=False))
