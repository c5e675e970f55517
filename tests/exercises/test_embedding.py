"""Typical wrong gradients of a lookup."""

import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def by_autograd(tokens, upstream, size):
    table = torch.zeros(size, upstream.shape[1], requires_grad=True)
    (table[tokens] * upstream).sum().backward()
    return table.grad


def assigned(tokens, upstream, size):
    table = torch.zeros(size, upstream.shape[1])
    for i in range(len(tokens)):
        table[tokens[i]] = upstream[i]
    return table


def once(tokens, upstream, size):
    table, seen = torch.zeros(size, upstream.shape[1]), set()
    for token, row in zip(tokens.tolist(), upstream):
        if token not in seen:
            table[token] = row
        seen.add(token)
    return table


def mean(tokens, upstream, size):
    rows = [upstream[tokens == token].mean(0) if (tokens == token).any() else 0 * upstream[0] for token in range(size)]
    return torch.stack(rows)


def test_autograd_will_do():
    assert check("embedding_gradient", by_autograd).ok


def test_wrong_gradients():
    tell_apart(
        "embedding_gradient",
        {
            "only the last": assigned,
            "only the first": once,
            "the mean": mean,
            "a row for each place": lambda tokens, upstream, size: upstream.clone(),
            "Every row": lambda tokens, upstream, size: torch.ones(size, len(tokens)) @ upstream,
            "how often": lambda tokens, upstream, size: by_autograd(tokens, torch.ones_like(upstream), size),
            "uphill": lambda tokens, upstream, size: by_autograd(tokens, -upstream, size),
            "on its side": lambda tokens, upstream, size: by_autograd(tokens, upstream, size).T.clone(),
        },
    )
