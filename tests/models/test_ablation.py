"""A head switched off, against a model whose head's output is zeroed by hand on its way."""

import pytest
import torch

from helpers.models.ablation import without
from helpers.models.transformer import Cache, Decoder


@pytest.fixture
def model() -> Decoder:
    torch.manual_seed(0)
    model = Decoder(13, width=32, layers=3, heads=4, reach=10).double().eval()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    return model


TOKENS = torch.randint(13, (2, 20), generator=torch.Generator().manual_seed(0))


def by_hand(model: Decoder, heads: list[tuple[int, int]]) -> torch.Tensor:
    """Logits with the heads' outputs, eight numbers each, set to 0 before they are joined."""
    handles = []
    for layer in {layer for layer, _ in heads}:
        gone = [head for other, head in heads if other == layer]

        def zeroed(module, inputs, gone=gone):
            x = inputs[0].clone()
            for head in gone:
                x.unflatten(-1, (4, 8))[..., head, :] = 0
            return (x,)

        handles.append(model.blocks[layer].join.register_forward_pre_hook(zeroed))
    found = model(TOKENS)
    for handle in handles:
        handle.remove()
    return found


@pytest.mark.parametrize("heads", [[(0, 0)], [(2, 3)], [(1, 0), (1, 2), (2, 1)], [(k, h) for k in range(3) for h in range(4)]])
def test_says_what_a_model_says_whose_head_is_zeroed_by_hand(model, heads):
    before = model(TOKENS)
    found = without(model, heads)(TOKENS)
    torch.testing.assert_close(found, by_hand(model, heads), rtol=0, atol=1e-12)
    assert (found - before).abs().max() > 1e-3
    assert torch.equal(model(TOKENS), before)  # the model itself is as it was


def test_with_a_cache_too_and_none_off_is_the_same(model):
    other, cache = without(model, [(1, 1)]), Cache()
    steps = torch.cat([other(TOKENS[:, k : k + 1], cache) for k in range(20)], 1)
    torch.testing.assert_close(steps, other(TOKENS), rtol=0, atol=1e-12)
    assert torch.equal(without(model, [])(TOKENS), model(TOKENS))


@pytest.mark.parametrize("head", [(3, 0), (0, 4), (-1, 0)])
def test_a_head_that_there_is_not(model, head):
    with pytest.raises(ValueError, match="layers go from 0 to 2, heads from 0 to 3"):
        without(model, [head])
