"""A decoder told of places: its scores by the naive formula, what it cannot know, and what it refuses."""

import math

import pytest
import torch
import torch.nn.functional as F

from helpers.models import checkpoints
from helpers.models.absolute import AbsoluteDecoder
from helpers.models.transformer import Cache, Decoder


def made(kind: type = AbsoluteDecoder) -> Decoder:
    torch.manual_seed(0)
    model = kind(13, width=32, layers=2, heads=4, reach=24, taps=1).double().eval()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    return model


TOKENS = torch.randint(13, (1, 20), generator=torch.Generator().manual_seed(0))


def test_the_first_blocks_weights_are_plain_attention_over_symbols_and_places():
    model = made()
    e = model.embedding.weight[TOKENS[0]] + model.places[:20]
    tap = model.neighbours.weight[:, 0, 0] * e + model.neighbours.bias
    x = F.rms_norm(F.rms_norm(e + tap, (32,)), (32,))
    q, k, _ = (part.unflatten(-1, (4, 8)) for part in (x @ model.blocks[0].queries_keys_values.weight.T).chunk(3, -1))
    q, k = (F.rms_norm(part, (8,)) for part in (q, k))
    found = model.weights(TOKENS)[0]
    for head in range(4):
        for i in range(20):
            wanted = torch.stack([q[i, head] @ k[j, head] / math.sqrt(8) for j in range(i + 1)]).softmax(0)
            torch.testing.assert_close(found[head, i, : i + 1], wanted, rtol=0, atol=1e-12)


def test_one_symbol_repeated_looks_alike_to_a_decoder_of_distances_wherever_it_begins():
    """Four times the same symbol, from the start on or later: places tell these apart, distances do not."""
    same = torch.zeros(1, 12, dtype=torch.long)
    relative, absolute = (made(kind).weights(same)[0] for kind in (Decoder, AbsoluteDecoder))

    def apart(weights, i, j):
        """How much the odds of this place's last two notes differ from those three places later."""
        return abs(float((weights[:, i, i].log() - weights[:, i, j].log() - weights[:, i + 3, i + 3].log()
                          + weights[:, i + 3, j + 3].log()).abs().max()))  # fmt: skip

    assert apart(relative, 5, 4) < 1e-9
    assert apart(absolute, 5, 4) > 1e-3


def test_with_a_cache_it_counts_on():
    model, cache = made(), Cache()
    steps = torch.cat([model(TOKENS[:, k : k + 5], cache) for k in range(0, 20, 5)], 1)
    torch.testing.assert_close(steps, model(TOKENS), rtol=0, atol=1e-12)
    assert cache.length == 20


def test_more_symbols_than_places_are_refused():
    with pytest.raises(ValueError, match="25 symbols are more than the 24 places"):
        made()(torch.zeros(1, 25, dtype=torch.long))


def test_it_is_kept_and_comes_back(tmp_path):
    model = made().float()
    checkpoints.save("places", model, {}, {}, [str(k) for k in range(13)], tmp_path)
    again, card = checkpoints.load("places", tmp_path)
    assert card.model == "AbsoluteDecoder"
    assert torch.equal(again(TOKENS), model(TOKENS))
    assert sum(w.numel() for w in again.parameters()) < sum(w.numel() for w in made(Decoder).parameters())


def test_it_cannot_reach_further_than_it_has_learned():
    with pytest.raises(ValueError, match="no vectors were learned for the places from 24 to 39; train one that has 40 places"):
        made(AbsoluteDecoder).reaching(40)
