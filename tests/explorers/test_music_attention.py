"""MusicAttention: its notes and their symbols, its weights by loops over the model's own, its sound note by note."""

import copy
import gc
import io
import weakref
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest
import torch

from helpers import audio
from helpers.datasets import voices
from helpers.datasets.abc import parse
from helpers.datasets.assets import path_of
from helpers.datasets.chorales import load_chorales
from helpers.datasets.tunes import held_out, load_tunes, twins
from helpers.explorers import MusicAttention
from helpers.explorers.music_attention import pieces as module
from helpers.explorers.music_attention.listened import shipped
from helpers.explorers.music_attention.pieces import STEPS, pieces
from helpers.explorers.music_attention.switched import going_on
from helpers.models.checkpoints import names
from helpers.models.transformer import Decoder
from helpers.recipes import chorales as recipe
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


def test_no_tune_shown_was_learned_from_in_another_setting():
    """The first of the held tunes that can be shown, and stand in no other setting among those that were learned from."""
    every = load_tunes()
    learn, held = held_out(every)
    wanted = [tune for tune, known in zip(held, twins(held, learn)) if not known and module.plain(tune)]
    assert [every[number] for number in module.TUNES] == wanted[: len(module.TUNES)]


def test_no_chorale_shown_has_a_melody_that_was_learned_from():
    learn, held = recipe.data()
    wanted = [voices.encode(chorale) for chorale in load_chorales() if chorale.name in module.CHORALES]
    unknown = recipe.new_melody(learn, held)[: len(module.CHORALES)]
    assert sorted(wanted) == sorted(unknown)
    for piece, numbers in zip((pieces()[key] for key in CHORALES), unknown, strict=True):
        assert [voices.NUMBER[symbol] for symbol in piece.text] == numbers[: len(piece.text)]


def test_a_bar_of_a_chorale_is_as_long_as_it_is_printed():
    with zipfile.ZipFile(path_of("bach.zip")) as archive:
        for name, bar in module.CHORALES.items():
            with zipfile.ZipFile(io.BytesIO(archive.read(f"{name}.mxl"))) as packed:
                inside = next(file for file in packed.namelist() if not file.startswith("META-INF"))
                times = list(ElementTree.fromstring(packed.read(inside)).iter("time"))
            assert {4 * int(time.findtext("beats")) / int(time.findtext("beat-type")) for time in times} == {bar}
    assert [pieces()[key].bar for key in CHORALES] == [*module.CHORALES.values()]


def test_a_model_that_trains_on_is_read_anew():
    torch.manual_seed(0)
    model = Decoder(len(shipped("tunes-transformer")[1]), width=16, layers=2, heads=2)
    shown = {"off": ["1.0"], "note": 20, "badge": "bits without it"}
    before = MusicAttention(model, **shown).result()
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    x = torch.randint(0, 60, (2, 40))
    torch.nn.functional.cross_entropy(model(x).flatten(0, 1), x.flatten()).backward()
    optimizer.step()
    fresh = MusicAttention(copy.deepcopy(model), **shown).result()
    after = MusicAttention(model, **shown).result()
    for name in ("weights", "bits", "missed", "likely"):
        np.testing.assert_array_equal(after[name], fresh[name])
    assert np.abs(after["bits"] - before["bits"]).max() > 0.01


def test_nothing_that_was_read_keeps_a_model_alive():
    model = Decoder(len(shipped("tunes-transformer")[1]), width=16, layers=1, heads=2)
    gone = weakref.ref(model)
    MusicAttention(model, off=["0.0"], note=20).close()
    del model
    gc.collect()
    assert gone() is None


def test_a_model_of_other_symbols_is_refused():
    with pytest.raises(ValueError, match="your transformer has 132 symbols; one that was trained on tunes has the 69"):
        MusicAttention(Decoder(132, width=16, layers=1, heads=2))


def test_only_presets_that_can_be_are_offered():
    """Two layers, two heads, no chorales: nothing of layer 3, of head 2.2, or of a chorale."""
    explorer = MusicAttention(Decoder(len(shipped("tunes-transformer")[1]), width=16, layers=2, heads=2))
    assert list(explorer.presets) == ["a tune", "a tune, one note"]
    assert [name for name, _ in explorer._menu.options[1:]] == ["a tune", "a tune, one note"]
    assert len(MusicAttention.presets) == 7


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
    then = np.abs(back - 3) < 1e-3  # a jig: six eighths
    rows = then.any(1)
    np.testing.assert_allclose(found["bar"], (wanted * then).sum(-1)[..., rows].mean(-1), atol=1e-6)


def test_besides_notes_the_header_is_looked_at_most_then_spaces_bar_lines_and_slurs():
    model, symbols = shipped("tunes-transformer")
    given = dict.fromkeys(("header", " ", "|", "slur"), 0.0)
    for piece in (piece for key, piece in pieces().items() if key.startswith("tune")):
        text = "".join(piece.text[1:])
        with torch.no_grad():
            w = model.weights(torch.tensor([[symbols.index(symbol) for symbol in piece.text]])).mean((0, 1))
        seen = w[[places[0] - 1 for places in piece.symbols]].mean(0)[1:]
        body, notes = text.index("\n", text.index("K:")) + 1, {place - 1 for places in piece.symbols for place in places}
        given["header"] += float(seen[:body].sum())
        for place in set(range(body, len(text))) - notes:
            name = "slur" if text[place] in "()" else text[place]
            given[name] = given.get(name, 0.0) + float(seen[place])
    assert sorted(given, key=given.get, reverse=True)[:4] == ["header", " ", "|", "slur"]


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
    beat = float(explorer.grid.caption.split(" at quarter note ")[1].split(" ")[0])
    assert ticks[str(int(beat))] + 4 * (beat % 1) == pytest.approx(piece.notes[most, 0], abs=0.05)


def zeroed_by_hand(model, layer, head, numbers):
    """Probabilities of the model, the output of one head set to 0 on its way to be joined."""
    share = model.settings["width"] // model.settings["heads"]

    def zero(module, inputs):
        x = inputs[0].clone()
        x[..., head * share : (head + 1) * share] = 0
        return (x,)

    handle = model.blocks[layer].join.register_forward_pre_hook(zero)
    with torch.no_grad():
        p = model(torch.tensor([numbers]))[0].double().softmax(-1).numpy()
    handle.remove()
    return p


def surprise(piece, p, numbers):
    """Bits of each note, symbol by symbol."""
    return [sum(-np.log2(p[place - 1, numbers[place]]) for place in places) for places in piece.symbols]


@pytest.mark.parametrize("key", ["tune 0", "chorale 0"])
def test_a_head_switched_off_costs_what_it_costs_zeroed_by_hand(key):
    explorer, piece = MusicAttention(piece=key, off=["1.2"], note=20, badge="bits without it"), pieces()[key]
    model, symbols = shipped(piece.model)
    numbers = [symbols.index(symbol) for symbol in piece.text]
    with torch.no_grad():
        whole = model(torch.tensor([numbers]))[0].double().softmax(-1).numpy()
    gone, result = zeroed_by_hand(model, 1, 2, numbers), explorer.result()
    np.testing.assert_allclose(result["bits"], surprise(piece, whole, numbers), rtol=1e-5)
    np.testing.assert_allclose(result["bits without"], surprise(piece, gone, numbers), rtol=1e-4)
    dearer = result["bits without"].mean() - result["bits"].mean()
    assert result["missed"][1, 2] == pytest.approx(dearer, abs=1e-9)
    other = np.mean(surprise(piece, zeroed_by_hand(model, 0, 3, numbers), numbers)) - result["bits"].mean()
    assert result["missed"][0, 3] == pytest.approx(other, abs=1e-4)
    place = piece.symbols[20][0] - 1
    for symbol, (before, after) in zip(result["symbols"], result["likely"].T):
        assert before == pytest.approx(whole[place, symbols.index(symbol)], abs=1e-6)
        assert after == pytest.approx(gone[place, symbols.index(symbol)], abs=1e-5)
    assert f"costs {result['bits without'].mean():.2f} bits, with all heads {result['bits'].mean():.2f}" in explorer.grid.caption
    assert {mark["panel"] for mark in explorer.grid.marks if mark["ink"] == "error"} == {"head 1.2"}


@pytest.mark.parametrize("key", ["tune 0", "chorale 0"])
def test_it_goes_on_with_the_same_dice(key):
    """Switched off or not, the dice are those of one seed: a head that passes on nothing anyway changes nothing."""
    explorer = MusicAttention(piece=key, off=["0.1", "0.0", "1.2"], note=30)
    names = [track.name for track in explorer.tracks()]
    assert names[1:3] == ["goes on from this note, all heads", "goes on without 0.1, 0.0, 1.2"]
    whole, without = (explorer.tracks()[k].samples for k in (1, 2))
    assert len(whole) != len(without) or np.abs(whole - without).max() > 0.01
    again = MusicAttention(piece=key, off=["0.3"], note=30).tracks()[1].samples
    np.testing.assert_array_equal(again, whole)  # all heads: whatever is off


def test_what_goes_on_begins_a_bar_before_the_note():
    piece = pieces()["tune 0"]
    notes = going_on("tune 0", None, (), 30)
    begun = piece.notes[30, 0] / 4 - piece.bar
    bar = [row for row in piece.notes if begun <= row[0] / 4 < begun + piece.bar]
    assert len(notes) > len(bar) > 2
    np.testing.assert_allclose(notes[: len(bar)], [(o / 4 - begun, d / 4, p) for o, d, p in bar])
    chorale = going_on("chorale 0", None, (), 40)
    assert 0 <= chorale[:, 0].min()
    assert chorale[:, 0].max() >= pieces()["chorale 0"].bar  # something new was written


def test_a_head_that_adds_nothing_may_be_switched_off():
    torch.manual_seed(0)
    model = Decoder(len(shipped("tunes-transformer")[1]), width=16, layers=2, heads=2)
    with torch.no_grad():
        model.blocks[1].join.weight[:, :8].normal_()
    explorer = MusicAttention(model, off=["0.0", "1.1"], note=20, badge="bits without it")
    np.testing.assert_allclose(explorer.result()["likely"][0], explorer.result()["likely"][1], atol=1e-7)
    np.testing.assert_allclose(explorer.result()["missed"][[0, 0, 1], [0, 1, 1]], 0, atol=1e-7)


def test_the_button_switches_the_chosen_head():
    explorer = MusicAttention(layer=1, head=2)
    explorer._switch.value = True
    assert explorer.state["off"] == ["1.2"]
    assert explorer._switch.description == "head 1.2: off"
    explorer.set(head=3)
    assert not explorer._switch.value
    explorer.set(head=2)
    explorer._switch.value = False
    assert explorer.state["off"] == []
    assert "no head 7.0" in explorer.set(off=["7.0"]).problem
    assert "each head once" in explorer.set(off=["1.0", "1.0"]).problem


def test_the_mean_the_maximum_and_the_rollout_between_notes():
    explorer, piece = MusicAttention(layer=2, show="mean", note=40), pieces()["tune 0"]
    layer = explorer.result()["weights"][2]
    np.testing.assert_allclose(explorer.result()["together"], layer.mean(0), atol=1e-7)
    np.testing.assert_allclose(explorer.set(show="max").result()["together"], layer.max(0), atol=1e-7)
    np.testing.assert_allclose(explorer.result()["heard"], layer.max(0)[40], atol=1e-7)
    model, symbols = shipped("tunes-transformer")
    with torch.no_grad():
        w = model.weights(torch.tensor([[symbols.index(s) for s in piece.text]])).double().mean(1).numpy()
    ways = np.linalg.multi_dot([(w[k] + np.eye(w.shape[-1])) / 2 for k in (2, 1, 0)])
    wanted = [[ways[mine[0] - 1, places].sum() for places in piece.symbols] for mine in piece.symbols]
    found = explorer.set(show="rollout").result()["together"]
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    arcs = next(layer for layer in explorer.grid.panel("roll").layers if isinstance(layer, Arcs))
    np.testing.assert_allclose(arcs.weights[0] / 255, found, atol=0.5 / 255 + 1e-6)


def test_several_heads_have_colours_of_their_own():
    explorer = MusicAttention(note=30)
    explorer._click("head 0.3", 0, 0)
    explorer._add("head 2.3", 0, 0)
    assert explorer.state["others"] == ["2.3"]
    assert explorer.state["show"] == "one head"
    arcs = next(layer for layer in explorer.grid.panel("roll").layers if isinstance(layer, Arcs))
    assert len(set(arcs.inks)) == 2
    weights = explorer.result()["weights"]
    np.testing.assert_allclose(arcs.weights / 255, weights[[0, 2], [3, 3]], atol=0.5 / 255 + 1e-6)
    np.testing.assert_allclose(explorer.result()["heard"], weights[[0, 2], [3, 3], 30].mean(0), atol=1e-7)
    assert explorer.grid.panel("legend").layers[0].names == ["0.3", "2.3"]
    chorale = explorer.set(layer=3, others=["2.3"], off=["3.1"]).set(piece="chorale 0")  # of three layers
    assert (chorale.state["layer"], chorale.state["others"], chorale.state["off"]) == (2, [], [])
