"""How the checkpoints are trained: what is given and what is counted, and the baselines. Whole recipes: test_small.py."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from helpers.concepts.ngram import NGram
from helpers.datasets import voices
from helpers.datasets.tunes import held_out, load_tunes, twins
from helpers.datasets.voices import NUMBER
from helpers.recipes import __main__ as recipes
from helpers.recipes import chorales, tunes


@pytest.fixture(scope="module")
def few():
    """A few tunes, and their vocabulary."""
    vocabulary, learn, held = tunes.data()
    return vocabulary, learn[:60], held[:6]


def test_headers_are_given_and_the_body_and_its_end_are_to_be_predicted():
    vocabulary, learn, held = tunes.data()
    theirs = held_out(load_tunes())
    assert (len(learn), len(held)) == tuple(map(len, theirs)) == (3824, 424)
    for (numbers, given), tune in zip(held, theirs[1]):
        assert vocabulary.decode(numbers[:given]) == f"<start>M:{tune.metre}\nL:{tune.unit}\nK:{tune.key}\n"
        assert vocabulary.decode(numbers[given:]) == f"{tune.body}<end>"


def test_an_ngrams_bits_are_counted_as_a_networks_are(few):
    vocabulary, learn, held = few
    model = NGram(3, len(vocabulary)).fit(numbers for numbers, _ in learn)
    each = [-math.log2(model.probabilities(numbers[:i])[numbers[i]]) for numbers, n in held for i in range(n, len(numbers))]
    assert tunes.ngram_bits(learn, held, len(vocabulary), order=3) == pytest.approx(np.mean(each), rel=1e-9)


def test_new_tunes_are_those_that_stand_in_no_other_setting():
    held = tunes.data()[2]
    fresh = tunes.new(held)
    known = twins(*reversed(held_out(load_tunes())))
    assert len(fresh) == known.count(False) < len(held)
    assert [numbers for numbers, _ in fresh] == [numbers for (numbers, _), twin in zip(held, known) if not twin]


def test_a_melody_that_was_learned_from_is_no_new_one_in_whatever_key_and_with_whatever_below():
    learn, held = chorales.data()
    again = chorales.voices.transposition(2)[learn[3]].tolist()
    bass = [NUMBER["B-"] if i % 4 == 3 else numbers for i, numbers in enumerate(again[1:-1])]
    assert chorales.new_melody(learn[:9], [again, [again[0], *bass, again[-1]], learn[12]]) == [learn[12]]
    assert 10 < len(chorales.new_melody(learn, held)) < len(held)


def test_no_chorale_is_learned_from_and_held_out():
    learn, held = chorales.data()
    assert (len(learn), len(held)) == (len(learn + held) - len(learn + held) // 10, len(learn + held) // 10)
    assert not {tuple(c) for c in held} & {tuple(c) for c in learn}


def test_examples_are_transposed_each_by_itself():
    x = torch.tensor([voices.encode(c)[1:201] for c in voices_of(12)])
    y = x.roll(-1, 1)
    x_new, y_new = chorales.transpose(x, y, torch.Generator().manual_seed(0))
    assert torch.equal(x_new.roll(-1, 1), y_new)
    moves = []
    for before, after in zip(x, x_new):
        a, b = (voices.decode(numbers.tolist()).pitch for numbers in (before, after))
        moves.append(set((b - a)[a >= 0].tolist()))
    assert all(len(move) == 1 for move in moves)
    assert {move.pop() for move in moves} <= set(range(-3, 4))
    assert not torch.equal(x_new, x)


def voices_of(count: int) -> list:
    from helpers.datasets.chorales import load_chorales

    return [chorale for chorale in load_chorales() if len(chorale.pitch) > 60][:count]


def test_a_bigram_of_each_voice_has_all_symbols_to_predict():
    learn, held = chorales.data()
    learn, held = learn[:20], held[:2]
    nats = 0.0
    for k in range(4):
        parts = [[c[0], *c[1 + k : -1 : 4]] + ([c[-1]] if k == 3 else []) for c in learn]
        model = NGram(2, len(voices.SYMBOLS)).fit(parts)
        for c in held:
            mine = [c[0], *c[1 + k : -1 : 4]] + ([c[-1]] if k == 3 else [])
            nats -= sum(math.log(model.probabilities(mine[:i])[mine[i]]) for i in range(1, len(mine)))
    assert chorales.bigram_nats(learn, held) == pytest.approx(nats / sum((len(c) - 2) // 4 for c in held), rel=1e-9)


def test_a_model_that_knows_nothing_needs_four_times_the_logarithm_of_all_symbols():
    _, held = chorales.data()
    model = chorales.Decoder(len(voices.SYMBOLS), 16, 1, 2)
    torch.nn.init.zeros_(model.head.bias)
    expected = math.log(len(voices.SYMBOLS)) * sum(len(c) - 1 for c in held[:2]) / chorales.steps(held[:2])
    assert chorales.nats_per_step(model, held[:2]) == pytest.approx(expected, rel=1e-5)


def test_bigrams_stand_beside_models_on_the_same_chorales():
    known, unseen = chorales.data()
    model = chorales.Decoder(len(voices.SYMBOLS), 16, 1, 2)
    found = chorales.beside_bigrams({"mine": model}, known[:9], unseen[:2])
    assert found == {"bigrams": chorales.bigram_nats(known[:9], unseen[:2]), "mine": chorales.nats_per_step(model, unseen[:2])}


@pytest.fixture
def asked(monkeypatch):
    """What is trained and measured, in order; nothing is."""
    done = []

    def train(name, begun):
        torch.save({}, begun)  # as a long recipe does, every hundred steps
        done.append(name)
        return torch.nn.Linear(1, 1), {"symbols": []}

    compared = SimpleNamespace(models={}, real={})
    monkeypatch.setattr(recipes, "TRAINERS", dict.fromkeys(recipes.TRAINERS, train))
    monkeypatch.setattr(recipes.checkpoints, "save", lambda *_: "a card")
    monkeypatch.setattr(recipes.comparison, "write", lambda folder: done.append("comparison") or compared)
    return done


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], [*recipes.TRAINERS, "comparison"]),
        (["timbre-gan"], ["timbre-gan"]),
        (["comparison"], ["comparison"]),
        (["comparison", "timbre-gan"], ["timbre-gan", "comparison"]),
    ],
)
def test_what_is_named_is_trained_in_a_fresh_clone_and_then_compared_if_asked(asked, tmp_path, names, expected):
    recipes.main(names, tmp_path / "data" / "checkpoints")
    assert asked == expected
    assert list((tmp_path / "build").glob("*")) == []


def test_a_recipe_that_is_none_is_named_before_anything_is_trained(asked):
    with pytest.raises(SystemExit, match=r"no recipe 'tunes-lstm'; there are tunes-rnn.* and comparison"):
        recipes.main(["timbre-gan", "tunes-lstm"])
    assert not asked
