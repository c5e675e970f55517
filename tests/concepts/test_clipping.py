"""Training with and without clipping, against a loop in torch; the direction that is kept, the cut that is exact."""

import numpy as np
import pytest
import torch

from helpers.concepts import bptt, clipping
from helpers.concepts.clipping import BATCH, HIDDEN, NOTES, SIZE

SOME = np.random.default_rng(4)


def modules(theta):
    """The same net of torch's own modules, in float64."""
    net = clipping.unpack(theta)
    rnn, head = torch.nn.RNN(NOTES, HIDDEN).double(), torch.nn.Linear(HIDDEN, NOTES).double()
    values = {rnn.weight_ih_l0: net.W, rnn.weight_hh_l0: net.U, rnn.bias_ih_l0: net.b, head.weight: net.V, head.bias: net.c}
    with torch.no_grad():
        for parameter, value in values.items():
            parameter.copy_(torch.tensor(value))
        rnn.bias_hh_l0.zero_()
    rnn.bias_hh_l0.requires_grad_(False)  # torch has a second bias; ours has one
    return rnn, head, list(values)


def loss_of(rnn, head, heard, cut=0):
    """Cross-entropy of the last state's answers; the state before step `cut` is detached."""
    x, state = torch.nn.functional.one_hot(torch.tensor(heard), NOTES).double(), None
    if cut:
        _, state = rnn(x[:cut])
        state = state.detach()
    _, last = rnn(x[cut:], state)
    return torch.nn.functional.cross_entropy(head(last[0]), torch.tensor(heard[0]))


def flat(tensors):
    return np.concatenate([tensor.detach().numpy().ravel() for tensor in tensors])


@pytest.mark.parametrize("truncate", [None, 1, 4, 9, 50])
@pytest.mark.parametrize("radius", [0.5, 2.0])
def test_loss_and_gradient_are_autograds(radius, truncate):
    theta, heard = clipping.start(radius, 3) + 0.1 * SOME.standard_normal(SIZE), clipping.tunes(9, 7, SOME)
    rnn, head, parameters = modules(theta)
    loss = loss_of(rnn, head, heard, 0 if truncate is None else max(9 - truncate, 0))
    loss.backward()
    found, slopes = clipping.gradient(theta, heard, truncate)
    assert found == pytest.approx(loss.item(), rel=1e-12)
    np.testing.assert_allclose(slopes, flat(p.grad for p in parameters), rtol=1e-9, atol=1e-12)


def test_a_cut_leaves_the_slopes_of_the_last_layer_and_takes_all_of_what_came_before():
    """A net that hears something only at its first step has no slope by W at all, once that step is cut off."""
    theta, heard = clipping.start(1.0, 0), np.zeros((6, 5), int)
    heard[0] = 2
    whole, cut = (clipping.unpack(clipping.gradient(theta, heard, k)[1]) for k in (6, 5))
    assert np.abs(whole.W[:, 2]).max() > 1e-6
    assert not cut.W[:, 2].any()
    np.testing.assert_array_equal(cut.V, whole.V)


@pytest.mark.parametrize("limit", [np.inf, 0.3])
@pytest.mark.parametrize(("radius", "steps", "length", "lr"), [(0.9, 200, 4, 0.1), (2.0, 6, 12, 0.3)])
def test_a_run_is_what_a_loop_in_torch_does(radius, steps, length, lr, limit):
    """An explosive start is chaotic: there rounding is soon seen, and the test below goes on from step to step."""
    seed = 1
    run = clipping.train(radius, length, lr, limit, steps, seed=seed)
    rnn, head, parameters = modules(clipping.start(radius, seed))
    optimizer, random = torch.optim.SGD(parameters, lr), np.random.default_rng(2000 + seed)
    for k in range(steps):
        np.testing.assert_allclose(run.theta[k], flat(parameters), rtol=1e-5, atol=1e-7)
        loss = loss_of(rnn, head, clipping.tunes(length, BATCH, random))
        optimizer.zero_grad()
        loss.backward()
        assert run.loss[k] == pytest.approx(loss.item(), rel=1e-5)
        norm = torch.sqrt(sum((p.grad**2).sum() for p in parameters))
        assert run.norm[k] == pytest.approx(norm.item(), rel=1e-5)
        if norm > limit:
            for p in parameters:
                p.grad *= limit / norm
        optimizer.step()
    if np.isfinite(limit):
        assert (run.norm > limit).any()  # else nothing was tried


def test_every_step_goes_along_torchs_gradient_and_no_further_than_the_limit():
    limit, lr, seed = 0.5, 0.3, 2
    run, random = clipping.train(2.0, 12, lr, limit, 200, seed=seed), np.random.default_rng(2000 + seed)
    moved = np.diff(run.theta, axis=0) / lr
    for k, step in enumerate(moved):
        rnn, head, parameters = modules(run.theta[k])
        loss = loss_of(rnn, head, clipping.tunes(12, BATCH, random))
        slopes = flat(torch.autograd.grad(loss, parameters))
        assert run.loss[k] == pytest.approx(loss.item(), rel=1e-9)
        assert run.norm[k] == pytest.approx(np.linalg.norm(slopes), rel=1e-7)
        length = np.linalg.norm(step)
        assert length == pytest.approx(min(limit, np.linalg.norm(slopes)), rel=1e-7)
        assert -step @ slopes == pytest.approx(length * np.linalg.norm(slopes), rel=1e-7)
    assert (run.norm[:-1] > limit).any()
    assert (run.norm[:-1] < limit).any()


def test_a_limit_that_is_never_met_changes_nothing():
    free = clipping.train(1.2, 8, 0.1, np.inf, 50)
    bound = clipping.train(1.2, 8, 0.1, 1.01 * free.norm.max(), 50)
    np.testing.assert_array_equal(free.theta, bound.theta)


def test_answers_are_torchs_softmax():
    theta, heard = clipping.start(1.5, 6), clipping.tunes(5, 11, SOME)
    rnn, head, _ = modules(theta)
    _, last = rnn(torch.nn.functional.one_hot(torch.tensor(heard), NOTES).double())
    np.testing.assert_allclose(clipping.answers(clipping.unpack(theta), heard), head(last[0]).softmax(-1).detach(), atol=1e-12)


def test_a_start_has_the_radius_that_is_asked_for():
    net = clipping.unpack(clipping.start(2.0, 5))
    assert bptt.spectral_radius(net.U) == pytest.approx(2.0)
    assert not net.b.any()
    assert not net.c.any()


def test_clipping_saves_what_an_explosive_start_would_lose():
    """In lecture 05's words: over the seeds, the clipped net learns it nearly always, the other one rarely."""
    right = {np.inf: [], 1.0: []}
    for seed in range(8):
        new = clipping.tunes(16, 256, np.random.default_rng(9))
        for limit, found in right.items():
            net = clipping.unpack(clipping.train(2.0, 16, 0.3, limit, 200, seed=seed).theta[-1])
            found.append((clipping.answers(net, new).argmax(1) == new[0]).mean())
    assert sum(share > 0.9 for share in right[1.0]) >= 6
    assert sum(share > 0.9 for share in right[np.inf]) <= 3
