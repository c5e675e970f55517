"""Learned kernels: to the bit those of the file, their spectra NumPy's, in the order that is claimed."""

import numpy as np
import pytest
import torch

from helpers.datasets.assets import fetch
from helpers.explorers import Kernels
from tests.explorers.making import stages


def stored(name: str, weight: str) -> np.ndarray:
    return torch.load(fetch(name), weights_only=True)[weight].float().numpy()


def from_browser(explorer: Kernels, **message: object):
    explorer.grid._receive(explorer.grid, {**message, "id": 1}, [])


def test_crepes_kernels_are_those_of_its_file():
    result = Kernels().result()
    assert np.array_equal(result["kernels"], stored("crepe-tiny.pth", "conv1.weight")[:, 0, :, 0])
    assert result["kernels"].shape == (128, 512)


def test_crepes_kernels_lie_low_and_are_no_bank_on_a_log_scale():
    """What the lecture says of them: most below 1,000 Hz, there about evenly in Hz (each octave has more), few above 2,000 Hz."""
    hertz = Kernels().result()["peak_hertz"]
    assert (hertz < 1000).sum() > 64
    octaves, _ = np.histogram(hertz, [62.5, 125, 250, 500, 1000])
    assert (np.diff(octaves) > 0).all()
    assert octaves[-1] > 4 * octaves[0]
    assert (hertz > 2000).sum() < 10


def test_efficientnets_kernels_are_those_of_its_file():
    result = Kernels(network="efficientnet").result()
    assert np.array_equal(result["kernels"], stored("efficientnet-lite0.pth", "_conv_stem.weight"))


def test_my_kernels_are_those_i_gave():
    weights = stages()
    for stage in (0, 1, 2, -1):
        explorer = Kernels(weights=weights, network="mine", stage=stage)
        assert np.array_equal(explorer.result()["kernels"], weights[stage])
        assert np.array_equal(explorer.grid.panel("large0").values, weights[stage][0, 0])


def test_spectra_and_pitch_are_numpys():
    result = Kernels().result()
    expected = np.abs(np.fft.rfft(result["kernels"].astype(np.float64)))
    np.testing.assert_allclose(result["spectra"], expected, atol=1e-3)
    peak = expected.argmax(1) * 16_000 / 512
    np.testing.assert_allclose(result["peak_hertz"], peak)
    assert result["median_hertz"] == pytest.approx(np.sort(peak)[63])  # torch takes the lower of the two in the middle
    assert 400 < result["median_hertz"] < 700


def test_the_order_is_the_one_that_is_claimed():
    explorer = Kernels()
    peak, order = explorer.result()["peak_hertz"], explorer.result()["order"]
    assert sorted(order) == list(range(128))
    assert (np.diff(peak[order]) >= 0).all()
    assert explorer.set(order="number").result()["order"].tolist() == list(range(128))
    energy = np.square(explorer.result()["kernels"]).sum(1)
    np.testing.assert_allclose(explorer.result()["energy"], energy, rtol=1e-5)
    assert (np.diff(energy[explorer.set(order="energy").result()["order"]]) <= 1e-5).all()


def test_the_sheet_shows_the_kernels_in_that_order():
    explorer = Kernels()
    names = [panel.name for panel in explorer.grid.panels if panel.name.startswith("kernel")]
    assert names == [f"kernel{i}" for i in explorer.result()["order"]]
    place = {name: (explorer.grid.panel(name).y, explorer.grid.panel(name).x) for name in names}
    assert list(place.values()) == sorted(place.values())


def test_the_picture_of_all_spectra_has_a_column_for_each_kernel_scaled_to_its_peak():
    explorer = Kernels()
    shown, result = explorer.grid.panel("spectra"), explorer.result()
    assert shown.values.shape == (96, 128)  # 0 to 3,000 Hz
    np.testing.assert_allclose(shown.values.max(0), 1, atol=1e-6)
    for column in (0, 50, 127):
        spectrum = result["spectra"][result["order"][column]]
        np.testing.assert_allclose(shown.values[:, column] * spectrum[:96].max(), spectrum[:96], rtol=1e-5)
    assert shown.row_names[32] == "1,000 Hz"
    assert shown.column_names == [f"#{i}" for i in result["order"]]
    assert shown.ticks


def test_hovering_shows_a_kernel_and_leaving_the_state_alone():
    explorer = Kernels()
    before = explorer.state
    from_browser(explorer, type="hover", panel="kernel77", row=0, column=0)
    assert np.array_equal(explorer.grid.panel("waveform").values[0], explorer.result()["kernels"][77])
    assert "Kernel 77" in explorer.grid.caption
    assert explorer.state == before
    from_browser(explorer, type="click", panel="kernel77", row=0, column=0)
    assert explorer.state["kernel"] == explorer.controls["kernel"].value == 77
    assert explorer.grid.marks[0]["panel"] == "kernel77"


def test_hovering_over_what_has_gone_meanwhile_does_nothing():
    explorer = Kernels(network="efficientnet")
    caption = explorer.grid.caption
    from_browser(explorer, type="hover", panel="kernel100", row=0, column=0)
    assert explorer.grid.caption == caption
    assert explorer.grid.answered == 1


def test_a_step_goes_to_the_next_in_the_order_shown():
    explorer = Kernels()
    order = explorer.result()["order"].tolist()
    explorer.set(kernel=order[10])
    assert explorer.step(3).state["kernel"] == order[13]
    assert explorer.back().state["kernel"] == order[12]


def test_a_kernel_is_heard_over_and_over():
    explorer = Kernels(kernel=40)
    samples, rate = explorer.audio()
    kernel = explorer.result()["kernels"][40]
    assert len(samples) >= rate
    assert np.abs(samples).max() == pytest.approx(0.5)
    np.testing.assert_allclose(samples[:512], 0.5 * kernel / np.abs(kernel).max(), atol=1e-6)
    assert np.array_equal(samples[:512], samples[512:1024])


def test_words_say_the_numbers():
    explorer = Kernels(kernel=9)
    result = explorer.result()
    assert f"Kernel 9 passes {result['peak_hertz'][9]:,.0f} Hz best" in explorer.alt()
    assert f"median of all is {result['median_hertz']:,.0f} Hz" in explorer.alt()
    explorer.set(network="efficientnet")
    assert f"energy {explorer.result()['energy'][9]:.2f}" in explorer.alt()


def test_a_network_with_fewer_kernels_keeps_the_number_in_range():
    explorer = Kernels(kernel=100).set(network="efficientnet")
    assert explorer.problem is None
    assert explorer.state["kernel"] == explorer.controls["kernel"].value == explorer.controls["kernel"].max == 31


def test_the_question_knows_its_answer():
    assert Kernels().question().truth() == "below 1,000 Hz"
