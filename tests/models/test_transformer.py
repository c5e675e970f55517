"""A decoder with relative attention: against the naive formula, against itself without a cache, and torch's optimisers."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from helpers.concepts.positions import skewed
from helpers.concepts.sampling import generate
from helpers.models.language import decay, next_symbol_loss, windows
from helpers.models.transformer import Block, Cache, Decoder, muon, skew
from helpers.train import Control, fit_sync


def decoder(**settings: int) -> Decoder:
    """One whose every weight matters: none is zero."""
    torch.manual_seed(0)
    model = Decoder(**{"symbols": 13, "width": 32, "layers": 3, "heads": 4, "reach": 10, **settings}).eval()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    return model


@pytest.fixture
def tokens() -> torch.Tensor:
    return torch.randint(13, (2, 30), generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("time", "seen"), [(1, 1), (1, 6), (4, 4), (3, 7)])
def test_skewing_moves_each_distance_to_its_place(time, seen):
    products = torch.randn(2, 3, time, seen, generator=torch.Generator().manual_seed(1))
    found = skew(products)
    for i in range(time):
        here = seen - time + i
        for j in range(here + 1):
            assert torch.equal(found[..., i, j], products[..., i, seen - 1 - (here - j)])


def test_skewing_of_as_many_queries_as_keys_is_that_of_the_concept():
    Q, table = torch.randn(2, 8, 6).double(), torch.randn(8, 6).double()
    assert torch.allclose(skew(Q @ table.mT).tril(), skewed(Q, table).tril())


def naive(block: Block, x: torch.Tensor) -> torch.Tensor:
    """Attention weights of a block, place by place: (q·k + q·r of the distance, at most the reach) / √d, softmax."""
    n = x / x.pow(2).mean(-1, keepdim=True).add(torch.finfo(x.dtype).eps).sqrt()
    q, k, _ = (part.unflatten(-1, (block.heads, -1)) for part in (n @ block.queries_keys_values.weight.T).chunk(3, -1))
    q, k = (F.rms_norm(part, part.shape[-1:]) for part in (q, k))
    weights = torch.zeros(block.heads, len(x), len(x), dtype=x.dtype)
    for head in range(block.heads):
        for i in range(len(x)):
            scores = []
            for j in range(i + 1):
                r = block.distances[head, min(i - j, block.distances.shape[1] - 1)]
                scores.append((q[i, head] @ k[j, head] + q[i, head] @ r) / math.sqrt(len(r)))
            weights[head, i, : i + 1] = torch.stack(scores).softmax(0)
    return weights


def test_attention_is_the_naive_formula():
    block = decoder().blocks[1].double()
    x = torch.randn(1, 17, 32, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        assert torch.allclose(block(x)[1][0], naive(block, x[0]), atol=1e-12)


def test_weights_on_request_are_rows_of_probabilities_that_never_look_ahead(tokens):
    weights = decoder().weights(tokens)
    assert weights.shape == (3, 4, 30, 30)
    assert torch.allclose(weights.sum(-1), torch.ones(3, 4, 30), atol=1e-5)
    assert not weights.triu(1).any()


@pytest.mark.parametrize("parts", [[30], [1] * 30, [5, 1, 1, 10, 13], [2, 28]])
@pytest.mark.parametrize("taps", [1, 4])
def test_logits_with_a_cache_are_those_without(tokens, parts, taps):
    model, cache = decoder(taps=taps), Cache()
    with torch.no_grad():
        found = torch.cat([model(part, cache) for part in tokens.split(parts, 1)], 1)
        assert torch.allclose(found, model(tokens), atol=1e-4)
        assert torch.allclose(found.double(), model.double()(tokens), atol=1e-4)


def test_reading_for_a_sampler_is_the_same_again(tokens):
    model, sequence = decoder(), tokens[0].tolist()
    with torch.no_grad():
        whole = model(tokens)[0]
    logits, state = model.read(sequence[:9])
    assert np.allclose(logits, whole[8], atol=1e-4)
    logits, state = model.read(sequence[9:10], state)
    assert np.allclose(logits, whole[9], atol=1e-4)
    greedy, text = [], sequence[:9]
    for _ in range(12):  # without a cache
        with torch.no_grad():
            greedy.append(int(model(torch.tensor([text + greedy]))[0, -1].argmax()))
    assert list(generate(model.read, text, 12, temperature=0.0)) == greedy


def test_a_later_symbol_changes_nothing_before_it(tokens):
    changed, model = tokens.clone(), decoder()
    changed[:, 12] = (changed[:, 12] + 1) % 13
    before, after = model(tokens), model(changed)
    assert torch.allclose(before[:, :12], after[:, :12], atol=1e-6)
    assert not torch.allclose(before[:, 12], after[:, 12])


def test_what_a_query_makes_of_a_key_depends_on_their_distance_only():
    """The same six places, with three others before them: their scores among themselves stay."""
    block, random = decoder(reach=4).blocks[0], torch.Generator().manual_seed(4)
    Q, K = torch.randn(2, 1, 4, 9, 8, generator=random)
    with torch.no_grad():
        late = Q @ K.mT + skew(Q @ block.backwards(9).mT)
        Q, K = Q[:, :, 3:], K[:, :, 3:]
        early = Q @ K.mT + skew(Q @ block.backwards(6).mT)
    assert torch.allclose(late[..., 3:, 3:].tril(), early.tril(), atol=1e-5)


def test_an_untrained_decoder_gives_all_symbols_alike(tokens):
    logits = Decoder(13, 32, 2, 4)(tokens)
    assert torch.allclose(logits.softmax(-1), torch.tensor(1 / 13).expand(2, 30, 13), atol=0.03)


def test_heads_that_do_not_divide_the_width_are_refused():
    with pytest.raises(ValueError, match="32 cannot be shared by 5"):
        Decoder(13, 32, 2, 5)


def test_muon_takes_the_blocks_matrices_and_adamw_the_rest_as_each_would_alone(tokens):
    model, alone = decoder(), decoder()
    both = muon(model, lr=0.01, other=1e-3)
    named = dict(alone.named_parameters())
    matrices = {name for name, w in named.items() if name.startswith("blocks") and w.ndim == 2}
    assert len(matrices) == 4 * 3
    theirs = [
        torch.optim.Muon([named[name] for name in sorted(matrices)], lr=0.01, weight_decay=0.0),
        torch.optim.AdamW([w for name, w in named.items() if name not in matrices], lr=1e-3, betas=(0.9, 0.95), weight_decay=0.0),
    ]
    for _ in range(3):
        for net, optimizers in ((model, [both]), (alone, theirs)):
            net.zero_grad()
            next_symbol_loss(net(tokens[:, :-1]), tokens[:, 1:]).backward()
            for optimizer in optimizers:
                optimizer.step()
    for name, weight in model.named_parameters():
        assert torch.allclose(weight, named[name], atol=1e-6), name


class Interrupted:
    """The loss, and what stops the run after so many steps."""

    def __init__(self, steps: float):
        self.steps, self.control = steps, Control()

    def __call__(self, logits: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        self.steps -= 1
        if self.steps <= 0:
            self.control.stop()
        return next_symbol_loss(logits, y)


def repeating(checkpoint: object, steps: float = math.inf) -> tuple[Decoder, list[float]]:
    """A decoder that read riffs, each five times over; the mean loss of each epoch it finished."""
    random = np.random.default_rng(0)
    data = windows([np.tile(random.integers(0, 13, 6), 5).tolist() for _ in range(120)], 30)
    torch.manual_seed(0)
    model, loss = Decoder(13, 32, 2, 4, reach=16), Interrupted(steps)
    history = fit_sync(
        model, data, loss, optimizer=muon(model), schedule=decay, batch=4, epochs=6, metric=None, checkpoint=checkpoint, watch=loss
    )
    return model, history.train_loss


def test_it_learns_to_repeat():
    loss = repeating(None)[1]
    assert loss[0] > 1.7
    assert loss[-1] < 1.5  # chance is ln 13 = 2.56; as the first six of each riff cannot be known, the best is 0.51


def test_a_run_that_was_interrupted_goes_on_as_if_it_had_not_been(tmp_path):
    whole, loss = repeating(None)
    _, begun = repeating(tmp_path / "run.pt", steps=80)
    resumed, again = repeating(tmp_path / "run.pt")
    assert begun == loss[:2]
    assert again == loss
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), resumed.parameters()))


def test_a_longer_reach_changes_nothing_at_first():
    torch.manual_seed(0)
    model = Decoder(9, width=16, layers=2, heads=2, reach=6).eval()
    for weight in (model.head.weight, model.blocks[0].join.weight):  # both begin at zero
        torch.nn.init.normal_(weight)
    longer = model.reaching(11).eval()
    assert longer.settings == {**model.settings, "reach": 11}
    tokens = torch.randint(9, (2, 20))
    torch.testing.assert_close(longer(tokens), model(tokens))
    with torch.no_grad():
        longer.blocks[0].distances[:, 8] += 1  # eight places back is a distance of its own now
    assert torch.allclose(longer(tokens)[:, :8], model(tokens)[:, :8])
    assert not torch.allclose(longer(tokens)[:, 8:], model(tokens)[:, 8:])
    with pytest.raises(ValueError, match="a reach of 6 is no longer than that of 6"):
        model.reaching(6)
