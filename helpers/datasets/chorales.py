"""Chorales of Bach to learn from: four voices, and at each sixteenth of each what sounds and whether it begins there.

364 of the 408 scores that music21's wheel carries have exactly four parts; 363 of them are used. They are compressed MusicXML,
read here and kept in the cache as arrays; music21 is not imported. Repeats stand once. Notebook: 06_transformers.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from fractions import Fraction
from functools import cache as remember
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np
from filelock import FileLock
from jaxtyping import Bool, Int16

from helpers.datasets.assets import AGAIN, ASSETS, AssetError, cache, explained, fetch, workspace

SOURCE = "bach.zip"
VOICES = ("soprano", "alto", "tenor", "bass")
LEFT_OUT = "bwv113.8"  # a file laid out differently from all others, which older counts of these chorales do not have
STEPS = 4  # of a quarter note
REST = -1
RECIPE = f"1 {ASSETS[SOURCE].sha256}"  # raise the number when what is read changes
SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


@dataclass(frozen=True, eq=False)
class Chorale:
    """A chorale on a grid of sixteenths; voices: soprano, alto, tenor, bass.

    pitch: MIDI numbers, -1 for a rest; onset: whether the note begins at this step, else it sounds on.
    """

    name: str
    pitch: Int16[np.ndarray, "step 4"]
    onset: Bool[np.ndarray, "step 4"]

    def __repr__(self) -> str:
        return f"Chorale({self.name}, {len(self.pitch)} sixteenths)"


class VoiceNote(NamedTuple):
    """A note of a chorale: onset and duration in quarter notes, MIDI pitch, and the voice, 0 (soprano) to 3 (bass)."""

    onset: float
    duration: float
    pitch: int
    voice: int


def load_chorales() -> list[Chorale]:
    """All 363 chorales in the order of their names, from the cache, which is made first. Raises AssetError as fetch does."""
    return list(_chorales())


def notes_of(chorale: Chorale) -> list[VoiceNote]:
    """The notes of a chorale, by onset, at the same onset from the soprano down.

    >>> held = Chorale("", np.int16([[72, 67, -1, 48], [72, 69, -1, 48]]), np.bool([[1, 1, 0, 1], [0, 1, 0, 0]]))
    >>> notes_of(held)[0], len(notes_of(held))
    (VoiceNote(onset=0.0, duration=0.5, pitch=72, voice=0), 4)
    """
    notes = []
    for voice in range(4):
        pitch, onset = chorale.pitch[:, voice], chorale.onset[:, voice]
        changes = np.flatnonzero(onset | (np.diff(pitch, prepend=REST) != 0))
        for a, b in zip(changes, [*changes[1:], len(pitch)]):
            if pitch[a] != REST:
                notes.append(VoiceNote(int(a) / STEPS, int(b - a) / STEPS, int(pitch[a]), voice))
    return sorted(notes, key=lambda note: (note.onset, note.voice))


@remember
def _chorales() -> tuple[Chorale, ...]:
    with np.load(build_chorales()) as kept:
        parts = [np.split(kept[name], np.cumsum(kept["steps"])[:-1]) for name in ("pitch", "onset")]
        return tuple(Chorale(str(name), pitch, onset) for name, pitch, onset in zip(kept["names"], *parts))


def build_chorales() -> Path:
    """The file of the chorales' arrays, made first if it is missing, damaged or of another recipe. Raises AssetError."""
    path = cache() / "chorales.npz"
    if not _built(path):
        source = fetch(SOURCE)
        with explained("the chorales"), FileLock(cache() / ".chorales.lock"):
            if not _built(path):
                with workspace(cache(), "chorales") as folder:
                    _write(read_chorales(source), folder / path.name)
                    (folder / path.name).replace(path)
    return path


def _built(path: Path) -> bool:
    try:
        with open(path, "rb") as file, np.load(file) as kept:
            return str(kept["recipe"]) == RECIPE
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return False


def _write(chorales: list[Chorale], path: Path):
    np.savez_compressed(
        path,
        recipe=RECIPE,
        names=[chorale.name for chorale in chorales],
        steps=[len(chorale.pitch) for chorale in chorales],
        pitch=np.concatenate([chorale.pitch for chorale in chorales]),
        onset=np.concatenate([chorale.onset for chorale in chorales]),
    )


def read_chorales(path: Path) -> list[Chorale]:
    """The scores of an archive that have exactly four parts, but LEFT_OUT. Raises AssetError, with the score's name."""
    chorales = []
    with _opened(path) as archive:
        for name in sorted(set(archive.namelist()) - {f"{LEFT_OUT}.mxl"}):
            try:
                chorale = read_score(archive.read(name), Path(name).stem)
            except (ValueError, KeyError, TypeError, zipfile.BadZipFile, ElementTree.ParseError) as error:
                raise AssetError(f"{path}: {name} cannot be read as a score ({error}). Remove the file, {AGAIN}.") from error
            chorales += [chorale] if chorale else []
    return chorales


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise AssetError(f"{path}: these chorales cannot be read ({error}). Remove the file, {AGAIN}.") from error


def read_score(data: bytes, name: str) -> Chorale | None:
    """A score in compressed MusicXML (the bytes of an .mxl file); None if it has not exactly four parts."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        container = ElementTree.fromstring(archive.read("META-INF/container.xml"))
        score = ElementTree.fromstring(archive.read(container.find(".//{*}rootfile").get("full-path")))
    if len(score.findall("part")) != len(VOICES):
        return None
    parts = [_notes(part) for part in score.findall("part")]
    steps = max(round(end * STEPS) for _, end in parts)
    pitch, onset = np.full((steps, 4), REST, np.int16), np.zeros((steps, 4), bool)
    for voice, (notes, _) in enumerate(parts):
        for start, end, midi, tied in notes:
            a = round(start * STEPS)
            pitch[a : max(a + 1, round(end * STEPS)), voice] = midi
            onset[a : a + 1, voice] = not tied
    return Chorale(name, pitch, onset)


def _notes(part: ElementTree.Element) -> tuple[list[tuple[Fraction, Fraction, int, bool]], Fraction]:
    """(start, end, MIDI pitch, whether it is tied to the one before) of each note of a part, and the part's end."""
    notes, time, divisions, transposed = [], Fraction(0), 1, 0
    for measure in part.iter("measure"):
        end = time
        for element in measure:
            if element.tag == "attributes":
                divisions = int(element.findtext("divisions", divisions))
                transposed = int(element.findtext("transpose/chromatic", transposed))
            elif element.tag == "backup":  # another line of the same part is written from here on
                time -= Fraction(int(element.findtext("duration")), divisions)
            elif element.tag == "forward" or (element.tag == "note" and element.find("grace") is None):
                length = Fraction(int(element.findtext("duration")), divisions)
                start = time - length if element.find("chord") is not None else time  # a chord's notes begin together
                time = start + length
                end = max(end, time)
                if element.find("pitch") is not None:
                    tied = any(tie.get("type") == "stop" for tie in element.findall("tie"))
                    notes.append((start, time, _midi(element.find("pitch")) + transposed, tied))
        time = end
    return notes, time


def _midi(pitch: ElementTree.Element) -> int:
    alter = int(float(pitch.findtext("alter", 0)))
    return 12 * (int(pitch.findtext("octave")) + 1) + SEMITONES[pitch.findtext("step")] + alter
