"""A decoder-only transformer with relative attention: what comes next, told from all that came before. In plain torch.

Each place attends to itself and to what came before it; how far back a place lies is told by learned vectors, one for each
distance, that the query is compared with as it is with the keys (Music Transformer, Huang et al., 2018). A window of
`taps` symbols is mixed into each embedding first, so that a place knows its neighbours before it asks (after Primer, So et
al., 2021). Five lines train one on folk tunes (lecture 06):

    vocabulary, learn, held = tunes.data()  # helpers.recipes.tunes: sequences, each with how many of its symbols are given
    model = Decoder(len(vocabulary))
    data = windows([tokens for tokens, _ in learn], 128)
    history = await fit(model, data, next_symbol_loss, optimizer=muon(model), schedule=decay, batch=16, epochs=1, metric=None)
    bits = bits_per_symbol(model, *zip(*held[:40]))  # per character; look, and listen:
    weights = model.weights(torch.tensor([held[0][0]]))  # (layer, head, time, time): who looks where
    text = vocabulary.decode(generate(model.read, vocabulary.encode("<start>M:6/8\\nL:1/8\\nK:G\\n"), 400, end=1, temperature=0.8))

`windows`, `next_symbol_loss`, `decay` and `bits_per_symbol` are those of models/language.py, `generate` is concepts/sampling's.
Notebook: 06_transformers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from helpers.concepts.attention import join_heads, split_heads
from helpers.models.language import Logits, Tokens


class Decoder(nn.Module):
    """Embeddings, `layers` blocks of attention and a small network, each adding to what it is given, and logits.

    symbols: how many there are. heads: of `width` / heads numbers each. reach: distances that are told apart; what lies
    further back counts as `reach` − 1 places away. dropout: the share of numbers left out while training.
    Raises ValueError where the heads do not divide the width.
    """

    def __init__(
        self, symbols: int, width: int = 128, layers: int = 3, heads: int = 4, reach: int = 128, dropout: float = 0.0, taps: int = 4
    ) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"a width of {width} cannot be shared by {heads} heads; choose a number that divides it.")
        self.settings = {
            "symbols": symbols, "width": width, "layers": layers, "heads": heads, "reach": reach, "dropout": dropout, "taps": taps,
        }  # fmt: skip
        self.embedding = nn.Embedding(symbols, width)
        self.neighbours = nn.Conv1d(width, width, taps, groups=width)  # a filter for each number of the embedding
        self.blocks = nn.ModuleList(Block(width, heads, reach, dropout) for _ in range(layers))
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(width, symbols)
        nn.init.zeros_(self.head.weight)  # at first all symbols are equally probable

    def forward(self, tokens: Tokens, cache: Cache | None = None) -> Logits:
        """The logits of the symbol after each one. With a cache, `tokens` follow those it holds, and join them."""
        return self._logits(tokens, cache)[0]

    def weights(self, tokens: Tokens) -> Float[Tensor, "layer head time time"]:
        """How much each place (row) attends to each (column) in every head, for one sequence."""
        return torch.stack([w[0] for w in self._logits(tokens[:1], None)[1]])

    @torch.no_grad()
    def read(self, new: Sequence[int], state: Cache | None = None) -> tuple[Float[np.ndarray, "symbol"], Cache]:
        """For sampling.generate: read more symbols; the logits of the next one, and the cache, which is changed in place."""
        state = Cache() if state is None else state
        return self(torch.tensor([list(new)]), state)[0, -1].double().numpy(), state

    def embedded(self, tokens: Tokens, cache: Cache | None) -> Float[Tensor, "batch time width"]:
        """A vector for each symbol, whatever its place."""
        return self.embedding(tokens)

    def reaching(self, reach: int) -> Decoder:
        """The same model with a longer reach: what lies further back counts, at first, as it did.

        Raises ValueError for a reach that is not longer.
        """
        more = reach - self.settings["reach"]
        if more <= 0:
            raise ValueError(f"a reach of {reach} is no longer than that of {self.settings['reach']}, which the model has.")
        longer = Decoder(**{**self.settings, "reach": reach})
        weights = self.state_dict()
        for name in [name for name in weights if name.endswith("distances")]:
            known = weights[name]  # (head, reach, share)
            weights[name] = torch.cat([known, known[:, -1:].expand(-1, more, -1)], 1)
        longer.load_state_dict(weights)
        return longer

    def _logits(self, tokens: Tokens, cache: Cache | None) -> tuple[Logits, list[Tensor]]:
        e = self.embedded(tokens, cache)
        taps = self.neighbours.kernel_size[0]
        before = e.new_zeros(len(e), taps - 1, e.shape[-1]) if cache is None or cache.embeddings is None else cache.embeddings
        seen = torch.cat([before, e], 1)
        if cache is not None:
            cache.embeddings = seen[:, seen.shape[1] - taps + 1 :]
        x, weights = self.dropout(normed(e + self.neighbours(seen.mT).mT)), []
        for i, block in enumerate(self.blocks):
            x, w = block(x, None if cache is None else cache.layer(i))
            weights.append(w)
        return self.head(self.dropout(normed(x))), weights


class Block(nn.Module):
    """Every place looks back, and adds what it found; then thinks about it alone, and adds that."""

    def __init__(self, width: int, heads: int, reach: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.distances = nn.Parameter(0.02 * torch.randn(heads, reach, width // heads))  # from the nearest to the furthest
        self.queries_keys_values = nn.Linear(width, 3 * width, bias=False)
        self.join = nn.Linear(width, width, bias=False)
        self.widen = nn.Linear(width, 4 * width, bias=False)
        self.narrow = nn.Linear(4 * width, width, bias=False)
        self.dropout = nn.Dropout(dropout)
        for last in (self.join, self.narrow):
            nn.init.zeros_(last.weight)  # at first a block adds nothing, whatever the depth

    def forward(
        self, x: Float[Tensor, "batch time width"], memory: Memory | None = None
    ) -> tuple[Float[Tensor, "batch time width"], Float[Tensor, "batch head time seen"]]:
        """What goes on to the next block, and the attention weights."""
        Q, K, V = (split_heads(part, self.heads) for part in self.queries_keys_values(normed(x)).chunk(3, -1))
        Q, K = normed(Q), normed(K)  # (batch, head, time, width / heads); lengths alike, so that no score runs away
        if memory is not None:
            K, V = memory.join(K, V)
        time, seen = Q.shape[2], K.shape[2]
        scores = (Q @ K.mT + skew(Q @ self.backwards(seen).mT)) / math.sqrt(Q.shape[-1])
        future = scores.new_full((time, seen), -math.inf).triu(1 + seen - time)
        weights = (scores + future).softmax(-1)
        x = x + self.dropout(self.join(join_heads(weights @ V)))
        return x + self.dropout(self.narrow(F.relu(self.widen(normed(x))).square())), weights

    def backwards(self, seen: int) -> Float[Tensor, "head seen share"]:
        """The vectors of the distances seen − 1 … 0; beyond the reach all are the last one."""
        distance = torch.arange(seen - 1, -1, -1, device=self.distances.device).clamp(max=self.distances.shape[1] - 1)
        return self.distances[:, distance]


@dataclass
class Memory:
    """The keys and values of one block for all places read so far: they never change, so they are computed once."""

    keys: Float[Tensor, "batch head seen share"] | None = None
    values: Float[Tensor, "batch head seen share"] | None = None

    def join(self, K: Tensor, V: Tensor) -> tuple[Tensor, Tensor]:
        """Add those of new places at the end; returns all."""
        if self.keys is not None:
            K, V = torch.cat([self.keys, K], 2), torch.cat([self.values, V], 2)
        self.keys, self.values = K, V
        return K, V


@dataclass
class Cache:
    """What a decoder keeps of the symbols it has read, so that one more costs one place and not all of them again."""

    memories: dict[int, Memory] = field(default_factory=dict)
    embeddings: Float[Tensor, "batch taps width"] | None = None  # of the last symbols, which the next one's window needs

    @property
    def length(self) -> int:
        """How many symbols have been read."""
        keys = self.layer(0).keys
        return 0 if keys is None else keys.shape[2]

    def layer(self, i: int) -> Memory:
        """That of one block."""
        return self.memories.setdefault(i, Memory())


def skew(products: Float[Tensor, "*batch time seen"]) -> Float[Tensor, "*batch time seen"]:
    """From (who looks, how far back, the furthest first) to (who looks, at whom), without a vector for each pair.

    products: each query times the vector of each distance, seen − 1 … 0; the queries are those of the last `time` places.
    Row i has to move time − 1 − i places to the left. One column of padding makes each row a place longer than it will be
    read, which moves each row one place further than the one above it. What comes to stand after a place itself, in its
    future, means nothing: mask it. Huang et al., 2018, for as many queries as keys.

    >>> skew(torch.tensor([[2, 1, 0], [2, 1, 0], [2, 1, 0]]).float()).tril()
    tensor([[0., 0., 0.],
            [1., 0., 0.],
            [2., 1., 0.]])
    """
    *batch, time, seen = products.shape
    return F.pad(products, (1, 0)).flatten(-2)[..., time:].view(*batch, time, seen)


def normed(x: Float[Tensor, "*batch width"]) -> Float[Tensor, "*batch width"]:
    """Each vector scaled to a root mean square of 1 (Zhang and Sennrich, 2019)."""
    return F.rms_norm(x, x.shape[-1:])


class Both(torch.optim.Optimizer):
    """Two optimisers as one, each for weights of its own."""

    def __init__(self, first: torch.optim.Optimizer, second: torch.optim.Optimizer) -> None:
        self.pair = (first, second)
        super().__init__([*first.param_groups, *second.param_groups], {})

    def step(self, closure: object = None) -> None:
        for optimizer in self.pair:
            optimizer.step()

    def state_dict(self) -> dict:
        return {"pair": [optimizer.state_dict() for optimizer in self.pair]}

    def load_state_dict(self, state: dict) -> None:
        for optimizer, own in zip(self.pair, state["pair"], strict=True):
            optimizer.load_state_dict(own)
        self.param_groups = [group for optimizer in self.pair for group in optimizer.param_groups]


def muon(model: Decoder, lr: float = 0.02, other: float = 3e-3) -> Both:
    """Muon for the blocks' matrices, at rate `lr`; AdamW, at rate `other`, for all other weights.

    Muon takes the momentum of a matrix's gradient, makes all its singular values about 1, and goes that way: no direction
    is so rare that it is never learned. Jordan et al., 2024.
    """
    matrices = [weight for weight in model.blocks.parameters() if weight.ndim == 2]
    theirs = {id(weight) for weight in matrices}
    rest = [weight for weight in model.parameters() if id(weight) not in theirs]
    return Both(
        torch.optim.Muon(matrices, lr=lr, weight_decay=0.0),
        torch.optim.AdamW(rest, lr=other, betas=(0.9, 0.95), weight_decay=0.0),
    )
