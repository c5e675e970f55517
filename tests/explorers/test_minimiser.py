"""The choir's one note against numpy, torch and a search; drags, and what is heard."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from helpers import audio
from helpers.explorers import Minimiser
from helpers.explorers.minimiser.minimiser import HIGH, HOME, LOW

STATES = [
    {},
    {"points": [0.3, -2.0, 5.0], "guess": 1.2, "delta": 0.4},
    {"points": [0.0, 7.0], "guess": -1.0, "delta": 3.0, "reduction": "sum"},
    {"points": [4.0], "guess": 4.0},
    {"points": [-0.3, 0.2, 12.0], "guess": 3.0, "delta": 2.0, "metric": "hertz"},
]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_every_number_is_torchs_or_numpys(state):
    explorer = Minimiser(**state)
    result, state = explorer.result(), explorer.state
    y, how = torch.tensor(state["points"], dtype=torch.float64), {"reduction": state["reduction"]}
    in_hertz, delta = state["metric"] == "hertz", state["delta"]
    if in_hertz:
        y, delta = 440 * 2 ** ((y - 12) / 12), delta * (233.08188 - 220)  # A3, and the semitone above it

    def scaled(semitones):
        return 220 * 2 ** (semitones / 12) if in_hertz else semitones

    theirs = {
        "L1": lambda c: F.l1_loss(c.expand(len(y)), y, **how),
        "L2": lambda c: F.mse_loss(c.expand(len(y)), y, **how),
        "Huber": lambda c: F.huber_loss(c.expand(len(y)), y, delta=delta, **how),
    }
    for name, loss in theirs.items():
        place = torch.tensor(state["guess"], dtype=torch.float64, requires_grad=True)
        guess = scaled(place)
        value = loss(guess)
        assert result[f"{name} at guess"] == pytest.approx(value.item(), rel=1e-6)
        (slope,) = torch.autograd.grad(value, guess, retain_graph=True)
        assert result[f"{name} rise"] == pytest.approx(torch.autograd.grad(value, place)[0].item(), rel=1e-6, abs=1e-9)
        assert result[f"{name} slope"] == pytest.approx(slope.item(), rel=1e-6, abs=1e-9)
        assert result[f"{name} pulls"].sum() == pytest.approx(slope.item(), rel=1e-6, abs=1e-9)
        curve = torch.stack([loss(scaled(c)) for c in torch.from_numpy(result["c"])])
        np.testing.assert_allclose(result[f"{name} curve"], curve, rtol=1e-6)
        best = scaled(torch.tensor(result[f"{name} best"][0]))
        assert result[f"{name} least"] == pytest.approx(loss(best).item(), rel=1e-6, abs=1e-9)
        assert result[f"{name} least"] <= curve.min() + 1e-9
    assert scaled(result["L2 best"]) == pytest.approx(float(y.mean()))
    assert result["L1 best"].mean() == pytest.approx(np.median(state["points"]))


def test_the_outlier_takes_the_mean_along_and_not_the_median():
    explorer = Minimiser(points=[-0.2, 0.0, 0.1, 0.3, 0.4])
    before = explorer.result()
    explorer._drag("singers", "singer", 4, 12.4, 0.0)
    after = explorer.result()
    assert explorer.state["points"] == [-0.2, 0.0, 0.1, 0.3, 12.4]
    assert after["L2 best"] - before["L2 best"] == pytest.approx(12 / 5)
    assert (after["L1 best"] == before["L1 best"]).all()
    assert after["L1 best"][0] <= after["Huber best"][0] < after["L2 best"][0]


def test_the_unit_of_the_errors_moves_the_mean_and_not_the_median():
    semitones, hertz = Minimiser().result(), Minimiser(metric="hertz").result()
    np.testing.assert_allclose(hertz["L1 best"], semitones["L1 best"], atol=1e-9)
    expected = 12 * np.log2(np.mean(2 ** (np.array(Minimiser.defaults["points"]) / 12)))
    assert hertz["L2 best"] == pytest.approx(expected)
    assert expected > semitones["L2 best"][0] + 0.5


def test_huber_hardly_moves_with_the_unit():
    semitones, hertz = (Minimiser(metric=metric).result()["Huber best"][0] for metric in ("semitones", "hertz"))
    assert 0.005 < hertz - semitones < 0.1


def test_the_bars_add_up_to_the_slope_with_its_sign_turned():
    explorer = Minimiser()
    for name in ("L1", "Huber", "L2"):
        bars = explorer.grid.panel(f"pulls {name}").layers[0].xy[:, 1]
        assert bars.sum() == pytest.approx(-explorer.result()[f"{name} slope"])
        assert (bars[-1] > 0) == (explorer.state["points"][-1] > explorer.state["guess"])


def test_one_singer_is_called_a_singer():
    assert Minimiser(points=[0.0]).alt().startswith("A singer at 0.0 semitones.")
    assert Minimiser(points=[0.0, 1.0]).alt().startswith("Singers at 0.0, 1.0 semitones.")


def test_dragging_moves_a_singer_or_the_guess_and_stays_in_the_picture():
    explorer = Minimiser()
    explorer._drag("singers", "singer", 2, 99.0, 3.0)
    assert explorer.state["points"][2] == HIGH
    for panel, layer in (("loss L2", "guess"), ("singers", "guess here")):
        explorer._drag(panel, layer, 0, -50.0, 0.0)
        assert explorer.state["guess"] == LOW
        explorer._drag(panel, layer, 0, 3.14, 0.0)
        assert explorer.state["guess"] == 3.1
    assert explorer.problem is None


def test_a_click_adds_a_singer_until_the_stage_is_full():
    explorer = Minimiser(points=[0.0])
    for n in range(2, 10):
        explorer.grid._receive(
            explorer.grid, {"type": "place", "panel": "singers", "x": n / 2, "y": 1.0, "shift": False, "id": n}, []
        )
        assert len(explorer.state["points"]) == n
    explorer.grid._receive(explorer.grid, {"type": "place", "panel": "singers", "x": 1.0, "y": 1.0, "shift": False, "id": 10}, [])
    assert "room for 1 to 9" in explorer.problem
    assert len(explorer.state["points"]) == 9


def test_what_a_loss_chooses_is_heard_at_its_pitch():
    explorer = Minimiser()
    sounds = {track.name.split("'")[0]: track.samples for track in explorer.tracks()}
    for name in ("L1", "L2"):
        alone = sounds[name][2_000:10_000].astype(np.float64)  # before the choir comes in
        spectrum = np.abs(np.fft.rfft(alone * np.hanning(len(alone)), 2**17))
        heard = spectrum.argmax() * 16_000 / 2**17
        assert heard == pytest.approx(audio.hertz(HOME + explorer.result()[f"{name} best"].mean()), rel=2e-3)


def test_bad_states_are_explained():
    for state, words in (
        ({"points": []}, "room for 1 to 9"),
        ({"points": [0.0] * 10}, "10 singers"),
        ({"points": [20.0]}, "20 semitones is off the picture"),
        ({"points": ["a"]}, "as a number of semitones"),
        ({"delta": 0.0}, "above 0"),
        ({"metric": "cents"}, "choose one of semitones, hertz"),
        ({"reduction": "none"}, "choose one of mean, sum"),
    ):
        with pytest.raises(ValueError, match=words):
            Minimiser(**state)


def test_the_question_is_answered_by_the_default_choir():
    asked = Minimiser(predict=True).asked
    assert asked.truth() == "L1 near 0, L2 near 2"
    result = Minimiser().result()
    assert abs(result["L1 best"].mean()) < 0.5
    assert abs(result["L2 best"].mean() - 2) < 0.5
