"""A tiny neural codec of waveforms: windows of 32 ms, each in a few rounded numbers, laid over each other again.

It begins as the principal components of windows; hidden layers, which also see the neighbouring windows, learn the rest, by
whatever loss compares the two sounds. In small, what SoundStream (Zeghidour et al., 2021) and EnCodec (Défossez et al., 2023)
are. Notebook: 07a_autoencoders.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from helpers.concepts import quantiser
from helpers.concepts.principal import components
from helpers.models.codec import REACH

RATE, SIZE, HOP = 16_000, 512, 256  # Hz; samples: every window overlaps the next by half
Waves = Float[Tensor, "sound time"]


class WaveCodec(nn.Module):
    """numbers: in the code of each window; levels: that each is rounded to; width: of the hidden layers."""

    def __init__(self, numbers: int = 16, levels: int = 8, width: int = 128) -> None:
        super().__init__()
        self.settings = {"numbers": numbers, "levels": levels, "width": width}
        self.levels = levels
        self.register_buffer("window", torch.hann_window(SIZE).sqrt())  # used twice: its squares add up to 1
        near = {"kernel_size": 5, "padding": 2}  # a window and two on either side
        self.plain_in, self.plain_out = nn.Conv1d(SIZE, numbers, 1), nn.Conv1d(numbers, SIZE, 1)
        self.deep_in = nn.Sequential(
            nn.Conv1d(SIZE, width, 1), nn.SiLU(), nn.Conv1d(width, width, **near), nn.SiLU(), nn.Conv1d(width, numbers, 1)
        )
        self.deep_out = nn.Sequential(
            nn.Conv1d(numbers, width, **near), nn.SiLU(), nn.Conv1d(width, width, **near), nn.SiLU(), nn.Conv1d(width, SIZE, 1)
        )

    @torch.no_grad()
    def begin(self, waves: Waves) -> WaveCodec:
        """Start from the principal components of these sounds' windows; the hidden layers add nothing yet."""
        x = self._windows(waves).transpose(1, 2).reshape(-1, SIZE)
        mean, directions = components(x, self.settings["numbers"])
        scale = ((x - mean) @ directions.T).std(0)[:, None]
        self.plain_in.weight.copy_((directions / scale)[:, :, None])
        self.plain_in.bias.copy_(-(directions / scale) @ mean)
        self.plain_out.weight.copy_((directions * scale).T[:, :, None])
        self.plain_out.bias.copy_(mean)
        for layer in (self.deep_in[-1], self.deep_out[-1]):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        return self

    def encode(self, waves: Waves) -> Int[Tensor, "sound numbers window"]:
        """What is sent: the level of each number of each window."""
        return quantiser.to_levels(self._code(waves), self.levels)

    def decode(self, index: Int[Tensor, "sound numbers window"], length: int) -> Waves:
        """The sounds that were meant, of so many samples."""
        return self._sound(quantiser.from_levels(index, self.levels), length)

    def bits_per_second(self) -> float:
        """All numbers of a window for each hop."""
        return quantiser.bits_per_second(self.levels, self.settings["numbers"], HOP / RATE)

    def forward(self, waves: Waves) -> Waves:
        return self._sound(quantiser.rounded(self._code(waves), self.levels), waves.shape[1])

    def _code(self, waves: Waves) -> Float[Tensor, "sound numbers window"]:
        x = self._windows(waves)
        return (self.plain_in(x) + self.deep_in(x)) / REACH[self.levels]

    def _sound(self, code: Float[Tensor, "sound numbers window"], length: int) -> Waves:
        code = REACH[self.levels] * code
        windows = self.window[:, None] * (self.plain_out(code) + self.deep_out(code))  # (sound, SIZE, window)
        whole = (windows.shape[2] + 1) * HOP
        return F.fold(windows, (1, whole), (1, SIZE), stride=(1, HOP))[:, 0, 0, HOP : HOP + length]

    def _windows(self, waves: Waves) -> Float[Tensor, "sound 512 window"]:
        """Windows that cover each sample twice, with silence before and after."""
        more = -waves.shape[1] % HOP
        return F.pad(waves, (HOP, HOP + more)).unfold(1, SIZE, HOP).transpose(1, 2) * self.window[:, None]
