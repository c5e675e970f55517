"""The autoregressive model: nothing is known of what comes later, sampling says what the forward pass says, bits are exact."""

import math

import pytest
import torch
import torch.nn.functional as F

from helpers.models.frames import FrameRNN
from helpers.models.pictures import LEVELS, to_levels, to_picture


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return FrameRNN(width=16).eval()


@pytest.fixture(scope="module")
def levels():
    return torch.randint(0, LEVELS, (2, 24, 32), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(("row", "column"), [(0, 0), (5, 0), (23, 7), (0, 8), (12, 31)])
def test_a_cell_changes_only_what_comes_after_it(model, levels, row, column):
    changed = levels.clone()
    changed[:, row, column] = (changed[:, row, column] + 7) % LEVELS
    moved = (model(changed) - model(levels)).abs().amax((0, 3)) > 0
    order = torch.arange(32)[None, :] * 24 + torch.arange(24)[:, None]  # the place of each cell in the order of drawing
    assert not moved[order <= column * 24 + row].any()
    assert moved.any() or (row, column) == (23, 31)


def test_sampling_draws_from_what_the_forward_pass_says(model):
    drawn = to_levels(model.sample(2, seed=3))
    random, levels = torch.Generator().manual_seed(3), torch.zeros(2, 24, 32, dtype=torch.long)
    for place in range(50):  # two columns and a little, each cell from a whole forward pass
        column, row = divmod(place, 24)
        p = F.softmax(model(levels)[:, row, column], -1)
        levels[:, row, column] = torch.multinomial(p, 1, generator=random)[:, 0]
    assert torch.equal(drawn[:, :, :2], levels[:, :, :2])
    assert torch.equal(drawn[:, :2, 2], levels[:, :2, 2])


def test_a_model_that_knows_nothing_needs_five_bits_a_cell(model, levels):
    ignorant = FrameRNN(width=16).eval()
    torch.nn.init.zeros_(ignorant.out.weight)
    torch.nn.init.zeros_(ignorant.out.bias)
    assert ignorant.bits_per_cell(to_picture(levels)) == pytest.approx(math.log2(LEVELS), abs=1e-5)


def test_bits_are_the_mean_of_minus_log_p(model, levels):
    p = F.softmax(model(levels).double(), -1).gather(-1, levels[..., None])
    assert model.bits_per_cell(to_picture(levels)) == pytest.approx(float(-p.log2().mean()), rel=1e-5)


def test_cold_sampling_is_the_likeliest_and_a_seed_is_kept(model):
    assert torch.equal(model.sample(1, seed=1), model.sample(1, seed=1))
    assert not torch.equal(model.sample(1, seed=1), model.sample(1, seed=2))
    assert torch.equal(model.sample(1, 1, temperature=1e-4), model.sample(1, 2, temperature=1e-4))
    with pytest.raises(ValueError, match="above 0"):
        model.sample(1, temperature=0)
