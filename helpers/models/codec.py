"""A tiny neural codec of pictures of harmonics: a few numbers, each rounded to a few levels, are all that is sent.

Finite scalar quantisation (Mentzer et al., 2024): each number is scaled, cut off at -1 and 1, and rounded, with a gradient that
passes straight through. In training, how many numbers are sent and how many levels there are is drawn anew for each batch, so
that one network serves all rates: the first numbers learn to say what matters most (nested dropout: Rippel et al., 2014; in a
codec: Zeghidour et al., SoundStream, 2021). Pitch and loudness are not in a picture: a pitch is sent beside it. Notebook:
07a_autoencoders.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from helpers.concepts import quantiser
from helpers.concepts.principal import components
from helpers.models.pictures import CELLS, COLUMNS, ROWS, Pictures

SECONDS = 1.0  # of a picture
NUMBERS = (1, 2, 4, 8, 16, 32)  # how many of a code's numbers are sent
LEVELS = (2, 3, 4, 8, 16)  # that each is rounded to
UNROUNDED = 0  # in the place of a number of levels
PITCH_BITS = math.log2(25)  # one of the pitches 40 to 64
# How many standard deviations the outermost level lies from the middle: equal steps that cost a Gaussian least (Max, 1960)
REACH = {UNROUNDED: 4.0, 2: 0.798, 3: 1.224, 4: 1.494, 8: 2.051, 16: 2.514}


class Codec(nn.Module):
    """code: numbers in a whole code; width: of the hidden layers, beside which a plain matrix leads past them."""

    def __init__(self, code: int = 32, width: int = 192) -> None:
        super().__init__()
        self.settings = {"code": code, "width": width}
        self.plain_in, self.plain_out = nn.Linear(CELLS, code), nn.Linear(code, CELLS)
        self.deep_in = nn.Sequential(nn.Linear(CELLS, width), nn.SiLU(), nn.Linear(width, code))
        self.deep_out = nn.Sequential(nn.Linear(code, width), nn.SiLU(), nn.Linear(width, CELLS))

    @torch.no_grad()
    def begin(self, pictures: Pictures) -> Codec:
        """Start from the principal components of these pictures: the matrices are theirs, the hidden layers add nothing yet."""
        x = pictures.flatten(1)
        mean, directions = components(x, self.settings["code"])
        scale = ((x - mean) @ directions.T).std(0, keepdim=True).T  # (code, 1)
        self.plain_in.weight.copy_(directions / scale)
        self.plain_in.bias.copy_(-(directions / scale) @ mean)
        self.plain_out.weight.copy_((directions * scale).T)
        self.plain_out.bias.copy_(mean)
        for layer in (self.deep_in[-1], self.deep_out[-1]):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        return self

    def code(self, pictures: Pictures, levels: int) -> Float[Tensor, "picture code"]:
        """The code before it is rounded, in [-1, 1], at the scale for so many levels."""
        x = pictures.flatten(1)
        return ((self.plain_in(x) + self.deep_in(x)) / _reach(levels)).clamp(-1, 1)

    def picture(self, code: Float[Tensor, "picture numbers"], levels: int) -> Pictures:
        """The picture of each code, in training beyond [0, 1] too; numbers that were not sent count as 0."""
        code = _reach(levels) * nn.functional.pad(code, (0, self.settings["code"] - code.shape[1]))
        cells = (self.plain_out(code) + self.deep_out(code)).unflatten(1, (ROWS, COLUMNS))
        return cells if self.training else cells.clamp(0, 1)

    @torch.no_grad()
    def encode(self, pictures: Pictures, numbers: int = 16, levels: int = 4) -> Int[Tensor, "picture numbers"]:
        """What is sent: of each of the first `numbers` numbers, which level it is nearest to. Raises ValueError for too many."""
        self._check(numbers)
        return quantiser.to_levels(self.code(pictures, levels)[:, :numbers], levels)

    @torch.no_grad()
    def decode(self, index: Int[Tensor, "picture numbers"], levels: int = 4) -> Pictures:
        """The pictures that were meant."""
        self._check(index.shape[1])
        return self.picture(quantiser.from_levels(index, levels), levels)

    def bits_per_second(self, numbers: int, levels: int) -> float:
        """What the code takes at a fixed length: a picture is one second of sound."""
        return quantiser.bits_per_second(levels, numbers, SECONDS)

    def forward(self, pictures: Pictures) -> Pictures:
        """Pictures there and back; in training through as many numbers and levels as chance says, else through 16 times 4."""
        device, levels = pictures.device, 4
        numbers = torch.full((len(pictures), 1), 16, device=device)
        if self.training:
            numbers = torch.tensor(NUMBERS)[torch.randint(len(NUMBERS), (len(pictures), 1))].to(device)
            levels = (*LEVELS, UNROUNDED)[int(torch.randint(len(LEVELS) + 1, ()))]
        code = self.code(pictures, levels)
        sent = quantiser.rounded(code, levels) if levels else code
        return self.picture(sent * (torch.arange(code.shape[1], device=device) < numbers), levels)

    def _check(self, numbers: int) -> None:
        if not 1 <= numbers <= self.settings["code"]:
            raise ValueError(f"{numbers} numbers; a code has {self.settings['code']}. Choose 1 to {self.settings['code']}.")


def _reach(levels: int) -> float:
    if levels not in REACH:
        raise ValueError(f"{levels} levels; the codec was made for {', '.join(map(str, LEVELS))}, and {UNROUNDED} for none.")
    return REACH[levels]
