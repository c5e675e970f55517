"""Notes: rendered, written and read in NSynth's format, with every fault named, and divided as they say."""

import errno
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
import wave
from collections import Counter
from dataclasses import replace
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile
import torch

from helpers import audio
from helpers.audio import RATE, hertz, log_mel
from helpers.datasets import assets, nsynth, recipe, render
from helpers.datasets import notes as notes_module
from helpers.datasets.assets import AssetError
from helpers.datasets.instruments import FAMILIES, PROGRAMS, RANGES, SAME_RECORDINGS, TEST, VALID, instruments, split_of
from helpers.datasets.notes import (
    load_notes,
    same_recordings,
    split_fold,
    split_instrument,
    split_octave,
    split_pitch,
    split_random,
)
from tests.datasets.soundfont import recordings

ROOT = Path(assets.__file__).resolve().parents[2]
REAL = {  # a record as NSynth has it
    "qualities": [0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
    "pitch": 22,
    "note": 201034,
    "instrument_source_str": "electronic",
    "velocity": 100,
    "instrument_str": "bass_electronic_018",
    "instrument": 417,
    "sample_rate": 16000,
    "qualities_str": ["dark"],
    "instrument_source": 1,
    "note_str": "bass_electronic_018-022-100",
    "instrument_family": 0,
    "instrument_family_str": "bass",
}
DARK = {"organ_electronic_000-060-100": ("organ", 6, 1000), "vocal_acoustic_003-072-025": ("vocal", 10, 7)}


def sound(pitch: int) -> np.ndarray:
    return audio.tone(hertz(pitch), 4, harmonics=3).numpy()


def record(name: str, family: str, number: int, instrument: int) -> dict:
    label, pitch, velocity = name.split("-")
    changes = {"note_str": name, "instrument_str": label, "instrument": instrument, "pitch": int(pitch)}
    changes |= {"velocity": int(velocity), "instrument_family": number, "instrument_family_str": family}
    return REAL | changes


@pytest.fixture
def folder(tmp_path):
    """A folder as NSynth's archives unpack, written with soundfile and json alone: three notes."""
    records = {REAL["note_str"]: REAL} | {name: record(name, *facts) for name, facts in DARK.items()}
    (tmp_path / "nsynth" / "audio").mkdir(parents=True)
    for name, facts in records.items():
        soundfile.write(tmp_path / "nsynth" / "audio" / f"{name}.wav", sound(facts["pitch"]), RATE, subtype="PCM_16")
    (tmp_path / "nsynth" / "examples.json").write_text(json.dumps(records))
    return tmp_path / "nsynth"


def rewrite(folder: Path, change) -> None:
    records = json.loads((folder / "examples.json").read_text())
    change(records)
    (folder / "examples.json").write_text(json.dumps(records))


# ---- reading


def test_nsynth_is_read(folder):
    notes = load_notes(folder)
    assert notes.names == [REAL["note_str"], *DARK]
    assert notes.family.tolist() == [0, 6, 10]
    assert notes.pitch.tolist() == [22, 60, 72]
    assert notes.velocity.tolist() == [100, 100, 25]
    assert notes.instrument.tolist() == [417, 1000, 7]
    assert notes.label(1) == "organ: organ_electronic_000, C4, velocity 100"
    for i, pitch in enumerate(notes.pitch.tolist()):
        np.testing.assert_allclose(notes.audio(i).numpy(), sound(pitch), atol=1 / 32768)
        torch.testing.assert_close(notes.mel[i], log_mel(notes.audio(i)[None])[0], atol=5e-4, rtol=0)
    assert notes.mel.dtype == torch.float32


def test_pictures_are_made_once(folder, monkeypatch):
    first = load_notes(folder).mel
    monkeypatch.setattr(nsynth, "log_mel", lambda x: pytest.fail("made again"))
    assert torch.equal(load_notes(folder).mel, first)


def test_pictures_are_made_anew_when_notes_or_recipe_change(folder, monkeypatch):
    made = []
    monkeypatch.setattr(nsynth, "log_mel", lambda x: made.append(len(x)) or log_mel(x))
    load_notes(folder)
    monkeypatch.setattr(nsynth, "RECIPE", "another")
    load_notes(folder)
    rewrite(folder, lambda records: records.pop(REAL["note_str"]))
    load_notes(folder)
    assert made == [3, 3, 2]
    assert len(list(folder.glob("mels-*.npy"))) == 1  # the real NSynth's take 2.4 GB


def test_a_folder_that_is_read_only_is_cached_elsewhere(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("HELPERS_DATA", str(tmp_path / "cache"))
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    load_notes(folder)
    assert not list(folder.glob("mels-*"))
    assert len(list((tmp_path / "cache" / "mels").glob("mels-*.npy"))) == 1


def test_pictures_go_on_where_they_were_stopped(folder, monkeypatch):
    want = load_notes(folder).mel
    next(folder.glob("mels-*.npy")).unlink()
    monkeypatch.setattr(nsynth, "CHUNK", 1)
    made = []

    def stopped_at_third(x):
        made.append(1)
        if len(made) == 3:
            raise KeyboardInterrupt
        return log_mel(x)

    monkeypatch.setattr(nsynth, "log_mel", stopped_at_third)
    with pytest.raises(KeyboardInterrupt):
        load_notes(folder)
    assert not list(folder.glob("mels-*.npy"))
    torch.testing.assert_close(load_notes(folder).mel, want)
    assert len(made) == 4  # two before, one that was stopped, one after


def test_a_half_header_of_a_cache_is_no_cache(folder):
    want = load_notes(folder).mel
    path = next(folder.glob("mels-*.npy"))
    path.with_suffix(".part").write_bytes(path.read_bytes()[:20])
    path.unlink()
    assert torch.equal(load_notes(folder).mel, want)


def test_a_full_disk_while_caching_says_what_to_do(folder, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(AssetError, match=r"log-mel pictures: .*disk is full"):
        load_notes(folder)


def wav(folder: Path, rate: int = RATE, channels: int = 1, width: int = 2, samples: int = 64_000) -> None:
    x = np.tile(np.arange(-50, 50, dtype="i2"), 641 * channels)[: samples * channels]
    with wave.open(str(folder / "audio" / f"{REAL['note_str']}.wav"), "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", ""))
        file.writeframes(x.astype(f"i{width}").tobytes())


def cut_wav(folder: Path, size: int) -> None:
    path = folder / "audio" / f"{REAL['note_str']}.wav"
    path.write_bytes(path.read_bytes()[:size])


FAULTS = {
    "missing wav": (lambda f: (f / "audio" / f"{REAL['note_str']}.wav").unlink(), r"\.wav is missing"),
    "wrong rate": (lambda f: wav(f, rate=44_100), r"1 channel of 16 bit at 44,100 Hz; NSynth notes are mono.*Convert"),
    "stereo": (lambda f: wav(f, channels=2), "2 channels of 16 bit at 16,000 Hz"),
    "eight bit": (lambda f: wav(f, width=1), "1 channel of 8 bit"),
    "short": (lambda f: wav(f, samples=30_000), "30,000 samples; NSynth notes have 64,000"),
    "truncated": (lambda f: cut_wav(f, 44 + 2 * 1234), "1,234 samples; .*Truncated"),
    "cut in its header": (lambda f: cut_wav(f, 20), "not a whole WAV file"),
    "empty": (lambda f: cut_wav(f, 0), "not a whole WAV file"),
    "long": (lambda f: wav(f, samples=64_001), "64,001 samples"),
    "silent": (
        lambda f: soundfile.write(f / "audio" / f"{REAL['note_str']}.wav", np.zeros(64_000), RATE, subtype="PCM_16"),
        "silent",
    ),
    "unknown family": (
        lambda f: rewrite(f, lambda r: r[REAL["note_str"]].update(instrument_family_str="theremin")),
        "unknown family 'theremin'; NSynth's are bass, brass",
    ),
    "no pitch": (lambda f: rewrite(f, lambda r: r[REAL["note_str"]].pop("pitch")), "lacks pitch"),
    "odd pitch": (lambda f: rewrite(f, lambda r: r[REAL["note_str"]].update(pitch="A4")), "pitch is 'A4'"),
    "other name": (lambda f: rewrite(f, lambda r: r[REAL["note_str"]].update(note_str="x")), "note_str is 'x'"),
    "no record": (lambda f: rewrite(f, lambda r: r.update({REAL["note_str"]: None})), "the record is None"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_record_is_named_or_skipped(folder, fault, capsys):
    spoil, message = FAULTS[fault]
    spoil(folder)
    for _ in range(2):  # the second time from the cache
        with pytest.raises(ValueError, match=rf"(?s)1 of 3 records are bad.*{REAL['note_str']}: .*{message}") as caught:
            load_notes(folder)
        assert not any(name in str(caught.value) for name in DARK)
    notes = load_notes(folder, on_error="skip")
    assert notes.names == list(DARK)
    assert notes.mel.isfinite().all()
    assert "Skipped 1 of 3 records" in capsys.readouterr().out


def test_all_bad_records_are_named_in_one_error(folder):
    wav(folder, rate=8000)
    rewrite(folder, lambda r: r[next(iter(DARK))].update(instrument_family_str="kazoo"))
    (folder / "audio" / f"{list(DARK)[1]}.wav").unlink()
    with pytest.raises(ValueError, match="3 of 3 records are bad") as caught:
        load_notes(folder)
    assert len(str(caught.value).splitlines()) == 4
    for name, reason in zip([REAL["note_str"], *DARK], ["8,000 Hz", "kazoo", "missing"], strict=True):
        assert any(name in line and reason in line for line in str(caught.value).splitlines()[1:])
    assert len(load_notes(folder, on_error="skip")) == 0


@pytest.mark.parametrize("share", [0.5, 0.9, 0.999])
def test_json_cut_short_keeps_its_whole_records(folder, share):
    text = (folder / "examples.json").read_text()
    cut = text[: int(share * len(text))]
    (folder / "examples.json").write_text(cut)
    with pytest.raises(ValueError, match=r"examples\.json: not whole, at line 1"):
        load_notes(folder)
    whole = cut.count("}, ") + cut.count("}}")  # records that were closed
    assert load_notes(folder, on_error="skip").names == [REAL["note_str"], *DARK][:whole]


def test_a_folder_without_examples_says_what_is_expected(tmp_path, folder):
    with pytest.raises(FileNotFoundError, match=r"examples\.json and audio"):
        load_notes(tmp_path)
    (folder / "examples.json").write_text("[]")
    with pytest.raises(ValueError, match="holds a list"):
        load_notes(folder)
    with pytest.raises(ValueError, match="on_error is 'ignore'"):
        load_notes(folder, on_error="ignore")


def test_notes_that_are_not_built_name_the_command(tmp_path, monkeypatch):
    monkeypatch.setenv("HELPERS_DATA", str(tmp_path))
    with pytest.raises(AssetError, match=r"is not built\. Run `make data`"):
        load_notes("train")


# ---- rendering


CHOSEN = [
    instrument._replace(pitches=pitches, split=split)
    for name, pitches, split in [
        ("Electric Bass (finger)", (28, 42), "train"),
        ("Whistle", (60, 96), "valid"),  # the font lacks the higher
        ("Percussive Organ", (60,), "test"),
    ]
    for instrument in instruments()
    if instrument.name == name
]


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """Two bass notes, one of two whistle notes, an organ note; those on a third semitone at two velocities."""
    folder = tmp_path_factory.mktemp("rendered") / "notes"
    render.write_notes(folder, assets.fetch(recipe.FONT), CHOSEN, processes=1)
    return folder


def test_rendered_notes_are_in_nsynths_format(rendered):
    records = json.loads((rendered / "nsynth-train" / "examples.json").read_text())
    assert list(records) == [f"bass_synthetic_033-{p}-{v}" for p, v in (("028", "100"), ("042", "050"), ("042", "100"))]
    one = records["bass_synthetic_033-028-100"]
    assert REAL.keys() < one.keys()
    assert {key: type(value) for key, value in one.items() if key in REAL} == {k: type(v) for k, v in REAL.items()}
    assert (one["program"], one["program_name"], one["instrument_family"]) == (33, "Electric Bass (finger)", 0)
    for name in records:
        info = soundfile.info(rendered / "nsynth-train" / "audio" / f"{name}.wav")
        assert (info.samplerate, info.channels, info.frames, info.subtype) == (16_000, 1, 64_000, "PCM_16")


def test_a_pitch_that_the_font_lacks_is_dropped(rendered):
    assert load_notes(rendered / "nsynth-valid").pitch.tolist() == [60, 60]


def test_rendered_pictures_are_those_of_the_files(rendered, monkeypatch):
    monkeypatch.setattr(nsynth, "log_mel", lambda x: pytest.fail("they were there already"))
    notes = load_notes(rendered / "nsynth-train")
    for i in range(len(notes)):
        torch.testing.assert_close(notes.mel[i], log_mel(notes.audio(i)[None])[0], atol=5e-4, rtol=0)


def test_the_second_velocity_is_the_first_one_over(rendered):
    notes = load_notes(rendered / "nsynth-test")
    soft, loud = notes.audio(0), notes.audio(1)
    assert torch.nn.functional.cosine_similarity(soft, loud, dim=0) > 0.999
    assert [audio.level(x)["peak_db"] for x in (soft, loud)] == pytest.approx([20 * np.log10(0.9)] * 2, abs=0.01)


def test_a_held_organ_stops_when_the_key_goes_up(rendered):
    x = load_notes(rendered / "nsynth-test").audio(1)
    held, after = x[2 * RATE : 3 * RATE].square().mean(), x[round(3.5 * RATE) :].square().mean()
    assert 10 * torch.log10(after / held) < -30


def test_the_midi_file_says_what_is_played():
    file = mido.MidiFile(file=io.BytesIO(render.midi_file(52, (60, 63), 100)))
    now, events = 0.0, []
    for message in file:
        now += message.time
        if message.type in ("note_on", "note_off") or message.is_cc(120):
            events.append((round(now, 2), message.type, getattr(message, "note", None)))
    assert events == [
        (0.0, "note_on", 60), (3.0, "note_off", 60), (4.02, "control_change", None),
        (4.1, "note_on", 63), (7.1, "note_off", 63), (8.12, "control_change", None),
    ]  # fmt: skip
    assert file.length == pytest.approx(8.2, abs=0.01)


def test_rendering_without_midirenderer_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "midirenderer", None)
    with pytest.raises(AssetError, match="pip install midirenderer"):
        render.render(b"", 0, (60,), 100)


# ---- building


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache with the SoundFont in it."""
    font = assets.fetch(recipe.FONT)
    (tmp_path / "assets").mkdir()
    os.symlink(font, tmp_path / "assets" / recipe.FONT)
    monkeypatch.setenv("HELPERS_DATA", str(tmp_path))
    return tmp_path


def left_behind(cache: Path) -> list[str]:
    return sorted({p.name for p in cache.iterdir()} - {"assets", "notes", ".notes.lock"})


def stand_in(folder: Path, font: Path, chosen: list) -> None:
    for split in recipe.SPLITS:
        (folder / f"nsynth-{split}" / "audio").mkdir(parents=True)
        (folder / f"nsynth-{split}" / "examples.json").write_text("{}")
    (folder / "recipe.json").write_text(json.dumps(recipe.RECIPE))


def test_notes_are_built_once_by_many(cache, monkeypatch):
    builds = []

    def slowly(*args):
        builds.append(1)
        time.sleep(0.3)
        stand_in(*args)

    monkeypatch.setattr(render, "write_notes", slowly)
    threads = [threading.Thread(target=render.build_notes) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert builds == [1]
    assert recipe.built()
    assert len(load_notes("test")) == 0
    assert left_behind(cache) == []


def test_notes_of_another_recipe_are_built_anew(cache, monkeypatch):
    monkeypatch.setattr(render, "write_notes", stand_in)
    render.build_notes()
    (cache / "notes" / "old").touch()
    monkeypatch.setattr(recipe, "RECIPE", recipe.RECIPE | {"version": -1})
    assert not recipe.built()
    with pytest.raises(AssetError, match="make data"):
        load_notes("train")
    render.build_notes()
    assert not (cache / "notes" / "old").exists()
    assert left_behind(cache) == []


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), (AssetError, "the notes: .*disk is full: free 1 GB")),
        (KeyboardInterrupt(), (KeyboardInterrupt, "^$")),
    ],
)
def test_a_build_that_fails_leaves_nothing(cache, monkeypatch, error, shown):
    def fail(folder, font, chosen):
        folder.mkdir()
        (folder / "half").touch()
        raise error

    monkeypatch.setattr(render, "write_notes", fail)
    with pytest.raises(shown[0], match=shown[1]):
        render.build_notes()
    assert not recipe.built()
    assert left_behind(cache) == []


def test_a_full_disk_in_a_worker_is_told(cache, monkeypatch, tmp_path):
    """The error crosses from the worker process: its folder is a file."""
    folder = tmp_path / "out"
    wanted = [CHOSEN[2]]
    real = Path.mkdir

    def mkdir(path, *args, **kwargs):
        if path.name == "audio":
            path.parent.mkdir(parents=True)
            path.write_text("in the way")
        else:
            real(path, *args, **kwargs)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    with pytest.raises(AssetError, match="Not a directory"), assets.explained("the notes"):
        render.write_notes(folder, cache / "assets" / recipe.FONT, wanted, processes=1)


def test_a_build_killed_outright_starts_clean_and_takes_its_workers_along(cache, tmp_path):
    script = tmp_path / "assets" / "build.py"
    script.write_text(
        "from helpers.datasets import render\n"
        "chosen = [i._replace(pitches=(48, 60)) for i in render.instruments()[:40:4]]\n"
        "render.instruments = lambda: chosen\n"
        "if __name__ == '__main__':\n"
        "    render.build_notes()\n"
    )
    command = [sys.executable, str(script)]
    first = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE)
    first.stdout.readline()  # the bar's first line: workers are at it
    workers = [p for p in children_of(first.pid) if "spawn_main" in p[1]]
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert workers
    assert not recipe.built()
    assert left_behind(cache) != []
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid, _ in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{pid}").exists() for pid, _ in workers)
    subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True, stdout=subprocess.DEVNULL)
    assert recipe.built()
    assert left_behind(cache) == []
    assert sum(len(load_notes(split)) for split in recipe.SPLITS) == 40


def children_of(pid: int) -> list[tuple[int, str]]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(status.read_text().rsplit(")", 1)[1].split()[1]) == pid:
                found.append((int(status.parent.name), (status.parent / "cmdline").read_text()))
        except OSError:  # it has ended meanwhile
            continue
    return found


# ---- the documented set


@pytest.fixture(scope="module")
def everything():
    return {split: load_notes(split) for split in recipe.SPLITS}


def test_the_split_is_the_documented_one():
    assert sorted(TEST) == sorted([34, 37, 57, 60, 73, 74, 25, 27, 1, 5, 12, 11, 17, 66, 69, 41, 49, 81, 83, 53])
    assert not set(TEST) & set(VALID)
    families = {i.program: i.family for i in instruments()}
    assert sorted(families[p] for p in VALID) == sorted(FAMILIES)
    assert len(instruments()) == 87
    for split in recipe.SPLITS:
        assert {i.family for i in instruments() if i.split == split} == set(FAMILIES)


def test_the_readme_lists_the_split(everything):
    readme = (ROOT / "data" / "README.md").read_text().splitlines()
    for family in FAMILIES:
        row = next(line for line in readme if line.startswith(f"| {family} |")).strip("| ").split(" | ")
        assert row[1] == "–".join(map(str, RANGES[family]))
        for cell, split in zip(row[2:], recipe.SPLITS, strict=True):
            assert cell == ", ".join(i.name for i in instruments() if i.family == family and i.split == split)
    counts = [f"{len(everything[split]):,}" for split in recipe.SPLITS]
    assert f"| notes | | {' | '.join(counts)} |" in readme
    assert any(f"{sum(map(len, everything.values())):,} notes of 87 instruments" in line for line in readme)


def test_no_instrument_is_on_two_sides(everything):
    seen = Counter(i for notes in everything.values() for i in notes.instrument.unique().tolist())
    assert set(seen.values()) == {1}
    assert sum(seen.values()) == sum(map(len, PROGRAMS.values()))


@pytest.mark.parametrize("family", range(11), ids=FAMILIES)
def test_every_family_is_loud_clean_and_in_tune(everything, family):
    notes = everything["test"].where(family=family, velocity=100)
    assert len(notes) > 10
    errors = []
    for i in range(0, len(notes), 4):
        x = notes.audio(i)
        level = audio.level(x)
        assert level["peak_db"] == pytest.approx(-0.915, abs=0.01)
        assert level["clipped"] == 0
        assert level["rms_db"] > -40
        assert x[:1600].abs().max() > 0.02  # it starts at once
        errors.append(abs(cents_off(x.numpy(), hertz(int(notes.pitch[i])))))
    assert np.median(errors) < 10


def cents_off(x: np.ndarray, hz: float) -> float:
    """How far the harmonics of a note lie from those of its pitch: the shift that gathers most of its spectrum."""
    spectrum = np.abs(np.fft.rfft(x[4000 : 4000 + 16_384] * np.hanning(16_384), 1 << 17))
    shifts = np.arange(-60, 61)
    bins = np.outer(hz * 2 ** (shifts / 1200), np.arange(1, 9)) * (1 << 17) / RATE
    return shifts[np.where(bins < len(spectrum), spectrum[np.minimum(bins, len(spectrum) - 1).astype(int)], 0).sum(1).argmax()]


# ---- using


def test_indexing_is_torchs(everything):
    notes = everything["valid"]
    order = torch.randperm(len(notes))[:20]
    mask = notes.pitch > 60
    for index in (slice(3, 50, 7), order, mask, order.tolist(), order.numpy(), mask.numpy(), mask.tolist()):
        part = notes[index]
        assert torch.equal(part.mel, notes.mel[index])
        assert torch.equal(part.pitch, notes.pitch[index])
        assert torch.equal(part.instrument, notes.instrument[index])
        assert part.names == np.array(notes.names)[np.asarray(index) if not isinstance(index, slice) else index].tolist()
    for index in (5, -1, np.int64(5), torch.tensor(5)):
        assert notes[index].names == [notes.names[int(index)]]
        assert notes[index].mel.shape == (1, 64, 64)
    assert len(notes[[]]) == 0
    assert [len(note) for note in notes[:3]] == [1, 1, 1]
    with pytest.raises(IndexError):
        notes[len(notes)]
    with pytest.raises(AttributeError):
        notes.pitch = notes.pitch


def test_where_chooses(everything):
    notes = everything["train"]
    chosen = notes.where(velocity=100, family=["bass", "organ"], pitch=range(40, 50))
    mask = (notes.velocity == 100) & ((notes.family == 0) | (notes.family == 6)) & (notes.pitch >= 40) & (notes.pitch < 50)
    assert chosen.names == notes[mask].names
    assert len(notes.where(family="bass")) == len(notes.where(family=0)) == len(notes.where(family=torch.tensor(0)))
    assert len(notes.where()) == len(notes)
    assert len(notes.where(pitch=[])) == 0
    with pytest.raises(ValueError, match="no family 'oboe'; there are bass"):
        notes.where(family="oboe")
    with pytest.raises(ValueError, match="no 'loudness'; choose by family"):
        notes.where(loudness=1)


def test_sets_are_joined(everything, folder):
    train, test = everything["train"], everything["test"]
    both = train + test
    assert both.names == train.names + test.names
    assert torch.equal(both.mel, torch.cat([train.mel, test.mel]))
    i = len(train) + 3
    assert both.label(i) == test.label(3)
    assert torch.equal(both.audio(i), test.audio(3))
    rewrite(folder, lambda r: r[REAL["note_str"]].update(instrument=0))
    with pytest.raises(ValueError, match=r"instrument 0 is .*number their instruments differently"):
        train + load_notes(folder)


def test_audio_that_has_gone_is_named(folder):
    notes = load_notes(folder)
    (folder / "audio" / f"{notes.names[0]}.wav").unlink()
    with pytest.raises(ValueError, match=rf"{notes.names[0]}\.wav: it cannot be read"):
        notes.audio(0)


def test_labels_name_the_instrument(everything):
    notes = everything["train"]
    i = notes.names.index("string_synthetic_040-069-100")
    assert notes.label(i) == "string: Violin, A4, velocity 100"


# ---- dividing


def test_divisions_are_divisions(everything):
    notes = everything["train"] + everything["test"]
    for train, test in (
        split_random(notes),
        split_pitch(notes),
        split_octave(notes),
        split_instrument(notes),
        split_fold(notes, 2),
    ):
        assert sorted(train.names + test.names) == sorted(notes.names)
        assert 0.15 < len(test) / len(notes) < 0.35


def twins(train, test) -> float:
    """Share of test notes of which training has the same instrument and pitch."""
    seen = set(zip(train.instrument.tolist(), train.pitch.tolist()))
    return np.mean([pair in seen for pair in zip(test.instrument.tolist(), test.pitch.tolist())])


def test_what_each_division_leaks(everything):
    notes = everything["train"] + everything["test"]
    train, test = split_random(notes.where(pitch=range(0, 128, 3)))  # those that have one
    assert twins(train, test) == pytest.approx(0.75, abs=0.05)  # a note's twin is in training as often as any other
    assert split_random(notes.where(pitch=range(0, 128, 3)), seed=1)[1].names != test.names
    assert split_random(notes.where(pitch=range(0, 128, 3)))[1].names == test.names
    train, test = split_pitch(notes)
    assert twins(train, test) == 0
    assert set(test.instrument.tolist()) <= set(train.instrument.tolist())
    for train, test in (split_instrument(notes), split_fold(notes, 0)):
        assert not set(test.instrument.tolist()) & set(train.instrument.tolist())
        assert set(train.family.tolist()) == set(range(11))


def test_every_fourth_pitch_is_held_out(everything):
    one = everything["train"].where(instrument=0)
    pitches = one.pitch.unique().tolist()
    assert split_pitch(one)[1].pitch.unique().tolist() == pitches[2::4]


def test_the_highest_octave_is_held_out(everything):
    one = everything["train"].where(instrument=0)
    train, test = split_octave(one)
    assert test.pitch.unique().tolist() == list(range(49, 61))
    assert train.pitch.unique().tolist() == list(range(28, 49))


def test_which_test_instruments_have_no_recordings_of_their_own(everything):
    plays = recordings(assets.fetch(recipe.FONT).read_bytes())
    trained = [i for i in instruments() if split_of(i.program) == "train"]
    borrowed = {
        i.program: [j.program for j in trained if j.family == i.family and plays[i.program] <= plays[j.program]]
        for i in instruments()
        if split_of(i.program) == "test"
    }
    assert {program: lenders[0] for program, lenders in borrowed.items() if lenders} == SAME_RECORDINGS
    test = everything["test"].where(velocity=100)
    named = {test.titles[i] for i in test[same_recordings(test)].instrument.tolist()}
    assert named == {"Bright Acoustic Piano", "Viola", "String Ensemble 2"}
    assert same_recordings(test).sum() == 179
    assert not same_recordings(everything["train"]).any()
    foreign = replace(test, titles=dict.fromkeys(test.titles, "keyboard_synthetic_001"))
    assert not same_recordings(foreign).any()


def test_the_documented_split_is_that_of_the_folders(everything):
    train, test = split_instrument(everything["train"] + everything["valid"] + everything["test"])
    assert train.names == everything["train"].names + everything["valid"].names
    assert test.names == everything["test"].names
    with pytest.raises(ValueError, match="from one side"):
        split_instrument(everything["train"])


@pytest.mark.parametrize("seed", range(10))
def test_folds_take_each_instrument_once(everything, seed):
    notes = everything["train"].where(velocity=100) + everything["test"].where(velocity=100)
    tested = []
    for fold in range(5):
        train, test = split_fold(notes, fold, seed=seed)
        tested += test.instrument.unique().tolist()
        assert set(train.family.tolist()) == set(range(11))
    assert sorted(tested) == notes.instrument.unique().tolist()


def test_folds_refuse_what_cannot_be_divided(everything):
    notes = everything["train"]
    with pytest.raises(ValueError, match="fold is 5; it is 0 to 4"):
        split_fold(notes, 5)
    lonely = notes.where(family="bass") + everything["test"].where(family="organ")
    with pytest.raises(ValueError, match="organ has one instrument"):
        split_fold(lonely, 0)
    assert notes_module.FAMILIES[6] == "organ"
