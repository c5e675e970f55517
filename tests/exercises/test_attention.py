"""Typical wrong ways to attend, to mask, to split, to normalise and to cut."""

import math

import numpy as np
import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def attend(Q, K, V, scale=None, softmax=True, axis=1):
    table = [[sum(a * b for a, b in zip(q, k)) / (scale or math.sqrt(len(q))) for k in K.tolist()] for q in Q.tolist()]
    table = np.array(table)
    if softmax:
        e = np.exp(table - table.max())
        table = e / e.sum(axis, keepdims=True)
    return np.array([sum(w * v for w, v in zip(row, V.numpy())) for row in table])


def test_loops_will_do():
    assert check("dot_product_attention", attend).ok


def test_wrong_attention():
    tell_apart(
        "dot_product_attention",
        {
            "not scaled": lambda Q, K, V: (Q @ K.T).softmax(-1) @ V,
            "divide the scores by too much": lambda Q, K, V: attend(Q, K, V, scale=Q.shape[1]),
            "how many keys there are": lambda Q, K, V: attend(Q, K, V, scale=math.sqrt(len(K))),
            "over those who look": lambda Q, K, V: attend(Q, K, V, axis=0),
            "with the scores themselves": lambda Q, K, V: attend(Q, K, V, softmax=False),
            "Those are the weights": lambda Q, K, V: torch.softmax(Q @ K.mT / math.sqrt(Q.shape[-1]), -1),
            "have changed places": lambda Q, K, V: torch.softmax(K @ Q.mT / math.sqrt(Q.shape[-1]), -1) @ V,
            "plain mean": lambda Q, K, V: torch.stack([V.mean(0) for _ in Q]),
            "best match alone": lambda Q, K, V: torch.stack([V[int((K @ q).argmax())] for q in Q]),
        },
    )


def rows(scores, sees=lambda i, j: j <= i):
    out = np.zeros(scores.shape)
    for i, row in enumerate(scores.tolist()):
        e = [math.exp(s) if sees(i, j) else 0.0 for j, s in enumerate(row)]
        out[i] = np.array(e) / (sum(e) or np.nan)
    return out


def test_row_by_row_will_do():
    assert check("causal_weights", rows).ok


def test_wrong_masks():
    tell_apart(
        "causal_weights",
        {
            "look ahead: a note": lambda s: rows(s, lambda i, j: True),
            "no longer adds up": lambda s: torch.tril(torch.softmax(s, 1)),
            "no ban": lambda s: torch.softmax(s * torch.tril(torch.ones(len(s), len(s))), 1),
            "hide the past": lambda s: rows(s, lambda i, j: j >= i),
            "from itself": lambda s: rows(s, lambda i, j: j < i),
            "one place ahead": lambda s: rows(s, lambda i, j: j <= i + 1),
            "columns add up": lambda s: rows(s.T, lambda i, j: j >= i).T,
            "masked scores": lambda s: s + torch.full(s.shape, -math.inf).triu(1),
        },
    )


def shares(x, heads):
    share = x.shape[1] // heads
    return torch.stack([x[:, head * share : (head + 1) * share] for head in range(heads)])


def test_slices_will_do():
    assert check("heads_of", shares).ok


def test_wrong_shares():
    tell_apart(
        "heads_of",
        {
            "only some of the times": lambda x, heads: x.view(heads, x.shape[0], x.shape[1] // heads),
            "first axis is time": lambda x, heads: shares(x, heads).transpose(0, 1),
            "like cards": lambda x, heads: torch.stack([x[:, head::heads] for head in range(heads)]),
            "share stands before it": lambda x, heads: shares(x, heads).permute(0, 2, 1),
            "the whole width. What": lambda x, heads: torch.stack([x] * heads),
            "wrong order": lambda x, heads: torch.stack(list(shares(x, heads))[::-1]),
        },
    )


def normalise(x, eps=1e-5, less=0):
    out = []
    for place in x.tolist():
        mean = sum(place) / len(place)
        variance = sum((v - mean) ** 2 for v in place) / (len(place) - less)
        out.append([(v - mean) / math.sqrt(variance + eps) for v in place])
    return out


def test_place_by_place_will_do_with_another_small_number():
    assert check("layer_norm", normalise).ok
    assert check("layer_norm", lambda x: normalise(x, eps=1e-8)).ok


def test_wrong_norms():
    def spread(x):
        return x.std(1, correction=0, keepdim=True)

    tell_apart(
        "layer_norm",
        {
            "batch norm": lambda x: (x - x.mean(0)) / torch.sqrt(x.var(0, correction=0) + 1e-5),
            "whole sequence": lambda x: (x - x.mean()) / (x.std(correction=0).square() + 1e-5).sqrt(),
            "some are still loud": lambda x: x - x.mean(1)[:, None],
            "do not centre": lambda x: torch.nn.functional.rms_norm(x, x.shape[-1:], eps=1e-5),
            "forget to take the mean": lambda x: x / (spread(x).square() + 1e-5).sqrt(),
            "by the variance": lambda x: (x - x.mean(1, keepdim=True)) / (spread(x).square() + 1e-5),
            "that of a sample": lambda x: normalise(x, less=1),
            "nothing by nothing": lambda x: (x - x.mean(1, keepdim=True)) / spread(x),
        },
    )


def test_lists_will_do_for_shapes():
    def cross_shapes(read, written, width, heads):
        return [heads, read, width // heads], [heads, written, read], [written, width]

    assert check("cross_shapes", cross_shapes).ok


def test_wrong_shapes():
    def right(r, w, d, h):
        return (h, r, d // h), (h, w, r), (w, d)

    tell_apart(
        "cross_shapes",
        {
            "the encoder asks": lambda r, w, d, h: right(w, r, d, h),
            "that is self-attention": lambda r, w, d, h: right(w, w, d, h),
            "whole width each": lambda r, w, d, h: ((h, r, d), (h, w, r), (w, d)),
            "as wide as one head": lambda r, w, d, h: (*right(r, w, d, h)[:2], (w, d // h)),
            "place that is looked at": lambda r, w, d, h: (right(r, w, d, h)[0], (h, r, w), (w, d)),
            "one matrix of weights": lambda r, w, d, h: (right(r, w, d, h)[0], (w, r), (w, d)),
            "as long as what was read": lambda r, w, d, h: (*right(r, w, d, h)[:2], (r, d)),
        },
    )


def keep(probabilities, p, stop=lambda mass, p: mass >= p, backwards=False):
    order = sorted(range(len(probabilities)), key=lambda i: -float(probabilities[i]), reverse=backwards)
    kept, mass = [False] * len(order), 0.0
    for i in order:
        if stop(mass, p):
            break
        kept[i] = True
        mass += float(probabilities[i])
    return kept


def test_one_after_another_will_do():
    assert check("nucleus", keep).ok


def test_wrong_nuclei():
    def ranks(probabilities, p):
        return sorted(keep(probabilities, p), reverse=True)

    def one_too_few(probabilities, p):
        total, kept = 0.0, [False] * len(probabilities)
        for i in probabilities.argsort(descending=True).tolist():
            total += float(probabilities[i])
            kept[i] = total <= p
        return kept

    def one_too_many(probabilities, p):
        done, kept, mass = False, [False] * len(probabilities), 0.0
        for i in probabilities.argsort(descending=True).tolist():
            kept[i] = not done
            done, mass = mass >= p, mass + float(probabilities[i])
        return kept

    def left_to_right(probabilities, p):
        mass, kept = 0.0, []
        for q in probabilities.tolist():
            kept.append(mass < p)
            mass += q
        return kept

    tell_apart(
        "nucleus",
        {
            "each symbol alone": lambda q, p: [float(x) >= p for x in q],
            "stay below p": one_too_few,
            "one symbol more": one_too_many,
            "as they stand": left_to_right,
            "least probable": lambda q, p: keep(q, p, backwards=True),
            "order of their rank": ranks,
            "share of the symbols": lambda q, p: [
                bool(x >= q.sort(descending=True).values[max(1, round(p * len(q))) - 1]) for x in q
            ],
            "what is cut off": lambda q, p: [not kept for kept in keep(q, p)],
        },
    )
