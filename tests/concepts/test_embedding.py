"""Looking up against multiplying, gradients against torch, neighbours against plain loops."""

import math

import pytest
import torch
from torch.nn import functional as F

from helpers.concepts.embedding import cosine, counted, gradient, looked_up, multiplied, nearest, neighbours, one_hot


def table(size: int = 30, width: int = 5) -> torch.Tensor:
    return torch.randn(size, width, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


TOKENS = torch.tensor([[3, 0, 29], [3, 3, 7]])


def test_one_hot_times_a_table_is_a_row_looked_up_and_both_are_torchs():
    assert torch.equal(one_hot(TOKENS, 30).long(), F.one_hot(TOKENS, 30))
    assert torch.equal(multiplied(TOKENS, table()), looked_up(TOKENS, table()))
    assert torch.equal(looked_up(TOKENS, table()), F.embedding(TOKENS, table()))


@pytest.mark.parametrize("way", [multiplied, looked_up])
def test_the_gradient_is_the_same_by_either_way(way):
    rows, upstream = table().requires_grad_(), torch.randn(2, 3, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    (by_torch,) = torch.autograd.grad((way(TOKENS, rows) * upstream).sum(), rows)
    torch.testing.assert_close(gradient(TOKENS, upstream, 30), by_torch)
    assert by_torch.ne(0).any(1).sum() == 4  # the rows in use


def test_the_nearest_rows_are_those_a_loop_finds():
    rows = table()

    def angle(a, b):
        return sum(x * y for x, y in zip(a, b)) / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))

    for token in (0, 7, 29):
        by_loop = sorted((i for i in range(30) if i != token), key=lambda i: -angle(rows[i].tolist(), rows[token].tolist()))
        found, cosines = nearest(rows, token, 4)
        assert found.tolist() == by_loop[:4]
        assert cosines.tolist() == pytest.approx([angle(rows[i].tolist(), rows[token].tolist()) for i in by_loop[:4]])
    torch.testing.assert_close(cosine(rows, 3 * rows[5]), F.cosine_similarity(rows, rows[5][None]))


def test_a_row_of_zeros_is_near_nobody():
    rows = table()
    rows[4] = 0
    assert 4 not in nearest(rows, 7, 28)[0]
    assert nearest(rows, 7, 28)[1].isfinite().all()


def test_neighbours_are_counted_both_ways():
    tokens, by_loop = [0, 1, 2, 1, 0, 0], torch.zeros(3, 3, dtype=torch.float64)
    for i, a in enumerate(tokens):
        for j, b in enumerate(tokens):
            by_loop[a, b] += 0 < abs(i - j) <= 2
    assert torch.equal(neighbours(torch.tensor(tokens), 3, reach=2), by_loop)


def test_vectors_from_counts_have_the_products_they_should():
    counts = torch.randint(1, 9, (6, 6), generator=torch.Generator().manual_seed(0)).double()
    counts = counts + counts.T
    both = counts / counts.sum()
    more = (both / (both.sum(1, keepdim=True) * both.sum(0))).log().clamp(min=0)
    rows = counted(counts, 6)
    U, S, _ = torch.linalg.svd(more)
    torch.testing.assert_close(rows @ rows.T, U * S @ U.T)


def test_tokens_that_are_used_alike_come_to_lie_near_each_other():
    # 0 and 1 stand between 2s and 3s, 4 and 5 between 6s and 7s; 0 and 1 themselves never meet.
    random = torch.Generator().manual_seed(0)
    halves = [torch.stack([torch.randint(a, a + 2, (500,), generator=random) for a in (b, b + 2)], 1).flatten() for b in (0, 4)]
    rows = counted(neighbours(torch.cat(halves), 8), 4)
    assert nearest(rows, 0, 1)[0].item() == 1
    assert nearest(rows, 5, 1)[0].item() == 4
    assert cosine(rows[0], rows[1]) > 0.9
    assert cosine(rows[0], rows[4]) < 0.3


@pytest.mark.parametrize("wrong", [30, -1])
def test_a_token_without_a_row_is_named(wrong):
    for call in (looked_up, multiplied):
        with pytest.raises(ValueError, match=f"Token {wrong} has no row"):
            call(torch.tensor([2, wrong]), table())
