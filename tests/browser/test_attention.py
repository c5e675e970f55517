"""A trained transformer's heads in a real JupyterLab: words, heads and cells are clicked, stages step, arcs are locked."""

import pytest

from helpers.explorers import Attention, MusicAttention
from tests.browser.cells import cell
from tests.browser.test_roll import middle


def shown_in(lab, made):
    return lab.show(cell(made))[0].drawn()


@pytest.fixture
def sentence(lab):
    return shown_in(lab, "Attention(token=5)")


def test_heads_words_and_cells(sentence, lab):
    sentence.shows(Attention(token=5))
    first = Attention(token=5)
    sentence.click(first.grid, "head 3.1", 2, 2)
    third = Attention(token=5, layer=3, head=1)
    sentence.shows(third)
    sentence.click(third.grid, "badges", 4, 5)
    fourth = Attention(token=5, layer=4, head=5)
    sentence.shows(fourth)
    sentence.click(fourth.grid, "matrix", 2, 7)
    pair = Attention(token=2, seen=7, layer=4, head=5)
    sentence.shows(pair)
    sentence.click_at(pair.grid, "words", *middle(pair.grid, "words", "words", 9))
    locked = Attention(token=9, layer=4, head=5)
    sentence.shows(locked)
    sentence.frames(locked.grid)
    assert lab.ask("ex.state") == locked.state


def test_stages_step_and_a_sentence_is_written(sentence, lab):
    sentence.button("back").click()
    sentence.shows(Attention(token=5, stage=2))
    sentence.button("back").click()
    sentence.button("back").click()
    sentence.shows(Attention(token=5, stage=0))
    field = sentence.cell.locator("input[type=text]")
    field.fill("A fiddler plays </script> & a 🎵")
    field.press("Enter")
    sentence.shows(Attention(text="A fiddler plays </script> & a 🎵", stage=0))


def test_a_note_is_locked_and_freed(lab):
    shown = shown_in(lab, "MusicAttention(threshold=0.05)")
    free = MusicAttention(threshold=0.05)
    shown.shows(free)
    at = middle(free.grid, "roll", "notes", 40)
    shown.click_at(free.grid, "roll", *at)
    locked = MusicAttention(threshold=0.05, note=40)
    shown.shows(locked)
    shown.cell.get_by_role("button", name="what it listens to, as loud as it does").wait_for()
    shown.click_at(free.grid, "roll", *at)
    shown.shows(free)
    assert lab.ask("ex.state") == free.state


def test_heads_are_previewed_added_and_left_alone(sentence, lab):
    start = Attention(token=5)
    sentence.hover(start.grid, "head 0.2", 5, 5)
    before = Attention(token=5)
    before._hover("head 0.2", 0, 0)
    before.grid.panels = [before.grid.panel("matrix")]  # that of the head under the pointer, whose thumbnail is outlined
    before.grid.marks = [mark for mark in before.grid.marks if mark["panel"] == "matrix"]
    sentence.paints(before.grid)
    assert lab.ask("ex.state") == start.state
    sentence.leave()
    sentence.paints(start.grid)
    lab.page.keyboard.down("Shift")
    sentence.click(start.grid, "head 0.2", 5, 5)
    lab.page.keyboard.up("Shift")
    sentence.leave()
    both = Attention(token=5, others=["0.2"])
    sentence.shows(both)
    lab.page.mouse.dblclick(*sentence.point(both.grid, "head 3.1", 5, 5))
    sentence.leave()
    sentence.shows(Attention(token=5, layer=3, head=1))
    sentence.menu("shown are").select_option("all up to the layer (rollout)")
    sentence.shows(Attention(token=5, layer=3, head=1, show="rollout"))


def test_a_head_is_switched_off_and_on(lab):
    shown = shown_in(lab, 'MusicAttention(note=25, layer=1, head=2, show="one head")')
    whole = MusicAttention(note=25, layer=1, head=2, show="one head")
    shown.shows(whole)
    shown.toggle("head 1.2: on").click()
    off = MusicAttention(note=25, layer=1, head=2, show="one head", off=["1.2"])
    shown.shows(off)
    shown.frames(off.grid)
    shown.cell.get_by_role("button", name="goes on without 1.2").wait_for()
    shown.toggle("head 1.2: off").click()
    shown.shows(whole)
    assert lab.ask("ex.state") == whole.state
