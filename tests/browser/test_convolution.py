"""The convolution stepper: hover, keys, play, scrub, paint and sliders, each against the same explorer without a browser."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from helpers.explorers import Convolution
from tests.browser.cells import cell


@pytest.fixture
def stepper(lab):
    return lab.show(cell("Convolution()"))[0].drawn()


@pytest.fixture
def on_a_note(lab):
    return lab.show(cell("Convolution(source='note', stride=2)"))[0].drawn()


def drawn(weights):
    return Convolution(kernel="drawn", weights=np.asarray(weights, dtype=float)[None].tolist())


@pytest.mark.parametrize(
    ("panel", "row", "column", "position"),
    [("input0", 2, 2, 3), ("input0", 1, 2, 1), ("output", 1, 0, 2), ("output", 1, 1, 3)],
)
def test_the_window_follows_the_pointer_on_either_side(stepper, panel, row, column, position):
    stepper.hover(Convolution().grid, panel, row, column)
    stepper.shows(Convolution(position=position))
    stepper.frames(Convolution(position=position).grid)
    expect(stepper.where).to_have_text(f"{position + 1} of 4")


def test_the_window_follows_on_a_note_whose_low_bands_are_below(on_a_note):
    before = Convolution(source="note", stride=2)
    on_a_note.hover(before.grid, "input0", 21, 40)
    after = Convolution(source="note", stride=2, position=10 * before.result()["output"].shape[1] + 20)
    on_a_note.shows(after)
    on_a_note.frames(after.grid)


def test_keys_move_the_window(stepper, lab):
    stepper.tab_to_canvas()
    for key, position in (("ArrowRight", 1), ("ArrowDown", 3), ("ArrowLeft", 2), ("ArrowUp", 0), ("End", 3), ("Home", 0)):
        lab.page.keyboard.press(key)
        stepper.shows(Convolution(position=position))
    assert lab.ask("ex.state") == Convolution().state


def test_buttons_step_and_the_scrubber_scrubs(stepper, lab):
    for name, position in (("step", 1), ("step", 2), ("back", 1), ("reset", 0)):
        stepper.view.get_by_role("button", name=name, exact=True).click()
        stepper.shows(Convolution(position=position))
    box = stepper.scrub.bounding_box()
    lab.page.mouse.click(box["x"] + 0.66 * box["width"], box["y"] + box["height"] / 2)
    stepper.shows(Convolution(position=2))
    lab.page.keyboard.press("ArrowRight")
    stepper.shows(Convolution(position=3))


def test_play_runs_to_the_end_and_pause_holds(stepper, on_a_note, lab):
    on_a_note.view.get_by_label("positions per second").select_option("16")
    on_a_note.view.get_by_role("button", name="play", exact=True).click()
    expect(on_a_note.where).to_have_text(re.compile(r"^(?:[5-9]|\d\d) of"))
    on_a_note.tab_to_canvas()
    lab.page.keyboard.press(" ")
    expect(on_a_note.view.get_by_role("button", name="play", exact=True)).to_be_visible()
    held = on_a_note.where.text_content()
    on_a_note.shows(Convolution(source="note", stride=2, position=int(held.split()[0]) - 1))
    lab.page.wait_for_timeout(300)
    assert on_a_note.where.text_content() == held
    on_a_note.view.get_by_label("positions per second").select_option("1024")
    on_a_note.canvas.press(" ")
    last = Convolution(source="note", stride=2).count()
    expect(on_a_note.where).to_have_text(f"{last} of {last}")
    on_a_note.shows(Convolution(source="note", stride=2, position=last - 1))
    expect(on_a_note.view.get_by_role("button", name="play", exact=True)).to_be_visible()
    assert lab.ask("ex.grid.playing") is False


def test_the_kernel_is_drawn_with_the_mouse(stepper, lab):
    weights = Convolution().result()["kernel"][0]
    stepper.toggle("0").click()
    stepper.click(Convolution().grid, "kernel0", 0, 1)
    weights[0, 1] = 0
    stepper.shows(drawn(weights))
    stepper.toggle("+1").click()
    stepper.draw(Convolution().grid, "kernel0", [(2, 0), (2, 1), (2, 2)])
    weights[2] = 1
    stepper.shows(drawn(weights))
    expect(stepper.menu("kernel")).to_have_value("drawn")
    assert lab.ask("ex.state") == drawn(weights).state


def test_the_kernel_is_drawn_with_the_keys(stepper, lab):
    stepper.tab_to_canvas()
    for key in ("Shift+ArrowRight", "Shift+ArrowDown", "0", "Shift+ArrowRight", "+"):
        lab.page.keyboard.press(key)
    stepper.shows(drawn([[1, -1, -1], [-1, 0, 1], [-1, -1, 1]]))


def test_a_slider_moves_by_mouse_and_by_key(stepper, lab):
    stepper.drag("padding", 1 / 3)
    stepper.shows(Convolution(padding=1))
    stepper.slider("stride").press("ArrowRight")
    stepper.shows(Convolution(padding=1, stride=2))
    expect(stepper.reading("stride")).to_have_text("2")
    stepper.slider("stride").press("End")
    stepper.shows(Convolution(padding=1, stride=4))
    stepper.slider("channels").press("ArrowRight")
    stepper.shows(Convolution(padding=1, stride=4, channels=2))


def test_what_cannot_be_is_explained_and_the_picture_stays(stepper, lab):
    before = stepper.pixels()
    stepper.slider("dilation").press("ArrowRight")
    problem = Convolution().set(dilation=2).problem
    expect(stepper.cell.locator(".dl-problem")).to_have_text(problem)
    stepper.shows(Convolution())
    assert np.array_equal(stepper.pixels(), before)
    stepper.slider("padding").press("ArrowRight")
    expect(stepper.cell.locator(".dl-problem")).to_have_count(0)


@pytest.mark.parametrize("name", Convolution.presets)
def test_presets(stepper, name):
    wanted = Convolution(**Convolution.presets[name])
    if name == stepper.menu("preset").locator("option:checked").text_content():
        stepper.slider("padding").press("End")
    stepper.menu("preset").select_option(label=name)
    stepper.shows(wanted)
    stepper.frames(wanted.grid)


def test_hide_leaves_controls_out(lab):
    [shown] = lab.show(cell("Convolution(hide=['stride', 'presets'])"))
    shown.drawn().shows(Convolution())
    expect(shown.slider("padding")).to_be_visible()
    expect(shown.slider("stride")).to_have_count(0)
    expect(shown.menu("preset")).to_have_count(0)
