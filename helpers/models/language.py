"""Language models: what comes next, symbol by symbol; how they are trained and judged. The recurrent one stands here.

Five lines train one on folk tunes (lecture 05); `await fit(...)` in a cell, `fit_sync(...)` in a script:

    vocabulary, learn, held = tunes.data()  # helpers.recipes.tunes: sequences, each with how many of its symbols are given
    model = TuneRNN(len(vocabulary))
    x, y = windows([tokens for tokens, _ in learn], 128)
    history = await fit(model, (x, y), next_symbol_loss, lr=4e-3, batch=16, epochs=1, schedule=decay, metric=None)
    bits = bits_per_symbol(model, *zip(*held[:40]))  # per character; and listen:
    text = vocabulary.decode(generate(model.read, vocabulary.encode("<start>M:6/8\\nL:1/8\\nK:G\\n"), 400, end=1, temperature=0.7))

Notebook: 05_rnns. Karpathy, "The unreasonable effectiveness of recurrent neural networks", 2015; Sturm et al., "Music
transcription modelling and composition using deep learning", 2016 (folk tunes as ABC text).
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

Tokens = Int[Tensor, "batch time"]
Logits = Float[Tensor, "batch time symbol"]
IGNORED = -100  # a target that there is none for


class TuneRNN(nn.Module):
    """A recurrent language model: embed a symbol, update the state, say from the state what comes next.

    symbols: how many there are. width: numbers in the state. cell: "RNN", "LSTM" or "GRU".
    Raises ValueError for another cell.
    """

    def __init__(self, symbols: int, width: int = 256, cell: str = "GRU") -> None:
        super().__init__()
        cells = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}
        if cell not in cells:
            raise ValueError(f"cell={cell!r}; it can be {', '.join(cells)}.")
        self.settings = {"symbols": symbols, "width": width, "cell": cell}
        self.embedding = nn.Embedding(symbols, width // 2)
        self.recurrent = cells[cell](width // 2, width, batch_first=True)
        self.head = nn.Linear(width, symbols)

    def forward(self, tokens: Tokens) -> Logits:
        """The logits of the symbol after each one."""
        return self.head(self.recurrent(self.embedding(tokens))[0])

    def step(self, token: Int[Tensor, "batch"], state: object = None) -> tuple[Float[Tensor, "batch symbol"], object]:
        """The logits after one more symbol, and the new state; no state at the beginning."""
        h, state = self.recurrent(self.embedding(token[:, None]), state)
        return self.head(h[:, 0]), state

    @torch.no_grad()
    def read(self, new: Sequence[int], state: object = None) -> tuple[Float[np.ndarray, "symbol"], object]:
        """For sampling.generate: read more symbols; the logits of the next one, and the state."""
        h, state = self.recurrent(self.embedding(torch.tensor([list(new)])), state)
        return self.head(h[0, -1]).double().numpy(), state


def windows(sequences: Iterable[Sequence[int]], length: int, seed: int = 0) -> tuple[Tokens, Tokens]:
    """All sequences one after another, in a random order, cut into windows: (x, y), y one symbol further than x.

    What is left over at the end, less than a window, is dropped. Raises ValueError if there is no whole window.
    """
    shuffled = list(sequences)
    random.Random(seed).shuffle(shuffled)
    stream = torch.tensor([symbol for sequence in shuffled for symbol in sequence])
    count = (len(stream) - 1) // length
    if count < 1:
        raise ValueError(f"{len(stream)} symbols hold no window of {length} and the one after it; choose a shorter length.")
    return stream[: count * length].view(count, length), stream[1 : count * length + 1].view(count, length)


def packed(sequences: Iterable[Sequence[int]], length: int, seed: int = 0) -> tuple[Tokens, Tokens]:
    """Whole sequences, as many as fit into each window, in a random order: (x, y) as `windows` gives them.

    Each window begins where a sequence begins, so that nothing has to be told without its beginning. What is left free is
    filled with 0 in x and IGNORED in y. Of a sequence that is longer than a window only the beginning is taken.
    """
    shuffled = [list(sequence[: length + 1]) for sequence in sequences]
    random.Random(seed).shuffle(shuffled)
    rows: list[list[int]] = []
    for sequence in shuffled:
        roomy = next((row for row in rows if len(row) + len(sequence) <= length + 1), None)
        if roomy is None:
            rows.append(sequence)
        else:
            roomy.extend(sequence)
    x, y = torch.zeros(len(rows), length, dtype=torch.long), torch.full((len(rows), length), IGNORED)
    for i, row in enumerate(rows):
        x[i, : len(row) - 1], y[i, : len(row) - 1] = torch.tensor(row[:-1]), torch.tensor(row[1:])
    return x, y


def next_symbol_loss(logits: Logits, y: Tokens) -> Float[Tensor, ""]:
    """Mean cross-entropy of the symbols that came, in nats; what is IGNORED in y does not count."""
    return F.cross_entropy(logits.flatten(0, 1), y.flatten(), ignore_index=IGNORED)


def decay(step: int, steps: int) -> float:
    """A schedule for `fit`: up over the first 20 steps, then straight down to 0 at the end."""
    return min(1.0, (step + 1) / 20) * (1 - step / steps)


@torch.no_grad()
def surprisals(model: nn.Module, sequence: Sequence[int]) -> Float[np.ndarray, "predicted"]:
    """−log₂ p of each symbol but the first, in bits: how surprised the model was. It sees the whole sequence before each."""
    tokens = torch.tensor([list(sequence)])
    p = model(tokens[:, :-1]).log_softmax(-1)[0]
    return (-p.gather(-1, tokens[0, 1:, None])[:, 0] / math.log(2)).double().numpy()


def bits_per_symbol(model: nn.Module, sequences: Sequence[Sequence[int]], given: Sequence[int]) -> float:
    """Mean of −log₂ p over the sequences' symbols, but for the first given[i] of each, which are context only.

    A tune's header is given, its body and its <end> are to be predicted; any n-gram is judged in the same way. At least the
    first symbol is given. The model is in evaluation mode meanwhile.
    """
    training = model.training
    model.eval()
    bits = np.concatenate([surprisals(model, sequence)[max(n, 1) - 1 :] for sequence, n in zip(sequences, given, strict=True)])
    model.train(training)
    return float(bits.mean())
