"""Chorales as symbols and back, for all of them; transposed, the pitches move and nothing else does."""

import numpy as np
import pytest

from helpers.datasets import voices
from helpers.datasets.chorales import Chorale, load_chorales
from helpers.datasets.voices import LETTERS, NUMBER, SYMBOLS


def test_every_chorale_comes_back_as_it_was():
    for chorale in load_chorales():
        numbers = voices.encode(chorale)
        again = voices.decode(numbers)
        assert (again.pitch == chorale.pitch).all()
        changes = (np.diff(chorale.pitch, axis=0, prepend=-1) != 0) & (chorale.pitch >= 0)
        assert (again.onset == ((chorale.onset | changes) & (chorale.pitch >= 0))).all()
        assert len(numbers) == 4 * len(chorale.pitch) + 2
        assert [SYMBOLS[n][0] for n in numbers[1:-1]] == list(LETTERS) * len(chorale.pitch)


@pytest.mark.parametrize("semitones", [-3, -1, 0, 2, 3])
def test_a_transposed_chorale_is_the_same_some_semitones_away(semitones):
    table = voices.transposition(semitones)
    for chorale in load_chorales()[::12]:
        moved = voices.decode(table[voices.encode(chorale)].tolist())
        rests = chorale.pitch < 0
        assert (moved.pitch == np.where(rests, -1, chorale.pitch + semitones)).all()


def test_one_cannot_go_further_than_there_is_room():
    with pytest.raises(ValueError, match="4 semitones"):
        voices.transposition(4)


def test_what_is_unfinished_is_left_out():
    said = ["S72", "A67", "T.", "B48", "S-", "A69", "T.", "B-", "S71", "A67"]
    chorale = voices.decode([NUMBER[s] for s in said])
    assert chorale.pitch.tolist() == [[72, 67, -1, 48], [72, 69, -1, 48]]
    assert chorale.onset.tolist() == [[True, True, False, True], [False, True, False, False]]
    ended = voices.decode([NUMBER[s] for s in ["<start>", *said[:4], "<end>", *said[4:]]])
    assert len(ended.pitch) == 1
    assert len(voices.decode([]).pitch) == 0


def test_the_wrong_voice_is_named_with_its_place():
    with pytest.raises(ValueError, match=r"symbol 1 is T60; at this place it is the alto's turn"):
        voices.decode([NUMBER[s] for s in ["S72", "T60", "A67", "B48"]])


def test_a_voice_out_of_its_range_is_named():
    pitch = np.int16([[72, 67, 60, 30]])
    with pytest.raises(ValueError, match="step 0: the bass sings 30; its range is 33 to 67"):
        voices.encode(Chorale("low", pitch, np.ones((1, 4), bool)))
