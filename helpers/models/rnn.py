"""Small recurrent models, one for each shape of task: one-to-many, many-to-one, many-to-many aligned and unaligned.

Notebook: 05_rnns. After Karpathy, "The unreasonable effectiveness of recurrent neural networks", 2015 (the shapes);
Sutskever, Vinyals and Le, 2014, and Cho et al., 2014 (encoder and decoder); Bahdanau, Cho and Bengio, 2015 (attention).
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

Symbols = Int[Tensor, "batch time"]
MODULES = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}
PAD = 0


class Reader(nn.Module):
    """Embed, read with a recurrent net, say something: after each symbol (aligned), or only at the end (many-to-one).

    symbols, says: how many there are to read and to say; both: read in both directions; layers: nets on one another.
    """

    def __init__(
        self, symbols: int, says: int, width: int = 32, cell: str = "GRU", at_end: bool = False, both: bool = False, layers: int = 1
    ) -> None:
        super().__init__()
        self.at_end = at_end
        self.embedding = nn.Embedding(symbols, width)
        self.recurrent = MODULES[cell](width, width, layers, batch_first=True, bidirectional=both)
        self.head = nn.Linear(2 * width if both else width, says)

    def forward(self, x: Symbols) -> Float[Tensor, "batch *time says"]:
        h, _ = self.recurrent(self.embedding(x))
        return self.head(h[:, -1] if self.at_end else h)


class Teller(nn.Module):
    """One-to-many: what is asked for is the first state, and a net that reads what it has said itself tells the rest.

    kinds: how many things can be asked for. In training it reads what should have been said: (kind, said so far).
    """

    def __init__(self, kinds: int, symbols: int, width: int = 64) -> None:
        super().__init__()
        self.kind = nn.Embedding(kinds, width)
        self.embedding = nn.Embedding(symbols + 1, width)  # the last one: nothing yet
        self.recurrent = nn.GRU(width, width, batch_first=True)
        self.head = nn.Linear(width, symbols)

    def forward(self, x: Symbols) -> Float[Tensor, "batch said symbol"]:
        """Logits of each next symbol. x: the kind, then what was said before: (batch, 1 + said)."""
        nothing = torch.full_like(x[:, :1], self.embedding.num_embeddings - 1)
        h, _ = self.recurrent(self.embedding(torch.cat([nothing, x[:, 1:]], 1)), self.kind(x[:, 0])[None])
        return self.head(h)

    @torch.no_grad()
    def tell(self, kind: Int[Tensor, "batch"], length: int, generator: torch.Generator) -> Int[Tensor, "batch length"]:
        """Draw so many symbols for each kind that is asked for, one after another."""
        said = kind[:, None]
        for _ in range(length):
            p = self(said)[:, -1].softmax(-1)
            said = torch.cat([said, torch.multinomial(p, 1, generator=generator)], 1)
        return said[:, 1:]


class Seq2Seq(nn.Module):
    """An encoder reads all, then a decoder writes: unaligned, of any length. Symbol 0 is padding, before what is read.

    attention: at each step the decoder looks back at all the encoder's states (Bahdanau); without, only at its last one.
    source: how many symbols are read; the rest of x is what was written before, beginning with a symbol of padding.
    """

    def __init__(self, symbols: int, source: int, width: int = 64, attention: bool = False) -> None:
        super().__init__()
        self.source, self.attention = source, attention
        self.embedding = nn.Embedding(symbols, width)
        self.encoder = nn.GRU(width, width, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(2 * width, width)
        self.decoder = nn.GRUCell(3 * width, width)
        self.query, self.key = nn.Linear(width, width), nn.Linear(2 * width, width)
        self.score = nn.Linear(width, 1, bias=False)
        self.head = nn.Linear(3 * width, symbols)

    def forward(self, x: Symbols) -> Float[Tensor, "batch reply symbol"]:
        """Logits of the reply's symbols, each from what should have been written before it."""
        return self.write(x[:, : self.source], x[:, self.source :])[0]

    def encode(self, x: Symbols) -> tuple[Tensor, Tensor, Tensor]:
        """Every state of the encoder (batch, source, 2 width), where there is padding, and the decoder's first state."""
        states, last = self.encoder(self.embedding(x))
        return states, x == PAD, torch.tanh(self.bridge(torch.cat([last[0], last[1]], -1)))

    def write(
        self, x: Int[Tensor, "batch source"], before: Int[Tensor, "batch reply"]
    ) -> tuple[Float[Tensor, "batch reply symbol"], Float[Tensor, "batch reply source"]]:
        """Logits, and at which symbol of the source the decoder looked for each (where it has attention)."""
        states, padding, s = self.encode(x)
        keys, logits, looks = self.key(states), [], []
        for symbol in self.embedding(before).unbind(1):
            s, out, look = self._step(symbol, s, states, keys, padding)
            logits.append(out)
            looks.append(look)
        return torch.stack(logits, 1), torch.stack(looks, 1)

    def _step(self, symbol: Tensor, s: Tensor, states: Tensor, keys: Tensor, padding: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        if self.attention:  # e = v · tanh(W s + U h), a = softmax(e), context = Σ a h
            scores = self.score(torch.tanh(self.query(s)[:, None] + keys))[..., 0]
            look = scores.masked_fill(padding, float("-inf")).softmax(-1)
        else:
            look = nn.functional.one_hot(torch.full((len(s),), self.source - 1, device=s.device), self.source).to(states.dtype)
        context = (look[:, None] @ states)[:, 0]
        s = self.decoder(torch.cat([symbol, context], -1), s)
        return s, self.head(torch.cat([s, context], -1)), look

    @torch.no_grad()
    def reply(
        self, x: Int[Tensor, "batch source"], length: int
    ) -> tuple[Int[Tensor, "batch reply"], Float[Tensor, "batch reply source"]]:
        """Write by itself, always the likeliest symbol next; and where it looked."""
        states, padding, s = self.encode(x)
        keys, symbol, written, looks = self.key(states), torch.full((len(x),), PAD), [], []
        for _ in range(length):
            s, out, look = self._step(self.embedding(symbol), s, states, keys, padding)
            symbol = out.argmax(-1)
            written.append(symbol)
            looks.append(look)
        return torch.stack(written, 1), torch.stack(looks, 1)


def dictation(call: Int[Tensor, "batch source"], reply: Int[Tensor, "batch reply"]) -> tuple[Symbols, Int[Tensor, "batch reply"]]:
    """What a Seq2Seq is trained with, from calls padded in front and replies padded behind: (x, y).

    x: the call, then what should have been written before each symbol; y: the reply, -100 (which no loss counts) for padding.
    """
    before = nn.functional.pad(reply[:, :-1], (1, 0)) * (reply != PAD)
    return torch.cat([call, before], 1), torch.where(reply != PAD, reply, -100)
