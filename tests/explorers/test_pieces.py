"""The wave-shaping network's numbers against torch and the FFT of a rendered tone, and what dragging a corner does."""

import numpy as np
import pytest
import torch
from torch import nn

from helpers.concepts.shapers import LEVEL, TARGETS
from helpers.explorers import Pieces

STATES = [
    {},
    {"target": "foldback", "fit": "greedy", "hinges": 9},
    {"target": "tube", "fit": "gradient descent", "hinges": 6, "seed": 2},
    {"target": "a cycle of a string", "knots": [-0.5, 0.1, 0.2]},
    {"target": "hard clip", "fit": "by hand", "knots": [-0.375, 0.375], "heights": [-1.0, -1, 1, 1]},
    {"target": "sine fold", "hinges": 32},
]
GRID = np.linspace(-1, 1, 257)


def as_torch(result: dict) -> nn.Sequential:
    n = len(result["hinges"])
    model = nn.Sequential(nn.Linear(1, n), nn.ReLU(), nn.Linear(n, 1)).double()
    model.load_state_dict({
        "0.weight": torch.ones(n, 1), "0.bias": -torch.from_numpy(result["hinges"]),
        "2.weight": torch.from_numpy(result["bends"])[None], "2.bias": torch.tensor([result["offset"]], dtype=torch.float64),
    })  # fmt: skip
    return model


@pytest.mark.parametrize("state", STATES, ids=str)
def test_every_number_is_that_of_the_torch_network(state):
    explorer = Pieces(**state)
    result, model = explorer.result(), as_torch(explorer.result())
    with torch.no_grad():
        made = model(torch.from_numpy(GRID)[:, None])[:, 0].numpy()
    np.testing.assert_allclose(result["network"], made, atol=1e-6)
    wanted = TARGETS[explorer.state["target"]].curve(GRID)
    np.testing.assert_allclose(result["target"], wanted)
    assert result["largest_error"] == pytest.approx(np.abs(made - wanted).max(), abs=1e-9)
    assert result["rms_error"] == pytest.approx(np.sqrt(np.mean((made - wanted) ** 2)), abs=1e-9)
    assert result["parameters"] == sum(p.numel() for p in model.parameters())
    fine = np.linspace(-1, 1, 20_001)
    with torch.no_grad():
        second = np.diff(model(torch.from_numpy(fine)[:, None])[:, 0].numpy(), 2)
    bends = np.flatnonzero(np.abs(second) > 1e-8)
    assert result["pieces"] == 1 + (np.diff(bends, prepend=-9) > 1).sum()  # a bend shows in one or two second differences
    np.testing.assert_allclose(result["heights"], np.interp(result["knots"], GRID, made), atol=2e-2)
    assert f"{result['rms_error']:.4f}" in explorer.alt()


@pytest.mark.parametrize("state", STATES, ids=str)
def test_spectra_are_those_of_the_shaped_tone(state):
    explorer = Pieces(**state)
    result, model, target = explorer.result(), as_torch(explorer.result()), TARGETS[explorer.state["target"]]
    phase = np.arange(4096) / 4096
    x = 2 * phase - 1 if target.cycle else LEVEL * np.sin(2 * np.pi * phase)
    with torch.no_grad():
        shaped = model(torch.from_numpy(x)[:, None])[:, 0].numpy()
    for name, samples in (("target", target.curve(x)), ("network", shaped)):
        amplitude = np.abs(np.fft.rfft(samples))[1:37] * 2 / 4096
        np.testing.assert_allclose(result[f"spectrum_of_{name}"], 20 * np.log10(np.maximum(amplitude, 1e-4)), atol=1e-6)


@pytest.mark.parametrize("state", STATES, ids=str)
def test_both_tones_have_their_fundamental_and_are_as_loud_to_a_tenth_of_a_decibel(state):
    tracks = Pieces(**state).tracks()
    levels = []
    for track in tracks[:2]:
        x = track.samples.astype(float)
        spectrum = np.abs(np.fft.rfft(x[1600:17_600]))  # bins of 1 Hz
        off = np.minimum(np.arange(8001) % 220, -np.arange(8001) % 220) > 1
        assert spectrum[off].max() < 1e-3 * spectrum.max()  # partials where they belong, and none folded back
        assert spectrum[219:222].max() > 1e-3 * spectrum.max()
        levels.append(10 * np.log10(np.mean(x**2)))
    assert abs(levels[0] - levels[1]) < 0.1


def test_what_is_wrong_is_the_difference_at_the_targets_scale():
    target, network, wrong = (track.samples.astype(float) for track in Pieces(target="tube", hinges=2).tracks())
    # the network's own scale differs from the target's by its loudness, so: wrong = a · network − target, for one a
    a = ((wrong + target) @ network) / (network @ network)
    np.testing.assert_allclose(a * network - target, wrong, atol=1e-5)


def test_error_curves_hold_the_networks_they_count():
    explorer = Pieces(target="tube")
    result = explorer.result()
    for n in (0, 3, 17, 32):
        assert explorer.set(hinges=n, fit="least squares").result()["rms_error"] == pytest.approx(result["rms_of_even_hinges"][n])
        assert explorer.set(fit="greedy").result()["rms_error"] == pytest.approx(result["rms_of_greedy_hinges"][n])
    assert (np.diff(result["rms_of_greedy_hinges"]) < 1e-12).all()


def test_without_hinges_there_is_one_piece():
    assert Pieces(hinges=0).result()["pieces"] == 1


def test_a_corner_that_is_dragged_takes_its_hinge_along():
    explorer = Pieces()
    explorer._drag("curve", "corners", 2, -0.05, 0.9)
    np.testing.assert_allclose(explorer.result()["knots"], [-1, -0.6, -0.05, 0.2, 0.6, 1])
    assert explorer.state["fit"] == "least squares"
    explorer.set(fit="by hand")
    before = explorer.result()["heights"]
    explorer._drag("curve", "corners", 3, 0.3, 0.4)
    np.testing.assert_allclose(explorer.result()["knots"], [-1, -0.6, -0.05, 0.3, 0.6, 1])
    np.testing.assert_allclose(explorer.result()["heights"], [*before[:3], 0.4, *before[4:]], atol=1e-9)
    explorer._drag("curve", "corners", 0, -0.3, -0.7)  # an end moves up and down only
    assert explorer.result()["knots"][0] == -1
    assert explorer.result()["heights"][0] == pytest.approx(-0.7)
    explorer._drag("curve", "corners", 1, 0.9, 0.0)  # nor does a corner pass its neighbour
    assert explorer.result()["knots"][1] < explorer.result()["knots"][2]
    assert explorer.problem is None


def test_by_hand_two_corners_are_all_that_a_clip_needs():
    explorer = Pieces(**Pieces.presets["two corners to drag"])
    assert explorer.result()["rms_error"] > 0.02
    explorer._drag("curve", "corners", 1, -0.375, -1.0)
    explorer._drag("curve", "corners", 2, 0.375, 1.0)
    assert explorer.result()["largest_error"] < 1e-9


def test_one_unit_alone_is_heard_alone():
    explorer = Pieces(target="tube", solo=1)
    result = explorer.result()
    assert len(explorer.tracks()) == 2
    phase = np.arange(16_000) * 220 / 16_000
    unit = result["bends"][1] * np.maximum(LEVEL * np.sin(2 * np.pi * phase) - result["hinges"][1], 0)
    spectra = [np.abs(np.fft.rfft(x))[[220, 440, 660]] for x in (unit, explorer.tracks()[1].samples[4000:20_000])]
    np.testing.assert_allclose(spectra[0] / spectra[0][0], spectra[1] / spectra[1][0], atol=0.01)


def test_the_question_compares_errors():
    question = Pieces(target="a cycle of a sine", hinges=8).question()
    rms = Pieces(target="a cycle of a sine").result()["rms_of_even_hinges"]
    assert question.truth == "about a quarter"
    assert 2.8 < rms[8] / rms[16] < 7


def test_the_words_fit_the_numbers():
    explorer = Pieces(hinges=0)
    assert explorer.result()["pieces"] == 1
    assert "1 straight piece, 4 parameters" in explorer.alt()
    assert "It bends nowhere." in explorer.alt()
    explorer.set(hinges=2)
    assert "3 straight pieces" in explorer.alt()
    assert "It bends at −0.33, 0.33." in explorer.alt()
