"""A run that is watched: Pause holds it, Resume goes on, Stop ends it within a step, all while the cell waits."""

import re
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from helpers.explorers import Convolution, Training
from helpers.train import History
from tests.browser.cells import IMPORTS, TRAINING, cell
from tests.browser.shown import Shown

STEP = re.compile(r"step ([\d,]+) of")
# How many steps had been made when a button was pressed; the screen tells it a little later.
COUNTED = """
seen, pressed = {}, []
update = watch.update
watch.update = lambda history: (seen.update(it=history), update(history))
watch.hold.on_click(lambda _: pressed.append(len(seen["it"].loss)))
watch.halt.on_click(lambda _: pressed.append(len(seen["it"].loss)))
"""


def step(shown):
    """The number of steps that the screen tells."""
    found = STEP.search(shown.cell.locator("[role=status]").text_content())
    return int(found[1].replace(",", ""))


@pytest.fixture
def running(lab):
    code = IMPORTS + TRAINING.format(epochs=100_000)
    head, fit = code.split("history = ")
    lab.start(head + COUNTED + "history = " + fit)
    shown = Shown(lab, 0)
    expect(shown.cell.locator("[role=status]")).to_contain_text(STEP)
    yield shown.drawn()
    if lab.busy():
        shown.button("Stop").click()
    lab.idle()


def test_pause_holds_resume_goes_on_stop_ends(running, lab):
    frame = running.canvas.get_attribute("data-frame")
    expect(running.canvas).not_to_have_attribute("data-frame", frame)
    running.button("Pause").click()
    expect(running.button("Resume")).to_be_visible()
    lab.page.wait_for_timeout(500)
    running.button("Resume").focus()
    lab.page.keyboard.press("Space")
    expect(running.button("Pause")).to_be_visible()
    before = step(running)
    expect(running.cell.locator("[role=status]")).not_to_contain_text(f"step {before:,} of")
    assert lab.busy()
    running.button("Stop").click()
    lab.idle()
    assert lab.ask("history.stopped") == "stopped"
    paused, resumed, stopped = lab.ask("pressed")
    assert resumed - paused <= 1
    assert stopped > resumed
    assert lab.ask("len(history.loss)") - stopped <= 1
    expect(running.cell.locator("[role=status]")).to_have_text(lab.ask("history.summary()"))
    expect(running.button("Stop")).to_be_disabled()


def test_the_curves_are_those_of_the_history(lab):
    valid = TRAINING.replace("watch=watch", "watch=watch, valid=(x[:512], (x[:512].sum(1) > 0).long())")
    [shown] = lab.show(IMPORTS + valid.format(epochs=3))
    history = History(**lab.ask("vars(history)"))
    again = Training("a little network")
    again.plan = SimpleNamespace(steps_per_epoch=lab.ask("watch.plan.steps_per_epoch"))
    again.finish(history)
    shown.drawn().paints(again.grid)
    expect(shown.canvas).to_have_attribute("aria-label", f"a little network: {history.summary()}")


def test_another_explorer_goes_on_while_a_cell_waits(lab):
    shown = lab.show(cell("Convolution()"), "")[0].drawn()
    lab.start(IMPORTS + TRAINING.format(epochs=100_000), at=1)
    run = Shown(lab, 1)
    expect(run.cell.locator("[role=status]")).to_contain_text(STEP)
    for padding in (1, 2, 3):
        shown.slider("padding").press("ArrowRight")
        shown.shows(Convolution(padding=padding))
    shown.menu("kernel").select_option("onset")
    shown.menu("kernel").select_option("blur")
    shown.shows(Convolution(padding=3, kernel="blur"))
    run.button("Stop").click()
    lab.idle()
    shown.slider("padding").press("Home")
    shown.shows(Convolution(kernel="blur"))
