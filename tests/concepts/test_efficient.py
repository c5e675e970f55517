"""Cheaper attention against torch's full attention under the mask that says who may see whom."""

import itertools
import math

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention as oracle

from helpers.concepts.efficient import full, hashed, local, near, reformer, remembering, swin
from helpers.concepts.linear_attention import by_features, linear, orthogonal, performer, positive, step

CLOSE = {"atol": 1e-10, "rtol": 1e-10}


def tokens(*shape: int, seed: int = 0) -> torch.Tensor:
    """Queries, keys and values, float64: (3, *shape)."""
    return torch.randn(3, *shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def past(time: int) -> torch.Tensor:
    return torch.tensor([[j <= i for j in range(time)] for i in range(time)])


@pytest.mark.parametrize("masked", [False, True])
def test_full_attention_is_that_of_torch(masked):
    Q, K, V = tokens(2, 3, 11, 6)
    mask = past(11) if masked else None
    torch.testing.assert_close(full(Q, K, V, mask), oracle(Q, K, V, attn_mask=mask), **CLOSE)


# ---- a local window


@pytest.mark.parametrize("window", [12, 13, 20, 64])
def test_a_window_of_the_whole_length_is_full_attention(window):
    Q, K, V = tokens(2, 12, 6)
    torch.testing.assert_close(local(Q, K, V, window), oracle(Q, K, V), **CLOSE)


@pytest.mark.parametrize(("time", "window"), [(12, 3), (13, 3), (20, 1), (7, 6), (1, 4), (16, 4)])
def test_a_window_sees_the_band_and_nothing_else(time, window):
    Q, K, V = tokens(2, time, 6)
    band = torch.tensor([[abs(i - j) <= window for j in range(time)] for i in range(time)])
    torch.testing.assert_close(local(Q, K, V, window), oracle(Q, K, V, attn_mask=band), **CLOSE)
    torch.testing.assert_close(near(torch.arange(time)[:, None], torch.arange(time), window), band)


def test_gradients_of_a_window_are_those_of_the_band():
    Q, K, V = (x.requires_grad_() for x in tokens(10, 4))
    band = torch.tensor([[abs(i - j) <= 3 for j in range(10)] for i in range(10)])
    pull = torch.randn(10, 4, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    mine = torch.autograd.grad((local(Q, K, V, 3) * pull).sum(), (Q, K, V))
    theirs = torch.autograd.grad((oracle(Q, K, V, attn_mask=band) * pull).sum(), (Q, K, V))
    torch.testing.assert_close(mine, theirs, **CLOSE)


# ---- a memory


@pytest.mark.parametrize("segment", [1, 4, 5, 30])
def test_a_memory_of_everything_is_full_attention_to_the_past(segment):
    Q, K, V = tokens(2, 17, 6)
    torch.testing.assert_close(remembering(Q, K, V, segment, 17), oracle(Q, K, V, is_causal=True), **CLOSE)


@pytest.mark.parametrize(("segment", "memory"), [(4, 3), (5, 0), (3, 8)])
def test_a_segment_sees_its_past_and_so_much_before_it(segment, memory):
    Q, K, V = tokens(2, 17, 6)
    seen = torch.tensor([[i - i % segment - memory <= j <= i for j in range(17)] for i in range(17)])
    torch.testing.assert_close(remembering(Q, K, V, segment, memory), oracle(Q, K, V, attn_mask=seen), **CLOSE)


def test_no_gradient_goes_into_the_memory():
    Q, K, V = (x.requires_grad_() for x in tokens(8, 4))
    late = remembering(Q, K, V, 4, 4)[4:].sum()
    gradients = torch.autograd.grad(late, (K, V))
    assert all(g[:4].eq(0).all() and g[4:].ne(0).any() for g in gradients)


# ---- buckets


def test_one_bucket_is_full_attention():
    Q, _, V = tokens(16, 6)
    none = torch.zeros(0, 6, dtype=torch.float64)
    for chunk in (8, 16):  # one chunk, or two: the second sees both, but the first sees itself only
        out = reformer(Q, V, none, chunk)
        torch.testing.assert_close(out[16 - chunk :], oracle(Q, Q, V)[16 - chunk :], **CLOSE)


@pytest.mark.parametrize("seed", range(3))
def test_buckets_and_chunks_see_what_their_definition_says(seed):
    Q, _, V = tokens(24, 6, seed=seed)
    directions = torch.randn(3, 6, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    along = torch.cat([Q @ directions.T, -Q @ directions.T], 1).tolist()
    bucket = [row.index(max(row)) for row in along]
    rank = {i: r for r, i in enumerate(sorted(range(24), key=lambda i: (bucket[i], i)))}
    seen = torch.tensor([[bucket[i] == bucket[j] and rank[i] // 4 - rank[j] // 4 in (0, 1) for j in range(24)] for i in range(24)])
    torch.testing.assert_close(reformer(Q, V, directions, 4), oracle(Q, Q, V, attn_mask=seen), **CLOSE)
    assert hashed(Q, directions).tolist() == bucket


def test_similar_vectors_share_a_bucket_more_often():
    x = torch.randn(2000, 16, generator=torch.Generator().manual_seed(0))
    directions = torch.randn(8, 16, generator=torch.Generator().manual_seed(1))
    other = torch.randn(2000, 16, generator=torch.Generator().manual_seed(2))
    alike, apart = (float((hashed(x, directions) == hashed(y, directions)).float().mean()) for y in (x + 0.2 * other, other))
    assert alike > 0.7
    assert apart == pytest.approx(1 / 16, abs=0.025)


def test_chunks_that_do_not_fill_the_length_are_refused():
    Q, _, V = tokens(10, 4)
    with pytest.raises(ValueError, match=r"length of 10 .* chunks of 4"):
        reformer(Q, V, Q[:2], 4)


# ---- windows of a picture


def test_one_window_is_full_attention():
    Q, K, V = tokens(4, 4, 6)
    flat = oracle(Q.reshape(16, 6), K.reshape(16, 6), V.reshape(16, 6))
    torch.testing.assert_close(swin(Q, K, V, 4), flat.reshape(4, 4, 6), **CLOSE)


@pytest.mark.parametrize("shift", [0, 1, 2, 3])
def test_windows_and_shifted_windows_see_their_own_patches(shift):
    rows, columns, size = 8, 12, 4
    Q, K, V = tokens(rows, columns, 6)
    # Borders lie at shift, shift + size, …: a window is told by how many of them come before it.
    window = [((r - shift) // size, (c - shift) // size) for r in range(rows) for c in range(columns)]
    seen = torch.tensor([[a == b for b in window] for a in window])
    flat = oracle(*(x.reshape(rows * columns, 6) for x in (Q, K, V)), attn_mask=seen)
    torch.testing.assert_close(swin(Q, K, V, size, shift), flat.reshape(rows, columns, 6), **CLOSE)


def test_windows_that_do_not_fill_the_picture_are_refused():
    Q, K, V = tokens(6, 8, 4)
    with pytest.raises(ValueError, match="4 × 4 do not fill 6 × 8"):
        swin(Q, K, V, 4)


# ---- no table at all


def test_linear_attention_is_its_own_quadratic_form():
    Q, K, V = tokens(2, 11, 6)
    weights = torch.where(Q > 0, Q + 1, Q.exp()) @ torch.where(K > 0, K + 1, K.exp()).mT
    torch.testing.assert_close(linear(Q, K, V), weights / weights.sum(-1, keepdim=True) @ V, **CLOSE)


def test_looking_back_it_is_an_rnn():
    Q, K, V = tokens(11, 6)
    weights = (positive(Q) @ positive(K).T) * past(11)
    state, found = torch.zeros(6, 7, dtype=torch.float64), []
    for q, k, v in zip(Q, K, V):
        out, state = step(q, k, v, state)
        found.append(out)
    torch.testing.assert_close(torch.stack(found), weights / weights.sum(-1, keepdim=True) @ V, **CLOSE)


def test_random_directions_are_at_right_angles_and_as_long_as_normal_ones():
    W = orthogonal(4000, 8)
    blocks = (W[:4000] / W[:4000].norm(dim=-1, keepdim=True)).reshape(-1, 8, 8)
    torch.testing.assert_close(blocks @ blocks.mT, torch.eye(8, dtype=torch.float64).expand(500, 8, 8), **CLOSE)
    assert W.square().sum(-1).mean().item() == pytest.approx(8, rel=0.05)
    torch.testing.assert_close(W.mean(0), torch.zeros(8, dtype=torch.float64), atol=0.06, rtol=0)  # four deviations
    torch.testing.assert_close(W.T @ W / 4000, torch.eye(8, dtype=torch.float64), atol=0.06, rtol=0)


def test_the_performers_error_falls_with_the_root_of_its_features():
    Q, K, V = tokens(24, 8)
    Q, K = 0.4 * Q, 0.4 * K  # the longer they are, the heavier the features' tails, and the later the law holds
    right = oracle(Q, K, V)

    def error(features: int) -> float:
        found = [performer(Q, K, V, orthogonal(features, 8, seed)) - right for seed in range(30)]
        return math.sqrt(float(torch.stack(found).square().mean()))

    errors = [error(features) for features in (32, 128, 512, 2048)]
    assert all(1.5 < sooner / later < 2.5 for sooner, later in itertools.pairwise(errors))  # √4, more or less
    assert errors[-1] < 0.1 * float(right.square().mean().sqrt())


def test_random_features_meet_the_exponential_on_average():
    q, k = 0.4 * tokens(8)[:2]
    W = torch.randn(400_000, 8, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    products = (W @ q - q @ q / 2).exp() * (W @ k - k @ k / 2).exp()
    assert products.mean().item() == pytest.approx(math.exp(q @ k), rel=0.01)


def test_large_scores_do_not_overflow():
    Q, K, V = tokens(9, 8)
    assert performer(60 * Q, 60 * K, V, orthogonal(64, 8)).isfinite().all()
    doubled = by_features(positive(Q) * 3, positive(K) * 7, V)  # a factor falls out
    torch.testing.assert_close(doubled, linear(Q, K, V), **CLOSE)
