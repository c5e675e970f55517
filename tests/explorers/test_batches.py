"""The three runs against torch on the same notes, and the noise against drawing many batches."""

import numpy as np
import pytest
import torch
from matplotlib.path import Path

from helpers.datasets.notes import load_notes
from helpers.explorers import Batches
from helpers.explorers.batches import notes
from tests.explorers.test_contract import refused_in_words


def test_the_notes_are_what_it_says():
    x, y = notes()
    chosen = load_notes("train").where(velocity=100)[::12][:200]
    assert len(x) == len(y) == len(chosen) == 200
    for i in (0, 77, 199):
        energy = [sum(10 ** (8 * (float(cell) - 1)) for cell in row) for row in chosen.mel[i]]
        centre = sum(band * e for band, e in enumerate(energy)) / sum(energy)
        assert y[i] == pytest.approx((centre - 16) / 10, rel=1e-4)
        assert x[i] == pytest.approx((float(chosen.pitch[i]) - 60) / 12)
    assert np.corrcoef(x, y)[0, 1] > 0.7
    plane = Batches().grid.panel("notes")
    for values, (low, high) in ((x, plane.x_range), (y, plane.y_range)):
        assert low < values.min() < values.max() < high


@pytest.mark.parametrize(
    "state", [{}, {"batch": 3, "lr": 0.05, "seed": 4, "replacement": True, "position": 20, "steps": 60}], ids=str
)
def test_every_run_is_that_of_torch_on_its_batches(state):
    explorer = Batches(**state)
    x, y = (torch.tensor(part) for part in notes())
    for name, run in explorer.runs().items():
        w = torch.tensor(explorer.state["start"], dtype=torch.float64, requires_grad=True)
        sgd, cost = torch.optim.SGD([w], lr=explorer.state["lr"]), 0
        for k, chosen in enumerate(run.batches):
            np.testing.assert_allclose(run.path[k], w.detach(), rtol=1e-8)
            whole = ((w[0] * x + w[1] - y) ** 2).mean() / 2
            assert explorer.result()[f"loss of {name}"][k] == pytest.approx(whole.item())
            assert explorer.result()[f"cost of {name}"][k] == cost
            sgd.zero_grad()
            (((w[0] * x + w[1] - y) ** 2)[chosen].mean() / 2).backward()
            if name == "few" and k == explorer.state["position"]:
                np.testing.assert_allclose(explorer.result()["guess"], w.grad)
                np.testing.assert_array_equal(explorer.result()["examples"], chosen)
                full = torch.autograd.grad(((w[0] * x + w[1] - y) ** 2).mean() / 2, w)[0]
                np.testing.assert_allclose(explorer.result()["gradient"], full)
            sgd.step()
            cost += len(chosen)
    sizes = {name: {len(b) for b in run.batches[:10]} for name, run in explorer.runs().items()}
    assert sizes["one"] == {1}
    assert sizes["all"] == {200}
    assert max(sizes["few"]) == explorer.state["batch"]


def test_the_least_loss_is_that_of_least_squares():
    x, y = notes()
    w, b = np.polyfit(x, y, 1)
    assert Batches().result()["least"] == pytest.approx(np.mean((w * x + b - y) ** 2) / 2)


@pytest.mark.parametrize("replacement", [False, True])
def test_how_far_a_batch_is_off_is_what_many_draws_show(replacement):
    explorer = Batches(batch=20, position=0, steps=10, replacement=replacement)
    x, y = notes()
    w, b = explorer.result()["theta"]
    each = np.stack([(w * x + b - y) * x, w * x + b - y], 1)
    random = np.random.default_rng(0)
    off = [each[random.choice(200, 20, replace=replacement)].mean(0) - each.mean(0) for _ in range(2000)]
    assert explorer.result()["deviation"] == pytest.approx(np.sqrt((np.array(off) ** 2).sum(1).mean()), rel=0.05)


def test_about_four_batches_in_ten_pull_within_the_dashed_ellipse():
    """One standard deviation of a Gaussian in two dimensions holds 1 − e^(−½) of it; a mean of 30 is nearly one."""
    explorer = Batches(batch=30, position=0, steps=10, replacement=True)
    x, y = notes()
    w, b = explorer.result()["theta"]
    each = np.stack([(w * x + b - y) * x, w * x + b - y], 1)
    random = np.random.default_rng(0)
    pulls = np.array([each[random.integers(200, size=30)].mean(0) for _ in range(3000)])
    ellipse = next(layer for layer in explorer.grid.panel("surface").layers if layer.name == "where batches pull").xy
    inside = Path(ellipse).contains_points(explorer.result()["theta"] - 0.3 * pulls).mean()
    assert inside == pytest.approx(1 - np.exp(-0.5), abs=0.05)


def test_all_of_them_is_the_full_batch_whatever_is_drawn():
    calm, drawn = Batches(), Batches(replacement=True, seed=3)
    np.testing.assert_array_equal(calm.result()["path of all"], drawn.result()["path of all"])
    assert not np.array_equal(calm.result()["path of few"], drawn.result()["path of few"])


def test_what_is_left_after_as_many_gradients_is_read_off_the_runs():
    explorer = Batches(batch=50)
    found = explorer.at_cost(200)
    least = explorer.result()["least"]
    for name, called, steps in (("one", "batch 1", 200), ("few", "batch 50", 4), ("all", "all 200", 1)):
        assert found[called] == pytest.approx(explorer.result()[f"loss of {name}"][steps] - least)
    assert explorer.question().truth() == min(found, key=found.get)
    assert explorer.result()["steps_per_epoch"] == 4
    assert Batches(batch=16).result()["steps_per_epoch"] == 13
    for batch, said in ((200, "an epoch is 1 step"), (16, "an epoch is 13 steps")):
        assert said in [label["text"] for label in Batches(batch=batch).grid.labels]


def test_one_step_is_one():
    assert "after 1 step. batch 1: " in (said := Batches(steps=1, position=1).verdict())
    assert "(1 gradient);" in said
    assert "(16 gradients);" in said


@pytest.mark.parametrize("seed", range(10))
def test_by_gradients_one_note_wins_and_by_steps_all_notes_do(seed):
    explorer = Batches(seed=seed)
    assert explorer.question().truth() == "batch 1"
    result = explorer.result()
    assert result["loss of all"][-1] < min(result["loss of one"][-1], result["loss of few"][-1])


def test_too_bold_a_rate_diverges_and_says_so():
    explorer = Batches(lr=1.0, batch=1, steps=300)
    assert explorer.result()["diverged of one"] > 0 or explorer.result()["loss of one"].max() > 100
    assert ("diverges" in explorer.grid.caption) == (explorer.result()["diverged of one"] > 0)


def test_the_start_is_dragged():
    explorer = Batches()
    explorer.grid._receive(
        explorer.grid, {"type": "drag", "panel": "surface", "layer": "start", "index": 0, "x": 2.0, "y": -1.0, "id": 1}, []
    )
    assert explorer.state == Batches(start=[2.0, -1.0]).state


@pytest.mark.parametrize(("state", "way_out"), [
    ({"batch": 0}, "1 to 200"), ({"batch": 201}, "1 to 200"), ({"lr": 2.0}, "0.001 to 1"), ({"start": [1.0]}, r"give \[w, b\]"),
    ({"steps": 0}, "1 to 300"), ({"position": 500}, "the last is 200"),
])  # fmt: skip
def test_what_cannot_be_is_explained(state, way_out):
    refused_in_words(Batches(), Batches, state, way_out)
