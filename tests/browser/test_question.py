"""Predict first: nothing is shown before a prediction is made, and then the truth stands beside it."""

import pytest
from playwright.sync_api import expect

from helpers.explorers import Convolution, Question
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


def test_a_question_settled_later(lab):
    first, second = lab.show(cell("Question('How large?', ['30×30', '31×31'])"), "ex.reveal('31×31', 'Count the stops.')")
    expect(first.cell.locator("div[role=status]")).to_have_text("No prediction was made. It is: 31×31. Count the stops.")
    first.button("31×31").click()
    expect(first.cell.locator("div[role=status]")).to_have_text("✓ As you said. It is: 31×31. Count the stops.")
    expect(second.cell.locator("div[role=status]")).to_have_text("✓ As you said. It is: 31×31. Count the stops.")
    assert repr(Question("How large?", ["30×30", "31×31"])) == "Predict first. How large? (30×30 / 31×31)"
