"""Attention on the screen: how many bytes a sentence's heads take, and how long they take to build, against BertViz.

The same weights for both: MiniLM's 6 layers of 12 heads, on texts of 128 and 512 tokens. Ours is counted twice: what
crosses to the browser when the explorer opens (thumbnails, one layer's lines, one matrix), and what all weights of all
heads would take in the view's own bytes, which is what BertViz puts into its page. At 512 tokens one of BertViz's layers
is built and counted for six: all of them need several gigabytes.
"""

import importlib.util
import json
from collections.abc import Callable
from time import perf_counter

import numpy as np
import torch
from torch import Tensor

from helpers.device import describe
from helpers.explorers import Attention
from helpers.explorers.attention.attention import reading
from helpers.explorers.attention.heads import WRITTEN
from helpers.views import Arcs, Roll, Words

ROUNDS = 3
SMALLER = 40  # what is asked for: all weights in at most so small a part of BertViz's bytes
WHOLE = 128  # up to so many tokens all of BertViz's layers are built


def text_of(tokens: int) -> str:
    """A text that MiniLM reads as so many tokens, [CLS] and [SEP] included."""
    text = "the violinist tuned her instrument because it was out of tune and then she played an old slow air " * (tokens // 19 + 1)
    return " ".join(text.split()[: tokens - 2])


def crossing(grid: Roll) -> int:
    """Bytes that a view sends: its layout as JSON and its numbers as they are."""
    layout = json.dumps([grid.spec, grid.live_spec, grid.labels, grid.marks, grid.caption])
    return len(layout.encode()) + len(grid.data) + len(grid.live) + len(grid.thumbs) + len(grid.weights)


def opened(text: str) -> int:
    """The explorer as it opens."""
    explorer = Attention(text=text)
    size = crossing(explorer.grid)
    explorer.close()
    return size


def everything(weights: Tensor, tokens: list[str]) -> int:
    """All weights of all heads in one view: lines between words for any head, at once."""
    arcs = Arcs("looks", of="words", weights=weights.flatten(0, 1).numpy())
    view = Roll()
    view.show([Words("words", words=tokens, cell=(800, 400), layers=[arcs])])
    size = crossing(view)
    view.close()
    return size


def page(view: Callable, weights: Tensor, tokens: list[str]) -> int:
    """BertViz's page in bytes; of a long text one layer, counted for all."""
    some = weights if len(tokens) <= WHOLE else weights[:1]
    html = view(attention=[layer[None] for layer in some], tokens=tokens, html_action="return").data
    return round(len(html.encode()) * len(weights) / len(some))


def measured(call: Callable, *args: object, rounds: int = ROUNDS) -> tuple[int, float]:
    """What a call returns, and its best time in seconds."""
    times = []
    for _ in range(rounds):
        began = perf_counter()
        size = call(*args)
        times.append(perf_counter() - began)
    return size, min(times)


def main() -> None:
    """Print a table for each length."""
    peers = {}
    if importlib.util.find_spec("bertviz"):
        from bertviz import head_view, model_view

        peers = {"BertViz, head view": head_view, "BertViz, model view": model_view}
    else:
        print("bertviz is not installed; pip install -r benchmarks/requirements.txt adds it to the tables.")
    print(f"{describe(torch.device('cpu'))}, torch {torch.__version__}, MiniLM, best of {ROUNDS}")
    for length in (128, 512):
        text = text_of(length)
        read = reading(text)
        assert len(read.tokens) == length
        np.testing.assert_allclose(read.weights.sum(-1), 1, atol=1e-5)
        rows = {
            "the explorer as it opens": measured(opened, text),
            "all weights, a byte each": measured(everything, read.weights, read.tokens),
        }
        rows |= {name: measured(page, view, read.weights, read.tokens, rounds=1) for name, view in peers.items()}
        print(f"\n{length} tokens, {read.weights.numel():,} weights{'; the words are left out' * (length > WRITTEN)}")
        print(f"{'':28}{'megabytes':>12}{'seconds':>10}{'bytes a weight':>16}")
        for name, (size, seconds) in rows.items():
            one = "  (one layer's, counted for six)" if name in peers and length > WHOLE else ""
            print(f"{name:28}{size / 1e6:>12.2f}{seconds:>10.2f}{size / read.weights.numel():>16.2f}{one}", flush=True)
        ours = rows["all weights, a byte each"][0]
        for name in peers:
            part = rows[name][0] / ours
            verdict = "reached" if part >= SMALLER else "missed"
            print(f"{name}: {part:.0f} × the bytes of all weights; at least {SMALLER} asked: {verdict}")


if __name__ == "__main__":
    main()
