"""Formulas of cost against torch's own counters: of products of matrices, and of memory."""

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from helpers.concepts.cost import LENGTHS, VARIANTS, allocations, extrapolated, measure, most_held, seconds, tokens

each = pytest.mark.parametrize("name", VARIANTS)
FLOAT = 4  # bytes


@each
@pytest.mark.parametrize("time", [64, 256, 1024])
def test_multiply_adds_are_those_that_torch_counts(name, time):
    with FlopCounterMode(display=False) as counted:
        VARIANTS[name].run(*tokens(time))
    assert VARIANTS[name].multiply_adds(time) == counted.get_total_flops() / 2


@each
@pytest.mark.parametrize("time", [64, 256, 1024])
def test_the_largest_table_is_the_largest_piece_of_memory_taken(name, time):
    given = tokens(time)
    VARIANTS[name].run(*given)  # random directions are drawn once
    taken = allocations(lambda: VARIANTS[name].run(*given))
    assert VARIANTS[name].table(time) * FLOAT == max(taken)


@each
def test_every_variant_gives_each_token_a_finite_vector(name):
    out = VARIANTS[name].run(*tokens(256))
    assert out.shape == (256, 32)
    assert out.isfinite().all()


def test_only_full_attention_grows_with_the_square():
    for name, variant in VARIANTS.items():
        growth = [variant.multiply_adds(16_384) / variant.multiply_adds(4096), variant.table(16_384) / variant.table(4096)]
        if name == "full":
            assert growth == [16, 16]
        elif name == "Reformer":  # as many buckets as chunks: to hash is quadratic, too, if only a little
            assert 4 < growth[0] < 13
        else:
            np.testing.assert_allclose(growth, 4, rtol=0.02)


def test_memory_is_counted_as_numpy_would():
    def work():
        a = torch.zeros(1000)
        b = torch.zeros(500)
        del a
        return b + torch.zeros(500)

    steps = allocations(work)
    assert sum(steps) == 500 * FLOAT  # what it returns
    assert np.cumsum(steps).max() == 1500 * FLOAT


def test_full_attention_holds_three_tables_at_once():
    assert most_held("full", 256) == 3 * 256**2 * FLOAT


@each
def test_an_extrapolation_from_1024_meets_the_memory_measured_at_4096(name):
    if name == "full":
        return  # 200 MB; its three tables are exact
    rows = [[1024, 1.0, most_held(name, 1024)]]
    assert extrapolated(name, rows, 4096)[2] == pytest.approx(most_held(name, 4096), rel=0.15)


def test_what_is_measured_is_one_row_for_each_length():
    found = measure(["full", "linear"], [64, 256])
    assert {name: [row[0] for row in rows] for name, rows in found.items()} == {"full": [64, 256], "linear": [64, 256]}
    assert all(0 < took < 1 and held > 64 * 32 * FLOAT for rows in found.values() for _, took, held in rows)
    assert seconds("full", 1024) > seconds("full", 64)
    assert all(int(n**0.5) ** 2 == n and n % 64 == 0 for n in LENGTHS)
    assert extrapolated("full", [[1024, 0.01, 100.0]], 4096) == [4096, 0.16, 1600.0]


@pytest.mark.parametrize("n", [16_384, 65_536])
def test_what_lecture_6_says_of_our_reformer(n):
    """Its table grows with the square in the end, 64 times smaller than that of full attention."""
    assert VARIANTS["full"].table(n) == 64 * VARIANTS["Reformer"].table(n)
