"""Typical wrong ways to normalise a place, and to say the shapes across."""

import math

import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


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
