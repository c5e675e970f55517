"""Depth against width: graphs by torch, pieces and errors in closed form, octaves by FFT."""

import numpy as np
import pytest
import torch
from torch import nn

from helpers.concepts.folds import square, tent
from helpers.explorers import Folds
from tests.concepts.test_folds import as_torch

GRID = np.linspace(-1, 1, 2049)
FOLDS = {"a folded line": tent, "a parabola": square}


@pytest.mark.parametrize("layers", range(8))
@pytest.mark.parametrize("task", FOLDS)
def test_both_networks_are_torch_networks_of_as_many_parameters(task, layers):
    result = Folds(task=task, layers=layers).result()
    deep = as_torch(FOLDS[task](layers))
    with torch.no_grad():
        made = deep(torch.from_numpy(GRID)[:, None])[:, 0].numpy()
    np.testing.assert_allclose(result["deep"], made, atol=1e-10)
    wide = nn.Sequential(nn.Linear(1, result["units"]), nn.ReLU(), nn.Linear(result["units"], 1)) if layers else nn.Linear(1, 1)
    for network in (deep, wide):
        assert sum(p.numel() for p in network.parameters()) == result["parameters"][layers]
    target = GRID**2 if task == "a parabola" else made
    np.testing.assert_allclose(result["target"], target, atol=1e-10)
    for name in ("deep", "wide"):
        assert result[f"rms_of_{name}"][layers] == pytest.approx(np.sqrt(np.mean((result[name] - target) ** 2)), rel=0.02, abs=1e-9)


@pytest.mark.parametrize("task", FOLDS)
def test_pieces_double_with_depth_and_only_add_up_with_width(task):
    result = Folds(task=task).result()
    assert result["pieces_of_deep"].tolist() == [2**k for k in range(8)]
    for k in range(8):
        assert result["pieces_of_wide"][k] <= max(1, (result["parameters"][k] - 1) // 3)
    assert result["parameters"].tolist()[1:] == [(6 * k + 1 if task == "a folded line" else 12 * k - 2) for k in range(1, 8)]


def test_the_deep_parabola_errs_by_a_quarter_with_each_layer_and_overtakes():
    result = Folds(task="a parabola").result()
    np.testing.assert_allclose(result["largest_of_deep"], 4.0 ** -np.arange(8), rtol=2e-3)
    assert (result["rms_of_deep"] < result["rms_of_wide"]).tolist() == [False] * 5 + [True] * 3


@pytest.mark.parametrize("layers", range(1, 8))
def test_each_fold_is_an_octave(layers):
    x = Folds(layers=layers).tracks()[0].samples[4000:20_000]
    spectrum = np.abs(np.fft.rfft(x))  # bins of 1 Hz
    assert abs(int(spectrum.argmax()) - 55 * 2**layers) <= 1


def test_both_are_as_loud():
    for state in ({"layers": 4}, {"task": "a parabola", "layers": 2}):
        levels = [10 * np.log10(np.mean(track.samples.astype(float) ** 2)) for track in Folds(**state).tracks()]
        assert abs(levels[0] - levels[1]) < 0.1


@pytest.mark.parametrize(
    "state", [{"layers": 5}, {"layers": 7}, {"task": "a parabola", "layers": 2}, {"task": "a parabola", "layers": 6}]
)
def test_questions_are_settled_by_the_numbers(state):
    explorer = Folds(**state)
    question, result, k = explorer.question(), explorer.result(), state["layers"]
    if "task" not in state:
        assert question.truth == str(2**k)
    else:
        better = "deep" if result["largest_of_deep"][k] < result["largest_of_wide"][k] else "wide"
        assert question.truth == f"the {better} one's"
        assert better == ("wide" if k == 2 else "deep")


def test_errors_are_shown_as_differences():
    explorer = Folds(task="a parabola", layers=4, show="errors")
    wide = next(layer for layer in explorer.grid.panel("graphs").layers if layer.name == "wide")
    np.testing.assert_allclose(wide.xy[:, 1], (explorer.result()["wide"] - explorer.result()["target"])[::4])


@pytest.mark.parametrize("layers", range(8))
def test_three_different_numbers_of_pieces_are_offered(layers):
    question = Folds(layers=layers).question()
    assert len(set(question.options)) == 3
    assert question.truth == str(2**layers)
    assert "0" not in question.options


def test_one_layer_and_one_piece_are_no_plurals():
    assert "1 hidden layer against one of 2 units" in Folds(layers=1).alt()
    assert "Deep: 1 piece, " in Folds(layers=0).alt()
    assert "Deep: 2 pieces, " in Folds(layers=1).alt()
