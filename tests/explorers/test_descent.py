"""The race against torch.optim, what is dragged, and what is said of it."""

import numpy as np
import pytest
import torch

from helpers.concepts import surfaces
from helpers.explorers import Descent
from helpers.explorers.descent.descent import LEAST, MOST, NAMES, SENSIBLE
from helpers.explorers.parts.blips import blips
from tests.explorers.test_contract import refused_in_words

EVERYBODY = dict.fromkeys((name.lower() for name in NAMES), True)
STATES = [
    {},
    {"surface": "rotated ravine", "condition": 15.0, **EVERYBODY, "follow": "Adam", "position": 17},
    {"surface": "Rosenbrock", **EVERYBODY, "follow": "RMSProp", "beta2": 0.9, "position": 3},
    {"surface": "Himmelblau", "start": [1.0, -2.0], **EVERYBODY, "follow": "Nesterov", "beta": 0.5},
]


def theirs(name, w, state):
    lr, beta, beta2 = state["rates"][NAMES.index(name)], state["beta"], state["beta2"]
    return {
        "GD": lambda: torch.optim.SGD([w], lr=lr),
        "momentum": lambda: torch.optim.SGD([w], lr=lr, momentum=beta),
        "Nesterov": lambda: torch.optim.SGD([w], lr=lr, momentum=beta, nesterov=True),
        "AdaGrad": lambda: torch.optim.Adagrad([w], lr=lr),
        "RMSProp": lambda: torch.optim.RMSprop([w], lr=lr, alpha=beta2),
        "Adam": lambda: torch.optim.Adam([w], lr=lr, betas=(beta, beta2)),
    }[name]()


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.get("surface", "default"))
def test_every_path_and_loss_is_that_of_torch_from_the_dropped_start(state):
    explorer = Descent(**state)
    state, result = explorer.state, explorer.result()
    ground = surfaces.surface(state["surface"], state["condition"])
    for name in (name for name in NAMES if state[name.lower()]):
        w = torch.tensor(state["start"], dtype=torch.float64, requires_grad=True)
        optimiser, path, losses = theirs(name, w, state), [], []
        for _ in range(state["steps"] + 1):
            loss = ground.value(*w)
            path.append(w.detach().clone().numpy())
            losses.append(loss.item())
            optimiser.zero_grad()
            loss.backward()
            if name == state["follow"] and len(path) == state["position"] + 1:
                np.testing.assert_allclose(result["gradient"], w.grad, rtol=1e-6, atol=1e-12)
                assert result["loss"] == pytest.approx(loss.item(), rel=1e-5, abs=1e-12)
            optimiser.step()
        np.testing.assert_allclose(result[f"path of {name}"], path, rtol=1e-5, atol=1e-8)
        np.testing.assert_allclose(result[f"loss of {name}"], losses, rtol=1e-4, atol=1e-10)
        above = np.array(losses) - ground.least
        good = above <= 1e-4 * above[0]
        expected = next((k for k in range(len(good)) if good[k:].all()), -1)
        assert result[f"settled of {name}"] == expected
    np.testing.assert_array_equal(result["place"], result[f"path of {state['follow']}"][state["position"]])


def test_the_first_effective_rates_are_worked_out_by_hand():
    explorer = Descent(follow="Adam", lr=0.1, position=0)
    result = explorer.result()
    np.testing.assert_allclose(result["gradient"], [-1.8, 18.0])
    np.testing.assert_allclose(result["velocity"], 0.1 * np.array([-1.8, 18.0]))
    np.testing.assert_allclose(result["square"], 0.01 * np.array([-1.8, 18.0]) ** 2)
    np.testing.assert_allclose(result["effective"], 0.1 / np.array([1.8, 18.0]), rtol=1e-6)
    np.testing.assert_allclose(result["path of Adam"][1], [-1.7, 0.8], rtol=1e-6)  # the first step of Adam is lr on each axis


def message(explorer, **said):
    explorer.grid._receive(explorer.grid, {**said, "id": 1}, [])


def test_the_start_is_dragged_dropped_and_placed():
    explorer = Descent()
    message(explorer, type="drag", panel="surface", layer="start", index=0, x=1.0, y=-0.5)
    assert explorer.state == Descent(start=[1.0, -0.5]).state
    message(explorer, type="drop", panel="surface", layer="start", index=0, x=1.2, y=-0.5)
    message(explorer, type="place", panel="surface", x=0.3, y=0.4, shift=False)
    assert explorer.state["start"] == [0.3, 0.4]


def test_the_pad_sets_momentums_rate_and_beta():
    explorer = Descent(momentum=False)
    message(explorer, type="drag", panel="pad", layer="chosen", index=0, x=-1.5, y=0.6)
    state = explorer.state
    assert state["rates"][1] == pytest.approx(10**-1.5)
    assert (state["beta"], state["momentum"], state["lr"]) == (0.6, True, 0.09)  # GD's, which is followed, stays
    message(explorer, type="place", panel="pad", x=-4.0, y=0.98, shift=False)
    assert LEAST <= explorer.state["rates"][1] <= MOST
    assert explorer.problem is None


def test_the_pad_counts_the_steps_of_runs_with_these_settings():
    explorer = Descent(surface="rotated ravine", condition=30.0, steps=150, follow="momentum")
    table, random = explorer.result()["steps_to_settle"], np.random.default_rng(1)
    rates, betas = np.linspace(-4, 1, 26), np.linspace(0, 0.98, 15)
    assert table.shape == (15, 26)
    seen = set()
    for row, column in [*random.integers([0, 0], [15, 26], (20, 2)), (9, 14), (5, 15)]:
        ran = Descent(**{**explorer.state, "rates": [*SENSIBLE["ravine"][:1], 10 ** rates[column], *SENSIBLE["ravine"][2:]],
                         "beta": betas[row]})  # fmt: skip
        assert table[row, column] == ran.result()["settled of momentum"]
        seen.add(table[row, column] >= 0)
    assert seen == {True, False}


@pytest.mark.parametrize("condition", [4.0, 50.0, 400.0])
def test_snapping_gives_the_best_settings_in_closed_form(condition):
    explorer = Descent(condition=condition, steps=300)
    explorer.snap.click()
    root = np.sqrt(condition)
    assert explorer.state["rates"][0] == pytest.approx(2 / (1 + condition))
    assert explorer.state["rates"][1] == pytest.approx((2 / (1 + root)) ** 2)
    assert explorer.state["beta"] == pytest.approx(((root - 1) / (root + 1)) ** 2)
    assert explorer.result()["rate"] == pytest.approx((condition - 1) / (condition + 1))  # of GD, which is followed
    assert explorer.set(follow="momentum").result()["rate"] == pytest.approx((root - 1) / (root + 1), rel=1e-5)


def test_only_a_quadratic_has_an_optimum_to_snap_to_a_rate_and_modes():
    explorer = Descent(surface="Beale")
    before = explorer.state
    assert explorer.optimum().state == before
    assert explorer.snap.layout.display == "none"
    assert "rate" not in explorer.result()
    assert [p.name for p in explorer.grid.panels] == ["surface", "loss", "pad"]
    assert "modes" in [p.name for p in Descent().grid.panels]
    assert "rate" not in Descent(noise=0.1).result()


def test_a_run_that_diverges_says_when_and_the_axes_stay():
    calm, wild = Descent(lr=0.05), Descent(lr=0.12, steps=300)
    k = wild.result()["diverged of GD"]
    assert 0 < k < 300
    assert abs(0.9 * (1 - 0.12 * 20) ** k) > 4.4e4 >= abs(0.9 * (1 - 0.12 * 20) ** (k - 1))  # along the steep axis, exactly
    assert f"GD diverges, out of reach at step {k}" in wild.grid.caption
    for name in ("surface", "loss"):
        assert calm.grid.panel(name).y_range == wild.grid.panel(name).y_range
    assert wild.set(position=300).result()["step"] == k


def test_each_racer_keeps_a_rate_of_its_own():
    explorer = Descent(**EVERYBODY)
    for i, name in enumerate(NAMES):
        explorer.set(follow=name).set(lr=0.01 * (i + 1))
    assert explorer.state["rates"] == pytest.approx([0.01, 0.02, 0.03, 0.04, 0.05, 0.06])
    assert explorer.set(follow="Nesterov").state["lr"] == pytest.approx(0.03)


def test_whoever_is_followed_races_and_who_leaves_is_not_followed():
    explorer = Descent(adam=False).set(follow="Adam")
    assert explorer.state["adam"]
    assert explorer.set(adam=False).state["follow"] == "GD"


def test_a_new_surface_brings_its_start_and_sensible_rates_but_not_over_what_was_asked():
    explorer = Descent(lr=0.01).set(surface="Himmelblau")
    assert explorer.state["rates"] == SENSIBLE["Himmelblau"]
    assert explorer.state["start"] == list(surfaces.himmelblau().start)
    assert Descent(surface="bowl", start=[1.0, 1.0], lr=0.5).state["start"] == [1.0, 1.0]


def test_the_presets_show_what_they_are_called():
    def ended(name):
        explorer = Descent()
        explorer.set(**explorer.preset(name))
        return explorer.result(), explorer

    slow, right, wild = (ended(name)[0] for name in ("too small", "just right", "too large"))
    assert slow["settled of GD"] == -1 < 0 < right["settled of GD"]
    assert wild["loss of GD"][-1] > wild["loss of GD"][0]
    stuck, free = ended("stuck on the saddle")[0], ended("noise frees it")[0]
    for name in ("GD", "momentum", "Adam"):
        assert stuck[f"loss of {name}"][-1] > -0.01
        assert free[f"loss of {name}"][-1] < -0.24
    lost, plateau = ended("lost on the plateau")
    assert all(plateau.state[name.lower()] for name in NAMES)
    assert lost["loss of GD"][-1] > 0.9 > 0.1 > lost["loss of Adam"][-1]
    ravine = ended("momentum in the ravine")[0]
    assert ravine["settled of momentum"] > 0
    banana = ended("the banana")[0]
    assert banana["loss of Adam"][-1] < min(banana[f"loss of {name}"][-1] for name in NAMES[:5])


def test_what_is_said_is_in_words_and_with_minus_signs():
    explorer = Descent(surface="bowl", momentum=False, adam=False, lr=1.0)
    assert "GD needs 1 step." in explorer.grid.caption
    assert ", 1 step. GD " in Descent(steps=1, position=1).alt()
    assert "from (−1.80, 0.90)" in Descent().alt()


def test_the_question_knows_whose_loss_is_lowest():
    explorer = Descent(**EVERYBODY, surface="Beale")
    losses = {name: explorer.result()[f"loss of {name}"][-1] for name in NAMES}
    assert explorer.question().truth() == min(losses, key=losses.get)
    assert [Descent(momentum=False, adam=False, surface="bowl", lr=lr).question().truth for lr in (0.005, 0.3, 2.05)] == [
        "it is still on its way", "it arrives", "it moves away",
    ]  # fmt: skip


def pitches(sound, count):
    each = len(sound) // count
    spectra = np.abs(np.fft.rfft(sound.reshape(count, each) * np.hanning(each), 1 << 14))
    return spectra.argmax(1) * 16_000 / (1 << 14)


def test_a_blip_is_as_high_as_its_number_and_nothing_is_silence():
    level = np.array([0.0, 0.5, 1.0, 2.0, np.nan, -1.0])
    sound = blips(level)
    assert np.abs(sound).max() <= 0.25
    np.testing.assert_allclose(pitches(sound, 6)[[0, 1, 2, 3, 5]], [110, 440, 1760, 1760, 110], rtol=0.03)
    assert not sound.reshape(6, -1)[4].any()
    assert len(blips(np.zeros(301))) <= 6 * 16_000


def test_an_oscillation_is_heard_as_one():
    explorer = Descent(lr=0.09, momentum=False, adam=False, steps=20)
    y = explorer.result()["path of GD"][:, 1]
    heard = pitches(explorer.tracks()[2].samples, 21)
    middle = 110 * 16**0.5
    assert [bool(hz > middle) for hz in heard[:6]] == [bool(v > 0) for v in y[:6]] == [True, False] * 3


@pytest.mark.parametrize(("state", "way_out"), [
    ({"surface": "volcano"}, "Himmelblau"),
    ({"follow": "AdamW"}, "momentum"),
    ({"gd": False, "momentum": False, "adam": False}, "tick at least one"),
    ({"rates": [0.1] * 5}, "six numbers"),
    ({"rates": [0.1] * 5 + [100.0]}, "0.0001 to 10"),
    ({"start": [1.0]}, r"give \[x, y\]"),
    ({"start": [1.0, 99.0]}, "within −10 to 10"),
    ({"beta": 1.0}, "0 to 0.99"),
    ({"condition": 0.5}, "1 to 1000"),
    ({"steps": 1000}, "1 to 300"),
    ({"position": 101}, "the last is 100"),
])  # fmt: skip
def test_what_cannot_be_is_explained(state, way_out):
    refused_in_words(Descent(), Descent, state, way_out)
