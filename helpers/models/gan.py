"""Networks that play against each other over pictures of harmonics, told a family: DCGAN, LAPGAN, SRGAN, each small.

A family is given as eleven shares that sum to 1: all of one in training; two of one half each are a sound between families.
A generator's noise is at its entrance (DCGAN), or a plane beside the coarse picture that it refines (LAPGAN). Notebook:
07b_gans; trained by helpers/recipes/gans.py. After Radford et al., 2016 (DCGAN); Mirza and Osindero, 2014 (conditional);
Denton et al., 2015 (LAPGAN); Ledig et al., 2017 (SRGAN); Miyato et al., 2018 (spectral normalisation).
"""

from __future__ import annotations

import itertools

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from helpers.concepts.pyramid import expand, reduce
from helpers.models.pictures import KINDS_OF_NOTE, checked_family

Shares = Float[Tensor, "batch 11"]
Pictures = Float[Tensor, "batch row column"]


class Generator(nn.Module):
    """3 × 4 cells of many features, doubled `doublings` times, each time with half the features: 24 × 32 after three."""

    def __init__(self, width: int = 32, latent: int = 16, doublings: int = 3) -> None:
        super().__init__()
        self.settings = {"width": width, "latent": latent, "doublings": doublings}
        self.latent, widths = latent, [width * 2**k for k in reversed(range(doublings))]
        self.enter = nn.Linear(latent + KINDS_OF_NOTE, widths[0] * 12, bias=False)
        self.first = nn.Sequential(nn.BatchNorm2d(widths[0]), nn.ReLU())
        self.grow = nn.Sequential(*[_doubled(a, b) for a, b in itertools.pairwise(widths)])
        self.last = nn.ConvTranspose2d(widths[-1], 1, 4, stride=2, padding=1)

    def forward(self, z: Float[Tensor, "batch latent"], family: Shares) -> Pictures:
        """Pictures in [0, 1]. z: from a standard normal distribution."""
        x = self.enter(torch.cat([z, family], 1)).unflatten(1, (-1, 3, 4))
        return self.last(self.grow(self.first(x)))[:, 0].sigmoid()

    def noise(self, count: int, draw: torch.Generator) -> Float[Tensor, "count latent"]:
        return torch.randn(count, self.latent, generator=draw)

    @torch.no_grad()
    def sample(self, count: int, seed: int = 0, family: int | None = None, truncation: float | None = None) -> Pictures:
        """New pictures in [0, 1]. family: 0 to 10; None: by turns. truncation: draw numbers of z beyond ± it again (BigGAN).

        The noise depends on the seed alone, so that it stays while the family changes. Raises ValueError for a family there
        is none of and a truncation that is not above 0.
        """
        z = self.noise(count, torch.Generator().manual_seed(seed))
        return self(z if truncation is None else truncate(z, truncation), shares(family, count))


class Discriminator(nn.Module):
    """Halves a picture down to 3 × 4 cells of features, then a number: how real it looks. Spectral norms of 1.

    families: it is told the family and adds how well the features go with that, s = w · h + e_family · h (the projection of
    Miyato and Koyama, 2018); coarse: it sees a coarse picture beside the one it judges.
    """

    def __init__(self, width: int = 24, halvings: int = 3, families: bool = True, coarse: bool = False) -> None:
        super().__init__()
        self.settings = {"width": width, "halvings": halvings, "families": families, "coarse": coarse}
        widths = [1 + coarse, *[width * 2**k for k in range(halvings)]]
        self.halve = nn.ModuleList(spectral_norm(nn.Conv2d(a, b, 4, stride=2, padding=1)) for a, b in itertools.pairwise(widths))
        self.score = spectral_norm(nn.Linear(widths[-1] * 12, 1))
        self.fits = spectral_norm(nn.Linear(KINDS_OF_NOTE, widths[-1] * 12, bias=False)) if families else None

    def forward(self, pictures: Pictures, family: Shares | None = None, coarse: Pictures | None = None) -> Float[Tensor, "batch"]:
        """Scores: above 0 is "real"."""
        x = pictures[:, None] if coarse is None else torch.stack([pictures, coarse], 1)
        for conv in self.halve:
            x = F.leaky_relu(conv(x), 0.2)
        h = x.flatten(1)
        return self.score(h)[:, 0] + (0 if self.fits is None else (self.fits(family) * h).sum(1))


class Refiner(nn.Module):
    """One level of a LAPGAN: the band that a picture doubled in size lacks, invented from noise for a family."""

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        self.settings = {"width": width}
        self.body = nn.Sequential(
            nn.Conv2d(2 + KINDS_OF_NOTE + 1, width, 3, padding=1),
            *[layer for _ in range(2) for layer in (nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, width, 3, padding=1))],
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, 1, 3, padding=1),
        )

    def forward(self, z: Pictures, coarse: Pictures, family: Shares) -> Pictures:
        """The band h (not the picture), a share of it for each cell of `coarse`, which has the band's size already."""
        harmonic = torch.linspace(0, 1, z.shape[1], device=z.device)  # which one a row is
        height = harmonic.view(1, 1, -1, 1).expand(len(z), 1, *z.shape[1:])
        told = family[:, :, None, None].expand(-1, -1, *z.shape[1:])  # each share the same in all cells
        x = torch.cat([coarse[:, None], z[:, None], told, height], 1)
        return self.body(x)[:, 0]


class LapGAN(nn.Module):
    """A generator of 6 × 8 pictures and two refiners that double them: each band is drawn with noise of its own."""

    def __init__(self, base: int = 48, width: int = 24, latent: int = 16) -> None:
        super().__init__()
        self.settings = {"base": base, "width": width, "latent": latent}
        self.base = Generator(base, latent, doublings=1)
        self.refiners = nn.ModuleList([Refiner(width), Refiner(width)])  # 12 × 16, then 24 × 32

    def noise(self, count: int, draw: torch.Generator) -> list[Tensor]:
        """What the three of them begin with, coarse to fine."""
        base = self.base.noise(count, draw)
        return [base, *(torch.randn(count, *size, generator=draw) for size in ((12, 16), (24, 32)))]

    def pyramid(self, noise: list[Tensor], family: Shares) -> list[Pictures]:
        """The same pictures at 6 × 8, 12 × 16 and 24 × 32, in [0, 1]: each is the one before, doubled, and a band."""
        found = [self.base(noise[0], family)]
        for z, refiner in zip(noise[1:], self.refiners):
            coarse = expand(found[-1])
            found.append((coarse + refiner(z, coarse, family)).clamp(0, 1))
        return found

    def forward(self, noise: list[Tensor], family: Shares) -> Pictures:
        return self.pyramid(noise, family)[-1]

    @torch.no_grad()
    def sample(self, count: int, seed: int = 0, family: int | None = None) -> Pictures:
        """New pictures in [0, 1], as Generator.sample."""
        return self(self.noise(count, torch.Generator().manual_seed(seed)), shares(family, count))


class Enlarger(nn.Module):
    """6 × 8 cells to 24 × 32: a bilinear enlargement and what residual blocks add to it; sizes doubled by pixel shuffling."""

    def __init__(self, width: int = 24, blocks: int = 3) -> None:
        super().__init__()
        self.settings = {"width": width, "blocks": blocks}
        self.enter = nn.Conv2d(1, width, 3, padding=1)
        self.place = nn.Parameter(torch.zeros(width, 6, 8))  # the tenth harmonic is not the first
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.PReLU(), nn.Conv2d(width, width, 3, padding=1))
            for _ in range(blocks)
        )
        self.grow = nn.Sequential(
            *[layer for _ in range(2) for layer in (nn.Conv2d(width, 4 * width, 3, padding=1), nn.PixelShuffle(2), nn.PReLU())]
        )
        self.last = nn.Conv2d(width, 1, 3, padding=1)
        nn.init.zeros_(self.last.weight)  # it begins as the bilinear enlargement
        nn.init.zeros_(self.last.bias)

    def forward(self, low: Float[Tensor, "batch 6 8"]) -> Float[Tensor, "batch 24 32"]:
        """Not cut off at 0 and 1: a cell beyond would learn nothing."""
        x = self.enter(low[:, None]) + self.place
        for block in self.blocks:
            x = x + block(x)
        return expand(expand(low)) + self.last(self.grow(x))[:, 0]


class SuperResolution(nn.Module):
    """Two enlargers that differ in what they were taught: `plain` the mean squared error alone, `sharp` to pass as real, too."""

    def __init__(self, width: int = 24, blocks: int = 3) -> None:
        super().__init__()
        self.settings = {"width": width, "blocks": blocks}
        self.plain, self.sharp = Enlarger(width, blocks), Enlarger(width, blocks)

    def forward(self, low: Float[Tensor, "batch 6 8"]) -> Float[Tensor, "batch 24 32"]:
        """The sharp one's pictures in [0, 1]."""
        return self.sharp(low).clamp(0, 1)


def shrink(pictures: Float[Tensor, "batch 24 32"]) -> Float[Tensor, "batch 6 8"]:
    """What super-resolution begins with: means of 4 × 4 cells."""
    return reduce(reduce(pictures))


def enlargements(model: SuperResolution, low: Float[Tensor, "batch 6 8"]) -> dict[str, Float[Tensor, "batch 24 32"]]:
    """The same small pictures four times as high and wide: interpolated, and by both networks."""
    found = {
        name: F.interpolate(low[:, None], scale_factor=4, mode=name, align_corners=False)[:, 0] for name in ("bilinear", "bicubic")
    }
    return {name: made.clamp(0, 1) for name, made in (found | {"plain": model.plain(low), "sharp": model.sharp(low)}).items()}


def shares(family: int | None, count: int) -> Float[Tensor, "count 11"]:
    """All of one family for each; None: 0, 1, … 10, 0, … by turns. Raises ValueError for a number that stands for none."""
    if family is None:
        return F.one_hot(torch.arange(count) % KINDS_OF_NOTE, KINDS_OF_NOTE).float()
    return F.one_hot(torch.full((count,), checked_family(family)), KINDS_OF_NOTE).float()


def truncate(z: Float[Tensor, "*shape"], limit: float) -> Float[Tensor, "*shape"]:
    """z as if every number beyond ± limit had been drawn again until it was not: the quantiles of the cut distribution.

    Raises ValueError for a limit that is not above 0. After Brock et al., BigGAN, 2019.
    """
    if not limit > 0:
        raise ValueError(f"truncation is {limit}; it is above 0 (2: hardly any, 0.5: much).")
    normal = torch.distributions.Normal(0.0, 1.0)
    inside = 2 * normal.cdf(torch.tensor(float(limit))) - 1
    return normal.icdf(0.5 + (normal.cdf(z) - 0.5) * inside).clamp(-limit, limit)


def _doubled(a: int, b: int) -> nn.Module:
    return nn.Sequential(nn.ConvTranspose2d(a, b, 4, stride=2, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU())
