"""Real notes beside the samples of models: those that the comparison measured, so many, and no note twice."""

import numpy as np

from helpers.datasets.harmonics import load_harmonics
from helpers.explorers.parts import real
from helpers.models import contenders
from helpers.recipes import comparison


def test_training_notes_are_those_that_were_measured_and_new_ones_are_new():
    shown, (found, samples) = real.real(), contenders.load()
    np.testing.assert_array_equal(shown["training notes"], comparison.bench().other[: real.SHOWN].numpy())
    new = {picture.tobytes() for picture in load_harmonics("new").picture.numpy()}
    assert len({picture.tobytes() for picture in shown["new notes"]} & new) == real.SHOWN == comparison.KEPT
    assert shown.keys() == found.real.keys()
    assert real.compared()[1].keys() == samples.keys() | shown.keys()
