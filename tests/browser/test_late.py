"""A page so busy that a view takes longer to load than anywidget waits for (helpers/views/late.js)."""

import pytest
from playwright.sync_api import expect

from helpers.explorers import Convolution, Softmax
from tests.browser.cells import cell

# The two seconds are over before anything has loaded.
HASTE = """() => {
  globalThis.patient = AbortSignal.timeout;
  AbortSignal.timeout = () => {
    const control = new AbortController();
    queueMicrotask(() => control.abort());
    return control.signal;
  };
}"""
PATIENCE = "() => { AbortSignal.timeout = globalThis.patient; }"


@pytest.fixture
def hasty(lab):
    lab.page.evaluate(HASTE)
    yield lab
    lab.page.evaluate(PATIENCE)


def test_what_loaded_late_follows_the_kernel(hasty):
    shown = hasty.show(cell("Softmax()"))[0].drawn()
    shown.shows(Softmax())
    shown.menu("preset").select_option("eight classes")
    shown.shows(Softmax(**Softmax.presets["eight classes"]))
    expect(shown.caption).not_to_have_text(Softmax().grid.caption)


def test_what_changed_before_it_had_loaded_is_asked_for(hasty):
    code = cell("Convolution()") + "\nex.set(stride=2)"
    hasty.show(code)[0].drawn().shows(Convolution(stride=2))


def test_a_player_that_loaded_late_plays(hasty):
    shown = hasty.show(cell("Spectrogram()"))[0].drawn()
    button = shown.player.get_by_role("button", name="the note")
    button.click()
    expect(shown.player.locator("progress")).not_to_have_attribute("value", "0")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
