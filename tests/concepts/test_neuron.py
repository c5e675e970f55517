"""Neurons and small networks against torch, lines against the equation they stand for."""

import numpy as np
import pytest
import torch
from torch import nn

from helpers.concepts.neuron import Net, accuracy, arrow, boundary, maps, plane, weights_of

MODULES = {"tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "ReLU": nn.ReLU, "GELU": nn.GELU, "identity": nn.Identity}
NETS = [Net((2, 1)), Net((2, 1), out="tanh"), Net((2, 4, 1)), Net((2, 8, 3, 5, 1), "ReLU"), Net((2, 3, 3, 1), "GELU", "identity")]
BOX = (-1.2, 1.2)


def as_torch(net: Net, theta: np.ndarray) -> nn.Sequential:
    """The same network, built by torch and filled from θ in torch's own order of parameters."""
    parts = []
    for n, m in zip(net.sizes, net.sizes[1:]):
        parts += [nn.Linear(n, m), MODULES[net.hidden]()]
    model = nn.Sequential(*parts[:-1], MODULES[net.out]()).double()
    nn.utils.vector_to_parameters(torch.as_tensor(theta).clone(), model.parameters())
    return model


@pytest.mark.parametrize("net", NETS, ids=str)
def test_outputs_are_torchs(net):
    theta, X = net.initial(1), np.random.default_rng(0).normal(size=(30, 2))
    model = as_torch(net, theta)
    assert net.parameters == sum(p.numel() for p in model.parameters()) == len(theta)
    passed = net.forward(theta, X)
    h = torch.from_numpy(X)
    for i, (z, y) in enumerate(passed):
        z_torch = model[2 * i](h)
        h = model[2 * i + 1](z_torch)
        np.testing.assert_allclose(z, z_torch.detach(), rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(y, h.detach(), rtol=1e-12, atol=1e-14)


def test_a_run_of_thetas_goes_through_at_once():
    net, X = Net((2, 3, 1)), np.random.default_rng(0).normal(size=(7, 2))
    run = np.stack([net.initial(seed) for seed in range(4)])
    together = net.forward(run, X)
    for i, theta in enumerate(run):
        for (z, h), (z_all, h_all) in zip(net.forward(theta, X), together):
            np.testing.assert_allclose(z_all[i], z)
            np.testing.assert_allclose(h_all[i], h)


def test_seeds_differ_and_repeat():
    net = Net((2, 4, 1))
    assert np.array_equal(net.initial(3), net.initial(3))
    assert not np.array_equal(net.initial(3), net.initial(4))
    assert net.biases().sum() == 5


def test_a_map_is_the_output_at_even_places_edges_included():
    net = Net((2, 3, 1))
    theta = net.initial(0)
    layers = maps(net, theta, BOX, 6)
    assert [h.shape for _, h in layers] == [(3, 6, 6), (1, 6, 6)]
    model = as_torch(net, theta)
    for row in range(6):
        for column in range(6):
            x = torch.tensor([-1.2 + 0.48 * column, -1.2 + 0.48 * row], dtype=torch.float64)
            assert layers[1][1][0, row, column] == pytest.approx(model(x).item(), rel=1e-12)
            assert layers[0][0][2, row, column] == pytest.approx(model[0](x)[2].item(), rel=1e-12)
    assert len(plane(BOX, 6)) == 36


@pytest.mark.parametrize("seed", range(200))
def test_the_ends_of_the_line_lie_on_it_and_on_the_edge(seed):
    random = np.random.default_rng(seed)
    w, b = random.normal(size=2) * 10 ** random.uniform(-2, 2), random.normal() * random.choice([0, 0.1, 3])
    ends = boundary(w, b, BOX)
    corners = np.array([[x, y] for x in BOX for y in BOX])
    crosses = np.ptp(np.sign(corners @ w + b)) > 0
    assert (ends is not None) == crosses
    if crosses:
        assert np.abs(ends @ w + b).max() < 1e-6
        np.testing.assert_allclose(np.abs(ends).max(1), 1.2)
        assert np.linalg.norm(ends[1] - ends[0]) > 0


@pytest.mark.parametrize(("w", "b", "wanted"), [
    ([1, 0], 0, [[0, -1.2], [0, 1.2]]), ([0, 2], -1, [[-1.2, 0.5], [1.2, 0.5]]), ([1, 1], 0, [[-1.2, 1.2], [1.2, -1.2]]),
    ([0, 0], 1, None), ([0, 0], 0, None), ([1, 0], 5, None),
])  # fmt: skip
def test_upright_level_and_corner_lines(w, b, wanted):
    ends = boundary(np.array(w, float), float(b), BOX)
    if wanted is None:
        assert ends is None
    else:
        np.testing.assert_allclose(ends[ends[:, 0].argsort(kind="stable")], wanted, atol=1e-12)


def test_accuracy_counts_the_right_side():
    assert accuracy(np.array([[1.0, -1.0, 2.0, 0.0], [1.0, 1.0, 1.0, 1.0]]), np.array([1.0, 0, 0, 0])).tolist() == [0.75, 0.25]


@pytest.mark.parametrize(("net", "way_out"), [
    ({"sizes": (2, 1), "hidden": "softmax"}, "choose one of identity, step"), ({"sizes": (2,)}, "at least two"),
    ({"sizes": (2, 0, 1)}, "one unit or more"),
])  # fmt: skip
def test_what_is_no_network_is_refused(net, way_out):
    with pytest.raises(ValueError, match=way_out):
        Net(**net)


def test_an_arrow_stands_for_its_weights_and_never_grows_long():
    random = np.random.default_rng(0)
    for size in (0.01, 1.0, 4.0, 50.0):
        w = random.normal(size=2)
        w *= size / np.linalg.norm(w)
        np.testing.assert_allclose(weights_of(arrow(w)), w, rtol=1e-9)
        assert np.linalg.norm(arrow(w)) == pytest.approx(0.8 * size / (size + 1.5))
    assert np.linalg.norm(weights_of(np.array([3.0, 4.0]))) == pytest.approx(100)
    assert not weights_of(np.zeros(2)).any()
