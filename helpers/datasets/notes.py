"""Notes to learn from: their log-mel pictures, instrument families and sounds, and ways to divide them.

`load_notes("train")` opens the notes that `make data` rendered; `load_notes(folder)` opens the real NSynth. What a test
score means depends on how training and test notes were divided: see the splits below. Notebook: 04_cnns.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float, Float16, Int
from torch import Tensor

from helpers.datasets.assets import AssetError
from helpers.datasets.instruments import FAMILIES, SAME_RECORDINGS, instruments
from helpers.datasets.nsynth import mels, read_records, read_wav, wav_path
from helpers.datasets.recipe import SPLITS, built, folder_of

Index = int | np.integer | slice | list | np.ndarray | Tensor
Value = int | np.integer | str | Iterable | Tensor
COLUMNS = ("family", "pitch", "velocity", "instrument")
PITCH_CLASSES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


@dataclass(frozen=True, eq=False)
class Notes:
    """A set of notes: index it by a number, a slice, a mask or a list of numbers, and join two with +.

    family: 0 to 10, see FAMILIES; pitch: MIDI; instrument: NSynth's number; titles: a name for each instrument.
    """

    half: Float16[Tensor, "note 64 64"]
    family: Int[Tensor, "note"]
    pitch: Int[Tensor, "note"]
    velocity: Int[Tensor, "note"]
    instrument: Int[Tensor, "note"]
    paths: np.ndarray = field(repr=False)
    titles: dict[int, str] = field(repr=False)

    @cached_property
    def mel(self) -> Float[Tensor, "note 64 64"]:
        """Log-mel pictures in [0, 1], float32: row 0 the lowest band, a column every 62.5 ms."""
        return self.half.float()

    @property
    def names(self) -> list[str]:
        """NSynth's note_str of each note, for instance 'bass_synthetic_033-028-050'."""
        return [Path(path).stem for path in self.paths]

    def __len__(self) -> int:
        return len(self.family)

    def __repr__(self) -> str:
        return f"Notes({len(self):,} notes, {len(self.instrument.unique())} instruments)"

    def __getitem__(self, index: Index) -> "Notes":
        if not isinstance(index, slice):
            index = torch.as_tensor(index)
            index = index if index.numel() else index.long()
        at = torch.arange(len(self))[index].reshape(-1)
        columns = (getattr(self, column)[at] for column in COLUMNS)
        return Notes(self.half[at], *columns, self.paths[at.numpy()], self.titles)

    def __add__(self, other: "Notes") -> "Notes":
        for i in self.titles.keys() & other.titles.keys():
            if self.titles[i] != other.titles[i]:
                raise ValueError(
                    f"instrument {i} is {self.titles[i]} on the left and {other.titles[i]} on the right; "
                    "these sets number their instruments differently and cannot be joined"
                )
        joined = (torch.cat([getattr(self, name), getattr(other, name)]) for name in ("half", *COLUMNS))
        return Notes(*joined, np.concatenate([self.paths, other.paths]), self.titles | other.titles)

    def where(self, **wanted: Value) -> "Notes":
        """The notes whose columns have the wanted values: where(velocity=100, family="bass", pitch=range(40, 60))."""
        mask = torch.ones(len(self), dtype=torch.bool)
        for column, values in wanted.items():
            if column not in COLUMNS:
                raise ValueError(f"notes have no {column!r}; choose by {', '.join(COLUMNS)}")
            mask &= torch.isin(getattr(self, column), _numbers(values))
        return self[mask]

    def audio(self, i: int) -> Float[Tensor, "64000"]:
        """The sound of note i, four seconds at 16 kHz. Raises ValueError, with the file, if it cannot be read."""
        try:
            return torch.from_numpy(read_wav(self.paths[i]))
        except ValueError as error:
            raise ValueError(f"{Path(self.paths[i]).name}: {error}") from error

    def label(self, i: int) -> str:
        """A note in words, for instance 'bass: Electric Bass (finger), E1, velocity 50'."""
        pitch, velocity = int(self.pitch[i]), int(self.velocity[i])
        name = f"{PITCH_CLASSES[pitch % 12]}{pitch // 12 - 1}"
        return f"{FAMILIES[self.family[i]]}: {self.titles[int(self.instrument[i])]}, {name}, velocity {velocity}"


def _numbers(values: Value) -> Int[Tensor, "value"]:
    if isinstance(values, Tensor):
        return values.reshape(-1)
    listed = [values] if isinstance(values, int | np.integer | str) else list(values)
    unknown = [name for name in listed if isinstance(name, str) and name not in FAMILIES]
    if unknown:
        raise ValueError(f"there is no family {unknown[0]!r}; there are {', '.join(FAMILIES)}")
    return torch.tensor([FAMILIES.index(v) if isinstance(v, str) else int(v) for v in listed], dtype=torch.long)


def load_notes(folder: str | os.PathLike = "train", on_error: str = "raise") -> Notes:
    """Notes of one of our splits ("train", "valid", "test"), or of any folder in NSynth's format.

    The first time a folder is opened its log-mels are made and cached. Bad records are named one by one in one
    ValueError, or with on_error="skip" left out and counted. Raises AssetError if our notes are not built.
    """
    if on_error not in ("raise", "skip"):
        raise ValueError(f'on_error is {on_error!r}; it is "raise" or "skip"')
    path = folder_of(folder) if folder in SPLITS else Path(folder)
    if folder in SPLITS and not built():
        raise AssetError(f"{path} is not built. Run `make data` (or `python -m helpers.datasets`); it takes a minute.")
    records, bad = read_records(path)
    pictures, unheard = mels(path, records) if records else (np.zeros((0, 64, 64), np.float16), [])
    _report(path, bad + unheard, len(records) + len(bad), on_error)
    notes = _notes(path, records, pictures)
    return notes[~torch.isnan(notes.half[:, 0, 0])] if unheard else notes


def _report(path: Path, bad: list[str], total: int, on_error: str):
    if bad and on_error == "raise":
        counted = f'{path}: {len(bad):,} of {total:,} records are bad. Mend them, or pass on_error="skip".'
        raise ValueError("\n  ".join([counted, *bad]))
    if bad:
        print(f"Skipped {len(bad):,} of {total:,} records in {path}; the first: {bad[0]}")


def _notes(path: Path, records: list[dict], pictures: Float16[np.ndarray, "note 64 64"]) -> Notes:
    def column(key):
        return torch.tensor([record[key] for record in records], dtype=torch.long)

    family = torch.tensor([FAMILIES.index(r["instrument_family_str"]) for r in records], dtype=torch.long)
    paths = np.array([str(wav_path(path, r["note_str"])) for r in records], dtype=object)
    titles = {r["instrument"]: r.get("program_name", r["instrument_str"]) for r in records}
    columns = column("pitch"), column("velocity"), column("instrument")
    return Notes(torch.from_numpy(pictures), family, *columns, paths, titles)


def split_random(notes: Notes, part: float = 0.25, seed: int = 0) -> tuple[Notes, Notes]:
    """(train, test): any note may be held out. With both velocities in, most test notes have a twin in training."""
    order = torch.randperm(len(notes), generator=torch.Generator().manual_seed(seed))
    return _divide(notes, torch.isin(torch.arange(len(notes)), order[: round(part * len(notes))]))


def split_pitch(notes: Notes, every: int = 4) -> tuple[Notes, Notes]:
    """(train, test): every fourth pitch of each instrument is held out, at all velocities."""
    held = torch.zeros(len(notes), dtype=torch.bool)
    for instrument in notes.instrument.unique():
        mine = notes.instrument == instrument
        held |= mine & torch.isin(notes.pitch, notes.pitch[mine].unique()[every // 2 :: every])
    return _divide(notes, held)


def split_octave(notes: Notes) -> tuple[Notes, Notes]:
    """(train, test): the highest twelve semitones of each instrument are held out, at all velocities."""
    held = torch.zeros(len(notes), dtype=torch.bool)
    for instrument in notes.instrument.unique():
        mine = notes.instrument == instrument
        held |= mine & (notes.pitch > notes.pitch[mine].max() - 12)
    return _divide(notes, held)


def split_instrument(notes: Notes) -> tuple[Notes, Notes]:
    """(train, test): the documented split, by instrument: notes from a folder nsynth-test are the test.

    Raises ValueError unless there are notes of both sides: give load_notes("train") + load_notes("test").
    """
    held = torch.tensor([Path(path).parts[-3] == "nsynth-test" for path in notes.paths], dtype=torch.bool)
    if held.all() or not held.any():
        raise ValueError('all notes are from one side of the split; give load_notes("train") + load_notes("test")')
    return _divide(notes, held)


def same_recordings(notes: Notes) -> Bool[Tensor, "note"]:
    """Which of our notes are of a test instrument that the font plays from a training instrument's recordings.

    Such an instrument has a name of its own but no recordings of its own: Viola plays those of Violin.
    """
    borrowed = [i for i in instruments() if i.program in SAME_RECORDINGS]
    ours = [i.index for i in borrowed if notes.titles.get(i.index) == i.name]  # the real NSynth numbers others so
    return torch.isin(notes.instrument, torch.tensor(ours, dtype=torch.long))


def split_fold(notes: Notes, fold: int, folds: int = 5, seed: int = 0) -> tuple[Notes, Notes]:
    """(train, test): one of `folds` random groups of instruments is the test; every instrument is in one group.

    No group swallows a family whole, so training has an instrument of each. Raises ValueError if a family has only one.
    """
    if not 0 <= fold < folds:
        raise ValueError(f"fold is {fold}; it is 0 to {folds - 1}")
    instruments = notes.instrument.unique()
    family = torch.stack([notes.family[notes.instrument == i][0] for i in instruments])
    if (family.bincount() == 1).any():
        lonely = FAMILIES[int((family.bincount() == 1).nonzero()[0])]
        raise ValueError(f"{lonely} has one instrument; folds need one to train on and one to test. Leave {lonely} out.")
    random = torch.Generator().manual_seed(seed)
    while True:
        group = torch.empty(len(instruments), dtype=torch.long)
        group[torch.randperm(len(instruments), generator=random)] = torch.arange(len(instruments)) % folds
        if all(len(group[family == f].unique()) > 1 for f in family.unique()):
            return _divide(notes, torch.isin(notes.instrument, instruments[group == fold]))


def _divide(notes: Notes, held: Bool[Tensor, "note"]) -> tuple[Notes, Notes]:
    return notes[~held], notes[held]
