"""Gradients through a deep stack, against the chain rule written out, and layers against torch's own."""

import numpy as np
import pytest
import torch
from torch import nn

from helpers.concepts.skip import forward, gradient_norms, stack


@pytest.mark.parametrize("skips", [False, True])
def test_the_gradients_are_those_of_the_chain_rule(skips):
    depth, width = 6, 5
    random = torch.Generator().manual_seed(4)
    x, target = (torch.randn(64, width, generator=random, dtype=torch.float64).numpy() for _ in range(2))
    layers = [(W.numpy(), b.numpy()) for W, b in stack(depth, width, seed=3)]
    h, kept = x, []
    for (W1, b1), (W2, b2) in zip(layers[::2], layers[1::2]):
        inner = np.maximum(h @ W1.T + b1, 0)
        kept.append((h, inner))
        h = inner @ W2.T + b2 + (h if skips else 0)
    g, wanted = 2 * (h - target) / h.size, []
    for (before, inner), (W1, _), (W2, _) in reversed(list(zip(kept, layers[::2], layers[1::2]))):
        back = (g @ W2) * (inner > 0)
        wanted = [np.linalg.norm(back.T @ before), np.linalg.norm(g.T @ inner), *wanted]
        g = back @ W1 + (g if skips else 0)
    np.testing.assert_allclose(gradient_norms(depth, width, skips, seed=3), wanted, rtol=1e-9)


def test_the_layers_are_drawn_as_torch_draws_its_own():
    layer = nn.Linear(64, 64)
    W, b = stack(1, 64, 0)[0]
    assert (W.shape, b.shape) == (layer.weight.shape, layer.bias.shape)
    assert W.abs().max() <= 64**-0.5
    assert W.std().item() == pytest.approx(layer.weight.std().item(), rel=0.05)


@pytest.mark.parametrize("seed", range(5))
def test_at_the_first_of_50_layers_a_skip_is_the_difference(seed):
    plain, around = gradient_norms(seed=seed), gradient_norms(skips=True, seed=seed)
    assert len(plain) == len(around) == 50
    assert plain[0] < 1e-12 * plain[-1]
    assert around.min() > 0.1 * around.max()


def test_an_odd_stack_is_refused():
    with pytest.raises(ValueError, match="even number"):
        forward(stack(3, 4, 0), torch.zeros(1, 4, dtype=torch.float64), True)
