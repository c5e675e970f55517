"""The transformer, block by block: attention and a feed-forward net, each with a way around it and a layer norm.

An encoder block looks at all of its input; a decoder block looks back at what it has written (causal mask) and across
at what the encoder read. The norm stands after each sum, as in Vaswani et al., *Attention is all you need*, 2017; put
before each part (`first`), deep stacks train more easily (Xiong et al., 2020). Notebook: 06_transformers.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from helpers.concepts.attention import attention, causal_mask, join_heads, split_heads

Sequence = Float[Tensor, "batch time width"]


def layer_norm(x: Float[Tensor, "*batch width"], eps: float = 1e-5) -> Float[Tensor, "*batch width"]:
    """Every place of the sequence for itself: mean 0 and variance 1 over its width. eps keeps a silent one finite."""
    centred = x - x.mean(-1, keepdim=True)
    return centred / (centred.square().mean(-1, keepdim=True) + eps).sqrt()


class LayerNorm(nn.Module):
    """`layer_norm`, then a gain and a shift that are learned."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)  # holds gain and shift under torch's names

    def forward(self, x: Float[Tensor, "*batch width"]) -> Float[Tensor, "*batch width"]:
        return layer_norm(x, self.norm.eps) * self.norm.weight + self.norm.bias


class MultiHead(nn.Module):
    """Several attentions side by side, each on a share of the width of its own; `seen` holds the last weights."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.seen: Float[Tensor, "batch heads query key"] | None = None

    def forward(
        self, x: Sequence, source: Float[Tensor, "batch source width"] | None = None, mask: Bool[Tensor, "time seen"] | None = None
    ) -> Sequence:
        """Queries from x; keys and values from the source, which is x itself unless one looks across."""
        source = x if source is None else source
        Q, K, V = (split_heads(part, self.heads) for part in (self.query(x), self.key(source), self.value(source)))
        output, weights = attention(Q, K, V, mask)  # (B, heads, time, share), (B, heads, query, key)
        self.seen = weights.detach()
        return self.out(join_heads(output))


class FeedForward(nn.Sequential):
    """Two layers with a ReLU between them, the same for every place of the sequence."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, width))


class Around(nn.Module):
    """A way around a part: norm(x + part(x)), or x + part(norm(x)) where the norm stands first."""

    def __init__(self, part: nn.Module, width: int, first: bool) -> None:
        super().__init__()
        self.part, self.norm, self.first = part, LayerNorm(width), first

    def forward(self, x: Sequence, *others: object) -> Sequence:
        return x + self.part(self.norm(x), *others) if self.first else self.norm(x + self.part(x, *others))


class EncoderBlock(nn.Module):
    """Look at everything; then think about it at each place."""

    def __init__(self, width: int, heads: int, hidden: int, first: bool = False) -> None:
        super().__init__()
        self.look = Around(MultiHead(width, heads), width, first)
        self.think = Around(FeedForward(width, hidden), width, first)

    def forward(self, x: Sequence, mask: Bool[Tensor, "time time"] | None = None) -> Sequence:
        return self.think(self.look(x, None, mask))


class DecoderBlock(nn.Module):
    """Look back at what is written, across at what was read; then think."""

    def __init__(self, width: int, heads: int, hidden: int, first: bool = False) -> None:
        super().__init__()
        self.back = Around(MultiHead(width, heads), width, first)
        self.across = Around(MultiHead(width, heads), width, first)
        self.think = Around(FeedForward(width, hidden), width, first)

    def forward(self, x: Sequence, read: Float[Tensor, "batch source width"]) -> Sequence:
        return self.think(self.across(self.back(x, None, causal_mask(x.shape[1]).to(x.device)), read))


class Transformer(nn.Module):
    """The whole of 2017 in small: what is read goes through the encoder, what is written through the decoder.

    The output probabilities are the softmax of the logits that `forward` returns, one row for each place that is written.
    """

    def __init__(self, symbols: int, width: int = 32, heads: int = 4, blocks: int = 2, longest: int = 64) -> None:
        super().__init__()
        self.embed, self.place = nn.Embedding(symbols, width), nn.Embedding(longest, width)
        self.encoder = nn.ModuleList(EncoderBlock(width, heads, 4 * width) for _ in range(blocks))
        self.decoder = nn.ModuleList(DecoderBlock(width, heads, 4 * width) for _ in range(blocks))
        self.logits = nn.Linear(width, symbols)

    def forward(self, read: Int[Tensor, "batch source"], written: Int[Tensor, "batch time"]) -> Float[Tensor, "batch time symbol"]:
        """Raises ValueError for a sequence longer than the positions there are."""
        source, x = (self._placed(tokens) for tokens in (read, written))
        for block in self.encoder:
            source = block(source)
        for block in self.decoder:
            x = block(x, source)
        return self.logits(x)

    def _placed(self, tokens: Int[Tensor, "batch time"]) -> Sequence:
        if (length := tokens.shape[1]) > self.place.num_embeddings:
            raise ValueError(f"{length} tokens; there are positions for {self.place.num_embeddings}. Give it a larger `longest`.")
        return self.embed(tokens) + self.place.weight[:length]


def learn_backwards(net: Transformer, steps: int) -> float:
    """Teach it to write melodies of six notes backwards; the share of notes that are right in the last step.

    Notes are numbers from 1 on, drawn anew in each step. What is written is given up to the note in question (teacher
    forcing), after a 0 that says: begin.
    """
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(steps):
        read = torch.randint(1, net.embed.num_embeddings, (32, 6))
        right = read.flip(1)
        logits = net(read, F.pad(right[:, :-1], (1, 0)))
        optimizer.zero_grad()
        F.cross_entropy(logits.transpose(1, 2), right).backward()
        optimizer.step()
    return (logits.argmax(-1) == right).float().mean().item()
