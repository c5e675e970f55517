"""What excites a unit: the nine notes of a search by hand, and the second of each that its box covers."""

import numpy as np
import pytest
import torch
from torch import nn

from helpers import audio
from helpers.datasets.notes import FAMILIES
from helpers.explorers import Activations
from tests.explorers.making import network, notes


def explorer(**state: object) -> Activations:
    return Activations(network(), notes(), **state)


def maps(layer: int) -> torch.Tensor:
    """The layer's output for every note, (note, unit, row, column), by running the modules one by one."""
    y = notes().mel[:, None]
    network().eval()
    with torch.no_grad():
        for module in network():
            y = module(y)
            if isinstance(module, nn.Conv2d):
                layer -= 1
                if layer < 0:
                    return y
            y = y.clone()  # the next may work in place
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
        for module in list(model)[:5]:
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
