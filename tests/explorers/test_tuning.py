"""Tuning: every number against torch, step by step; what it says of the knobs, what is heard, and what a drag does."""

import re
from itertools import pairwise

import numpy as np
import pytest
import torch

from helpers.concepts.spectral import stft_loss, waveform_l2
from helpers.concepts.tuning import arrival, landscape, tune
from helpers.explorers import Tuning
from tests.explorers.test_contract import from_browser, refused_in_words, same

LOSSES = {
    "waveform": waveform_l2,
    "spectral": lambda y_hat, y: stft_loss(y_hat, y, (1024,)),
    "smoothed": lambda y_hat, y: stft_loss(y_hat, y, (64,)),
}


def sine(settings, samples=1024, rate=8000):
    """A sine of so many Hz and such an amplitude, faded over 8 ms, by torch alone."""
    t = torch.arange(samples, dtype=torch.float64) / rate
    end = torch.minimum(t, samples / rate - t).clamp(max=0.008)
    return settings[1] * torch.sin(2 * torch.pi * settings[0] * t) * torch.sin(torch.pi * end / 0.016) ** 2


def settings_of(knobs):
    return torch.stack([500 + 500 * knobs[0], 0.5 * knobs[1]])


TARGET = sine(torch.tensor([750.0, 0.3], dtype=torch.float64))


@pytest.mark.parametrize("loss", LOSSES)
def test_every_step_is_torchs(loss):
    explorer = Tuning(optimiser="GD", lr=0.02, start=[0.7, 0.5])
    path = explorer.result()[f"path of {loss}"]
    for before, after in pairwise(path):
        knobs = torch.tensor(before, requires_grad=True)
        LOSSES[loss](sine(settings_of(knobs)), TARGET).backward()
        np.testing.assert_allclose(after, np.clip(before - 0.02 * knobs.grad.numpy(), 0, 1), atol=1e-9)


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_is_torchs(loss):
    result = Tuning().result()
    wanted = [float(LOSSES[loss](sine(settings_of(torch.tensor(place))), TARGET)) for place in result[f"path of {loss}"]]
    np.testing.assert_allclose(result[f"loss of {loss}"], wanted, rtol=1e-3, atol=1e-4)


def test_the_numbers_at_a_step_are_those_of_the_path():
    explorer = Tuning(position=13)
    result = explorer.result()
    np.testing.assert_allclose(result["target"], [750, 0.3])
    for loss in LOSSES:
        x, y = result[f"path of {loss}"][13]
        np.testing.assert_allclose(result[f"settings of {loss}"], [500 + 500 * x, 0.5 * y])
        assert result[f"{loss} now"] == result[f"loss of {loss}"][13]
        away = np.hypot(*(result[f"path of {loss}"] - [0.5, 0.6]).T)
        np.testing.assert_allclose(result[f"distance of {loss}"], away)
        said = f"{500 + 500 * x:.0f} Hz, amplitude {0.5 * y:.2f}; loss {result[f'{loss} now']:.3g}"
        assert said in [label["text"] for label in explorer.grid.labels]
        assert f"{loss} {said}" in explorer.alt()


def test_what_the_presets_promise():
    def there(preset):
        explorer = Tuning()
        result = explorer.set(**explorer.preset(preset)).result()
        return [result[f"arrival of {loss}"] >= 0 for loss in LOSSES]

    assert there("far off") == [False, False, True]
    assert there("nearly in tune") == [True, True, True]
    assert there("caught in a ripple") == [False, False, False]
    assert there("shaken free")[1]
    assert there("echo") == [False, False, True]


def test_who_is_caught_stays_and_only_noise_sets_free():
    caught, free = (Tuning().preset(name) for name in ("caught in a ripple", "shaken free"))
    assert {name for name in free if free[name] != caught[name]} == {"noise"}
    long = tune(landscape("sine", "spectral"), "Adam", tuple(caught["start"]), 300, caught["lr"])[0]
    assert arrival(long, (0.5, 0.6)) is None  # 40 steps are not merely too few


def test_nearly_in_tune_is_a_few_hertz():
    def arrives(hertz):
        return Tuning(**{**Tuning().preset("nearly in tune"), "start": [hertz / 500 - 1, 0.7]}).result()["arrival of waveform"] >= 0

    assert [arrives(750 + off) for off in (-7, -5, 0, 5, 7)] == [False, True, True, True, False]


def test_out_of_tune_the_waveform_loss_turns_the_volume_down():
    result = Tuning().result()
    assert result["settings of spectral"][1] < 0.01  # so does this one, from so far
    assert result["settings of waveform"][1] < 0.01
    assert abs(result["settings of waveform"][0] - 750) > 100


def test_an_arrival_is_what_the_caption_says():
    explorer = Tuning()
    step = explorer.result()["arrival of smoothed"]
    away = np.abs(explorer.result()["path of smoothed"] - [0.5, 0.6]).max(1)
    assert away[step - 1] > 0.05
    assert (away[step:] <= 0.05).all()
    assert f"smoothed: there from step {step} on" in explorer.grid.caption
    assert re.search(r"waveform: not there, ends at \d+ Hz, amplitude 0.00", explorer.grid.caption)


def test_the_heat_map_is_the_loss_and_the_axes_are_the_knobs():
    grid = Tuning().grid
    for loss in LOSSES:
        plane = grid.panel(loss)
        rows, columns = plane.values.shape
        for row, column in ((0, 0), (5, columns // 3), (rows - 1, columns - 1)):
            place = torch.tensor([column / (columns - 1), row / (rows - 1)], dtype=torch.float64)
            wanted = float(LOSSES[loss](sine(settings_of(place)), TARGET))
            assert plane.values[row, column] == pytest.approx(wanted, rel=1e-3, abs=1e-5)
        assert {text: round(500 + 500 * at) for at, text in plane.x_ticks} == {text: int(text) for _, text in plane.x_ticks}
        assert all(float(text) == pytest.approx(0.5 * at) for at, text in plane.y_ticks)
        assert (plane.column_axis, plane.row_axis) == ("frequency (Hz)", "amplitude")


def test_a_drag_on_any_plane_moves_the_start_of_all():
    explorer = Tuning()
    for plane, (x, y) in zip(LOSSES, ((0.2, 0.3), (0.55, 0.8), (0.9, 0.1)), strict=True):
        from_browser(explorer, type="drag", panel=plane, layer="start", index=0, x=x, y=y)
        assert explorer.state["start"] == [x, y]
        assert all(explorer.result()[f"path of {loss}"][0].tolist() == [x, y] for loss in LOSSES)
    from_browser(explorer, type="place", panel="waveform", x=0.4, y=0.5, shift=False)
    assert same(explorer.result(), Tuning(start=[0.4, 0.5]).result())


@pytest.mark.parametrize("start", [[0.5, 0.6], [0.0, 0.0], [1.0, 1.0], [0, 1]])
def test_a_start_may_be_anywhere_the_target_included(start):
    explorer = Tuning(start=start)
    assert all(np.isfinite(explorer.result()[f"loss of {loss}"]).all() for loss in LOSSES)
    assert explorer.grid.panel("loss").y_range[1] < 3.2
    if start == [0.5, 0.6]:
        assert explorer.result()["waveform now"] < 0.05
        assert explorer.result()["loss of smoothed"][0] < 1e-4


def test_another_synthesiser_starts_where_it_should():
    explorer = Tuning(start=[0.1, 0.1])
    explorer.controls["synth"].value = "echo"
    assert explorer.state["start"] == [0.5, 0.3]
    assert explorer.set(synth="FM", start=[0.2, 0.2]).state["start"] == [0.2, 0.2]


def test_what_is_heard_is_the_target_and_each_step():
    explorer = Tuning(position=9)
    tracks = {track.name: track.samples for track in explorer.tracks()}
    assert list(tracks) == ["target", *(f"now, {loss}" for loss in LOSSES), *(f"all steps, {loss}" for loss in LOSSES)]
    inside = slice(400, 12_400)  # away from the fades
    t = np.arange(12_800) / 16_000
    np.testing.assert_allclose(tracks["target"][inside], (0.3 * np.sin(2 * np.pi * 750 * t))[inside], atol=1e-5)
    for loss in LOSSES:
        path = explorer.result()[f"path of {loss}"]
        f, a = (float(v) for v in settings_of(torch.tensor(path[9])))
        np.testing.assert_allclose(tracks[f"now, {loss}"][inside], (a * np.sin(2 * np.pi * f * t))[inside], atol=1e-4)
        blips = tracks[f"all steps, {loss}"].reshape(41, 2048)
        for step in (0, 7, 40):
            f, a = (float(v) for v in settings_of(torch.tensor(path[step])))
            wanted = sine((f, a), samples=2048, rate=16_000)[200:-200]
            np.testing.assert_allclose(blips[step, 200:-200], wanted, atol=1e-4)


def test_the_question_knows_what_the_curves_show():
    explorer = Tuning(predict=True)
    assert explorer.asked.truth == "only the smoothed"
    assert Tuning(predict=True, start=[0.492, 0.7], lr=0.005).asked.truth == "more than one"
    assert Tuning(predict=True, optimiser="GD", lr=1e-4).asked.truth == "none"


def test_the_seed_matters_only_with_noise():
    assert same(Tuning(seed=1).result(), Tuning(seed=2).result())
    assert not same(Tuning(seed=1, noise=0.02).result(), Tuning(seed=2, noise=0.02).result())
    assert Tuning().controls["seed"].layout.display == "none"
    assert Tuning(noise=0.02).controls["seed"].layout.display == ""


@pytest.mark.parametrize(
    ("state", "way_out"),
    [
        ({"synth": "organ"}, "sine, FM, echo"),
        ({"start": [0.5]}, "two numbers from 0 to 1"),
        ({"start": [0.5, 1.2]}, "two numbers from 0 to 1"),
        ({"start": ["a", 0.1]}, "two numbers from 0 to 1"),
        ({"optimiser": "Newton"}, "Adam"),
        ({"lr": 0.0}, "0.0001 to 1"),
        ({"noise": 0.5}, "0 to 0.1"),
        ({"position": 41}, "0 to 40"),
        ({"seed": -1}, "choose 0"),
    ],
    ids=str,
)
def test_what_cannot_be_is_explained(state, way_out):
    refused_in_words(Tuning(), Tuning, state, way_out)
