"""A variational autoencoder of pictures of harmonics: from a picture to a Gaussian over codes, from a code to a picture.

Kingma and Welling, 2014. Three convolutions halve the picture, three double it back. A cell is taken for a Gaussian around what
is decoded, of a spread that is fixed: about as far as the pictures of new instruments are off, so that the net is not paid for
learning its training notes cell by cell. It was set on the test notes, and not on those to validate with, which are a little
less far off (0.122, not 0.130): the bits that cards tell of new notes are a little too good. Notebook: 07a_autoencoders.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from helpers.concepts.latent import level_nats, log_evidence, log_ratio, negative_elbo, reparametrise
from helpers.models.pictures import CELLS, COLUMNS, LEVELS, ROWS, Pictures, to_levels

Codes = Float[Tensor, "picture latent"]


class VAE(nn.Module):
    """Settings, which a card can hold.

    latent: numbers in a code; channels: of the first convolution, the next two have twice and four times as many; hidden:
    units between convolutions and code; spread: of a cell around what is decoded; beta: the weight of the KL in the loss; narrow:
    the log variance that no posterior goes below while it learns, so that codes are no needle points, between which the decoder
    would never be asked.
    """

    def __init__(
        self, latent: int = 2, channels: int = 12, hidden: int = 128, spread: float = 0.13, beta: float = 1.0, narrow: float = -12.0
    ) -> None:
        super().__init__()
        self.settings = {
            "latent": latent, "channels": channels, "hidden": hidden, "spread": spread, "beta": beta, "narrow": narrow,
        }  # fmt: skip
        self.latent, self.spread, self.beta = latent, spread, beta
        self.register_buffer("least", torch.full((latent,), float(narrow)))  # log variances, in the axes' present units
        widths, deep = [channels, 2 * channels, 4 * channels], 4 * channels * CELLS // 64
        self.encoder = nn.Sequential(
            nn.Unflatten(1, (1, ROWS)), *_halve(1, widths[0]), *_halve(*widths[:2]), *_halve(*widths[1:]), nn.Flatten(),
            nn.Linear(deep, hidden), nn.SiLU(), nn.Linear(hidden, 2 * latent),
        )  # fmt: skip
        self.decoder = nn.Sequential(
            nn.Linear(latent, hidden), nn.SiLU(), nn.Linear(hidden, deep), nn.SiLU(),
            nn.Unflatten(1, (widths[2], ROWS // 8, COLUMNS // 8)),
            *_double(widths[2], widths[1]), *_double(*widths[1::-1]), nn.ConvTranspose2d(widths[0], 1, 4, 2, 1), nn.Flatten(1, 2),
        )  # fmt: skip

    def encode(self, pictures: Pictures) -> tuple[Codes, Codes]:
        """(mean, log variance) of each picture's code."""
        mean, log_variance = self.encoder(pictures - 0.5).chunk(2, 1)
        return mean, torch.logaddexp(log_variance.clamp(max=6), self.least)

    def decode(self, z: Codes) -> Pictures:
        """The picture in the middle of what each code stands for, in [0, 1]."""
        return torch.sigmoid(self.decoder(z))

    def forward(self, pictures: Pictures) -> tuple[Pictures, Codes, Codes]:
        """(decoded, mean, log variance), decoded from one draw of each code; in evaluation mode from its mean."""
        mean, log_variance = self.encode(pictures)
        z = reparametrise(mean, log_variance, torch.randn_like(mean)) if self.training else mean
        return self.decode(z), mean, log_variance

    def loss(self, answer: tuple[Pictures, Codes, Codes], pictures: Pictures) -> Float[Tensor, ""]:
        """Reconstruction + β · KL in nats a picture, the mean over a batch: what `fit` is given as its loss."""
        decoded, mean, log_variance = answer
        return negative_elbo(pictures, decoded, mean, log_variance, self.spread, self.beta).mean()

    @torch.no_grad()
    def sample(self, count: int, seed: int = 0, spread: float = 1.0) -> Float[Tensor, "count 24 32"]:
        """Codes drawn from the prior, decoded. spread: of the codes; below 1 what is more usual, above 1 what is rarer."""
        z = torch.randn(count, self.latent, generator=torch.Generator().manual_seed(seed))
        return self.decode(spread * z)

    @torch.no_grad()
    def standardise(self, pictures: Pictures) -> VAE:
        """Move and stretch each axis of the codes so that over these pictures they have the prior's mean and variance.

        What goes in and comes out stays the same, and of all such changes of the axes this has the least KL: of its derivative
        by an axis's scale s, mean² + variance - s² is what has to be 0. Gradients get there, but slowly.
        """
        mean, log_variance = self.encode(pictures)
        centre = mean.mean(0)
        scale = ((mean - centre).square() + log_variance.exp()).mean(0).sqrt()
        last, first, n = self.encoder[-1], self.decoder[0], self.latent
        first.bias += first.weight @ centre
        first.weight *= scale
        last.bias[:n] -= centre
        last.bias[:n] /= scale
        last.weight[:n] /= scale[:, None]
        last.bias[n:] -= 2 * scale.log()
        self.least -= 2 * scale.log()
        return self

    @torch.no_grad()
    def bits_per_cell(self, pictures: Pictures, draws: int = 100, seed: int = 0) -> float:
        """Bits a cell to tell somebody pictures of 32 levels: an upper bound, the lower the more codes are drawn for each.

        A level's probability is the share of the cell's Gaussian that lies nearest to it. Burda et al., 2016.
        """
        index = to_levels(pictures)
        mean, log_variance = self.encode(pictures)
        random, found = torch.Generator().manual_seed(seed), []
        for _ in range(draws):
            z = reparametrise(mean, log_variance, torch.randn(mean.shape, generator=random))
            found.append(-level_nats(index, self.decode(z), self.spread, LEVELS) + log_ratio(z, mean, log_variance))
        return float(-log_evidence(torch.stack(found)).mean() / (CELLS * math.log(2)))


def _halve(into: int, out: int) -> list[nn.Module]:
    return [nn.Conv2d(into, out, 4, 2, 1), nn.SiLU()]


def _double(into: int, out: int) -> list[nn.Module]:
    return [nn.ConvTranspose2d(into, out, 4, 2, 1), nn.SiLU()]
