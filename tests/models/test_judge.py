"""The judge: its decision is linear in its features, and it hears where on the scale of harmonics something is."""

import torch

from helpers.models.judge import Judge


def test_it_decides_by_its_features():
    torch.manual_seed(0)
    judge, pictures = Judge(width=4).eval(), torch.rand(5, 24, 32)
    features = judge.features(pictures)
    assert features.shape == (5, 16)
    assert torch.allclose(judge(pictures), features @ judge.head[1].weight.T + judge.head[1].bias, atol=1e-6)


def test_the_same_pattern_on_other_harmonics_is_something_else():
    torch.manual_seed(0)
    judge, low = Judge(width=4).eval(), torch.zeros(1, 24, 32)
    low[:, 8:12, 8:24] = 1
    assert (judge.features(low) - judge.features(low.roll(4, 1))).abs().max() > 1e-3


def test_the_pictures_stay_as_they_were():
    pictures = torch.rand(2, 24, 32)
    before = pictures.clone()
    Judge(width=4).eval().features(pictures)
    assert torch.equal(pictures, before)
