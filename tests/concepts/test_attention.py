"""Attention against torch's own, in float64, and what is said of a head against cases one can work out."""

import itertools
import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from helpers.concepts import attention as maths


def random(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


QKV = random(2, 3, 5, 4, seed=1), random(2, 3, 7, 4, seed=2), random(2, 3, 7, 6, seed=3)


def test_equals_scaled_dot_product_attention():
    Q, K, V = QKV
    output, weights = maths.attention(Q, K, V)
    torch.testing.assert_close(output, F.scaled_dot_product_attention(Q, K, V), rtol=0, atol=1e-12)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 3, 5, dtype=torch.float64))


def test_equals_it_under_a_mask():
    Q, K, V = QKV
    mask = random(5, 7, seed=4) > 0
    mask[:, 0] = True
    output, weights = maths.attention(Q, K, V, mask)
    torch.testing.assert_close(output, F.scaled_dot_product_attention(Q, K, V, attn_mask=mask), rtol=0, atol=1e-12)
    assert (weights[..., ~mask] == 0).all()


def test_a_causal_mask_gives_the_future_no_weight():
    Q, K, V = (random(2, 6, 4, seed=s) for s in (1, 2, 3))
    output, weights = maths.attention(Q, K, V, maths.causal_mask(6))
    torch.testing.assert_close(output, F.scaled_dot_product_attention(Q, K, V, is_causal=True), rtol=0, atol=1e-12)
    assert (weights.triu(1) == 0).all()
    changed = V.clone()
    changed[:, 4:] = 100.0
    torch.testing.assert_close(maths.attention(Q, K, changed, maths.causal_mask(6))[0][:, :4], output[:, :4])


def test_with_a_past_the_last_rows_are_those_of_the_whole_mask():
    assert torch.equal(maths.causal_mask(2, past=4), maths.causal_mask(6)[4:])


def test_the_stages_are_the_formula_step_by_step():
    Q, K = QKV[0][0, 0], QKV[1][0, 0]
    mask = torch.ones(5, 7, dtype=torch.bool)
    mask[2, 3] = False
    products, scaled, masked, weights = maths.stages(Q, K, mask, temperature=2.0)
    by_hand = torch.stack([torch.stack([sum(a * b for a, b in zip(q, k)) for k in K]) for q in Q])
    torch.testing.assert_close(products, by_hand)
    torch.testing.assert_close(scaled, by_hand / 2 / 2)
    assert masked[2, 3] == -math.inf
    assert torch.equal(masked[mask], scaled[mask])
    e = masked.exp()
    torch.testing.assert_close(weights, e / e.sum(-1, keepdim=True))


def test_a_hot_softmax_is_uniform_and_a_cold_one_takes_the_best():
    Q, K = QKV[0][0, 0], QKV[1][0, 0]
    torch.testing.assert_close(maths.stages(Q, K, temperature=1e9).weights, torch.full((5, 7), 1 / 7, dtype=torch.float64))
    torch.testing.assert_close(
        maths.stages(Q, K, temperature=1e-6).weights, F.one_hot((Q @ K.T).argmax(-1), 7).double(), rtol=0, atol=1e-9
    )


@pytest.mark.parametrize("causal", [False, True])
def test_heads_equal_multihead_attention(causal):
    torch.manual_seed(0)
    oracle = nn.MultiheadAttention(12, 3, batch_first=True, dtype=torch.float64)
    x = random(2, 6, 12)
    mask = maths.causal_mask(6) if causal else None
    Q, K, V = (maths.split_heads(part, 3) for part in F.linear(x, oracle.in_proj_weight, oracle.in_proj_bias).chunk(3, -1))
    output, weights = maths.attention(Q, K, V, mask)
    wanted, wanted_weights = oracle(x, x, x, attn_mask=None if mask is None else ~mask, average_attn_weights=False)
    torch.testing.assert_close(oracle.out_proj(maths.join_heads(output)), wanted, rtol=0, atol=1e-12)
    torch.testing.assert_close(weights, wanted_weights, rtol=0, atol=1e-12)


def test_splitting_and_joining_undo_each_other():
    x = random(2, 5, 12)
    assert torch.equal(maths.join_heads(maths.split_heads(x, 4)), x)
    assert torch.equal(maths.split_heads(x, 4)[:, 1], x[..., 3:6])


def test_entropy_of_one_place_of_all_and_of_half():
    one, all_alike = torch.eye(8, dtype=torch.float64), torch.full((8, 8), 1 / 8, dtype=torch.float64)
    half = torch.tensor([[0.5, 0.5] + [0.0] * 6] * 8, dtype=torch.float64)
    assert maths.entropy(torch.stack([one, all_alike, half])).tolist() == pytest.approx([0, 3, 1])


def test_distance_of_the_same_the_previous_and_all_places():
    previous = torch.eye(6, dtype=torch.float64).roll(-1, 1)  # place i looks at i + 1, the last at the first
    assert maths.mean_distance(torch.eye(6, dtype=torch.float64)) == 0
    assert maths.mean_distance(previous) == pytest.approx((5 * 1 + 5) / 6)
    even = torch.full((2, 3), 1 / 3, dtype=torch.float64)
    assert maths.mean_distance(even) == pytest.approx(((0 + 1 + 2) / 3 + (1 + 0 + 1) / 3) / 2)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: maths.scores(torch.zeros(2, 3), torch.zeros(2, 4)), "width 3 .* width 4"),
        (lambda: maths.stages(torch.zeros(2, 3), torch.zeros(2, 3), temperature=0.0), "temperature of 0"),
        (lambda: maths.stages(torch.zeros(2, 3), torch.zeros(2, 3), ~maths.causal_mask(2)), "place 1 look nowhere"),
        (lambda: maths.split_heads(torch.zeros(2, 10), 3), "10 cannot be shared by 3 heads"),
    ],
)
def test_what_cannot_be_is_said(call, said):
    with pytest.raises(ValueError, match=said):
        call()


def three_layers(places=5):
    raw = torch.randn(3, 2, places, places, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    return raw.softmax(-1)


def test_rollout_is_the_product_of_layers_with_their_residual():
    W = three_layers().numpy()
    A = [0.5 * layer.mean(0) + 0.5 * np.eye(5) for layer in W]
    found = maths.rollout(torch.from_numpy(W)).numpy()
    np.testing.assert_allclose(found[0], A[0], atol=1e-15)
    np.testing.assert_allclose(found[2], np.linalg.multi_dot([A[2], A[1], A[0]]), atol=1e-15)


def test_rollout_is_the_share_of_all_ways_through_the_layers():
    """Every way from a place in the last layer down to the first, one by one, with what each step passes on."""
    W = three_layers(4).numpy()
    for i, j in itertools.product(range(4), repeat=2):
        total = 0.0
        for a, b in itertools.product(range(4), repeat=2):
            way = 1.0
            for layer, who, at in ((2, i, a), (1, a, b), (0, b, j)):
                way *= (W[layer, 0, who, at] + W[layer, 1, who, at]) / 4 + (who == at) / 2
            total += way
        assert maths.rollout(torch.from_numpy(W))[2, i, j].item() == pytest.approx(total, abs=1e-14)


def test_rollout_of_heads_that_look_at_themselves_stays_where_it_is():
    assert torch.equal(maths.rollout(torch.eye(6).expand(4, 3, 6, 6)), torch.eye(6).expand(4, 6, 6))
    causal = maths.rollout(maths.stages(torch.randn(2, 3, 6, 4), torch.randn(2, 3, 6, 4), maths.causal_mask(6)).weights)
    assert (causal.triu(1) == 0).all()
    torch.testing.assert_close(causal.sum(-1), torch.ones(2, 6))
