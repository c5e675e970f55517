"""What excites a unit: the nine notes of a search by hand, and the second of each that its box covers."""

import numpy as np
import pytest
import torch
from torch import nn

from helpers import audio
from helpers.datasets.notes import FAMILIES
from helpers.explorers import Activations
from helpers.models.cnn import ANATOMIES
from tests.explorers.making import network, notes


def explorer(**state: object) -> Activations:
    return Activations(network(), notes(), **state)


def maps(layer: int) -> torch.Tensor:
    """What the ReLU behind the layer's convolution writes for every note, (note, unit, row, column)."""
    y = notes().mel[:, None]
    network().eval()
    with torch.no_grad():
        for module in network():
            y = module(y.clone())  # it may work in place
            if isinstance(module, nn.ReLU):
                layer -= 1
                if layer < 0:
                    return y
    raise AssertionError


@pytest.mark.parametrize("order", ["most", "least"])
@pytest.mark.parametrize("layer", [0, 1])
def test_the_nine_notes_their_maps_and_the_means_are_those_found_by_hand(layer, order):
    y, opened = maps(layer), explorer(layer=layer, order=order)
    for unit in range(y.shape[1]):
        strongest = y[:, unit].amax((1, 2))
        expected = sorted(range(len(notes())), key=lambda i: (1 if order == "least" else -1) * float(strongest[i]))[:9]
        result = opened.set(unit=unit, note=unit % 9).result()
        assert result["notes"].tolist() == expected
        np.testing.assert_allclose(result["activation"], strongest[expected], rtol=1e-5, atol=1e-6)
        chosen = expected[unit % 9]
        np.testing.assert_allclose(result["map"], y[chosen, unit], rtol=1e-5, atol=1e-5)
        assert result["map"][tuple(result["place"])] == result["map"].max()
        for k in range(11):
            mean = float(strongest[notes().family == k].mean())
            assert result["family_mean"][k] == pytest.approx(mean, rel=1e-4, abs=1e-5)


def test_the_box_of_a_note_is_what_the_activation_depends_on():
    opened = explorer(layer=1, unit=2)
    model, result = network().eval(), opened.result()
    for i in (0, 4):
        mel = notes().mel[int(result["notes"][i])].clone()[None, None].requires_grad_()
        y = mel
        for module in list(model)[:6]:
            y = module(y)
        place = np.unravel_index(int(y[0, 2].argmax()), y.shape[2:])
        felt = torch.autograd.grad(y[0, 2][place], mel)[0][0, 0].nonzero()
        row, column, height, width = result["fields"][i]
        assert (felt >= torch.tensor([row, column])).all()
        assert (felt < torch.tensor([row + height, column + width])).all()
        mark = opened.grid.marks[i]
        assert (mark["panel"], mark["row"], mark["column"], mark["height"], mark["width"]) == (
            f"note{i}",
            *result["fields"][i],
        )


def test_each_note_is_heard_around_its_peak():
    opened = explorer(layer=1, unit=3, note=4)
    result = opened.result()
    together, chosen = opened.tracks()
    assert np.array_equal(chosen.samples, notes().audio(int(result["notes"][4])).numpy())
    assert len(together.samples) == 9 * 16_000
    fade = audio.fade(16_000).numpy()
    for i, (which, (_, column, _, width)) in enumerate(zip(result["notes"], result["fields"])):
        begins = min(max(int((column + width / 2) * 1000 - 8000), 0), 48_000)
        expected = notes().audio(int(which)).numpy()[begins : begins + 16_000] * fade
        np.testing.assert_allclose(together.samples[16_000 * i : 16_000 * (i + 1)], expected, atol=1e-6)


def test_words_say_the_numbers():
    opened = explorer(layer=1, unit=1, note=5)
    result = opened.result()
    assert notes().label(int(result["notes"][5])) in opened.alt()
    assert f"activation {result['activation'][5]:.2f}" in opened.alt()
    row, column, height, width = result["fields"][5]
    hertz = audio.mel_frequencies()
    assert f"from {hertz[row]:,.0f} Hz to {hertz[row + height - 1]:,.0f} Hz" in opened.alt()
    assert f"{column / 16:.2f} to {(column + width) / 16:.2f} s" in opened.alt()
    families = [FAMILIES[int(notes().family[int(i)])] for i in result["notes"]]
    assert all(f"{families.count(family)} {family}" in opened.alt() for family in families)


FIELDS = {  # 1 + (kernel − 1) times the strides before it, added up by hand; of VGG's last 68 cells, 62 lie on the picture
    "LeNet": {"Tanh": [5, 14]},
    "AlexNet": {"ReLU": [7, 27, 51]},
    "VGG": {"ReLU": [3, 5, 10, 14, 24, 32, 52, 62]},
    "ResNet": {"ReLU": [3, 11, 23, 47]},
}


@pytest.mark.parametrize("name", ANATOMIES)
def test_the_layers_are_what_one_means_and_see_more_and_more(name):
    torch.manual_seed(0)
    opened = Activations(ANATOMIES[name](), notes())
    ((bend, expected),) = FIELDS[name].items()
    seen = []
    for layer, said in enumerate(opened.names):
        result = opened.set(layer=layer, unit=1).result()
        rows, columns = result["map"].shape
        ((*_, height, width),) = opened.fields(layer, [(rows // 2, columns // 2)])
        seen.append(max(height, width))
        what = "block" if name == "ResNet" and layer else "convolution"
        number = layer if what == "block" else layer + 1
        assert said == f"{what} {number}, after its {bend}"
        assert bend == "Tanh" or result["map"].min() >= 0
        assert opened.grid.panel("map").title.startswith(f"{said}: unit 1 on note 0, {rows}×{columns}")
        assert f"unit 1 of layer {layer} ({said})" in opened.alt()
    assert seen == sorted(seen) == expected
    assert [label for label, _ in opened.controls["layer"].options] == opened.names


def test_a_silent_unit_is_said_to_be_silent_and_has_no_box():
    opened = explorer(order="least")
    for unit in range(6):
        result = opened.set(unit=unit).result()
        boxed = {mark["panel"] for mark in opened.grid.marks if mark["ink"] == "window"}
        assert {f"note{i}" for i, a in enumerate(result["activation"]) if a > 0} == boxed - {"map"}
        for note in range(9):
            opened.set(note=note)
            assert ("silent everywhere" in opened.alt()) == (not opened.result()["map"].any())
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())
    nn.init.constant_(model[0].bias, -100.0)
    opened = Activations(model, notes())
    assert "activation 0.00: the unit is silent everywhere." in opened.alt()
    assert [mark["ink"] for mark in opened.grid.marks] == ["lock"]


def test_a_layer_with_fewer_units_keeps_the_number_in_range():
    opened = explorer(layer=1, unit=7)
    assert opened.set(layer=0).state["unit"] == 5
    assert opened.controls["unit"].value == opened.controls["unit"].max == 5


def test_a_click_chooses_a_note():
    opened = explorer()
    opened.grid._receive(opened.grid, {"type": "click", "panel": "note6", "row": 1, "column": 1, "id": 1}, [])
    assert opened.state["note"] == 6


def test_the_network_is_left_as_it_was():
    model = network().train()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    random = torch.get_rng_state()
    opened = explorer()
    opened.drive()
    assert all(module.training for module in model.modules())
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random)
    model.eval()


def test_what_cannot_be_searched_is_refused():
    with pytest.raises(ValueError, match="no convolution"):
        Activations(nn.Linear(3, 3), notes())
    with pytest.raises(ValueError, match="at least 9"):
        Activations(network(), notes()[:8])


def test_the_question_knows_its_answer():
    for unit in range(6):
        opened = explorer(unit=unit)
        families = {FAMILIES[int(notes().family[int(i)])] for i in opened.result()["notes"]}
        assert opened.question().truth() == (families.pop() if len(families) == 1 else "several families")
