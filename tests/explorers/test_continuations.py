"""Continuations: the beam's likelihoods and the drawn ones' are the model's own; dice as in Sampling; all can be heard."""

import math

import numpy as np
import pytest
import torch

from helpers.concepts.beam import beam
from helpers.explorers import Continuations, Sampling
from helpers.explorers.sampling import side_by_side
from tests.explorers.test_sampling import PROMPTS, untaught, vocabulary  # noqa: F401


@pytest.fixture
def made(vocabulary) -> Continuations:  # noqa: F811
    return Continuations(untaught(vocabulary), vocabulary.symbols, length=8, width=3)


def log2(made: Continuations, text: str) -> float:
    """Symbol by symbol, each read anew."""
    known, total = "<start>" + PROMPTS[made.state["prompt"]] + made.state["written"], 0.0
    for number in made.pen.vocabulary.encode(text):
        with torch.no_grad():
            z = made.pen.model(torch.tensor([made.pen.vocabulary.encode(known)]))
        total += float(z[0, -1].double().log_softmax(0)[number]) / math.log(2)
        known += made.pen.vocabulary.symbols[number]
    return total


def test_every_likelihood_on_the_screen_is_the_models_own(made):
    shown = made.set(temperature=1.5, top_p=0.9).result()
    for kind in ("beam", "drawn"):
        assert len(shown[kind]) == 3
        assert shown[f"{kind}, log2 p"] == pytest.approx([log2(made, text) for text in shown[kind]], abs=1e-3)
        assert (np.diff(shown[f"{kind}, log2 p"]) <= 0).all()
    assert f"log₂ p = −{-shown['beam, log2 p'][0]:.1f} for" in made.verdict()


def test_a_beam_of_one_is_what_sampling_writes_at_no_temperature(made):
    greedy = made.set(width=1).result()["beam"][0]
    other = Sampling(made.pen.model, made.pen.vocabulary.symbols, temperature=0.0)
    for _ in range(len(made.pen.split(greedy))):
        other.one()
    assert other.state["written"] == made.state["written"] + greedy


def test_what_is_drawn_is_what_sampling_draws_with_these_seeds(made):
    drawn = made.set(temperature=1.5, seed=4).result()["drawn"]
    wanted = []
    for seed in (4, 5, 6):
        other = Sampling(made.pen.model, made.pen.vocabulary.symbols, temperature=1.5, seed=seed)
        for _ in range(8):
            other.one()
        wanted.append(other.state["written"].removeprefix(made.state["written"]))
    assert sorted(drawn) == sorted(wanted)
    assert made.set(seed=5).result()["drawn"] != drawn


def test_the_beam_is_searched_anew_only_for_what_it_depends_on(made, monkeypatch):
    searched = []
    monkeypatch.setattr("helpers.explorers.sampling.continuations.beam", lambda *a: searched.append(a) or beam(*a))
    made.set(temperature=0.3).set(seed=7).set(top_p=0.5)
    assert not searched
    assert len(made.set(width=2).result()["beam"]) == 2
    assert len(searched) == 1


def test_each_can_be_heard_and_all_one_after_the_other(made):
    tracks = {track.name: track for track in made.tracks()}
    alone = [tracks[f"beam {k}"].samples for k in (1, 2, 3) if f"beam {k}" in tracks]
    together = tracks["beam: one after the other"].samples
    assert len(together) == sum(map(len, alone)) + len(alone) * 8000
    assert np.array_equal(together[: len(alone[0])], alone[0])
    assert {"drawn 1", "drawn: one after the other"} <= set(tracks)


def test_the_question_is_answered_by_counting(made):
    shown, options = made.result(), made.question().options
    beams, dice = (side_by_side.alike(shown[kind]) for kind in ("beam", "drawn"))
    assert made.question().truth() == (options[0] if beams > dice else options[2] if beams < dice else options[1])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"written": "G§"}, "no symbol"),
        ({"written": "GA<end>"}, "take it away"),
        ({"width": 9}, "not offered"),
        ({"seed": -1}, "0"),
    ],
)
def test_what_cannot_be_is_explained(made, change, said):
    before = made.state
    assert said in made.set(**change).problem
    assert made.state == before


def test_a_click_that_comes_late_is_for_nobody(made):
    made.grid._handlers["pick"]("beam 6", "notes", 0, False)
    assert not made.problem


def test_more_than_a_tune_is_not_read(made):
    assert "501 symbols are written; at most 500" in made.set(written="G" * 501).problem
