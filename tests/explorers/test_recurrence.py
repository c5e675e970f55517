"""The gradient on its way back, as shown, against torch's autograd on the same weights; what is said, drawn and heard."""

import numpy as np
import pytest
import torch

from helpers.concepts import bptt
from helpers.concepts.recurrence import CELLS, Weights
from helpers.explorers import Recurrence
from helpers.explorers.parts.numerals import short
from helpers.explorers.recurrence.recurrence import RADII
from helpers.explorers.recurrence.tune import EVERY, PEAK, RATE, SCALE, TUNE, degrees, heard, tune

STATES = [
    {},
    {"cell": "LSTM", "forget_bias": 2.0, "position": 5},
    {"cell": "GRU", "radius": 1.4, "steps": 30, "seed": 3, "truncate": 7, "position": 25},
    {"cell": "linear", "radius": 1.2, "init": "orthogonal", "clip": 0.5, "compare": True},
    {"tune": "D2 c|A B d", "radius": 1.3, "radii": True, "steps": 20},
]


def by_autograd(state):
    """|∂L/∂h| and |∂L/∂c| at every step, and ∂L/∂U, where the loss is a readout of length 1 of the last h."""
    W, U = bptt.draw(state["cell"], 8, 16, state["radius"], state["init"], state["seed"])
    W, U = torch.tensor(W).flatten(0, 1), torch.tensor(U).flatten(0, 1).requires_grad_()
    b = torch.zeros(len(W), dtype=torch.float64)
    if state["cell"] == "LSTM":
        b[16:32] = state["forget_bias"]
    readout = torch.tensor(np.random.default_rng(100 + state["seed"]).standard_normal(16))
    h = torch.zeros(1, 16, dtype=torch.float64, requires_grad=True)
    now, kept = (h, torch.zeros_like(h).requires_grad_()) if state["cell"] == "LSTM" else (h,), []
    kept.append(now)
    for x in torch.tensor(tune(state["steps"], state["tune"])):
        if state["cell"] == "linear":
            now = (x[None] @ W.T + now[0] @ U.T,)
        else:
            now, _ = CELLS[state["cell"]](x[None], now, Weights(W, U, b, torch.zeros_like(b)))
        kept.append(now)
        for part in now:
            part.retain_grad()
    (now[0][0] @ (readout / readout.norm())).backward()
    norms = [[s[part].grad.norm().item() for s in kept[part:]] for part in range(len(now))]
    return norms, U.grad


@pytest.mark.parametrize("state", STATES, ids=str)
def test_every_number_is_that_of_autograd(state):
    explorer = Recurrence(**state)
    result, now = explorer.result(), explorer.state
    norms, whole = by_autograd(now)
    T, cut = now["steps"], max(now["steps"] - now["truncate"], 0)
    np.testing.assert_allclose(result["norm"][cut:], norms[0][cut:], rtol=1e-7)
    assert not result["norm"][:cut].any()
    assert result["norm_here"] == result["norm"][now["position"]]
    assert result["factor"] == pytest.approx((norms[0][0] / norms[0][-1]) ** (1 / T), rel=1e-7)
    if now["cell"] == "LSTM":
        np.testing.assert_allclose(result["cell_norm"], norms[1], rtol=1e-7)
        assert 0.5 == pytest.approx(torch.sigmoid(torch.tensor(now["forget_bias"])).item() ** result["half_life"], rel=1e-6)
    if now["truncate"] >= T:
        assert result["gradient"] == pytest.approx(whole.norm().item(), rel=1e-7)
        assert result["kept"] == pytest.approx(1)
        assert result["cosine"] == pytest.approx(1)
    else:
        assert result["kept"] == pytest.approx(result["gradient"] / whole.norm().item(), rel=1e-7)
        assert -1 <= result["cosine"] < 1
    assert result["clipped"] == pytest.approx(min(result["gradient"], now["clip"]))
    assert result["scale"] == pytest.approx(result["clipped"] / result["gradient"])
    if now["compare"]:
        for cell in bptt.GATES:
            np.testing.assert_allclose(result[f"norm of {cell}"], by_autograd({**now, "cell": cell})[0][0], rtol=1e-6)
    if now["radii"]:
        for radius in RADII:
            np.testing.assert_allclose(result[f"norm of ρ {radius}"], by_autograd({**now, "radius": radius})[0][0], rtol=1e-6)


def test_the_cosine_is_that_of_the_cut_gradient_with_the_whole():
    state = {"cell": "RNN", "radius": 1.3, "steps": 20, "truncate": 2}
    cut, whole = Recurrence(**state), Recurrence(**{**state, "truncate": 200})
    tape, _, of_gates = whole._way("RNN")
    outer = [np.outer(of_gates[t, 0], tape.state[t, 0]) for t in range(20)]
    full, kept = sum(outer), sum(outer[18:])
    wanted = (full * kept).sum() / np.linalg.norm(full) / np.linalg.norm(kept)
    assert cut.result()["cosine"] == pytest.approx(wanted)


def test_an_orthogonal_linear_net_multiplies_by_its_radius():
    for radius in (0.8, 1.0, 1.2):
        result = Recurrence(cell="linear", init="orthogonal", radius=radius).result()
        assert result["factor"] == pytest.approx(radius)
        np.testing.assert_allclose(result["norm"], radius ** np.arange(48, -1, -1.0), rtol=1e-9)
        np.testing.assert_allclose(result["singular"], radius ** result["lags"][:, None].repeat(2, 1), rtol=1e-9)


def test_tanh_needs_a_larger_radius_and_a_forget_bias_helps():
    factor = {radius: Recurrence(radius=radius).result()["factor"] for radius in (0.9, 1.2)}
    assert factor[0.9] < 0.9 < 1.2
    assert factor[1.2] < 1
    forgets, keeps = (Recurrence(cell="LSTM", forget_bias=bias).result() for bias in (0.0, 3.0))
    assert keeps["cell_norm"][0] > 1e6 * forgets["cell_norm"][0]


def test_singular_values_bound_what_a_step_back_does():
    explorer = Recurrence(radius=1.3, init="orthogonal")
    result = explorer.result()
    for lag, (largest, _) in zip(result["lags"], result["singular"]):
        assert result["norm"][48 - lag] <= largest * (1 + 1e-9)


@pytest.mark.parametrize("cell", ["linear", "RNN", "GRU", "LSTM"])
def test_the_middle_singular_value_is_that_of_the_whole_state(cell):
    """An LSTM's state is h and c, 32 numbers; the Jacobian over the last steps is torch's."""
    result = Recurrence(cell=cell, steps=8, forget_bias=1.0).result()
    W, U = (torch.tensor(part).flatten(0, 1) for part in bptt.draw(cell, 8, 16, 0.9, "random", 0))
    b, parts = torch.zeros(len(W), dtype=torch.float64), 2 if cell == "LSTM" else 1
    b[16:32] = 1.0 if cell == "LSTM" else 0.0

    def run(state, xs):
        for x in xs:
            if cell == "linear":
                state = x @ W.T + state @ U.T
            else:
                now, _ = CELLS[cell](x[None], tuple(state.reshape(parts, 1, 16)), Weights(W, U, b, torch.zeros_like(b)))
                state = torch.cat(now, -1)[0]
        return state

    x = torch.tensor(tune(8))
    for lag, (largest, middle) in zip(result["lags"].tolist(), result["singular"]):
        there = run(torch.zeros(16 * parts, dtype=torch.float64), x[: 8 - lag])
        J = torch.autograd.functional.jacobian(lambda s, lag=lag: run(s, x[8 - lag :]), there).numpy()
        wanted = np.linalg.svd(J, compute_uv=False)
        assert largest == pytest.approx(wanted[0], rel=1e-8)
        assert middle == pytest.approx(wanted[8 * parts], rel=1e-4)


def test_a_cut_gradient_may_be_longer_than_the_whole():
    """Where what was cut off pointed against the rest: the card says how long, and not that all is left."""
    states = ({"radius": r, "seed": seed, "truncate": k} for r in (1.2, 1.5, 2.0) for seed in range(6) for k in (2, 4, 8))
    longer = next(explorer for explorer in (Recurrence(**state) for state in states) if explorer.result()["kept"] > 1.02)
    said = [label["text"] for label in longer.grid.labels]
    assert said[said.index("length left after the cut") + 1] == f"{100 * longer.result()['kept']:.3g} %"


@pytest.mark.parametrize("state", STATES, ids=str)
def test_what_is_said_are_the_numbers(state):
    explorer = Recurrence(**state)
    result = explorer.result()
    said = explorer.alt() + " ".join(label["text"] for label in explorer.grid.labels)
    assert short(result["factor"]) in said
    assert short(result["gradient"]) in said
    assert ("clipped from" in said) == (result["scale"] < 1)
    if result["norm_here"]:
        assert short(result["norm_here"]) in explorer.verdict()
    else:
        assert "is 0: it was cut off" in explorer.verdict()


def test_a_note_is_as_loud_as_its_gradient():
    explorer = Recurrence(steps=32)
    plain, heard = (track.samples.reshape(32, -1) for track in explorer.tracks())
    assert plain.shape[1] == int(EVERY * RATE)
    assert 0.1 < np.abs(plain).max() <= PEAK
    norm = explorer.result()["norm"][1:]
    np.testing.assert_allclose(np.abs(heard).max(1) / np.abs(plain).max(1), norm / norm.max(), atol=1e-4)


def test_a_tune_is_typed_read_and_heard():
    explorer = Recurrence(steps=12)
    before = explorer.result()
    explorer._text.value = "d2 A|F D"
    assert explorer.state["tune"] == "d2 A|F D"
    assert not np.allclose(before["states"], explorer.result()["states"])
    notes = [7, 4, 2, 0]
    layers = {layer.name: layer for layer in explorer.grid.panel("graph").layers}
    assert layers["steps"].xy[:, 1].tolist() == notes * 3
    np.testing.assert_array_equal(tune(12, "d2 A|F D"), np.eye(8)[notes * 3])
    sound = explorer.tracks()[0].samples.reshape(12, -1)
    np.testing.assert_array_equal(sound[0], sound[4])
    t = np.arange(int(EVERY * RATE)) / RATE
    for note, heard_note in zip(notes, sound):
        strength = [abs(heard_note @ np.exp(-2j * np.pi * 440 * 2 ** ((pitch - 69) / 12) * t)) for pitch in SCALE]
        assert np.argmax(strength) == note


def test_a_note_that_is_dragged_moves_wherever_it_comes_again():
    explorer = Recurrence(tune="DEF", steps=9)
    explorer._drag("graph", "steps", 4, 5.0, 6.2)
    assert explorer.state["tune"] == "DcF"
    assert explorer._text.value == "DcF"
    explorer._drag("graph", "steps", 0, 1.0, -3.0)
    assert degrees(explorer.state["tune"]) == [0, 6, 2]
    assert heard(np.ones(80)).shape == heard(np.ones(64)).shape  # the last 64


def test_the_lectures_own_tune_is_the_default():
    assert degrees(TUNE) == [0, 2, 4, 2, 5, 4, 2, 1, 0, 4, 7, 6, 5, 3, 1, 0]


@pytest.mark.parametrize(("text", "words"), [
    ("DF XA", r"line 1, column 4: 'X' is no note"),
    ("DA f", "note 3, F♯5, is none of the eight"),
    ("D ^G", "note 2, G♯4, is none"),
    ("z2 |", "has 0 notes; write 1 to 64"),
    ("D" * 65, "has 65 notes"),
])  # fmt: skip
def test_a_tune_that_cannot_be_read_says_where_and_why(text, words):
    with pytest.raises(ValueError, match=words):
        Recurrence(tune=text)
    explorer = Recurrence()
    before = explorer.result()["states"]
    explorer._text.value = text
    assert explorer.problem
    assert explorer.state["tune"] == TUNE
    np.testing.assert_array_equal(explorer.result()["states"], before)


def test_one_comparison_at_a_time():
    explorer = Recurrence(compare=True)
    explorer.set(radii=True)
    assert (explorer.state["compare"], explorer.state["radii"]) == (False, True)
    explorer.set(compare=True)
    assert (explorer.state["compare"], explorer.state["radii"]) == (True, False)


@pytest.mark.parametrize(("state", "words"), [
    ({"cell": "ESN"}, "linear, RNN, GRU, LSTM"),
    ({"init": "zero"}, "random or orthogonal"),
    ({"radius": 3.0}, "0.1 to 2"),
    ({"steps": 500}, "2 to 200"),
    ({"position": 49}, "0 to 48"),
])  # fmt: skip
def test_what_cannot_be_is_refused(state, words):
    with pytest.raises(ValueError, match=words):
        Recurrence(**state)


def test_the_question_is_answered_by_the_numbers():
    for state, truth in (
        ({}, "less than a millionth"),
        ({"cell": "linear", "radius": 1.0, "init": "orthogonal"}, "a tenth to ten times"),
        ({"cell": "linear", "radius": 1.2, "init": "orthogonal"}, "more than ten times"),
        ({"cell": "linear", "radius": 0.9, "init": "orthogonal"}, "a millionth to a tenth"),
    ):
        assert Recurrence(**state).question().truth == truth


@pytest.mark.parametrize("seed", range(6))
def test_what_lecture_5_says_of_gates_that_stand_half_open(seed):
    """At a forget bias of 0, LSTM and GRU lose the gradient sooner than the plain RNN."""
    result = Recurrence(compare=True, forget_bias=0.0, seed=seed).result()
    assert max(result["norm of LSTM"][0], result["norm of GRU"][0]) < result["norm of RNN"][0]
