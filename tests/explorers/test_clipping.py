"""Two trainings as shown, against a loop in torch; what is said, drawn, asked and heard."""

import numpy as np
import pytest
import torch

from helpers.concepts import clipping as maths
from helpers.explorers import Clipping
from helpers.explorers.clipping.clipping import NEW, STEPS
from helpers.explorers.clipping.picture import INKS
from helpers.explorers.parts.numerals import short

# What an explosive start does in the long run, rounding decides: there only the first steps can be compared.
CALM = {"radius": 0.9, "length": 4, "clip": 0.3, "seed": 3, "lr": 0.1, "truncate": 3}


def by_torch(state, limit):
    """Losses, norms and answers of torch's RNN, trained by hand in float64 up to the position; the last weights' U."""
    start = [torch.tensor(part.copy()).requires_grad_() for part in maths.unpack(maths.start(state["radius"], state["seed"]))]
    W, U, b, V, c = start
    random, losses, norms = np.random.default_rng(2000 + state["seed"]), [], []

    def logits(heard):
        h = torch.zeros(heard.shape[1], maths.HIDDEN, dtype=torch.float64)
        for t, now in enumerate(torch.tensor(heard)):
            if t == len(heard) - state["truncate"]:
                h = h.detach()
            h = torch.tanh(W.T[now] + h @ U.T + b)
        return h @ V.T + c

    for _ in range(state["position"] + 1):
        heard = maths.tunes(state["length"], maths.BATCH, random)
        loss = torch.nn.functional.cross_entropy(logits(heard), torch.tensor(heard[0]))
        slopes = torch.autograd.grad(loss, start)
        losses.append(loss.item())
        norms.append(torch.cat([slope.flatten() for slope in slopes]).norm().item())
        before = [part.detach().clone() for part in start]
        with torch.no_grad():
            for part, slope in zip(start, slopes):
                part -= state["lr"] * slope * min(1.0, limit / norms[-1])
    with torch.no_grad():
        for part, old in zip(start, before):
            part.copy_(old)
        new = maths.tunes(state["length"], NEW, np.random.default_rng(3000 + state["seed"]))
        return losses, norms, logits(new).softmax(-1).numpy(), new, U.detach().numpy()


@pytest.mark.parametrize("state", [CALM, {"position": 5}, {"truncate": 5, "position": 5, "seed": 3}], ids=str)
def test_every_number_is_that_of_a_loop_in_torch(state):
    explorer = Clipping(**state)
    result, now = explorer.result(), explorer.state
    for name, limit in (("not clipped", np.inf), ("clipped", now["clip"])):
        losses, norms, said, new, U = by_torch(now, limit)
        k = now["position"] + 1
        np.testing.assert_allclose(result[f"loss, {name}"][:k], losses, rtol=1e-5)
        np.testing.assert_allclose(result[f"norm, {name}"][:k], norms, rtol=1e-5)
        np.testing.assert_allclose(result[f"scale, {name}"][:k], np.minimum(1, limit / np.array(norms)), rtol=1e-5)
        np.testing.assert_allclose(result[f"answer, {name}"], said[0], rtol=1e-4, atol=1e-6)
        assert result[f"right, {name}"] == (said.argmax(1) == new[0]).sum()
        assert result[f"radius, {name}"] == pytest.approx(np.abs(np.linalg.eigvals(U)).max(), rel=1e-5)
    assert result["tune"].tolist() == new[:, 0].tolist()
    assert result["first"] == new[0, 0]


def test_a_limit_that_is_never_met_gives_the_same_run_twice():
    result = Clipping(clip=1e3, radius=1.0, lr=0.05).result()
    assert result["norm, clipped"].max() < 1e3
    for what in ("loss", "norm", "answer"):
        np.testing.assert_array_equal(result[f"{what}, clipped"], result[f"{what}, not clipped"])
    assert (result["scale, clipped"] == 1).all()


def test_a_limit_moves_only_the_run_it_belongs_to():
    explorer = Clipping()
    before = explorer.result()
    after = explorer.set(clip=0.1).result()
    np.testing.assert_array_equal(before["loss, not clipped"], after["loss, not clipped"])
    assert before["loss, clipped"][0] == after["loss, clipped"][0]
    assert np.abs(before["loss, clipped"] - after["loss, clipped"]).max() > 0.1


def test_curves_and_bars_are_the_numbers():
    explorer = Clipping(position=30)
    result, grid = explorer.result(), explorer.grid
    for what in ("loss", "norm"):
        layers = {layer.name: layer for layer in grid.panel(what).layers}
        for name in INKS:
            np.testing.assert_allclose(10 ** layers[name].xy[:, 1], result[f"{what}, {name}"], rtol=1e-9)
            np.testing.assert_array_equal(layers[name].xy[:, 0], np.arange(STEPS))
    layers = {layer.name: layer for layer in grid.panel("answers").layers}
    for name in INKS:
        np.testing.assert_array_equal(layers[name].xy[:, 1], result[f"answer, {name}"])
    assert layers["right"].xy[0][0] == result["first"]
    assert "η = 0.3" in grid.panel("loss").title
    assert "limit 1.00" in [layer.name for layer in grid.panel("norm").layers]
    said = " ".join(label["text"] for label in grid.labels)
    for name in INKS:
        assert short(result[f"loss, {name}"][30]) in said
        assert short(result[f"norm, {name}"][30]) in said
        assert str(result[f"right, {name}"]) in explorer.verdict()
    assert f"{(result['scale, clipped'] < 1).sum()} gradients of 200" in explorer.verdict()


def test_truncated_far_more_is_named_right_than_luck_though_no_gradient_reaches_the_first_note():
    right = [Clipping(truncate=6, seed=seed).result()["right, clipped"] for seed in range(10)]
    assert min(right) > 1.5 * NEW / 4
    assert np.mean(right) > 2.2 * NEW / 4
    weak = [Clipping(truncate=6, radius=0.5, seed=seed).result()["right, clipped"] for seed in range(4)]
    assert max(weak) < 1.5 * NEW / 4
    heard = np.full((16, 1), 1)
    heard[0] = 0  # the only 0: its weights get what reaches the first note, and nothing else
    whole, cut = (maths.unpack(maths.gradient(maths.start(2.0, 1), heard, steps)[1]).W[:, 0] for steps in (None, 6))
    assert np.abs(whole).max() > 0
    assert np.abs(cut).max() == 0


def test_the_answer_is_heard_after_the_tune():
    explorer = Clipping()
    plain, clipped = (track.samples for track in explorer.tracks()[:2])
    result = explorer.result()
    same = result["answer, clipped"].argmax() == result["answer, not clipped"].argmax()
    assert np.array_equal(plain, clipped) == same
    half = len(plain) // 2
    np.testing.assert_array_equal(plain[:half], clipped[:half])
    assert 0.05 < np.abs(clipped).max() <= 1


def test_the_question_is_answered_by_the_numbers():
    for state, truth in (({}, "only the clipped one"), ({"radius": 0.5}, "neither"), ({"lr": 0.1, "length": 3}, "both")):
        explorer = Clipping(**state)
        assert explorer.question().truth == truth
        result = explorer.result()
        assert (result["right, clipped"] >= 0.9 * NEW) == (truth != "neither")
        assert (result["right, not clipped"] >= 0.9 * NEW) == (truth == "both")


@pytest.mark.parametrize(("state", "words"), [
    ({"clip": 0.0}, "0.01 to 1000"),
    ({"length": 1}, "2 to 30"),
    ({"radius": 4.0}, "0.1 to 3"),
    ({"position": 200}, "0 to 199"),
])  # fmt: skip
def test_what_cannot_be_is_refused(state, words):
    with pytest.raises(ValueError, match=words):
        Clipping(**state)
