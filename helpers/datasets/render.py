"""Notes rendered from a SoundFont, in NSynth's format: four seconds, 16 kHz, mono, 16 bit, the key held for three.

Each General MIDI program becomes a short MIDI file of single notes; midirenderer (RustySynth) plays it at 48 kHz; it is
brought to 16 kHz and cut into notes, and each note is brought to the same peak: else level gives the family away.
"""

import io
import json
import multiprocessing
import os
import threading
import wave
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import mido
import numpy as np
import torch
import torch.nn.functional as F
from filelock import FileLock
from jaxtyping import Float, Int16
from torch import Tensor

from helpers.audio import RATE, convert, fade, log_mel
from helpers.datasets.assets import AGAIN, AssetError, cache, explained, fetch, workspace
from helpers.datasets.instruments import FAMILIES, Instrument, instruments
from helpers.datasets.nsynth import store, wav_path
from helpers.datasets.progress import progress
from helpers.datasets.recipe import FONT, LOUD, RECIPE, SOFT, SOFT_EVERY, SPLITS, built

HELD, KEPT, SLOT = 3.0, 4.0, 4.1  # seconds: key down, kept of the note, from one note to the next
PEAK, SILENT = 0.9, 1e-3


def build_notes() -> Path:
    """The folder of our notes (nsynth-train, -valid, -test), rendered first if it is missing or of another recipe.

    It is made under another name and renamed when whole; other processes wait. Raises AssetError, as fetch does.
    """
    folder = cache() / "notes"
    if built():
        return folder
    font = fetch(FONT)
    with explained("the notes"), FileLock(cache() / ".notes.lock"):
        if not built():
            with workspace(cache(), "notes") as part:
                write_notes(part / "notes", font, instruments())
                if folder.exists():
                    os.replace(folder, part / "old")
                os.replace(part / "notes", folder)
    return folder


def write_notes(folder: Path, font: Path, chosen: list[Instrument], processes: int | None = None):
    """Render instruments into nsynth-train, -valid and -test inside `folder`, on as many processes as cores."""
    for split in SPLITS:
        (folder / f"nsynth-{split}" / "audio").mkdir(parents=True)
    made = {}
    jobs = _finished(folder, font, chosen, processes or _cores())
    for index, records, pictures in progress(jobs, len(chosen), "Notes, instrument by instrument"):
        made[index] = records, pictures
    for split in SPLITS:
        parts = [made[i.index] for i in chosen if i.split == split]
        _write_split(folder / f"nsynth-{split}", [r for records, _ in parts for r in records], [p for _, p in parts])
    (folder / "recipe.json").write_text(json.dumps(RECIPE))


def _write_split(folder: Path, records: list[dict], pictures: list[Float[np.ndarray, "_ 64 64"]]):
    for number, record in enumerate(records):
        record["note"] = number
    (folder / "examples.json").write_text(json.dumps({r["note_str"]: r for r in records}, indent=1))
    if records:
        store(folder, records, np.concatenate(pictures))


def _cores() -> int:
    mine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(8, mine)


def _finished(folder: Path, font: Path, chosen: list[Instrument], processes: int) -> Iterator[tuple]:
    # midirenderer holds Python's lock while it plays, so threads don't help; forks don't mix with torch's threads
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _start_worker) as pool:
        try:
            for job in as_completed([pool.submit(_write_instrument, folder, font, i) for i in chosen]):
                yield job.result()
        except BrokenProcessPool as error:
            raise AssetError(f"the notes: a worker process died; is memory short (2 GB)? Make room, {AGAIN}.") from error
        finally:
            pool.shutdown(cancel_futures=True)


def _start_worker():
    torch.set_num_threads(1)
    parent = multiprocessing.parent_process()
    # a parent that is killed outright takes its workers with it
    threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()


def _write_instrument(folder: Path, font: Path, instrument: Instrument) -> tuple:
    soft = tuple(pitch for pitch in instrument.pitches if pitch % SOFT_EVERY == 0)
    played = [
        (velocity, pitch, x)
        for velocity, pitches in ((SOFT, soft), (LOUD, instrument.pitches))
        if pitches
        for pitch, x in zip(pitches, render(font.read_bytes(), instrument.program, pitches, velocity))
    ]
    silent = {pitch for _, pitch, x in played if x.abs().max() <= SILENT}
    heard = sorted((note for note in played if note[1] not in silent), key=lambda note: (note[1], note[0]))
    records = [record_of(instrument, pitch, velocity) for velocity, pitch, _ in heard]
    sounds = [to_peak(x) for _, _, x in heard]
    for record, sound in zip(records, sounds):
        write_wav(wav_path(folder / f"nsynth-{instrument.split}", record["note_str"]), sound)
    x = torch.from_numpy(np.stack(sounds).astype(np.float32) / 32768)  # as it will be read back
    return instrument.index, records, log_mel(x).numpy().astype(np.float16)


def render(font: bytes, program: int, pitches: tuple[int, ...], velocity: int) -> Float[Tensor, "note 64000"]:
    """All pitches of one program as the synthesiser makes them, at its own level; a pitch the font lacks is silent.

    font: the bytes of an SF2 file. Raises AssetError where midirenderer is not installed.
    """
    try:
        from midirenderer import render_wave_from
    except ImportError as error:
        raise AssetError(
            "the notes: midirenderer is not installed; it has wheels for Linux x86_64, macOS and Windows. "
            "Run `pip install midirenderer`; elsewhere copy data/cache/notes from such a machine, or give load_notes "
            "a folder of the real NSynth."
        ) from error

    with wave.open(io.BytesIO(render_wave_from(font, midi_file(program, pitches, velocity)))) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels())
        x = convert(torch.from_numpy(samples.T.astype(np.float32) / 32768), file.getframerate())
    slot, kept = round(SLOT * RATE), round(KEPT * RATE)
    x = F.pad(x, (0, max(0, slot * len(pitches) - len(x))))[: slot * len(pitches)]
    return x.reshape(len(pitches), slot)[:, :kept] * fade(kept, last_only=True)


def midi_file(program: int, pitches: tuple[int, ...], velocity: int) -> bytes:
    """A MIDI file that plays each pitch on its own, one every 4.1 s, dry and at full channel volume."""
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=500_000)])  # 120 beats a minute
    for control, value in ((91, 0), (93, 0), (7, 127)):  # reverb, chorus, volume
        track.append(mido.Message("control_change", control=control, value=value))
    track.append(mido.Message("program_change", program=program))
    for pitch in pitches:
        track.append(mido.Message("note_on", note=pitch, velocity=velocity))
        track.append(mido.Message("note_off", note=pitch, time=_ticks(HELD)))
        # all sound off: a long release must not reach into the next note
        track.append(mido.Message("control_change", control=120, time=_ticks(KEPT + 0.02 - HELD)))
        track.append(mido.MetaMessage("marker", text="", time=_ticks(SLOT - KEPT - 0.02)))
    file = io.BytesIO()
    mido.MidiFile(ticks_per_beat=480, tracks=[track]).save(file=file)
    return file.getvalue()


def _ticks(seconds: float) -> int:
    return round(seconds * 960)  # 480 a beat, two beats a second


def to_peak(x: Float[Tensor, "time"]) -> Int16[np.ndarray, "time"]:
    """A note at 16 bit, its loudest sample at 0.9."""
    return np.round((PEAK * 32767 * x / x.abs().max()).numpy()).astype(np.int16)


def write_wav(path: Path, samples: Int16[np.ndarray, "time"]):
    """Write a mono 16-bit note at 16 kHz, with the standard library alone: a GPU node has no soundfile."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, len(samples), "NONE", ""))
        file.writeframes(samples.astype("<i2").tobytes())


def record_of(instrument: Instrument, pitch: int, velocity: int) -> dict:
    """NSynth's metadata of a note, with its General MIDI program; `note` is set when its split is written."""
    return {
        "note": 0,
        "note_str": f"{instrument.label}-{pitch:03d}-{velocity:03d}",
        "instrument": instrument.index,
        "instrument_str": instrument.label,
        "instrument_family": FAMILIES.index(instrument.family),
        "instrument_family_str": instrument.family,
        "instrument_source": 2,
        "instrument_source_str": "synthetic",
        "pitch": pitch,
        "velocity": velocity,
        "sample_rate": RATE,
        "qualities": [0] * 10,
        "qualities_str": [],
        "program": instrument.program,
        "program_name": instrument.name,
    }
