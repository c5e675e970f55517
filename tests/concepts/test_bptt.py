"""The way back through time against autograd, closed forms of linear nets, and torch's own clipping."""

import numpy as np
import pytest
import torch

from helpers.concepts import bptt
from helpers.concepts.recurrence import CELLS, Weights

T, HIDDEN, INPUTS = 12, 5, 3
CELLS_HERE = list(bptt.GATES)


def setting(cell, radius=1.1, init="random", forget_bias=0.0, steps=T):
    W, U = bptt.draw(cell, INPUTS, HIDDEN, radius, init, seed=2)
    x = np.random.default_rng(5).standard_normal((steps, INPUTS))
    return x, W, U, bptt.forward(cell, x, W, U, forget_bias)


def by_autograd(cell, x, W, U, last, forget_bias=0.0, cut=None):
    """States with their gradients, and U's, of torch's own cells; `cut`: the state before that step is detached."""
    x, W, U = (torch.tensor(v) for v in (x, W, U))
    U.requires_grad_()
    b = torch.zeros(W.shape[0] * HIDDEN, dtype=torch.float64)
    if cell == "LSTM":
        b[HIDDEN : 2 * HIDDEN] = forget_bias
    w = Weights(W.reshape(-1, INPUTS), U.reshape(-1, HIDDEN), b, torch.zeros_like(b))
    zero = torch.zeros(1, HIDDEN, dtype=torch.float64, requires_grad=True)
    state = (zero,) if cell != "LSTM" else (zero, zero.detach().clone().requires_grad_())
    kept = [state]
    for t, now in enumerate(x):
        if t == cut:
            state = tuple(part.detach() for part in state)
        if cell == "linear":
            state = (now[None] @ w.W.T + state[0] @ w.U.T,)
        else:
            state, _ = CELLS[cell](now[None], state, w)
        for part in state:
            part.retain_grad()
        kept.append(state)
    (state[0] * torch.tensor(last)).sum().backward()
    return kept, U.grad.numpy()


def grads(kept, part):
    return np.stack([np.zeros(HIDDEN) if s[part].grad is None else s[part].grad[0].numpy() for s in kept])


@pytest.mark.parametrize("cell", CELLS_HERE)
def test_gradients_are_autograds(cell):
    x, W, U, tape = setting(cell, forget_bias=1.5)
    last = np.random.default_rng(0).standard_normal(HIDDEN)
    kept, of_U = by_autograd(cell, x, W, U, last, forget_bias=1.5)
    given = np.zeros_like(tape.state[0])
    given[0] = last
    of_state, of_gates = bptt.backward(tape, given)
    np.testing.assert_allclose(tape.state[:, 0], np.stack([s[0][0].detach() for s in kept]), rtol=1e-12)
    np.testing.assert_allclose(of_state[:, 0], grads(kept, 0), rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(bptt.recurrent_gradient(tape, of_gates), of_U, rtol=1e-9, atol=1e-14)
    if cell == "LSTM":
        np.testing.assert_allclose(bptt.cell_gradient(tape, of_state), grads(kept, 1)[1:], rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("cell", CELLS_HERE)
@pytest.mark.parametrize("cut", [1, 4])
def test_a_truncated_gradient_is_that_of_a_detached_state(cell, cut):
    x, W, U, tape = setting(cell)
    last = np.ones(HIDDEN)
    kept, of_U = by_autograd(cell, x, W, U, last, cut=T - cut)
    given = np.zeros_like(tape.state[0])
    given[0] = last
    of_state, of_gates = bptt.backward(tape, given, truncate=cut)
    assert not of_state[: T - cut].any()
    assert not of_gates[: T - cut].any()
    np.testing.assert_allclose(bptt.recurrent_gradient(tape, of_gates), of_U, rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(of_state[T - cut + 1 :, 0], grads(kept, 0)[T - cut + 1 :], rtol=1e-9, atol=1e-14)


def test_truncating_where_there_is_nothing_more_changes_nothing():
    _, _, _, tape = setting("GRU")
    last = np.ones((1, HIDDEN))
    for whole, cut in zip(bptt.backward(tape, last), bptt.backward(tape, last, truncate=T)):
        np.testing.assert_array_equal(whole, cut)


@pytest.mark.parametrize("cell", CELLS_HERE)
def test_jacobians_are_autograds(cell):
    x, W, U, tape = setting(cell, forget_bias=0.5)
    parts = tape.state.shape[1]
    b = torch.zeros(W.shape[0] * HIDDEN, dtype=torch.float64)
    if cell == "LSTM":
        b[HIDDEN : 2 * HIDDEN] = 0.5
    w = Weights(torch.tensor(W).reshape(-1, INPUTS), torch.tensor(U).reshape(-1, HIDDEN), b, torch.zeros_like(b))

    def step(s, now):
        if cell == "linear":
            return now @ w.W.T + s @ w.U.T
        return torch.cat(CELLS[cell](now[None], tuple(s.reshape(parts, 1, HIDDEN)), w)[0], dim=-1)[0]

    J = bptt.jacobians(tape)
    for t in range(T):
        wanted = torch.autograd.functional.jacobian(lambda s, t=t: step(s, torch.tensor(x[t])), torch.tensor(tape.state[t].ravel()))
        np.testing.assert_allclose(J[t], wanted, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("cell", CELLS_HERE)
def test_singular_values_are_those_of_the_products(cell):
    _, _, _, tape = setting(cell)
    J = bptt.jacobians(tape)
    lags = np.array([1, 4, T])
    found = dict(zip(lags, bptt.singular_values(J, lags)))
    for k in lags:
        product = np.linalg.multi_dot([np.eye(J.shape[1]), *J[::-1][:k]]) if k > 1 else J[-1]
        wanted = np.linalg.svd(product, compute_uv=False)
        shown = ~np.isnan(found[k])
        np.testing.assert_allclose(found[k][shown], wanted[shown], rtol=1e-6, atol=1e-11 * wanted[0])
        assert (wanted[~shown] < 1e-9 * wanted[0]).all()


@pytest.mark.parametrize("radius", [0.5, 0.9, 1.0, 1.1, 1.5])
@pytest.mark.parametrize("init", ["random", "orthogonal"])
def test_of_a_linear_net_the_slope_of_the_log_norm_is_the_log_of_the_radius(radius, init):
    _, _, U, tape = setting("linear", radius, init, steps=400)
    assert bptt.spectral_radius(U[0]) == pytest.approx(radius, rel=1e-9)
    of_state, _ = bptt.backward(tape, np.ones((1, HIDDEN)))
    size = np.log(np.linalg.norm(of_state[:, 0], axis=1))
    slope = (size[50] - size[350]) / 300  # per step back, far from the end
    assert slope == pytest.approx(np.log(radius), abs=0.05 * abs(np.log(radius)) + 3e-3)
    if init == "orthogonal":
        np.testing.assert_allclose(size[350] - size[50], -300 * np.log(radius), atol=1e-9)


def test_a_smaller_radius_vanishes_a_larger_one_explodes():
    sizes = {}
    for radius in (0.8, 1.0, 1.2):
        _, _, _, tape = setting("linear", radius, "orthogonal", steps=60)
        of_state, _ = bptt.backward(tape, np.ones((1, HIDDEN)))
        sizes[radius] = np.linalg.norm(of_state[0]) / np.linalg.norm(of_state[-1])
    assert sizes[0.8] < 1e-5
    assert sizes[1.0] == pytest.approx(1)
    assert sizes[1.2] > 1e4


def test_the_terms_add_up_to_the_gradient():
    _, _, _, tape = setting("LSTM")
    of_gates = np.random.default_rng(1).standard_normal((T, 4, HIDDEN))
    outer = [np.outer(of_gates[t].ravel(), tape.state[t, 0]) for t in range(T)]
    np.testing.assert_allclose(bptt.recurrent_terms(tape, of_gates), [np.linalg.norm(term) for term in outer])
    np.testing.assert_allclose(bptt.recurrent_gradient(tape, of_gates), sum(outer).reshape(4, HIDDEN, HIDDEN), atol=1e-12)


@pytest.mark.parametrize("limit", [0.1, 1.0, 1e3])
def test_clipping_bounds_the_norm_and_keeps_the_direction(limit):
    gradient = np.random.default_rng(0).standard_normal((4, 6, 6))
    parameter = torch.nn.Parameter(torch.zeros(4, 6, 6, dtype=torch.float64))
    parameter.grad = torch.tensor(gradient)
    torch.nn.utils.clip_grad_norm_([parameter], limit)
    clipped = bptt.clip(gradient, limit)
    np.testing.assert_allclose(clipped, parameter.grad, rtol=1e-5)  # torch adds a millionth to the norm
    assert np.linalg.norm(clipped) == pytest.approx(min(limit, np.linalg.norm(gradient)))
    cosine = (clipped * gradient).sum() / np.linalg.norm(clipped) / np.linalg.norm(gradient)
    assert cosine == pytest.approx(1, abs=1e-12)


def test_a_forget_bias_of_3_lengthens_the_half_life():
    lives = []
    for bias in (0.0, 3.0):
        keep = 1 / (1 + np.exp(-bias))
        lives.append(bptt.half_life(keep))
        assert keep ** lives[-1] == pytest.approx(0.5)
    assert lives[0] == pytest.approx(1)
    assert lives[1] > 14
    kept = []
    for bias in (0.0, 3.0):
        _, _, _, tape = setting("LSTM", 0.5, forget_bias=bias, steps=40)
        of_state, _ = bptt.backward(tape, np.stack([np.ones(HIDDEN), np.zeros(HIDDEN)]))
        size = np.linalg.norm(bptt.cell_gradient(tape, of_state), axis=1)
        kept.append(size[19] / size[39])
    assert kept[1] > 1e3 * kept[0]
    assert bptt.half_life(1.0) == np.inf


@pytest.mark.parametrize(("call", "words"), [
    (lambda: bptt.draw("ESN", 2, 3, 1.0), "there are linear, RNN, GRU, LSTM"),
    (lambda: bptt.draw("RNN", 2, 3, 1.0, "zero"), "random or orthogonal"),
    (lambda: bptt.half_life(0.0), "above 0, at most at 1"),
    (lambda: bptt.half_life(1.2), "above 0, at most at 1"),
])  # fmt: skip
def test_what_cannot_be_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize("init", ["random", "orthogonal"])
@pytest.mark.parametrize("cell", CELLS_HERE)
def test_every_gate_is_drawn_with_the_radius_that_is_asked_for(cell, init):
    W, U = bptt.draw(cell, INPUTS, 16, 0.7, init, seed=1)
    assert len(U) == len(W) == bptt.GATES[cell]
    for u in U:
        assert bptt.spectral_radius(u) == pytest.approx(0.7)
        if init == "orthogonal":
            np.testing.assert_allclose(np.linalg.svd(u, compute_uv=False), 0.7)
