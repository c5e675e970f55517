"""The Vision Transformer: patches by loops, blocks and attention against torch's own, what it does not know against shuffling."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from helpers.models.vit import ViT, patches


def pictures(batch: int = 2) -> torch.Tensor:
    return torch.rand(batch, 1, 64, 64, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def model(**shape: int) -> ViT:
    torch.manual_seed(0)
    made = ViT(**shape).double()
    with torch.no_grad():
        made.class_token += torch.randn_like(made.class_token)
    return made


def test_patches_are_cut_row_by_row():
    x = pictures()
    cut = patches(x, 16)
    assert cut.shape == (2, 16, 256)
    for i in range(4):
        for j in range(4):
            assert torch.equal(cut[1, 4 * i + j], x[1, 0, 16 * i : 16 * i + 16, 16 * j : 16 * j + 16].flatten())
    by_torch = F.unfold(x, 8, stride=8).mT
    assert torch.equal(patches(x, 8), by_torch)


def test_patches_that_do_not_fill_the_picture_are_refused():
    with pytest.raises(ValueError, match="7 × 7 do not fill 64 × 64"):
        patches(pictures(), 7)


@torch.no_grad()
def test_logits_and_attention_are_those_of_torchs_encoder_on_the_same_weights():
    ours, x = model(depth=2), pictures()
    h = torch.cat([ours.class_token.expand(2, -1, -1), F.unfold(x, 8, stride=8).mT @ ours.embed.weight.T + ours.embed.bias], 1)
    h = h + ours.places
    looks, said = ours.looks(x)
    for depth, block in enumerate(ours.blocks):
        look, think = block.look, block.think
        theirs = nn.MultiheadAttention(64, 4, batch_first=True).double()
        parts = (look.part.query, look.part.key, look.part.value)
        theirs.in_proj_weight.copy_(torch.cat([part.weight for part in parts]))
        theirs.in_proj_bias.copy_(torch.cat([part.bias for part in parts]))
        theirs.out_proj.load_state_dict(look.part.out.state_dict())
        normed = F.layer_norm(h, (64,), *look.norm.norm.parameters())
        out, weights = theirs(normed, normed, normed, average_attn_weights=False)
        torch.testing.assert_close(looks[:, depth], weights[:, :, 0, 1:].reshape(2, 4, 8, 8), atol=1e-10, rtol=1e-8)
        h = h + out
        wide = F.layer_norm(h, (64,), *think.norm.norm.parameters()) @ think.part[0].weight.T + think.part[0].bias
        h = h + wide.relu() @ think.part[2].weight.T + think.part[2].bias
    logits = F.layer_norm(h[:, 0], (64,), *ours.head[0].parameters()) @ ours.head[1].weight.T + ours.head[1].bias
    torch.testing.assert_close(ours(x), logits, atol=1e-9, rtol=1e-8)
    assert torch.equal(said, ours(x))


@torch.no_grad()
def test_only_the_learned_places_tell_one_order_of_patches_from_another():
    ours, x = model(), pictures()
    order = torch.randperm(64, generator=torch.Generator().manual_seed(1))
    shuffled = F.fold(F.unfold(x, 8, stride=8)[:, :, order], (64, 64), 8, stride=8)
    assert not torch.allclose(ours(x), ours(shuffled), atol=1e-6)
    ours.places.zero_()
    torch.testing.assert_close(ours(x), ours(shuffled), atol=1e-9, rtol=1e-8)


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_its_size_in_closed_form(depth):
    w = 64
    block = 4 * (w * w + w) + (w * 2 * w + 2 * w) + (2 * w * w + w) + 2 * 2 * w
    expected = (64 * w + w) + w + 65 * w + depth * block + 2 * w + 11 * w + 11
    assert sum(p.numel() for p in ViT(depth=depth).parameters()) == expected <= 150_000


def test_every_parameter_gets_a_gradient():
    ours = model()
    F.cross_entropy(ours(pictures(4)), torch.tensor([0, 3, 10, 2])).backward()
    # A key's bias adds the same to all scores of a query, which a softmax does not notice.
    assert all(p.grad.abs().sum() > 1e-9 for name, p in ours.named_parameters() if not name.endswith("key.bias"))
