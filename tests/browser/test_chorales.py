"""The listening test in JupyterLab: heard and judged one by one, and told nothing before all eight are decided."""

import pytest
from playwright.sync_api import expect

from helpers.explorers import Listening
from helpers.models.checkpoints import names
from tests.browser.cells import cell
from tests.browser.heard import play
from tests.browser.test_roll import middle

pytestmark = pytest.mark.skipif("chorales-transformer" not in names(), reason="the chorales' checkpoint is not there")


@pytest.fixture
def shown(lab):
    return lab.show(cell("Listening()"))[0].drawn()


def test_answers_are_given_by_hand_and_told_when_all_are_there(shown, lab):
    wanted = Listening()
    shown.shows(wanted)
    for excerpt, guess in enumerate(["Bach", "transformer"] * 4):
        if excerpt % 2:
            shown.click_at(wanted.grid, "row", *middle(wanted.grid, "row", "row", excerpt))
        elif excerpt:
            shown.slider("excerpt").press("ArrowRight")
        wanted.set(excerpt=excerpt)
        shown.shows(wanted)
        expect(shown.caption).to_have_text(f"{excerpt} of 8 decided. You will be told when all are.")
        shown.toggle(guess).click()
        wanted.set(guess=guess)
        expect(shown.canvas).to_have_attribute("aria-label", wanted.alt())
    shown.shows(wanted)
    expect(shown.caption).to_contain_text(f"{wanted.result()['right']} of 8 right.")
    assert lab.ask("ex.state") == wanted.state


def test_no_name_reaches_the_page_too_early(shown):
    told = Listening(guesses=["Bach"] * 8).result()["truth"]
    page = shown.cell.inner_html()
    assert not any(name in page for name in told if name != "transformer")
    assert [name for name in told if name != "transformer"]


def test_an_excerpt_is_heard_and_the_playhead_goes_with_it(shown, lab, sounds):
    button = play(shown, "excerpt 0")
    sounds.until("playing && context.state === 'running'")
    track = Listening().tracks()[0]
    rate, samples = sounds.samples(track.key)
    assert rate == track.rate
    assert abs(samples - track.samples).max() <= 1 / 32767 + 1e-5
    expect(shown.where).not_to_have_text("1 of 32")
    button.click()
    sounds.until("playing === null")
    shown.slider("excerpt").press("ArrowRight")
    shown.shows(Listening(excerpt=1))
    assert lab.ask("ex.state['position']") == 0


def test_another_excerpt_begins_at_its_beginning_though_the_last_still_sounds(shown, lab, sounds):
    play(shown, "excerpt 0")
    sounds.until("playing && context.state === 'running'")
    expect(shown.where).not_to_have_text("1 of 32")
    shown.slider("excerpt").press("ArrowRight")
    sounds.until("playing === null")
    shown.shows(Listening(excerpt=1))
    expect(shown.where).to_have_text("1 of 32")
    lab.page.wait_for_timeout(500)
    expect(shown.where).to_have_text("1 of 32")
    assert lab.ask("ex.state['position']") == 0
