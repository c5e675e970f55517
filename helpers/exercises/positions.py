"""Exercises on positions: waves that count, and vectors that turn.

Notebook: 06_transformers. The oracles: the formula of Vaswani et al., 2017, and complex multiplication.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from helpers.exercises import exercise

BASE = 10_000.0


def _sizes(_generator: Generator) -> Iterator[tuple[int, int]]:
    # Small, and widths that are powers of two: a wave that is too fast then comes out alike in float32 and float64.
    yield from ((1, 2), (2, 2), (3, 4), (9, 4), (2, 8))


def _angles(length: int, width: int) -> Tensor:
    return torch.arange(length)[:, None] / BASE ** (torch.arange(0, width, 2) / width)


def _taking_turns(first: Tensor, second: Tensor) -> Tensor:
    return torch.stack([first, second], -1).flatten(-2)


@exercise(_sizes)
def sinusoidal_encoding(length: int, width: int) -> Float[Tensor, "length width"]:
    """Row t: the sine and the cosine of t · 10000^(−2i / width) for each pair i of dimensions."""
    turned = _angles(length, width)
    return _taking_turns(turned.sin(), turned.cos())


@sinusoidal_encoding.mistake
def cosine_first(length, width):
    """Your cosines stand where the sines should: which of the two is nought at the first position?"""
    turned = _angles(length, width)
    return _taking_turns(turned.cos(), turned.sin())


@sinusoidal_encoding.mistake
def in_halves(length, width):
    """All your sines come first and all cosines after them. Here they take turns, pair by pair."""
    turned = _angles(length, width)
    return torch.cat([turned.sin(), turned.cos()], -1)


@sinusoidal_encoding.mistake
def half_the_pace(length, width):
    """From pair to pair your waves slow down by too little. Does your exponent count pairs where it should count
    dimensions?"""
    turned = torch.arange(length)[:, None] / BASE ** (torch.arange(width // 2) / width)
    return _taking_turns(turned.sin(), turned.cos())


@sinusoidal_encoding.mistake
def each_its_own(length, width):
    """The sine and the cosine of a pair turn at different speeds in yours. A hand has one speed."""
    turned = torch.arange(length)[:, None] / BASE ** (torch.arange(width) / width)
    return torch.where(torch.arange(width) % 2 == 0, turned.sin(), turned.cos())


@sinusoidal_encoding.mistake
def from_one(length, width):
    """Your first row belongs to position one. Where does counting begin?"""
    return sinusoidal_encoding(length + 1, width)[1:]


@sinusoidal_encoding.mistake
def faster(length, width):
    """Your later hands turn faster and faster; they should be slower. Check the sign of an exponent."""
    turned = torch.arange(length)[:, None] * BASE ** (torch.arange(0, width, 2).double() / width)
    return _taking_turns(turned.sin(), turned.cos())


@sinusoidal_encoding.mistake
def one_speed(length, width):
    """All your pairs turn at one speed. Then positions a full turn apart look alike: what is to differ from pair to
    pair?"""
    turned = torch.arange(length)[:, None].expand(length, width // 2)
    return _taking_turns(turned.sin(), turned.cos())


@sinusoidal_encoding.mistake
def sines_only(length, width):
    """You have sines in every dimension. A sine alone does not tell on which side of its crest it is."""
    turned = _angles(length, width)
    return _taking_turns(turned.sin(), turned.sin())


def _vectors(generator: Generator) -> Iterator[tuple[Float[Tensor, "time width"]]]:
    yield (torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 2.0]]),)
    for time, width in ((1, 4), (2, 4), (5, 6), (30, 8)):
        yield (torch.randn(time, width, generator=generator),)


@exercise(_vectors)
def rotate_pairs(x: Float[Tensor, "time width"]) -> Float[Tensor, "time width"]:
    """Turn the pair (x[t, 2i], x[t, 2i + 1]) counter-clockwise by t · 10000^(−2i / width)."""
    return _turned(x, _angles(*x.shape))


def _turned(x: Tensor, angles: Tensor) -> Tensor:
    pairs = torch.view_as_complex(x.unflatten(-1, (-1, 2)).contiguous())
    return torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles)).flatten(-2)


@rotate_pairs.mistake
def clockwise(x):
    """You turn the other way round. Where should a quarter turn bring a vector that points along the first dimension of
    its pair?"""
    return _turned(x, -_angles(*x.shape))


@rotate_pairs.mistake
def pairs_of_halves(x):
    """You pair the first half of the dimensions with the second half. Some libraries do, but here neighbours are a
    pair."""
    half = x.shape[1] // 2
    mixed = _turned(_taking_turns(x[:, :half], x[:, half:]), _angles(*x.shape))
    return torch.cat([mixed[:, ::2], mixed[:, 1::2]], -1)


@rotate_pairs.mistake
def already_turned(x):
    """The first of each pair comes out right, the second does not. Did you overwrite the first before the second was
    made from it?"""
    y, angles = _turned(x, _angles(*x.shape)), _angles(*x.shape)
    return _taking_turns(y[:, ::2], y[:, ::2] * angles.sin() + x[:, 1::2] * angles.cos())


@rotate_pairs.mistake
def same_angle(x):
    """Every pair of yours turns by as much as the first. Later pairs are slower."""
    return _turned(x, torch.arange(len(x))[:, None].expand(-1, x.shape[1] // 2).float())


@rotate_pairs.mistake
def standing(x):
    """All your rows are turned alike. Each row has a position of its own."""
    return _turned(x, _angles(2, x.shape[1])[1:].expand(len(x), -1).contiguous())


@rotate_pairs.mistake
def counted_from_one(x):
    """Your first row has moved. It stands at position nought, which turns nothing."""
    return _turned(x, _angles(len(x) + 1, x.shape[1])[1:])


@rotate_pairs.mistake
def added(x):
    """You add the waves to x, as the sinusoidal encoding is. A rotation leaves the length of each pair as it is."""
    return x + sinusoidal_encoding(*x.shape)


@rotate_pairs.mistake
def slow_decay(x):
    """From pair to pair your rotation slows down by too little. Does your exponent count pairs where it should count
    dimensions?"""
    return _turned(x, torch.arange(len(x))[:, None] / BASE ** (torch.arange(x.shape[1] // 2) / x.shape[1]))


@rotate_pairs.mistake
def scaled(x):
    """You multiply by cosines only, so vectors shrink. Turning mixes the two dimensions of a pair."""
    return x * _angles(*x.shape).cos().repeat_interleave(2, -1)
