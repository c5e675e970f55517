"""Optimisers against torch.optim, quadratics against what is known of them in closed form."""

import numpy as np
import pytest
import torch

from helpers.concepts.descent import (
    OPTIMISERS,
    USES,
    after,
    best_settings,
    descend,
    descend_curve,
    modes,
    rate,
    settled,
    steps_to_settle,
    transfer,
)
from helpers.concepts.surfaces import SURFACES, curve, quadratic, surface  # fmt: skip

THEIRS = {
    "GD": lambda w, lr: torch.optim.SGD([w], lr=lr),
    "momentum": lambda w, lr: torch.optim.SGD([w], lr=lr, momentum=0.9),
    "Nesterov": lambda w, lr: torch.optim.SGD([w], lr=lr, momentum=0.9, nesterov=True),
    "AdaGrad": lambda w, lr: torch.optim.Adagrad([w], lr=lr),
    "RMSProp": lambda w, lr: torch.optim.RMSprop([w], lr=lr, alpha=0.99),
    "Adam": lambda w, lr: torch.optim.Adam([w], lr=lr, betas=(0.9, 0.99)),
}
SETTINGS = {"beta": 0.9, "beta2": 0.99}
RATES = {"bowl": 0.1, "ravine": 0.02, "rotated ravine": 0.02, "saddle": 0.1, "Rosenbrock": 2e-4, "Himmelblau": 2e-3,
         "Beale": 2e-3, "plateau": 0.1}  # fmt: skip


def settings(name):
    return {setting: SETTINGS[setting] for setting in USES[name]}


@pytest.mark.parametrize("name", OPTIMISERS)
@pytest.mark.parametrize("where", SURFACES)
def test_every_optimiser_is_that_of_torch_for_200_steps(where, name):
    found = surface(where)
    w = torch.tensor(found.start, dtype=torch.float64, requires_grad=True)
    theirs, path = THEIRS[name](w, RATES[where]), [w.detach().clone()]
    for _ in range(200):
        theirs.zero_grad()
        w.grad = torch.autograd.grad(_in_torch(found, w), w)[0]
        theirs.step()
        path.append(w.detach().clone())
    run = descend(found, name, found.start, 200, lr=RATES[where], **settings(name))
    assert run.diverged is None
    np.testing.assert_allclose(run.path, torch.stack(path), rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(run.loss, [found.value(x, y) for x, y in run.path.tolist()], rtol=1e-9, atol=1e-15)


def _in_torch(found, w):
    x, y = w
    if found.name == "plateau":  # the one whose value is not plain arithmetic
        return 1 - torch.exp(-(x * x + y * y) / 2)
    return found.value(x, y)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_the_card_holds_what_torch_keeps_and_explains_the_step(name):
    found = surface("rotated ravine")
    run = descend(found, name, found.start, 30, lr=0.02, **settings(name))
    w = torch.tensor(found.start, dtype=torch.float64, requires_grad=True)
    theirs = THEIRS[name](w, 0.02)
    for k in range(30):
        w.grad = torch.tensor(found.gradient(*w.tolist()), dtype=torch.float64)
        g = w.grad.clone().numpy()
        theirs.step()
        m, v, effective = run.card[k]
        kept = theirs.state[w]
        for key, mine in (("momentum_buffer", m), ("exp_avg", m), ("sum", v), ("square_avg", v), ("exp_avg_sq", v)):
            if kept.get(key) is not None:
                np.testing.assert_allclose(mine, kept[key], rtol=1e-8)
        push = {"momentum": m, "Nesterov": g + 0.9 * m, "Adam": m / (1 - 0.9 ** (k + 1))}.get(name, g)
        np.testing.assert_allclose(run.path[k + 1] - run.path[k], -effective * push, rtol=1e-9)


def test_gradient_descent_on_a_quadratic_converges_just_below_two_over_the_largest_curvature_and_diverges_just_above():
    for condition, degrees in ((1, 0), (20, 0), (50, 30)):
        found = quadratic("ravine", condition, degrees)
        most = np.linalg.eigvalsh(found.hessian)[-1]
        below, above = (descend(found, "GD", (-1.8, 0.9), 3000, lr=factor / most) for factor in (1.99, 2.01))
        assert below.diverged is None
        assert below.loss[-1] < 1e-8 * below.loss[0]
        assert 0 < above.diverged < 3000
        assert len(above.path) == len(above.loss) == len(above.card) == above.diverged + 1
        assert np.isfinite(above.path).all()
        assert np.isfinite(above.loss).all()
        np.testing.assert_allclose(above.path[:40], descend(found, "GD", (-1.8, 0.9), 39, lr=2.01 / most).path)


def test_a_run_that_blows_up_to_infinity_ends_there_with_finite_numbers():
    run = descend(surface("Rosenbrock"), "GD", (-1.2, 1.0), 300, lr=0.1)
    assert 0 < run.diverged < 20
    assert np.isfinite(run.path).all()


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9])
def test_a_million_steps_at_once_are_the_steps_one_by_one(beta):
    found = quadratic("rotated ravine", 30, 30)
    run = descend(found, "momentum", (-1.8, 0.6), 300, lr=0.03, beta=beta)
    closed = [after(found.hessian, (-1.8, 0.6), k, 0.03, beta) for k in range(301)]
    np.testing.assert_allclose(run.path, closed, rtol=0, atol=1e-8)
    assert np.abs(after(found.hessian, (-1.8, 0.6), 10**6, 0.03, beta)).max() < 1e-12


def test_gradient_descent_is_momentum_without_any():
    found = surface("Himmelblau")
    plain = descend(found, "GD", found.start, 100, lr=0.005)
    np.testing.assert_array_equal(plain.path, descend(found, "momentum", found.start, 100, lr=0.005, beta=0.0).path)


@pytest.mark.parametrize("condition", [4.0, 20.0, 100.0, 1000.0])
def test_the_best_heavy_ball_has_the_rate_square_root_of_beta(condition):
    found = quadratic("ravine", condition, 20)
    lr, beta = best_settings(found.hessian)["momentum"]
    assert rate(found.hessian, lr, beta) == pytest.approx(np.sqrt(beta), rel=1e-5)
    # Measured: the length of (m, e) falls as k √βᵏ (the two modes are critical), so k is divided out.
    steps = int(30 / -np.log(np.sqrt(beta)))
    first, last = (np.linalg.norm(after(found.hessian, (-1.8, 0.9), k, lr, beta)) / k for k in (steps // 2, steps))
    assert (last / first) ** (1 / (steps - steps // 2)) == pytest.approx(np.sqrt(beta), rel=0.02)
    run = descend(found, "momentum", (-1.8, 0.9), steps, lr=lr, beta=beta)
    measured = (np.linalg.norm(run.path[-1]) / np.linalg.norm(run.path[0])) ** (1 / steps)
    assert measured == pytest.approx(np.sqrt(beta), rel=0.15)


@pytest.mark.parametrize("condition", [4.0, 20.0, 100.0])
def test_no_other_setting_has_a_better_rate(condition):
    hessian = quadratic("ravine", condition, 20).hessian
    best = best_settings(hessian)
    for name, betas in (("GD", [0.0]), ("momentum", np.linspace(0, 0.98, 50))):
        lr, beta = best[name]
        searched = min(rate(hessian, a, b) for a in np.linspace(0.02, 4, 100) / condition * 2 for b in betas)
        assert rate(hessian, lr, beta) <= searched + 1e-9
        assert searched - rate(hessian, lr, beta) < 0.08
    assert rate(hessian, *best["GD"]) == pytest.approx((condition - 1) / (condition + 1))


def test_the_rate_tells_convergence_from_divergence():
    found = quadratic("ravine", 20, 40)
    for lr in (0.01, 0.09, 0.0999, 0.1001, 0.12, 0.17, 0.21):
        for beta in (0.0, 0.3, 0.8):
            run = descend(found, "momentum", (-1.8, 0.9), 4000, lr=lr, beta=beta)
            assert (rate(found.hessian, lr, beta) < 1) == (run.diverged is None and run.loss[-1] < run.loss[0])


def test_transfer_is_one_step_along_an_eigenvector():
    m, e = 0.7, -1.3
    new_m = 0.6 * m + 5.0 * e
    np.testing.assert_allclose(transfer(5.0, 0.1, 0.6) @ [m, e], [new_m, e - 0.1 * new_m])


def test_modes_are_the_errors_along_the_eigenvectors():
    found = quadratic("rotated ravine", 30, 30)
    run = descend(found, "GD", (-1.8, 0.6), 50, lr=0.05)
    errors = modes(found.hessian, run.path)
    np.testing.assert_allclose(errors[:, 0], errors[0, 0] * (1 - 0.05 * 1) ** np.arange(51), atol=1e-9)
    np.testing.assert_allclose(errors[:, 1], errors[0, 1] * (1 - 0.05 * 30) ** np.arange(51), atol=1e-9)
    np.testing.assert_allclose((errors**2 @ [1, 30]) / 2, run.loss)


@pytest.mark.parametrize(("where", "reach"), [("ravine", 0.4), ("Himmelblau", 0.02), ("saddle", 2.0)])
def test_steps_to_settle_are_those_of_actual_runs(where, reach):
    found, random = surface(where, 30.0), np.random.default_rng(0)
    start = (-1.5, 0.7)
    rates, betas = np.geomspace(reach / 400, reach, 24), np.linspace(0, 0.95, 20)
    table = steps_to_settle(found, start, rates, betas, 200)
    assert table.shape == (20, 24)
    checked = {True: 0, False: 0}
    for row, column in random.integers([0, 0], [20, 24], (40, 2)):
        run = descend(found, "momentum", start, 200, lr=rates[column], beta=betas[row])
        good = run.loss - found.least <= 1e-4 * (run.loss[0] - found.least)
        k = next((k for k in range(len(good)) if good[k:].all()), None) if run.diverged is None else None
        assert (table[row, column] == k) if k is not None else np.isnan(table[row, column])
        checked[k is not None] += 1
    assert min(checked.values()) >= 3


def test_settled_means_for_good():
    loss = np.array([1.0, 1e-6, 0.5, 1e-5, 1e-6, 1e-7])
    assert settled(loss, 0.0) == 3
    assert np.isnan(settled(loss[:3], 0.0))
    assert settled(np.zeros(4), 0.0) == 0
    assert settled(loss - 2, -2.0) == 3


def test_on_the_saddles_axis_it_stays_and_a_little_noise_sets_it_free():
    found = surface("saddle")
    still = descend(found, "GD", (1.6, 0.0), 300, lr=0.1)
    np.testing.assert_allclose(still.path[-1], 0, atol=1e-10)
    assert still.loss[-1] == pytest.approx(0)
    for seed in range(5):
        freed = descend(found, "GD", (1.6, 0.0), 300, lr=0.1, noise=0.05, seed=seed)
        assert abs(freed.path[-1, 1]) == pytest.approx(1, abs=0.1)
        assert freed.loss[-1] == pytest.approx(-0.25, abs=0.02)


def test_noise_is_added_to_the_gradient_with_the_deviation_asked_for_and_by_its_seed():
    found = surface("bowl")
    run, again, other = (descend(found, "GD", (1.0, -1.0), 4000, noise=0.3, seed=seed, lr=0.1) for seed in (0, 0, 1))
    noise = (run.path[:-1] - run.path[1:]) / 0.1 - run.path[:-1]  # the bowl's gradient is w itself
    assert noise.std() == pytest.approx(0.3, rel=0.03)
    assert abs(noise.mean()) < 0.01
    np.testing.assert_array_equal(run.path, again.path)
    assert not np.array_equal(run.path, other.path)


def test_an_optimiser_there_is_none_of_is_refused():
    with pytest.raises(ValueError, match="'AdamW'; there are GD, momentum"):
        descend(surface("bowl"), "AdamW", (1.0, 1.0), 10, lr=0.1)


@pytest.mark.parametrize("beta", [0.0, 0.8])
@pytest.mark.parametrize("name", ["valley", "hills"])
def test_on_a_curve_it_is_torchs_sgd_too(name, beta):
    found = curve(name)
    w = torch.tensor(found.start, dtype=torch.float64, requires_grad=True)
    theirs, places = torch.optim.SGD([w], lr=0.03, momentum=beta), [found.start]
    for _ in range(200):
        w.grad = torch.tensor(float(found.slope(w.item())), dtype=torch.float64)
        theirs.step()
        places.append(w.item())
    run, diverged = descend_curve(found, found.start, 200, 0.03, beta)
    assert diverged is None
    np.testing.assert_allclose(run, places, rtol=1e-9)


def test_on_a_parabola_it_diverges_beyond_two():
    below, above = (descend_curve(curve("valley"), -3.0, 3000, lr) for lr in (1.99, 2.01))
    assert below[1] is None
    assert abs(below[0][-1]) < 1e-9
    assert len(above[0]) == above[1] + 1 < 3000


def test_noise_on_a_curve_has_the_deviation_asked_for():
    places, _ = descend_curve(curve("valley"), 1.0, 4000, 0.1, noise=0.3, seed=1)
    noise = (places[:-1] - places[1:]) / 0.1 - places[:-1]
    assert noise.std() == pytest.approx(0.3, rel=0.05)
    assert not np.array_equal(places, descend_curve(curve("valley"), 1.0, 4000, 0.1, noise=0.3, seed=2)[0])
