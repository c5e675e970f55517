"""Cards say what weights reach, and can be made to say it anew without training."""

import pytest

from helpers.datasets.harmonics import load_harmonics
from helpers.models import checkpoints
from helpers.recipes import __main__ as recipes


def test_measuring_again_mends_what_a_card_says_and_leaves_its_weights(tmp_path):
    model, card = checkpoints.load("timbre-judge")
    wrong = card.measured | {"accuracy on new instruments": 1.0}
    checkpoints.save(card.name, model, card.recipe, wrong, card.symbols, tmp_path)
    recipes.measure(["timbre-judge"], tmp_path)
    mended = checkpoints.load("timbre-judge", tmp_path)[1]
    assert mended == card
    new = load_harmonics("new")
    right = sum(int(model(picture[None]).argmax()) == int(family) for picture, family in zip(new.picture, new.family))
    assert mended.measured["accuracy on new instruments"] == pytest.approx(right / 345)


def test_what_cannot_be_measured_is_named():
    with pytest.raises(SystemExit, match="'tunes-rnn' cannot be measured without training; there are timbre-judge"):
        recipes.measure(["tunes-rnn"])
