"""Loss landscapes against a network whose loss is known in closed form, ReLU's symmetry, torch itself, and the exact grid."""

import copy

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from helpers.concepts import landscape
from helpers.concepts.chart import LEVELS, Chart, exact
from helpers.concepts.landscape import Losses, Plane, named, random_directions, weights


class Two(nn.Module):
    """A network with two weights, u and v, that returns them."""

    def __init__(self, u: float, v: float):
        super().__init__()
        self.u, self.v = (nn.Parameter(torch.tensor([[w]], dtype=torch.float64)) for w in (u, v))

    def forward(self, x):
        return torch.cat([self.u, self.v], 1) * x


def bent(u, v):
    """No symmetry: mirrored, transposed or shifted by a cell it is another surface."""
    return (u - 1) ** 2 + 3 * v**2 + 0.5 * u * v + 0.2 * v**3


def two_weights(u=0.5, v=-0.25, **options):
    model = Two(u, v)
    plane = Plane(weights(model), *torch.eye(2, dtype=torch.float64))
    data = torch.ones(1, 2, dtype=torch.float64), torch.zeros(1)
    return Losses(model, data, plane, lambda y_hat, _: bent(*y_hat[0]), **options)


def perceptron(seed=0, dtype=torch.float32):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 4)).to(dtype)


def convolutional(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 4, 3), nn.GroupNorm(2, 4), nn.Tanh(),
        nn.Flatten(), nn.Dropout(), nn.Linear(4 * 5 * 5, 4),
    ).eval()  # fmt: skip


def batch(model, n=32):
    generator = torch.Generator().manual_seed(5)
    shape = (1, 16, 16) if isinstance(model[0], nn.Conv2d) else (6,)
    x = torch.randn(n, *shape, generator=generator).to(next(model.parameters()))
    return x, torch.randint(0, 4, (n,), generator=generator)


def around(model, per="filter", seed=0, **options):
    return Losses(model, batch(model), Plane(weights(model), *random_directions(model, seed, per)), **options)


# ---- directions


@pytest.mark.parametrize("model", [perceptron(), convolutional()], ids=["dense", "convolutional"])
def test_each_filter_of_a_direction_is_as_long_as_the_filter(model):
    for direction in random_directions(model, 3):
        parts = named(model, direction)
        for name, p in model.named_parameters():
            if p.ndim <= 1:
                assert not parts[name].any()
                continue
            for d, w in zip(parts[name], p.detach(), strict=True):
                assert d.norm() == pytest.approx(float(w.norm()), rel=1e-5)


def test_a_direction_per_layer_and_per_network():
    model = convolutional()
    layer, whole = (random_directions(model, 3, per)[0] for per in ("layer", "network"))
    assert float(whole.norm()) == pytest.approx(float(weights(model).norm()), rel=1e-5)
    for name, p in model.named_parameters():
        if p.ndim > 1:
            assert float(named(model, layer)[name].norm()) == pytest.approx(float(p.detach().norm()), rel=1e-5)
            filters = named(model, layer)[name].flatten(1).norm(dim=1)
            assert not torch.allclose(filters, p.detach().flatten(1).norm(dim=1), rtol=1e-2)
        else:
            assert not named(model, whole)[name].any()


def test_what_normalises_does_not_move_even_if_its_weight_is_a_matrix():
    model = nn.Sequential(nn.Linear(6, 6), nn.LayerNorm((3, 6)), nn.RMSNorm((3, 6)))
    parts = named(model, random_directions(model)[0])
    assert {name for name, part in parts.items() if part.any()} == {"0.weight"}


def test_a_filter_of_zeros_stays():
    model = perceptron()
    model[2].weight.data[5] = 0
    assert not named(model, random_directions(model)[0])["2.weight"][5].any()


def test_the_seed_decides_and_the_directions_are_gaussian_and_hardly_parallel():
    model = nn.Sequential(nn.Linear(300, 200))
    x, y = random_directions(model, 7)
    assert torch.equal(random_directions(model, 7), torch.stack([x, y]))
    assert not torch.equal(random_directions(model, 8)[0], x)
    assert abs(float(F.cosine_similarity(x, y, dim=0))) < 0.02
    assert abs(float(F.cosine_similarity(x, torch.ones_like(x), dim=0))) < 0.02  # uniform ones have 0.86
    first = named(model, x)["0.weight"][0]
    kurtosis = float(((first / first.std()) ** 4).mean())
    assert 2.2 < kurtosis < 4.5


def test_an_unknown_normalisation_names_those_there_are():
    with pytest.raises(ValueError, match=r"per='none' is unknown.*filter, layer, network"):
        random_directions(perceptron(), per="none")


def test_weights_and_named_are_each_others_inverse():
    model = convolutional()
    for name, value in named(model, weights(model)).items():
        assert torch.equal(value, dict(model.named_parameters())[name])


# ---- the plane


def test_coordinates_are_those_of_least_squares_for_slanted_directions():
    generator = torch.Generator().manual_seed(0)
    origin, dx, dy = torch.randn(3, 40, generator=generator, dtype=torch.float64)
    plane = Plane(origin, 3 * dx, 0.2 * dy + dx)
    points = torch.randn(5, 40, generator=generator, dtype=torch.float64)
    found, off = plane.coordinates(points)
    basis = torch.stack([plane.dx, plane.dy], 1)
    right = torch.linalg.lstsq(basis, (points - origin).T).solution
    np.testing.assert_allclose(found, right.T, atol=1e-10)
    np.testing.assert_allclose(off, (points - origin - (basis @ right).T).norm(dim=1), atol=1e-10)
    inside = torch.stack([plane.at(0.3, -2.0), plane.at(0.0, 0.0)])
    found, off = plane.coordinates(inside)
    np.testing.assert_allclose(found, [[0.3, -2.0], [0, 0]], atol=1e-9)
    np.testing.assert_allclose(off, 0, atol=1e-9)


@pytest.mark.parametrize("factor", [2.0, 0.0])
def test_directions_that_span_no_plane_are_refused(factor):
    direction = torch.ones(3)
    with pytest.raises(ValueError, match="span no plane"):
        Plane(torch.zeros(3), direction, factor * direction).coordinates(torch.ones(1, 3))


# ---- losses


@pytest.mark.parametrize("points", [1, 8])
def test_a_grid_of_5_by_9_stands_the_right_way_up(points):
    losses = two_weights(batch=points)
    x, y = np.linspace(-2, 3, 9), np.linspace(-1, 2, 5)
    *_, z = exact(losses, x, y, batch=points)
    assert z.shape == (5, 9)
    for i in range(5):
        for j in range(9):
            assert z[i, j] == pytest.approx(bent(0.5 + x[j], -0.25 + y[i]), abs=1e-12)


def test_rows_and_columns_come_in_order_with_no_zigzag():
    """On a slope every row and every column goes one way: rows shifted by turns would not."""
    losses = two_weights(0.0, 0.0)
    losses.loss = lambda y_hat, _: y_hat[0, 0] + 10 * y_hat[0, 1]
    *_, z = exact(losses, np.linspace(-1, 1, 6), np.linspace(-1, 1, 7))
    np.testing.assert_allclose(np.diff(z, axis=1), 0.4, atol=1e-12)
    np.testing.assert_allclose(np.diff(z, axis=0), 10 / 3, atol=1e-12)


@pytest.mark.parametrize("points", [1, 2, 5, 64])
@pytest.mark.parametrize("make", [perceptron, convolutional])
def test_the_centre_is_the_networks_loss_on_every_path(make, points):
    model = make()
    x, y = batch(model)
    with torch.no_grad():
        right = float(F.cross_entropy(model(x), y))
    assert around(model, batch=points)(np.zeros((3, 2))) == pytest.approx([right] * 3, abs=1e-6)
    outputs = around(model, batch=points).outputs(0.0, 0.0)
    torch.testing.assert_close(outputs, model(x).detach(), atol=1e-6, rtol=0)


@pytest.mark.parametrize("make", [perceptron, convolutional])
def test_how_many_at_once_changes_nothing(make):
    model = make()
    points = np.random.default_rng(0).uniform(-1, 1, (13, 2))
    one, *others = (around(model, batch=n)(points) for n in (1, 3, 8, 64))
    for other in others:
        np.testing.assert_allclose(other, one, rtol=1e-5)


def test_a_point_is_the_network_with_its_weights_moved_by_hand():
    model = convolutional()
    losses, (x, y) = around(model, seed=2), batch(model)
    dx, dy = (named(model, d) for d in random_directions(model, 2))
    moved = copy.deepcopy(model)
    with torch.no_grad():
        for name, p in moved.named_parameters():
            p += 0.7 * dx[name] - 0.4 * dy[name]
        right = float(F.cross_entropy(moved(x), y))
    assert losses(np.array([[0.7, -0.4]]))[0] == pytest.approx(right, rel=1e-5)


def rescaled(model):
    """The same function of x: a layer before a ReLU is made tenfold, the next one a tenth."""
    other = copy.deepcopy(model)
    with torch.no_grad():
        for layer, factor in ((other[0], 10), (other[2], 0.1)):
            layer.weight *= factor
        other[0].bias *= 10
    return other


@pytest.mark.parametrize(("per", "same"), [("filter", True), ("layer", True), ("network", False)])
def test_relu_rescaling_does_not_change_a_normalised_surface(per, same):
    model, grid = perceptron(dtype=torch.float64), np.stack(np.meshgrid([-1, -0.3, 0.5, 1], [-0.8, 0.2, 1]), -1).reshape(-1, 2)
    # The second layer's bias is not scaled along, so it has to be 0 for both to compute the same.
    model[2].bias.data.zero_()
    model[0].bias.data.zero_()
    one, other = (around(m, per)(grid) for m in (model, rescaled(model)))
    if same:
        np.testing.assert_allclose(other, one, rtol=1e-4)
    else:
        assert np.abs(other - one).max() > 0.1


@pytest.mark.parametrize("points", [1, 8, None])
def test_the_callers_network_is_not_touched(points):
    model = convolutional()
    model[0].weight.requires_grad_(False)
    model[9].weight.grad = torch.ones_like(model[9].weight)
    before = copy.deepcopy(model.state_dict())
    grads = [p.requires_grad for p in model.parameters()]
    ids = [id(p) for p in model.parameters()]
    random = torch.get_rng_state()
    losses = around(model, batch=points)
    losses(np.random.default_rng(1).uniform(-1, 1, (9, 2)))
    losses.outputs(1.0, 1.0)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert [p.requires_grad for p in model.parameters()] == grads
    assert [id(p) for p in model.parameters()] == ids
    assert torch.equal(model[9].weight.grad, torch.ones_like(model[9].weight))
    assert not any(m.training for m in model.modules())
    assert torch.equal(torch.get_rng_state(), random)


def test_training_goes_on_without_changing_what_is_seen():
    model = perceptron()
    losses, at = around(model), np.array([[0.2, 0.1]])
    before = losses(at)
    with torch.no_grad():
        model[0].weight += 1
    assert losses(at) == before


@pytest.mark.parametrize("layer", [nn.Dropout(0.1), nn.BatchNorm1d(6), nn.Dropout1d()])
def test_a_network_whose_loss_depends_on_chance_or_company_is_refused(layer):
    model = nn.Sequential(layer, nn.Linear(6, 4))
    with pytest.raises(ValueError, match=rf"holds {type(layer).__name__}.*Call model.eval\(\) first"):
        around(nn.Sequential(model[1], layer))
    assert np.isfinite(Losses(model.eval(), (torch.randn(8, 6), torch.zeros(8, dtype=torch.long)),
                              Plane(weights(model), *random_directions(model)))(np.zeros((1, 2)))).all()  # fmt: skip


def test_a_network_in_training_mode_without_these_is_welcome():
    assert np.isfinite(around(perceptron().train())(np.zeros((1, 2)))).all()


class Listens(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.out = nn.GRU(2, 5, batch_first=True), nn.Linear(5, 4)

    def forward(self, x):
        return self.out(self.rnn(x.view(len(x), 3, 2))[1][0])

    def __getitem__(self, i):
        return self.out


def test_what_cannot_be_batched_goes_one_by_one():
    losses = around(Listens())
    assert losses.batch == 1
    assert np.isfinite(losses(np.random.default_rng(0).normal(size=(5, 2)))).all()


def test_the_faster_way_is_taken(monkeypatch):
    monkeypatch.setattr(landscape, "_fastest", {})
    seconds = {1: 1.0, 8: 0.5, 64: 0.2}
    monkeypatch.setattr(Losses, "_seconds", lambda self, n: seconds[n])
    assert around(perceptron()).batch == 64
    seconds[1] = 0.1
    assert around(perceptron()).batch == 64  # tried once for each kind of network
    assert around(nn.Sequential(nn.Linear(6, 4))).batch == 1
    seconds[1] = 1.0
    assert around(convolutional()).batch == 1  # not even tried on a CPU


def test_a_loss_that_is_no_number_is_reported_as_such():
    losses = two_weights()
    losses.loss = lambda y_hat, _: torch.log(y_hat[0, 0])
    with np.errstate(all="raise"):
        found = losses(np.array([[-1.0, 0.0], [-0.5, 0.0], [0.5, 0.0]]))
    assert np.isnan(found[0])
    assert np.isneginf(found[1])
    assert found[2] == pytest.approx(0.0)


# ---- a network's whole surface


@pytest.mark.parametrize(("make", "seed"), [(perceptron, 0), (perceptron, 1), (convolutional, 0), (convolutional, 2)])
def test_the_charted_surface_is_as_near_the_exact_grid_as_it_says(make, seed):
    losses = around(make(seed), seed=seed)
    even = np.linspace(-1, 1, 21)
    *_, right = exact(losses, even, even, losses.batch)
    chart = Chart(losses, (-1, 1), (-1, 1), losses.batch)
    *_, surface = chart.refine(tolerance=0.005, resolution=21)
    error = np.abs(surface.values - right).max()
    assert error <= 4 * surface.error + 1e-6
    assert error <= 0.02 * np.ptp(right)
    assert surface.nodes in LEVELS
    assert surface.values[10, 10] == pytest.approx(right[10, 10], abs=1e-6)
