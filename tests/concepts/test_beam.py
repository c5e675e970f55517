"""Beam search against trying every text of a small model, and against greedy search."""

import itertools
import math

import numpy as np
import pytest
import torch

from helpers.concepts.beam import Candidate, beam, log2_softmax

SYMBOLS, END = 4, 3


def model(seed: int, flat: float = 1.0):
    """A model whose next symbol depends on all that came before, and a way to score texts with it."""
    weights = np.random.default_rng(seed).normal(scale=1 / flat, size=(7, SYMBOLS))

    def score(texts):
        rows = [weights[sum((place + 1) * (symbol + 1) for place, symbol in enumerate(text)) % 7] for text in texts]
        return torch.tensor(np.array(rows)).log_softmax(-1).numpy() / math.log(2)

    return score


def everything(score, prompt, most, end):
    """Every text of `most` symbols, or fewer where it ends, with its log2 likelihood, the best first."""
    found = {}
    for text in itertools.product(range(SYMBOLS), repeat=most):
        text = text[: text.index(end) + 1] if end in text else text
        found[text] = sum(float(score([[*prompt, *text[:i]]])[0, symbol]) for i, symbol in enumerate(text))
    return sorted(found.items(), key=lambda one: -one[1])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("end", [END, None])
def test_a_beam_that_loses_nothing_finds_what_trying_everything_finds(seed, end):
    score, all_of_them = model(seed), everything(model(seed), [0, 1], 4, END if end else -1)
    found = beam(score, [0, 1], SYMBOLS**4, 4, end)
    assert len(found) == len(all_of_them)
    assert [one.symbols for one in found] == [text for text, _ in all_of_them]
    assert np.allclose([one.log2 for one in found], [p for _, p in all_of_them], atol=1e-9)
    assert sum(2**one.log2 for one in found) == pytest.approx(1, abs=1e-9)  # each text there is, once


@pytest.mark.parametrize("seed", range(5))
def test_a_beam_of_one_is_greedy(seed):
    score, text = model(seed), [2]
    for _ in range(6):
        text.append(int(score([text])[0].argmax()))
        if text[-1] == END:
            break
    (found,) = beam(score, [2], 1, 6, END)
    assert list(found.symbols) == text[1:]
    assert found.ended == (text[-1] == END)


def test_a_wider_beam_finds_what_greed_misses():
    """After 0 all is open, after 1 everything is sure: the second best beginning has the best end."""
    tree = {(): [0.6, 0.4, 0, 0], (0,): [0.25, 0.25, 0.25, 0.25], (1,): [0, 0, 1, 0]}

    def score(texts):
        with np.errstate(divide="ignore"):
            return np.log2(np.array([tree[tuple(text)] for text in texts], dtype=float))

    greedy, *_ = beam(score, [], 1, 2)
    best, second = beam(score, [], 2, 2)
    assert (greedy.symbols, best.symbols, second.symbols) == ((0, 0), (1, 2), (0, 0))
    assert 2**greedy.log2 == pytest.approx(0.15)
    assert 2**best.log2 == pytest.approx(0.4)


def test_every_likelihood_is_that_of_its_text_and_the_best_comes_first():
    score = model(9, flat=2.0)
    found = beam(score, [1], 3, 5, END)
    for one in found:
        assert one.log2 == pytest.approx(dict(everything(score, [1], 5, END))[one.symbols], abs=1e-9)
        assert one.ended == (one.symbols[-1] == END)
    assert [one.log2 for one in found] == sorted((one.log2 for one in found), reverse=True)
    assert len({one.symbols for one in found}) == 3


def test_what_has_ended_is_read_no_more_and_what_cannot_come_never_does():
    given = []

    def score(texts):
        given.extend(texts)
        return np.log2(np.array([[0.5, 0.0, 0.5]] * len(texts)), where=[True, False, True], out=np.full((len(texts), 3), -np.inf))

    found = beam(score, [0], 4, 3, end=2)
    assert all(2 not in text for text in given)
    assert all(1 not in one.symbols for one in found)
    assert found[0] == Candidate((2,), -1.0, True)
    assert beam(score, [0], 1, 50, end=0)[0].symbols == (0,)  # among equals the lower symbol, and then there is no more to do


@pytest.mark.parametrize(("width", "most"), [(0, 3), (2, 0)])
def test_a_beam_of_nothing_cannot_be(width, most):
    with pytest.raises(ValueError, match=f"width is {width} and most {most}"):
        beam(model(0), [0], width, most)


def test_log2_softmax_is_torchs():
    z = np.random.default_rng(0).normal(scale=50, size=(3, 7))
    assert np.allclose(log2_softmax(z), torch.tensor(z).log_softmax(-1).numpy() / math.log(2), rtol=1e-12)
