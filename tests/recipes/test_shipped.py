"""The checkpoints that ship, measured again: their cards say what they can do, and that is what was asked for."""

import inspect

import pytest

from helpers.concepts.sampling import generate
from helpers.datasets import voices
from helpers.datasets.vocabulary import Vocabulary
from helpers.models.checkpoints import load
from helpers.models.language import bits_per_symbol
from helpers.models.transformer import Decoder
from helpers.recipes import chorales, tunes
from helpers.recipes.__main__ import RECIPES


@pytest.mark.parametrize("name", RECIPES)
def test_a_card_tells_the_recipe_that_stands_in_the_code(name):
    assert load(name)[1].recipe == RECIPES[name]


# Trained before cards said what they learned from; the next training writes it.
SILENT = {"tunes-transformer", "tunes-relative", "tunes-absolute", "chorales-transformer"}


@pytest.mark.parametrize("name", [*tunes.RECIPES, *chorales.RECIPES])
def test_a_card_speaks_of_the_data_as_they_are_read_today(name):
    today = (tunes if name in tunes.RECIPES else chorales).fingerprint()
    said = load(name)[1].measured.get("data")
    assert said == today or (said is None and name in SILENT)


@pytest.mark.parametrize(
    ("name", "most"), [("tunes-rnn", 1.8), ("tunes-transformer", 1.5), ("tunes-relative", 1.8), ("tunes-absolute", 2.45)]
)
def test_tunes_that_were_held_out_cost_what_the_card_says(name, most):
    model, card = load(name)
    vocabulary, _, held = tunes.data()
    assert card.symbols == vocabulary.symbols
    said, first = card.measured["bits per character"], tunes.RECIPES[name].get("measured on the first")
    some = [(tokens[: first + 1] if first else tokens, given) for tokens, given in held[::4]]  # a quarter: 0.018 off at most
    assert bits_per_symbol(model, *zip(*some)) == pytest.approx(said, abs=0.03)
    assert said <= most < card.measured["bits per character of a 6-gram"]


def test_chorales_that_were_held_out_cost_what_the_card_says():
    model, card = load("chorales-transformer")
    assert card.symbols == voices.SYMBOLS
    found = chorales.nats_per_step(model, chorales.data()[1])
    assert found == pytest.approx(card.measured["nats per step"], abs=2e-3)
    assert card.measured["nats per step"] < 0.6 * card.measured["nats per step of bigrams"]


@pytest.mark.parametrize("name", ["tunes-rnn", "tunes-transformer"])
def test_most_of_what_is_drawn_can_be_read_and_has_more_full_bars_than_others(name):
    """Real tunes: 98.6 % of the bars are full. A score of nothing but chance has hardly one."""
    model, card = load(name)
    vocabulary = Vocabulary(card.symbols)
    header = "M:6/8\nL:1/8\nK:G\n"
    prompt, end = vocabulary.encode(f"<start>{header}"), vocabulary.number["<end>"]
    drawn = [vocabulary.decode(generate(model.read, prompt, 400, end, seed, temperature=0.9)) for seed in range(8)]
    bars = [bar.full for text in drawn for bar in tunes.bars(header + text.removesuffix("<end>"))]
    assert sum(bool(tunes.bars(header + text.removesuffix("<end>"))) for text in drawn) >= 5
    assert sum(bars) / len(bars) > 0.5


def test_a_generated_chorale_keeps_the_order_of_the_voices():
    model, _ = load("chorales-transformer")
    numbers = list(generate(model.read, [0], 4 * 32, seed=1, temperature=0.9))
    chorale = voices.decode(numbers)
    assert len(chorale.pitch) == 32
    assert (chorale.pitch >= 0).mean() > 0.9
    assert 4 < chorale.onset[1:].sum() < 100  # neither one long chord nor a note at each sixteenth


def test_what_lecture_6_says_of_the_shipped_transformer():
    """One more layer and a longer reach than the one trained there, six passes over all the tunes, one more over whole ones."""
    here = inspect.signature(Decoder).parameters
    recipe = tunes.RECIPES["tunes-transformer"]
    assert recipe["model"]["layers"] == here["layers"].default + 1
    assert recipe["model"]["reach"] > here["reach"].default
    assert (recipe["epochs"], recipe["then"]["epochs"]) == (6, 1)
    assert recipe["then"]["reach"] == recipe["then"]["length"] > recipe["length"]
