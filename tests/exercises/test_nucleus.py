"""Typical wrong ways to cut what a model may draw."""

from helpers.check import check
from tests.exercises.wrong import tell_apart


def keep(probabilities, p, stop=lambda mass, p: mass >= p, backwards=False):
    order = sorted(range(len(probabilities)), key=lambda i: -float(probabilities[i]), reverse=backwards)
    kept, mass = [False] * len(order), 0.0
    for i in order:
        if stop(mass, p):
            break
        kept[i] = True
        mass += float(probabilities[i])
    return kept


def test_one_after_another_will_do():
    assert check("nucleus", keep).ok


def test_wrong_nuclei():
    def ranks(probabilities, p):
        return sorted(keep(probabilities, p), reverse=True)

    def one_too_few(probabilities, p):
        total, kept = 0.0, [False] * len(probabilities)
        for i in probabilities.argsort(descending=True).tolist():
            total += float(probabilities[i])
            kept[i] = total <= p
        return kept

    def one_too_many(probabilities, p):
        done, kept, mass = False, [False] * len(probabilities), 0.0
        for i in probabilities.argsort(descending=True).tolist():
            kept[i] = not done
            done, mass = mass >= p, mass + float(probabilities[i])
        return kept

    def left_to_right(probabilities, p):
        mass, kept = 0.0, []
        for q in probabilities.tolist():
            kept.append(mass < p)
            mass += q
        return kept

    tell_apart(
        "nucleus",
        {
            "each symbol alone": lambda q, p: [float(x) >= p for x in q],
            "stay below p": one_too_few,
            "one symbol more": one_too_many,
            "as they stand": left_to_right,
            "least probable": lambda q, p: keep(q, p, backwards=True),
            "order of their rank": ranks,
            "share of the symbols": lambda q, p: [
                bool(x >= q.sort(descending=True).values[max(1, round(p * len(q))) - 1]) for x in q
            ],
            "what is cut off": lambda q, p: [not kept for kept in keep(q, p)],
        },
    )
