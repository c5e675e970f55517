"""The neuron explorer's numbers against torch, and what dragging, typing and clicking do."""

from itertools import islice, pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from helpers.concepts.learning import batches
from helpers.concepts.neuron import Net
from helpers.datasets import timbre
from helpers.explorers import Neuron
from helpers.explorers.neuron.sound import in_a_row
from tests.explorers.making import sounds

BENDS = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "ReLU": nn.ReLU, "identity": nn.Identity}
STATES = [
    {"position": 0},
    {"position": 40, "activation": "tanh", "loss": "squared"},
    {"position": 100, "data": "circle", "layers": 2, "units": 3, "activation": "ReLU", "optimiser": "Adam", "lr": 0.05},
    {"position": 33, "data": "two Gaussians", "bias": False, "steps": 300, "loss": "hinge"},
    {"position": 50, "points": [[-1, 0.2, 0], [0.5, -1, 1], [0.1, 0.3, 1]], "batch": 2},
]


def by_torch(explorer: Neuron) -> tuple[nn.Sequential, torch.Tensor, torch.Tensor, list[float]]:
    """The network trained by torch.optim up to the step that is shown, the points, and the loss before each update."""
    state = explorer.state
    points = torch.tensor(explorer.points(), dtype=torch.float64)
    X, y = points[:, :2], points[:, 2]
    sizes = [2, *[state["units"]] * state["layers"], 1]
    out = "sigmoid" if state["layers"] else state["activation"]
    parts = []
    for n, m in pairwise(sizes):
        parts += [nn.Linear(n, m), BENDS[state["activation"]]()]
    model = nn.Sequential(*parts[:-1], BENDS[out]()).double()
    start = Net(tuple(sizes)).initial(state["seed"]) if state["layers"] else [state["w1"], state["w2"], state["b"]]
    nn.utils.vector_to_parameters(torch.tensor(start, dtype=torch.float64), model.parameters())
    for layer in model[::2]:
        layer.bias.requires_grad_(state["bias"])
        if not state["bias"]:
            layer.bias.data.zero_()

    def loss(X, y):
        z = model[:-1](X)[:, 0]
        if state["loss"] == "cross-entropy":
            return F.binary_cross_entropy_with_logits(z, y)
        if state["loss"] == "hinge":
            return torch.relu(1 - (2 * y - 1) * z).mean()
        return F.mse_loss(model[-1](z), 2 * y - 1 if out in ("tanh", "identity") else y)

    optimiser = getattr(torch.optim, state["optimiser"])([p for p in model.parameters() if p.requires_grad], lr=state["lr"])
    before = [loss(X, y).item()]
    rates = dict(map(tuple, state["rates"]))
    step = state["position"] * state["steps"] // 100
    for t, now in enumerate(islice(batches(len(y), state["batch"], state["seed"]), step)):
        optimiser.param_groups[0]["lr"] = rates.get(t, optimiser.param_groups[0]["lr"] if t else rates[0])
        optimiser.zero_grad()
        loss(X[now], y[now]).backward()
        optimiser.step()
        before.append(loss(X, y).item())
    return model, X, y, before


@pytest.mark.parametrize("state", STATES, ids=str)
def test_every_number_is_that_of_a_training_by_torch(state):
    explorer = Neuron(**state)
    model, X, y, before = by_torch(explorer)
    result = explorer.result()
    with torch.no_grad():
        theta = nn.utils.parameters_to_vector(model.parameters())
        z = model[:-1](X)[:, 0]
        np.testing.assert_allclose(result["weights"], theta, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(result["outputs"], model(X)[:, 0], rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(result["z"], z, rtol=1e-5, atol=1e-6)
        even = np.linspace(-1.2, 1.2, 49)
        places = torch.tensor([[x1, x2] for x2 in even for x1 in even])
        np.testing.assert_allclose(result["map"], model(places).reshape(49, 49), rtol=1e-5, atol=1e-6)
        assert result["accuracy"] == pytest.approx(float(((z > 0) == (y > 0.5)).double().mean()))
    assert result["loss"] == pytest.approx(before[-1], rel=1e-5)
    every = explorer.state["steps"] // 100
    np.testing.assert_allclose(result["losses"][: len(before[::every])], before[::every], rtol=1e-5)
    assert result["parameters"] == sum(p.numel() for p in model.parameters())
    assert f"{result['loss']:.3f}" in explorer.alt()


def test_the_sign_on_the_map_is_the_class_said_at_every_point():
    for state in STATES:
        explorer = Neuron(**state)
        result, points = explorer.result(), np.array(explorer.points(), dtype=float)
        at = (points[:, :2] + 1.2) / 2.4 * 48
        corners = [np.clip(f(at), 0, 48).astype(int) for f in (np.floor, np.ceil)]
        signs = np.array([result["boundary_map"][i[:, 1], j[:, 0]] > 0 for i in corners for j in corners])
        same = signs.all(0) | ~signs.any(0)
        assert same.mean() > 0.6
        assert np.array_equal(signs[0][same], (result["z"] > 0)[same])


def test_hidden_units_are_shown_on_the_large_plane():
    explorer = Neuron(data="thirds", layers=2, units=3, activation="tanh", unit="2.3")
    model, X, _, _ = by_torch(explorer)
    with torch.no_grad():
        np.testing.assert_allclose(explorer.result()["z"], model[:3](X)[:, 2], rtol=1e-9)
    explorer.grid._receive(explorer.grid, {"type": "hover", "panel": "unit 1.1", "row": 0, "column": 0}, [])
    assert explorer.state["unit"] == "1.1"
    shown = explorer.grid.panel("features").values
    np.testing.assert_array_equal(explorer.grid.panel("unit 1.1").values, shown[::4, ::4])
    assert len([p for p in explorer.grid.panels if p.name.startswith("unit")]) == 7
    assert explorer.set(layers=0).state["unit"] == "output"


# ---- by hand


def test_the_middle_handle_moves_the_line_and_the_tip_turns_it():
    explorer = Neuron()
    w = explorer.result()["weights"][:2]
    explorer._drag("features", "handles", 0, 0.3, -0.4)
    weights, ends = explorer.result()["weights"], explorer.result()["boundary"]
    np.testing.assert_allclose(weights[:2], w)
    assert abs(weights[:2] @ [0.3, -0.4] + weights[2]) < 1e-6
    assert np.abs(ends @ weights[:2] + weights[2]).max() < 1e-6
    middle = ends.mean(0)
    explorer._drag("features", "handles", 1, middle[0] + 0.2, middle[1] + 0.2)
    turned = explorer.result()["weights"]
    assert turned[0] == pytest.approx(turned[1]) == pytest.approx(turned[1].item())
    assert turned[0] > 0
    assert abs(turned[:2] @ middle + turned[2]) < 1e-6
    np.testing.assert_allclose(explorer.result()["arrow"][2:] - explorer.result()["arrow"][:2], [0.2, 0.2], atol=1e-9)


def test_dragging_while_it_is_trained_starts_anew_from_there():
    explorer = Neuron(position=60)
    explorer._drag("features", "handles", 0, 0.0, 0.0)
    assert explorer.state["position"] == 0
    assert explorer.result()["losses"][0] == explorer.result()["loss"]


def test_typed_weights_count_at_once():
    explorer = Neuron(position=50)
    before = explorer.result()["loss"]
    explorer.controls["w1"].value = 5.0
    assert explorer.state["position"] == 0
    assert explorer.result()["weights"].tolist() == [5.0, -0.6511, -0.6492]
    assert explorer.result()["loss"] != before


def test_points_are_moved_added_taken_away_and_heard(monkeypatch):
    explorer = Neuron(noise=0.0)
    played = []
    monkeypatch.setattr(explorer.player, "play", played.append)
    first = explorer._indices("class 1")[0]
    explorer._drag("features", "class 1", 0, 0.123, -0.456)
    assert explorer.points()[first] == [0.123, -0.456, 1]
    assert len(explorer.points()) == 60
    explorer.set(brush=1)
    explorer.grid._receive(explorer.grid, {"type": "place", "panel": "features", "x": 0.9, "y": 0.9, "shift": False}, [])
    assert explorer.points()[-1] == [0.9, 0.9, 1]
    explorer._pick("features", "class 0", 2, False)
    assert (explorer.state["picked"], played) == (explorer._indices("class 0")[2], [0])
    explorer._pick("features", "class 0", 2, True)
    assert len(explorer.points()) == 60
    assert explorer.state["picked"] == -1
    assert len(Neuron(**explorer.state).points()) == 60
    explorer.set(data="circle")
    assert explorer.state["points"] is None


def test_the_last_point_of_a_class_stays():
    explorer = Neuron(points=[[0, 0, 0], [0.5, 0.5, 1]])
    explorer._pick("features", "class 0", 0, True)
    assert "both classes" in explorer.problem
    assert len(explorer.points()) == 2


def test_a_long_training_waits_until_a_point_is_let_go():
    explorer = Neuron(data="two spirals", layers=1, units=2, steps=1000)
    explorer._drag("features", "class 0", 0, 0.5, 0.5)
    assert explorer.state["points"] is None
    explorer._drop("features", "class 0", 0, 0.5, 0.5)
    assert explorer.points()[0] == [0.5, 0.5, 0]


def test_a_new_rate_holds_from_the_step_that_is_shown_on():
    explorer = Neuron(position=40)
    before = explorer.result()["losses"]
    explorer.controls["lr"].value = 3.0
    assert explorer.state["rates"] == [[0, 0.3], [40, 3.0]]
    assert explorer.state["position"] == 40
    after = explorer.result()["losses"]
    np.testing.assert_array_equal(after[:41], before[:41])
    assert not np.isclose(after[41:], before[41:]).any()
    explorer.set(position=100)
    _, _, _, wanted = by_torch(explorer)
    np.testing.assert_allclose(after, wanted, rtol=1e-5)
    assert explorer.set(position=10).state["lr"] == 0.3  # the rate in force there


def test_a_run_that_diverges_says_so():
    explorer = Neuron(activation="identity", loss="squared", lr=10.0, position=100)
    result = explorer.result()
    assert result["diverged"] > 0
    assert np.isfinite(result["losses"]).all()
    assert f"step {result['diverged']} would take" in explorer.alt()


# ---- what the lecture says


def test_without_a_bias_it_fails_and_with_one_it_does_not():
    preset = Neuron.presets["without bias"]
    assert Neuron(**preset).result()["accuracies"].max() <= 0.75
    assert Neuron(**{**preset, "bias": True, "position": 100}).result()["accuracy"] >= 0.95
    ends = Neuron(**preset).result()["boundary"]
    np.testing.assert_allclose(ends.sum(0), 0, atol=1e-9)  # through (0, 0)


def test_thirds_are_too_much_for_one_neuron_and_not_for_a_hidden_layer():
    assert Neuron(**Neuron.presets["thirds, one neuron"]).result()["accuracies"].max() <= 0.75
    assert Neuron(**Neuron.presets["thirds, a hidden layer"], position=100).result()["accuracy"] >= 0.95


@pytest.mark.parametrize("name", ["circle", "two spirals", "kick or hi-hat", "plucked or bowed"])
def test_the_other_sets_are_learned(name):
    assert Neuron(**Neuron.presets[name], position=100).result()["accuracy"] >= 0.95


def test_a_step_learns_nothing_from_squared_errors():
    result = Neuron(**Neuron.presets["a step that cannot learn"], position=100).result()
    assert np.ptp(result["losses"]) == 0


def test_the_first_weights_are_those_of_the_seed():
    assert [Neuron.defaults[name] for name in ("w1", "w2", "b")] == Net((2, 1)).initial(0).round(4).tolist()
    explorer = Neuron(seed=3)
    assert [explorer.state[name] for name in ("w1", "w2", "b")] == Net((2, 1)).initial(3).round(4).tolist()


def test_another_seed_leaves_points_alone_that_were_given():
    explorer = Neuron(data="circle", points=Neuron(data="circle").points(), layers=1)
    first, weights = explorer.points(), explorer.result()["weights"]
    explorer.set(seed=3, picked=1)
    assert explorer.points() == first
    assert (explorer.result()["weights"] != weights).any()
    explorer.set(seed=4)
    assert explorer.state["picked"] == 1
    assert Neuron(data="circle").set(seed=3).points() != first
    assert explorer.set(noise=0.2).points() != first


@pytest.mark.parametrize(("activation", "said"), [("ELU", "An ELU"), ("identity", "An identity"), ("sigmoid", "A sigmoid")])
def test_the_article_fits_the_activation(activation, said):
    assert Neuron(activation=activation).alt().startswith(f"{said} neuron")


def test_a_prediction_is_settled_by_the_last_step():
    question = Neuron(**Neuron.presets["thirds, one neuron"]).question()
    assert question.truth in question.options
    assert question.truth != "nearly all"
    assert Neuron().question().truth == "nearly all"


# ---- sound


def test_a_point_passes_the_neuron_as_loudly_as_it_fires():
    explorer = Neuron(position=100)
    for label, heard in ((0, False), (1, True)):
        picked = explorer._indices(f"class {label}")[0]
        explorer.set(picked=picked)
        whole, through = (track.samples for track in explorer.tracks())
        x1, x2, _ = explorer.points()[picked]
        np.testing.assert_array_equal(whole, timbre.pitched(x1, x2))
        np.testing.assert_allclose(through, explorer.result()["outputs"][picked] * whole, atol=1e-6)
        assert (np.abs(through).max() > 0.2) == heard


def test_a_correct_classifier_mutes_one_class():
    whole, through, line = (track.samples for track in Neuron(position=100, steps=1000, lr=1.0).tracks())
    half = round(0.22 * 16_000) * 6
    energy = [np.square(x[part]).sum() for x in (whole, through) for part in (slice(half), slice(half + 5120, None))]
    assert energy[2] < 0.05 * energy[0]
    assert energy[3] > 0.9 * energy[1]
    assert np.abs(line).max() > 0.1


def test_your_own_sounds_lie_where_they_measure():
    explorer = Neuron.of(sounds(), [0, 0, 1, 1])
    assert explorer.state["data"] == "yours"
    np.testing.assert_array_equal(np.array(explorer.points())[:, :2], timbre.place(sounds())[0])
    assert "on your own sounds (seed 0)" in explorer.alt()
    assert "noise" not in explorer.alt()
    assert "new point" not in explorer.alt()
    assert explorer.question().text.startswith("Your sounds: ")
    explorer.set(picked=2)
    np.testing.assert_array_equal(explorer.tracks()[0].samples, sounds()[2])
    explorer._drop("features", "class 0", 0, 0.0, 0.0)
    assert "measured" in explorer.problem
    np.testing.assert_array_equal(np.array(explorer.points())[:, :2], timbre.place(sounds())[0])


def test_loud_sounds_in_a_row_are_all_made_softer_alike():
    loud = [np.ones(8000, np.float32), -np.ones(8000, np.float32)]
    both, one = in_a_row(loud, np.array([1.0, 1.0])), in_a_row(loud, np.array([1.0, 0.0]))
    assert np.abs(both).max() <= 1
    np.testing.assert_array_equal(both[:3520], one[:3520])  # until the second begins
    assert one[100] == pytest.approx(1 / 3)


@pytest.mark.parametrize("labels", [[0, 0, 0, 0], [0, 1], [0, 0, 1, 2]])
def test_sounds_without_labels_are_refused(labels):
    with pytest.raises(ValueError, match="a label, 0 or 1"):
        Neuron.of(sounds(), labels)
    with pytest.raises(ValueError, match="a label, 0 or 1"):
        Neuron(sounds())
