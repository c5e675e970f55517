"""MiniLM: a small transformer that really was trained on English, run by a few lines of our own so that it can be looked into.

Six encoder layers of twelve heads, width 384, 22.7 million weights; distilled from BERT (Wang et al., *MiniLM*, 2020)
and tuned so that sentences of like meaning get like vectors (Reimers and Gurevych, *Sentence-BERT*, 2019). Encoder,
layer norm after each sum and the learned positions are those of BERT (Devlin et al., 2019). Notebook: 06_transformers.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from helpers.concepts.attention import attention, join_heads, split_heads
from helpers.models import safetensors

LAYERS, HEADS, WIDTH, LONGEST = 6, 12, 384, 512
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


class Reading(NamedTuple):
    """What MiniLM made of a text of n tokens."""

    tokens: list[str]
    weights: Float[Tensor, "layer head token token"]  # row: who looks, column: what is looked at
    queries: Float[Tensor, "layer head token share"]
    keys: Float[Tensor, "layer head token share"]
    embedding: Float[Tensor, "width"]  # of the whole text, length 1


class WordPiece:
    """Text to tokens: words in lower case without accents, cut into the longest pieces that are known (BERT's way)."""

    def __init__(self, path: str | os.PathLike) -> None:
        self.ids: dict[str, int] = json.loads(Path(path).read_text(encoding="utf-8"))["model"]["vocab"]

    def __call__(self, text: str) -> list[str]:
        """The tokens, between [CLS] and [SEP]; a word of unknown pieces is [UNK]; [MASK] in the text stays whole."""
        named = re.split(f"({'|'.join(map(re.escape, SPECIAL))})", text)
        words = [word for part in named for word in ([part] if part in SPECIAL else _words(part))]
        return ["[CLS]", *(piece for word in words for piece in self._pieces(word)), "[SEP]"]

    def _pieces(self, word: str) -> list[str]:
        if word in SPECIAL or len(word) > 100:
            return [word if word in SPECIAL else "[UNK]"]
        pieces, start = [], 0
        while start < len(word):
            ends = range(len(word), start, -1)
            known = (p for end in ends if (p := ("##" if start else "") + word[start:end]) in self.ids)
            if (piece := next(known, None)) is None:
                return ["[UNK]"]
            pieces.append(piece)
            start += len(piece) - 2 * bool(start)
        return pieces


class MiniLM:
    """The trained network. Call it with a text; `encode` takes the numbers of tokens. Raises ValueError for a long text."""

    def __init__(self, weights: str | os.PathLike, tokenizer: str | os.PathLike) -> None:
        """weights, tokenizer: what `datasets.assets.fetch` returns for minilm.safetensors and minilm-tokenizer.json."""
        self.weights, self.pieces = safetensors.read(weights), WordPiece(tokenizer)
        if (found := self.weights.get("embeddings.word_embeddings.weight", torch.zeros(0)).shape) != (30522, WIDTH):
            raise ValueError(
                f"{Path(weights).name}: word embeddings of shape {tuple(found)}, not (30522, {WIDTH}). Fetch it again."
            )

    @torch.no_grad()
    def __call__(self, text: str) -> Reading:
        tokens = self.pieces(text)
        if len(tokens) > LONGEST:
            raise ValueError(f"{len(tokens)} tokens; MiniLM has learned {LONGEST} positions. Give it a shorter text.")
        return Reading(tokens, *self.encode(torch.tensor([self.pieces.ids[token] for token in tokens])))

    def encode(self, ids: Int[Tensor, "token"]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Weights, queries and keys of all layers, and the text's embedding: the mean over its tokens, scaled to length 1."""
        W = self.weights
        x = W["embeddings.word_embeddings.weight"][ids] + W["embeddings.position_embeddings.weight"][: len(ids)]
        x = self._norm(x + W["embeddings.token_type_embeddings.weight"][0], "embeddings")
        seen = []
        for layer in range(LAYERS):
            at = f"encoder.layer.{layer}."
            Q, K, V = (split_heads(self._linear(x, f"{at}attention.self.{part}"), HEADS) for part in ("query", "key", "value"))
            mixed, weights = attention(Q, K, V)
            x = self._norm(x + self._linear(join_heads(mixed), f"{at}attention.output.dense"), f"{at}attention.output")
            hidden = F.gelu(self._linear(x, f"{at}intermediate.dense"))
            x = self._norm(x + self._linear(hidden, f"{at}output.dense"), f"{at}output")
            seen.append((weights, Q, K))
        return *(torch.stack(part) for part in zip(*seen)), F.normalize(x.mean(0), dim=0)

    def word_vectors(self) -> Float[Tensor, "piece width"]:
        """The embedding table: a row for each piece of `pieces.ids`."""
        return self.weights["embeddings.word_embeddings.weight"]

    def _linear(self, x: Tensor, name: str) -> Tensor:
        return F.linear(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def _norm(self, x: Tensor, name: str) -> Tensor:
        at = f"{name}.LayerNorm"
        return F.layer_norm(x, x.shape[-1:], self.weights[f"{at}.weight"], self.weights[f"{at}.bias"], 1e-12)


def _words(text: str) -> list[str]:
    """Words and signs, each sign a word of its own, as is each Chinese character."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn")
    plain = "".join(" " if c.isspace() else c for c in plain if c.isspace() or unicodedata.category(c) not in {"Cc", "Cf", "Co"})
    return "".join(f" {c} " if _alone(c) else c for c in plain if c not in "\0\N{REPLACEMENT CHARACTER}").split()


def _alone(c: str) -> bool:
    sign = unicodedata.category(c)[0] == "P" or (c.isascii() and not c.isalnum() and not c.isspace())
    return sign or "\N{CJK UNIFIED IDEOGRAPH-3400}" <= c <= "\N{CJK UNIFIED IDEOGRAPH-9FFF}" or "\uf900" <= c <= "\ufaff"
