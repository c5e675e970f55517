"""Positions against the formulas of their papers, written out, and against what they promise."""

import math

import pytest
import torch

from helpers.concepts.positions import agreement, angles, frequencies, learned, relative, rotate, sinusoidal, skewed, wavelength

CLOSE = {"atol": 1e-10, "rtol": 1e-10}


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize(("width", "base"), [(2, 10_000.0), (8, 10_000.0), (6, 50.0)])
def test_sinusoidal_is_the_formula_of_the_paper(width, base):
    found = sinusoidal(torch.arange(20), width, base)
    for t in (0, 1, 7, 19):
        for i in range(width // 2):
            angle = t / base ** (2 * i / width)
            assert found[t, 2 * i].item() == pytest.approx(math.sin(angle), abs=1e-12)
            assert found[t, 2 * i + 1].item() == pytest.approx(math.cos(angle), abs=1e-12)


@pytest.mark.parametrize("offset", [0, 1, 5, 40])
def test_the_product_of_two_encodings_does_not_depend_on_where_they_are(offset):
    places = torch.arange(0, 300, 13)
    products = (sinusoidal(places, 32) * sinusoidal(places + offset, 32)).sum(-1)
    torch.testing.assert_close(products, products[:1].expand_as(products), **CLOSE)
    torch.testing.assert_close(products[:1], agreement(torch.tensor([offset]), 32), **CLOSE)
    torch.testing.assert_close(agreement(torch.tensor([-offset]), 32), agreement(torch.tensor([offset]), 32), **CLOSE)


def test_a_step_along_is_the_same_rotation_everywhere():
    turn = torch.block_diag(*(torch.tensor([[c, s], [-s, c]]) for c, s in zip(frequencies(8).cos(), frequencies(8).sin())))
    places = sinusoidal(torch.arange(50), 8)
    torch.testing.assert_close(places[:-1] @ turn.T, places[1:], **CLOSE)


def test_a_hand_is_back_after_its_wavelength():
    turns = wavelength(8)
    assert turns[0].item() == pytest.approx(2 * math.pi)
    for i, length in enumerate(turns.tolist()):
        assert math.cos(angles(torch.tensor([length]), 8)[0, i]) == pytest.approx(1)


@pytest.mark.parametrize("place", [0, 1, 123])
def test_rotary_is_a_complex_product_and_keeps_lengths(place):
    x = normal(3, 1, 8)
    turned = rotate(x, torch.tensor([place]))
    spun = torch.view_as_complex(x.reshape(3, 1, 4, 2)) * torch.exp(1j * place * frequencies(8))
    torch.testing.assert_close(turned, torch.view_as_real(spun).reshape(3, 1, 8), **CLOSE)
    torch.testing.assert_close(turned.norm(dim=-1), x.norm(dim=-1), **CLOSE)


def test_rotary_scores_depend_on_the_offset_only():
    q, k = normal(8, seed=1), normal(8, seed=2)
    places = torch.arange(200)
    Q, K = rotate(q.expand(200, 8), places), rotate(k.expand(200, 8), places)
    scores = Q @ K.T
    for offset in (-30, -1, 0, 4, 150):
        along = scores.diagonal(offset)
        torch.testing.assert_close(along, along[:1].expand_as(along), **CLOSE)
    assert not torch.allclose(scores[0, 3], scores[0, 4])  # it does depend on that


def test_rotary_keeps_the_kind_of_number():
    assert rotate(torch.ones(3, 4), torch.arange(3)).dtype == torch.float32


@pytest.mark.parametrize("reach", [2, 30])
def test_relative_scores_are_those_of_each_pair_alone(reach):
    Q, table = normal(2, 9, 6), normal(2 * reach + 1, 6, seed=1)
    found = relative(Q, table)
    for i in range(9):
        for j in range(9):
            row = table[max(-reach, min(reach, j - i)) + reach]
            torch.testing.assert_close(found[:, i, j], Q[:, i] @ row, **CLOSE)


def test_relative_scores_of_one_query_depend_on_the_offset_only():
    found = relative(normal(6).expand(9, 6), normal(17, 6, seed=1))
    for offset in range(-8, 9):
        along = found.diagonal(offset)
        torch.testing.assert_close(along, along[:1].expand_as(along), **CLOSE)


@pytest.mark.parametrize("time", [1, 2, 9])
def test_skewing_gives_the_same_for_every_pair_that_looks_back(time):
    Q, back = normal(3, time, 6), normal(time, 6, seed=1)
    whole = torch.cat([back, normal(time - 1, 6, seed=2)])  # and anything for the offsets ahead
    torch.testing.assert_close(skewed(Q, back).tril(), relative(Q, whole).tril(), **CLOSE)


def test_a_learned_table_starts_small_and_by_its_seed():
    table = learned(2000, 16)
    assert table.std().item() == pytest.approx(0.02, rel=0.02)
    assert torch.equal(table, learned(2000, 16))
    assert not torch.equal(table, learned(2000, 16, seed=1))


@pytest.mark.parametrize(("call", "words"), [
    (lambda: frequencies(7), "width of 7"), (lambda: frequencies(0), "width of 0"), (lambda: frequencies(8, 1.0), "base of 1"),
    (lambda: relative(normal(3, 4), normal(4, 4)), "4 rows have no middle"),
])  # fmt: skip
def test_what_cannot_be_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
