"""The reader of ABC: notes written out by hand, the standard's own table of keys, and another program's reading of 214 tunes."""

import random
import subprocess
import sys

import pytest

from helpers.datasets.abc import AbcError, parse
from helpers.datasets.abc.fields import metre, short_key, signature, unit, usual_unit
from helpers.datasets.tunes import load_tunes
from tests.datasets import read_by_symusic

# body in M:4/4, L:1/4, K:C, then (onset, duration, MIDI pitch) of each note in quarter notes, counted by hand
BY_HAND = {
    "plain notes": ("CDEF|GABc|", [(i, 1, p) for i, p in enumerate((60, 62, 64, 65, 67, 69, 71, 72))]),
    "octave marks": ("C,c'C,,c''", [(0, 1, 48), (1, 1, 84), (2, 1, 36), (3, 1, 96)]),
    "lengths": (
        "A2 A/ A/2 A// A3/2 A3/ A1/4",
        [(0, 2, 69), (2, 0.5, 69), (2.5, 0.5, 69), (3, 0.25, 69), (3.25, 1.5, 69), (4.75, 1.5, 69), (6.25, 0.25, 69)],
    ),
    "an accidental holds through the bar, in every octave": (
        "^FFf=F|F_B B^^c",
        [(0, 1, 66), (1, 1, 66), (2, 1, 78), (3, 1, 65), (4, 1, 65), (5, 1, 70), (6, 1, 70), (7, 1, 74)],
    ),
    "a tie takes its accidental across the bar line, later notes do not": (
        "G3^F-|F F __A z",
        [(0, 3, 67), (3, 2, 66), (5, 1, 65), (6, 1, 67)],
    ),
    "broken rhythm": (
        "A>B c<d A>>B c<<<d",
        [(0, 1.5, 69), (1.5, 0.5, 71), (2, 0.5, 72), (2.5, 1.5, 74)]
        + [(4, 1.75, 69), (5.75, 0.25, 71), (6, 0.125, 72), (6.125, 1.875, 74)],
    ),
    "broken rhythm across spaces, slurs and rests": ("(A > B) z<c", [(0, 1.5, 69), (1.5, 0.5, 71), (2.5, 1.5, 72)]),
    "triplets": ("(3ABc d (3:2:2A2B d", [(0, 2 / 3, 69), (2 / 3, 2 / 3, 71), (4 / 3, 2 / 3, 72), (2, 1, 74)]
                 + [(3, 4 / 3, 69), (13 / 3, 2 / 3, 71), (5, 1, 74)]),
    "other tuplets": ("(2AB (4ABAB (6ABABAB", [(0, 1.5, 69), (1.5, 1.5, 71)]
                      + [(3 + 0.75 * i, 0.75, 69 + 2 * (i % 2)) for i in range(4)]
                      + [(6 + i / 3, 1 / 3, 69 + 2 * (i % 2)) for i in range(6)]),
    "five in the time of two": ("(5ABABA c", [(0.4 * i, 0.4, 69 + 2 * (i % 2)) for i in range(5)] + [(2, 1, 72)]),
    "five in the time of three": ("[M:6/8](5ABABA c", [(0.6 * i, 0.6, 69 + 2 * (i % 2)) for i in range(5)] + [(3, 1, 72)]),
    "a slur around a triplet": ("((3ABc) d", [(0, 2 / 3, 69), (2 / 3, 2 / 3, 71), (4 / 3, 2 / 3, 72), (2, 1, 74)]),
    "ties join, slurs do not": ("A-AA A-|A2 (AA) A-B", [(0, 2, 69), (2, 1, 69), (3, 3, 69), (6, 1, 69), (7, 1, 69), (8, 1, 69),
                                                       (9, 1, 71)]),
    "chords": ("[CEG]2 [C2E2]c [ce-]-[de]", [(0, 2, 60), (0, 2, 64), (0, 2, 67), (2, 2, 60), (2, 2, 64), (4, 1, 72), (5, 1, 72),
                                             (5, 2, 76), (6, 1, 74)]),
    "rests": ("z A z2 | x/ B/ z3/2 c3/2 | Z2 | y4 d", [(1, 1, 69), (4.5, 0.5, 71), (6.5, 1.5, 72), (16, 1, 74)]),
    "what is not a note": ('"Am"A !trill!B ~c {gfe}d | .A uB kTc % a comment\n"x|y"d |', [(i, 1, p) for i, p in enumerate(
        (69, 71, 72, 74, 69, 71, 72, 74))]),
    "fields inside": ("F[K:D]F[L:1/8]F2[K:Gm]B2|\nM:3/4\nL:1/4\nK: Ador\nF B2 | K:Eb E", [(0, 1, 65), (1, 1, 66), (2, 1, 66),
                      (3, 1, 70), (4, 1, 66), (5, 2, 71), (7, 1, 63)]),
    "repeats and endings stand once": ("|:A3B|1c4:|2d4||", [(0, 3, 69), (3, 1, 71), (4, 4, 72), (8, 4, 74)]),
}  # fmt: skip


@pytest.mark.parametrize(("body", "notes"), BY_HAND.values(), ids=BY_HAND)
def test_notes_are_those_that_a_musician_reads(body, notes):
    found = parse(f"M:4/4\nL:1/4\nK:C\n{body}\n").notes
    assert [note.pitch for note in found] == [pitch for _, _, pitch in notes]
    assert [x for note in found for x in note[:2]] == pytest.approx([x for note in notes for x in note[:2]])


def test_a_real_tune_begins_as_it_is_printed():
    tune = load_tunes()[0]  # The Enchanted Valley: G3-A (Bcd=e) | f4 (g2dB) | ... in 2/4, sixteenths, two flats
    notes = parse(tune.text).notes[:10]
    assert [(n.onset, n.duration) for n in notes] == [(0, 0.75), (0.75, 0.25)] + [(1 + i / 4, 0.25) for i in range(4)] + [
        (2, 1), (3, 0.5), (3.5, 0.25), (3.75, 0.25)]  # fmt: skip
    assert [n.pitch for n in notes] == [67, 69, 70, 72, 74, 76, 77, 79, 74, 70]


# The abc music standard 2.1, section 3.1.14: each row has one signature, from seven sharps to seven flats
TABLE = [
    "C#  A#m  G#Mix  D#Dor  E#Phr  F#Lyd  B#Loc",
    "F#  D#m  C#Mix  G#Dor  A#Phr  BLyd   E#Loc",
    "B   G#m  F#Mix  C#Dor  D#Phr  ELyd   A#Loc",
    "E   C#m  BMix   F#Dor  G#Phr  ALyd   D#Loc",
    "A   F#m  EMix   BDor   C#Phr  DLyd   G#Loc",
    "D   Bm   AMix   EDor   F#Phr  GLyd   C#Loc",
    "G   Em   DMix   ADor   BPhr   CLyd   F#Loc",
    "C   Am   GMix   DDor   EPhr   FLyd   BLoc",
    "F   Dm   CMix   GDor   APhr   BbLyd  ELoc",
    "Bb  Gm   FMix   CDor   DPhr   EbLyd  ALoc",
    "Eb  Cm   BbMix  FDor   GPhr   AbLyd  DLoc",
    "Ab  Fm   EbMix  BbDor  CPhr   DbLyd  GLoc",
    "Db  Bbm  AbMix  EbDor  FPhr   GbLyd  CLoc",
    "Gb  Ebm  DbMix  AbDor  BbPhr  CbLyd  FLoc",
    "Cb  Abm  GbMix  DbDor  EbPhr  FbLyd  BbLoc",
]


@pytest.mark.parametrize(("sharps", "row"), [(7 - i, row) for i, row in enumerate(TABLE)])
def test_keys_have_the_signatures_of_the_standards_table(sharps, row):
    expected = dict.fromkeys("FCGDAEB"[:sharps], 1) if sharps > 0 else dict.fromkeys("BEADGCF"[:-sharps], -1)
    for key in row.split():
        assert signature(key) == expected


def test_keys_can_be_written_in_many_ways():
    assert signature("E Minor") == signature("EMin") == signature("EM") == signature("E aeolian") == signature("Em")
    assert signature("D Mixolydian") == signature("Dmix") == {"F": 1}
    assert signature("Dmix=c^g") == {"F": 1, "C": 0, "G": 1}
    assert signature("HP") == signature("none") == signature("C major") == {}
    assert signature("Hp") == {"F": 1, "C": 1}
    assert [short_key(k) for k in ("E Minor", "ADorian", "D Major", "AMix", "Bb", "Hp", "Dmix =c")] == [
        "Em", "Ador", "D", "Amix", "Bb", "Hp", "Dmix =c"]  # fmt: skip


def test_metres_and_units():
    assert metre("6/8") == (3, True)
    assert metre("C") == metre("4/4") == metre("C|") == (4, False)
    assert metre("9/8") == (4.5, True)
    assert metre("3/4") == (3, False)
    assert metre("none") == metre("") == (None, False)
    assert (unit("1/8"), unit("1/16"), unit("1")) == (0.5, 0.25, 4)
    assert [usual_unit(metre(m)) for m in ("2/4", "5/8", "3/4", "6/8", "C", "none")] == ["1/16"] * 2 + ["1/8"] * 4
    assert parse("M:2/4\nK:C\nc4").notes == [(0, 1, 72)]  # no L: a sixteenth is meant
    with pytest.raises(ValueError, match="K:G#m#"):
        signature("G#m#")
    with pytest.raises(ValueError, match="8 sharps"):
        signature("G#")


# M and body with L:1/8; the bars in eighths; which of them are full
BARS = {
    "each alone": ("6/8", "ABc def|gab c3|ab|c6|", [6, 6, 2, 6], [1, 1, 0, 1]),
    "a pickup and the last bar": ("6/8", "A|BAG AGF|G3 G2||", [1, 6, 5], [1, 1, 1]),
    "a last bar that is too short for its pickup": ("6/8", "A|BAG AGF|G3 G||", [1, 6, 4], [0, 1, 0]),
    "each part has its own": ("6/8", "A|BAG AGF|G3 G2:||:AB|BAG AGF|G3 G:|", [1, 6, 5, 2, 6, 4], [1] * 6),
    "a bar divided by a double bar line": ("2/4", "ABcd|A2||B2|ABcd|", [4, 2, 2, 4], [1] * 4),
    "endings lack the pickup of their part": ("2/4", "A|ABcd|1A3:|2B3||", [1, 4, 3, 3], [1] * 4),
    "endings begin inside a bar": ("2/4", "ABcd|A2[1Bc:|[2cd||", [4, 2, 2, 2], [1] * 4),
    "and lack the pickup of their part, or the next one's": ("2/4", "A|ABcd|A2[1B:|[2c||B|", [1, 4, 2, 1, 1, 1], [1] * 6),
    "and go on": ("2/4", "ABcd|A2[1Bc|ABcd:|[2cde|ABcd:|", [4, 2, 2, 4, 3, 4], [1, 1, 1, 1, 0, 1]),
    "an ending completes a bar": ("2/4", "ABcd|A2[1Bc:|", [4, 2, 2], [1] * 3),
    "a long bar": ("2/4", "ABcdA|ABcd|", [5, 4], [0, 1]),
    "free": ("none", "ABcdA|A|", [5, 1], [1, 1]),
    "the metre changes": ("2/4", "ABcd|[M:3/8]ABc|ABcd|", [4, 3, 4], [1, 1, 0]),
    "bar lines around nothing": ("2/4", "|:ABcd||  ||ABcd:| |]", [4, 4], [1, 1]),
    "no bar line at the end": ("2/4", "ABcd|AB", [4, 2], [1, 0]),
}


@pytest.mark.parametrize(("m", "body", "lengths", "full"), BARS.values(), ids=BARS)
def test_bars(m, body, lengths, full):
    bars = parse(f"M:{m}\nL:1/8\nK:C\n{body}").bars
    assert [2 * bar.length for bar in bars] == lengths
    assert [bar.full for bar in bars] == [bool(f) for f in full]
    assert [bar.onset for bar in bars] == [sum(lengths[:i]) / 2 for i in range(len(lengths))]


@pytest.mark.parametrize(
    ("body", "played"),
    [
        ("A|B|", "AB"),
        ("|:A|B:|c", "ABABc"),
        ("A|B:|c|d:|", "ABABcdcd"),  # without a beginning: back to the start, then to the end of the last repeat
        ("A||B:|", "ABB"),  # or to the last double bar line
        ("|:A||B:|c", "ABABc"),  # but not past a beginning
        ("A::B:|", "AABB"),
        ("|:A|1B:|2c|]d", "ABAcd"),
        ("A|[1B:|[2c||d|e:|", "ABAcdede"),
        ("|:A|1B:|2c:|:d:|", "ABAcdd"),
        ("|:A|1,3B:|2,4c:|d", "ABAcABAcd"),
        ("|:A|1-3B:|4c|]d", "ABABABAcd"),
        ("A[1B:|[2c||", "ABAc"),
        ("|:A:| |:B|c:|", "AABcBc"),
    ],
)
def test_repeats_are_played_when_asked_for(body, played):
    text = f"M:4/4\nL:1/1\nK:C\n{body}"
    score = parse(text, repeats=True)
    letters = {69: "A", 71: "B", 72: "c", 74: "d", 76: "e"}
    assert "".join(letters[n.pitch] for n in score.notes) == played
    assert [n.onset for n in score.notes][1:] == [4.0 * i for i in range(1, len(played))]
    assert score.bars[-1].onset + score.bars[-1].length == score.notes[-1].onset + score.notes[-1].duration
    assert len(parse(text).notes) == sum(char in "ABcde" for char in body)


def test_a_tie_into_a_repeat_holds_in_both_turns():
    assert parse("M:C\nL:1/4\nK:C\n|:A4-|A4:|", repeats=True).notes == [(0, 8, 69), (8, 8, 69)]


HEAD = "M:4/4\nL:1/8\nK:G\n"


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        (HEAD + "ABc;d", 4, 4, "';' is no note"),
        (HEAD + "ABcd|\nAB&", 5, 3, "'&' is no note"),
        (HEAD + "AB^|", 4, 3, "'\\^' cannot stand here: an accidental stands before a note"),
        (HEAD + "|A 2B", 4, 4, "a length stands after a note"),
        (HEAD + "A ,B", 4, 3, "an octave mark stands after a note"),
        (HEAD + "A : B", 4, 3, "a colon belongs to a repeat"),
        (HEAD + "A [ce B", 4, 3, "a bracket opens a chord .* and is closed"),
        (HEAD + "ce]", 4, 3, "no chord was opened"),
        (HEAD + 'A "Am B', 4, 3, "not closed"),
        (HEAD + ">AB", 4, 1, "a note is missing before >"),
        (HEAD + "AB>|c", 4, 4, "a note is missing after >"),
        (HEAD + "AB>", 4, 4, "a note is missing after >"),
        (HEAD + "AB|-c", 4, 4, "a tie stands directly after its note"),
        (HEAD + "A (1Bc", 4, 3, "\\(1 is no tuplet"),
        (HEAD + "AB0", 4, 2, "a length of 0 is nothing"),
        (HEAD + "AB/0", 4, 2, "a length of /0 is nothing"),
        (HEAD + "Ag'''''''", 4, 2, "pitches go from 0 to 127"),
        (HEAD + "AB[K:Hm]", 4, 3, "K:Hm is no key"),
        (HEAD + "AB[M:3]", 4, 3, "M:3 is no metre"),
        (HEAD + "AB[L:0/8]", 4, 3, "L:0/8 is no length"),
        (HEAD + "AB[L:99999999999999/1]G", 4, 3, "longer than four whole notes"),
        (HEAD + "ABG999999999", 4, 3, "more than 64 quarter notes"),
        (HEAD + "ABZ999999999", 4, 3, "rests for more than 64 bars"),
        (HEAD + "[V:1]AB|[V:2]AB", 4, 9, "another voice"),
        ("M:4/0\nL:1/8\nK:G\nA", 1, 1, "M:4/0 is no metre"),
        ("M:4/4\nL:1/8\nK:H\nA", 3, 1, "K:H is no key"),
        ("M:4/4\nL:1/8\nABc", 3, 1, "before the key is known; a line such as K:G"),
        ("M:none\nL:1/8\nK:C\nAZ", 4, 2, "without a metre"),
    ],
)
def test_malformed_abc_is_refused_with_its_place_and_a_reason(text, line, column, reason):
    with pytest.raises(AbcError, match=f"(?s)^line {line}, column {column}: .*{reason}") as caught:
        parse(text)
    assert (caught.value.line, caught.value.column) == (line, column)


def read(text):
    try:
        return parse(text, repeats=True), None
    except AbcError as error:
        return None, error


def test_whatever_is_given_is_read_or_refused():
    random.seed(0)
    signs = sorted(set("".join(tune.text for tune in load_tunes()[::40]))) + list('~"!{}%&é²\t')
    refused = 0
    for tune in random.sample(load_tunes(), 150):
        text = list(tune.text)
        for _ in range(random.randrange(1, 6)):
            text[random.randrange(len(text))] = random.choice(signs) * random.choice((0, 1, 1, 1, 2, 40))
        score, error = read("".join(text))
        if error:
            refused += 1
            lines = "".join(text).split("\n")
            assert 1 <= error.line <= len(lines)
            assert 1 <= error.column <= len(lines[error.line - 1]) + 1
        else:
            assert all(note.duration > 0 and 0 <= note.pitch <= 127 for note in score.notes)
            assert [n.onset for n in score.notes] == sorted(n.onset for n in score.notes)
    assert 20 < refused < 140


def test_tunes_are_read_as_another_program_reads_them():
    tunes = load_tunes()
    compared = read_by_symusic.DIGESTS.keys() - read_by_symusic.DIFFER.keys()
    assert len(compared) == 214
    for number in compared:
        notes = [(note.onset, note.pitch) for note in parse(tunes[number].text).notes]
        assert read_by_symusic.digest(notes) == read_by_symusic.DIGESTS[number], tunes[number].title


FIGURES = """
from helpers.datasets.abc import AbcError, parse
from helpers.datasets.tunes import load_tunes
bars, refused, uneven = [], 0, 0
for tune in load_tunes():
    try:
        score = parse(tune.text)
    except AbcError:
        refused += 1
    else:
        bars += score.bars
        uneven += not all(bar.full for bar in score.bars)
print(refused, len(bars), sum(bar.full for bar in bars), uneven)
"""


def test_nearly_all_tunes_are_read_and_nearly_all_their_bars_are_full():
    # in a process of its own: here each call of each function is checked, and there are millions
    done = subprocess.run([sys.executable, "-c", FIGURES], capture_output=True, text=True, check=True)
    refused, bars, full, uneven = map(int, done.stdout.split())
    assert refused == 61  # misprints, second voices, fields that cleaning has cut
    assert full / bars == pytest.approx(0.986, abs=5e-4)
    assert 1 - uneven / (4248 - refused) == pytest.approx(0.86, abs=5e-3)
