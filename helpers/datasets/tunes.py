"""Folk tunes to learn from: 4,248 reels, jigs, hornpipes, airs and marches of three old collections, as ABC text.

O'Neill's Music of Ireland (1903), Ryan's Mammoth Collection (1883) and Aird's Airs (1782 to 1803), from the files that
music21's wheel carries; `make data` fetches them, and music21 is not imported. What stands in a tune beside its notes is
dropped: comments, words, chord symbols, grace notes, ornaments, bowings, the ends of lines. A change of metre, unit or key
inside a tune stays, as a field in brackets. Notebook: 05_rnns.
"""

import random
import re
import zipfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from helpers.datasets.abc import fields
from helpers.datasets.assets import AGAIN, AssetError, fetch

COLLECTIONS = ("oneills1850", "ryansMammoth", "airdsAirs")
SHORTEST = 41  # characters: anything below is a fragment
TUNE = re.compile(r"^(?=X:\s*\d+)", re.MULTILINE)
FIELD = re.compile(r"([A-Za-z]):\s*(.*)")
COMMENT = re.compile(r"(?<!\\)%.*")
CHANGES = "MLK"  # of metre, unit or key, between lines of notes
REMARKS = "wWNTPQIRZSBHOCDFG"  # fields that may stand between lines of notes: words, title, part, tempo, ...
BESIDE = re.compile(r'"[^"]*"|![^!]*!|\+[^+]*\+|\{[^}]*\}')  # chord symbols, decorations (two ways), grace notes
ORNAMENTS = re.compile(r"[~.`vuTHLMOPS\\$*]")  # one letter each, for instance T for a trill; \ joins two lines
INLINE = re.compile(r"(\[[A-Za-z]:[^]|]*\])")  # a field among the notes, as [M:3/4]: its letters are no ornaments
REMARK = re.compile(rf"\[[{REMARKS}]:[^]|]*\]")


@dataclass(frozen=True)
class Tune:
    """A tune: its title, the values of its M:, L: and K: fields, its notes, and the collection it is from."""

    title: str
    metre: str
    unit: str
    key: str
    body: str
    source: str

    @property
    def text(self) -> str:
        """The tune as ABC: a line each for metre, unit and key, then the notes."""
        return f"M:{self.metre}\nL:{self.unit}\nK:{self.key}\n{self.body}\n"


def load_tunes() -> list[Tune]:
    """All 4,248 tunes, collection by collection, always in the same order. Raises AssetError as assets.fetch does."""
    return list(_tunes())


def held_out(tunes: list[Tune]) -> tuple[list[Tune], list[Tune]]:
    """(learn, held): a tenth of the tunes, drawn with random.Random(0), is held out to test on."""
    order = list(range(len(tunes)))
    random.Random(0).shuffle(order)
    tenth = len(tunes) // 10
    return [tunes[i] for i in order[tenth:]], [tunes[i] for i in order[:tenth]]


def twins(held: list[Tune], learn: list[Tune]) -> list[bool]:
    """Tell of each held tune whether it stands, in another setting, among those to learn from.

    It does if more than half of its runs of twelve letters, all signs but the notes left out, stand in one of them. Tunes
    were collected more than once, so a score on the held tunes is a little better than one on new tunes.
    """
    where = defaultdict(set)
    for number, tune in enumerate(learn):
        for run in _runs(tune):
            where[run].add(number)
    shared = [(_runs(tune), Counter(n for run in _runs(tune) for n in where.get(run, ()))) for tune in held]
    return [max(counts.values(), default=0) > len(runs) / 2 for runs, counts in shared]


def _runs(tune: Tune, length: int = 12) -> set[str]:
    letters = "".join(char for char in tune.body if char in "ABCDEFGabcdefg")
    return {letters[i : i + length] for i in range(len(letters) - length + 1)}


@cache
def _tunes() -> tuple[Tune, ...]:
    return tuple(tune for name in COLLECTIONS for tune in read_collection(fetch(f"{name}.zip")))


def read_collection(path: Path) -> list[Tune]:
    """The tunes of one archive of ABC files, file by file. Raises AssetError if it cannot be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            books = [archive.read(name).decode("utf-8") for name in sorted(archive.namelist())]
    except (OSError, zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise AssetError(f"{path}: these tunes cannot be read ({error}). Remove the file, {AGAIN}.") from error
    parts = [part for book in books for part in TUNE.split(book) if part.startswith("X:")]
    return [tune for part in parts if (tune := read_tune(part, path.stem))]


def read_tune(text: str, source: str) -> Tune | None:
    """One tune from its X: line on, cleaned; None if it has no metre or no key, or is a fragment."""
    head, lines = {}, []
    for line in (COMMENT.sub("", line).strip() for line in text.splitlines()):
        field = FIELD.match(line)
        if field and "K" not in head:  # the key ends the head of a tune
            head.setdefault(field[1], field[2])
        elif field and "K" in head and field[1] in CHANGES:
            lines.append(f"[{field[1]}:{_key(field[2]) if field[1] == 'K' else field[2]}]")
        elif line and "K" in head and not (field and field[1] in REMARKS):
            lines.append(line)
    body = clean(" ".join(lines))
    if "K" not in head or "M" not in head or len(body) < SHORTEST:
        return None
    unit = head.get("L") or fields.usual_unit(fields.metre(head["M"]))
    return Tune(head.get("T", "?"), head["M"], unit, _key(head["K"]), body, source)


def _key(text: str) -> str:
    try:
        return fields.short_key(text)
    except ValueError:  # two tunes say Bn: whoever parses them is told
        return text


def clean(body: str) -> str:
    """The notes, bars and fields of a tune alone, on one line."""
    parts = INLINE.split(REMARK.sub("", BESIDE.sub("", body)))  # every second one is a field
    parts[::2] = [ORNAMENTS.sub("", part) for part in parts[::2]]
    return " ".join("".join(parts).split())
