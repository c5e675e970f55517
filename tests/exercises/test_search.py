"""Typical wrong ways to breed a generation, written with loops."""

import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def breed(
    people,
    loss,
    drawn,
    coins,
    pushes,
    wins=lambda a, b: a <= b,
    best=min,
    first=True,
    parent=lambda c: c,
    push=1.0,
    ends=(0.0, 1.0),
):
    numbers = range(len(people))
    survivor = people[best(numbers, key=lambda i: loss[i].item())]
    children = []
    for pairs, tosses, moves in zip(drawn.tolist(), coins.tolist(), pushes.tolist(), strict=True):
        parents = [a if wins(loss[a].item(), loss[b].item()) else b for a, b in pairs]
        child = []
        for knob, (toss, move) in enumerate(zip(tosses, moves, strict=True)):
            value = people[parents[parent(toss)], knob].item() + push * move
            child.append(min(max(value, ends[0]), ends[1]))
        children.append(child)
    rows = torch.tensor(children)
    if first is None:
        return rows
    return torch.cat([survivor[None], rows] if first else [rows, survivor[None]])


def midway(people, loss, drawn, coins, pushes):
    rows = [people[loss.argmin()]]
    for (mothers, fathers), move in zip(drawn, pushes, strict=True):
        mother, father = (people[min(pair.tolist(), key=lambda i: loss[i])] for pair in (mothers, fathers))
        rows.append(((mother + father) / 2 + move).clip(0, 1))
    return torch.stack(rows)


def using(**changes):
    return lambda people, loss, drawn, coins, pushes: breed(people, loss, drawn, coins, pushes, **changes)


def test_loops_will_do():
    assert check("next_generation", using()).ok


def last_best(numbers, key):
    """Of the best the last, as `<=` in a loop finds it."""
    found = 0
    for i in numbers:
        found = i if key(i) <= key(found) else found
    return found


def test_wrong_answers():
    tell_apart(
        "next_generation",
        {
            "higher loss wins": using(wins=lambda a, b: a >= b),
            "worse of each pair": using(wins=lambda a, b: a > b),
            "the second of them wins": using(wins=lambda a, b: a < b),
            "the last of them": using(best=last_best),
            "without comparing": using(wins=lambda a, b: True),
            "the worst of all": using(best=max),
            "Only children": using(first=None),
            "not in the order": using(first=False),
            "the other parent": using(parent=lambda toss: 1 - toss),
            "like their mothers": using(parent=lambda toss: 0),
            "midway": midway,
            "Nobody is pushed": using(push=0.0),
            "beyond their ends": using(ends=(-9.0, 9.0)),
        },
    )
