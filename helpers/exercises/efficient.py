"""Exercises on cheaper attention: who may see whom, and attention without a table of weights.

Notebook: 06_transformers. The oracles: comparing every pair, and the quadratic form.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor
from torch.nn.functional import elu

from helpers.exercises import exercise


def _windows(_generator: Generator) -> Iterator[tuple[int, int]]:
    yield from ((3, 1), (4, 1), (6, 2), (1, 1), (9, 3), (12, 4), (5, 9), (4, 0))


def _apart(length: int) -> Tensor:
    """Place of the key less that of the query: (query, key)."""
    return torch.arange(length) - torch.arange(length)[:, None]


@exercise(_windows)
def local_mask(length: int, window: int) -> Bool[Tensor, "length length"]:
    """True where query (row) and key (column) are at most `window` places apart."""
    return _apart(length).abs() <= window


@local_mask.mistake
def too_narrow(length, window):
    """Your window is one short on each side: a token that is just as far as the window still counts."""
    return _apart(length).abs() < window


@local_mask.mistake
def too_wide(length, window):
    """Your window is one too far on each side. Count on paper, for a window of one, who sees whom."""
    return _apart(length).abs() <= window + 1


@local_mask.mistake
def backwards(length, window):
    """Your tokens look back only; here they look ahead as well."""
    return (_apart(length) <= 0) & (_apart(length) >= -window)


@local_mask.mistake
def forwards(length, window):
    """Your tokens look ahead only; here they look back as well."""
    return (_apart(length) >= 0) & (_apart(length) <= window)


@local_mask.mistake
def no_lower_end(length, window):
    """Your window has one edge only: it goes on for ever on one side."""
    return _apart(length) <= window


@local_mask.mistake
def no_upper_end(length, window):
    """Your window has an edge on the left only: to the right it goes on for ever."""
    return _apart(length) >= -window


@local_mask.mistake
def shared_width(length, window):
    """You give half of the window to either side; here it reaches its whole length both ways."""
    return _apart(length).abs() <= window // 2


@local_mask.mistake
def blocks(length, window):
    """Your sequence falls into blocks that cannot see each other. A window moves along with its token."""
    block = torch.arange(length) // window
    return block == block[:, None]


@local_mask.mistake
def hidden(length, window):
    """True and False have changed places: True is for pairs that may look at each other."""
    return _apart(length).abs() > window


@local_mask.mistake
def not_itself(length, window):
    """Your tokens do not see themselves."""
    return (_apart(length).abs() <= window) & (_apart(length) != 0)


def _heads(generator: Generator) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    for time, width, value in ((2, 2, 1), (3, 2, 2), (4, 3, 4), (7, 5, 2)):
        Q, K = torch.randn(2, time, width, generator=generator)
        yield Q, K, torch.randn(time, value, generator=generator)


def _phi(x: Tensor) -> Tensor:
    return elu(x) + 1


def _share(weights: Tensor, V: Tensor) -> Tensor:
    return weights / weights.sum(-1, keepdim=True) @ V


@exercise(_heads)
def attend_linearly(
    Q: Float[Tensor, "time width"], K: Float[Tensor, "time width"], V: Float[Tensor, "time value"]
) -> Float[Tensor, "time value"]:
    """The mean of V with weights φ(q) · φ(k), φ(x) = elu(x) + 1, by its quadratic form."""
    return _share(_phi(Q) @ _phi(K).T, V)


@attend_linearly.mistake
def no_shares(Q, K, V):
    """Your weights do not add up to one for each query. What do you have to divide by?"""
    return _phi(Q) @ _phi(K).T @ V


@attend_linearly.mistake
def by_length(Q, K, V):
    """You divide by the number of tokens. Each query has a sum of its own to be divided by."""
    return _phi(Q) @ _phi(K).T @ V / len(K)


@attend_linearly.mistake
def softmax(Q, K, V):
    """That is attention with a softmax. Here the weights are products of features, with no exponential."""
    return torch.softmax(Q @ K.T / Q.shape[1] ** 0.5, -1) @ V


@attend_linearly.mistake
def softmax_of_features(Q, K, V):
    """You took a softmax of the products of features. They are positive already: they need only be shared out."""
    return torch.softmax(_phi(Q) @ _phi(K).T, -1) @ V


@attend_linearly.mistake
def softmax_of_scaled_features(Q, K, V):
    """You took a softmax of scaled products of features. They are positive already: they need only be shared out."""
    return torch.softmax(_phi(Q) @ _phi(K).T / Q.shape[1] ** 0.5, -1) @ V


@attend_linearly.mistake
def no_features(Q, K, V):
    """Your weights are products of Q and K as they are, and may be negative. Which function was to make them
    positive?"""
    return _share(Q @ K.T, V)


@attend_linearly.mistake
def without_one(Q, K, V):
    """Your features can be negative: the function is right but for what lifts it above nought."""
    return _share(elu(Q) @ elu(K).T, V)


@attend_linearly.mistake
def rectified(Q, K, V):
    """That is a ReLU, which is nought for half of all numbers. Another function was asked for."""
    return _share(Q.relu() @ K.relu().T, V)


@attend_linearly.mistake
def only_queries(Q, K, V):
    """Your keys have not gone through the feature function."""
    return _share(_phi(Q) @ K.T, V)


@attend_linearly.mistake
def only_keys(Q, K, V):
    """Your queries have not gone through the feature function."""
    return _share(Q @ _phi(K).T, V)


@attend_linearly.mistake
def down_the_columns(Q, K, V):
    """Your weights add up to one for each key; they should for each query."""
    weights = _phi(Q) @ _phi(K).T
    return weights / weights.sum(0, keepdim=True) @ V


@attend_linearly.mistake
def exponential(Q, K, V):
    """Your features are exponentials. They are positive, too, but another function was asked for."""
    return _share(Q.exp() @ K.exp().T, V)
