"""Predict first: nothing is shown before a prediction is made, and then the truth stands beside it."""

import pytest
from playwright.sync_api import expect

from helpers.explorers import Convolution
from tests.browser.cells import cell


@pytest.fixture
def asked(lab):
    return lab.show(cell("Convolution(predict=True)"))[0]


def test_the_picture_waits_for_the_prediction(asked):
    question = Convolution().question()
    expect(asked.cell.get_by_text(question.text)).to_be_visible()
    expect(asked.canvas).to_be_hidden()
    asked.button("0").click()
    expect(asked.cell.locator("div[role=status]")).to_contain_text(f"✗ You said: 0. It is: {question.truth()}. {question.why}")
    asked.drawn().shows(Convolution())


def test_a_right_prediction_by_keyboard(asked, lab):
    asked.button(Convolution().question().truth()).focus()
    lab.page.keyboard.press("Enter")
    expect(asked.cell.locator("div[role=status]")).to_contain_text("✓ As you said.")
    asked.drawn().shows(Convolution())


SETTLED = cell("Question('How large?', ['30×30', '31×31'])"), "ex.reveal('31×31', 'Count the stops.')"


def test_a_question_settled_before_its_answer(lab):
    first, second = lab.show(*SETTLED)
    for shown in (first, second):
        expect(shown.cell.locator("div[role=status]")).to_have_text("Settled: answer, or show it.")
        expect(shown.button("show the answer")).to_be_visible()
        expect(shown.cell.locator(".jp-OutputArea")).not_to_contain_text("Count")
    assert lab.ask("repr(ex)") == "Predict first. How large? (30×30 / 31×31)"
    first.button("31×31").click()
    for shown in (first, second):
        expect(shown.cell.locator("div[role=status]")).to_have_text("✓ As you said. It is: 31×31. Count the stops.")
        expect(shown.button("show the answer")).to_be_hidden()


def test_an_answer_shown_without_a_prediction(lab):
    first, second = lab.show(*SETTLED)
    second.button("show the answer").click()
    expect(first.cell.locator("div[role=status]")).to_have_text("No prediction was made. It is: 31×31. Count the stops.")
    first.button("30×30").click()
    expect(second.cell.locator("div[role=status]")).to_have_text("✗ You said: 30×30. It is: 31×31. Count the stops.")
