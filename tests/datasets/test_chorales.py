"""The chorales: those that were counted before; a score written by hand, with all that MusicXML can do to a voice."""

import io
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from helpers.datasets import chorales as module
from helpers.datasets.assets import AssetError, path_of
from helpers.datasets.chorales import Chorale, build_chorales, load_chorales, notes_of, read_chorales, read_score


def test_the_chorales_are_all_there():
    chorales = load_chorales()
    assert len(chorales) == 363
    assert sum(len(chorale.pitch) for chorale in chorales) == 79_204
    assert np.median([len(chorale.pitch) for chorale in chorales]) == 192
    pitch = np.concatenate([chorale.pitch for chorale in chorales])
    ranges = [(voice[voice >= 0].min(), voice.max()) for voice in pitch.T]
    assert ranges == [(57, 81), (53, 74), (48, 69), (36, 64)]
    assert [c.name for c in chorales] == sorted(c.name for c in chorales)
    assert "bwv113.8" not in {c.name for c in chorales}
    for chorale in chorales:
        assert not chorale.onset[chorale.pitch == -1].any()
        begins = np.diff(chorale.pitch, axis=0, prepend=-1) != 0
        assert chorale.onset[begins & (chorale.pitch != -1)].mean() > 0.99


def test_a_chorale_begins_and_ends_as_it_is_printed():
    chorale = next(c for c in load_chorales() if c.name == "bwv66.6")  # F sharp minor, quarter notes with an upbeat of two eighths
    soprano = [note[:3] for note in notes_of(chorale) if note.voice == 0]
    assert soprano[:6] == [(0, 0.5, 73), (0.5, 0.5, 71), (1, 1, 69), (2, 1, 71), (3, 1, 73), (4, 1, 76)]
    chords = [chorale.pitch[step].tolist() for step in (0, 2, 4, 8, 12, 16)]
    assert chords == [[73, 64, 57, 57], [71, 64, 59, 56], [69, 66, 61, 54], [71, 64, 59, 56], [73, 64, 57, 57], [76, 64, 59, 56]]
    assert chorale.pitch[143].tolist() == [66, 61, 58, 54]  # nine bars after the upbeat it has ended in major
    assert (chorale.pitch[144:] == -1).all()  # what fills the last bar up


def test_building_takes_five_seconds_and_imports_nobody(tmp_path, monkeypatch):
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "bach.zip").write_bytes(path_of("bach.zip").read_bytes())
    code = "import sys, time\nfrom helpers.datasets.chorales import load_chorales\n"
    code += "t = time.process_time()\nassert len(load_chorales()) == 363\nprint(time.process_time() - t, 'music21' in sys.modules)"
    monkeypatch.setenv("HELPERS_DATA", str(tmp_path))
    command = [sys.executable, "-c", code]
    seconds, imported = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert float(seconds) < 5
    assert imported == "False"
    assert sorted(p.name for p in tmp_path.iterdir()) == [".chorales.lock", "assets", "chorales.npz"]
    assert 50_000 < (tmp_path / "chorales.npz").stat().st_size < 300_000
    seconds, _ = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert float(seconds) < 0.5  # from the cache


def note(step="C", octave=4, duration=4, alter=None, extra=""):
    alter = "" if alter is None else f"<alter>{alter}</alter>"
    pitch = f"<pitch><step>{step}</step>{alter}<octave>{octave}</octave></pitch>"
    return f"<note>{extra}{pitch}<duration>{duration}</duration></note>"


REST = "<note><rest/><duration>4</duration></note>"
FOUR = "<attributes><divisions>4</divisions></attributes>"


def mxl(*parts, name="score.xml", root=None):
    measures = ["".join(f"<measure>{measure}</measure>" for measure in part) for part in parts]
    score = "<score-partwise>" + "".join(f"<part>{part}</part>" for part in measures) + "</score-partwise>"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("META-INF/container.xml", f'<container><rootfile full-path="{root or name}"/></container>')
        archive.writestr(name, score)
    return file.getvalue()


def part(*measures):
    return [FOUR + measures[0], *measures[1:]]


def test_a_score_is_read_onto_the_grid():
    tie = "<tie type='{}'/>"
    soprano = part(
        note(duration=2) + note("F", alter=1, duration=6, extra=tie.format("start")),
        note("F", alter=1, duration=8, extra=tie.format("stop")),
    )
    alto = part(
        note("A", duration=4, extra="<grace/>").replace("<duration>4</duration>", "") + note("G") + REST, note("B", 3, alter=-1) * 2
    )
    tenor = [
        "<attributes><divisions>12</divisions></attributes>"  # triplets of eighths: 0, 1/3, 2/3 of a quarter
        + note("E", duration=4) * 3 + note("D", duration=12),
        "<forward><duration>12</duration></forward>" + note("D", duration=12),
    ]  # fmt: skip
    bass = [
        "<attributes><divisions>4</divisions><transpose><chromatic>-12</chromatic></transpose></attributes>"
        + note("C", duration=8) + "<backup><duration>4</duration></backup>" + note("E", duration=4),
        note("C") + note("G", extra="<chord/>") + note("C"),
    ]  # fmt: skip
    chorale = read_score(mxl(soprano, alto, tenor, bass), "test")
    expected = {
        0: [60] * 2 + [66] * 14,
        1: [67] * 4 + [-1] * 4 + [58] * 8,
        2: [64] * 4 + [62] * 4 + [-1] * 4 + [62] * 4,
        3: [48] * 4 + [52] * 4 + [55] * 4 + [48] * 4,
    }
    begins = {0: [0, 2], 1: [0, 8, 12], 2: [0, 1, 3, 4, 12], 3: [0, 4, 8, 12]}
    for voice in range(4):
        assert chorale.pitch[:, voice].tolist() == expected[voice]
        assert np.flatnonzero(chorale.onset[:, voice]).tolist() == begins[voice]


def test_parts_that_end_early_rest():
    chorale = read_score(mxl(part(note()), part(note(duration=8)), part(note()), part(note())), "test")
    assert chorale.pitch[:, 0].tolist() == [60] * 4 + [-1] * 4
    assert chorale.pitch.dtype == np.int16


def test_notes_of_a_chorale_give_it_back():
    for chorale in load_chorales()[::20]:
        pitch, onset = np.full_like(chorale.pitch, -1), np.zeros_like(chorale.onset)
        for n in notes_of(chorale):
            a, b = int(4 * n.onset), int(4 * (n.onset + n.duration))
            assert (pitch[a:b, n.voice] == -1).all()
            pitch[a:b, n.voice] = n.pitch
            onset[a, n.voice] = True
        assert np.array_equal(pitch, chorale.pitch)
        assert (onset >= chorale.onset).all()


def test_a_note_that_is_struck_again_is_two():
    pitch = np.array([[60, -1, -1, -1]] * 4, np.int16)
    onset = np.zeros((4, 4), bool)
    onset[[0, 2], 0] = True
    assert notes_of(Chorale("", pitch, onset)) == [(0, 0.5, 60, 0), (0.5, 0.5, 60, 0)]


def write(path, **members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.mxl", data)


def test_only_scores_of_four_parts_are_chorales(tmp_path):
    four = mxl(*[part(note())] * 4)
    write(tmp_path / "a.zip", b=four, a=four, three=mxl(*[part(note())] * 3), bwv113=mxl(*[part(note())] * 5))
    assert [chorale.name for chorale in read_chorales(tmp_path / "a.zip")] == ["a", "b"]


@pytest.mark.parametrize(
    "data",
    [
        b"no archive",
        mxl(part(note()), root="elsewhere.xml"),
        mxl(*[part("<note><pitch><step>C</step></pitch><duration>4</duration></note>")] * 4),
        mxl(*[part(note("H"))] * 4),
        mxl(*[part(note(duration="four"))] * 4),
        mxl(*[part("<note>")] * 4),
    ],
    ids=["no archive", "no root", "no octave", "no such note", "no number", "no XML"],
)
def test_a_broken_score_is_named(tmp_path, data):
    write(tmp_path / "a.zip", good=mxl(*[part(note())] * 4), broken=data)
    with pytest.raises(AssetError, match=r"a\.zip: broken\.mxl cannot be read as a score .*Remove the file, .*make data"):
        read_chorales(tmp_path / "a.zip")


def test_a_missing_or_broken_archive_says_what_to_do(tmp_path):
    with pytest.raises(AssetError, match=r"a\.zip: these chorales cannot be read .*Remove the file"):
        read_chorales(tmp_path / "a.zip")
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04")
    with pytest.raises(AssetError, match=r"a\.zip: these chorales cannot be read"):
        read_chorales(tmp_path / "a.zip")


def test_a_cache_that_is_damaged_or_of_another_recipe_is_made_anew(tmp_path, monkeypatch):
    write(tmp_path / "bach.zip", one=mxl(*[part(note())] * 4))
    monkeypatch.setenv("HELPERS_DATA", str(tmp_path))
    monkeypatch.setattr(module, "fetch", lambda name: tmp_path / name)
    path = build_chorales()
    whole = path.read_bytes()
    for damaged in (b"", whole[:100], b"PK no arrays"):
        path.write_bytes(damaged)
        assert build_chorales().read_bytes()[:2] == b"PK"
        with np.load(path) as kept:
            assert kept["names"].tolist() == ["one"]
    monkeypatch.setattr(module, "RECIPE", "another")
    write(tmp_path / "bach.zip", two=mxl(*[part(note())] * 4))
    with np.load(build_chorales()) as kept:
        assert kept["names"].tolist() == ["two"]
    monkeypatch.setattr(module, "fetch", lambda name: pytest.fail("it is there"))
    assert build_chorales() == path
