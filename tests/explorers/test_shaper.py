"""An activation's sound against torch and the FFT of the shaped samples."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from helpers.explorers import Shaper

TORCH = {"identity": lambda z: 1 * z, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "ReLU": F.relu, "GELU": F.gelu, "SiLU": F.silu,
         "leaky ReLU": F.leaky_relu, "ELU": F.elu}  # fmt: skip
STATES = [{"activation": name, "drive": drive, "bias": bias} for name in TORCH for drive, bias in ((0.5, 0.0), (6.0, -1.5))]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_every_number_is_torchs(state):
    explorer = Shaper(**state)
    result = explorer.result()
    x = torch.linspace(-1, 1, 401, dtype=torch.float64, requires_grad=True)
    y = TORCH[state["activation"]](state["drive"] * x + state["bias"])
    (slope,) = torch.autograd.grad(y.sum(), x)
    np.testing.assert_allclose(result["output"], y.detach(), atol=1e-12)
    np.testing.assert_allclose(result["gradient"], slope, atol=1e-10)
    assert result["steepest"] == pytest.approx(slope.max().item())
    t = 2 * np.pi * torch.arange(20_000, dtype=torch.float64) / 20_000
    with torch.no_grad():
        shaped = TORCH[state["activation"]](state["drive"] * torch.sin(t) + state["bias"]).numpy()
    strength = np.abs(np.fft.rfft(shaped))[:37] * 2 / 20_000
    wanted = 20 * np.log10(np.maximum(strength[1:], 1e-4))
    np.testing.assert_allclose(result["spectrum"], wanted, atol=0.05)
    assert result["constant"] == pytest.approx(shaped.mean(), abs=1e-5)
    assert result["distortion"] == pytest.approx(np.sqrt((strength[2:] ** 2).sum()) / strength[1], abs=1e-4)
    assert result["harmonics"] == (strength[2:] > 1e-3 * strength[1]).sum()


def test_both_tracks_are_as_loud_and_what_does_not_move_is_silent():
    levels = [10 * np.log10(np.mean(t.samples.astype(float) ** 2)) for t in Shaper(activation="ELU", drive=8.0).tracks()]
    assert abs(levels[0] - levels[1]) < 0.1
    dead = Shaper(**Shaper.presets["a dead ReLU"])
    assert dead.result()["silent"]
    assert not dead.tracks()[1].samples.any()
    assert "no gradient comes back" in dead.alt()
    assert not dead.result()["gradient"].any()


def test_the_steeper_the_sigmoid_the_narrower_its_gradient():
    results = [Shaper(activation="sigmoid", drive=drive).result() for drive in (1.0, 5.0, 20.0)]
    assert [r["steepest"] for r in results] == pytest.approx([0.25, 1.25, 5.0])
    saturated = [r["saturated"] for r in results]
    assert saturated[0] == 0
    assert saturated[1] < saturated[2]
    step = Shaper(activation="step").result()
    assert not step["gradient"].any()
    assert np.abs(results[2]["output"] - step["output"]).mean() < 0.1  # 20 is nearly a step


@pytest.mark.parametrize(("state", "truth"), [
    ({"activation": "identity"}, "none"), ({}, "odd ones only"), ({"bias": 1.0}, "odd and even ones"),
    ({"activation": "ReLU"}, "even ones only"), ({"activation": "sigmoid"}, "odd ones only"),
    ({"activation": "GELU"}, "even ones only"),
])  # fmt: skip
def test_which_harmonics_come_out(state, truth):
    assert Shaper(**state).question().truth == truth


def test_handles_set_bias_and_drive():
    explorer = Shaper()
    explorer._drag("curve", "handles", 1, 0.5, 0.0)
    assert (explorer.state["bias"], explorer.state["drive"]) == (0.5, 3.0)
    explorer._drag("curve", "handles", 2, 5.5, 0.0)
    assert (explorer.state["bias"], explorer.state["drive"]) == (0.5, 5.0)
    explorer._drag("curve", "handles", 0, -1.5, 0.0)
    assert explorer.state["drive"] == 2.0
    handles = next(layer for layer in explorer.grid.panel("curve").layers if layer.name == "handles")
    np.testing.assert_allclose(handles.xy, [[z, np.tanh(z)] for z in (-1.5, 0.5, 2.5)])


def test_one_harmonic_is_no_plural():
    assert Shaper(drive=0.3).result()["harmonics"] == 1
    assert "1 harmonic above" in Shaper(drive=0.3).alt()
    assert "0 harmonics above" in Shaper(drive=0.1).alt()
