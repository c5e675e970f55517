"""NSynth's format on disk: a folder with examples.json and audio/<note_str>.wav, read with every bad record named.

Works the same on our rendered notes and on the real NSynth (289,205 training notes): audio is read a chunk at a time,
turned into log-mel pictures and cached as float16, so that a folder opens at once the second time.
After Engel et al., NSynth, 2017.
"""

import hashlib
import json
import os
import re
import wave
from pathlib import Path

import numpy as np
import torch
from filelock import FileLock
from jaxtyping import Float16, Float32

from helpers.audio import RATE, log_mel
from helpers.datasets.assets import cache, explained
from helpers.datasets.instruments import FAMILIES
from helpers.datasets.progress import progress

SAMPLES = 4 * RATE
RECIPE = "log_mel 1"  # raise it when helpers.audio.log_mel changes: the pictures are then made anew
CHUNK = 64
NEEDED = ("note_str", "instrument", "instrument_str", "instrument_family_str", "pitch", "velocity")


def read_records(folder: Path) -> tuple[list[dict], list[str]]:
    """The usable records of a folder's examples.json, in its order, and one line about each that is not.

    Raises FileNotFoundError if there is no examples.json.
    """
    path = Path(folder) / "examples.json"
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such file. An NSynth folder holds examples.json and audio/*.wav.")
    entries, bad = _entries(path.read_text(encoding="utf-8", errors="replace"))
    sizes = _sizes(path.parent / "audio")
    good = []
    for name, record in entries.items():
        fault = _fault(name, record, sizes)
        if fault:
            bad.append(f"{name}: {fault}")
        else:
            good.append(record)
    return good, bad


def _entries(text: str) -> tuple[dict[str, object], list[str]]:
    try:
        entries = json.loads(text)
    except json.JSONDecodeError as error:
        cut = f"examples.json: not whole, at line {error.lineno} ({error.msg}). Copy or unpack it again."
        return _whole_entries(text), [cut]
    if not isinstance(entries, dict):
        return {}, [f"examples.json: holds a {type(entries).__name__}; NSynth's is an object, note_str -> record."]
    return entries, []


def _whole_entries(text: str) -> dict[str, object]:
    """The records before the place where a JSON text breaks off."""
    decoder, entries = json.JSONDecoder(), {}
    key = re.compile(r'\s*[{,]\s*"([^"]+)"\s*:\s*').match(text)
    while key:
        try:
            entries[key[1]], end = decoder.raw_decode(text, key.end())
        except json.JSONDecodeError:
            break
        key = re.compile(r'\s*,\s*"([^"]+)"\s*:\s*').match(text, end)
    return entries


def _fault(name: str, record: object, sizes: dict[str, int]) -> str | None:
    if not isinstance(record, dict):
        return f"the record is {record!r}; NSynth's is an object."
    missing = [key for key in NEEDED if key not in record]
    if missing:
        return f"the record lacks {', '.join(missing)}."
    family = record["instrument_family_str"]
    if family not in FAMILIES:
        return f"unknown family {family!r}; NSynth's are {', '.join(FAMILIES)}."
    if record["note_str"] != name:
        return f"note_str is {record['note_str']!r}; it must be the record's key."
    wrong = [key for key in ("instrument", "pitch", "velocity") if not isinstance(record[key], int)]
    if wrong:
        return f"{wrong[0]} is {record[wrong[0]]!r}; it must be a whole number."
    if f"{name}.wav" not in sizes:
        return f"audio/{name}.wav is missing."
    return None


def _sizes(audio: Path) -> dict[str, int]:
    if not audio.is_dir():
        return {}
    with os.scandir(audio) as files:
        return {file.name: file.stat().st_size for file in files}


def wav_path(folder: Path, name: str) -> Path:
    """Where a note's sound lies."""
    return Path(folder) / "audio" / f"{name}.wav"


def read_wav(path: str | os.PathLike) -> Float32[np.ndarray, "64000"]:
    """A note's samples in [-1, 1), by the standard library alone.

    Raises ValueError if it is not mono, 16 bit, 16 kHz and four seconds long, or holds nothing but zeros.
    """
    try:
        with wave.open(os.fspath(path)) as file:
            channels, width, rate, _ = file.getparams()[:4]
            data = file.readframes(SAMPLES + 1)
    except (wave.Error, EOFError) as error:
        raise ValueError(f"not a whole WAV file ({error or 'it ends in its header'}). Copy it again.") from error
    except OSError as error:
        raise ValueError(f"it cannot be read ({error.strerror}).") from error
    if (channels, width, rate) != (1, 2, RATE):
        raise ValueError(
            f"{channels} channel{'s' * (channels > 1)} of {8 * width} bit at {rate:,} Hz; NSynth notes are mono, "
            f"16 bit at {RATE:,} Hz. Convert it with helpers.audio.own_sound and save."
        )
    if len(data) != 2 * SAMPLES:
        raise ValueError(f"{len(data) // 2:,} samples; NSynth notes have {SAMPLES:,}. Truncated? Copy it again.")
    x = np.frombuffer(data, "<i2")
    if not x.any():
        raise ValueError("silent; a picture in decibels needs some sound.")
    return x.astype(np.float32) / 32768


def mels(folder: Path, records: list[dict]) -> tuple[Float16[np.ndarray, "note 64 64"], list[str]]:
    """Log-mel pictures of the records, from the cache if they are there, and one line about each bad sound.

    The picture of a bad sound is NaN. A build that was interrupted goes on where it stopped.
    """
    path = _cached(folder, records)
    if not path.exists():
        with explained("the log-mel pictures"):
            path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(path.with_suffix(".lock")):
                if not path.exists():  # another process may have made them while we waited
                    _make(folder, records, path)
    pictures = np.load(path, mmap_mode="c")
    bad = [records[i]["note_str"] for i in np.flatnonzero(np.isnan(pictures[:, 0, 0]))]
    return pictures, [f"{name}: {_heard(wav_path(folder, name))[1]}" for name in bad]


def store(folder: Path, records: list[dict], pictures: Float16[np.ndarray, "note 64 64"]):
    """Put pictures that are known already into a folder's cache, in one step."""
    path = _cached(folder, records)
    part = path.with_suffix(".part")
    with open(part, "wb") as file:
        np.save(file, pictures)
    os.replace(part, path)


def _cached(folder: Path, records: list[dict]) -> Path:
    """The cache of exactly these notes by exactly this recipe: beside them, or in data/cache if they are read-only."""
    sizes = _sizes(Path(folder) / "audio")
    notes = [(r["note_str"], sizes.get(f"{r['note_str']}.wav")) for r in records]
    key = hashlib.sha256(json.dumps([RECIPE, notes]).encode()).hexdigest()[:12]
    beside = Path(folder) / f"mels-{key}.npy"
    return beside if beside.exists() or os.access(folder, os.W_OK) else cache() / "mels" / beside.name


def _make(folder: Path, records: list[dict], path: Path):
    part = path.with_suffix(".part")
    pictures = _open(part, (len(records), 64, 64))
    todo = [s for s in range(0, len(records), CHUNK) if not pictures[s : s + CHUNK][-1].any()]  # no made row is all 0
    for start in progress(todo, len(todo), f"Log-mels of {Path(folder).name}, {CHUNK} notes each"):
        chunk = records[start : start + CHUNK]
        pictures[start : start + CHUNK] = _pictures([wav_path(folder, r["note_str"]) for r in chunk])
    pictures.flush()
    del pictures  # closed, so that it can be renamed everywhere
    os.replace(part, path)
    for old in set(Path(folder).glob("mels-*.npy")) - {path}:  # of other notes or another recipe
        old.unlink(missing_ok=True)


def _open(part: Path, shape: tuple[int, int, int]) -> np.memmap:
    try:
        pictures = np.lib.format.open_memmap(part, mode="r+")
        if pictures.shape == shape and pictures.dtype == np.float16:
            return pictures
    except (OSError, ValueError):
        pass  # there is none to go on with, or it broke off in its header
    return np.lib.format.open_memmap(part, mode="w+", dtype=np.float16, shape=shape)


def _pictures(paths: list[Path]) -> Float16[np.ndarray, "note 64 64"]:
    sounds = [_heard(path)[0] for path in paths]
    good = [i for i, x in enumerate(sounds) if x is not None]
    pictures = np.full((len(paths), 64, 64), np.nan, np.float16)
    if good:
        pictures[good] = log_mel(torch.from_numpy(np.stack([sounds[i] for i in good]))).numpy()
    return pictures


def _heard(path: Path) -> tuple[Float32[np.ndarray, "64000"] | None, str]:
    """The sound, or None and what is wrong with it."""
    try:
        return read_wav(path), ""
    except ValueError as error:
        return None, f"audio/{path.name}: {error}"
