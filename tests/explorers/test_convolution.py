"""The stepper's numbers against torch, its words against the numbers, its outlines against what depends on what."""

import itertools
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from helpers import audio
from helpers.explorers import Convolution
from helpers.explorers.convolution.sound import filtered, fired
from helpers.explorers.parts.sources import envelope, fit, source
from tests.explorers.making import CASES

STATES = [
    {},
    {"padding": 2, "stride": 2},
    {"kernel": "blur"},
    {"source": "noise", "seed": 1, "channels": 3, "kernel": "onset", "padding": 1, "bias": 0.5},
    {"source": "noise", "seed": 2, "kernel": "held", "dilation": 2, "stride": 3},
    {"source": "noise", "kernel": "drawn", "weights": [[[1, -2, 0], [0, 3, 0], [0, 0.5, 1]]], "channels": 2},
    {"source": "note", "family": "mallet", "kernel": "falling", "size": 5, "padding": 2, "channels": 2},
    {"source": "waveform", "kernel": "identity", "size": 5, "padding": 2},
    {"source": "waveform", "kernel": "blur", "size": 4, "stride": 3, "channels": 3},
    {"source": "note", "size": 1, "padding": 1, "kernel": "identity"},
]
POOLS = [
    {"size": 2, "stride": 2},
    {"source": "noise", "size": 3, "padding": 1, "stride": 2},
    {"source": "note", "size": 2, "stride": 2, "padding": 1},
    {"source": "waveform", "size": 5, "stride": 4, "padding": 2},
]


def raw(explorer: Convolution) -> torch.Tensor:
    """The input without padding, from the source itself."""
    state = explorer.state
    return source(state["source"], state["family"], state["seed"]).x[: state["channels"]]


def torch_options(state: dict) -> dict:
    padding = (0, state["padding"]) if state["source"] == "waveform" else state["padding"]
    return {"stride": state["stride"], "padding": padding}


@pytest.mark.parametrize("state", STATES, ids=str)
def test_every_output_is_torchs_and_every_stop_adds_up(state):
    explorer = Convolution(**state)
    state, result = explorer.state, explorer.result()
    x, kernel = raw(explorer), torch.as_tensor(result["kernel"])
    theirs = F.conv2d(x[None], kernel[None], dilation=state["dilation"], **torch_options(state))[0, 0] + state["bias"]
    np.testing.assert_allclose(result["output"], theirs, rtol=0, atol=1e-6)
    assert result["parameters"] == kernel.numel() + 1
    assert result["multiply_adds"] == kernel.numel() * theirs.numel()
    stops = range(0, theirs.numel(), max(1, theirs.numel() // 7))
    for position in stops:
        result = explorer.set(position=position).result()
        row, column = result["row"], result["column"] = divmod(position, theirs.shape[1])
        d, (height, width) = state["dilation"], kernel.shape[1:]
        top, left = row * state["stride"], column * state["stride"]
        taps = result["input"][:, top : top + d * height : d, left : left + d * width : d][:, :height, :width]
        assert np.array_equal(result["window"], taps)
        np.testing.assert_allclose(result["products"], taps * kernel.numpy(), atol=1e-12)
        assert result["value"] == pytest.approx(float(theirs[row, column]), abs=1e-6)
        assert result["products"].sum() + state["bias"] == pytest.approx(result["value"], abs=1e-9)


@pytest.mark.parametrize("state", POOLS, ids=str)
def test_every_maximum_and_its_place_are_torchs(state):
    explorer = Convolution(operation="max-pool", **state)
    state, result = explorer.state, explorer.result()
    size = (1, state["size"]) if state["source"] == "waveform" else state["size"]
    x = raw(explorer)
    values, indices = F.max_pool2d(x, size, return_indices=True, **torch_options(state))
    assert np.array_equal(result["output"], values[0])
    for position in range(0, values.numel(), max(1, values.numel() // 9)):
        explorer.set(position=position)
        window, winner = explorer.grid.marks
        row, column = divmod(int(indices.flatten()[position]), x.shape[2])
        margin = (0 if state["source"] == "waveform" else state["padding"]), state["padding"]
        assert (winner["panel"], winner["row"] - margin[0], winner["column"] - margin[1]) == ("input0", row, column)
        assert explorer.result()["window"][0, window["row"], window["column"]] == float(x[0, row, column])
        assert explorer.result()["value"] == float(values.flatten()[position])


@pytest.mark.parametrize("state", POOLS, ids=str)
def test_every_mean_is_torchs(state):
    explorer = Convolution(operation="average-pool", **state)
    size = (1, explorer.state["size"]) if explorer.state["source"] == "waveform" else explorer.state["size"]
    theirs = F.avg_pool2d(raw(explorer), size, **torch_options(explorer.state))
    np.testing.assert_allclose(explorer.result()["output"], theirs[0], rtol=0, atol=1e-6)


@pytest.mark.parametrize(("state", "said"), [
    ({"source": "note", "padding": 1}, "of a 64×64 input padded to 66×66 (note)"),
    ({"source": "note"}, "of a 64×64 input (note)"),
    ({"source": "waveform", "kernel": "blur", "padding": 2}, "of a 1×160 input padded to 1×164 (waveform)"),
])  # fmt: skip
def test_words_tell_the_input_from_its_padding(state, said):
    assert said in Convolution(**state).alt()


def test_the_diagonal_gives_nine_and_minus_one():
    assert Convolution().result()["output"].tolist() == [[9, -1], [-1, 9]]
    assert Convolution().arithmetic().endswith("= 9")
    assert "2×2 outputs" in Convolution().alt()


@pytest.mark.parametrize("state", [{}, {"stride": 2, "padding": 1}, {"source": "noise", "dilation": 3, "padding": 1},
                                   {"source": "noise", "stride": 3, "size": 2}])  # fmt: skip
def test_the_outline_holds_the_cells_that_an_output_depends_on_and_no_other(state):
    explorer = Convolution(**state)
    kernel = torch.rand(1, *explorer.result()["kernel"].shape, dtype=torch.float64) + 0.1
    padded = torch.as_tensor(explorer.result()["input"])
    options = {"stride": explorer.state["stride"], "dilation": explorer.state["dilation"]}
    before = F.conv2d(padded[None], kernel, **options)[0, 0]
    touched = {}
    for row, column in itertools.product(*map(range, padded.shape[1:])):
        bumped = padded.clone()
        bumped[0, row, column] += 1
        for place in (F.conv2d(bumped[None], kernel, **options)[0, 0] != before).nonzero().tolist():
            touched.setdefault(tuple(place), set()).add((row, column))
    for position in range(explorer.count()):
        explorer.set(position=position)
        here, seen = explorer.grid.windows()
        d = explorer.grid.slide["dilation"]
        rows = range(seen["row"], seen["row"] + seen["height"], d)
        columns = range(seen["column"], seen["column"] + seen["width"], d)
        assert touched[here["row"], here["column"]] == set(itertools.product(rows, columns))
        assert (here["panel"], seen["panel"]) == ("output", "input0")


def numbers_of(said: str) -> str:
    """The arithmetic as Python would write it."""
    return said.replace("−", "-").replace("·", "*").replace(" bias ", " ")


@pytest.mark.parametrize("state", [*STATES[:3], *STATES[3:7]], ids=str)
def test_the_sum_that_is_spelled_out_is_the_sum_that_is_shown(state):
    explorer = Convolution(**state)
    for position in range(0, explorer.count(), max(1, explorer.count() // 5)):
        said = numbers_of(explorer.set(position=position).arithmetic())
        terms, shown = re.sub(r"channel \d: ", "", said).rsplit(" = ", 1)
        digits = len(shown.partition(".")[2])
        result = explorer.result()
        assert float(shown) == pytest.approx(result["value"], abs=0.5 * 10**-digits + 1e-9)
        # Each factor is rounded to what fits on the screen; whole numbers are not.
        rounding = 0.005 * (np.abs(result["products"]).sum() + np.abs(result["kernel"]).sum() + 1)
        whole = digits == 0
        assert eval(terms) == pytest.approx(float(shown), abs=1e-9 if whole else rounding + 0.005)


def test_pooling_is_spelled_out_too():
    explorer = Convolution(operation="max-pool", size=2)
    assert explorer.arithmetic() == "largest of 4 cells = 1"
    explorer.set(operation="average-pool")
    assert explorer.arithmetic() == "(0.00 in all) / 4 cells = 0.00"
    explorer.set(position=1)
    total, of, mean = re.fullmatch(r"\((\S+) in all\) / (\d) cells = (\S+)", numbers_of(explorer.arithmetic())).groups()
    assert float(total) / int(of) == pytest.approx(float(mean), abs=0.005)
    assert float(total) == explorer.result()["window"].sum()


def test_what_is_not_whole_is_shown_with_decimals():
    explorer = Convolution(kernel="blur")
    assert explorer.result()["output"][0, 1] == pytest.approx(-5 / 9)
    explorer.set(position=1)
    assert explorer.arithmetic().endswith("= −0.56")
    assert explorer.grid.panel("output").digits == 2
    assert Convolution().grid.panel("output").digits == 0


def test_painting_a_cell_makes_a_drawn_kernel():
    explorer = Convolution()
    explorer.grid._receive(explorer.grid, {"type": "paint", "panel": "kernel0", "row": 0, "column": 2, "value": 1.0}, [])
    expected = 2 * np.eye(3) - 1
    expected[0, 2] = 1
    assert explorer.state["kernel"] == "drawn"
    assert np.array_equal(explorer.result()["kernel"][0], expected)
    assert explorer.set(kernel="rising").state["weights"] is None


def test_weights_alone_mean_a_drawn_kernel():
    weights = [[[0, 0, 0], [0, 2, 0], [0, 0, 0]]]
    assert Convolution(weights=weights).state["kernel"] == "drawn"
    explorer = Convolution().set(weights=weights)
    assert explorer.result()["output"].tolist() == [[2, -2], [-2, 2]]


def test_a_drawn_kernel_grows_and_shrinks_around_its_middle():
    square = np.arange(1.0, 10).reshape(1, 3, 3)
    explorer = Convolution(source="noise", kernel="drawn", weights=square.tolist())
    grown = explorer.set(size=5).result()["kernel"]
    assert np.array_equal(grown, np.pad(square, ((0, 0), (1, 1), (1, 1))))
    assert np.array_equal(explorer.set(size=3).result()["kernel"], square)
    assert np.array_equal(fit(square, (2, 1, 1)), [[[5]], [[0]]])


def test_a_new_window_starts_at_the_first_place():
    explorer = Convolution(padding=1, position=7)
    assert explorer.set(stride=2).state["position"] == 0
    assert explorer.set(position=2).state["position"] == 2


def test_only_the_controls_that_matter_are_shown():
    explorer = Convolution()

    def hidden():
        return {name for name, control in explorer.controls.items() if control.layout.display == "none"}

    assert hidden() == {"family"}
    explorer.set(source="note", operation="max-pool")
    assert hidden() == {"kernel", "channels"}


def test_a_filtered_note_is_torchs_convolution_of_all_its_samples_at_its_own_level():
    case = next(case for case in CASES if case.name == "a waveform")
    explorer = case.make()
    whole, (given, heard) = explorer.source.sound(), explorer.tracks()
    assert np.array_equal(given.samples, whole.numpy())
    kernel = torch.as_tensor(explorer.result()["kernel"])
    theirs = F.conv1d(whole.double()[None, None], kernel, torch.tensor([0.1], dtype=torch.float64), padding=2)[0, 0]
    theirs = theirs / max(1.0, float(theirs.abs().max()))
    np.testing.assert_allclose(heard.samples, theirs.float(), atol=1e-6)
    state = {**explorer.state, "bias": 0.0}
    soft, loud = (filtered(level * whole, state, kernel.numpy()) for level in (0.1, 0.2))
    np.testing.assert_allclose(2 * soft, loud, atol=1e-6)


def test_a_stride_leaves_fewer_samples_to_hear():
    explorer = Convolution(source="waveform", operation="average-pool", size=4, stride=4)
    whole, heard = (track.samples for track in explorer.tracks())
    np.testing.assert_allclose(heard, whole[: len(whole) // 4 * 4].reshape(-1, 4).mean(1), atol=1e-6)


def test_where_it_fired_is_heard_and_nothing_else():
    explorer = Convolution(source="note", family="string", kernel="held")
    whole, output = explorer.source.sound(), explorer.result()["output"]
    heard = explorer.tracks()[1].samples
    assert len(heard) == len(whole)
    share = np.zeros((64, 64))
    for row, column in itertools.product(*map(range, output.shape)):
        seen = np.s_[row : row + 3, column : column + 3]
        share[seen] = np.maximum(share[seen], max(output[row, column], 0) / output.max())
    np.testing.assert_allclose(heard, audio.keep(whole, torch.as_tensor(share).float()), atol=1e-6)
    state = explorer.state
    np.testing.assert_allclose(fired(0.5 * whole, state, output), 0.5 * heard, atol=1e-6)  # never made louder
    assert np.abs(fired(whole, state, -np.ones_like(output))).max() < 1e-6  # nothing fires, nothing sounds


def test_a_note_has_its_changes_as_further_channels():
    mel, in_time, in_pitch = source("note", "mallet", 0).x
    assert torch.equal(in_time[:, 1:], mel[:, 1:] - mel[:, :-1])
    assert torch.equal(in_pitch[1:], mel[1:] - mel[:-1])
    assert not in_time[:, 0].any()
    assert not in_pitch[0].any()


def test_later_channels_of_a_waveform_are_delayed():
    now, before, earlier = source("waveform", "brass", 0).x[:, 0]
    assert torch.equal(now[:-1], before[1:])
    assert torch.equal(now[:-2], earlier[2:])


def test_an_envelope_has_the_ends_of_each_stretch():
    x = np.random.default_rng(0).standard_normal(103)
    found = envelope(x, 10)[0]
    for i in range(10):
        part = x[10 * i : 10 * i + 10]
        assert (found[2 * i], found[2 * i + 1]) == (part.min(), part.max())


def test_the_question_is_about_the_number_that_comes_out():
    assert Convolution().question().truth() == "9"
    assert Convolution(kernel="identity", size=3).question().truth() == "1"
