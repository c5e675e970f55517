"""Sampling shows what another computation of the same cuts gives; sliders change no text; the dice are those of the seed."""

import math

import numpy as np
import pytest
import torch

from helpers.datasets.tunes import load_tunes
from helpers.datasets.vocabulary import Vocabulary
from helpers.explorers import Sampling
from helpers.explorers.sampling import picture, writing
from helpers.explorers.sampling.sampling import PROMPTS
from helpers.models.language import TuneRNN
from helpers.models.transformer import Decoder

JIG = "G2B d2B|"


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.of(tune.text.rstrip() for tune in load_tunes())


def untaught(vocabulary: Vocabulary, kind: type = Decoder) -> Decoder | TuneRNN:
    torch.manual_seed(0)
    model = kind(len(vocabulary), 16)
    torch.nn.init.normal_(model.head.weight, std=0.5)
    with torch.no_grad():
        model.head.bias[vocabulary.number["<end>"]] -= 3  # or hardly a tune has twelve symbols
    return model.eval()


@pytest.fixture
def made(vocabulary) -> Sampling:
    return Sampling(untaught(vocabulary), vocabulary.symbols)


def expected(model, vocabulary, text, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0) -> tuple[torch.Tensor, torch.Tensor]:
    """softmax of logits / T over all symbols, and what is drawn from, symbol by symbol as the filters are defined."""
    with torch.no_grad():
        z = model(torch.tensor([vocabulary.encode("<start>" + text)]))[0, -1].double()
    p = (z / temperature).softmax(0)
    left = sorted(range(len(p)), key=lambda i: (-float(p[i]), i))[: top_k or len(p)]
    whole, held, kept = sum(float(p[i]) for i in left), 0.0, []
    for i in left:
        kept.append(i)
        held += float(p[i]) / whole
        if top_p < 1 and held >= top_p - 1e-12:
            break
    kept = [i for i in kept if p[i] >= min_p * p.max()]
    q = torch.zeros_like(p)
    q[kept] = p[kept] / p[kept].sum()
    return p, q


SETTINGS = [
    {}, {"temperature": 0.3}, {"temperature": 5.0}, {"top_k": 5}, {"top_p": 0.7}, {"min_p": 0.4},
    {"temperature": 2.0, "top_k": 20, "top_p": 0.8, "min_p": 0.05}, {"top_k": 1, "top_p": 0.05},
]  # fmt: skip


@pytest.mark.parametrize("kind", [Decoder, TuneRNN])
@pytest.mark.parametrize("settings", SETTINGS)
def test_every_probability_on_the_screen_is_that_of_another_computation(vocabulary, kind, settings):
    model = untaught(vocabulary, kind)
    shown = Sampling(model, vocabulary.symbols, written="|:GAB c2", **settings).result()
    p, q = expected(model, vocabulary, PROMPTS["a jig in G"] + "|:GAB c2", **settings)
    assert np.allclose(shown["softmax"], p, atol=1e-6)
    assert np.allclose(shown["probabilities"], q, atol=1e-5)
    assert abs(shown["softmax"].sum() - 1) < 1e-9
    assert shown["kept"] == int((q > 0).sum())
    assert shown["cut"] == pytest.approx(float(p[q == 0].sum()), abs=1e-6)
    assert shown["entropy"] == pytest.approx(float(torch.special.entr(p).sum() / math.log(2)), abs=1e-5)
    assert shown["entropy kept"] == pytest.approx(float(torch.special.entr(q).sum() / math.log(2)), abs=1e-5)
    for letter, on_key, kept in zip(writing.KEYS, shown["keys"], shown["keys kept"]):
        number = vocabulary.symbols.index(letter)
        assert on_key == pytest.approx(float(p[number]), abs=1e-6)
        assert kept == bool(q[number] > 0)


def test_each_symbol_costs_what_the_model_gave_it(made, vocabulary):
    bits, text = made.result()["bits"], ""
    for bit, symbol in zip(bits, JIG):
        p, _ = expected(made.model, vocabulary, PROMPTS["a jig in G"] + text)
        assert bit == pytest.approx(-math.log2(float(p[vocabulary.symbols.index(symbol)])), abs=1e-4)
        text += symbol


def test_looking_back_shows_what_a_symbol_was_drawn_from(made, vocabulary):
    made.set(at=3)
    p, _ = expected(made.model, vocabulary, PROMPTS["a jig in G"] + JIG[:3])
    assert np.allclose(made.result()["softmax"], p, atol=1e-6)
    assert vocabulary.symbols[made.result()["stands there"]] == " "
    assert made.set(at=8).result()["stands there"] == -1


def test_sliders_change_no_text_and_nothing_but_asking_draws(made):
    for change in ({"temperature": 3.0}, {"top_k": 3}, {"top_p": 0.5}, {"min_p": 0.2}, {"seed": 7}):
        assert made.set(**change).state["written"] == JIG
    assert made.one().state["written"] != JIG


def test_symbols_one_by_one_are_those_drawn_at_once(made):
    made.set(temperature=0.9, top_k=20, seed=3)
    for _ in range(12):
        made.one()
    one_by_one = made.state["written"]
    again = Sampling(made.model, made.vocabulary.symbols, temperature=0.9, top_k=20, seed=3).rest().state["written"]
    assert again.startswith(one_by_one)
    assert len(again) > len(one_by_one)
    other = Sampling(made.model, made.vocabulary.symbols, temperature=0.9, top_k=20, seed=4).rest().state["written"]
    assert other != again
    assert other.startswith(JIG)


def test_what_is_drawn_is_what_the_dice_say(made):
    """The symbol at the seed's number for this place, when the probabilities lie end to end in the vocabulary's order."""
    for seed in range(6):
        made.set(written=JIG, seed=seed, temperature=1.5)
        u = np.random.default_rng(seed).random(9)[8]
        ends = torch.tensor(made.result()["probabilities"]).cumsum(0)
        assert made.one().symbols[-1] == made.vocabulary.symbols[int((ends <= u).sum())]


def test_from_the_cursor_on_all_is_written_anew(made):
    made.set(written="GABcdefg", at=4).one()
    assert made.state["written"][:4] == "GABc"
    assert len(made.symbols) == 5
    assert made.state["at"] == 5


def test_at_no_temperature_dice_do_not_count_and_a_tune_ends_at_its_end(made):
    tunes = {made.set(written=JIG, temperature=0.0, seed=seed).rest().state["written"] for seed in range(3)}
    assert len(tunes) == 1
    made.set(written="GAB|<end>")
    assert made.state["at"] == 4
    assert made.count() == 5
    assert made.vocabulary.symbols[made.result()["stands there"]] == "<end>"


def test_typing_clicking_and_playing_move_the_same_state(made):
    made._text.value = "|:GAB"
    assert made.state["written"] == "|:GAB"
    assert made.state["at"] == 5
    made._picked("text", 2)  # the G
    assert made.state["at"] == 2
    made._picked("text", 4)  # behind the question mark: the B
    assert made.state["at"] == 3
    made.set(prompt="a reel in D", written="d")
    made._pressed(78)  # F sharp in D
    assert made.state["written"] == "df"
    made._pressed(77)  # no letter of D major
    assert made.state["written"] == "df"


def test_the_roll_shows_the_notes_that_stand_there(made):
    shown = made.set(prompt="a reel in D", written="f2 c^g|A4", at=7).result()
    assert shown["notes"].tolist() == [[0, 1, 78], [1, 0.5, 73], [1.5, 0.5, 80], [2, 2, 69]]
    assert shown["notes before"] == 3
    assert shown["bars"].tolist() == [0, 2]
    assert shown["problem"] == ""
    broken = made.set(written="f2 c^|A4").result()
    assert len(broken["notes"]) == 2
    assert broken["problem"].startswith("line 4, column 5")
    assert broken["problem"] in made.alt()


@pytest.mark.parametrize("text", ["", "^", "(3", ">", "[", "M", "GAB|:::", "c>|", "|: [1"])
def test_whatever_a_model_writes_can_be_shown_and_heard(made, text):
    made.set(written=text)
    assert made.problem is None
    for track in made.tracks()[:1]:
        assert np.abs(track.samples).max(initial=0) <= 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"written": "G§"}, "'§' is no symbol"), ({"at": 99}, "it is one of 0 to 8"),
        ({"written": "G<end>A"}, "Nothing is written after"),
        ({"temperature": -1.0}, "-1.0 is not offered"), ({"top_p": 0.0}, "0.05 to 1"), ({"prompt": "an opera"}, "not offered"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_explained_and_the_last_state_stays(made, change, said):
    before = made.state
    assert said in made.set(**change).problem
    assert made.state == before


def test_a_model_comes_with_its_symbols(vocabulary):
    with pytest.raises(ValueError, match="together with its symbols"):
        Sampling(untaught(vocabulary))


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (0.004, "0.40 %"),
        (0.0712, "7.12 %"),
        (0.5, "50.0 %"),
        (0.99999, "100 %"),
        (0.00012, "0.012 %"),
        (1e-6, "0.0001 %"),
        (0.0, "0 %"),
    ],
)  # fmt: skip
def test_probabilities_are_written_as_they_are(p, said):
    assert writing.percent(p) == said


def test_the_question_is_answered_by_the_dice_themselves(made):
    asked = made.question()
    tunes = {made.set(written=JIG, temperature=0.0, seed=seed).rest().state["written"] for seed in range(3)}
    assert asked.truth() == ("the same tune for each" if len(tunes) == 1 else None)
    assert asked.truth() in asked.options
