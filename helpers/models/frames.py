"""An autoregressive model of pictures of harmonics: one level after the other, each given all before it.

Column by column, and in a column from the fundamental upwards. One GRU reads the columns so far; another, started from what
that one knows, goes up the column. The product of what it says of each cell is the exact probability of a picture, which
neither a VAE nor a diffusion model can give. Two GRUs, one within the other: MelNet (Vasquez and Lewis, 2019) in small.
Notebook: 07_generative_models.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from helpers.models.pictures import COLUMNS, LEVELS, ROWS, Pictures, to_levels, to_picture


class FrameRNN(nn.Module):
    """width: of the GRU along time; the one along harmonics is half as wide."""

    def __init__(self, width: int = 192, dropout: float = 0.2) -> None:
        super().__init__()
        self.settings = {"width": width, "dropout": dropout}
        self.level = nn.Embedding(LEVELS + 1, 16)  # the last: there is none yet
        self.harmonic = nn.Embedding(ROWS, 8)
        self.time = nn.GRU(ROWS, width, batch_first=True)
        self.up = nn.GRU(16 + 16 + 8, width // 2, batch_first=True)
        self.start = nn.Linear(width, width // 2)
        self.drop = nn.Dropout(dropout)
        self.out = nn.Linear(width // 2, LEVELS)

    def forward(self, levels: Int[Tensor, "picture 24 32"]) -> Float[Tensor, "picture 24 32 level"]:
        """Logits of every cell, given the columns before it and the cells below it."""
        b, rows, columns = levels.shape
        before = F.pad(levels, (1, 0), value=LEVELS)[:, :, :-1]  # the column before; LEVELS: none yet
        below = F.pad(levels, (0, 0, 1, 0), value=LEVELS)[:, :-1]
        known, _ = self.time(self._seen(before))  # (b, column, width)
        cells = torch.cat([self.level(before), self.level(below), self._place(b, columns)], -1)  # (b, row, column, 40)
        cells = cells.transpose(1, 2).reshape(b * columns, rows, -1)
        state, _ = self.up(cells, self._begin(known.reshape(1, b * columns, -1)))
        return self.out(self.drop(state)).reshape(b, columns, rows, LEVELS).transpose(1, 2)

    @torch.no_grad()
    def sample(self, count: int, seed: int = 0, temperature: float = 1.0) -> Float[Tensor, "count 24 32"]:
        """New pictures, cell by cell. Raises ValueError for a temperature that is not above 0."""
        if not temperature > 0:
            raise ValueError(f"temperature is {temperature}; it is above 0.")
        random = torch.Generator().manual_seed(seed)
        column = torch.full((count, ROWS), LEVELS)
        columns, memory, place = [], None, self._place(1, 1)[0, :, 0]
        for _ in range(COLUMNS):
            known, memory = self.time(self._seen(column[:, :, None]), memory)
            state, below, cells = self._begin(known.transpose(0, 1)), torch.full((count,), LEVELS), []
            for row in range(ROWS):
                seen = torch.cat([self.level(column[:, row]), self.level(below), place[row].expand(count, -1)], -1)
                out, state = self.up(seen[:, None], state)
                p = F.softmax(self.out(self.drop(out[:, 0])) / temperature, -1)
                below = torch.multinomial(p, 1, generator=random)[:, 0]
                cells.append(below)
            column = torch.stack(cells, 1)
            columns.append(column)
        return to_picture(torch.stack(columns, 2))

    @torch.no_grad()
    def bits_per_cell(self, pictures: Pictures) -> float:
        """The mean of -log2 p of the pictures' levels; exact."""
        parts = [picture_loss(self(part), part) * len(part) for part in to_levels(pictures).split(64)]
        return float(sum(parts)) / len(pictures) / math.log(2)

    def _seen(self, levels: Int[Tensor, "b 24 column"]) -> Float[Tensor, "b column 24"]:
        return (levels / LEVELS).transpose(1, 2)

    def _place(self, b: int, columns: int) -> Float[Tensor, "b 24 columns 8"]:
        return self.harmonic.weight[None, :, None].expand(b, -1, columns, -1)

    def _begin(self, known: Float[Tensor, "1 b width"]) -> Float[Tensor, "1 b half"]:
        return torch.tanh(self.start(self.drop(known)))


def picture_loss(logits: Float[Tensor, "b 24 32 level"], levels: Int[Tensor, "b 24 32"]) -> Float[Tensor, ""]:
    """Cross-entropy in nats a cell."""
    return F.cross_entropy(logits.flatten(0, 2), levels.flatten())
