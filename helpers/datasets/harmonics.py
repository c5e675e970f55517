"""Notes as pictures of their harmonics, small enough to generate and simple enough to hear.

A picture has 24 rows, the harmonics of a note (row 0 the fundamental), and 32 columns, its first second. A cell is the level
of a harmonic at a moment: 1 is the note's loudest cell, 0 is 60 dB below it or less. Pitch is left out, so that what is
learned is timbre, and any picture can be played at any pitch: `sound` adds up sines. What lies between the harmonics (breath,
the knock of a hammer, the bent partials of a bell) is counted to the nearest harmonic and comes back as one. Notebooks: 07,
07a, 07b, 07c.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from helpers.audio import RATE, fade, hertz
from helpers.datasets.notes import FAMILIES, Notes, load_notes, same_recordings

ROWS, COLUMNS = 24, 32
PITCHES = range(40, 65)  # the highest is 330 Hz: its 24th harmonic is still below half the sampling rate
RANGE_DB = 60.0
WINDOW, HOP = 1024, RATE // COLUMNS  # samples: 64 ms, one every 31.25 ms
MARGIN = (WINDOW - HOP) // 2  # samples that the first window sees before the sound, and the last beyond its first second
LOUDEST = 0.1  # amplitude of a sine whose cell is 1: 24 of them at once do not clip


@dataclass(frozen=True, eq=False)
class Harmonics:
    """Pictures with what is known of the note each was made from. family: 0 to 10, as in instruments.FAMILIES; pitch: MIDI."""

    picture: Float[Tensor, "note 24 32"]
    family: Int[Tensor, "note"]
    pitch: Int[Tensor, "note"]
    notes: Notes

    def __len__(self) -> int:
        return len(self.family)

    def __getitem__(self, index: slice | Tensor) -> Harmonics:
        return Harmonics(self.picture[index], self.family[index], self.pitch[index], self.notes[index])

    def label(self, i: int) -> str:
        """A note in words, for instance 'bass: Acoustic Bass, E2'."""
        return self.notes.label(i).rsplit(",", 1)[0]


@cache
def load_harmonics(split: str = "train") -> Harmonics:
    """The notes of a split ("train", "valid", "test": no instrument is in two of them) at pitches 40 to 64, in a fixed order.

    "new" are the notes of "test" with recordings of their own: all others there are played from a training instrument's
    recordings, so that whoever learned that one has heard them. Raises AssetError as load_notes does.
    """
    if split == "new":
        test = load_harmonics("test")
        return test[~same_recordings(test.notes)]
    notes = load_notes(split).where(velocity=100, pitch=PITCHES)
    waves = torch.stack([notes.audio(i)[: RATE + MARGIN] for i in range(len(notes))])
    pictures = torch.cat([analyse(x, p) for x, p in zip(waves.split(64), notes.pitch.split(64))])
    return Harmonics(pictures, notes.family, notes.pitch, notes)


def unheard(family: str) -> Harmonics:
    """The notes of a family that no model learned from: those of "new", of "valid" where it has none (the strings)."""
    mine = (notes[notes.family == FAMILIES.index(family)] for notes in map(load_harmonics, ("new", "valid")))
    return next(notes for notes in mine if len(notes))


@cache
def held_out() -> dict[str, Harmonics]:
    """By family one note that no model learned from: the middle one of the first instrument of `unheard`."""
    found = {}
    for family in FAMILIES:
        mine = unheard(family)
        mine = mine[mine.notes.instrument == mine.notes.instrument[0]]
        found[family] = mine[len(mine) // 2 : len(mine) // 2 + 1]
    return found


def analyse(x: Float[Tensor, "note time"], pitch: Int[Tensor, "note"]) -> Float[Tensor, "note 24 32"]:
    """The picture of the first second of each sound at 16 kHz, given its MIDI pitch.

    The energy of a spectrum's bins between (h - 1/2) f and (h + 1/2) f is harmonic h's, whatever the tuning. Raises
    ValueError for a silent sound, one shorter than a second, and a pitch outside 40 to 64.
    """
    if x.shape[1] < RATE:
        raise ValueError(f"x has {x.shape[1]:,} samples; a picture is of one second, {RATE:,}. Pad it with silence.")
    low, high = int(pitch.min()), int(pitch.max())
    if low < PITCHES[0] or high > PITCHES[-1]:
        raise ValueError(f"pitches go from {low} to {high}; a picture can be made from {PITCHES[0]} to {PITCHES[-1]}.")
    frequency = torch.tensor([hertz(int(p)) for p in pitch])
    x = F.pad(x, (MARGIN, RATE + MARGIN - x.shape[1]))  # cuts where it is negative
    window = torch.hann_window(WINDOW)
    power = torch.stft(x, WINDOW, HOP, window=window, center=False, return_complex=True).abs() ** 2  # (note, 513, 32)
    harmonic = (
        (torch.arange(power.shape[1]) * RATE / WINDOW / frequency[:, None] + 0.5).floor().long()
    )  # (note, 513): 0 below f / 2
    energy = torch.zeros(len(x), max(int(harmonic.max()) + 1, ROWS + 1), power.shape[2])
    energy = energy.scatter_add(1, harmonic[:, :, None].expand_as(power), power)[:, 1 : ROWS + 1]
    loudest = energy.amax((1, 2), keepdim=True)
    if (loudest == 0).any():
        raise ValueError("a sound is silent: it has no harmonics. Leave it out.")
    return (1 + 10 * torch.log10(energy / loudest) / RANGE_DB).clamp(0, 1)


def sound(picture: Float[Tensor, "24 column"], pitch: float = 52, seconds: float = 1.0) -> Float[Tensor, "time"]:
    """A picture played at a MIDI pitch, 16 kHz: the sum of its harmonics' sines below 8 kHz, always at the same level.

    Each sine's amplitude goes evenly from column to column; a cell of 0 is silent. seconds stretches the whole; several
    pictures side by side are played without a gap. Raises ValueError for cells beyond [0, 1].
    """
    low, high = float(picture.min()), float(picture.max())
    if not (0 <= low and high <= 1):
        raise ValueError(f"the picture goes from {low:.2f} to {high:.2f}; its cells are in [0, 1]. Clamp it.")
    amplitude = 10 ** (RANGE_DB / 20 * (picture - 1)) * (picture > 0)
    samples = round(seconds * RATE)
    envelope = F.interpolate(amplitude[None], samples, mode="linear")[0]  # (24, time)
    h = torch.arange(1, ROWS + 1, dtype=torch.float64)[:, None]
    turns = hertz(pitch) / RATE * torch.arange(samples, dtype=torch.float64)
    phase = torch.pi * h * (h - 1) / ROWS  # Schroeder, 1970: the sines' peaks come one after the other
    sines = torch.sin(2 * torch.pi * h * turns - phase).float() * (h * hertz(pitch) < RATE / 2)
    return LOUDEST * (envelope * sines).sum(0).float() * fade(samples, 0.005)
