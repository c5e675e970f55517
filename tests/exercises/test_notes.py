"""Typical wrong ways to divide notes."""

import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def is_held(instrument, held_out):
    return torch.tensor([i in held_out.tolist() for i in instrument.tolist()])


def last_only(instrument, held_out):
    for held in held_out:
        test = instrument == held
    return ~test, test


def by_number(instrument, held_out):
    first = len(instrument) - int(is_held(instrument, held_out).sum())
    test = torch.arange(len(instrument)) >= first
    return ~test, test


def by_place(instrument, held_out):
    test = torch.zeros(len(instrument), dtype=torch.bool)
    test[held_out[held_out < len(instrument)]] = True
    return ~test, test


def test_lists_will_do():
    def split_by_instrument(instrument, held_out):
        return [i not in held_out for i in instrument], [i in held_out for i in instrument]

    assert check("split_by_instrument", split_by_instrument).ok


def test_wrong_answers():
    tell_apart(
        "split_by_instrument",
        {
            "swapped": lambda i, held: (is_held(i, held), ~is_held(i, held)),
            "train on every note": lambda i, held: (torch.ones(len(i), dtype=torch.bool), is_held(i, held)),
            "test on every note": lambda i, held: (~is_held(i, held), torch.ones(len(i), dtype=torch.bool)),
            "first instrument": lambda i, held: (i != held[0], i == held[0]),
            "last instrument": last_only,
            "place in the list": by_place,
            "by their number": by_number,
            "numbers of the notes": lambda i, held: (
                (~is_held(i, held)).nonzero()[:, 0],
                is_held(i, held).nonzero()[:, 0],
            ),
            "Those are the instruments": lambda i, held: (i[~is_held(i, held)], i[is_held(i, held)]),
            "0 and 1": lambda i, held: (1 - is_held(i, held).long(), is_held(i, held).long()),
            "the opposite of": lambda i, held: (is_held(i, held), is_held(i, held)),
        },
    )


def test_one_mask_is_not_two():
    assert "2 values" in check("split_by_instrument", lambda instrument, held_out: (instrument > 0,)).message
