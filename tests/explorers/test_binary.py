"""Binary cross-entropy on the screen against torch, in float64 where it is right and in float32 where it breaks."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from helpers.explorers import Binary
from helpers.explorers.binary import said


@pytest.mark.parametrize("target", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("logit", [-110.0, -3.0, 0.0, 2.5, 18.0])
def test_every_number_is_torchs(logit, target):
    explorer = Binary(logit=logit, target=target)
    result, y = explorer.result(), torch.tensor(target, dtype=torch.float64)
    z = torch.tensor(logit, dtype=torch.float64, requires_grad=True)
    loss = F.binary_cross_entropy_with_logits(z, y)
    assert result["loss"] == pytest.approx(loss.item(), abs=1e-9)
    assert result["slope"] == pytest.approx(torch.autograd.grad(loss, z)[0].item(), abs=1e-9)
    assert result["probability"] == pytest.approx(torch.sigmoid(z).item(), abs=1e-12)
    single = torch.tensor(logit, requires_grad=True)
    p = torch.sigmoid(single)
    written = -(target * p.log() + (1 - target) * (1 - p).log())
    assert result["written"] == said(written.detach())
    slope = torch.autograd.grad(written, single)[0]
    assert (result["written slope"] == "NaN") == bool(slope.isnan())
    if not slope.isnan():
        assert float(result["written slope"].replace("−", "-")) == pytest.approx(float(slope), abs=2e-4)


def test_curves_are_torchs():
    result = Binary(target=0.3).result()
    z, p = torch.from_numpy(result["z"]), torch.from_numpy(result["p"])
    y = torch.full_like(z, 0.3)
    np.testing.assert_allclose(result["by z"], F.binary_cross_entropy_with_logits(z, y, reduction="none"), atol=1e-12)
    np.testing.assert_allclose(result["by p"], F.binary_cross_entropy(p, torch.full_like(p, 0.3), reduction="none"), atol=1e-12)
    np.testing.assert_allclose(result["if 1"], -p.log(), atol=1e-12)
    np.testing.assert_allclose(result["if 0"], -(1 - p).log(), atol=1e-12)


def test_the_written_form_ends_where_float32_does():
    assert Binary().result()["naive ends"] == pytest.approx((-6, 6))
    low, high = Binary(reach=120, target=0.0).result()["naive ends"]
    assert high == pytest.approx(24 * math.log(2), abs=0.02)
    assert low == pytest.approx(-math.log(torch.finfo(torch.float32).max), abs=0.02)


def test_a_drag_over_the_probability_finds_its_logit():
    explorer = Binary()
    explorer._drag("by p", "logit", 0, 0.9, 1.0)
    assert explorer.result()["probability"] == pytest.approx(0.9, abs=1e-3)
    explorer._drag("sigmoid", "logit", 0, -2.0, 0.4)
    assert explorer.state["logit"] == -2
    explorer._drag("by p", "logit", 0, 1.0, 1.0)
    assert explorer.state["logit"] == 6  # no further than the picture


def test_the_picture_widens_for_a_large_logit():
    assert Binary(logit=18.0).state["reach"] == 20
    assert Binary(logit=-100.0).state["reach"] == 120
    assert Binary(logit=2.0, reach=20).state["reach"] == 20
    explorer = Binary(logit=18.0)
    assert "rounded to exactly 1" in explorer.verdict()
    assert "rounded to exactly 0" in explorer.set(logit=-100.0).verdict()
    assert "is practically the target" in Binary(logit=5.0).verdict()
    assert "pulls the logit down" in Binary(logit=5.0, target=0.0).verdict()
    assert "pulls the logit up" in Binary(logit=-5.0).verdict()


def test_a_dot_above_the_picture_says_so():
    shown = Binary(logit=-18.0).grid.panel("by p").layers[-1]
    assert shown.shape == "triangle"
    assert "above this picture" in shown.names[0]
    assert Binary(logit=1.0).grid.panel("by p").layers[-1].xy[0, 1] == pytest.approx(Binary(logit=1.0).result()["loss"])


def test_bad_states_are_explained():
    for state, words in (
        ({"logit": 500.0}, "off the picture"),
        ({"target": 1.5}, "1.5 is no probability"),
        ({"reach": 7}, "not offered"),
    ):
        with pytest.raises(ValueError, match=words):
            Binary(**state)


def test_the_question_is_answered_by_the_gradient():
    z = torch.tensor(6.0, dtype=torch.float64, requires_grad=True)
    loss = F.binary_cross_entropy_with_logits(z, torch.tensor(0.0, dtype=torch.float64))
    assert 0.99 < float(torch.autograd.grad(loss, z)[0]) < 1
    assert Binary(predict=True).asked.truth() == "almost 1"
