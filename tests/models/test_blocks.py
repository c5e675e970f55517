"""Each part of the transformer against torch's own with the same weights, in float64."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from helpers.concepts.attention import causal_mask
from helpers.models import blocks

torch.manual_seed(0)
X, READ = torch.randn(2, 5, 12, dtype=torch.float64), torch.randn(2, 7, 12, dtype=torch.float64)
CLOSE = {"rtol": 0, "atol": 1e-10}
firsts = pytest.mark.parametrize("first", [False, True], ids=["norm last", "norm first"])


def joined(linears, kind):
    return torch.cat([getattr(linear, kind) for linear in linears])


def attention_like(ours, oracle):
    """Give torch's attention the weights of ours."""
    for kind in ("weight", "bias"):
        getattr(oracle, f"in_proj_{kind}").data = joined([ours.query, ours.key, ours.value], kind).data
    oracle.out_proj.load_state_dict(ours.out.state_dict())


def think_like(ours, oracle, norm):
    oracle.linear1.load_state_dict(ours.part[0].state_dict())
    oracle.linear2.load_state_dict(ours.part[2].state_dict())
    norm.load_state_dict(ours.norm.norm.state_dict())


def stirred(module):
    """Gains and shifts that are not 1 and 0, so that a forgotten one is noticed."""
    for parameter in module.parameters():
        parameter.data += 0.3 * torch.randn_like(parameter)
    return module.double()


def test_layer_norm():
    torch.testing.assert_close(blocks.layer_norm(X), F.layer_norm(X, (12,)), **CLOSE)
    ours = stirred(blocks.LayerNorm(12))
    torch.testing.assert_close(ours(X), ours.norm(X), **CLOSE)
    assert blocks.layer_norm(torch.zeros(3, 12)).abs().max() == 0


@firsts
@pytest.mark.parametrize("causal", [False, True])
def test_encoder_block(first, causal):
    ours = stirred(blocks.EncoderBlock(12, 3, 20, first))
    oracle = nn.TransformerEncoderLayer(12, 3, 20, 0.0, batch_first=True, norm_first=first, dtype=torch.float64)
    attention_like(ours.look.part, oracle.self_attn)
    oracle.norm1.load_state_dict(ours.look.norm.norm.state_dict())
    think_like(ours.think, oracle, oracle.norm2)
    mask = causal_mask(5) if causal else None
    torch.testing.assert_close(ours(X, mask), oracle(X, src_mask=None if mask is None else ~mask), **CLOSE)


@firsts
def test_decoder_block(first):
    ours = stirred(blocks.DecoderBlock(12, 3, 20, first))
    oracle = nn.TransformerDecoderLayer(12, 3, 20, 0.0, batch_first=True, norm_first=first, dtype=torch.float64)
    attention_like(ours.back.part, oracle.self_attn)
    attention_like(ours.across.part, oracle.multihead_attn)
    oracle.norm1.load_state_dict(ours.back.norm.norm.state_dict())
    oracle.norm2.load_state_dict(ours.across.norm.norm.state_dict())
    think_like(ours.think, oracle, oracle.norm3)
    torch.testing.assert_close(ours(X, READ), oracle(X, READ, tgt_mask=~causal_mask(5)), **CLOSE)
    assert ours.across.part.seen.shape == (2, 3, 5, 7)
    assert (ours.back.part.seen.triu(1) == 0).all()


def test_gradients_reach_every_weight_and_agree_with_torchs():
    ours = stirred(blocks.EncoderBlock(12, 3, 20))
    oracle = nn.TransformerEncoderLayer(12, 3, 20, 0.0, batch_first=True, dtype=torch.float64)
    attention_like(ours.look.part, oracle.self_attn)
    oracle.norm1.load_state_dict(ours.look.norm.norm.state_dict())
    think_like(ours.think, oracle, oracle.norm2)
    target = torch.randn_like(X)
    for module in (ours, oracle):
        F.mse_loss(module(X), target).backward()
    gradient = torch.cat([linear.weight.grad for linear in (ours.look.part.query, ours.look.part.key, ours.look.part.value)])
    torch.testing.assert_close(gradient, oracle.self_attn.in_proj_weight.grad, **CLOSE)
    torch.testing.assert_close(ours.think.part[0].weight.grad, oracle.linear1.weight.grad, **CLOSE)


def test_the_decoder_does_not_see_what_is_still_to_be_written():
    torch.manual_seed(0)
    model = blocks.Transformer(9).eval()
    read, written = torch.randint(9, (1, 6)), torch.randint(9, (1, 5))
    logits, changed = model(read, written), written.clone()
    changed[0, 3] = (changed[0, 3] + 1) % 9
    again = model(read, changed)
    torch.testing.assert_close(again[0, :3], logits[0, :3])
    assert (again[0, 3:] - logits[0, 3:]).abs().max() > 1e-3
    assert (model(read.flip(1), written) - logits).abs().max() > 1e-3
    torch.testing.assert_close(logits.softmax(-1).sum(-1), torch.ones(1, 5))


def test_it_learns_to_turn_a_melody_round():
    """What needs the encoder: each note to be written is one that was read, the last one first."""
    torch.manual_seed(0)
    model = blocks.Transformer(6, width=16, heads=2, blocks=1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(100):
        read = torch.randint(1, 6, (32, 4))
        right = read.flip(1)
        logits = model(read, F.pad(right[:, :-1], (1, 0)))  # 0 stands for the start
        optimizer.zero_grad()
        F.cross_entropy(logits.transpose(1, 2), right).backward()
        optimizer.step()
    assert (logits.argmax(-1) == right).float().mean() > 0.95


def test_a_sequence_longer_than_its_positions():
    with pytest.raises(ValueError, match="65 tokens; there are positions for 64"):
        blocks.Transformer(3)(torch.zeros(1, 65, dtype=torch.long), torch.zeros(1, 2, dtype=torch.long))


def test_a_transformer_learns_to_write_backwards():
    torch.manual_seed(0)
    net = blocks.Transformer(9, width=32, heads=2, blocks=1)
    assert blocks.learn_backwards(net, 1) < 0.5  # guessing gives one in eight
    assert blocks.learn_backwards(net, 150) > 0.9
    read = torch.tensor([[3, 1, 4, 1, 5, 8]])
    assert net(read, torch.tensor([[0, 8, 5, 1, 4, 1]])).argmax(-1).tolist() == [[8, 5, 1, 4, 1, 3]]
