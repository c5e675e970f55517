"""Gradients through a deep stack, against torch modules, and the clicks that stand for them."""

import numpy as np
import pytest
import torch
from torch import nn

from helpers.concepts.skip import stack
from helpers.explorers import Skips

STATES = [{}, {"depth": 10, "width": 8, "seed": 3, "position": 4}]


def by_modules(depth: int, width: int, seed: int, skips: bool) -> list[float]:
    layers = [nn.Linear(width, width).double() for _ in range(depth)]
    for layer, (W, b) in zip(layers, stack(depth, width, seed)):
        layer.load_state_dict({"weight": W, "bias": b})
    random = torch.Generator().manual_seed(seed + 1)
    h, target = (torch.randn(64, width, generator=random, dtype=torch.float64) for _ in range(2))
    for first, second in zip(layers[::2], layers[1::2]):
        h = second(torch.relu(first(h))) + (h if skips else 0)
    nn.functional.mse_loss(h, target).backward()
    return [layer.weight.grad.norm().item() for layer in layers]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_every_number_is_that_of_torch_modules(state):
    explorer = Skips(**state)
    result, now = explorer.result(), explorer.state
    for name, skips in (("plain", False), ("around", True)):
        wanted = by_modules(now["depth"], now["width"], now["seed"], skips)
        np.testing.assert_allclose(result[name], wanted, rtol=1e-8)
        here = now["depth"] - 1 - now["position"]
        assert result[f"{name}_here"] == pytest.approx(wanted[here], rel=1e-8)
        assert result[f"left_of_{name}"] == pytest.approx(wanted[here] / wanted[-1], rel=1e-8)
    assert result["layer"] == here + 1
    for name in ("plain_here", "around_here", "left_of_plain", "left_of_around"):
        said = f"{result[name]:.3f}" if result[name] >= 0.01 else f"{result[name]:.1e}".replace("e-", "e−")
        assert said in explorer.alt()


def test_a_click_is_as_loud_as_its_gradient():
    explorer = Skips()
    for track, name in zip(explorer.tracks(), ("plain", "around")):
        parts = track.samples[: 50 * 1280].reshape(50, 1280)
        loud = np.abs(parts).max(1)
        norms = explorer.result()[name][::-1]
        np.testing.assert_allclose(loud / loud.max(), norms / norms.max(), atol=1e-3)


def test_at_the_first_layer_hardly_anything_is_left_without_skips():
    result = Skips().result()
    assert result["left_of_plain"] < 1e-9
    assert 0.1 < result["left_of_around"] < 10
    assert Skips().question().truth == "less than a billionth"
    assert Skips(depth=20).question().truth == "a hundredth to a billionth"
    assert Skips(depth=10).question().truth == "more than a hundredth"
