"""Which recordings a SoundFont plays for a program: just enough of the SoundFont 2.04 format to tell."""

from itertools import pairwise
from struct import calcsize, iter_unpack

RECORDS = {"phdr": "<20s3H3I", "pbag": "<2H", "pgen": "<2H", "inst": "<20sH", "ibag": "<2H", "igen": "<2H"}
INSTRUMENT, SAMPLE = 41, 53  # generators: what a program's zone plays, and what an instrument's zone plays


def recordings(font: bytes) -> dict[int, set[int]]:
    """The numbers of the samples behind each program of bank 0."""
    chunks = {name: _records(font, name, layout) for name, layout in RECORDS.items()}
    of_instrument = [
        _generators(chunks["igen"], chunks["ibag"], first[1], after[1], SAMPLE) for first, after in pairwise(chunks["inst"])
    ]
    programs = {}
    for first, after in pairwise(chunks["phdr"]):
        _, program, bank, bag, *_ = first
        if bank == 0:
            plays = _generators(chunks["pgen"], chunks["pbag"], bag, after[3], INSTRUMENT)
            programs[program] = set().union(*(of_instrument[i] for i in plays))
    return programs


def _records(font: bytes, name: str, layout: str) -> list[tuple]:
    """One of the tables behind the samples, record by record."""
    at = font.index(name.encode(), font.rindex(b"pdta"))
    size = int.from_bytes(font[at + 4 : at + 8], "little")
    assert size % calcsize(layout) == 0
    return list(iter_unpack(layout, font[at + 8 : at + 8 + size]))


def _generators(table: list[tuple], bags: list[tuple], first: int, after: int, wanted: int) -> set[int]:
    """The values of one kind of generator in the zones from one bag to another."""
    zones = [table[bags[bag][0] : bags[bag + 1][0]] for bag in range(first, after)]
    return {value for zone in zones for kind, value in zone if kind == wanted}
