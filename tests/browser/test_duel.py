"""The duel in JupyterLab: moves one by one and back, notes drawn by hand, and a training that is watched and stopped."""

import re

import pytest
from playwright.sync_api import expect

from helpers.explorers import Duel
from tests.browser.cells import MAKERS, cell
from tests.browser.shown import Shown

FRAME, STOP = 0.25, 0.2  # seconds: what is promised
WATCH = """(cell) => {
  const seen = (window.dlSeen = { frames: [], clicked: null, stopped: null });
  const told = (where, tell) => new MutationObserver(tell).observe(where, { childList: true, subtree: true, characterData: true });
  const canvas = cell.querySelector("canvas.dl-canvas");
  new MutationObserver(() => seen.frames.push(performance.now())).observe(canvas, { attributeFilter: ["data-frame"] });
  told(cell, () => {
    if (seen.clicked && cell.querySelector("[role=status]")?.textContent === "stopped") seen.stopped ??= performance.now();
  });
  const stop = [...cell.querySelectorAll("button")].find((button) => button.textContent.trim() === "stop");
  stop.addEventListener("click", () => (seen.clicked = performance.now()), { capture: true });
}"""


@pytest.fixture
def duel(lab) -> Shown:
    return lab.show(cell(MAKERS["Duel"]))[0].drawn()


def test_it_shows_what_it_shows_without_a_browser(duel):
    duel.shows(Duel())


def test_moves_are_made_one_by_one_and_taken_back(duel, lab):
    here = Duel()
    for name, said in (
        ("step D", "After 1 move (1 of D, 0 of G)"),
        ("step G", "After 2 moves (1 of D, 1 of G)"),
        ("both", "After 4 moves (2 of D, 2 of G)"),
    ):
        duel.cell.get_by_role("button", name=name, exact=True).click()
        expect(duel.caption).to_contain_text(said)
    here.move("D").move("G").both()
    duel.shows(here)
    duel.view.get_by_role("button", name="back", exact=True).click()
    expect(duel.caption).to_contain_text("After 3 moves (2 of D, 1 of G)")
    duel.shows(here.back())
    duel.cell.get_by_role("button", name="step G", exact=True).click()  # another way on from there
    expect(duel.caption).to_contain_text("After 4 moves")
    assert lab.ask("ex.state")["moves"] == [["D", 1], ["G", 1], ["D", 1], ["G", 1]]


def test_the_course_can_be_scrubbed_on_the_curves(lab):
    duel, here = lab.show(cell("Duel(moves=[['DG', 20]])"))[0].drawn(), Duel(moves=[["DG", 20]])
    low, high = here.grid.panel("losses").y_range
    duel.click_at(here.grid, "losses", 10.0, (low + high) / 2)
    expect(duel.caption).to_contain_text("After 10 moves")
    duel.shows(here.set(position=10))


def test_notes_are_drawn_and_dragged(lab):
    duel, here = lab.show(cell("Duel(data='drawn', moves=[['DG', 3]])"))[0].drawn(), Duel(data="drawn", moves=[["DG", 3]])
    duel.drag_dot(here.grid, "plane", "drawn", 1, (0.3, -0.8))
    expect(duel.caption).to_contain_text("After 0 moves")
    lab.page.wait_for_timeout(1000)  # the last place of the drag may still be on its way
    assert lab.ask("ex.state")["drawn"][1] == pytest.approx([0.3, -0.8], abs=0.03)
    duel.click_at(here.grid, "plane", -0.9, -0.9)
    expect(duel.caption).to_contain_text("of 4 modes")
    duel.shows(here.set(drawn=lab.ask("ex.state")["drawn"]))


def test_a_fake_that_is_clicked_is_heard(duel, lab):
    here = Duel()
    duel.click_at(here.grid, "plane", 0.0, 1.2)
    expect(duel.player).to_contain_text(re.compile(r"the note at \(0, 1\.2|the note at \(.*, 1\.\d"))


def test_training_is_watched_and_stopped(duel, lab):
    """By the page's own clock; the best of three, for other jobs may be on this machine."""
    stops, gaps = [], []
    for _ in range(3):
        duel.cell.evaluate(WATCH)
        duel.cell.get_by_role("button", name="train", exact=True).click()
        expect(duel.status).to_contain_text("moves a second")
        lab.page.wait_for_timeout(2500)
        duel.cell.get_by_role("button", name="stop", exact=True).click()
        expect(duel.status).to_have_text("stopped")
        seen = lab.page.evaluate("() => window.dlSeen")
        stops.append((seen["stopped"] - seen["clicked"]) / 1000)
        frames = [b - a for a, b in zip(seen["frames"], seen["frames"][1:], strict=False)]
        gaps.append(sorted(frames)[len(frames) // 2] / 1000)
    print(f"stop after {stops} s; a frame every {gaps} s (median)")
    assert min(stops) < 3 * STOP
    assert min(gaps) < 3 * FRAME
    state = lab.ask("ex.state")
    assert sum(len(moves) * times for moves, times in state["moves"]) == state["position"] > 100
    duel.shows(Duel(**state))
