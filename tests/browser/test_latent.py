"""The map of codes in JupyterLab: clicks on empty places, dots dragged, one voice, sounds and ends exact; and what β costs."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.cells import MAKERS, cell, headless
from tests.browser.heard import PAGE

VOICES = f"""() => {{
  const {{ context }} = {PAGE};
  if (window.dlStarted) return;
  window.dlStarted = [];
  const start = AudioBufferSourceNode.prototype.start;
  AudioBufferSourceNode.prototype.start = function (...rest) {{
    const voice = {{ begun: performance.now(), ended: null, stopped: null, seconds: this.buffer.duration }};
    window.dlStarted.push(voice);
    this.addEventListener("ended", () => (voice.ended = performance.now()));
    const stop = this.stop.bind(this);
    this.stop = (...when) => {{ voice.stopped ??= performance.now(); return stop(...when); }};
    return start.apply(this, rest);
  }};
}}"""


@pytest.fixture
def latent(lab):
    return lab.show(cell(MAKERS["Latent"]))[0].drawn()


def test_it_shows_what_it_shows_without_a_browser(latent):
    latent.shows(headless(MAKERS["Latent"]))


def test_a_click_on_an_empty_place_decodes_it_and_plays_it(latent, lab, sounds):
    here = headless(MAKERS["Latent"])
    latent.click_at(here.grid, "map", 2.7, -2.6)
    expect(latent.caption).to_contain_text(re.compile(r"z = \(2\.7\d?, −2\.[56]\d?\)"))
    here.set(z=lab.ask("ex.state")["z"])
    assert here.state["z"] == pytest.approx([2.7, -2.6], abs=0.02)
    here._hover("map", 2.7, -2.6)  # the pointer is there too
    latent.shows(here)
    sounds.until("playing && context.state === 'running'")
    rate, samples = sounds.samples(here.tracks()[0].key)
    assert rate == 16_000
    np.testing.assert_allclose(samples, here.tracks()[0].samples, atol=1 / 32767)


def test_of_two_fast_clicks_the_last_alone_goes_on(latent, lab, sounds):
    here = headless(MAKERS["Latent"])
    latent.click_at(here.grid, "map", 2.5, 2.5)  # wakes the page's audio
    sounds.until("playing && context.state === 'running'")
    lab.page.evaluate("() => delete window.dlStarted")
    lab.page.evaluate(VOICES)
    latent.click_at(here.grid, "map", -2.5, 2.5)
    latent.click_at(here.grid, "map", -2.5, -2.5)
    expect(latent.caption).to_contain_text(re.compile(r"z = \(−2\.[45]\d?, −2\.[45]\d?\)"))
    last = headless(f"Latent(z={lab.ask('ex.state')['z']})").tracks()[0].key
    heard = f"(key) => {PAGE}.playing && {PAGE}.playing.source.buffer === {PAGE}.sounds.get(key)?.buffer"
    lab.page.wait_for_function(heard, arg=last)
    lab.page.wait_for_timeout(100)
    voices = lab.page.evaluate("() => window.dlStarted")
    assert [voice for voice in voices[:-1] if voice["ended"] is None and voice["stopped"] is None] == []  # one voice at most


def test_points_are_dragged_and_added_and_ends_are_exact(latent, lab):
    here = headless(MAKERS["Latent"])
    latent.drag_dot(here.grid, "map", "points", 1, (2.0, 1.5))
    expect(latent.canvas).to_have_attribute("aria-label", re.compile(r"B at \((2\.0|1\.9)\d, 1\.[45]\d\)"))
    here.set(points=lab.ask("ex.state")["points"])
    here._hover("map", *lab.ask("ex._over.tolist()"))
    latent.shows(here)
    latent.click_at(here.grid, "map", 2.6, -1.3, shift=True)
    expect(latent.canvas).to_have_attribute("aria-label", re.compile("; C at"))
    here.set(points=lab.ask("ex.state")["points"])
    here._hover("map", 2.6, -1.3)
    latent.shows(here)
    path = here.result()["path"]
    np.testing.assert_array_equal(path[[0, 6, 12]], np.array(here.state["points"], dtype=np.float32))


def test_the_pointer_shows_what_is_decoded_there(latent):
    here = headless(MAKERS["Latent"])
    latent.page.mouse.move(*latent.at(here.grid, "map", -2.7, 2.2))
    here._hover("map", -2.7, 2.2)
    latent.paints(here.grid)


def test_what_beta_costs(lab):
    shown, here = lab.show(cell(MAKERS["Elbo"]))[0].drawn(), headless(MAKERS["Elbo"])
    shown.shows(here)
    shown.click(here.grid, "2 3", 0, 0)
    expect(shown.caption).to_contain_text("β = 16")
    shown.shows(here.set(beta=16.0))
    shown.frames(here.grid)
    at = here.grid.panel("trade").layers[2].xy[1]
    shown.click_at(here.grid, "trade", *at)
    expect(shown.caption).to_contain_text("β = 1:")
