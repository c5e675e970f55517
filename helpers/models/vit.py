"""A small Vision Transformer for pictures of notes: patches are tokens, and a token of its own gathers the answer.

Cut the picture into squares, make a vector of each, add a learned vector for its place, and let encoder blocks do the
rest: no convolution, no pooling, nothing that says which squares are neighbours. The class token stands for the whole;
where it looks is drawn over the picture. On spectrograms this is the Audio Spectrogram Transformer (whose squares overlap).

Notebook: 06_transformers. After Dosovitskiy et al., ViT, 2021; Gong, Chung and Glass, AST, 2021.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from helpers.models.blocks import EncoderBlock

Pictures = Float[Tensor, "batch 1 row column"]


def patches(x: Pictures, size: int) -> Float[Tensor, "batch patch cells"]:
    """Squares of size × size cells, row of squares by row, each laid out flat. Raises ValueError where they do not fill x."""
    rows, columns = x.shape[-2:]
    if rows % size or columns % size:
        raise ValueError(f"Squares of {size} × {size} do not fill {rows} × {columns} cells; choose a divisor of both.")
    squares = x[:, 0].unflatten(2, (-1, size)).unflatten(1, (-1, size))  # (B, square row, size, square column, size)
    return squares.transpose(2, 3).flatten(1, 2).flatten(2)


class ViT(nn.Module):
    """Pictures of side × side cells to one number for each class."""

    def __init__(self, classes: int = 11, side: int = 64, patch: int = 8, width: int = 64, heads: int = 4, depth: int = 2) -> None:
        super().__init__()
        self.patch, count = patch, (side // patch) ** 2
        self.embed = nn.Linear(patch * patch, width)
        self.class_token = nn.Parameter(torch.zeros(1, 1, width))
        self.places = nn.Parameter(0.02 * torch.randn(1, 1 + count, width))
        self.blocks = nn.ModuleList(EncoderBlock(width, heads, 2 * width, first=True) for _ in range(depth))
        self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, classes))

    def forward(self, x: Pictures) -> Float[Tensor, "batch classes"]:
        tokens = self.embed(patches(x, self.patch))  # (B, patch, width)
        tokens = torch.cat([self.class_token.expand(len(x), -1, -1), tokens], 1) + self.places
        for block in self.blocks:
            tokens = block(tokens)
        return self.head(tokens[:, 0])

    @torch.no_grad()
    def looks(
        self, x: Pictures
    ) -> tuple[Float[Tensor, "batch layer head square_row square_column"], Float[Tensor, "batch classes"]]:
        """How much the class token of each layer looks at each square (the rest it keeps for itself), and the logits."""
        logits = self(x)
        seen = torch.stack([block.look.part.seen[:, :, 0, 1:] for block in self.blocks], 1)  # (B, layer, head, patch)
        side = int(seen.shape[-1] ** 0.5)
        return seen.unflatten(-1, (side, side)), logits
