"""Notes that nobody played: spectrograms changed in ways that leave their family what it is.

A network that has heard fifty instruments learns those fifty by heart. Changed anew each time it is seen, a note teaches
what its family has in common instead. `vary` does all of it, and is what `fit(augment=vary)` takes; it draws from the
generator only, so a run can be repeated. Notebook: 04_cnns. After Park et al., SpecAugment, 2019, and Zhang et al.,
mixup, 2018, which mixes across classes; for instruments, mixing within the family works better.
"""

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

LOWEST, HIGHEST = 30.0, 8000.0  # Hz: the edges of the mel bands of helpers.audio

Pictures = Float[Tensor, "batch 1 row column"]


def vary(x: Pictures, y: Int[Tensor, "batch"], generator: Generator) -> tuple[Pictures, Int[Tensor, "batch"]]:
    """Blend notes within their family, transpose them and change their tone colour, each differently.

    x: log-mels in [0, 1], row 0 the lowest band; y: families, which stay what they are.
    """
    return colour(transpose(blend(x, y, generator), generator), generator), y


def blend(x: Pictures, y: Int[Tensor, "batch"], generator: Generator, most: float = 0.5) -> Pictures:
    """Add to each note up to `most` of another note of its family in the batch: (1 − w) x + w x', w uniform.

    A family's notes stand in a row, in random order; each is given some of the one before it, the first stays as it is.
    """
    order = torch.randperm(len(x), generator=generator).to(y.device)
    queue = order[y[order].argsort(stable=True)]  # by family, in random order within it
    before = queue.roll(1)
    w = most * _uniform(x, generator) * (y[queue] == y[before])[:, None, None, None]
    blended = torch.empty_like(x)
    blended[queue] = (1 - w) * x[queue] + w * x[before]
    return blended


def transpose(x: Pictures, generator: Generator, semitones: float = 6.0) -> Pictures:
    """Move each note up or down by up to so many semitones, resonances and all, as a tape played faster or slower.

    Row r shows frequency f(r); after moving by s semitones it shows what was at f(r) · 2^(−s / 12), between two rows
    their weighted mean. Nothing is known from beyond the edges: there, silence.
    """
    rows = x.shape[2]
    s = semitones * (2 * _uniform(x, generator)[:, :, :, 0] - 1)  # (B, 1, 1)
    hz = _hz(torch.arange(rows, device=x.device), rows)
    source = _row(hz * 2 ** (-s[:, 0] / 12), rows)  # (B, row)
    known = (source > -0.5) & (source < rows - 0.5)
    source = source.clamp(0, rows - 1)
    lower = source.long()
    w = (source - lower)[:, None, :, None]

    def at(index: Int[Tensor, "batch row"]) -> Pictures:
        return x.gather(2, index[:, None, :, None].expand(-1, 1, -1, x.shape[3]))

    return ((1 - w) * at(lower) + w * at((lower + 1).clamp(max=rows - 1))) * known[:, None, :, None]


def colour(x: Pictures, generator: Generator, tilt: float = 0.15, gain: float = 0.1) -> Pictures:
    """Tilt each note's spectrum by up to ±tilt at its edges, and lift or lower all of it by up to ±gain.

    0.1 is 8 dB. What was silent stays so, and nothing leaves [0, 1].
    """
    slope = torch.linspace(-1, 1, x.shape[2], device=x.device)[:, None]
    change = tilt * (2 * _uniform(x, generator) - 1) * slope + gain * (2 * _uniform(x, generator) - 1)
    return torch.where(x > 0, x + change, x).clamp(0, 1)


def _uniform(x: Pictures, generator: Generator) -> Float[Tensor, "batch 1 1 1"]:
    """A number from 0 to 1 for each note; drawn on the CPU, so that it is the same on any device."""
    return torch.rand(len(x), 1, 1, 1, generator=generator).to(x.device)


def _mel(hz: float | Tensor) -> Tensor:
    return 2595 * torch.log10(1 + torch.as_tensor(hz) / 700)


def _row(hz: Tensor, rows: int) -> Tensor:
    """The row whose band is centred on a frequency, with fractions between: `rows` bands lie evenly on the mel scale."""
    low, high = _mel(LOWEST), _mel(HIGHEST)
    return (_mel(hz) - low) / (high - low) * (rows + 1) - 1


def _hz(row: Tensor, rows: int) -> Tensor:
    """The frequency in Hz that a row's band is centred on; the inverse of _row."""
    low, high = _mel(LOWEST), _mel(HIGHEST)
    return 700 * (10 ** ((low + (high - low) * (row + 1) / (rows + 1)) / 2595) - 1)
