"""The Laplacian pyramid against numpy written out: what is halved, what is doubled, and that nothing is lost."""

import numpy as np
import pytest
import torch

from helpers.concepts.pyramid import build, collapse, expand, reduce


@pytest.fixture
def pictures():
    return torch.rand(3, 24, 32, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def doubled(row: np.ndarray) -> np.ndarray:
    """Twice as many numbers along the last axis: three parts of the nearest old one and one of the next, the ends held."""
    before, after = np.concatenate([row[..., :1], row[..., :-1]], -1), np.concatenate([row[..., 1:], row[..., -1:]], -1)
    return np.stack([0.75 * row + 0.25 * before, 0.75 * row + 0.25 * after], -1).reshape(*row.shape[:-1], -1)


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_what_was_built_collapses_to_what_it_was(pictures, levels):
    parts = build(pictures, levels)
    assert [tuple(p.shape[1:]) for p in parts] == [(24 >> k, 32 >> k) for k in [*range(levels), levels]]
    torch.testing.assert_close(collapse(parts), pictures, rtol=0, atol=1e-14)


def test_halving_takes_the_mean_of_four_cells(pictures):
    expected = pictures.numpy().reshape(3, 12, 2, 16, 2).mean((2, 4))
    np.testing.assert_allclose(reduce(pictures).numpy(), expected, atol=1e-15)


def test_doubling_is_linear_between_the_middles_of_cells(pictures):
    expected = doubled(doubled(pictures.numpy().swapaxes(1, 2)).swapaxes(1, 2))
    np.testing.assert_allclose(expand(pictures).numpy(), expected, atol=1e-14)


def test_a_band_is_what_doubling_cannot_know(pictures):
    band, small = build(pictures, 1)
    np.testing.assert_allclose(band.numpy(), (pictures - expand(reduce(pictures))).numpy(), atol=0)
    flat = torch.full((1, 8, 8), 0.3)
    assert all(float(p.abs().max()) < 1e-7 for p in build(flat, 3)[:-1])  # where all is the same, nothing is missing
    assert torch.equal(small, reduce(pictures))


def test_a_band_that_is_changed_changes_only_its_own_size(pictures):
    parts = build(pictures, 2)
    louder = [parts[0] + 0.1, *parts[1:]]
    torch.testing.assert_close(collapse(louder), pictures + 0.1)
    coarse = [*parts[:2], parts[2] + 0.1]
    torch.testing.assert_close(collapse(coarse), pictures + 0.1)  # a constant goes through doubling as it is


@pytest.mark.parametrize(("shape", "levels", "words"), [
    ((1, 3, 4), 1, "3 rows and 4 columns"), ((1, 24, 32), 4, "3 rows and 4 columns"), ((1, 4, 4), 0, "at least 1"),
])  # fmt: skip
def test_what_cannot_be_halved_is_refused(shape, levels, words):
    with pytest.raises(ValueError, match=words):
        build(torch.zeros(shape), levels)
