"""Sounds on their way to the browser: in parts, at their own level, made when they are wanted."""

import base64
import io
import re

import numpy as np
import pytest
import soundfile
from ipywidgets.widgets.widget import Widget

from helpers.views import Player, Track
from helpers.views.player import PART


def tone(seconds: float = 1.0, peak: float = 0.5) -> np.ndarray:
    return (peak * np.sin(2 * np.pi * 440 * np.arange(round(16_000 * seconds)) / 16_000)).astype(np.float32)


@pytest.fixture
def sent(monkeypatch) -> list:
    messages = []
    monkeypatch.setattr(Widget, "send", lambda self, content, buffers=None: messages.append((content, buffers)))
    return messages


def fetched(player: Player, sent: list, index: int) -> np.ndarray:
    """What the browser would hear of a track: its parts in order, decoded as the page decodes them."""
    sent.clear()
    player._receive(player, {"type": "fetch", "key": player.tracks[index]["key"], "id": 5}, [])
    heads = [head for head, _ in sent]
    assert [head["part"] for head in heads] == list(range(heads[0]["parts"]))
    assert all(len(buffers[0]) <= PART for _, buffers in sent)
    assert player.answered == 5
    joined = b"".join(bytes(buffers[0]) for _, buffers in sent)
    assert len(joined) == 2 * heads[0]["length"]
    return np.frombuffer(joined, "<i2") / 32767


def test_samples_arrive_in_parts_as_they_were(sent):
    x = tone(5)
    player = Player([Track("a", x), Track("b", tone(0.5))])
    heard = fetched(player, sent, 0)
    assert len(sent) == -(-2 * len(x) // PART) == 3
    np.testing.assert_allclose(heard, x, atol=0.5001 / 32767)
    assert len(fetched(player, sent, 1)) == 8_000


def test_what_is_half_as_loud_arrives_half_as_loud(sent):
    player = Player([Track("loud", tone(peak=0.8)), Track("soft", tone(peak=0.4)), Track("faint", tone(peak=0.001))])
    loud, soft, faint = (fetched(player, sent, i) for i in range(3))
    np.testing.assert_allclose(soft, loud / 2, atol=1 / 32767)
    assert np.abs(faint).max() == pytest.approx(0.001, abs=1 / 32767)


def test_levels_are_those_of_the_samples():
    assert Track("sine", tone(peak=1.0)).level() == "peak 0.0, RMS −3.0 dBFS"
    assert Track("half", tone(peak=0.5)).level() == "peak −6.0, RMS −9.0 dBFS"
    assert Track("silent", np.zeros(100)).level() == "peak −∞, RMS −∞ dBFS"
    assert Track("nothing", np.zeros(0)).level() == "peak −∞, RMS −∞ dBFS"


@pytest.mark.parametrize(("samples", "said"), [
    (np.zeros((2, 9)), r"shape \(2, 9\); a track is mono"), (np.array([0, np.nan]), "not finite"),
    (np.array([0, -np.inf]), "not finite"), (np.array([0, 1.5]), "peak 1.5 would clip"),
])  # fmt: skip
def test_what_cannot_be_played_is_refused(samples, said):
    with pytest.raises(ValueError, match=said):
        Track("bad", samples)


def test_a_sound_is_made_when_it_is_wanted_and_once(sent):
    made = []

    def make():
        made.append(1)
        return tone()

    track = Track("slow", make, key="what it depends on")
    player = Player([track])
    assert player.tracks[0]["level"] == ""
    assert not made
    fetched(player, sent, 0)
    fetched(player, sent, 0)
    assert made == [1]
    assert sent[0][0]["level"] == "peak −6.0, RMS −9.0 dBFS"


def test_a_key_names_what_is_heard():
    a, b = Track("x", tone()), Track("x", tone(peak=0.4))
    assert a.key == Track("x", tone()).key != b.key
    assert Track("x", tone, key="1").key != Track("x", tone, key="2").key


def test_the_same_sounds_are_not_offered_anew():
    made = []

    def make():
        made.append(1)
        return [Track("x", tone())]

    player = Player()
    for key in ("one", "one", "two", "two", "one"):
        player.offer(make, key)
    assert len(made) == 3


def test_a_sound_that_was_replaced_meanwhile_is_not_sent(sent):
    player = Player([Track("old", tone())])
    old = player.tracks[0]["key"]
    player.load([Track("new", tone(0.1))])
    player._receive(player, {"type": "fetch", "key": old, "id": 9}, [])
    assert sent == []
    assert player.answered == 9


def test_play_and_stop_are_asked_of_the_browser(sent):
    player = Player([Track("a", tone()), Track("b", tone(0.5))])
    player.play(1)
    player.stop()
    assert [head for head, _ in sent] == [{"type": "play", "key": player.tracks[1]["key"]}, {"type": "stop"}]


def test_without_a_kernel_an_audio_element_plays_it_as_loud_as_it_is():
    page = Player([Track("a <b>", tone(peak=0.5)), Track("c", tone(2, peak=0.25))]).static()
    assert "://" not in page
    assert "a &lt;b&gt;" in page
    sounds = [base64.b64decode(data) for data in re.findall(r'src="data:audio/mpeg;base64,([^"]+)"', page)]
    for sound, peak in zip(sounds, (0.5, 0.25), strict=True):
        x, rate = soundfile.read(io.BytesIO(sound))
        assert rate == 16_000
        assert np.abs(x[4000:-4000]).max() == pytest.approx(peak, rel=0.05)
        assert len(sound) < 20_000
    assert page.count("<audio controls") == 2


def test_a_track_may_lead_the_transport():
    track = Track("phrase", tone(), beats=0.25)
    assert [described["beats"] for described in Player([track]).tracks] == [0.25]
    assert "beats" not in Player([Track("note", tone())]).tracks[0]


@pytest.mark.parametrize("beats", [0, -1.0, float("inf"), float("nan")])
def test_positions_take_time(beats):
    with pytest.raises(ValueError, match="seconds that one position lasts, above 0"):
        Track("phrase", tone(), beats=beats)
