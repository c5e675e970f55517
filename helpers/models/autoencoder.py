"""An autoencoder of pictures of harmonics: what goes in is to come out again, through a code of few numbers.

Rumelhart, Hinton and Williams, 1986; Hinton and Salakhutdinov, 2006. Without anything but sums of weighted inputs it can do
no better than principal components (Baldi and Hornik, 1989): helpers/concepts/principal.py. Notebook: 07a_autoencoders.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from helpers.models.pictures import CELLS, COLUMNS, ROWS


class Autoencoder(nn.Module):
    """code: how many numbers a picture is squeezed into; width: of the hidden layer; linear: leave all but two matrices out."""

    def __init__(self, code: int = 8, width: int = 256, linear: bool = False) -> None:
        super().__init__()
        self.settings = {"code": code, "width": width, "linear": linear}
        self.register_buffer("mean", torch.full((CELLS,), 0.5))
        if linear:
            self.encoder, self.decoder = nn.Sequential(nn.Linear(CELLS, code)), nn.Sequential(nn.Linear(code, CELLS))
            nn.init.orthogonal_(self.encoder[0].weight)
            self.decoder[0].weight.data = self.encoder[0].weight.data.T.contiguous()  # begins as a projection on a plane of chance
        else:
            self.encoder = nn.Sequential(nn.Linear(CELLS, width), nn.SiLU(), nn.Linear(width, code))
            self.decoder = nn.Sequential(nn.Linear(code, width), nn.SiLU(), nn.Linear(width, CELLS), nn.Sigmoid())

    def encode(self, pictures: Float[Tensor, "picture 24 32"]) -> Float[Tensor, "picture code"]:
        """The code of each picture: whatever numbers it finds useful."""
        return self.encoder(pictures.flatten(1) - self.mean)

    def decode(self, code: Float[Tensor, "picture code"]) -> Float[Tensor, "picture 24 32"]:
        """The picture of each code; that of a linear one may go beyond [0, 1]."""
        return self.decoder(code).unflatten(1, (ROWS, COLUMNS))

    def forward(self, pictures: Float[Tensor, "picture 24 32"]) -> Float[Tensor, "picture 24 32"]:
        return self.decode(self.encode(pictures))

    @torch.no_grad()
    def centre(self, pictures: Float[Tensor, "picture 24 32"]) -> Autoencoder:
        """Measure what comes in from the mean of these pictures; a linear one also decodes zeros as that mean at first."""
        self.mean.copy_(pictures.flatten(1).mean(0))
        if self.settings["linear"]:
            self.encoder[0].bias.zero_()
            self.decoder[0].bias.copy_(self.mean)
        return self
