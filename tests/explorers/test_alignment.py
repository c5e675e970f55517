"""Replies and where the model looked, against the model run step by step and the task's own rule."""

import numpy as np
import pytest
import torch

from helpers import audio
from helpers.datasets.melodies import END, FIFTH, LOW, calls
from helpers.explorers import Alignment
from helpers.explorers.alignment import BEAT
from tests.explorers.making import readers, translators


def test_calls_are_answered_backwards_a_fifth_higher():
    call, reply = calls(readers()["melodies"], 40, seed=3)
    for asked, said in zip(call.numpy(), reply.numpy()):
        notes = [symbol for symbol in asked if symbol]
        assert 5 <= len(notes) <= 10
        assert not asked[: 10 - len(notes)].any()
        assert said.tolist() == [*(note + FIFTH for note in reversed(notes)), END, *[0] * (10 - len(notes))]
        assert any("".join(map(chr, notes)) in "".join(map(chr, m.step[m.step > 0])) for m in readers()["melodies"])


@pytest.mark.parametrize("network", ["without attention", "with attention"])
def test_what_is_shown_is_what_the_model_writes(network):
    given = translators()
    written, looks = given["models"][network].reply(given["calls"], 11)
    for call in range(len(given["calls"])):
        explorer = Alignment(**given, network=network, call=call)
        result, asked = explorer.result(), given["calls"][call].numpy()
        n = int((asked > 0).sum())
        ended = (written[call] == END).nonzero().flatten().tolist()
        length = max(ended[0], 1) if ended else 11
        assert result["reply"].tolist() == written[call, :length].tolist()
        np.testing.assert_allclose(result["look"], looks[call, :length, 10 - n :], atol=1e-7)
        np.testing.assert_allclose(result["look"].sum(1), 1, atol=1e-6)
        assert result["wanted"].tolist() == [symbol + FIFTH for symbol in asked[::-1] if symbol]
        wanted = result["wanted"].tolist()
        assert result["right"].tolist() == [i < n and wanted[i] == said for i, said in enumerate(result["reply"].tolist())]
        assert result["whole"] == (bool(ended) and result["reply"].tolist() == wanted)


def test_a_model_without_attention_is_not_said_to_look():
    blind, seeing = (Alignment(**translators(), network=name) for name in ("without attention", "with attention"))
    np.testing.assert_array_equal(blind.result()["look"][:, -1], 1)  # it is always given the last state
    for explorer, looks in ((blind, False), (seeing, True)):
        told = [
            explorer.grid.panel("look").title,
            explorer.verdict(),
            explorer.alt(),
            *(one["text"] for one in explorer.grid.labels),
        ]
        assert any("looked for" in text for text in told) == any("looks most at" in text for text in told) == looks
        assert [("largest weight" in text) for text in told[1:3]] == [looks, looks]
        assert ("it does not look" in told) == (told[0] == "no attention: every step gets the encoder's last state") == (not looks)


class Perfect(torch.nn.Module):
    """A model that has learned its task, and looks where it should."""

    def reply(self, x, length):
        written, looks = torch.zeros(len(x), length, dtype=torch.long), torch.zeros(len(x), length, x.shape[1])
        for i, row in enumerate(x):
            notes = row[row > 0].flip(0)
            written[i, : len(notes)] = notes + FIFTH
            written[i, len(notes)] = END
            looks[i, torch.arange(length), (x.shape[1] - 1 - torch.arange(length)).clamp(min=0)] = 1.0
        return written, looks


def test_right_replies_are_counted():
    asked = translators()["calls"]
    explorer = Alignment({"perfect": Perfect()}, asked, position=2)
    result = explorer.result()
    assert result["whole"]
    assert result["right"].all()
    assert result["of all"] == len(asked)
    assert result["furthest"] == len(result["call"]) - 3
    assert f"replies right to the end: {len(asked)} of {len(asked)}" in [label["text"] for label in explorer.grid.labels]
    assert explorer.count() == len(result["call"])
    assert f"{len(result['call'])} notes right of {len(result['call'])}" in explorer.alt()
    spoilt = Perfect()
    right = spoilt.reply
    spoilt.reply = lambda x, length: (lambda w, a: (w + (torch.arange(length) == 1), a))(*right(x, length))
    worse = Alignment({"spoilt": spoilt}, asked).result()
    assert (worse["right"].tolist(), worse["of all"]) == ([True, False, *[True] * (len(worse["reply"]) - 2)], 0)


def test_notes_are_drawn_and_played_at_their_pitches():
    explorer = Alignment({"perfect": Perfect()}, translators()["calls"])
    result = explorer.result()
    for name, track in zip(("call", "reply", "wanted"), explorer.tracks()):
        assert len(track.samples) == round(len(result[name]) * BEAT * audio.RATE)
        wanted = audio.play_notes([(i, 0.95, s - 1 + LOW) for i, s in enumerate(result[name].tolist())], BEAT).numpy()
        np.testing.assert_array_equal(track.samples[: len(wanted)], wanted)
    np.testing.assert_array_equal(explorer.grid.panel("reply").layers[0].xy[:, 2], result["reply"] - 1 + LOW)


@pytest.mark.parametrize(("state", "words"), [
    ({"network": "ESN"}, "choose one of without attention, with attention"),
    ({"call": 6}, "choose 0 to 5"),
    ({"position": 11}, "choose 0 to"),
])  # fmt: skip
def test_what_cannot_be_is_refused(state, words):
    with pytest.raises(ValueError, match=words):
        Alignment(**translators(), **state)
    with pytest.raises(ValueError, match="at least one"):
        Alignment({}, translators()["calls"])
