"""The smallest models of notes: exact probabilities, and what they draw."""

import math

import pytest
import torch

from helpers.models.pictures import CELLS, LEVELS, to_levels
from helpers.models.smallest import BayesNotes, MixtureNotes


@pytest.fixture(scope="module")
def notes():
    """Sixty pictures on levels: a bright and a dark family, each with some noise."""
    draw = torch.Generator().manual_seed(0)
    family = torch.arange(60) % 2
    slope = torch.linspace(1, 0, 24)[:, None] * torch.tensor([0.5, 0.9])[family, None, None]
    noisy = slope + 0.05 * torch.randn(60, 24, 32, generator=draw)
    return (noisy.clamp(0, 1) * 31).round() / 31, family


def test_bits_of_tables_are_those_of_each_cell_counted_by_hand(notes):
    pictures, family = notes
    model, some = BayesNotes(pictures, family), pictures[:3]
    levels, seen = to_levels(some), to_levels(pictures)
    bits = 0.0
    for picture in levels:
        joint = []
        for kind in range(11):
            mine = seen[family == kind]
            prior = (len(mine) + 1) / (60 + 11)
            log = math.log(prior)
            for row in range(24):
                for column in range(32):
                    same = int((mine[:, row, column] == picture[row, column]).sum())
                    log += math.log((same + 1) / (len(mine) + LEVELS))
            joint.append(log)
        bits -= float(torch.tensor(joint, dtype=torch.float64).logsumexp(0)) / math.log(2) / CELLS / len(levels)
    assert model.bits_per_cell(some) == pytest.approx(bits, rel=1e-9)
    assert model.parameters() == 10 + 11 * 768 * 31


def test_tables_draw_levels_and_families_as_often_as_they_were(notes):
    pictures, family = notes
    made = BayesNotes(pictures[family == 1], family[family == 1]).sample(400, seed=1)
    assert torch.equal(made, (made * 31).round() / 31)
    again = BayesNotes(pictures[family == 1], family[family == 1]).sample(400, seed=1)
    assert torch.equal(made, again)


def test_a_single_gaussian_is_a_density_of_all_cells(notes):
    """One part and no noise left between the axes: the bits are those of torch's own multivariate normal."""
    pictures, _ = notes
    model = MixtureNotes(pictures, axes=3, parts=1, steps=1)
    V, m, C = model.directions, model.mixture.means[0], model.mixture.covariances[0]
    covariance = V.T @ C @ V + model.spread**2 * (torch.eye(CELLS).double() - V.T @ V)
    normal = torch.distributions.MultivariateNormal(model.mean + m @ V, covariance)
    draw = torch.rand(pictures.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    between = (to_levels(pictures) / 31 + (draw - 0.5) / 31).flatten(1)
    expected = -float(normal.log_prob(between).mean()) / CELLS / math.log(2) + math.log2(31)
    assert model.bits_per_cell(pictures) == pytest.approx(expected, rel=1e-5)


def test_a_mixture_draws_pictures_in_its_plane_and_counts_its_numbers(notes):
    pictures, _ = notes
    model = MixtureNotes(pictures, axes=3, parts=2)
    made = model.sample(50, seed=3)
    assert made.shape == (50, 24, 32)
    assert 0 <= made.min()
    assert made.max() <= 1
    inside = (made > 0).all(2).all(1) & (made < 1).all(2).all(1)
    x = made[inside].flatten(1).double() - model.mean
    torch.testing.assert_close(x @ model.directions.T @ model.directions, x, atol=1e-5, rtol=0)
    assert model.parameters() == 768 * 4 + 1 + 2 * (1 + 3 + 6) - 1
