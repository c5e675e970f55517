"""Attention that keeps fewer pairs: ways out of a cost that grows with the square of the length.

Full attention keeps a weight for each pair of tokens. A window (Longformer), a memory of the segment before
(Transformer-XL), buckets of similar vectors (Reformer) or windows of a picture (Swin) leave most pairs out. Each is here
as its idea in a few lines, for one layer, and equals full attention where nothing is left out: window ≥ length, memory of
everything, one bucket, one window. What keeps no pair at all stands in `linear_attention`, what all of them save in `cost`.

Notebook: 06_transformers.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.functional import pad

from helpers.concepts.attention import attention

Queries = Float[Tensor, "*batch query width"]
Keys = Float[Tensor, "*batch key width"]
Values = Float[Tensor, "*batch key value"]
Out = Float[Tensor, "*batch query value"]


def full(Q: Queries, K: Keys, V: Values, mask: Bool[Tensor, "..."] | None = None) -> Out:
    """softmax(Q K' / √width) V over the pairs that the mask allows (True). After Vaswani et al., 2017."""
    return attention(Q, K, V, mask)[0]


def near(query: Int[Tensor, "..."], key: Int[Tensor, "..."], window: int) -> Bool[Tensor, "..."]:
    """Which positions are at most `window` apart: the band of pairs that a local window keeps."""
    return (query - key).abs() <= window


def local(Q: Queries, K: Keys, V: Values, window: int) -> Out:
    """Each token looks at most `window` tokens far, either side. After Beltagy et al., Longformer, 2020.

    Blocks of `window` queries meet three blocks of keys, their own and one on either side; a mask trims that to the band.
    """
    time = Q.shape[-2]
    blocks = -(-time // window)
    short = blocks * window - time
    q = pad(Q, (0, 0, 0, short)).unflatten(-2, (blocks, window))  # (..., block, window, width)
    k, v = (pad(x, (0, 0, window, window + short)).unfold(-2, 3 * window, window).mT for x in (K, V))  # 3 window keys
    band = near(torch.arange(window)[:, None], torch.arange(3 * window) - window, window)  # the same for every block
    query = torch.arange(blocks * window).reshape(blocks, window, 1)
    key = query[:, :1] - window + torch.arange(3 * window)  # (block, 1, 3 window)
    inside = band & (key >= 0) & ((key < time) | (query >= time))  # a row of padding must see something, too
    return full(q, k, v, inside).flatten(-3, -2)[..., :time, :]


def remembering(Q: Queries, K: Keys, V: Values, segment: int, memory: int) -> Out:
    """One segment after the other, each with the last `memory` tokens before it. After Dai et al., Transformer-XL, 2019.

    Causal: a token sees none later than itself. No gradient goes into the memory. (In a stack of layers a memory reaches
    further: what is remembered has looked back itself.)
    """
    parts, time = [], Q.shape[-2]
    for start in range(0, time, segment):
        end, first = min(start + segment, time), max(start - memory, 0)
        k, v = (torch.cat([x[..., first:start, :].detach(), x[..., start:end, :]], -2) for x in (K, V))
        past = torch.arange(first, end) <= torch.arange(start, end)[:, None]
        parts.append(full(Q[..., start:end, :], k, v, past))
    return torch.cat(parts, -2)


def hashed(x: Float[Tensor, "time width"], directions: Float[Tensor, "direction width"]) -> Int[Tensor, "time"]:
    """Buckets of similar vectors: the direction, or its opposite, that x points along most. No direction: one bucket."""
    if not len(directions):
        return torch.zeros(len(x), dtype=torch.long)
    along = x @ directions.mT
    return torch.cat([along, -along], -1).argmax(-1)


def reformer(
    Q: Float[Tensor, "time width"], V: Float[Tensor, "time value"], directions: Float[Tensor, "direction width"], chunk: int
) -> Float[Tensor, "time value"]:
    """Each token looks at tokens of its own bucket only. After Kitaev et al., Reformer, 2020.

    Sorted by bucket, each chunk of the sequence meets its own tokens and those of the chunk before. Queries are keys as
    well, as in the paper (which also brings keys to one length, hashes several times, and lets a token see itself only
    where it is alone). Raises ValueError where chunks do not fill the length.
    """
    if len(Q) % chunk:
        raise ValueError(f"A length of {len(Q)} cannot be cut into chunks of {chunk}; choose a divisor of it.")
    bucket = hashed(Q, directions)
    order = bucket.argsort(stable=True)
    q, b = Q[order].unflatten(0, (-1, chunk)), bucket[order].unflatten(0, (-1, chunk))  # (chunk, place, ...)
    k, v, of = (_with_previous(x.unflatten(0, (-1, chunk))) for x in (Q[order], V[order], bucket[order] + 1))
    alike = b[..., None] + 1 == of[:, None]  # before the first chunk stand zeros, of bucket 0, which is nobody's
    return torch.empty_like(V).index_copy(0, order, full(q, k, v, alike).flatten(0, 1))


def _with_previous(chunks: Tensor) -> Tensor:
    return torch.cat([torch.cat([torch.zeros_like(chunks[:1]), chunks[:-1]]), chunks], 1)


def swin(
    Q: Float[Tensor, "row column width"], K: Float[Tensor, "row column width"], V: Float[Tensor, "row column value"],
    size: int, shift: int = 0,
) -> Float[Tensor, "row column value"]:  # fmt: skip
    """Full attention within windows of size × size patches of a picture. After Liu et al., Swin Transformer, 2021.

    Every other layer moves its windows by `shift` (half their size), so that news cross their borders. The picture is
    rolled for it; patches that only meet because of that are masked. Raises ValueError where windows do not fill it.
    """
    rows, columns = Q.shape[:2]
    if rows % size or columns % size:
        raise ValueError(f"Windows of {size} × {size} do not fill {rows} × {columns} patches; choose a divisor of both.")

    def windows(x: Tensor) -> Tensor:
        x = x.roll((-shift, -shift), (0, 1)).unflatten(1, (-1, size)).unflatten(0, (-1, size))
        return x.transpose(1, 2).flatten(2, 3)  # (window row, window column, patch, width)

    rolled = 2 * (torch.arange(rows) < shift)[:, None] + (torch.arange(columns) < shift)  # which come round the edges
    side = windows(rolled[..., None])
    out = full(windows(Q), windows(K), windows(V), side == side.mT)
    back = out.unflatten(2, (size, size)).transpose(1, 2).flatten(2, 3).flatten(0, 1)
    return back.roll((shift, shift), (0, 1))
