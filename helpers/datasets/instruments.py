"""Which General MIDI programs stand for NSynth's eleven instrument families, and which of them are held out.

An *instrument* is one program. Networks are trained on some instruments and tried on others of the same family, as in
NSynth; the lists below were chosen from the General MIDI table and are never changed to suit a result.
Notebook: 04_cnns.
"""

from typing import NamedTuple

FAMILIES = ("bass", "brass", "flute", "guitar", "keyboard", "mallet", "organ", "reed", "string", "synth_lead", "vocal")

RANGES = {  # lowest and highest MIDI pitch
    "bass": (28, 60),
    "brass": (40, 76),
    "flute": (60, 96),
    "guitar": (40, 80),
    "keyboard": (28, 96),
    "mallet": (48, 96),
    "organ": (36, 90),
    "reed": (44, 80),
    "string": (36, 90),
    "synth_lead": (36, 90),
    "vocal": (48, 80),
}

PROGRAMS = {  # General MIDI numbers from 0, with the standard's names
    "bass": {32: "Acoustic Bass", 33: "Electric Bass (finger)", 34: "Electric Bass (pick)", 35: "Fretless Bass",
             36: "Slap Bass 1", 37: "Slap Bass 2", 38: "Synth Bass 1", 39: "Synth Bass 2"},
    "brass": {56: "Trumpet", 57: "Trombone", 58: "Tuba", 59: "Muted Trumpet",
              60: "French Horn", 61: "Brass Section", 62: "Synth Brass 1", 63: "Synth Brass 2"},
    "flute": {72: "Piccolo", 73: "Flute", 74: "Recorder", 75: "Pan Flute",
              76: "Blown Bottle", 77: "Shakuhachi", 78: "Whistle", 79: "Ocarina"},
    "guitar": {24: "Acoustic Guitar (nylon)", 25: "Acoustic Guitar (steel)", 26: "Electric Guitar (jazz)",
               27: "Electric Guitar (clean)", 28: "Electric Guitar (muted)", 29: "Overdriven Guitar",
               30: "Distortion Guitar", 104: "Sitar", 105: "Banjo", 106: "Shamisen"},
    "keyboard": {0: "Acoustic Grand Piano", 1: "Bright Acoustic Piano", 2: "Electric Grand Piano",
                 3: "Honky-tonk Piano", 4: "Electric Piano 1", 5: "Electric Piano 2", 6: "Harpsichord", 7: "Clavinet"},
    "mallet": {8: "Celesta", 9: "Glockenspiel", 10: "Music Box", 11: "Vibraphone", 12: "Marimba",
               13: "Xylophone", 14: "Tubular Bells", 108: "Kalimba", 114: "Steel Drums"},
    "organ": {16: "Drawbar Organ", 17: "Percussive Organ", 18: "Rock Organ", 19: "Church Organ", 20: "Reed Organ"},
    "reed": {64: "Soprano Sax", 65: "Alto Sax", 66: "Tenor Sax", 67: "Baritone Sax", 68: "Oboe",
             69: "English Horn", 70: "Bassoon", 71: "Clarinet", 111: "Shanai"},
    "string": {40: "Violin", 41: "Viola", 42: "Cello", 43: "Contrabass", 44: "Tremolo Strings",
               48: "String Ensemble 1", 49: "String Ensemble 2", 50: "Synth Strings 1", 51: "Synth Strings 2",
               110: "Fiddle"},
    "synth_lead": {80: "Lead 1 (square)", 81: "Lead 2 (sawtooth)", 82: "Lead 3 (calliope)", 83: "Lead 4 (chiff)",
                   84: "Lead 5 (charang)", 86: "Lead 7 (fifths)", 87: "Lead 8 (bass + lead)"},
    "vocal": {52: "Choir Aahs", 53: "Voice Oohs", 54: "Synth Voice", 85: "Lead 6 (voice)", 91: "Pad 4 (choir)"},
}  # fmt: skip

TEST = (34, 37, 57, 60, 73, 74, 25, 27, 1, 5, 12, 11, 17, 66, 69, 41, 49, 81, 83, 53)
VALID = (39, 63, 79, 30, 3, 10, 18, 65, 51, 87, 91)  # one a family, each with a sibling left in training
# Test programs that the font plays from the recordings of a training program, here the one named: a test reads the font.
SAME_RECORDINGS = {1: 0, 41: 40, 49: 48}


class Instrument(NamedTuple):
    """One General MIDI program as an NSynth instrument; `index` is its number among all."""

    index: int
    family: str
    program: int
    name: str
    split: str
    pitches: tuple[int, ...]

    @property
    def label(self) -> str:
        """NSynth's instrument_str, with the program in place of its running number: bass_synthetic_033."""
        return f"{self.family}_synthetic_{self.program:03d}"


def instruments() -> list[Instrument]:
    """All instruments, by family and program.

    >>> instruments()[1].label
    'bass_synthetic_033'
    """
    pairs = [(family, program) for family in FAMILIES for program in PROGRAMS[family]]
    return [
        Instrument(i, family, program, PROGRAMS[family][program], split_of(program), _pitches(family))
        for i, (family, program) in enumerate(pairs)
    ]


def split_of(program: int) -> str:
    """The documented split a General MIDI program belongs to: train, valid or test."""
    return "test" if program in TEST else "valid" if program in VALID else "train"


def _pitches(family: str) -> tuple[int, ...]:
    """Every semitone, as in NSynth: on a coarser grid a family can be told by its pitches alone.

    (With a note every three semitones from each family's lowest, bass had 28, 31, 34, … and reed 44, 47, 50, …)
    """
    low, high = RANGES[family]
    return tuple(range(low, high + 1))
