"""Gates as shown, against torch's own modules; what the brush finds, and what is heard."""

import numpy as np
import pytest
import torch

from helpers import audio
from helpers.concepts import brushing
from helpers.datasets.melodies import LOW, SYMBOLS
from helpers.explorers import Gates
from helpers.explorers.gates.gates import HAS, MORE, STEPS
from helpers.explorers.gates.own import PHRASE, continuation, goes_on, typed
from helpers.explorers.gates.sound import STEP, side_chained, tune
from helpers.models.rnn import Reader
from tests.explorers.making import readers


def by_torch(network, steps):
    """h and c of torch's own module after each step, one step at a time."""
    net = readers()["models"][network]
    x, state, kept = net.embedding(torch.tensor(steps)), None, []
    with torch.no_grad():
        for now in x:
            _, state = net.recurrent(now[None, None], state)
            kept.append(torch.stack([part[0, 0] for part in (state if isinstance(state, tuple) else (state,))]))
    return torch.stack(kept).numpy()


@pytest.mark.parametrize("network", ["LSTM", "GRU"])
def test_states_are_those_of_torchs_module(network):
    for melody in (0, 2):
        kept = by_torch(network, readers()["melodies"][melody].step[:STEPS])
        explorer = Gates(**readers(), network=network, gate="state", melody=melody, unit=3)
        np.testing.assert_allclose(explorer.result()["values"], kept[:, 0], atol=1e-6)
        if network == "LSTM":
            np.testing.assert_allclose(explorer.set(gate="cell").result()["values"], kept[:, 1], atol=1e-6)


def test_gates_move_the_states_as_they_should():
    everything = Gates(**readers()).values("LSTM")
    c, before = everything["cell"], np.pad(everything["cell"], ((0, 0), (1, 0), (0, 0)))[:, :-1]
    np.testing.assert_allclose(c, everything["forget"] * before + everything["input"] * everything["candidate"], atol=1e-6)
    np.testing.assert_allclose(everything["state"], everything["output"] * np.tanh(c), atol=1e-6)
    gru = Gates(**readers(), network="GRU", gate="update").values("GRU")
    before = np.pad(gru["state"], ((0, 0), (1, 0), (0, 0)))[:, :-1]
    np.testing.assert_allclose(gru["state"], gru["update"] * before + (1 - gru["update"]) * gru["candidate"], atol=1e-6)


def test_the_numbers_are_those_of_the_chosen_unit():
    explorer = Gates(**readers(), gate="output", unit=5, melody=1, position=17, threshold=0.5)
    result, values = explorer.result(), explorer.values("LSTM")["output"][1]
    np.testing.assert_array_equal(result["curve"], values[:, 5])
    assert result["value"] == values[17, 5]
    assert f"{values[17, 5]:.2f}" in explorer.verdict()
    on = values[:, 5] >= 0.5
    assert result["switches"].tolist() == [t for t in range(STEPS) if on[t] and not (t and on[t - 1])]


@pytest.mark.parametrize("alone", [False, True])
def test_the_brush_finds_what_a_search_finds(alone):
    explorer = Gates(**readers(), gate="output", threshold=0.5, first=10, last=11, alone=alone)
    result, values = explorer.result(), explorer.values("LSTM")["output"]
    assert result["units"].tolist() == brushing.selected(values, 0, 10, 11, 0.5, alone).tolist()
    assert [tuple(row) for row in result["matches"].tolist()] == [tuple(m) for m in brushing.matches(values, 0, 10, 11, 0.5, alone)]
    assert alone or len(result["matches"]) > 0
    melodies = readers()["melodies"]
    for (piece, start, _), track in zip(result["matches"].tolist(), explorer.tracks()[4:]):
        np.testing.assert_array_equal(track.samples, tune(melodies[piece].step[start : start + 2]))


def test_dragging_moves_the_brush_and_a_click_chooses_a_unit():
    explorer = Gates(**readers())
    explorer._drag("curves", "ends", 0, 20.4, 0.333)
    assert (explorer.state["first"], explorer.state["last"], explorer.state["threshold"]) == (20, 20, 0.33)
    explorer._drag("curves", "ends", 1, 31.6, 2.0)
    assert (explorer.state["first"], explorer.state["last"], explorer.state["threshold"]) == (20, 32, 1.0)
    explorer._choose("units", 3.0, 11.2, False)
    assert explorer.state["unit"] == 0
    explorer._choose("units", 3.0, 0.0, False)
    assert explorer.state["unit"] == 11
    np.testing.assert_array_equal(explorer.grid.panel("units").values[0], explorer.result()["values"][:, 11])


def test_another_network_has_other_gates():
    explorer = Gates(**readers(), gate="cell")
    assert explorer.set(network="GRU").state["gate"] == "state"
    assert (
        explorer.set(gate="forget").problem == "A net of the kind GRU has no 'forget'; choose one of " + ", ".join(HAS["GRU"]) + "."
    )
    assert Gates(**readers()).set(network="GRU").state["gate"] == "update"


def test_a_closed_gate_is_silence_and_an_open_one_the_tune():
    step = readers()["melodies"][0].step[:16]
    plain = tune(step)
    assert len(plain) == round(16 * STEP * audio.RATE)
    np.testing.assert_allclose(side_chained(step, np.ones(16)), plain, atol=1e-6)
    assert not side_chained(step, np.zeros(16)).any()
    half = side_chained(step, np.repeat([1.0, 0.0], 8))
    middle = len(plain) // 2
    np.testing.assert_allclose(half[: middle - 200], plain[: middle - 200], atol=1e-6)
    assert not half[middle + 200 :].any()


def test_notes_are_drawn_where_they_are():
    explorer = Gates(**readers())
    notes = explorer.grid.panel("roll").layers[1]
    step = readers()["melodies"][0].step[:STEPS]
    begins = np.flatnonzero(step)
    np.testing.assert_array_equal(notes.xy[:, 0], begins - 0.5)
    np.testing.assert_array_equal(notes.xy[:, 2], step[begins] - 1 + LOW)
    curve = explorer.result()["curve"]
    np.testing.assert_allclose(notes.strength, 0.15 + 0.85 * curve[begins])


def on_grid(*pitches):
    return np.array([1 + pitch - LOW if pitch else 0 for pitch in pitches])


@pytest.mark.parametrize(("text", "steps"), [
    ("GBd g2d|", on_grid(67, 71, 74, 79, 0, 74)),
    ("G3 F3|c2 B A3|", on_grid(67, 0, 0, 66, 0, 0, 72, 0, 71, 69, 0, 0)),
    ("G6", on_grid(67, 0, 0, 0, 0, 0)),
])  # fmt: skip
def test_a_tune_of_ones_own_is_on_the_grid_again_and_again(text, steps):
    melody = typed(text, STEPS)
    np.testing.assert_array_equal(melody.step, np.tile(steps, STEPS)[:STEPS])
    np.testing.assert_array_equal(np.flatnonzero(melody.bar), np.arange(0, STEPS, 6))


def test_a_tune_of_ones_own_is_read_by_the_same_net():
    explorer = Gates(**readers(), gate="state", unit=2)
    explorer._text.value = "GBd g2d|AFD G3|"
    assert explorer.state["melody"] == len(readers()["melodies"])
    assert explorer.controls["melody"].label == "your own"
    steps = np.tile(on_grid(67, 71, 74, 79, 0, 74, 69, 66, 62, 67, 0, 0), 4)
    np.testing.assert_allclose(explorer.result()["values"], by_torch("LSTM", steps)[:, 0], atol=1e-6)
    notes = explorer.grid.panel("roll").layers[1]
    np.testing.assert_array_equal(notes.xy[:, 2], steps[steps > 0] - 1 + LOW)
    np.testing.assert_array_equal(explorer.tracks()[0].samples, tune(steps))
    assert "your tune" in explorer.alt()
    explorer.set(network="GRU")
    np.testing.assert_allclose(explorer.result()["values"], by_torch("GRU", steps)[:, 0], atol=1e-6)


def test_the_brush_finds_ones_own_figure_in_the_other_tunes():
    melodies = readers()["melodies"]
    explorer = Gates(**readers(), melody=len(melodies), gate="output", threshold=0.5, first=10, last=11)
    values = np.concatenate([Gates(**readers()).values("LSTM")["output"], explorer.values("LSTM")["output"][3:]])
    wanted = [tuple(match) for match in brushing.matches(values, 3, 10, 11, 0.5, False)]
    assert [tuple(row) for row in explorer.result()["matches"].tolist()] == wanted
    assert len(wanted) > 0


@pytest.mark.parametrize(("text", "words"), [
    ("GB?d", r"line 1, column 3: '\?' is no note"),
    ("z6|", "has no note"),
    ("G A,,, B", "note 2, A1, lies beyond what the net reads: F♯3 to G6"),
    ("G" * 401, "401 characters; at most 400"),
])  # fmt: skip
def test_a_tune_that_cannot_be_read_says_where_and_why(text, words):
    with pytest.raises(ValueError, match=words):
        Gates(**readers(), own=text)
    explorer = Gates(**readers())
    explorer._text.value = text
    assert explorer.problem
    assert (explorer.state["own"], explorer.state["melody"]) == (PHRASE, 0)


def test_what_the_net_goes_on_with_is_what_a_loop_over_torchs_module_draws():
    explorer = Gates(**readers(), last=20)
    net, before = readers()["models"]["LSTM"], readers()["melodies"][0].step[:21]
    generator, said, state = torch.Generator().manual_seed(0), [], None
    with torch.no_grad():
        h, state = net.recurrent(net.embedding(torch.tensor(before)[None]))
        for _ in range(MORE):
            p = net.head(h[:, -1]).softmax(-1)
            said.append(int(torch.multinomial(p, 1, generator=generator)))
            h, state = net.recurrent(net.embedding(torch.tensor([[said[-1]]])), state)
    assert continuation(net, before, MORE).tolist() == said
    track = next(track for track in explorer.tracks() if "goes on" in track.name)
    np.testing.assert_array_equal(track.samples, tune(np.array([*before, *said])))


def test_only_a_net_that_says_the_next_symbol_goes_on():
    judge = Reader(SYMBOLS, 4, 8, at_end=True)
    assert not goes_on(judge)
    assert not goes_on(Reader(SYMBOLS, 2, 8))
    assert goes_on(Reader(SYMBOLS, SYMBOLS, 8))
    names = [track.name for track in Gates({"judge": judge}, readers()["melodies"], gate="state").tracks()]
    assert not any("goes on" in name for name in names)


def test_the_list_of_units_is_said():
    explorer = Gates(**readers(), gate="output", threshold=0.5, first=10, last=11)
    units = explorer.result()["units"].tolist()
    said = explorer.grid.labels[0]["text"]
    assert said == f"elsewhere, of these {len(units)}: " + ", ".join(map(str, units[:4])) + ", …" * (len(units) > 4)


@pytest.mark.parametrize(("state", "words"), [
    ({"network": "ESN"}, "choose one of LSTM, GRU"),
    ({"gate": "update"}, "has no 'update'"),
    ({"melody": 4}, "choose 0 to 3"),
    ({"unit": 12}, "choose 0 to 11"),
    ({"last": 48}, "choose 0 to 47"),
    ({"threshold": 2.0}, "-1 to 1"),
])  # fmt: skip
def test_what_cannot_be_is_refused(state, words):
    with pytest.raises(ValueError, match=words):
        Gates(**readers(), **state)


def test_what_it_is_given_is_looked_at():
    with pytest.raises(ValueError, match="at least one net"):
        Gates({}, readers()["melodies"])
    with pytest.raises(ValueError, match="48 eighths or more"):
        Gates(readers()["models"], [])
