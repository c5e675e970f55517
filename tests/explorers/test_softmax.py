"""Bars, formula and chord of the softmax explorer against torch."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from helpers import audio
from helpers.explorers import Softmax
from helpers.explorers.softmax.softmax import NOTES

STATES = [
    {},
    {"logits": [0.5, 2.0, -1.0, 3.0, 0.0, 1.0, -2.0, 0.3], "target": 3, "temperature": 0.3, "smoothing": 0.1},
    {"logits": [8.0, -8.0, 0.0], "target": 1, "temperature": 0.1, "chosen": 1},
    {"logits": [1.5, 0.0], "temperature": 10.0},
    {"logits": [1.0, 2.0, 0.0], "target": 2, "weight": 5.0, "smoothing": 0.2, "temperature": 2.0},
]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_every_number_is_torchs(state):
    explorer = Softmax(**state)
    result, state = explorer.result(), explorer.state
    z = torch.tensor(state["logits"], dtype=torch.float64, requires_grad=True)
    scaled, target = z / state["temperature"], torch.tensor(state["target"])
    weights = torch.ones_like(z).detach()
    weights[target] = state["weight"]
    loss = F.cross_entropy(scaled, target, weights, reduction="none", label_smoothing=state["smoothing"])
    (gradient,) = torch.autograd.grad(loss, z)
    assert result["loss"] == pytest.approx(loss.item(), rel=1e-9)
    np.testing.assert_allclose(result["gradient"], gradient, atol=1e-9)
    np.testing.assert_allclose(result["probabilities"], F.softmax(scaled, 0).detach(), rtol=1e-9)
    np.testing.assert_allclose(result["log probabilities"], F.log_softmax(scaled, 0).detach(), rtol=1e-9)
    np.testing.assert_allclose(result["scaled"], scaled.detach())
    np.testing.assert_allclose(result["exponentials"] / result["exponentials"].sum(), F.softmax(scaled, 0).detach(), rtol=1e-9)
    assert result["terms"].sum() == pytest.approx(loss.item(), rel=1e-9)
    assert result["knowing nothing"] == pytest.approx(
        F.cross_entropy(torch.zeros_like(z), target, weights, reduction="none", label_smoothing=state["smoothing"]).item()
    )
    drawn = {name: explorer.grid.panel(name).layers[0].xy[:, 1] for name in ("logits", "probabilities", "gradient")}
    for name, heights in drawn.items():
        np.testing.assert_array_equal(heights, result[name])
    np.testing.assert_array_equal(explorer.grid.panel("probabilities").layers[1].xy[:, 1], result["targets"])


def test_the_formula_says_what_is_computed():
    first, second, third = (label["text"] for label in Softmax(chosen=1, target=1).grid.labels)
    p = math.e / (math.e**2 + math.e + 1 + 1 / math.e)
    assert first == f"E4:  z = 1.00,   e to that = 2.718;   all together 11.48,   p = 2.718 / 11.48 = {p:.4f}"
    assert f"× (−{-math.log(p):.4f}) = {-math.log(p):.4f};" in second
    assert third.endswith(f"= −{1 - p:.4f}")


def test_a_drag_moves_one_logit_and_writes_out_its_class():
    explorer = Softmax()
    explorer._drag("logits", "logit", 2, 1.9, 4.567)
    assert explorer.state["logits"] == [2.0, 1.0, 4.57, -1.0]
    assert explorer.state["chosen"] == 2
    explorer._drag("logits", "logit", 2, 1.9, 44.0)
    assert explorer.state["logits"][2] == 8


def test_pointing_at_any_of_the_planes_marks_the_class_in_all():
    explorer = Softmax()
    for panel in ("logits", "probabilities", "gradient"):
        explorer.set(chosen=0)
        explorer.grid._receive(explorer.grid, {"type": "over", "panel": panel, "x": 2.3, "y": 0.0, "id": 1}, [])
        assert explorer.state["chosen"] == 2
        for shown in ("logits", "probabilities", "gradient"):
            inks = explorer.grid.panel(shown).layers[0].ink
            assert [i for i, ink in enumerate(inks) if inks.count(ink) == 1] == [2]


def test_fewer_classes_keep_target_and_choice_among_them():
    explorer = Softmax(logits=[0.0] * 8, target=7, chosen=6)
    explorer._classes.value = 3
    assert (len(explorer.state["logits"]), explorer.state["target"], explorer.state["chosen"]) == (3, 2, 2)
    explorer._classes.value = 5
    assert explorer.state["logits"] == [0.0] * 5
    assert explorer.problem is None


def test_each_note_is_as_loud_as_it_is_probable():
    explorer = Softmax(logits=[2.0, 0.0, 1.0, -3.0])
    chord = explorer.tracks()[0].samples.astype(np.float64)[4_000:28_000]
    for probability, pitch in zip(explorer.result()["probabilities"], NOTES.values(), strict=False):
        alone = audio.tone(audio.hertz(pitch), 2.0, harmonics=4, peak=0.25).double().numpy()[4_000:28_000]
        basis = np.exp(2j * np.pi * audio.hertz(pitch) * np.arange(len(chord)) / 16_000) * np.hanning(len(chord))
        assert abs(chord @ basis) / abs(alone @ basis) == pytest.approx(probability, abs=0.01)


def test_knowing_nothing_is_said_to_cost_the_log_of_the_number():
    assert "as much as knowing nothing, ln 4 = 1.386" in Softmax(logits=[3.0] * 4).verdict()
    assert "less than" in Softmax().verdict()
    assert "more than" in Softmax(target=3).verdict()


def test_bad_states_are_explained():
    for state, words in (
        ({"logits": [1.0]}, "1 classes"),
        ({"logits": [9.0, 0.0]}, "from −8 to 8"),
        ({"logits": ["a", 0.0]}, "a number from"),
        ({"target": 4}, r"numbered from 0 to 3|not offered"),
        ({"chosen": -1}, "numbered from 0 to 3"),
        ({"temperature": 0.37}, "not offered"),
        ({"smoothing": 1.0}, "leaves nothing"),
        ({"weight": 0.0}, r"not offered|would not count"),
    ):
        with pytest.raises(ValueError, match=words):
            Softmax(**state)


def test_the_question_is_answered_by_the_softmax():
    assert Softmax(predict=True).asked.truth() == "one note alone"
    assert Softmax(temperature=0.1).result()["probabilities"][0] > 0.99
