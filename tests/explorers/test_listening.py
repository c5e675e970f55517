"""Listening: nothing is told too soon, the count and the luck are right, and the excerpts are what they are said to be."""

import numpy as np
import pytest
import torch

from helpers.datasets import voices
from helpers.datasets.chorales import notes_of
from helpers.explorers import Listening
from helpers.explorers import listening as module
from helpers.models.checkpoints import names
from helpers.models.transformer import Decoder
from helpers.recipes import chorales as recipe

pytestmark = pytest.mark.skipif("chorales-transformer" not in names(), reason="the chorales' checkpoint is not there")


def decided(explorer, guesses):
    for k, guess in enumerate(guesses):
        explorer.set(excerpt=k).set(guess=guess)
    return explorer


def test_nothing_is_told_before_all_are_decided():
    explorer = Listening()
    truth, theirs = module.table(0)
    decided(explorer, ["Bach"] * 7)
    said = [explorer.alt(), explorer.grid.caption, *(track.name for track in explorer.tracks())]
    said += explorer.grid.panel("row").layers[0].names
    assert not any(chorale.name in words for chorale in theirs for words in said)
    assert {"right", "truth", "by luck"}.isdisjoint(explorer.result())
    explorer.set(excerpt=7).set(guess="Bach")
    assert explorer.result()["right"] == sum(truth)
    assert explorer.result()["truth"] == [c.name if bach else "transformer" for c, bach in zip(theirs, truth)]


@pytest.mark.parametrize("seed", [0, 3])
def test_right_answers_and_luck(seed):
    truth, _ = module.table(seed)
    answers = ["Bach" if bach else "transformer" for bach in truth]
    explorer = decided(Listening(seed=seed), answers)
    assert explorer.result()["right"] == 8
    assert explorer.result()["by luck"] == 1 / 256
    wrong = "transformer" if answers[2] == "Bach" else "Bach"
    explorer.set(excerpt=2).set(guess=wrong)
    assert explorer.result()["right"] == 7


def test_the_real_ones_were_not_learned_from():
    _, unseen = recipe.data()
    known = {tuple(numbers[: 1 + 4 * module.STEPS]) for numbers in unseen}
    truth, _ = module.table(0)
    for k, bach in enumerate(truth):
        excerpt = module.excerpt(0, k)
        assert bach == (tuple(module.voices.encode(excerpt)[:-1]) in known)
        assert excerpt.pitch.shape == (module.STEPS, 4)


def test_the_roll_shows_the_notes_of_the_excerpt():
    explorer = Listening(excerpt=3)
    notes = notes_of(module.excerpt(0, 3))
    np.testing.assert_allclose(explorer.result()["notes"], [(4 * n.onset, 4 * n.duration, n.pitch, n.voice) for n in notes])


def test_a_sound_moves_the_playhead_only_over_what_it_belongs_to():
    explorer = Listening()
    first = explorer.player.tracks[0]["key"]

    def hears(sound):
        message = {"type": "position", "position": 9, "sound": sound, "id": 1}
        explorer.grid._receive(explorer.grid, message, [])
        return explorer.state["position"]

    assert hears(first) == 9
    explorer.set(excerpt=1)
    assert hears(first) == 0  # said before the browser knew
    assert hears(explorer.player.tracks[0]["key"]) == 9


def test_another_eight_are_undecided():
    explorer = Listening().set(guess="Bach")
    assert explorer.state["guesses"][0] == "Bach"
    assert explorer.set(excerpt=1).state["guess"] == "undecided"
    assert set(explorer.set(seed=1).state["guesses"]) == {"undecided"}
    assert "give each of 8" in explorer.set(guesses=["Bach"]).problem


def test_each_excerpt_is_waited_for_alike(monkeypatch):
    """Whosever it is, the transformer writes once for each excerpt that is opened, and for no other."""
    asked, generate = [], module.sampling.generate
    monkeypatch.setattr(module.sampling, "generate", lambda *given, **cuts: asked.append(given[4]) or generate(*given, **cuts))
    seed = next(seed for seed in range(20, 40) if len(set(module.table(seed)[0][:2])) == 2)  # one of each
    explorer = Listening(mine := Decoder(len(voices.SYMBOLS), width=8, layers=1, heads=2), seed=seed)
    assert asked == [8 * seed]
    explorer.set(excerpt=1)
    assert asked == [8 * seed, 8 * seed + 1]
    explorer.set(excerpt=0)
    assert Listening(mine, seed=seed).result()["notes"].shape[1] == 4
    assert len(asked) == 2  # both are known


def test_a_transformer_of_other_symbols_is_refused():
    with pytest.raises(ValueError, match="your transformer has 69 symbols; one that was trained on chorales has the 132"):
        Listening(Decoder(69, width=8, layers=1, heads=2))


def test_a_transformer_that_trains_on_writes_anew():
    mine = Decoder(len(voices.SYMBOLS), width=8, layers=1, heads=2)
    before = module.written(3, mine)
    with torch.no_grad():
        mine.head.bias.copy_(torch.arange(len(voices.SYMBOLS)).float())  # now the highest notes are the likeliest
    assert module.written(3, mine).pitch[-1].sum() > before.pitch[-1].sum() + 12


def test_a_transformer_of_your_own_is_heard_and_named():
    torch.manual_seed(0)
    mine = Decoder(len(voices.SYMBOLS), width=8, layers=1, heads=2)  # it knows nothing: all its symbols are equally probable
    seed, k = next((seed, k) for seed in range(9) for k in range(8) if not module.table(seed)[0][k])
    explorer = Listening(mine, seed=seed, excerpt=k)
    assert "your transformer" in explorer.alt()
    assert "the shipped transformer" in Listening(seed=seed, excerpt=k).alt()
    chorale = module.excerpt(seed, k, mine)
    assert chorale.pitch.shape == (module.STEPS, 4)  # though it cannot know whose turn it is
    np.testing.assert_allclose(
        explorer.result()["notes"], [(4 * n.onset, 4 * n.duration, n.pitch, n.voice) for n in notes_of(chorale)]
    )
