"""What models know of pictures of harmonics is what the pictures are."""

import pytest
import torch

from helpers.concepts import timbre
from helpers.datasets import harmonics
from helpers.datasets.notes import FAMILIES
from helpers.models import pictures
from helpers.models.pictures import LEVELS, checked_family, to_levels, to_picture


def test_models_and_concepts_know_the_pictures_there_are():
    assert (pictures.ROWS, pictures.COLUMNS) == (harmonics.ROWS, harmonics.COLUMNS)
    assert len(FAMILIES) == pictures.KINDS_OF_NOTE
    assert timbre.RANGE_DB == harmonics.RANGE_DB


def test_a_number_that_stands_for_no_family_is_refused():
    assert checked_family(10) == 10
    for wrong in (-1, 11):
        with pytest.raises(ValueError, match=f"family is {wrong}; it is a number from 0 to 10"):
            checked_family(wrong)


def test_levels_and_back():
    steps = torch.linspace(0, 1, LEVELS).expand(1, 24, LEVELS)
    assert torch.allclose(to_picture(to_levels(steps)), steps)
    assert to_levels(torch.zeros(1, 24, 32)).max() == 0
