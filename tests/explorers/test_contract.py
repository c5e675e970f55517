"""What every explorer keeps, whatever it explores: the contract, one test for each promise.

The numbers each of them shows are held against independent computations in the other files of this folder.
"""

import asyncio
import copy
import inspect
import io
import json
import re
import sys

import ipywidgets as widgets
import matplotlib.image
import matplotlib.pyplot as plt
import numpy as np
import pytest
from ipywidgets.widgets.widget import Widget, _instances

from helpers.explorers import Convolution, Folds, Kernels, Neuron, Pattern, Pieces, Shaper, Skips, Spectrogram, Spiking, cells
from helpers.explorers.base import Explorer
from helpers.explorers.newest import INTERVAL
from helpers.explorers.values import ends
from tests.explorers.making import CASES, KINDS, Case, same

BUDGET = 100_000  # bytes a change may send
every = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
each_kind = pytest.mark.parametrize("case", KINDS, ids=lambda case: case.kind.__name__)


@pytest.fixture(autouse=True)
def _tidy():
    """Every test leaves the registry of widgets as empty as it found it."""
    before = set(_instances)
    yield
    for name in set(_instances) - before:
        _instances[name].close()


@pytest.fixture
def sent(monkeypatch) -> list[int]:
    """Sizes in bytes of the messages that widgets send, in order."""
    sizes = []

    def spy(self, message, buffers=None):
        sizes.append(len(json.dumps(message, default=str)) + sum(memoryview(b).nbytes for b in buffers or ()))

    monkeypatch.setattr(Widget, "_send", spy)
    return sizes


def from_browser(explorer: Explorer, **message: object) -> None:
    """Let the explorer's canvas receive a message as if its page had sent it."""
    explorer.grid._receive(explorer.grid, {**message, "id": 1}, [])


# ---- state


@every
def test_state_is_json_and_makes_the_same_again(case):
    explorer = case.make()
    assert json.loads(json.dumps(explorer.state, allow_nan=False)) == explorer.state
    assert explorer.state.items() >= case.state.items()
    again = type(explorer)(**explorer.given, **explorer.state)
    assert again.state == explorer.state
    assert same(again.result(), explorer.result())
    assert again.alt() == explorer.alt()


@each_kind
def test_no_state_lies_where_its_control_cannot_go(case):
    """A slider that ends before the limit of what is allowed would stand at its end and say another number than the state."""
    home, explorer = case.kind.__module__, case.make()
    beside = [name for name in sys.modules if name.startswith(f"{home.rpartition('.')[0]}.")] if home.count(".") > 2 else []
    limits = next((module.LIMITS for module in map(sys.modules.get, (home, *beside)) if hasattr(module, "LIMITS")), {})
    for name, value in ((name, value) for name, both in limits.items() for value in both):
        control = explorer.controls.get(name)
        if hasattr(control, "min") and not hasattr(control, "options") and not explorer.impossible({**explorer.state, name: value}):
            least, _, most = ends(control)
            assert least - 1e-9 * abs(least) <= value <= most + 1e-9 * abs(most), name


@each_kind
def test_the_state_handed_out_is_a_copy(case):
    explorer = case.make()
    before, result = explorer.state, explorer.result()
    for value in (*explorer.state.values(), *explorer.result().values()):
        if isinstance(value, list):
            value.clear()
        if isinstance(value, np.ndarray) and value.size:
            value.flat[0] += 1
    assert explorer.state == before
    assert same(explorer.result(), result)


@every
def test_to_code_is_one_line_that_makes_the_same(case):
    explorer = case.make()
    line = explorer.to_code()
    assert "\n" not in line
    again = eval(line, {type(explorer).__name__: type(explorer), **explorer.given})
    assert again.state == explorer.state
    assert same(again.result(), explorer.result())
    assert repr(explorer) == line


def test_the_seed_decides_what_is_drawn_at_random():
    first, again, other = (Convolution(source="noise", seed=seed) for seed in (1, 1, 2))
    assert same(first.result(), again.result())
    assert not same(first.result(), other.result())
    assert not same(first.set(seed=5).result(), again.result())


@each_kind
def test_controls_say_what_the_state_says(case):
    explorer = case.make()
    for state in [explorer.state, *map(explorer.preset, explorer.presets)]:
        explorer.set(**state)
        for name, control in explorer.controls.items():
            assert control.value == explorer.state[name]


@each_kind
def test_presets_are_states_and_the_menu_names_the_one_that_is_shown(case):
    explorer = case.make()
    if not explorer.presets:
        return
    for name, preset in explorer.presets.items():
        explorer._menu.value = name
        assert explorer.problem is None
        assert explorer.state.items() >= preset.items()
        assert explorer._menu.value == name
    control = next(iter(explorer.controls))
    explorer.set(**{control: next(v for v in _choices(explorer, control) if v != explorer.state[control])})
    assert explorer._menu.label == "choose…" or explorer.state.items() >= explorer.presets[explorer._menu.value].items()


def _choices(explorer: Explorer, name: str) -> list:
    control = explorer.controls[name]
    if hasattr(control, "options"):
        return [option[1] if isinstance(option, tuple) else option for option in control.options]
    if isinstance(control.value, bool):
        return [False, True]
    ends = [control.min, control.max]
    return [control.base**end for end in ends] if hasattr(control, "base") else ends  # a log slider's are exponents


# ---- driving


@each_kind
def test_drive_moves_every_control_to_its_ends_and_comes_back(case, monkeypatch):
    explorer = case.make()
    explorer.step(1)
    before, tried = explorer.state, {name: set() for name in explorer.controls}
    ends = {name: _choices(explorer, name) for name in explorer.controls}
    real = explorer.set

    def spy(**changes):
        for name in tried.keys() & changes.keys():
            tried[name].add(changes[name])
        return real(**changes)

    monkeypatch.setattr(explorer, "set", spy)
    explorer._newest.run = spy
    shown = explorer.drive()
    assert shown >= sum(len(choices) - 1 for choices in ends.values()) + len(explorer.presets)
    assert explorer.state == before
    assert explorer.problem is None
    for name, choices in ends.items():
        assert tried[name] | {before[name]} >= set(choices)


def test_drive_reports_what_is_not_finite(monkeypatch):
    explorer = Convolution()
    real = explorer.compute

    def spoilt():
        real()
        explorer.result_["value"] = float("nan") if explorer._state["stride"] == 4 else 0.0

    monkeypatch.setattr(explorer, "compute", spoilt)
    with pytest.raises(FloatingPointError, match="stride = 4: value is not finite"):
        explorer.drive()


@every
def test_steps_end_where_the_axis_ends(case):
    explorer = case.make()
    if not explorer.axis:
        state = explorer.state
        assert explorer.step(3).back().play().pause().state == state
        return
    first, last = explorer.places()[0], explorer.places()[-1]
    assert explorer.step(-(10**6)).state[explorer.axis] == first
    assert explorer.back().state[explorer.axis] == first
    assert explorer.step().state[explorer.axis] == explorer.places()[1]
    assert explorer.step(2).back().state[explorer.axis] == explorer.places()[2]
    assert explorer.step(10**6).state[explorer.axis] == last
    assert explorer.step().state[explorer.axis] == last
    assert explorer.problem is None


@every
def test_reset_goes_back_to_the_state_it_was_made_with(case):
    explorer = case.make()
    before, result = explorer.state, explorer.result()
    explorer.step(3)
    for preset in explorer.presets:
        explorer.set(**explorer.preset(preset))
    explorer.reset()
    assert explorer.state == before
    assert same(explorer.result(), result)


@every
def test_play_without_a_browser_goes_to_the_end(case):
    explorer = case.make().play()
    if explorer.axis:
        assert explorer.state[explorer.axis] == explorer.places()[-1]
    asyncio.run(asyncio.wait_for(explorer.done(), 60))
    assert not explorer.pause().grid.playing


@each_kind
def test_play_in_a_browser_ends_when_the_browser_says_so(case):
    explorer = case.make()
    from_browser(explorer, type="ready")

    async def watched():
        explorer.play()
        ends = asyncio.create_task(explorer.done())
        await asyncio.sleep(0.05)
        if explorer.grid.count > 1:  # the canvas has a transport, which runs
            assert explorer.grid.playing
            assert not ends.done()
            from_browser(explorer, type="position", position=2)
            from_browser(explorer, type="playing", playing=False)
            assert explorer.state[explorer.axis] == 2
        await asyncio.wait_for(ends, 60)

    asyncio.run(watched())
    assert not explorer.grid.playing


# ---- quick changes, and what they send


@each_kind
def test_of_a_burst_of_changes_few_are_computed_and_the_last_wins(case):
    explorer = case.make()
    name, control = next((n, c) for n, c in explorer.controls.items() if len(set(_choices(explorer, n))) > 1)
    values = _choices(explorer, name)

    async def drag():
        loop = asyncio.get_running_loop()
        began, before = loop.time(), explorer._newest.runs
        for i in range(200):
            control.value = values[i % len(values)]
            if i % 40 == 0:
                await asyncio.sleep(0)
        wanted = control.value
        await explorer.done()
        assert explorer._newest.runs - before <= 1 + (loop.time() - began) / INTERVAL
        assert explorer.state[name] == control.value == wanted

    asyncio.run(drag())


def test_a_loop_that_ended_does_not_hold_up_the_next():
    explorer = Convolution()

    async def leave():
        explorer.controls["stride"].value = 2  # and the loop ends before it is its turn

    asyncio.run(leave())
    explorer.controls["padding"].value = 1
    assert (explorer.state["stride"], explorer.state["padding"]) == (2, 1)

    async def drag():
        explorer.controls["stride"].value = 3
        await explorer.done()

    asyncio.run(drag())
    assert explorer.state["stride"] == 3


@each_kind
def test_a_change_sends_at_most_100_kb(case, sent):
    explorer = case.make()
    start, most = explorer.state, 0
    changes = [{name: value} for name in explorer.controls for value in _choices(explorer, name)]
    for change in [*changes, *map(explorer.preset, explorer.presets)]:
        sent.clear()
        explorer.set(**change)
        most = max(most, sum(sent))
        explorer.set(**start)
    assert 0 < most <= BUDGET


@every
def test_what_has_not_changed_is_not_sent_again(case, sent):
    explorer = case.make()
    sent.clear()
    explorer.set(**explorer.state)
    assert sum(sent) == 0


@every
def test_the_first_picture_is_small(case):
    grid = case.make().grid
    layout = json.dumps([grid.spec, grid.live_spec], allow_nan=False)
    assert len(layout) + len(grid.data) + len(grid.live) + len(grid.thumbs) <= 300_000


# ---- what is left behind


@each_kind
def test_twenty_runs_of_a_cell_leave_one_explorer(case, monkeypatch):
    monkeypatch.setattr(cells, "_made", {})
    counts = []
    for run in range(20):
        monkeypatch.setattr(cells, "running", lambda run=run: ("a cell", f"run {run}"))
        explorer = case.make(predict=run % 2 == 0)
        explorer.step()
        if run == 10:
            explorer._repr_mimebundle_()
        counts.append(len(_instances))
    assert counts[2:] == counts[:2] * 9
    assert plt.get_fignums() == []


@each_kind
def test_close_frees_every_widget_shown_or_hidden(case):
    before = set(_instances)
    for options in ({}, {"predict": True}, {"hide": [*case.make().controls]}):
        made = case.make(**options)
        made.close()
        made.close()  # twice does no harm
    case_closed = set(_instances) - before
    assert len(case_closed) == len(_family(case))


def _family(case: Case) -> set:
    """What one open explorer holds: the one made above only to ask for its controls."""
    before = set(_instances)
    case.make()
    return set(_instances) - before


def test_an_explorer_that_cannot_be_made_leaves_nothing():
    for options in ({"stride": 0}, {"kernel": "sharpen"}, {"hide": ["volume"]}, {"family": "tuba"}, {"nonsense": 1}):
        before = set(_instances)
        with pytest.raises(ValueError):
            Convolution(**options)
        assert set(_instances) == before


# ---- sound


@every
def test_sound_is_finite_within_range_and_there_where_it_should_be(case):
    explorer = case.make()
    if not case.sounds:
        with pytest.raises(ValueError, match="makes no sound"):
            explorer.audio()
        return
    samples, rate = explorer.audio()
    assert (samples.dtype, samples.ndim, rate) == (np.float32, 1, 16_000)
    assert np.isfinite(samples).all()
    assert 0.01 < np.abs(samples).max() <= 1
    for track in explorer.tracks():
        assert np.isfinite(track.samples).all()
        assert np.abs(track.samples).max(initial=0) <= 1 + 1e-6
        sent = np.frombuffer(track.pcm, "<i2") / 32767
        np.testing.assert_allclose(sent, track.samples, atol=0.5001 / 32767)  # as loud as in the numbers


@every
def test_the_player_offers_what_is_to_be_heard_now(case):
    explorer = case.make()

    def offered() -> bool:
        return [t["key"] for t in explorer.player.tracks] == [explorer.player.whose + t.key for t in explorer.tracks()]

    assert offered()
    explorer.step()
    assert offered()
    for preset in explorer.presets:
        explorer.set(**explorer.preset(preset))
        assert offered()


@every
def test_a_page_never_takes_the_sound_of_one_for_that_of_another(case):
    """The page keeps sounds by key. From a state alone always the same sounds come; networks of one's own may differ."""
    one, other = ({track["key"] for track in case.make().player.tracks} for _ in range(2))
    if given := case.given():
        assert case.make().given.keys() == given.keys()
        assert not one & other
    else:
        assert one == other
    assert bool(one) == case.sounds


# ---- words and pictures


@each_kind
def test_words_follow_the_state(case):
    explorer = case.make()
    assert explorer.grid.alt == explorer.alt()
    seen = {explorer.alt()}
    for name, control in explorer.controls.items():
        for value in _choices(explorer, name):
            explorer.set(**{name: value})
            if explorer.problem is None:
                assert explorer.grid.alt == explorer.alt()
                seen.add(explorer.alt())
            explorer.reset()
        assert control.description
    assert len(seen) > 2
    assert not any(re.search(r"0x[0-9a-f]{6}|\bnan\b|tensor\(|array\(", words) for words in seen)


@each_kind
def test_the_still_picture_decodes_and_shows_something(case):
    explorer = case.make()
    picture = matplotlib.image.imread(io.BytesIO(explorer.static()), format="png")
    assert picture.shape[:2] == tuple(int(n) for n in (explorer.grid.spec["height"], explorer.grid.spec["width"]))
    assert (picture[..., :3].min(-1) < 0.9).mean() > 0.02
    assert len(explorer.static()) < 150_000


@each_kind
def test_the_display_bundle_has_something_for_every_front_end(case):
    explorer = case.make()
    data, metadata = explorer._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.widget.model_id
    assert data["image/png"] == explorer.static()
    assert data["text/plain"] == metadata["image/png"]["alt"] == explorer.alt()
    assert "0x" not in data["text/plain"]


# ---- what an instructor chooses


@each_kind
def test_hidden_controls_are_not_shown_but_work(case):
    explorer = case.make(hide=(name := next(iter(case.make().controls))))
    assert explorer.controls[name] not in _descendants(explorer.widget)
    others = [control for other, control in explorer.controls.items() if other != name]
    assert all(control in _descendants(explorer.widget) for control in others)
    explorer.controls[name].value = next(v for v in _choices(explorer, name) if v != explorer.state[name])
    explorer._newest.flush()
    assert explorer.problem or explorer.state[name] == explorer.controls[name].value


@each_kind
def test_the_menu_of_presets_can_be_hidden_too(case):
    def menus(**options):
        return [w for w in _descendants(case.make(**options).widget) if getattr(w, "description", "") == "preset"]

    assert len(menus()) == bool(case.kind.presets)
    assert menus(hide=["presets"]) == []


@each_kind
def test_hiding_what_is_not_there_names_what_is(case):
    names = [*case.make().controls, "presets"]
    with pytest.raises(ValueError, match="has no control") as refused:
        case.make(hide=["volume"])
    assert all(name in str(refused.value) for name in names)


def _descendants(widget: Widget) -> list[Widget]:
    return [widget, *(found for child in getattr(widget, "children", ()) for found in _descendants(child))]


@each_kind
def test_a_prediction_comes_before_the_picture(case):
    explorer = case.make(predict=True)
    if explorer.asked is None:
        assert explorer.question() is None
        return
    content = next(w for w in _descendants(explorer.widget) if explorer.grid in getattr(w, "children", ()))
    assert content.layout.display == "none"
    truth = explorer.asked.truth() if callable(explorer.asked.truth) else explorer.asked.truth
    stored, _ = explorer._repr_mimebundle_()
    assert "image/png" not in stored  # nor where no widget can be
    assert stored["text/plain"] == repr(explorer.asked)
    assert truth in explorer.asked.options
    assert len(set(explorer.asked.options)) == len(explorer.asked.options) > 1
    wrong = next(option for option in explorer.asked.options if option != truth)
    next(button for button in explorer.asked.buttons if button.description == wrong).click()
    assert content.layout.display == ""
    assert explorer.asked.said == wrong
    assert isinstance(explorer.asked._feedback, widgets.HTML)
    assert "✗" in explorer.asked._feedback.value


@each_kind
def test_without_a_prediction_all_is_shown(case):
    explorer = case.make()
    assert explorer.asked is None
    assert all(w.layout.display != "none" for w in _descendants(explorer.widget) if isinstance(w, widgets.VBox))


# ---- what cannot be


@each_kind
def test_an_unknown_name_and_a_wrong_kind_are_refused_in_words(case):
    explorer = case.make()
    before, (name, value) = explorer.state, next(iter(explorer.state.items()))
    for make in (case.make, explorer.set):
        with pytest.raises(ValueError, match=f"has no .*Did you mean '{name}'"):
            make(**{f"{name}s": value})
        with pytest.raises(ValueError, match="has no 'zzzzzz'. It has .*" + name):
            make(zzzzzz=1)
        with pytest.raises(ValueError, match=f"{name}=None is NoneType; it should be {type(value).__name__}"):
            make(**{name: None})
    assert explorer.state == before


@pytest.mark.parametrize(("kind", "state"), [
    (Convolution, {"bias": float("nan")}), (Convolution, {"bias": float("inf")}), (Convolution, {"bias": True}),
    (Convolution, {"stride": 2.0}), (Convolution, {"size": True}),
    (Convolution, {"kernel": "drawn", "weights": np.ones(3)}),
    (Pattern, {"threshold": float("nan")}), (Spectrogram, {"pitch": "low"}),
])  # fmt: skip
def test_what_is_no_finite_number_is_refused(kind, state):
    explorer = kind()
    for make in (kind, explorer.set):
        with pytest.raises(ValueError, match=next(reversed(state))):
            make(**state)
    assert explorer.state == kind().state


IMPOSSIBLE = [  # what is asked, and words of what would do
    (Convolution, {"dilation": 4}, "padding ≥ 3|dilation ≤ 1"),
    (Convolution, {"size": 6}, "padding ≥ 1"),
    (Convolution, {"size": 0}, "choose 1 to"),
    (Convolution, {"size": -3, "kernel": "drawn"}, "choose 1 to"),
    (Convolution, {"size": 99, "kernel": "drawn"}, "choose 1 to"),
    (Convolution, {"channels": 4}, "choose 1, 2 or 3"),
    (Convolution, {"stride": 0}, "at least 1"),
    (Convolution, {"padding": -1}, "at least 0"),
    (Convolution, {"position": 4}, "the last is 3"),
    (Convolution, {"position": -1}, "the last is 3"),
    (Convolution, {"operation": "max-pool", "padding": 2}, "padding ≤ 1"),
    (Convolution, {"operation": "max-pool", "size": 2, "padding": 1, "dilation": 5}, "padding ≤ 1, dilation 1"),
    (Convolution, {"operation": "min-pool"}, "max-pool"),
    (Convolution, {"kernel": "sharpen"}, "rising, falling"),
    (Convolution, {"source": "drums"}, "waveform"),
    (Convolution, {"family": "tuba"}, "brass"),
    (Convolution, {"kernel": "drawn", "weights": [[1, 2], [3]]}, "channels × rows × columns"),
    (Convolution, {"kernel": "drawn", "weights": "none"}, "channels × rows × columns"),
    (Pattern, {"size": 4}, "5"),
    (Pattern, {"size": -1, "kernel": "drawn"}, "5"),
    (Pattern, {"kernel": "sharpen"}, "rising"),
    (Pattern, {"threshold": 0.0}, "more than 0, at most 1"),
    (Pattern, {"threshold": 1.5}, "more than 0, at most 1"),
    (Pattern, {"weights": [[1, 0, 1]]}, "5 rows of 5"),
    (Pattern, {"weights": [["a"] * 5] * 5}, "5 rows of 5"),
    (Spectrogram, {"family": "tuba"}, "brass"),
    (Spectrogram, {"instrument": 99}, "instruments 0 to"),
    (Spectrogram, {"pitch": 99}, "pitches 36 to 90"),
    (Spectrogram, {"pitch": -1}, "pitches 36 to 90"),
    (Spectrogram, {"window": 1000}, "1024"),
    (Spectrogram, {"own": "nothing"}, "record or upload"),
    (Kernels, {"network": "resnet"}, "crepe"),
    (Kernels, {"network": "mine"}, r"crepe|weights="),
    (Kernels, {"network": "alexnet"}, "torchvision"),
    (Kernels, {"order": "beauty"}, "pitch"),
    (Kernels, {"kernel": 128}, "0 to 127"),
    (Folds, {"task": "a spiral"}, "a parabola"),
    (Folds, {"layers": 8}, "0 to 7"),
    (Shaper, {"activation": "fuzz"}, "tanh"),
    (Shaper, {"drive": 0.0}, "0.1 to 20"),
    (Spiking, {"current": -1.0}, "0 to 4"),
    (Skips, {"depth": 7}, "even number"),
    (Skips, {"position": 50}, "0 to 49"),
    (Pieces, {"target": "fuzz"}, "hard clip"),
    (Pieces, {"hinges": 33}, "0 to 32"),
    (Pieces, {"knots": [0.5, 0.2]}, "rise between"),
    (Pieces, {"fit": "by hand", "heights": [1.0]}, "6 numbers"),
    (Pieces, {"solo": 5}, "0 to 4"),
    (Neuron, {"data": "moons"}, "plucked vs bowed"),
    (Neuron, {"data": "yours"}, r"plucked vs bowed|Neuron\.of"),
    (Neuron, {"layers": 4}, "0 to 3"),
    (Neuron, {"lr": 0.0}, "0.001 to 10"),
    (Neuron, {"activation": "softmax"}, "sigmoid"),
    (Neuron, {"points": [[0, 0, 0], [0, 0.5, 0]]}, "both classes"),
    (Neuron, {"points": [[0, 9, 0], [0, 0.5, 1]]}, "within ±1.2"),
    (Neuron, {"rates": [[5, 0.1]]}, "from step 0 on"),
    (Neuron, {"unit": "1.1"}, "output"),
    (Neuron, {"picked": 60}, "0 to 59"),
    (Neuron, {"position": 101}, "0 to 100"),
]
IMPOSSIBLE_WITH_NOTES = [
    ("confusion", {"truth": "tuba"}, "brass"),
    ("confusion", {"show": "shares"}, "percent"),
    ("confusion", {"note": -1}, "from 0"),
    ("activations", {"layer": 2}, "choose one of 0, 1|0 to 1"),
    ("activations", {"unit": 8}, "0 to 7"),
    ("activations", {"order": "best"}, "least"),
    ("activations", {"note": 9}, "0 to 8"),
    ("my network", {"stage": 3}, "3 stages"),
]


def refused_in_words(explorer: Explorer, make, state: dict, way_out: str):
    with pytest.raises(ValueError, match=way_out):
        make(**state)
    before, result, picture, alt = explorer.state, explorer.result(), copy.copy(explorer.grid.spec), explorer.alt()
    explorer.set(**state)
    assert re.search(way_out, explorer.problem)
    assert re.search(way_out.split("|")[0], explorer._message.value)
    assert 'role="alert"' in explorer._message.value
    assert explorer.state == before
    assert same(explorer.result(), result)
    assert (explorer.grid.spec, explorer.grid.alt) == (picture, alt)
    explorer.set(**before)
    assert explorer.problem is None
    assert explorer._message.value == ""


@pytest.mark.parametrize(("kind", "state", "way_out"), IMPOSSIBLE, ids=lambda v: str(v) if isinstance(v, dict) else None)
def test_what_cannot_be_is_explained_and_the_last_picture_stays(kind, state, way_out, monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))  # no torchvision weights there
    refused_in_words(kind(), kind, state, way_out)


@pytest.mark.parametrize(("name", "state", "way_out"), IMPOSSIBLE_WITH_NOTES)
def test_what_cannot_be_is_explained_of_notes_and_networks_too(name, state, way_out):
    case = next(case for case in CASES if case.name == name)
    refused_in_words(case.make(), case.make, state, way_out)


def test_a_control_that_asked_the_impossible_keeps_saying_what_was_asked():
    explorer = Convolution()
    explorer.controls["dilation"].value = 4
    assert explorer.problem
    assert explorer.controls["dilation"].value == 4
    assert explorer.state["dilation"] == 1
    explorer.controls["padding"].value = 3  # the window would fit now, but a dilation of 4 was not taken
    assert explorer.problem is None
    assert explorer.controls["dilation"].value == explorer.state["dilation"] == 1


def test_a_state_that_fails_to_compute_leaves_the_last(monkeypatch):
    explorer = Convolution()
    before, result = explorer.state, explorer.result()
    monkeypatch.setattr(explorer, "compute", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        explorer.set(stride=2)
    assert explorer.state == before
    assert same(explorer.result(), result)


def _assigned(kind: type) -> set[str]:
    """The private attributes that a class's own lines set."""
    return set(re.findall(r"self\.(_\w+)(?:: [^=\n]+)? = ", inspect.getsource(kind)))


@each_kind
def test_nothing_private_of_the_base_is_replaced_by_accident(case):
    inside = {name for name, made in vars(Explorer).items() if name[0] == "_" and name[1] != "_" and callable(made)}
    own = [each for each in case.kind.__mro__ if each not in Explorer.__mro__]
    assert not inside & {name for each in own for name in vars(each)}
    assert not _assigned(Explorer) & {name for each in own for name in _assigned(each)}
