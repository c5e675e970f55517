"""Scores of positions against loops over the papers' formulas, and the clicks of their hands."""

import math

import numpy as np
import pytest
import torch

from helpers.datasets.assets import fetch
from helpers.explorers import Positions
from helpers.explorers.positions.kinds import encoded
from helpers.models import safetensors


def by_hand(kind: str, width: int, base: float, seed: int) -> np.ndarray:
    """Scores of every two of 128 places, in plain NumPy."""
    pairs, places = np.arange(width // 2), np.arange(128)
    turned = places[:, None] / base ** (2 * pairs / width)
    x = torch.randn(1, width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).numpy()[0]
    if kind == "sinusoidal":
        table = np.concatenate([np.sin(turned), np.cos(turned)], 1)
        return table @ table.T / (width / 2)
    if kind == "rotary":
        table = (x[::2] + 1j * x[1::2]) * np.exp(1j * turned)
        return np.real(table @ table.conj().T) / (x @ x)
    if kind == "learned (MiniLM)":
        table = safetensors.read(fetch("minilm.safetensors"))["embeddings.position_embeddings.weight"][1:129].double().numpy()
        table = table - table.mean(0)
        axes = np.linalg.eigh(table.T @ table)[1][:, ::-1]
        table = table @ axes[:, :width]
    elif kind == "learned, before training":
        random = torch.Generator().manual_seed(seed)
        table = torch.randn(128, width, generator=random, dtype=torch.float64).numpy()
    else:
        rows = torch.randn(33, width, generator=torch.Generator().manual_seed(seed + 1000), dtype=torch.float64).numpy()
        return np.array([[x @ rows[min(max(j - i, -16), 16) + 16] for j in places] for i in places]) / math.sqrt(width)
    long = np.linalg.norm(table, axis=1)
    return table @ table.T / np.outer(long, long)


STATES = [
    {},
    {"width": 8, "base": 50.0, "position": 0, "offset": 32},
    {"kind": "rotary", "seed": 2, "position": 95},
    {"kind": "learned (MiniLM)", "width": 20, "position": 30},
    {"kind": "learned, before training", "seed": 1},
    {"kind": "relative, before training", "seed": 4, "offset": 20},
]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_every_number_is_that_of_the_formulas(state):
    explorer = Positions(**state)
    result, now = explorer.result(), explorer.state
    wanted = by_hand(now["kind"], now["width"], now["base"], now["seed"])
    t, k = now["position"], now["offset"]
    np.testing.assert_allclose(result["scores"], wanted[t], atol=1e-9)
    assert result["here"] == pytest.approx(wanted[t, t + k], abs=1e-9)
    along = [wanted[i, i + k] for i in range(96)]
    assert (result["least"], result["most"]) == pytest.approx((min(along), max(along)), abs=1e-9)
    assert f"{result['here']:.3f}".replace("-", "−") in explorer.alt()


@pytest.mark.parametrize("width", [4, 32, 64])
@pytest.mark.parametrize("seed", [0, 5])
def test_which_kinds_know_nothing_but_the_distance(width, seed):
    said = {k: Positions(kind=k, width=width, seed=seed).everywhere() for k in Positions().controls["kind"].options}
    assert [kind for kind, same in said.items() if same] == ["sinusoidal", "rotary", "relative, before training"]
    for kind, same in said.items():
        explorer = Positions(kind=kind, width=width, seed=seed)
        assert explorer.question().truth() == ("the same curve" if same else "another curve")
        assert ("Any two tokens 8 apart" in explorer.alt()) == same


def test_hands_point_where_their_dimensions_say():
    found = encoded("sinusoidal", 8, 10_000.0, 0)
    assert found.hands[5, 1].tolist() == pytest.approx([math.sin(5 / 10), math.cos(5 / 10)])
    assert encoded("rotary", 8, 10_000.0, 0).hands.norm(dim=-1).sub(1).abs().max() < 1e-12


def test_a_hand_clicks_whenever_it_has_come_round():
    one = Positions(width=4, base=10_000.0)  # hands of 2π and of 628 places a turn: the slow one clicks at place 0 only
    sound = one.audio()[0].reshape(-1, 160)  # in hundredths of a second
    begins = np.flatnonzero((np.abs(sound).max(1) > 0.05) & ~np.roll(np.abs(sound).max(1) > 0.05, 1)) / 100
    np.testing.assert_allclose(begins, 0.08 * 2 * math.pi * np.arange(16), atol=0.011)


def test_dragging_the_other_token_chooses_how_far_it_is():
    explorer = Positions()
    said = {"type": "drop", "panel": "scores", "layer": "the other token", "index": 0, "x": 19.6, "y": 0.3, "id": 1}
    explorer.grid._receive(explorer.grid, said, [])
    assert explorer.state["offset"] == 20
    explorer.grid._receive(explorer.grid, {**said, "x": -5.0}, [])
    assert explorer.state["offset"] == 0
