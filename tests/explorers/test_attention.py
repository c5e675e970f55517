"""Attention: its numbers against torch's attention on MiniLM's own weights, and what the lines and bytes say."""

import json

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from helpers.datasets.assets import path_of
from helpers.explorers import Attention
from helpers.explorers.attention import heads
from helpers.explorers.attention.attention import FBI, reading
from helpers.models import safetensors
from helpers.views import Arcs

LONG = "the violinist plays an old slow air and " * 16  # 128 words


def test_the_preset_of_the_next_word_looks_at_the_next_word():
    shown = Attention(**Attention.presets["the next word"]).result()
    assert np.mean([shown["weights"][place, place + 1] for place in range(len(shown["tokens"]) - 1)]) > 0.5


def layers(text):
    """Attention weights of all layers and heads, by torch's own attention in float64."""
    W = {name: tensor.double() for name, tensor in safetensors.read(path_of("minilm.safetensors")).items()}
    vocabulary = json.loads(path_of("minilm-tokenizer.json").read_text())["model"]["vocab"]
    ids = [vocabulary[token] for token in reading(text).tokens]

    def norm(x, at):
        return F.layer_norm(x, (384,), W[f"{at}.LayerNorm.weight"], W[f"{at}.LayerNorm.bias"], 1e-12)

    def linear(x, at):
        return x @ W[f"{at}.weight"].T + W[f"{at}.bias"]

    embedded = W["embeddings.word_embeddings.weight"][ids] + W["embeddings.token_type_embeddings.weight"][0]
    x, found = norm(embedded + W["embeddings.position_embeddings.weight"][: len(ids)], "embeddings"), []
    for k in range(6):
        at = f"encoder.layer.{k}"
        q, key, v = (
            linear(x, f"{at}.attention.self.{part}").view(len(ids), 12, 32).transpose(0, 1) for part in ("query", "key", "value")
        )
        found.append((q, key, torch.einsum("hid,hjd->hij", q, key)))
        mixed = F.scaled_dot_product_attention(q, key, v).transpose(0, 1).reshape(len(ids), 384)
        x = norm(x + linear(mixed, f"{at}.attention.output.dense"), f"{at}.attention.output")
        x = norm(x + linear(F.gelu(linear(x, f"{at}.intermediate.dense")), f"{at}.output.dense"), f"{at}.output")
    return found


@pytest.mark.parametrize("mask", ["none", "causal"])
@pytest.mark.parametrize(("layer", "head", "temperature"), [(2, 8, 1.0), (5, 3, 0.3), (0, 2, 10.0)])
def test_every_number_on_the_way(layer, head, temperature, mask):
    result = Attention(layer=layer, head=head, temperature=temperature, mask=mask).result()
    products = layers(FBI)[layer][2][head].numpy()
    np.testing.assert_allclose(result["products"], products, atol=2e-4)
    np.testing.assert_allclose(result["scaled"], products / 32**0.5 / temperature, atol=2e-4)
    masked = products / 32**0.5 / temperature
    if mask == "causal":
        masked[np.triu_indices(len(masked), 1)] = -np.inf
    weights = np.exp(masked - masked.max(1, keepdims=True))
    weights /= weights.sum(1, keepdims=True)
    np.testing.assert_allclose(result["weights"], weights, atol=2e-4)
    np.testing.assert_allclose(result["every head"][layer, head], result["weights"], atol=1e-6)


def test_badges_are_entropy_and_distance():
    result = Attention().result()
    for layer, (_, _, products) in enumerate(layers(FBI)):
        w = torch.softmax(products / 32**0.5, -1).numpy()
        entropy = -(w * np.log2(np.maximum(w, 1e-300))).sum(-1).mean(-1)
        np.testing.assert_allclose(result["entropy"][layer], entropy, atol=1e-3)
        far = np.abs(np.subtract.outer(range(12), range(12)))
        np.testing.assert_allclose(result["distance"][layer], (w * far).sum(-1).mean(-1), atol=1e-3)


def test_what_the_trained_heads_do():
    tokens = Attention().result()["tokens"]
    assert tokens == ["[CLS]", *FBI.lower().split(), "[SEP]"]
    noun = Attention(layer=2, head=8).result()["weights"]
    for word, its in (("a", "criminal"), ("on", "run")):
        assert tokens[noun[tokens.index(word)].argmax()] == its
    before = Attention(layer=0, head=2).result()["weights"]
    assert all(before[i].argmax() == i - 1 for i in range(2, 11))
    verb = Attention(layer=2, head=0, token=6).result()
    assert tokens[verb["pair"][1]] == "chasing"


def arcs_of(explorer):
    return next(layer for layer in explorer.grid.panel("words").layers if isinstance(layer, Arcs))


def test_lines_are_those_of_the_locked_word_above_the_threshold():
    explorer = Attention(layer=2, head=8, token=4, threshold=0.1)
    arcs, weights = arcs_of(explorer), explorer.result()["weights"]
    assert arcs.locked == 4
    drawn = {(row, column) for _, row, column, _ in arcs.seen([4])}
    assert drawn == {(4, k) for k in np.flatnonzero(weights[4] >= 0.1)}
    fewer = {arc[1:3] for arc in arcs_of(explorer.set(threshold=0.3)).seen([4])}
    assert fewer < drawn
    assert {arc[0] for arc in arcs_of(explorer.set(show="all heads", threshold=0.05)).seen([4])} > {8}


def test_rows_of_bytes_still_add_up_to_one():
    weights = arcs_of(Attention(layer=3)).weights
    assert weights.dtype == np.uint8
    assert np.abs(weights.astype(float).sum(-1) / 255 - 1).max() <= weights.shape[-1] / 510


def test_a_causal_mask_leaves_no_line_to_the_future():
    arcs = arcs_of(Attention(mask="causal", show="all heads", threshold=0.0))
    assert all(column <= row for row in range(12) for _, row, column, _ in arcs.seen([row]))


def test_a_click_chooses_a_head_and_a_pair():
    explorer = Attention()
    explorer._click("head 3.1", 0, 0)
    assert (explorer.state["layer"], explorer.state["head"]) == (3, 1)
    explorer._click("badges", 4, 5)
    assert (explorer.state["layer"], explorer.state["head"]) == (4, 5)
    explorer._click("matrix", 2, 7)
    assert explorer.result()["pair"].tolist() == [2, 7]
    assert "fbi looks at" in explorer.alt()


def test_the_formula_says_the_numbers_of_the_pair():
    explorer = Attention(token=5, seen=6, stage=3)
    said, result = " ".join(label["text"] for label in explorer.grid.labels[-2:]), explorer.result()
    product, weight = result["products"][5, 6], result["weights"][5, 6]
    assert f"“a” asks, “criminal” answers:  q·k = {product:.2f}" in said
    assert f"= {weight:.3f}" in said
    e, total = (float(part) for part in said.rsplit("largest) = ", 1)[1].split(" = ")[0].split(" / "))
    assert e / total == pytest.approx(weight, abs=0.005)
    assert "softmax" not in explorer.set(stage=2).grid.labels[-1]["text"]
    assert "−∞" in explorer.set(mask="causal").grid.labels[-1]["text"]


def test_another_sentence_frees_the_word():
    explorer = Attention(token=9).set(text="Two words")
    assert explorer.problem is None
    assert explorer.state["token"] == -1
    assert "nothing to read" in explorer.set(text="  ").problem
    assert "513 tokens" in explorer.set(text="la " * 511).problem
    assert explorer.result()["tokens"] == ["[CLS]", "two", "words", "[SEP]"]
    assert "numbered from 0 to 3" in explorer.set(token=4).problem


@pytest.mark.parametrize("text", ["</script><b>", "🎵 ♯ [MASK]", "x" * 101])
def test_any_text_is_shown_as_it_is(text):
    explorer = Attention(text=text)
    assert explorer.grid.panel("words").layers[0].names == reading(text).tokens
    assert explorer.static()


def test_a_long_text_stays_small():
    explorer = Attention(text=LONG)
    assert len(explorer.result()["tokens"]) == 130
    grid = explorer.grid
    assert len(grid.data) + len(grid.thumbs) + len(grid.weights) < 500_000
    assert "the thumbnails show maxima" in grid.caption
    small = heads.pooled(explorer.result()["every head"][0, 0])
    assert small.shape == (32, 32)
    assert small.max() == explorer.result()["every head"][0, 0].max()


def test_the_prediction_is_what_heat_does():
    hot = Attention(temperature=100.0).result()["weights"]
    assert np.abs(hot - 1 / 12).max() < 0.02
    assert Attention().question().truth() == "at all words alike"


def test_heads_are_added_taken_away_and_left_alone():
    explorer = Attention(layer=2, head=8, token=5)
    explorer._add("head 0.2", 0, 0)
    explorer._add("badges", 4, 8)
    assert explorer.state["others"] == ["0.2", "4.8"]
    arcs, result = arcs_of(explorer), explorer.result()
    for k, (layer, head) in enumerate([(2, 8), (0, 2), (4, 8)]):
        assert np.abs(arcs.weights[k] / 255 - result["every head"][layer, head]).max() <= 0.5 / 255 + 1e-6
    assert len(set(arcs.inks)) == 3  # although two of them are the eighth of their layer
    explorer._add("head 2.8", 0, 0)
    assert (explorer.state["layer"], explorer.state["head"], explorer.state["others"]) == (0, 2, ["4.8"])
    explorer._click("head 1.1", 0, 0)
    assert explorer.state["others"] == []
    explorer._add("head 1.1", 0, 0)  # one always stays
    assert (explorer.state["layer"], explorer.state["head"]) == (1, 1)
    explorer.set(show="all heads").grid._handlers["only"]("head 3.3", 0, 0)
    assert (explorer.state["show"], explorer.state["layer"], explorer.state["head"]) == ("one head", 3, 3)


def test_a_head_under_the_pointer_is_drawn_and_forgotten():
    explorer = Attention(layer=2, head=8, token=5)
    before = explorer.grid.weights
    explorer._hover("head 0.2", 0, 0)
    wanted = Attention(layer=0, head=2, token=5, seen=int(explorer.result()["pair"][1]))
    assert explorer.grid.weights == wanted.grid.weights
    np.testing.assert_array_equal(explorer.grid.panel("matrix").values, wanted.result()["weights"])
    assert explorer.grid.caption == wanted.grid.caption
    assert explorer.grid.spec["width"] == Attention(token=5).grid.spec["width"]  # the picture stays where it is
    assert explorer.state["head"] == 8
    assert explorer.grid.marks == Attention(layer=2, head=8, token=5).grid.marks
    explorer._left()
    assert explorer.grid.weights == before


@pytest.mark.parametrize("show", ["mean", "max", "rollout"])
def test_many_heads_as_one(show):
    explorer = Attention(layer=3, show=show, token=4, threshold=0.0)
    every = explorer.result()["every head"].astype(np.float64)
    if show == "rollout":
        wanted = np.linalg.multi_dot([(layer.mean(0) + np.eye(12)) / 2 for layer in every[3::-1]])
    else:
        wanted = getattr(every[3], show)(0)
    np.testing.assert_allclose(explorer.result()["together"], wanted, atol=1e-6)
    np.testing.assert_allclose(explorer.grid.panel("matrix").values, wanted, atol=1e-6)
    np.testing.assert_allclose(arcs_of(explorer).weights[0] / 255, wanted, atol=0.5 / 255 + 1e-6)
    row, column = explorer.result()["pair"]
    assert row == 4
    assert column == wanted[4].argmax()
    assert f"= {wanted[4, column]:.3f}" in explorer.grid.labels[-1]["text"]


def test_what_is_seen_has_the_colour_of_those_that_see_it():
    explorer = Attention(layer=2, head=8, others=["0.2"], token=5)
    words, arcs = explorer.grid.panel("words"), arcs_of(explorer)
    w = arcs.weights[:, 5] / 255
    rgb = np.array([[int(ink[k : k + 2], 16) for k in (1, 3, 5)] for ink in arcs.inks])
    for k, ink in enumerate(words.layers[1].ink):
        mixed = sum(w[h, k] * rgb[h] for h in range(2)) / max(w[:, k].sum(), 1e-12)
        assert [int(ink[c : c + 2], 16) for c in (1, 3, 5)] == pytest.approx(mixed, abs=0.51)
        assert words.layers[1].strength[k] == pytest.approx(w[:, k].max())


def test_heads_that_there_are_not_are_named():
    explorer = Attention()
    assert "no head 2.12" in explorer.set(others=["2.12"]).problem
    assert "name heads as '2.8'" in explorer.set(others=["two"]).problem
    assert "each head once" in explorer.set(others=["2.8"]).problem
    assert "12 at most" in explorer.set(others=[f"0.{k}" for k in range(12)]).problem
    assert "show='some'" in Attention.impossible(explorer, {**explorer.state, "show": "some"})


def test_as_many_lines_as_asked_for():
    explorer = Attention(layer=4, head=5, threshold=0.0, most=3, temperature=10.0)
    assert len(arcs_of(explorer).seen([2])) == 3
    assert len(arcs_of(explorer.set(most=9)).seen([2])) == 9


@pytest.mark.parametrize("tokens", [128, 512])
def test_what_is_sent_is_less_than_a_fortieth_of_all_weights_as_text(tokens):
    """BertViz writes every weight into its page as a decimal number; here, what the page gets when it opens."""
    explorer = Attention(text="the violinist plays an old slow air " * ((tokens - 2) // 7) + "la " * ((tokens - 2) % 7))
    every = explorer.result()["every head"]
    assert every.shape[-1] == pytest.approx(tokens, abs=8)
    theirs = 72 * len(json.dumps(every[0, 0].tolist()))
    grid = explorer.grid
    layout = json.dumps([grid.spec, grid.live_spec, grid.labels, grid.marks, grid.caption])
    ours = len(layout.encode()) + len(grid.data) + len(grid.live) + len(grid.thumbs) + len(grid.weights)
    assert 40 * ours <= theirs
    assert ours < 1_000_000


def test_a_row_of_huge_scores_is_no_infinity():
    """At T = 0.1 a score is so large that e to it is beyond every float: 'inf / inf = 1.000' would be said."""
    explorer = Attention(text="[MASK] [MASK]", layer=0, head=2, temperature=0.1)
    for row in range(4):
        for column in range(4):
            explorer.set(token=row, seen=column)
            said = " ".join(label["text"] for label in explorer.grid.labels)
            e, total = explorer.result()["exponentials"][column], explorer.result()["exponentials"].sum()
            assert "inf" not in said
            assert e / total == pytest.approx(explorer.result()["weights"][row, column], abs=1e-9)


def test_what_was_typed_stays_when_a_head_is_pointed_at_after_a_problem():
    explorer = Attention()
    explorer._text.value = "   "
    assert explorer.problem
    explorer._hover("head 3.1", 0, 0)
    assert explorer._text.value == "   "
    explorer._left()
    assert explorer._text.value == "   "
    explorer.set(head=3)
    assert explorer._text.value == explorer.state["text"]
