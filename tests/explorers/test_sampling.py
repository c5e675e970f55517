"""Sampling shows what another computation of the same cuts gives; sliders change no text; the dice are those of the seed."""

import math

import numpy as np
import pytest
import torch

from helpers.datasets.abc import parse
from helpers.datasets.tunes import load_tunes
from helpers.datasets.vocabulary import Vocabulary
from helpers.explorers import Sampling
from helpers.explorers.sampling import columns, writing
from helpers.explorers.sampling.sampling import CURVE, PROMPTS
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
    p, q = expected(model, vocabulary, PROMPTS["6/8 in G"] + "|:GAB c2", **settings)
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
        p, _ = expected(made.model, vocabulary, PROMPTS["6/8 in G"] + text)
        assert bit == pytest.approx(-math.log2(float(p[vocabulary.symbols.index(symbol)])), abs=1e-4)
        text += symbol


def test_looking_back_shows_what_a_symbol_was_drawn_from(made, vocabulary):
    made.set(at=3)
    p, _ = expected(made.model, vocabulary, PROMPTS["6/8 in G"] + JIG[:3])
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
    made.set(prompt="cut time in D", written="d")
    made._pressed(78)  # F sharp in D
    assert made.state["written"] == "df"
    made._pressed(77)  # no letter of D major
    assert made.state["written"] == "df"


def test_the_roll_shows_the_notes_that_stand_there(made):
    shown = made.set(prompt="cut time in D", written="f2 c^g|A4", at=7).result()
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


def test_each_step_is_written_in_its_column_and_the_dice_fall_where_a_draw_does(made):
    for seed, settings in enumerate(SETTINGS):
        made.set(
            written=JIG, seed=seed, look="each step", **{"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, **settings}
        )
        shown, names = made.result(), made.vocabulary.symbols
        rows, found = columns.table(shown, made.state, names)
        p, q = expected(made.model, made.vocabulary, PROMPTS["6/8 in G"] + JIG, **settings)
        with torch.no_grad():
            z = made.model(torch.tensor([made.vocabulary.encode("<start>" + PROMPTS["6/8 in G"] + JIG)]))[0, -1]
        assert [float(text.replace("−", "-")) for text in found["logit"]] == pytest.approx(z[rows].tolist(), abs=0.006)
        scaled = (z[rows] / settings.get("temperature", 1.0)).tolist()
        assert [float(text.replace("−", "-")) for text in found["÷ T"]] == pytest.approx(scaled, abs=0.006)
        assert found["softmax"] == [writing.percent(float(p[i])) for i in rows]
        assert found["sum to 1"] == [writing.percent(float(q[i])) if q[i] else "–" for i in rows]
        assert [text != "–" for text in found["min-p"]] == [bool(q[i]) for i in rows]
        assert sum(bool(text) for text in found["dice"]) == 1
        number = rows[[bool(text) for text in found["dice"]].index(True)]
        assert made.one().symbols[-1] == names[number]


def test_penalty_and_masks_change_what_may_come_and_nothing_that_is_written(made):
    plain = made.result()["logits"]
    shown = made.set(penalty=2.0, scale="pentatonic", bars=True).result()
    assert made.state["written"] == JIG
    assert (shown["logits"] == plain).all()
    for i, symbol in enumerate(made.vocabulary.symbols):
        if symbol in JIG and shown["softmax"][i]:
            assert shown["adjusted"][i] == pytest.approx(plain[i] / 2 if plain[i] > 0 else plain[i] * 2)
    forbidden = [i for i, p in enumerate(shown["softmax"]) if p == 0]
    assert shown["forbidden"] == len(forbidden)
    assert shown["masked"] == pytest.approx(float(torch.tensor(plain).softmax(0)[forbidden].sum()), abs=1e-9)
    assert f"forbid {len(forbidden)}" in made.alt()
    assert made.vocabulary.symbols.index("F") in forbidden
    assert made.set(written="^", penalty=1.0).problem  # no sharp note in a pentatonic scale of G
    assert "take one away" in made.problem


def test_entropy_against_temperature_goes_through_what_is_shown_and_its_dot_is_dragged(made):
    made.set(look="entropy", top_p=0.8)
    for temperature in (0.1, 0.5, 2.0):
        shown = made.set(temperature=temperature).result()
        curve = [np.interp(np.log(temperature), np.log(CURVE), shown["entropies"][:, 0])]
        assert curve[0] == pytest.approx(shown["entropy"], abs=0.05)
    made.grid._handlers["drag"]("entropy", "now", 0, np.log10(0.31), 2.0)
    assert made.state["temperature"] == 0.3
    assert made.state["written"] == JIG


def test_ghosts_are_what_the_model_thought_of_and_would_have_sounded(made):
    text = "^c2c =c2c|"
    shown = made.set(prompt="6/8 in G", written=text).result()
    assert shown["places"].tolist() == [1, 3, 6, 8]
    assert len(shown["ghosts"]) > 0
    for (onset, _, pitch, probability), letter in zip(shown["ghosts"], shown["letters"]):
        place = shown["places"][shown["notes"][:, 0].tolist().index(onset)]
        p, _ = expected(made.model, made.vocabulary, PROMPTS["6/8 in G"] + text[:place])
        assert probability == pytest.approx(float(p[made.vocabulary.symbols.index(letter)]), abs=1e-6)
        assert letter != text[place]
        instead = parse(PROMPTS["6/8 in G"] + text[:place] + letter + text[place + 1 :]).notes
        assert pitch == next(note.pitch for note in instead if note.onset == onset)
    before, _ = expected(made.model, made.vocabulary, PROMPTS["6/8 in G"] + text[:6])
    assert shown["undecided"][6] == pytest.approx(float(torch.special.entr(before).sum() / math.log(2)), abs=1e-4)


def test_a_bar_is_heard_alone_and_written_alone(made):
    made.set(written="G2B d2B|c3 e3|g6|", at=9)
    bar = next(track for track in made.tracks() if track.name == "this bar").samples
    assert np.allclose(bar, writing.sound(np.array([(0, 1.5, 72), (1.5, 1.5, 76)])))
    made._picked("tune", 6)  # the last: the g
    assert made.state["at"] == 14
    assert made.result()["bar"] == 2
    made.set(written="GAB", bars=True, temperature=1.0, seed=1)
    for _ in range(3):
        made.bar()
    score = parse(PROMPTS["6/8 in G"] + made.state["written"].removesuffix("<end>"))
    assert all(bar.length == 3 for bar in score.bars)


@pytest.mark.parametrize("written", ["E2^", "G2_", "^FGA ", "^F2|", "[K:D]G6|G6|G6|G6|", "_E=", "E^^", "G==", "=f"])
@pytest.mark.parametrize("prompt", ["6/8 in E minor", "3/4 in C"])
def test_a_letters_bar_stands_on_the_key_that_would_sound(made, prompt, written):
    """For each letter the whole text is read with it; where that cannot be, as if its bar began there, without its sign."""
    made.set(prompt=prompt, written=written)
    result, piano = made.result(), next(panel for panel in made.grid.panels if panel.name == "piano")
    wanted = np.zeros(len(piano.values))
    for letter, p in zip(writing.KEYS, result["keys"]):
        try:
            pitch = parse(PROMPTS[prompt] + written + letter).notes[-1].pitch
        except ValueError:
            pitch = parse(PROMPTS[prompt] + letter).notes[-1].pitch
        assert made.pitches[letter] == pitch
        wanted[pitch - piano.low] += p
    assert np.allclose(piano.values, wanted)
    assert all(bool(name) == any(pitch == k + piano.low for pitch in made.pitches.values()) for k, name in enumerate(piano.names))


def test_of_two_letters_on_one_key_the_more_probable_is_written(made):
    made.set(prompt="3/4 in C", written="^E_F", at=4)  # E and F change places but for a tone: both letters sound E or F
    both = made.pitches
    assert (both["E"], both["F"]) == (65, 64)
    made.set(written="^E", at=2)
    assert made.pitches["E"] == made.pitches["F"] == 65
    p = dict(zip(writing.KEYS, made.result()["keys"]))
    made._pressed(65)
    assert made.state["written"] == "^E" + max("EF", key=p.get)


def test_a_model_that_trains_on_is_asked_anew(vocabulary):
    model = untaught(vocabulary, Decoder)
    before = Sampling(model, vocabulary.symbols)
    first, keys = before.result()["softmax"], {track["key"] for track in before.player.tracks}
    assert keys
    with torch.no_grad():
        model.head.bias.add_(torch.arange(len(vocabulary)).float())
    assert np.abs(before.set(top_k=3).result()["softmax"] - first).max() > 0.1
    assert np.array_equal(before.result()["softmax"], Sampling(model, vocabulary.symbols, top_k=3).result()["softmax"])
    assert not {track["key"] for track in before.set(top_k=0).player.tracks} & keys  # nor does the old one sound
