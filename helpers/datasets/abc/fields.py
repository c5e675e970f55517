"""What the M:, L: and K: fields of ABC say: the length of a bar, the length of a plain note, the sharps and flats.

After The abc music standard 2.1 (Walshaw, 2011), sections 3.1.6, 3.1.7 and 3.1.14. Lengths are in quarter notes.
"""

import re
from fractions import Fraction
from typing import NamedTuple

SHARPS = "FCGDAEB"  # the order in which sharps come; flats come backwards
MODES = {"": 0, "maj": 0, "ion": 0, "lyd": 1, "mix": -1, "dor": -2, "m": -3, "min": -3, "aeo": -3, "phr": -4, "loc": -5}
PIPES = {"none": "", "HP": "", "Hp": "FC"}  # no key at all, and the highland pipes: unwritten, or with F and C sharp
KEY = re.compile(r"([A-G])([#b]?)\s*([A-Za-z]*)\s*((?:(?:\^\^?|=|__?)[A-Ga-g]\s*)*)")
ALTER = {"^^": 2, "^": 1, "=": 0, "_": -1, "__": -2}


class Metre(NamedTuple):
    """The length of a bar, None if it is free, and whether its beats have three parts, as in 6/8."""

    bar: Fraction | None
    compound: bool = False


def metre(text: str) -> Metre:
    """The metre of an M: field: metre("6/8") is (3 quarter notes, compound). Raises ValueError if it is none."""
    text = {"C": "4/4", "C|": "2/2"}.get(text, text)
    if text in ("", "none"):
        return Metre(None)
    parts = re.fullmatch(r"(\d+)/(\d+)", text)
    if not parts or not int(parts[1]) or not int(parts[2]):
        raise ValueError(f"M:{text} is no metre; write a fraction such as M:6/8, or M:C, M:C| or M:none")
    beats = int(parts[1])
    return Metre(Fraction(4 * beats, int(parts[2])), beats % 3 == 0 and beats > 3)


def unit(text: str) -> Fraction:
    """The length of a note without a number, from an L: field. Raises ValueError if it is none."""
    parts = re.fullmatch(r"(\d+)(?:/(\d+))?", text)
    if not parts or not int(parts[1]) or (parts[2] and not int(parts[2])):
        raise ValueError(f"L:{text} is no length of a note; write a fraction such as L:1/8")
    length = Fraction(4 * int(parts[1]), int(parts[2] or 1))
    if length > 16:
        raise ValueError(f"L:{text} is no length of a note: longer than four whole notes; write a fraction such as L:1/8")
    return length


def usual_unit(metre: Metre) -> str:
    """The L: field of a tune that has none: a sixteenth if its bar is shorter than 3/4, else an eighth."""
    return "1/16" if metre.bar is not None and metre.bar < 3 else "1/8"


def short_key(text: str) -> str:
    """The usual way to write a key: short_key("E Minor") is "Em", short_key("D Mixolydian") is "Dmix"."""
    tonic, mode, own = _split(text)
    mode = {"maj": "", "ion": "", "min": "m", "aeo": "m"}.get(mode, mode)
    return tonic + mode + (f" {own}" if own else "")


def signature(text: str) -> dict[str, int]:
    """The sharps (1) and flats (-1) of a K: field, by letter: signature("Em") is {"F": 1}.

    Raises ValueError, with what would be right, if there is no such key.
    """
    tonic, mode, own = _split(text)
    if tonic in PIPES:
        return dict.fromkeys(PIPES[tonic], 1)
    fifths = SHARPS.index(tonic[0]) - 1 + 7 * {"": 0, "#": 1, "b": -1}[tonic[1:]] + MODES[mode]
    if abs(fifths) > 7:
        raise ValueError(f"K:{text} would have {abs(fifths)} {'sharps' if fifths > 0 else 'flats'}; a key has at most 7")
    letters = SHARPS[:fifths] if fifths >= 0 else SHARPS[fifths:]
    accidentals = re.findall(r"(\^\^?|=|__?)([A-Ga-g])", own)  # a key may name accidentals of its own: K:Dmix=c
    return dict.fromkeys(letters, 1 if fifths > 0 else -1) | {letter.upper(): ALTER[sign] for sign, letter in accidentals}


def _split(text: str) -> tuple[str, str, str]:
    if text in PIPES:
        return text, "", ""
    parts = KEY.fullmatch(text)
    mode = parts[3].lower() if parts else None
    mode = mode if mode in MODES else mode and mode[:3]  # the case of a mode and all after three letters are ignored
    if mode not in MODES:
        raise ValueError(
            f"K:{text} is no key; write a note and a mode, such as K:G, K:Em, K:Bb, K:F#m, K:Ador or K:Dmix, or K:none"
        )
    return parts[1] + parts[2], mode, parts[4].strip()
