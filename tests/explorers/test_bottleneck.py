"""Bottleneck: the code against the codec itself, bits against counting, what drags and clicks do."""

import math

import numpy as np
import pytest
import torch

from helpers.concepts.quantiser import entropy
from helpers.datasets.harmonics import held_out, load_harmonics, sound
from helpers.explorers import Bottleneck
from helpers.models.checkpoints import load


@pytest.fixture(scope="module")
def model():
    return load("timbre-codec")[0]


@pytest.mark.parametrize(("numbers", "levels"), [(1, 2), (8, 4), (32, 16)])
def test_what_is_decoded_is_what_the_codec_decodes(model, numbers, levels):
    shown = Bottleneck(family="organ", numbers=numbers, levels=levels).result()
    picture = torch.from_numpy(shown["picture"])
    index = model.encode(picture[None], numbers, levels)
    assert shown["index"].tolist() == index[0].tolist()
    decoded = model.decode(index, levels)[0].numpy()
    assert np.array_equal(shown["decoded"], decoded)
    assert shown["error"] == pytest.approx(60 * math.sqrt(((decoded - shown["picture"]) ** 2).mean()), rel=1e-5)


def test_bits_and_entropy_are_counted(model):
    shown = Bottleneck(numbers=8, levels=4)
    bits, shorter, error = shown.result()["rate"]
    test = load_harmonics("new").picture
    index = model.encode(test, 8, 4)
    assert bits == 8 * 2
    assert shorter == pytest.approx(sum(entropy(index[:, i], 4) for i in range(8)))
    assert error == pytest.approx(60 * float(((model.decode(index, 4) - test) ** 2).mean().sqrt()), rel=1e-5)
    assert shown.result()["fewer"] == 16 * 16_000 / 16
    assert "8 × log₂ 4 = 16.0 bits" in shown.verdict()
    assert "256,000: 16,000 times" in shown.verdict()


def test_a_number_that_is_dragged_goes_to_a_level_and_is_decoded(model):
    explorer = Bottleneck(family="brass", numbers=8, levels=4)
    before = explorer.result()
    explorer._dragged("code", "sent", 2, 2.0, 0.4)
    explorer._newest.flush()
    after = explorer.result()
    assert explorer.state["moved"] == [[2, 0.4]]
    assert after["index"][2] == 2  # of -1, -1/3, 1/3, 1
    assert [i for i in range(8) if after["index"][i] != before["index"][i]] in ([2], [])
    index = torch.from_numpy(before["index"]).clone()
    index[2] = 2
    assert np.array_equal(after["decoded"], model.decode(index[None], 4)[0].numpy())
    explorer.set(numbers=2)
    assert explorer.state["moved"] == []


def test_a_dot_of_the_curves_chooses(model):
    explorer = Bottleneck()
    explorer._picked("rates", "16 levels", 1, False)
    assert (explorer.state["numbers"], explorer.state["levels"]) == (2, 16)
    explorer._picked("rates", "not rounded", 5, False)
    assert (explorer.state["numbers"], explorer.state["levels"]) == (32, 0)


def test_what_is_heard_is_what_is_shown():
    explorer = Bottleneck(family="flute")
    decoded, whole, recorded = (track.samples for track in explorer.tracks())
    note = held_out()["flute"]
    pitch = int(note.pitch)
    assert np.array_equal(decoded, sound(torch.from_numpy(explorer.result()["decoded"]), pitch).numpy())
    assert np.array_equal(whole, sound(note.picture[0], pitch).numpy())
    rms = [float(np.sqrt(np.mean(x**2))) for x in (whole, recorded)]
    assert rms[0] == pytest.approx(rms[1], rel=1e-3)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"levels": 5}, "levels=5 cannot be"),
        ({"numbers": 3}, "numbers=3 cannot be"),
        ({"moved": [[8, 0.0]]}, "0 to 7"),
        ({"moved": [[1, 1.5]]}, "−1 to 1"),
        ({"family": "theremin"}, "theremin"),
    ],
)
def test_what_cannot_be_is_said(state, said):
    with pytest.raises(ValueError, match=said):
        Bottleneck(**state)
