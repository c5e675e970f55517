"""A small U-Net that takes the noise out of pictures of harmonics, given how much of it there is.

How noisy a picture is is an angle, counted in quarter turns: x_t = cos(πt/2) x_0 + sin(πt/2) ε, from t = 0, the picture, to
t = 1, nothing but noise. (Any other schedule is the same road at another speed: ᾱ = cos²(πt/2).) The network predicts
v = cos(πt/2) ε − sin(πt/2) x_0 (Salimans and Ho, 2022), which is worth learning at every t. Notebook: 07c_diffusion.
After Ho et al., "Denoising diffusion probabilistic models", 2020; Ronneberger et al., "U-Net", 2015.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from helpers.concepts.consistency import ddim
from helpers.concepts.diffusion import Model, ddim_step, predicts, sample, schedule, times
from helpers.models.pictures import COLUMNS, KINDS_OF_NOTE, ROWS, checked_family

CENTRE, SPREAD = 0.43, 0.3  # about the mean and the standard deviation of a picture's cells, so that those of x_0 are 0 and 1


def signal(pictures: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """x_0: cells of a picture in [0, 1] as the network is given them, centred and scaled."""
    return (pictures - CENTRE) / SPREAD


def picture(x: Float[Tensor, "*batch 24 32"]) -> Float[Tensor, "*batch 24 32"]:
    """The picture that x_0 stands for; what lies beyond [0, 1] is cut off."""
    return (x * SPREAD + CENTRE).clamp(0, 1)


class Denoiser(nn.Module):
    """24 × 32 → 12 × 16 → 6 × 8 and back, each size joined to the one of its own size on the way down.

    widths: channels at the three sizes. Family number 11 stands for "any".
    """

    def __init__(self, widths: list[int], dropout: float = 0.0) -> None:
        super().__init__()
        self.settings = {"widths": list(widths), "dropout": dropout}
        a, b, c = widths
        told = self.told = c
        self.time = nn.Sequential(nn.Linear(64, told), nn.SiLU(), nn.Linear(told, told))
        self.family = nn.Embedding(KINDS_OF_NOTE + 1, told)
        self.stem = nn.Conv2d(1, a, 3, padding=1)
        self.place = nn.Parameter(torch.zeros(a, ROWS, COLUMNS))  # the tenth harmonic is not the first, nor an end a beginning
        self.fine = Residual(a, a, told, dropout)
        self.down1 = nn.Conv2d(a, b, 3, stride=2, padding=1)
        self.middle = Residual(b, b, told, dropout)
        self.down2 = nn.Conv2d(b, c, 3, stride=2, padding=1)
        self.coarse1, self.look, self.coarse2 = Residual(c, c, told, dropout), Look(c), Residual(c, c, told, dropout)
        self.up2 = nn.Conv2d(c, b, 1)
        self.middle_up = Residual(2 * b, b, told, dropout)
        self.up1 = nn.Conv2d(b, a, 1)
        self.fine_up = Residual(2 * a, a, told, dropout)
        self.last = nn.Sequential(nn.GroupNorm(8, a), nn.SiLU(), nn.Conv2d(a, 1, 3, padding=1))
        for zero in (self.last[2], self.coarse2.second, self.coarse1.second, self.look.join):
            nn.init.zeros_(zero.weight)  # at first it predicts v = 0: what is noise and what is picture, half and half
            nn.init.zeros_(zero.bias)

    def forward(
        self, x: Float[Tensor, "batch 24 32"], t: Float[Tensor, "batch"], family: Int[Tensor, "batch"] | None = None
    ) -> Float[Tensor, "batch 24 32"]:
        """v for each noisy x at its t in [0, 1]; family: 0 to 10, or 11 where none is asked for (None: for all of them)."""
        if family is None:
            family = torch.full((len(x),), KINDS_OF_NOTE, device=x.device)
        told = F.silu(self.time(waves(t)) + self.family(family))  # (B, told)
        fine = self.fine(self.stem(x[:, None]) + self.place, told)  # (B, a, 24, 32)
        middle = self.middle(self.down1(fine), told)  # (B, b, 12, 16)
        coarse = self.coarse2(self.look(self.coarse1(self.down2(middle), told)), told)  # (B, c, 6, 8)
        middle = self.middle_up(torch.cat([middle, double(self.up2(coarse))], 1), told)
        fine = self.fine_up(torch.cat([fine, double(self.up1(middle))], 1), told)
        return self.last(fine)[:, 0]

    def guess(self, alpha_bar: Float[Tensor, "time"], family: Int[Tensor, "batch"] | None = None, guidance: float = 1.0) -> Model:
        """x and the number of a time of this schedule -> x̂_0, which never leaves what a picture can be.

        guidance: w in v = v_any + w (v_family − v_any): 1 is the family as it was learned, more overdoes it, 0 ignores it
        (Ho and Salimans, 2022). x in float64 stays so: near pure noise, x̂_0 from ε is a small difference divided by a small number.
        """
        t_of = quarter_turns(alpha_bar)
        if guidance == 0:
            family = None
        both = family is not None and guidance != 1

        def network(x: Tensor, time: Tensor) -> Tensor:
            t, seen = t_of[time].float(), x.float()
            if both:
                anything = torch.full_like(family, KINDS_OF_NOTE)
                free, given = self(seen.repeat(2, 1, 1), t.repeat(2), torch.cat([anything, family])).chunk(2)
                v = torch.lerp(free, given, guidance)
            else:
                v = self(seen, t, family)
            return possible(ddim(v.to(x), x, t_of[time], torch.zeros_like(t)))

        return network

    @torch.no_grad()
    def sample(
        self, count: int, seed: int = 0, family: int | None = None, guidance: float = 1.0, steps: int = 50
    ) -> Float[Tensor, "count 24 32"]:
        """New pictures, by DDIM from noise that depends on the seed alone. family: 0 to 10 (None: any).

        Raises ValueError for a family there is none of, and for steps beyond 1 to 1000.
        """
        x, alpha_bar = start(count, seed).double(), schedule("cosine")
        guess = self.guess(alpha_bar, families(family, count), guidance)
        return picture(sample(predicts(guess, "x0", alpha_bar), x, alpha_bar, times(1000, steps), ddim_step)).float()


def start(count: int, seed: int) -> Float[Tensor, "count 24 32"]:
    """The noise that sampling begins with."""
    return torch.randn(count, ROWS, COLUMNS, generator=torch.Generator().manual_seed(seed))


def families(family: int | None, count: int) -> Int[Tensor, "count"] | None:
    """The same family for all. Raises ValueError for a number that stands for none."""
    if family is None:
        return None
    return torch.full((count,), checked_family(family))


def quarter_turns(alpha_bar: Float[Tensor, "*time"]) -> Float[Tensor, "*time"]:
    """The t at which cos²(πt/2) is ᾱ.

    >>> quarter_turns(torch.tensor([1.0, 0.5, 0.0]))
    tensor([0.0000, 0.5000, 1.0000])
    """
    return torch.atan2((1 - alpha_bar).sqrt(), alpha_bar.sqrt()) * 2 / torch.pi


def possible(x: Float[Tensor, "*batch 24 32"]) -> Float[Tensor, "*batch 24 32"]:
    """x_0 of a picture whose cells do not leave [0, 1]."""
    return x.clamp(-CENTRE / SPREAD, (1 - CENTRE) / SPREAD)


class Residual(nn.Module):
    """Two convolutions and a way around them; what the network is told shifts and scales the features between them."""

    def __init__(self, c_in: int, c_out: int, told: int, dropout: float) -> None:
        super().__init__()
        self.norm1, self.first = nn.GroupNorm(8, c_in), nn.Conv2d(c_in, c_out, 3, padding=1)
        self.film = nn.Linear(told, 2 * c_out)  # Perez et al., 2018
        self.norm2, self.second = nn.GroupNorm(8, c_out), nn.Conv2d(c_out, c_out, 3, padding=1)
        self.dropout = nn.Dropout(dropout)
        self.around = nn.Identity() if c_in == c_out else nn.Conv2d(c_in, c_out, 1)

    def forward(
        self, x: Float[Tensor, "batch c_in row column"], told: Float[Tensor, "batch told"]
    ) -> Float[Tensor, "batch c_out row column"]:
        h = self.first(F.silu(self.norm1(x)))
        scale, shift = self.film(told)[:, :, None, None].chunk(2, dim=1)
        h = self.second(self.dropout(F.silu(self.norm2(h) * (1 + scale) + shift)))
        return self.around(x) + h


class Look(nn.Module):
    """Each of the 6 × 8 places attends to all of them, in four heads; a way around."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm, self.qkv, self.join = nn.GroupNorm(8, width), nn.Conv2d(width, 3 * width, 1), nn.Conv2d(width, width, 1)

    def forward(self, x: Float[Tensor, "batch width row column"]) -> Float[Tensor, "batch width row column"]:
        q, k, v = self.qkv(self.norm(x)).flatten(2).unflatten(1, (3, 4, -1)).transpose(-1, -2).unbind(1)  # (B, 4, 48, width / 4)
        found = F.scaled_dot_product_attention(q, k, v)
        return x + self.join(found.transpose(-1, -2).reshape(x.shape))


def waves(t: Float[Tensor, "batch"]) -> Float[Tensor, "batch 64"]:
    """Sines and cosines of t at 32 frequencies from 1 to 1000 radians, a factor apart: t as a network can tell it."""
    turns = t[:, None] * torch.logspace(0, 3, 32, device=t.device)
    return torch.cat([turns.sin(), turns.cos()], 1)


def double(x: Float[Tensor, "batch channel row column"]) -> Float[Tensor, "batch channel row2 column2"]:
    """Each cell as 2 × 2 of them."""
    return F.interpolate(x, scale_factor=2, mode="nearest")
