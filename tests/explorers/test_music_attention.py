"""MusicAttention: its notes and their symbols, its weights by loops over the model's own, its sound note by note."""

import numpy as np
import pytest
import torch

from helpers import audio
from helpers.datasets.abc import parse
from helpers.explorers import MusicAttention
from helpers.explorers.music_attention.music_attention import shipped
from helpers.explorers.music_attention.pieces import STEPS, pieces
from helpers.models.checkpoints import names
from helpers.models.transformer import Decoder
from helpers.views import Arcs, Notes

TUNES = [key for key in pieces() if key.startswith("tune")]
CHORALES = [key for key in pieces() if key.startswith("chorale")]


@pytest.mark.parametrize("key", TUNES)
def test_a_tunes_symbols_are_those_of_its_notes(key):
    """The text up to a note's end holds just the notes up to it, read by the reader of ABC."""
    piece = pieces()[key]
    text = "".join(piece.text[1:])
    for k in (0, 1, len(piece.notes) // 2, len(piece.notes) - 1):
        assert [places[0] for places in piece.symbols] == sorted(places[0] for places in piece.symbols)
        start, end = piece.symbols[k][0] - 1, piece.symbols[k][-1]  # <start> is place 0 of the symbols
        before, upto = (parse(text[:at].rstrip("<>(")).notes if at > text.index("K:") + 3 else [] for at in (start, end))
        assert len(upto) == k + 1
        assert len(before) <= k
        assert upto[k].pitch == piece.notes[k, 2]
        assert upto[k].onset * 4 == pytest.approx(piece.notes[k, 0])


@pytest.mark.parametrize("key", CHORALES)
def test_a_chorales_symbols_are_those_of_its_notes(key):
    piece = pieces()[key]
    assert len(piece.text) == 1 + 4 * STEPS
    taken = set()
    for (onset, duration, pitch), places in zip(piece.notes, piece.symbols):
        said = [piece.text[place] for place in places]
        assert said[0][1:] == str(int(pitch))
        assert {word[1:] for word in said[1:]} <= {"-"}
        assert len({word[0] for word in said}) == 1
        assert ((places[0] - 1) // 4, len(places)) == (onset, duration)
        taken |= set(places)
    rests = {place for place, word in enumerate(piece.text) if word[1:] == "."}
    assert taken | rests | {0} == set(range(len(piece.text)))


def by_loops(piece, model, symbols):
    weights = model.weights(torch.tensor([[symbols.index(symbol) for symbol in piece.text]])).detach().numpy()
    n = len(piece.notes)
    found = np.zeros((*weights.shape[:2], n, n))
    for i in range(n):
        for j in range(n):
            found[..., i, j] = weights[:, :, piece.symbols[i][0] - 1, piece.symbols[j]].sum(-1)
    return found


def test_weights_and_badges_of_the_shipped_model():
    explorer, piece = MusicAttention(piece="tune 1"), pieces()["tune 1"]
    found, onsets = explorer.result(), piece.notes[:, 0] / 4
    wanted = by_loops(piece, *shipped("tunes-transformer"))
    np.testing.assert_allclose(found["weights"], wanted, atol=1e-6)
    back = np.subtract.outer(onsets, onsets)
    np.testing.assert_allclose(found["back"], (wanted * back).sum((2, 3)) / wanted.sum((2, 3)), rtol=1e-4)
    np.testing.assert_allclose(found["elsewhere"], 1 - wanted.sum(-1).mean(-1), atol=1e-5)
    then = np.abs(back - 4) < 1e-3
    rows = then.any(1)
    np.testing.assert_allclose(found["bar"], (wanted * then).sum(-1)[..., rows].mean(-1), atol=1e-6)


def test_no_note_listens_to_itself_or_to_the_future():
    explorer = MusicAttention(threshold=0.0)
    arcs = next(layer for layer in explorer.grid.panel("roll").layers if isinstance(layer, Arcs))
    assert (np.triu(arcs.weights) == 0).all()
    assert all(at < who for note in range(arcs.weights.shape[1]) for _, who, at, _ in arcs.seen([note]))


def test_arcs_end_on_the_notes_of_the_score():
    explorer = MusicAttention(piece="tune 4", note=30, threshold=0.05)
    roll = explorer.grid.panel("roll")
    notes = next(layer for layer in roll.layers if isinstance(layer, Notes))
    arcs = next(layer for layer in roll.layers if isinstance(layer, Arcs))
    score = parse("".join(pieces()["tune 4"].text[1:])).notes
    np.testing.assert_allclose(notes.xy, [(4 * n.onset, 4 * n.duration, n.pitch) for n in score])
    assert arcs.locked == 30
    weights = explorer.result()["weights"][1]
    for head, who, at, weight in arcs.seen([30]):
        assert who == 30
        assert weight / 255 == pytest.approx(weights[head, 30, at], abs=1 / 500)


@pytest.mark.parametrize("direction", ["from", "to"])
@pytest.mark.parametrize("show", ["one head", "all heads"])
def test_what_is_listened_to_sounds_as_loud_as_it_is_listened_to(show, direction):
    explorer = MusicAttention(note=25, head=2, layer=3, show=show, direction=direction)
    result = explorer.result()
    layer = result["weights"][3]
    rows = layer[2] if show == "one head" else layer.mean(0)
    wanted = rows[25] if direction == "from" else rows[:, 25]
    np.testing.assert_allclose(result["heard"], wanted, atol=1e-7)
    piece, attended = pieces()["tune 0"], explorer.tracks()[1].samples
    gains = wanted / wanted.max()
    gains[25] = 1.0
    alone = [audio.play_notes([(o / 4, d / 4, p)], piece.seconds, loudness=[g]).numpy() for (o, d, p), g in zip(piece.notes, gains)]
    together = np.zeros(max(map(len, alone)))
    for part in alone:
        together[: len(part)] += part
    np.testing.assert_allclose(attended[: len(together)], together, atol=2e-5)


def test_without_a_note_only_the_music_sounds():
    explorer = MusicAttention()
    assert [track.name for track in explorer.tracks()] == ["the music"]
    assert len(explorer.set(note=0).tracks()) == 1  # nothing came before it
    assert "no other note" in explorer.grid.caption
    assert explorer.tracks()[0].beats == pytest.approx(pieces()["tune 0"].seconds / 4)


def test_another_piece_begins_anew():
    explorer = MusicAttention(note=25, position=30).set(piece="tune 2")
    assert (explorer.state["note"], explorer.state["position"]) == (-1, 0)
    assert "choose 0 to" in explorer.set(layer=9).problem
    assert "not offered" in explorer.set(piece="tune 99").problem
    assert explorer.state["piece"] == "tune 2"


def test_a_model_of_your_own():
    torch.manual_seed(0)
    symbols = shipped("tunes-transformer")[1]
    model = Decoder(len(symbols), width=16, layers=2, heads=2)
    explorer = MusicAttention(model, layer=1, head=1)
    np.testing.assert_allclose(explorer.result()["weights"], by_loops(pieces()["tune 0"], model, symbols), atol=1e-6)
    assert explorer.to_code() == "MusicAttention(model=model, head=1)"
    assert all(key.startswith("tune") for _, key in explorer.controls["piece"].options)
    assert "not offered" in explorer.set(piece="chorale 0").problem
    with pytest.raises(ValueError, match="transformer reads tunes"):
        MusicAttention(model, piece="chorale 0")


@pytest.mark.skipif("chorales-transformer" not in names(), reason="the chorales' checkpoint is not there")
def test_a_chorale():
    explorer, piece = MusicAttention(piece="chorale 2", note=20), pieces()["chorale 2"]
    np.testing.assert_allclose(explorer.result()["weights"], by_loops(piece, *shipped("chorales-transformer")), atol=1e-6)
    assert len(explorer.tracks()) == 2


def test_a_tune_with_chords_is_refused():
    from helpers.datasets.tunes import Tune
    from helpers.explorers.music_attention.pieces import tune_piece

    with pytest.raises(ValueError, match="ties and chords cannot be shown"):
        tune_piece(Tune("a tie", "4/4", "1/8", "C", "c4-c4 | [ceg]8 |", "mine"))


@pytest.mark.skipif("chorales-transformer" not in names(), reason="the chorales' checkpoint is not there")
def test_beats_are_counted_as_below_the_picture():
    explorer = MusicAttention(piece="chorale 1", note=30, show="one head")
    piece, most = pieces()["chorale 1"], int(explorer.result()["heard"].argmax())
    ticks = {text: x for x, text in piece.ticks}
    beat = float(explorer.grid.caption.split(" at beat ")[1].split(" ")[0])
    assert ticks[str(int(beat))] + 4 * (beat % 1) == pytest.approx(piece.notes[most, 0], abs=0.05)
