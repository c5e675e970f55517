"""Answers to the exercises of 06_transformers. Each is one way of many; read it after you have tried."""

import torch


def dot_product_attention(Q, K, V):
    """Compare each query with each key, bring the scores down by the root of the width, mix the values."""
    scores = Q @ K.T / Q.shape[1] ** 0.5
    return scores.softmax(1) @ V


def causal_weights(scores):
    """A score of minus infinity has no weight, and the softmax shares out the rest."""
    future = torch.ones_like(scores).triu(1).bool()
    return scores.masked_fill(future, float("-inf")).softmax(1)


def heads_of(x, heads):
    """Cut the width into (heads, share), then move the heads to the front."""
    time, width = x.shape
    return x.reshape(time, heads, width // heads).transpose(0, 1)


def layer_norm(x):
    """Take a place's own mean away and divide by its own spread; the small number keeps a silent place finite."""
    centred = x - x.mean(1, keepdim=True)
    return centred / (centred.square().mean(1, keepdim=True) + 1e-5).sqrt()


def cross_shapes(read, written, width, heads):
    """What was read has the keys; the weights have a row for each place that asks, and each of these gets an answer."""
    share = width // heads
    return (heads, read, share), (heads, written, read), (written, width)


def nucleus(probabilities, p):
    """Go from the most probable down until p is reached; a symbol is kept if those before it have not reached it yet."""
    order = probabilities.argsort(descending=True)
    before = probabilities[order].cumsum(0) - probabilities[order]
    kept = torch.zeros(len(probabilities), dtype=torch.bool)
    kept[order[before < p]] = True
    return kept


def sinusoidal_encoding(length, width):
    """A hand for each pair of dimensions, each slower than the one before; its shadow on two walls are sine and cosine."""
    speed = 10_000 ** (-torch.arange(0, width, 2) / width)
    angle = torch.arange(length)[:, None] * speed
    table = torch.zeros(length, width)
    table[:, ::2], table[:, 1::2] = angle.sin(), angle.cos()
    return table


def rotate_pairs(x):
    """Turn each pair by its position times its speed; both new numbers are made from both old ones."""
    time, width = x.shape
    angle = torch.arange(time)[:, None] * 10_000 ** (-torch.arange(0, width, 2) / width)
    first, second, y = x[:, ::2], x[:, 1::2], torch.zeros_like(x)
    y[:, ::2] = first * angle.cos() - second * angle.sin()
    y[:, 1::2] = first * angle.sin() + second * angle.cos()
    return y


def embedding_gradient(tokens, upstream, size):
    """Whoever used a row adds to its gradient."""
    gradient = torch.zeros(size, upstream.shape[1])
    for token, row in zip(tokens, upstream):
        gradient[token] += row
    return gradient


def local_mask(length, window):
    """Compare the places of both: nobody looks further than the window, in either direction."""
    place = torch.arange(length)
    return (place[:, None] - place).abs() <= window


def attend_linearly(Q, K, V):
    """Keys and values first: what they make together is as large for a hundred tokens as for a million."""
    q, k = (torch.nn.functional.elu(x) + 1 for x in (Q, K))
    summed, total = k.T @ V, k.sum(0)
    return q @ summed / (q @ total)[:, None]
